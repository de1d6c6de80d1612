import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import * as bits from './features/bits.ts';
import { featuresOf } from './features.ts';
import { benignValues } from './testing/benign.ts';
import { CASES } from './testing/cases/index.ts';

/** Each bit that is about characters, as a pattern: slow, and plain to read. */
const PATTERNS: readonly (readonly [string, number, RegExp])[] = [
  ['F_QUOTE', bits.F_QUOTE, /['"]/],
  ['F_TAG', bits.F_TAG, /<[A-Za-z_/!?%]/],
  ['F_CALL', bits.F_CALL, /[A-Za-z0-9_\])'"]\(/],
  ['F_SHELL', bits.F_SHELL, /[;|&`\r\n]|\$[([]/],
  ['F_PERCENT', bits.F_PERCENT, /%[%A-Za-z0-9_]/],
  ['F_BACKSLASH', bits.F_BACKSLASH, /\\/],
  ['F_SLASH', bits.F_SLASH, /\//],
  ['F_DOTS', bits.F_DOTS, /\.\./],
  ['F_CONTROL', bits.F_CONTROL, /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/],
  ['F_COLON', bits.F_COLON, /:/],
  ['F_BRACE', bits.F_BRACE, /[{[]/],
  ['F_LINE', bits.F_LINE, /[\r\n]/],
  ['F_DOLLAR', bits.F_DOLLAR, /\$[A-Za-z_{('"]/],
  ['F_TEMPLATE', bits.F_TEMPLATE, /\{\{|\{%|\{#|<%|\[\[|[$#*@~%]\{/],
  ['F_FILTER', bits.F_FILTER, /\)[(&|]|\*\)|\([&|!]/],
  ['F_AUTHORITY', bits.F_AUTHORITY, /\/\/|\\\\/],
  ['F_ENTITY', bits.F_ENTITY, /&(?!&)[#A-Za-z_]/],
];
const SPACE = /[\t\n\r \u00a0\u0085\u2000-\u200f\u2028\u2029\u3000\ufeff\ufffd]/;

function check(text: string): void {
  const features = featuresOf(text);
  for (const [name, bit, pattern] of PATTERNS)
    assert.equal((features & bit) !== 0, pattern.test(text), `${name} of ${JSON.stringify(text)}`);
  assert.equal((features & bits.F_SPACE) !== 0, SPACE.test(text), JSON.stringify(text));
  const word = /^[A-Za-z]{0,11}$/.test(text);
  assert.equal((features & bits.F_SPACELESS) !== 0, !SPACE.test(text) && !word, JSON.stringify(text));
}

const has = (text: string, bit: number): boolean => (featuresOf(text) & bit) !== 0;

describe('features', () => {
  it('are what the patterns say, for texts of all kinds', () => {
    for (const { text } of benignValues(3000)) check(text);
    for (const { text } of CASES) check(text);
    const piece = fc.oneof(
      fc.constantFrom(...'\'"%&|.<(/\\$){[*:;`#@~!?=_e1Aß’ \n\0'),
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom('select ', '1e0', 'or', '\ud835', '\ufffd', '\u3000'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => check(pieces.join(''))),
      { numRuns: 2000 },
    );
  });

  it('tell texts that begin as prose does from those that may be commands, names of classes or streams', () => {
    for (const text of ['Please call after five', 'Galway', 'word, and more', 'Or so'])
      assert.ok(!has(text, bits.F_HEAD), text);
    for (const text of [
      '',
      ' x',
      'cat x',
      'match (n)',
      'java.net.URL',
      'rO0ABXNy',
      'a word: rO0ABXNyABE',
      'gASVJgAAAAAAAAA',
      '-x',
    ])
      assert.ok(has(text, bits.F_HEAD), text);
    for (const text of ['a -x', 'a\n--all', '-x']) assert.ok(has(text, bits.F_OPTION), text);
    for (const text of ['a - x', 'a-b', '1 -2']) assert.ok(!has(text, bits.F_OPTION), text);
  });

  it('are the same whatever was read before', () => {
    const long = 'select * from a where b = 1 -- '.repeat(2000);
    for (const text of ['a', "o'n", 'x -', 'a.', 'and a', '']) {
      const alone = featuresOf(text);
      featuresOf(long);
      assert.equal(featuresOf(text), alone, text);
    }
  });

  it('weigh words of SQL by what stands beside them', () => {
    for (const text of [
      'select',
      'x union',
      'order by 1',
      'sleep(1)',
      'mysql.user',
      'union values',
      'drop it',
      'a;if(1)',
    ])
      assert.ok(has(text, bits.F_SQL_STRONG), text);
    for (const text of [
      'unions are good',
      'stand by me',
      'sleep well',
      'mysql',
      'values',
      'we drop it',
      'an if',
      'sélect',
    ])
      assert.ok(!has(text, bits.F_SQL_STRONG), text);
    assert.ok(has('a OR b', bits.F_SQL_LOGIC));
    assert.ok(has('a||b', bits.F_SQL_LOGIC));
    assert.ok(!has('oracle and_b', bits.F_SQL_LOGIC));
    assert.ok(has("a like 'b", bits.F_SQL_COMPARE));
    assert.ok(!has('we like coffee', bits.F_SQL_COMPARE));
    assert.ok(has('1e0union', bits.F_SQL_STRONG));
    assert.ok(has('the1union', bits.F_SQL_STRONG) === false);
  });

  it('see what goes on behind a quote, and a comment that cuts off the rest', () => {
    for (const text of ["a' or", "a'   =", "a')", "a'--", "a'||", "a'’"]) assert.ok(has(text, bits.F_BREAK), text);
    for (const text of ["the boys' toys", "it's", "a'", '"quoted" words']) assert.ok(!has(text, bits.F_BREAK), text);
    for (const text of ['a--', 'a -- -', 'a/*', 'a#', 'a#  ']) assert.ok(has(text, bits.F_CUT), text);
    for (const text of ['', '-', 'a-b', '#a', 'a*']) assert.ok(!has(text, bits.F_CUT), text);
  });

  it('know characters that something may take for ASCII', () => {
    for (const text of ['ｓ', '’', '\u2044', '\u02bc', '\ud835\udc00', 'aｓb']) assert.ok(has(text, bits.F_WIDE), text);
    for (const text of ['é', '漢字', 'Привет', '–', '—', '…', '\u00a0']) assert.ok(!has(text, bits.F_WIDE), text);
    assert.ok(has('_x', bits.F_UNDERSCORE) && !has('a_x', bits.F_UNDERSCORE));
  });
});
