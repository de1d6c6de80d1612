import { endianness } from 'node:os';

/** The UTF-16 codes of a text; what stands behind its length is of others. */
export type Codes = Uint16Array;

/** Characters for which there is room from the start, and beyond which room is made for one text only. */
const ROOM = 16 * 1024;
const MAX_ROOM = 1024 * 1024;
/** Characters up to which copying them one by one costs less than a call into the runtime. */
const SHORT = 32;
/** Node writes UTF-16 with the low byte first. */
const NATIVE = endianness() === 'LE';

/** Zeros behind a text, for who looks at what follows a character. */
const BEHIND = 8;

let codes = new Uint16Array(ROOM);
let bytes = Buffer.from(codes.buffer);
let last = '';

/**
 * Copies a text to where each of its characters costs one load: strings come in many representations, and V8 asks for a
 * string's at every character. Good until the next call with another text.
 */
export function codesOf(text: string): Codes {
  const { length } = text;
  if (length === last.length && text === last) return codes;
  const room = length + BEHIND;
  if (room > codes.length || codes.length > MAX_ROOM) {
    codes = new Uint16Array(room > MAX_ROOM ? room : Math.max(ROOM, 2 ** Math.ceil(Math.log2(room))));
    bytes = Buffer.from(codes.buffer);
  }
  if (length > SHORT && NATIVE) bytes.write(text, 'utf16le');
  else for (let at = 0; at < length; at++) codes[at] = text.charCodeAt(at);
  codes.fill(0, length, room);
  last = length > MAX_ROOM ? '' : text;
  return codes;
}

/** The first place from `from` on, before `length`, whose character the table marks; `length` where there is none. */
export function nextMarked(text: Codes, from: number, length: number, table: Uint8Array): number {
  let at = from;
  while (at < length && table[text[at] as number] === 0) at++;
  return at;
}

/** A table that marks some characters, of all there are. */
export function markTable(characters: string): Uint8Array {
  const table = new Uint8Array(65_536);
  for (const each of characters) table[each.charCodeAt(0)] = 1;
  return table;
}
