/** What a character is to SQL. */
export const C_OTHER = 0;
export const C_SPACE = 1;
export const C_WORD = 2;
export const C_DIGIT = 3;

/** Space in some dialect or after some driver: no-break space, the Unicode spaces, the byte order mark. */
export const isWideSpace = (c: number): boolean =>
  c === 0xa0 ||
  c === 0x85 ||
  c === 0x3000 ||
  (c >= 0x2000 && c <= 0x200f) ||
  c === 0x2028 ||
  c === 0x2029 ||
  c === 0xfeff ||
  // What is left of a no-break space of a single-byte code page.
  c === 0xfffd;

/** Of every character; one table without gaps, so that a look at it is never out of bounds. */
export const CLASS = new Uint8Array(65_536);
for (let c = 0; c <= 32; c++) CLASS[c] = C_SPACE;
CLASS[127] = C_SPACE;
for (let c = 48; c <= 57; c++) CLASS[c] = C_DIGIT;
for (let c = 65; c <= 90; c++) CLASS[c] = CLASS[c + 32] = C_WORD;
CLASS[95] = CLASS[36] = C_WORD; // _ $
for (let c = 128; c < 65_536; c++) CLASS[c] = isWideSpace(c) ? C_SPACE : C_WORD;

export const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
export const isHex = (c: number): boolean => isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
export const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
/** Names go on with it. */
export const isWordPart = (c: number): boolean => (CLASS[c] as number) >= C_WORD;

/**
 * The place after the closing quote; -1 where there is none before the limit. Doubled and backslashed quotes do not
 * close.
 */
export function stringEnd(text: string, from: number, limit: number, quote: number): number {
  const mark = quote === 0x27 ? "'" : quote === 0x22 ? '"' : '`';
  let at = text.indexOf(mark, from);
  while (at >= 0 && at < limit) {
    let back = at;
    while (back > from && text.charCodeAt(back - 1) === 0x5c) back--;
    if (((at - back) & 1) === 1) at = text.indexOf(mark, at + 1);
    else if (at + 1 < limit && text.charCodeAt(at + 1) === quote) at = text.indexOf(mark, at + 2);
    else return at + 1;
  }
  return -1;
}

/** The place of a mark before the limit; -1 where there is none. */
export function closing(text: string, from: number, limit: number, mark: number): number {
  for (let at = from; at < limit; at++) if (text.charCodeAt(at) === mark) return at;
  return -1;
}

/** The end of the line; the limit where there is none before it. */
export function lineEnd(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x0a || c === 0x0d) return at;
  }
  return limit;
}

/** `N'...'`, `x'...'`, `b'...'`, `e'...'`, `q'...'`, `_utf8'...'`. */
export function isStringPrefix(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) | 0x20;
  if (end - start === 1) return first === 0x6e || first === 0x78 || first === 0x62 || first === 0x65 || first === 0x71;
  return text.charCodeAt(start) === 0x5f && end - start < 16;
}
