import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { z } from 'zod';
import { duration, formatDuration, parseDuration } from './duration.ts';

test('spans of every unit are read as milliseconds', () => {
  assert.equal(parseDuration('500ms'), 500);
  assert.equal(parseDuration('30s'), 30_000);
  assert.equal(parseDuration('15m'), 900_000);
  assert.equal(parseDuration('24h'), 86_400_000);
  assert.equal(parseDuration('90d'), 7_776_000_000);
});

test('anything else is not a span', () => {
  for (const text of ['', '15', 'm', '-1s', '1.5h', '1 h', '15M', '1h30m', '١s', '9999999999s', '999999999d', '1s\n'])
    assert.equal(parseDuration(text), undefined, JSON.stringify(text));
});

test('what is formatted reads back as the same span', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (span) => {
      assert.equal(parseDuration(formatDuration(span)), span);
    }),
  );
});

test('the setting has its default, its bounds, and an input schema', () => {
  const schema = z.object({ window: duration('15m', { least: 1_000, most: 3_600_000 }).describe('how long') });
  assert.deepEqual(schema.parse({}), { window: 900_000 });
  assert.deepEqual(schema.parse({ window: '1h' }), { window: 3_600_000 });
  assert.match(String(schema.safeParse({ window: '2h' }).error), /from 1s to 1h/);
  assert.match(String(schema.safeParse({ window: '0s' }).error), /from 1s to 1h/);
  assert.match(String(schema.safeParse({ window: 'soon' }).error), /whole number with a unit/);
  const json = z.toJSONSchema(schema, { io: 'input' }) as unknown as {
    properties: { window: Record<string, unknown> };
  };
  assert.equal(json.properties.window['type'], 'string');
  assert.equal(json.properties.window['default'], '15m');
  assert.equal(json.properties.window['description'], 'how long');
});
