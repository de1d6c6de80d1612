import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Malformed } from './fault.ts';
import { parseCookies, parsePairs } from './pairs.ts';

const pairs = (text: string): [string, string][] => {
  const parsed = parsePairs(text, 256);
  assert.ok(!(parsed instanceof Malformed), text);
  return parsed.map(({ name, value }) => [name, value]);
};

describe('query pairs', () => {
  it('are split at & only, with + as a space', () => {
    assert.deepEqual(pairs('a=1&b=x+y&c=%C3%A9%2B&d==&e'), [
      ['a', '1'],
      ['b', 'x y'],
      ['c', 'é+'],
      ['d', '='],
      ['e', ''],
    ]);
    assert.deepEqual(pairs('a=1;b=2'), [['a', '1;b=2']]);
    assert.deepEqual(pairs('&&a=1&'), [['a', '1']]);
  });

  it('are refused where they can be decoded in no way or in several', () => {
    for (const text of [
      'a=%',
      'a=%4',
      'a=%zz',
      'a=%u4F60',
      'a=%ff',
      'a=%c0%80',
      'a=%ed%a0%80',
      'a=%00',
      '%00=1',
      '=1',
      'a b=1',
      'a=é',
      'a=\u0001',
      'a=1#b',
    ])
      assert.ok(parsePairs(text, 256) instanceof Malformed, text);
  });

  it('are counted', () => {
    assert.ok(!(parsePairs('a&'.repeat(256), 256) instanceof Malformed));
    assert.ok(parsePairs('a&'.repeat(257), 256) instanceof Malformed);
  });

  it('are what URLSearchParams reads, where they are read at all', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.string({ unit: 'binary' }))), (list) => {
        const text = new URLSearchParams(list).toString();
        const parsed = parsePairs(text, 256);
        if (parsed instanceof Malformed) return;
        assert.deepEqual(
          parsed.map(({ name, value }) => [name, value]),
          [...new URLSearchParams(text)],
        );
      }),
    );
  });

  it('never throw', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsePairs(text, 16)));
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseCookies(text, 16)));
  });
});

describe('cookie pairs', () => {
  it('stand between semicolons, and only the first = counts', () => {
    const parsed = parseCookies('a=1; b=x=y;c; d="q"', 9);
    assert.ok(!(parsed instanceof Malformed));
    assert.deepEqual(
      parsed.map(({ name, value, bare }) => [name, value, bare]),
      [
        ['a', '1', false],
        ['b', 'x=y', false],
        ['c', '', true],
        ['d', '"q"', false],
      ],
    );
    assert.ok(parseCookies('a=1; '.repeat(10), 9) instanceof Malformed);
  });
});
