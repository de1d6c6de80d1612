import { digit } from './percent.ts';

/** Digits of `\u{...}`. */
const MAX_BRACED = 6;
const END = 0x7d;

/** Escapes of programming languages: `\u0027`, `\u{27}`, `\x27`. The same string where there are none. Linear. */
export function decodeEscapes(text: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const mark = at + 1 < text.length ? text.charCodeAt(at + 1) : 0;
    const end =
      mark === 0x78
        ? digits(text, at + 2, 2)
        : (mark | 0x20) !== 0x75
          ? -1
          : mark === 0x75 && text.charCodeAt(at + 2) === 0x7b
            ? braced(text, at + 3)
            : digits(text, at + 2, 4);
    if (end < 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) {
      at++;
      continue;
    }
    result += text.slice(from, at) + String.fromCodePoint(point);
    from = at = end;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** The code point that was read last. */
let point = 0;

/** Reads so many digits. @returns the place behind them; -1 where they are fewer */
function digits(text: string, from: number, count: number): number {
  point = 0;
  for (let i = from; i < from + count; i++) {
    const d = i < text.length ? digit(text.charCodeAt(i), false) : -1;
    if (d < 0) return -1;
    point = point * 16 + d;
  }
  return from + count;
}

/** Reads digits up to a brace. @returns the place behind it; -1 where there is none */
function braced(text: string, from: number): number {
  const most = Math.min(text.length, from + MAX_BRACED + 1);
  point = 0;
  for (let i = from; i < most; i++) {
    const c = text.charCodeAt(i);
    if (c === END) return i > from ? i + 1 : -1;
    const d = digit(c, false);
    if (d < 0) return -1;
    point = point * 16 + d;
  }
  return -1;
}
