import type { Match, Sensitivity } from '../classes/class.ts';
import { codesOf } from '../features/codes.ts';
import { BROKEN, CLOSED, ExpressionLexer, FULL, T_COLON, T_DOT, T_NAME, T_STRING } from './lexer.ts';
import {
  ANGLE,
  AT,
  BLADE,
  BLOCK,
  COMMENT,
  DOLLAR,
  DOUBLE,
  isWordEnd,
  nextOpening,
  type Opener,
  openerAt,
  polyglotAt,
  runEnd,
  SET,
  SINGLE,
  SQUARE,
  SQUARE_VALUE,
  STAR,
  TILDE,
} from './openers.ts';
import { reachesFromName } from './reference.ts';
import { isSmartyTag, statementAt } from './statements.ts';
import { weighExpression, why } from './weigh.ts';
import { CODE, MAYBE, PLAIN, PROBE } from './weights.ts';

const lexer = new ExpressionLexer();

/** Characters read since the process began: what tests of cost count. */
export const templateSteps = (): number => lexer.steps;

/** How often the characters of a text are read, all expressions together, before it counts as made to wear the search out. */
const MAX_READS = 8;
const FREE_READS = 8192;
/** Characters of a literal of JavaScript before an expression in it; characters of a reference that are shown. */
const MAX_LITERAL = 200;
const MAX_SHOWN = 120;
/** White space and quotes around an expression that is the whole value. */
const MAX_MARGIN = 16;

/** The weight that harms at a level. */
export const weightAt = (sensitivity: Sensitivity): number =>
  sensitivity === 'low' ? CODE : sensitivity === 'default' ? PROBE : MAYBE;

/** The first expression of a text that would do harm where an engine met it. */
export function searchTemplate(text: string, sensitivity: Sensitivity): Match | undefined {
  const least = weightAt(sensitivity);
  const { length } = text;
  let ready = false;
  let budget = length * MAX_READS + FREE_READS;
  let afterRun = 0;
  const codes = codesOf(text);
  for (let at = nextOpening(codes, 0, length); at < length; at = nextOpening(codes, at + 1, length)) {
    const c = codes[at] as number;
    if (least <= PROBE && at >= afterRun) {
      const end = polyglotAt(text, at);
      if (end > at) return { start: at, end, why: 'tries which template engine breaks on it' };
      afterRun = runEnd;
    }
    const statement = statementAt(text, at, c, least);
    if (statement !== undefined) return statement;
    let opened = openerAt(text, at, c);
    if (opened === undefined) {
      if (c === 0x24 && reachesFromName(text, at + 1))
        return { start: at, end: Math.min(length, at + MAX_SHOWN), why: 'reaches classes of Java' };
      if (c === 0x23 && (text.startsWith('#set(', at) || text.startsWith('#set (', at))) opened = SET;
      else continue;
    }
    if (opened === SINGLE && !isSmartyTag(text, at)) continue;
    if (opened === COMMENT) continue;
    if (!ready) {
      lexer.reset(text);
      ready = true;
    }
    const from = behindModifiers(text, opened === SET ? text.indexOf('(', at) + 1 : at + opened.length, opened);
    const before = lexer.steps;
    let weight = weigh(text, at, from, opened);
    while (weight < CODE && lexer.ended === FULL) {
      lexer.readOn(opened.closer);
      weight = Math.max(weight, weighExpression(lexer, around(opened, false, false)));
    }
    if (weight >= least) return { start: at, end: Math.max(lexer.at, at + opened.length), why };
    budget -= lexer.steps - before;
    if (budget < 0) return { start: at, end: length, why: 'opens expressions within expressions to hide one' };
    // A run of braces opens once.
    if (opened === DOUBLE) while (text.charCodeAt(at + 2) === 0x7b) at++;
    if (opened !== DOLLAR) at += opened.length - 1;
    afterRun = Math.max(afterRun, at + 1);
  }
  return undefined;
}

const around = (opened: Opener, whole: boolean, inCode: boolean) => ({
  opener: opened.mark,
  whole,
  inCode,
  weak: opened.weak,
});

function weigh(text: string, at: number, from: number, opened: Opener): number {
  lexer.read(from, opened.closer);
  // In braces that mean anything else, only what is one expression.
  if (opened === SINGLE && (lexer.ended !== CLOSED || isComprehension())) return PLAIN;
  // What Python and C print in angle brackets, too: `<%s at %x>`.
  if (opened === ANGLE && lexer.ended !== CLOSED && isWordEnd(text.charCodeAt(at + 2))) return PLAIN;
  const whole =
    (lexer.ended === CLOSED || lexer.at >= text.length || lexer.ended === BROKEN) && isWhole(text, at, lexer.at);
  const inCode = opened === DOLLAR && !whole && standsInCode(text, at);
  const weight = weighExpression(lexer, around(opened, whole, inCode));
  if (weight !== PROBE || opened === DOUBLE || opened === DOLLAR)
    return isObject(opened) && weight < CODE ? PLAIN : weight;
  // Where the marks are of other uses too, a calculation counts as a whole value only.
  if (!whole && (opened === SINGLE || opened === SQUARE || opened === TILDE || opened === SQUARE_VALUE)) return MAYBE;
  if (!whole && (opened === STAR || opened === AT) && isWordBefore(text, at)) return MAYBE;
  return weight;
}

const MODIFIER = new Uint8Array(128);
for (const each of '{=-#&!^>~/+@') MODIFIER[each.charCodeAt(0)] = 1;

/** Signs behind an opening mark that say how, not what: `{{- x -}}`, `{{{x}}}`, `<%= x %>`, `{{#if x}}`. */
function behindModifiers(text: string, from: number, opened: Opener): number {
  let at = from;
  if (
    opened === DOUBLE ||
    opened === ANGLE ||
    opened === BLOCK ||
    opened === DOLLAR ||
    opened === SQUARE ||
    opened === BLADE
  ) {
    for (let n = 0; n < MAX_MARGIN; n++, at++) {
      const c = text.charCodeAt(at);
      if (c >= 128 || MODIFIER[c] === 0 || (c === 0x40 && opened === DOUBLE)) break;
      if ((c === 0x7b && opened !== DOUBLE) || (c === 0x23 && text.charCodeAt(at + 1) === 0x7b)) break;
    }
  } else if (opened === SINGLE && text.charCodeAt(at) === 0x3d) at++;
  return at;
}

/** A dictionary or a set of Python, or a function of Vim: `{k: os.getenv(k) for k in names}`. */
function isComprehension(): boolean {
  const { kinds, starts, ends, text, count } = lexer;
  // A lambda: `{-> x}`
  if (kinds[0] === T_DOT) return true;
  for (let i = 1; i < count; i++)
    if (kinds[i] === T_NAME && text.slice(starts[i], Math.min(ends[i] as number, (starts[i] as number) + 4)) === 'for')
      return true;
  return false;
}

/** An object of JavaScript in braces of JSX: `style={{ width: 2 * 3 }}`. */
const isObject = (opened: Opener): boolean =>
  opened === DOUBLE && (lexer.kinds[0] === T_NAME || lexer.kinds[0] === T_STRING) && lexer.kinds[1] === T_COLON;

/** Nothing but white space and quotes around it. */
function isWhole(text: string, start: number, end: number): boolean {
  if (start > MAX_MARGIN || text.length - end > MAX_MARGIN) return false;
  for (let at = 0; at < start; at++) if (!isMargin(text.charCodeAt(at))) return false;
  for (let at = end; at < text.length; at++) if (!isMargin(text.charCodeAt(at))) return false;
  return true;
}

const isMargin = (c: number): boolean =>
  c <= 0x20 || c === 0x22 || c === 0x27 || c === 0x7d || c === 0x7b || c === 0x60 || c === 0x2b;

const isWordBefore = (text: string, at: number): boolean => at > 0 && text.charCodeAt(at - 1) > 0x20;

/** A backtick opens before it: a literal of JavaScript. */
function standsInCode(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - MAX_LITERAL), at);
  return before.includes('`');
}
