import { F_WIDE } from '../features/bits.ts';
import { FLAGS } from '../features/characters.ts';

/** Characters that drivers and code pages take for one of ASCII although Unicode's compatibility forms do not. */
const ALIKE: ReadonlyMap<number, string> = new Map(
  (
    [
      ["'", '\u02b9\u02bb\u02bc\u02bd\u02c8\u2018\u2019\u201a\u201b\u2032\u2035'],
      ['"', '\u02ba\u201c\u201d\u201e\u201f\u2033\u2036'],
      ['/', '\u2044\u2215\u29f8\uefc8\uf025'],
      ['\\', '\u2216\u29f5\u29f9'],
      ['-', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212'],
      ['*', '\u2217\u204e'],
      [':', '\u2236'],
      ['|', '\u2223'],
      ['~', '\u223c'],
      ['<', '\u2039'],
      ['>', '\u203a'],
      ['', '\u200b\u200c\u200d\u200e\u200f\u2060\ufeff'],
    ] as const
  ).flatMap(([ascii, wide]) => Array.from(wide, (each) => [each.charCodeAt(0), ascii] as const)),
);

/** Full-width and other compatibility forms, typographic quotes, dashes and slashes as ASCII. Linear. */
export function foldWide(text: string): string {
  let result = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (((FLAGS[c] as number) & F_WIDE) === 0) continue;
    let taken = 1;
    let plain = ALIKE.get(c);
    if (plain === undefined) {
      if (c === 0xd835) taken = 2;
      const folded = text.slice(at, at + taken).normalize('NFKC');
      // Longer forms are words and ligatures: none is ASCII that matters.
      if (folded.length > 3 || folded.charCodeAt(0) >= 0x80) continue;
      plain = folded;
    }
    result += text.slice(from, at) + plain;
    at += taken - 1;
    from = at + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}
