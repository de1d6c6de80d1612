import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { backtrack } from './backtrack.ts';
import { parsePattern } from './parse.ts';
import { compilePattern, PatternError } from './pattern.ts';

/** V8 14 searches some patterns by code units; held at the start, it does not. */
const reference = (source: string): RegExp => new RegExp(`^[^]*?(?:${source})`, 'u');

describe('compilePattern', () => {
  it('survives the patterns that hold up engines', () => {
    const patterns: [string, string, boolean][] = [
      ['^(a+)+$', 'a', true],
      ['^(a|a)*$', 'a', true],
      ['^(a|aa)+$', 'a', true],
      ['(.*)*x', 'y', false],
      ['^(.*?,){12}P', '1,2,', false],
      ['(x+x+)+y', 'x', false],
      ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', false],
      [
        '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$',
        'a',
        false,
      ],
      ['^(?=.*[a-z])(?=.*\\d)[a-z\\d]*$', 'a', false],
      ['^[a-z0-9](([a-z0-9]|-(?!-))*[a-z0-9])?$', 'a', true],
      ['\\s+$', ' x', false],
      ['a*b', 'a', false],
      ['[a-z]+\\d', 'a', false],
      ['^(?:a?){60}a{60}$', 'a', false],
      ['^\\p{L}*\\p{L}*\\p{L}*!$', 'ä', false],
      ['.*.*.*=.*', 'x', false],
    ];
    for (const [source, part, expected] of patterns) {
      const { test, longest } = compilePattern(source);
      const text = part.repeat(20_000).slice(0, longest);
      assert.equal(test(text), expected || undefined === expected, source);
      assert.equal(test(`${text}\u0000!`.slice(0, longest)) && source.endsWith('$'), false, source);
    }
  });

  it('bounds patterns with back-references by steps', () => {
    const pattern = compilePattern('^(a+)+\\1b$');
    assert.equal(pattern.kind, 'bounded');
    assert.equal(pattern.test('aab'), true);
    assert.equal(pattern.test('a'.repeat(4_000)), false);
    assert.equal(pattern.test('a'.repeat(1_000_000)), false);
    assert.equal(compilePattern('^(?<q>[\'"]).*\\k<q>$').test('"x"'), true);
    assert.equal(compilePattern('^(?<q>[\'"]).*\\k<q>$').test('"x\''), false);
  });

  it('runs plain patterns natively', () => {
    for (const source of [
      '^[A-Z]{2}\\d{4}$',
      '^[a-z]+(-[a-z]+)*$',
      '^\\+?[0-9 ]{5,19}$',
      '[\\w.-]+',
      '^a{1,5000}$',
      '.*',
      '',
    ])
      assert.equal(compilePattern(source).kind, 'native', source);
  });

  it('reads what contracts write for other engines, where only one thing can be meant', () => {
    const cases: [string, string, boolean][] = [
      ['^[\\w-.]+$', 'a-b.c', true],
      ['^\\_\\-\\@$', '_-@', true],
      ['^\\p{XDigit}{2}$', 'fF', true],
      ['^{a}$', '{a}', true],
      ['^(?!-)+a$', 'a', true],
      ['^😀{2}$', '😀😀', true],
      ['^.$', '😀', true],
      ['^[😀-😂]$', '😁', true],
      ['^\\ud83d\\ude00$', '😀', true],
      ['^\\d$', '٣', false],
      ['^\\cA\\x41\\u{1F600}$', '\u0001A😀', true],
    ];
    for (const [source, text, expected] of cases) assert.equal(compilePattern(source).test(text), expected, source);
  });

  it('refuses what is no ECMAScript, and says where', () => {
    for (const source of [
      '(',
      ')',
      '[a',
      'a**',
      '*',
      '\\Z',
      '\\A',
      '(?i)a',
      '(?P<n>a)',
      '\\1',
      '\\k<x>',
      '[b-a]',
      'a{2,1}',
      '\\',
      '\\p{Nope}',
      '(?<a>x)(?<a>y)',
      'x'.repeat(30_000),
      '('.repeat(5_000),
    ])
      assert.throws(() => compilePattern(source), PatternError, source.slice(0, 20));
  });

  it('answers as the engine does, whatever the pattern and the text', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '[^a]',
      '\\w',
      '\\D',
      '\\s',
      '😀',
      '[a😀]',
      '\\p{L}',
      '-',
      '\\b',
      '\\B',
      '^',
      '$',
      '(?=a)',
      '(?!b)',
      '(?<=a)',
      '(?<!b)',
      '(?=a*b)',
      '(?<=ab?)',
    );
    const count = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '*?', '{0,2}', '{2,}');
    const { pattern } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
      pattern: fc.array(tie('term'), { maxLength: 4 }).map((parts) => parts.join('')),
      term: fc.oneof(
        { depthSize: 'small' },
        fc.tuple(atom, count).map(([one, times]) => (/^(\^|\$|\\[bB]|\(\?.*)$/.test(one) ? one : one + times)),
        fc
          .tuple(fc.constantFrom('(?:', '(', '(?=', '(?!', '(?<=', '(?<!'), tie('pattern'), tie('pattern'), count)
          .map(([open, one, other, times]) => `${open}${one}|${other})${open === '(' || open === '(?:' ? times : ''}`),
      ),
    }));
    const text = fc
      .array(fc.constantFrom('a', 'b', '-', '1', ' ', '😀', '\n', '\ud83d'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        pattern,
        fc.constantFrom('', '^'),
        fc.constantFrom('', '$', '\\1'),
        fc.array(text, { minLength: 5, maxLength: 8 }),
        (middle, begin, end, texts) => {
          const source = begin + middle + end;
          // The engine itself would not come back from some of the longer ones.
          if (source.length > 60) return;
          let native: RegExp;
          try {
            native = reference(source);
          } catch {
            return;
          }
          const ours = compilePattern(source);
          for (const one of texts) {
            if (ours.kind === 'bounded' && backtrack(parsePattern(source).ast, one) === undefined) continue;
            assert.equal(ours.test(one), native.test(one), JSON.stringify([source, one, ours.kind]));
          }
        },
      ),
      { numRuns: Number(process.env['PORTCULLIS_FUZZ'] ?? 3_000) },
    );
  });
});
