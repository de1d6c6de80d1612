import { digit } from './percent.ts';

/** Named entities of characters that attacks need; letters and signs beyond ASCII stay as they are. */
const NAMED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
  ['sol', '/'],
  ['bsol', '\\'],
  ['period', '.'],
  ['lpar', '('],
  ['rpar', ')'],
  ['equals', '='],
  ['semi', ';'],
  ['num', '#'],
  ['colon', ':'],
  ['comma', ','],
  ['plus', '+'],
  ['ast', '*'],
  ['percnt', '%'],
  ['grave', '`'],
  ['excl', '!'],
  ['quest', '?'],
  ['lcub', '{'],
  ['rcub', '}'],
  ['lbrace', '{'],
  ['rbrace', '}'],
  ['lbrack', '['],
  ['rbrack', ']'],
  ['lsqb', '['],
  ['rsqb', ']'],
  ['vert', '|'],
  ['verbar', '|'],
  ['verticalline', '|'],
  ['commat', '@'],
  ['lowbar', '_'],
  ['underbar', '_'],
  ['hat', '^'],
  ['midast', '*'],
  ['diacriticalgrave', '`'],
  ['dollar', '$'],
  ['tab', '\t'],
  ['newline', '\n'],
]);

/** Digits of a numeric entity behind its zeros, decimal and hexadecimal, and letters of a named one. */
const MAX_DECIMAL = 8;
const MAX_HEXADECIMAL = 7;
const MAX_NAME = 16;
/** Names that HTML knows without a semicolon, whatever follows them in content (HTML, 13.2.5.73). */
const OLD = ['amp', 'lt', 'gt', 'quot', 'nbsp'] as const;

/**
 * HTML entities, with or without their semicolon; where a name goes on behind one that is known, only the old ones count,
 * and not in front of `=`, for `&lt=1` and `&gtm=1` are parameters. The same string where there are none. Linear.
 */
export function decodeEntities(text: string): string {
  let result = '';
  let from = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at)) {
    const plain = text.charCodeAt(at + 1) === 0x23 ? numeric(text, at + 2) : named(text, at + 1);
    if (plain === undefined) {
      at++;
      continue;
    }
    result += text.slice(from, at) + plain;
    from = at = text.charCodeAt(end) === 0x3b ? end + 1 : end;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** Where the entity that was read last ends, without its semicolon. */
let end = 0;

function numeric(text: string, from: number): string | undefined {
  const isHexadecimal = (text.charCodeAt(from) | 0x20) === 0x78;
  let first = isHexadecimal ? from + 1 : from;
  const zeros = first;
  while (text.charCodeAt(first) === 0x30) first++;
  const most = Math.min(text.length, first + (isHexadecimal ? MAX_HEXADECIMAL : MAX_DECIMAL));
  const base = isHexadecimal ? 16 : 10;
  let point = 0;
  for (end = first; end < most; end++) {
    const d = digit(text.charCodeAt(end), false);
    if (d < 0 || d >= base) break;
    point = point * base + d;
  }
  if (end === zeros || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
  return String.fromCodePoint(point);
}

function named(text: string, from: number): string | undefined {
  const most = Math.min(text.length, from + MAX_NAME);
  for (end = from; end < most; end++) if (!isLetter(text.charCodeAt(end))) break;
  if (end - from < 2) return undefined;
  const name = text.slice(from, end).toLowerCase();
  const known = NAMED.get(name);
  if (known !== undefined || text.charCodeAt(end) === 0x3d) return known;
  const old = OLD.find((each) => name.startsWith(each));
  if (old === undefined) return undefined;
  end = from + old.length;
  return NAMED.get(old);
}

const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
