import { isLetter, isWideSpace, isWordPart } from './characters.ts';
import {
  kindOf,
  W_BETWEEN,
  W_BRANCH,
  W_BY,
  W_COMPARE,
  W_CONDITION,
  W_FROM,
  W_IN,
  W_INTO,
  W_IS,
  W_LIMIT,
  W_LOGIC,
  W_NOT,
  W_PREFIX,
  W_RECKON,
  W_SELECT,
  W_SET,
  W_SUFFIX,
  W_UNION,
} from './words.ts';

/** Characters behind which a quotation opens, and before which it closes. */
const BEFORE = new Uint8Array(65_536);
const BEHIND = new Uint8Array(65_536);
for (let c = 0; c < 65_536; c++) if (c <= 0x20 || isWideSpace(c)) BEFORE[c] = BEHIND[c] = 1;
for (const each of ',([{:=>') BEFORE[each.charCodeAt(0)] = 1;
for (const each of ',;)]}:.!?&+<`"') BEHIND[each.charCodeAt(0)] = 1;
const opensBehind = (text: string, at: number): boolean => at === 0 || BEFORE[text.charCodeAt(at - 1)] === 1;
const closesBefore = (text: string, at: number): boolean => at >= text.length || BEHIND[text.charCodeAt(at)] === 1;

/** The quote opens or closes a lone word, as in a list: 'or', 'select'. */
export function isQuotedWord(text: string, at: number, quote: number): boolean {
  if (!opensBehind(text, at)) return false;
  let end = at + 1;
  while (end - at < 20 && (text.charCodeAt(end) | 0x20) >= 0x61 && (text.charCodeAt(end) | 0x20) <= 0x7a) end++;
  return end > at + 1 && text.charCodeAt(end) === quote && closesBefore(text, end + 1);
}

/**
 * The quote closes a word that a statement in the text compares something with or gives somewhere: `where state = 'new'`.
 * A literal around the value would have ended at the word's first quote, and a word breaks what goes on there.
 */
export function closesOperand(text: string, at: number, quote: number): boolean {
  let open = at - 1;
  while (at - open < 20 && isLetter(text.charCodeAt(open))) open--;
  if (open === at - 1 || text.charCodeAt(open) !== quote) return false;
  let sign = open - 1;
  while (open - sign < 4 && text.charCodeAt(sign) === 0x20) sign--;
  const c = text.charCodeAt(sign);
  if (c !== 0x3d && c !== 0x3e && c !== 0x3c) return false;
  let name = sign - 1;
  while (sign - name < 4 && /[\s!<>=]/.test(text.charAt(name))) name--;
  return isWordPart(text.charCodeAt(name)) && text.lastIndexOf(String.fromCharCode(quote), open - 1) < 0;
}

/** Characters of a quotation that are looked at. */
const MAX_QUOTATION = 200;

/** Words that need something behind them: a fragment that ends in one goes on in the literal's own last quote. */
const NEEDING: ReadonlySet<number> = new Set([
  W_LOGIC,
  W_NOT,
  W_COMPARE,
  W_IS,
  W_IN,
  W_BETWEEN,
  W_RECKON,
  W_UNION,
  W_SELECT,
  W_FROM,
  W_CONDITION,
  W_BY,
  W_LIMIT,
  W_INTO,
  W_PREFIX,
  W_BRANCH,
  W_SUFFIX,
  W_SET,
]);

/**
 * The quote opens a quotation in a text, and the next closes it: `run "select 1" again`. What goes on behind a literal
 * has no such end: there an operator stands before the last quote, which is one with the literal's own, or a comment cuts
 * off what follows.
 */
export function isQuotation(text: string, at: number, quote: number): boolean {
  if (!opensBehind(text, at) || !isLetter(text.charCodeAt(at + 1))) return false;
  const most = Math.min(text.length, at + MAX_QUOTATION);
  for (let i = at + 1; i < most; i++) {
    const c = text.charCodeAt(i);
    // A value that is nothing but a quotation is no quotation in a text.
    if (c === quote) return (at > 0 || i + 1 < text.length) && closesBefore(text, i + 1) && isClosed(text, at + 1, i);
    const next = text.charCodeAt(i + 1);
    if (c === 0x23 || c === 0x3b || (c === 0x2d && next === 0x2d) || (c === 0x2f && next === 0x2a)) return false;
  }
  return false;
}

/** What stands between the quotes needs nothing behind it, and adds no columns to a result. */
function isClosed(text: string, from: number, to: number): boolean {
  if (to === from) return false;
  const last = text.charCodeAt(to - 1);
  if (!isWordPart(last) && !ENDS.includes(text[to - 1] as string)) return false;
  let end = from;
  while (end < to && isWordPart(text.charCodeAt(end))) end++;
  if (kindOf(text, from, end) === W_UNION) return false;
  let start = to;
  while (start > from && isWordPart(text.charCodeAt(start - 1))) start--;
  return !NEEDING.has(kindOf(text, start, to));
}

/** What quotations end in besides letters and digits. */
const ENDS = ')].!?:%>';

/** The first quote that is neither doubled nor backslashed; -1 where all are. */
export function firstUnescaped(text: string, from: number, quote: number): number {
  for (let at = from; at < text.length; at++) {
    if (text.charCodeAt(at) !== quote) continue;
    if (text.charCodeAt(at + 1) === quote) at++;
    else if (at === 0 || text.charCodeAt(at - 1) !== 0x5c) return at;
  }
  return -1;
}

/** Characters before a quote in which a word ends. */
const MAX_PREFIX = 64;

/** No white space stands before the quote, but at the very beginning. */
export function endsWord(text: string, at: number): boolean {
  if (at > MAX_PREFIX) return false;
  let i = 0;
  while (i < at && text.charCodeAt(i) <= 0x20) i++;
  for (; i < at; i++) if (text.charCodeAt(i) <= 0x20) return false;
  return true;
}
