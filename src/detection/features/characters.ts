import { isWideSpace } from '../sql/characters.ts';
import * as bits from './bits.ts';

/** Says nothing, and no word begins with it. */
export const PLAIN = 0;
/** Says nothing by itself either. */
export const DIGIT = 1;
/** A word begins with it. */
export const LETTER = 2;
/** Has flags and nothing else. */
export const FLAGGED = 3;
/** What stands beside it is to be looked at. */
export const LOOK = 4;
export const SEMICOLON = 5;
/** Beyond ASCII: space in some dialect, or a character that something may take for one of ASCII. */
export const WIDE = 6;

/** What a character is, of all there are: one look, no comparison. */
export const KINDS = new Uint8Array(65_536);
export const ASCII_PART = 1;
export const WIDE_PART = 2;
/** Whether a word goes on with it: letters and digits, and what stands beyond ASCII and is no space; 0 for the rest. */
export const PART = new Uint8Array(65_536);
/** Bits of a character. */
export const FLAGS = new Int32Array(65_536);

/** Modifier letters, punctuation, mathematical operators and letters, private use that code pages map, full-width forms. */
export const isWide = (c: number): boolean => {
  if (c < 0x2000) return c >= 0x2b0 && c <= 0x2ff;
  // Dashes and the ellipsis are in all prose, and no comment mark of any dialect.
  if (c < 0x2e80)
    return (
      (c <= 0x208f && c !== 0x2013 && c !== 0x2014 && c !== 0x2026) ||
      (c >= 0x2200 && c <= 0x22ff) ||
      (c >= 0x29f5 && c <= 0x29f9)
    );
  return c === 0x3000 || c === 0xd835 || c === 0xefc8 || c === 0xf025 || c >= 0xfe50;
};

const set = (characters: string, flag: number): void => {
  for (const each of characters) FLAGS[each.charCodeAt(0)] = (FLAGS[each.charCodeAt(0)] as number) | flag;
};
for (let c = 0; c < 32; c++) FLAGS[c] = bits.F_CONTROL;
FLAGS[127] = bits.F_CONTROL;
FLAGS[9] = bits.F_SPACE;
FLAGS[10] = FLAGS[13] = bits.F_SPACE | bits.F_LINE | bits.F_SHELL;
set(' ', bits.F_SPACE);
set(';|&`', bits.F_SHELL);
set('\'"', bits.F_QUOTE);
set('=<>', bits.F_SQL_COMPARE);
set('\\', bits.F_BACKSLASH);
set('/', bits.F_SLASH);
set(':', bits.F_COLON);
set('{[', bits.F_BRACE);
for (let c = 128; c < 65_536; c++) FLAGS[c] = (isWide(c) ? bits.F_WIDE : 0) | (isWideSpace(c) ? bits.F_SPACE : 0);

for (let c = 0; c < 65_536; c++) if (FLAGS[c] !== 0) KINDS[c] = c < 128 ? FLAGGED : WIDE;
for (let c = 65; c <= 90; c++) KINDS[c] = KINDS[c + 32] = LETTER;
KINDS[95] = LETTER;
for (let c = 48; c <= 57; c++) KINDS[c] = DIGIT;
for (const each of '\'"%&|.<(/\\$){[*-') KINDS[each.charCodeAt(0)] = LOOK;
KINDS[0x3b] = SEMICOLON;

for (let c = 0; c < 128; c++) PART[c] = KINDS[c] === LETTER || KINDS[c] === DIGIT ? ASCII_PART : 0;
for (let c = 128; c < 65_536; c++) PART[c] = isWideSpace(c) ? 0 : WIDE_PART;
