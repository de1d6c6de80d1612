import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shownBody } from './body.ts';
import { layOut } from './layout.ts';
import { piecesOf, rangesOf } from './marks.ts';

const markedIn = (pieces: readonly { text: string; marked: boolean }[]): string[] =>
  pieces.filter(({ marked }) => marked).map(({ text }) => text);

test('marks are found wherever they stand; overlapping ones are one', () => {
  assert.deepEqual(rangesOf('abcabc', ['ab']), [
    [0, 2],
    [3, 5],
  ]);
  assert.deepEqual(rangesOf('abcd', ['abc', 'bcd', '']), [[0, 4]]);
  assert.deepEqual(rangesOf('abcd', ['x']), []);
});

test('pieces put together are the text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', 'b', 'c') }),
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c') })),
      (text, marks) => {
        const pieces = piecesOf(text, rangesOf(text, marks));
        assert.equal(pieces.map((piece) => piece.text).join(''), text);
        for (const { text: piece } of pieces) assert.notEqual(piece, '');
      },
    ),
  );
});

test('JSON is laid out without being changed: white space alone, none of it in strings', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const laid = layOut(text, []).text;
      assert.deepEqual(JSON.parse(laid), JSON.parse(text));
    }),
  );
  const odd = '{"a":1,"a":1e400,"b":"x , {\\" y","c":[],"d":{ }';
  assert.equal(layOut(odd, []).text, '{\n  "a": 1,\n  "a": 1e400,\n  "b": "x , {\\" y",\n  "c": [],\n  "d": {}');
});

test('marks move with their characters', () => {
  const text = '{"role":"admin","list":[1,2]}';
  const { text: laid, ranges } = layOut(text, rangesOf(text, ['"role":"admin"', '[1,2]']));
  assert.deepEqual(
    ranges.map(([start, end]) => laid.slice(start, end).replace(/\s/g, '')),
    ['"role":"admin"', '[1,2]'],
  );
});

test('a long body is cut around its first mark, and both ends are said', () => {
  const body = new TextEncoder().encode(`${'x'.repeat(50_000)}SECRET${'y'.repeat(50_000)}`);
  const shown = shownBody(body, ['SECRET']);
  assert.deepEqual(markedIn(shown.pieces), ['SECRET']);
  const length = shown.pieces.reduce((sum, { text }) => sum + text.length, 0);
  assert.ok(length <= 4_096);
  assert.match(String(shown.before), /^\d+ characters before$/);
  assert.match(String(shown.behind), /^\d+ more characters$/);
  assert.equal(shown.size, 100_006);
});

test('what is no text is shown as bytes', () => {
  const shown = shownBody(
    Uint8Array.from({ length: 600 }, (_, i) => i % 256),
    [],
  );
  assert.equal(shown.kind, 'binary');
  assert.match(shown.pieces[0]?.text ?? '', /^000000 {2}00 01 02 .*\n000010 {2}10/);
  assert.equal(shown.behind, '88 more bytes');
});

test('text with escape sequences, or one broken character, is still text', () => {
  assert.equal(shownBody(new TextEncoder().encode('\x1b[31mred\x1b[0m'), []).kind, 'text');
  assert.equal(shownBody(Uint8Array.of(...Buffer.from('hello world, this is text '), 0xff), []).kind, 'text');
  assert.equal(shownBody(undefined, []).kind, 'none');
  assert.equal(shownBody(new Uint8Array(), []).kind, 'none');
});
