import { type Codes, markTable, nextMarked } from '../features/codes.ts';

/** What opens an expression, how it is closed, and what may be made of it. */
export interface Opener {
  readonly mark: string;
  /** Characters of the mark. */
  readonly length: number;
  readonly closer: string;
  readonly weak: boolean;
}

const opener = (mark: string, closer: string, weak = false): Opener => ({ mark, length: mark.length, closer, weak });

export const DOUBLE = opener('{{', '}}');
export const BLOCK = opener('{%', '%}');
export const DOLLAR = opener('${', '}');
export const HASH = opener('#{', '}');
export const ANGLE = opener('<%', '%>');
/** Thymeleaf's, Struts', Razor's and others', that much else looks like too. */
export const STAR = opener('*{', '}', true);
export const AT = opener('@{', '}', true);
export const TILDE = opener('~{', '}', true);
export const PERCENT = opener('%{', '}');
export const SINGLE = opener('{', '}', true);
export const SQUARE = opener('[[', ']]', true);
export const DIRECTIVE = opener('<#', '>');
export const SQUARE_DIRECTIVE = opener('[#', ']');
export const SQUARE_VALUE = opener('[=', ']');
export const RAZOR = opener('@(', ')');
export const SET = opener('#set(', ')');
export const BLADE = opener('{!!', '!!}');
export const COMMENT = opener('{#', '#}');

/** The expression that opens at a place, by the characters there; undefined where none does. */
export function openerAt(text: string, at: number, c: number): Opener | undefined {
  const next = text.charCodeAt(at + 1);
  switch (c) {
    case 0x7b: {
      const before = text.charCodeAt(at - 1);
      if (next === 0x7b) return DOUBLE;
      if (next === 0x25) return BLOCK;
      if (next === 0x21 && text.charCodeAt(at + 2) === 0x21) return BLADE;
      if (next === 0x23) return COMMENT;
      // Part of another one: it was seen a character ago.
      if (
        before === 0x24 ||
        before === 0x23 ||
        before === 0x25 ||
        before === 0x2a ||
        before === 0x40 ||
        before === 0x7e
      )
        return undefined;
      return next > 0x20 && next !== 0x22 && next !== 0x7d ? SINGLE : next === 0x22 ? SINGLE : undefined;
    }
    case 0x24:
      return next === 0x7b ? DOLLAR : undefined;
    case 0x23:
      return next === 0x7b ? HASH : undefined;
    case 0x25:
      return next === 0x7b ? PERCENT : undefined;
    case 0x2a:
      return next === 0x7b && !isWordEnd(text.charCodeAt(at - 1)) ? STAR : undefined;
    case 0x40:
      if (next === 0x28) return RAZOR;
      return next === 0x7b && !isWordEnd(text.charCodeAt(at - 1)) ? AT : undefined;
    case 0x7e:
      return next === 0x7b ? TILDE : undefined;
    case 0x3c:
      return next === 0x25 ? ANGLE : next === 0x23 && isDirective(text, at + 2) ? DIRECTIVE : undefined;
    case 0x5b:
      if (next === 0x23) return isDirective(text, at + 2) ? SQUARE_DIRECTIVE : undefined;
      return next === 0x5b ? SQUARE : next === 0x3d ? SQUARE_VALUE : undefined;
    default:
      return undefined;
  }
}

/** FreeMarker's directives; other marks begin so too: `[#123]`. */
const DIRECTIVES =
  /(?:assign|global|local|if|elseif|list|items|include|import|macro|function|return|attempt|setting|switch|case|visit|nested)\b/y;
function isDirective(text: string, at: number): boolean {
  DIRECTIVES.lastIndex = at;
  return DIRECTIVES.test(text);
}

/** The end of a word, or of a command of TeX, to which an argument in braces belongs. */
export const isWordEnd = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c === 0x5f || c >= 0x80;

/** Characters at which an expression or a statement may open; and which of them what follows may still rule out. */
const STARTS = markTable('{$#%*@~<[');
const FOLLOWS: ReadonlyMap<number, string> = new Map([
  [0x3c, '%#'],
  [0x5b, '[#='],
  [0x25, '{'],
  [0x2a, '{'],
  [0x7e, '{'],
  [0x23, '{sef'],
  [0x40, '{(Snp'],
]);
/** For pairs of characters, whether something may open there. */
const OPENS = new Uint8Array(128 * 128);
for (let c = 0; c < 128; c++) {
  if (STARTS[c] === 0) continue;
  const follows = FOLLOWS.get(c);
  for (let next = 0x21; next < 127; next++)
    if (follows?.includes(String.fromCharCode(next)) ?? true) OPENS[c * 128 + next] = 1;
}

/** The first place from `from` on where an expression or a statement may open; `length` where none may. */
export function nextOpening(text: Codes, from: number, length: number): number {
  for (let at = nextMarked(text, from, length, STARTS); at < length; at = nextMarked(text, at + 1, length, STARTS)) {
    const c = text[at] as number;
    const next = text[at + 1] as number;
    if (next < 128 ? OPENS[c * 128 + next] === 1 : c === 0x7b) return at;
  }
  return length;
}

/** Characters that probes put between opening marks. */
const FILLER = new Uint8Array(128);
for (const each of '\'"/\\.%[{<@#$!*~^&|?>') FILLER[each.charCodeAt(0)] = 1;
/** Characters of a run of marks, and kinds of marks in it that only a probe has. */
const MAX_RUN = 40;
const KINDS_OF_PROBE = 3;
const KINDS: readonly Opener[] = [DOUBLE, BLOCK, DOLLAR, HASH, ANGLE, STAR, AT, SQUARE];

/** Where the run of marks that `polyglotAt` read last need not be read again. */
export let runEnd = 0;

/** Marks of three languages or more stand in one run: whoever sends them looks which one breaks. @returns its end, or -1 */
export function polyglotAt(text: string, from: number): number {
  let seen = 0;
  let at = from;
  const most = Math.min(text.length, from + MAX_RUN);
  for (; at < most; at++) {
    const c = text.charCodeAt(at);
    if (c >= 128 || FILLER[c] === 0) break;
    const opened = openerAt(text, at, c);
    if (opened === undefined) {
      if (c === 0x5b && text.charCodeAt(at + 1) === 0x25) seen |= 1 << KINDS.length;
      continue;
    }
    const kind = KINDS.indexOf(opened);
    if (kind >= 0) seen |= 1 << kind;
  }
  // What begins within a run that has ended has no more kinds than it.
  runEnd = at < from + MAX_RUN ? at : from + MAX_RUN / 2;
  let kinds = 0;
  for (let bits = seen; bits !== 0; bits >>= 1) kinds += bits & 1;
  return kinds >= KINDS_OF_PROBE ? at : -1;
}
