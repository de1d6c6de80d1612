import type { Match, Sensitivity } from '../classes/class.ts';
import { F_BREAK, F_CUT, F_QUOTE, F_SQL_COMPARE, F_SQL_LOGIC, F_SQL_STRONG } from '../features.ts';
import { isDigit } from './characters.ts';
import {
  ANCHORED,
  AT_COMMENT,
  AT_END,
  AT_SEMICOLON,
  BROKEN,
  DANGLING,
  FLOATING,
  IN_STRING,
  QUOTED,
} from './evidence.ts';
import { Fragment } from './fragment.ts';
import { SqlLexer, T_CLOSE, T_NUMBER, T_OPEN_STRING, T_STRING, T_VARIABLE, T_WORD } from './lexer.ts';
import { Places } from './places.ts';
import { closesOperand, endsWord, firstUnescaped, isQuotation, isQuotedWord } from './quotes.ts';
import { LIST, LIST_FROM, lookedAhead, probed, selectShape } from './shapes.ts';
import { skipPlain, skipQuiet } from './skip.ts';
import { statementShape } from './statements.ts';
import { W_SELECT } from './words.ts';

const lexer = new SqlLexer();
const been = new Places();
const fragment = new Fragment();

/** Tokens read since the process began: what tests of cost count. */
export const sqlSteps = (): number => lexer.steps + lookedAhead();

/** Quotes of one kind behind which the rest is read: prose has many, an injection needs the first. */
const MAX_QUOTES = 12;
/** Tokens that reading behind later quotes may cost, for each character. */
const LATER_STEPS = 2;

/** What a text would do in a statement. See the class for the idea; here is the order of questions. */
export function searchSql(text: string, features: number, sensitivity: Sensitivity): Match | undefined {
  been.reset(text.length);
  if (features & F_BREAK || (features & F_QUOTE && features & F_SQL_STRONG)) {
    // What begins as JSON leaves a literal in double quotes at once, and goes on as no SQL: its strings are asked one by one.
    const found =
      quoted(text, features, 0x27, sensitivity) ??
      (isStructure(text) ? undefined : quoted(text, features, 0x22, sensitivity));
    if (found !== undefined) return found;
  }
  return wantsBare(features) ? bare(text, sensitivity) : undefined;
}

const isStructure = (text: string): boolean => text.charCodeAt(0) === 0x7b || text.charCodeAt(0) === 0x5b;

/** Without one of these a text stays where it is put. */
export const SQL_FEATURES = F_BREAK | F_SQL_STRONG | F_CUT | F_SQL_LOGIC;

/** Whether a search is worth its while. */
export const wantsSql = (features: number): boolean => (features & F_BREAK) !== 0 || wantsBare(features);

const wantsBare = (features: number): boolean =>
  (features & (F_SQL_STRONG | F_CUT)) !== 0 || ((features & F_SQL_LOGIC) !== 0 && (features & F_SQL_COMPARE) !== 0);

function quoted(text: string, features: number, quote: number, sensitivity: Sensitivity): Match | undefined {
  const mark = quote === 0x27 ? "'" : '"';
  const first = text.indexOf(mark);
  if (first < 0) return undefined;
  const listed = isQuotedWord(text, first, quote) || isQuotation(text, first, quote);
  let why = listed ? undefined : (behind(text, first) ?? weigh(text, first, quote, sensitivity));
  if (why !== undefined) return { start: first, end: Math.max(lexer.end, first + 1), why };
  // Where the statement doubles or escapes quotes, the first one alone is what leaves the literal.
  const real = firstUnescaped(text, first, quote);
  if (real > first && !isQuotedWord(text, real, quote) && !isQuotation(text, real, quote)) {
    why = behind(text, real) ?? weigh(text, real, quote, sensitivity);
    if (why !== undefined) return { start: real, end: Math.max(lexer.end, real + 1), why };
  }
  // A statement may follow that the literal's own is no part of.
  if (features & F_SQL_STRONG) {
    const found = scan(text, first + 1, FLOATING, sensitivity);
    if (found !== undefined) return found;
  }
  if ((features & (F_SQL_STRONG | F_SQL_LOGIC)) === 0) return undefined;
  let budget = text.length * LATER_STEPS + 64;
  let at = text.indexOf(mark, first + 1);
  for (let i = 0; i < MAX_QUOTES && at >= 0 && budget > 0; i++, at = text.indexOf(mark, at + 1)) {
    if (isQuotedWord(text, at, quote) || isQuotation(text, at, quote) || closesOperand(text, at, quote)) continue;
    const before = lexer.steps;
    why = behind(text, at);
    if (why !== undefined && sensitivity !== 'low') return { start: at, end: Math.max(lexer.end, at + 1), why };
    budget -= lexer.steps - before;
  }
  return undefined;
}

function behind(text: string, at: number): string | undefined {
  lexer.reset(text, at + 1, text.length);
  fragment.read(lexer, QUOTED, true);
  return fragment.why;
}

/** What the last fragment means behind a quote where nothing in it was enough by itself. */
function weigh(text: string, at: number, quote: number, sensitivity: Sensitivity): string | undefined {
  const f = fragment;
  const word = endsWord(text, at);
  const inch = quote === 0x22 && at > 0 && isDigit(text.charCodeAt(at - 1));
  const high = sensitivity === 'high';
  switch (f.ended) {
    case IN_STRING:
      // The string that is open must be one with the literal around the value.
      if (lexer.word !== quote) return undefined;
      if (f.logic > 0 && (f.hasOp || f.compares > 0 || word || high)) return 'leaves the literal and adds a condition';
      if ((f.direct || f.reckons > 0) && (word || high) && !inch && (!f.worded || at > 0) && !isMark(text, at))
        return 'leaves the literal and reckons with it';
      return undefined;
    case AT_COMMENT:
      if (f.logic > 0 || f.direct || f.reckons > 0) {
        if (word || f.compares > 0 || f.constants > 0 || high) return 'leaves the literal and cuts off the rest';
        return undefined;
      }
      if (f.clause) return f.numbered || word || high ? 'leaves the literal and cuts off the rest' : undefined;
      if (f.closes > 0 || (word && !inch) || high)
        return cutsShort(text, at > 0) || high ? 'leaves the literal and cuts off the rest' : undefined;
      return undefined;
    case AT_SEMICOLON:
      if (f.logic > 0 && (f.compares > 0 || f.constants > 0)) return 'leaves the literal and ends the statement';
      return restIsComment(text) && word ? 'leaves the literal and ends the statement' : undefined;
    case AT_END:
      if (f.logic > 0 && f.compares > 0) return 'leaves the literal and adds a condition';
      if (f.logic > 0 && f.constants > 0 && (word || high)) return 'leaves the literal and adds a condition';
      if (f.clause && f.numbered && (word || high)) return 'leaves the literal and probes the statement';
      return undefined;
    case DANGLING:
      if (f.logic > 0 && (f.compares > 0 || f.constants > 0)) return 'leaves the literal and adds a condition';
      return high && f.logic > 0 ? 'leaves the literal and adds a condition' : undefined;
    default:
      if (f.logic > 0 && f.compares > 0 && (word || high)) return 'leaves the literal and adds a condition';
      return undefined;
  }
}

/** A lone wildcard in quotes, a quote that opens an argument, or a row of quotes: reckoned with by nobody. */
function isMark(text: string, at: number): boolean {
  if (text === '"*"') return true;
  const rest = text.length - lexer.start;
  if (rest > 2 && text.charCodeAt(lexer.start + 1) === lexer.word && text.charCodeAt(lexer.start + 2) === lexer.word)
    return true;
  return at > 0 && /[(,=[{]/.test(text[at - 1] as string);
}

/** Behind the comment mark stands little, and no word unless one stands before the quote: what is cut off is the statement's rest. */
function cutsShort(text: string, words: boolean): boolean {
  if (text.length - lexer.start > 24) return false;
  if (words) return true;
  for (let at = lexer.start; at < text.length; at++) if ((text.charCodeAt(at) | 0x20) >= 0x61) return false;
  return true;
}

/** Nothing stands behind the comment mark. */
function cutsAll(text: string): boolean {
  const rest = text.slice(lexer.start, lexer.start + 8).trimEnd();
  return (
    lexer.start + 8 >= text.trimEnd().length && (rest === '--' || rest === '-- -' || rest === '#' || rest === '/*')
  );
}

function restIsComment(text: string): boolean {
  let at = lexer.end;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  const c = text.charCodeAt(at);
  return (
    c === 0x23 || (c === 0x2d && text.charCodeAt(at + 1) === 0x2d) || (c === 0x2f && text.charCodeAt(at + 1) === 0x2a)
  );
}

/** The value as it stands: in the place of a number, or as a statement. */
function bare(text: string, sensitivity: Sensitivity): Match | undefined {
  lexer.reset(text, 0, text.length);
  const whole = wholeStatement(text, sensitivity);
  if (whole !== undefined) return { start: 0, end: Math.min(text.length, 120), why: whole };
  return scan(text, 0, ANCHORED, sensitivity);
}

/** Reads fragment after fragment from a place to the end of the text. */
function scan(text: string, from: number, first: number, sensitivity: Sensitivity): Match | undefined {
  const limit = text.length;
  let at = from;
  let mode = first;
  lexer.reset(text, at, limit);
  let after = false;
  let told = at;
  while (at < limit) {
    if (mode === FLOATING && !after) {
      if (at >= told) {
        at = skipQuiet(lexer, at);
        told = lexer.end;
        lexer.back();
      }
      at = skipPlain(lexer, at);
      if (at >= limit) return undefined;
      // Behind one quote, another, and from the beginning: where the readings meet, they go on as one.
      if (lexer.fresh && been.at(at)) return undefined;
    }
    lexer.at = at;
    const start = at;
    fragment.read(lexer, mode, after);
    const { why, ended, tokens } = fragment;
    if (why !== undefined) {
      if (mode === FLOATING && sensitivity === 'low') return undefined;
      return { start, end: Math.max(lexer.end, start + 1), why };
    }
    if (mode === ANCHORED) {
      const found = weighBare(text, sensitivity);
      if (found !== undefined) return { start: 0, end: Math.max(lexer.end, 1), why: found };
    }
    mode = FLOATING;
    if (ended === AT_SEMICOLON) {
      at = Math.max(fragment.stop + 1, start + 1);
      after = false;
      continue;
    }
    if (ended !== BROKEN) return undefined;
    if (tokens > 1 || after) {
      at = fragment.stop;
      after = false;
    } else {
      at = Math.max(fragment.stopEnd, start + 1);
      after = isOperand(fragment.stopKind);
    }
  }
  return undefined;
}

const isOperand = (kind: number): boolean =>
  kind === T_NUMBER || kind === T_STRING || kind === T_WORD || kind === T_VARIABLE || kind === T_CLOSE;

/** The value is a statement of its own from its first word. */
function wholeStatement(text: string, sensitivity: Sensitivity): string | undefined {
  if (sensitivity === 'low') return undefined;
  if (/^\s{0,20}\*\//.test(text)) lexer.at = text.indexOf('/') + 1;
  lexer.next();
  while (lexer.start < 64 && !(lexer.kind === T_WORD) && lexer.kind !== 0 && text.charCodeAt(lexer.start) === 0x28)
    lexer.next();
  if (lexer.kind !== T_WORD) return undefined;
  if (lexer.word === W_SELECT) {
    const shape = selectShape(text, lexer.end, text.length);
    return shape >= LIST_FROM || (shape === LIST && probed) ? 'is a statement that reads' : undefined;
  }
  // "delete from cart" is a label; a statement says which, or ends.
  if (/^\s{0,20}delete\s/i.test(text) && !/where|;|--|#|\/\*/i.test(text)) return undefined;
  return statementShape(text, lexer.start, text.length);
}

/** What an expression from the beginning of the value means, set in the place of a number. */
function weighBare(text: string, sensitivity: Sensitivity): string | undefined {
  const f = fragment;
  const high = sensitivity === 'high';
  const number = startsAsNumber(text);
  switch (f.ended) {
    case AT_END:
      if (f.asks > 0 && f.calls > (text.includes('@@') ? 0 : 1) && f.names <= 0)
        return 'asks the database about itself';
      if (f.logic > 0 && f.calls > 0 && f.tokens < 16 && startsWithLogic(text)) return 'adds a condition';
      if (f.probes > 1 && f.symbols > 0) return 'puts text together as injections do';
      if (!number && !high) return undefined;
      if (f.logic > 0 && f.calls + f.constants > 0 && (f.clause || text.includes('/*!'))) return 'adds a condition';
      if (f.probes > 0 && f.reckons > 0 && f.calls > 0 && f.names <= 0) return 'asks a blind question';
      if ((f.logic > f.symbols || isNullTest(text)) && f.compares > 0 && !/^\s{0,20}[(@]/.test(text))
        return 'adds a condition';
      if (f.logic > 0 && f.calls > 0) return 'adds a condition';
      if ((f.chosen && f.logic > 0) || f.probes > 1) return 'asks a blind question';
      if (f.clause && f.calls > 0) return 'probes the statement';
      if (f.dangling && (/\/\*|--|#/.test(text) || text.trimStart().startsWith('-'))) return 'probes the statement';
      return f.clause && f.numbered ? 'probes the statement' : undefined;
    case AT_COMMENT:
    case AT_SEMICOLON:
      if (f.logic > 0 && (f.compares > 0 || f.constants > 0) && (number || startsWithLogic(text))) {
        if (f.ended === AT_COMMENT || restIsComment(text)) return 'adds a condition and cuts off the rest';
      }
      if (f.ended === AT_COMMENT && f.dangling && f.opensQuery) return 'probes the statement';
      if (f.ended !== AT_COMMENT || (!number && !high)) return undefined;
      if ((f.clause && f.numbered) || f.dangling) return 'probes the statement';
      if (f.logic > 0 && cutsAll(text)) return 'adds a condition and cuts off the rest';
      if (f.closes > 0 && cutsShort(text, false)) return 'cuts off the rest of the statement';
      return f.names <= 0 && f.commas === 0 && f.tokens > 1 && cutsAll(text)
        ? 'cuts off the rest of the statement'
        : undefined;
    case BROKEN:
      if (f.logic > 0 && f.constantLeft && lexer.kind === T_OPEN_STRING) return 'adds a condition';
      // `and 1=convert(int, ...` with something that is no SQL behind it
      if (!number) return undefined;
      if (f.logic > 0 && ((f.constantLeft && f.opened > 0) || f.probes > 0)) return 'adds a condition';
      return undefined;
    case DANGLING:
      return number && f.clause && f.logic > 0 && f.constants > 0 ? 'adds a condition' : undefined;
    default:
      return undefined;
  }
}

/** A digit, a sign, a parenthesis, or nothing but a word that joins, stands first. */
function startsAsNumber(text: string): boolean {
  let at = 0;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  const c = text.charCodeAt(at);
  if (c === 0x2e) return isDigit(text.charCodeAt(at + 1));
  return isDigit(c) || c === 0x2d || c === 0x28 || c === 0x29 || c === 0x40 || (at > 0 && c > 0x40) || isOrder(text);
}

const startsWithLogic = (text: string): boolean => /^\s{0,20}(?:or|and|xor|\|\||&&)(?![\w-])/i.test(text);
const isNullTest = (text: string): boolean => /\bis\s{1,8}(?:not\s{1,8})?null\s{0,8}$/i.test(text.slice(-40));
const isOrder = (text: string): boolean => /^\s{0,20}(?:order|group|limit|case)\b/i.test(text);
