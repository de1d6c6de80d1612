import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LANGUAGES, languageFor, spanText, textsIn } from './texts.ts';

test('the language is what is asked for first, and English where none is spoken', () => {
  assert.equal(languageFor('xx de', 'en'), 'de');
  assert.equal(languageFor(undefined, 'fr, de-AT;q=0.7, en;q=0.3'), 'de');
  assert.equal(languageFor(undefined, 'de;q=0, en'), 'en');
  for (const odd of [undefined, '', ';;;', '*', 'q=1', '__proto__', ','.repeat(10_000), 'x'.repeat(100_000)])
    assert.equal(languageFor(odd, odd), 'en');
});

test('every language says everything, each in its own words', () => {
  const [first, ...others] = [...LANGUAGES.values()];
  for (const texts of others) {
    assert.deepEqual(Object.keys(texts).sort(), Object.keys(first as object).sort());
    for (const [name, value] of Object.entries(texts)) {
      const english = (first as unknown as Record<string, unknown>)[name];
      assert.equal(typeof value, typeof english, name);
      if (typeof value === 'string' && name !== 'deviceCode') assert.notEqual(value, english, name);
    }
  }
});

test('a lock is said in the largest unit that does not shorten it', () => {
  const en = textsIn('en');
  assert.deepEqual(
    [1, 59, 61, 3600, 3601].map((n) => spanText(n, en)),
    ['one second', '59 seconds', '2 minutes', 'one hour', '2 hours'],
  );
});
