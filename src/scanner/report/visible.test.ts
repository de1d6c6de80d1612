import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOSTILE } from './fixture.ts';
import { columnsOf, cut, fit, oneLine, pad, visible, wrap } from './visible.ts';

test('what a terminal would obey, or nobody would see, is spelled out', () => {
  assert.equal(visible('a\x1b[31mb'), 'a\\u{1b}[31mb');
  assert.equal(visible('\x9b2J\x07\x00\r'), '\\u{9b}2J\\u{7}\\u{0}\\u{d}');
  assert.equal(visible('\u202eabc\u2066\u200b\ufeff\u{e0041}'), '\\u{202e}abc\\u{2066}\\u{200b}\\u{feff}\\u{e0041}');
  assert.equal(visible('\ud800x\udfff'), '\\u{d800}x\\u{dfff}');
  assert.equal(visible('a\n\tb 😀 é 漢'), 'a\n\tb 😀 é 漢');
  assert.equal(oneLine(' a \r\n b\t'), 'a b');
});

test('no text at all gets a control character through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = visible(text + HOSTILE);
      assert.ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(shown));
      assert.ok(shown.isWellFormed());
    }),
  );
});

test('cutting keeps surrogate pairs whole and says that something is missing', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdefg', 6), 'abcde…');
  assert.equal(cut('abcd😀fg', 6), 'abcd…');
});

test('columns: wide characters count two, combining ones none', () => {
  assert.equal(columnsOf('abc'), 3);
  assert.equal(columnsOf('漢字'), 4);
  assert.equal(columnsOf('e\u0301'), 1);
  assert.equal(fit('漢字漢字', 5), '漢字…');
  assert.equal(pad('漢', 4), '漢  ');
});

test('wrapped lines never exceed the width, and lose nothing but white space', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 40 })),
      fc.integer({ min: 8, max: 60 }),
      (words, width) => {
        const text = words.map((word) => word.replaceAll(' ', '')).join(' ');
        const lines = wrap(text, width);
        for (const line of lines) assert.ok(columnsOf(line) <= width, line);
        assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
      },
    ),
  );
});
