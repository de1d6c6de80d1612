import { isDigit, isHex, isWordPart } from './characters.ts';

/** The end of the number that begins at a place, in any dialect: `0x1f`, `1.5e3`, `1.e`, `1f` before a union. */
export function numberEnd(text: string, start: number, limit: number): number {
  let at = start;
  const c = text.charCodeAt(at);
  const x = text.charCodeAt(at + 1) | 0x20;
  if (c === 0x30 && (x === 0x78 || x === 0x62) && at + 2 < limit && isHex(text.charCodeAt(at + 2))) {
    at += 2;
    while (at < limit && isHex(text.charCodeAt(at))) at++;
    return at;
  }
  // SQL Server reads `0x` with nothing behind it as a number too.
  if (c === 0x30 && x === 0x78) return start + 2;
  while (at < limit && isDigit(text.charCodeAt(at))) at++;
  if (at < limit && text.charCodeAt(at) === 0x2e) {
    at++;
    while (at < limit && isDigit(text.charCodeAt(at))) at++;
  }
  if (at < limit && (text.charCodeAt(at) | 0x20) === 0x65) {
    let e = at + 1;
    const sign = text.charCodeAt(e);
    if (sign === 0x2b || sign === 0x2d) e++;
    const digits = e;
    while (e < limit && isDigit(text.charCodeAt(e))) e++;
    // MySQL lets an exponent stand without digits where a dot stood before: `1.e(1)`.
    if (e > digits || (text.charCodeAt(at - 1) === 0x2e && !isWordPart(text.charCodeAt(at + 1))))
      at = Math.max(e, at + 1);
  }
  // Oracle marks a number as floating: `1funion`.
  const mark = text.charCodeAt(at) | 0x20;
  if ((mark === 0x66 || mark === 0x64) && /^union/i.test(text.slice(at + 1, at + 6))) at++;
  return at;
}
