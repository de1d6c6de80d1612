/** Value of a hexadecimal digit; with `lenient` letters beyond `f` count on, as some decoders have it. -1 for none. */
export function digit(c: number, lenient: boolean): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= (lenient ? 0x7a : 0x66) ? lower - 0x57 : -1;
}

/**
 * Percent-decoding as the most tolerant servers do it: `%XX` as UTF-8 with overlong forms (`%c0%ae`) and continuation
 * bytes that are none (`%c0%2e`), `%uXXXX`, broken escapes as they stand, bytes that are no UTF-8 as Latin-1. A plus is
 * a space where there is no other. Linear.
 * @param lenient also digits that are none (`%c0%qf`)
 */
export function decodePercent(text: string, lenient: boolean): string {
  let result = '';
  let from = 0;
  let at = text.indexOf('%');
  while (at >= 0 && at < text.length) {
    const next = unitAt(text, at, lenient);
    if (next === 0) {
      at = text.indexOf('%', at + 1);
      continue;
    }
    result += text.slice(from, at) + (point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd');
    at += next;
    from = at;
    if (text.charCodeAt(at) !== 0x25) at = text.indexOf('%', at);
  }
  if (from === 0) return text;
  result += text.slice(from);
  return text.includes('+') && !text.includes(' ') ? result.replaceAll('+', ' ') : result;
}

/** The code point that `unitAt` read last. */
let point = 0;

/** Reads one character in percent-encoding. @returns how many characters of the text it took; 0 where there is none. */
function unitAt(text: string, at: number, lenient: boolean): number {
  const u = text.charCodeAt(at + 1) | 0x20;
  if (u === 0x75) {
    let value = 0;
    for (let i = 2; i < 6; i++) {
      const d = digit(text.charCodeAt(at + i), false);
      if (d < 0) return 0;
      value = value * 16 + d;
    }
    point = value >= 0xd800 && value <= 0xdfff ? 0xfffd : value;
    return 6;
  }
  const lead = byteAt(text, at, lenient);
  if (lead < 0) return 0;
  point = lead;
  if (lead < 0xc0 || lead > 0xfd) return 3;
  const second = byteAt(text, at + 3, lenient);
  if (lead < 0xe0) {
    if (second < 0) return 3;
    if ((second & 0xc0) === 0x80) point = ((lead & 0x1f) << 6) | (second & 0x3f);
    // A continuation that is none: the decoder masks it, or drops the lead.
    else if (lead === 0xc0) point = second & 0x7f;
    else if (lead === 0xc1) point = 0x40 | (second & 0x3f);
    else return 3;
    return 6;
  }
  const count = lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : lead < 0xfc ? 4 : 5;
  let value = lead & (0x3f >> count);
  for (let i = 1; i <= count; i++) {
    const next = byteAt(text, at + i * 3, lenient);
    if (next < 0 || (next & 0xc0) !== 0x80) return 3;
    value = (value * 64) | (next & 0x3f);
  }
  if (value < 0 || (value >= 0xd800 && value <= 0xdfff)) value = 0xfffd;
  point = value;
  return 3 * (count + 1);
}

function byteAt(text: string, at: number, lenient: boolean): number {
  if (text.charCodeAt(at) !== 0x25) return -1;
  const high = digit(text.charCodeAt(at + 1), lenient);
  const low = digit(text.charCodeAt(at + 2), lenient);
  return high < 0 || low < 0 ? -1 : (high * 16 + low) & 0xff;
}
