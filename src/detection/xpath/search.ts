import type { Match, Sensitivity } from '../classes/class.ts';
import { F_AUTHORITY, F_CALL, F_QUOTE, F_SQL_LOGIC } from '../features.ts';
import { AT_END, BROKEN, ExpressionReader, IN_STRING } from './expression.ts';
import { searchXQuery } from './xquery.ts';

/** Without a quote, a call or a step nothing of XPath can be left or begun. */
export const XPATH_FEATURES = F_QUOTE | F_CALL | F_AUTHORITY | F_SQL_LOGIC;

const reader = new ExpressionReader();

const MAX_GAP = 16;
/** Tokens that close what stands around a literal, before a NUL. */
const MAX_CLOSES = 6;

const LEAVES = 'leaves the literal and adds a condition of XPath';
const PREDICATE = 'ends the predicate and selects other nodes';
const OUTSIDE = 'reads beyond the document';
const ASKS = 'asks the document about its structure';

/** What follows a quote that ended a literal: a sign, or a word that joins. */
const BEHIND =
  /[\s\u00a0]{0,16}(?:\(:[^:]{0,64}:\)[\s\u00a0]{0,16})?(?:[)\]|=<>!+*,/-]|(?:or|and|eq|ne|div|mod|union|intersect|except|return|is)(?![\w-]))/y;

/** What a value would do in an expression: in a literal, in the place of a number, or as an expression. */
export function searchXPath(text: string, features: number, sensitivity: Sensitivity): Match | undefined {
  if (features & F_QUOTE) {
    for (const quote of QUOTES) {
      const at = text.indexOf(quote);
      if (at < 0) continue;
      BEHIND.lastIndex = at + 1;
      if (!BEHIND.test(text)) continue;
      reader.read(text, at + 1, true);
      const why = weighQuoted(text, at, sensitivity);
      if (why !== undefined) return { start: at, end: Math.max(reader.lexer.end, at + 1), why };
    }
  }
  const found = bare(text, features, sensitivity);
  if (found !== undefined) return found;
  return features & (F_CALL | F_QUOTE | F_AUTHORITY) ? searchXQuery(text, sensitivity) : undefined;
}

const QUOTES = ["'", '"'] as const;

function weighQuoted(text: string, at: number, sensitivity: Sensitivity): string | undefined {
  const r = reader;
  if (r.outside > 0 && (r.logic > 0 || r.unions > 0 || r.closedPredicates > 0)) return OUTSIDE;
  // `'] | //user[...`: prose does not close a bracket and go on with a path.
  if (
    r.closedPredicates > 0 &&
    (r.unions > 0 || r.paths + r.steps > 0) &&
    (r.ended !== BROKEN || (r.unions > 0 && r.paths > 0))
  )
    return PREDICATE;
  if (r.unions > 0 && r.paths > 0 && r.ended !== BROKEN) return PREDICATE;
  if (r.closedPredicates > 0 && r.cut && r.tokens <= MAX_CLOSES) return PREDICATE;
  if (r.logic === 0 || r.ended === BROKEN) return undefined;
  // `' or 1 or '`: the literal's own end follows.
  if (r.ended === IN_STRING && r.lexer.start === text.length - 1 && (r.logic > 1 || endsWord(text, at))) return LEAVES;
  if (r.own > 0 || r.paths > 0) return LEAVES;
  if (r.common > 0 && (r.compares > 0 || r.ended === IN_STRING)) return LEAVES;
  if (r.constant > 0) return LEAVES;
  if (r.closedPredicates > 0 || (r.compares > 0 && r.ended === IN_STRING)) return LEAVES;
  if (r.common > 0) return sensitivity === 'low' ? undefined : LEAVES;
  return sensitivity === 'high' && r.compares > 0 ? LEAVES : undefined;
}

/** A word without white space ends at the quote: `root' or '`. */
function endsWord(text: string, at: number): boolean {
  if (at === 0) return false;
  for (let i = 0; i < at; i++) if (text.charCodeAt(i) <= 0x20) return false;
  return isLetter(text.charCodeAt(at - 1));
}

/** A number that goes on, or an expression of its own. */
function bare(text: string, features: number, sensitivity: Sensitivity): Match | undefined {
  let from = 0;
  while (from < text.length && from < MAX_GAP && text.charCodeAt(from) <= 0x20) from++;
  const c = text.charCodeAt(from);
  // `and count(/*)=1`: the number stands before the value.
  JOINS.lastIndex = from;
  const joins = JOINS.test(text);
  const number = joins || (c >= 0x30 && c <= 0x39) || c === 0x5d || c === 0x29 || c === 0x2d;
  const expression =
    features & (F_CALL | F_AUTHORITY) &&
    (isLetter(c) || c === 0x2a || c === 0x2f || c === 0x28 || c === 0x2e || c === 0x21);
  if (!number && !expression && c !== 0x7c) return undefined;
  const closes = c === 0x5d || c === 0x29 || c === 0x7c || joins;
  reader.read(text, from, closes);
  const r = reader;
  const match = (why: string): Match => ({ start: from, end: Math.max(r.lexer.end, from + 1), why });
  if (r.ended === BROKEN) return undefined;
  if (r.closedPredicates > 0 && r.unions > 0 && r.paths > 0) return match(PREDICATE);
  if (number || c === 0x7c) {
    if (r.outside > 0) return match(OUTSIDE);
    if ((r.closedPredicates > 0 || c === 0x7c) && r.paths > 0 && r.unions > 0) return match(PREDICATE);
    if (r.closedPredicates > 0 && r.paths + r.steps > 0 && text.charCodeAt(text.length - 1) !== 0x29)
      return match(PREDICATE);
    if (r.logic > 0 && (r.own > 0 || r.paths > 0 || (r.common > 0 && r.compares > 0)))
      return match('adds a condition of XPath');
    return r.logic > 0 && r.constant > 0 && r.closedPredicates > 0 ? match(LEAVES) : undefined;
  }
  if (sensitivity === 'low' || r.ended !== AT_END) return undefined;
  // A path alone is what scrapers and tests send; a question about paths is what blind injections ask.
  if (r.outside > 0 && REACHES.test(text)) return match(OUTSIDE);
  if (isLetter(c) && r.paths > 0 && (r.own > 0 || r.common > 0)) return match(ASKS);
  return undefined;
}

const JOINS = /(?:or|and)(?=[\s(])/y;

const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;

/** A function that leaves the document is given an address or a file. */
const REACHES =
  /(?:doc(?:-available|ument)?|collection|unparsed-text(?:-lines|-available)?|json-doc)\s{0,8}\(\s{0,8}(?:(?:fn:)?concat\s{0,8}\(\s{0,8})?["'](?:[a-z][a-z0-9+.-]{1,15}:|\/|\.\.|$)|environment-variable|[a-z]{2,12}:[a-z]/i;
