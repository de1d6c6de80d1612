import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exchangeId } from './exchange-id.ts';

test('26 characters of Crockford base 32, sorted by time, never twice', () => {
  const ids = new Set<string>();
  for (let i = 0; i < 20_000; i++) {
    const id = exchangeId(1_700_000_000_000 + i);
    assert.match(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
    ids.add(id);
  }
  assert.equal(ids.size, 20_000);
  assert.ok(exchangeId(1) < exchangeId(2));
  // Every random character takes every value: a bit that is lost would show.
  for (let position = 10; position < 26; position++) {
    assert.equal(new Set([...ids].map((id) => id[position])).size, 32, `position ${position}`);
  }
});
