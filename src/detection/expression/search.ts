import type { Match, Place, Sensitivity } from '../classes/class.ts';
import type { Form } from '../forms.ts';
import { COMPUTES, constantsOnly } from '../template/constants.ts';
import { CLOSED, ExpressionLexer, FULL } from '../template/lexer.ts';
import { DOLLAR, HASH, type Opener, openerAt, PERCENT, STAR } from '../template/openers.ts';
import { weightAt } from '../template/search.ts';
import { weighExpression, why } from '../template/weigh.ts';
import { CODE, PLAIN, PROBE } from '../template/weights.ts';
import { searchBare } from './bare.ts';
import { resolveLookups } from './lookups.ts';
import { weighOgnl } from './ognl.ts';

const lexer = new ExpressionLexer();

/** Characters read since the process began: what tests of cost count. */
export const expressionSteps = (): number => lexer.steps;

/** How often the characters of a text are read, all expressions together, before it counts as made to wear the search out. */
const MAX_READS = 8;
const FREE_READS = 8192;
/** Characters of a literal of JavaScript before an expression in it. */
const MAX_LITERAL = 200;
/** White space around an expression that is the whole value. */
const MAX_MARGIN = 16;
/** Scopes and contexts of Java's expression languages, which nobody means by a placeholder. */
const SCOPES =
  /^(?:pageContext|pageScope|requestScope|sessionScope|applicationScope|initParam|facesContext|externalContext)$/;

/** The first expression or lookup of a text that would do harm where one of Java's languages met it. */
export function searchExpression({ text, features }: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const least = weightAt(sensitivity);
  return (
    searchLookups(text, place, least) ?? searchDelimited(text, least) ?? searchBare(text, features, place.key, least)
  );
}

function searchLookups(text: string, { source }: Place, least: number): Match | undefined {
  const start = text.indexOf('${');
  if (start < 0 || text.indexOf(':', start) < 0) return undefined;
  const { reaches, hides, asks } = resolveLookups(text);
  const end = text.length;
  if (reaches === 'jndi') return { start, end, why: 'has a logger look a name up elsewhere' };
  if (reaches === 'script') return { start, end, why: 'runs a script from a lookup' };
  if (least > PROBE) return undefined;
  if (reaches !== '') return { start, end, why: 'fetches something from a lookup' };
  if (hides) return { start, end, why: 'spells something by lookups to hide it' };
  // Settings files have it too: `${env:HOME}`.
  if (asks && (source !== 'body' || least < PROBE)) return { start, end, why: 'asks for what the server keeps' };
  return undefined;
}

function searchDelimited(text: string, least: number): Match | undefined {
  let ready = false;
  let budget = text.length * MAX_READS + FREE_READS;
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1)) {
    const start = at - 1;
    const opened = start < 0 ? undefined : openerAt(text, start, text.charCodeAt(start));
    if (opened !== DOLLAR && opened !== HASH && opened !== PERCENT && opened !== STAR) continue;
    if (!ready) {
      lexer.reset(text);
      ready = true;
    }
    const before = lexer.steps;
    lexer.read(at + 1, opened.closer);
    let weight = weigh(text, start, opened);
    while (weight < CODE && lexer.ended === FULL) {
      lexer.readOn(opened.closer);
      weight = Math.max(weight, weigh(text, start, opened));
    }
    if (weight >= least) return { start, end: Math.max(lexer.at, at + 1), why: reason };
    budget -= lexer.steps - before;
    if (budget < 0) return { start, end: text.length, why: 'opens expressions within expressions to hide one' };
  }
  return undefined;
}

let reason = '';

function weigh(text: string, start: number, opened: Opener): number {
  const ognl = weighOgnl(lexer);
  reason = 'reaches the guards of OGNL';
  if (ognl === CODE) return ognl;
  const whole = start <= MAX_MARGIN && text.length - lexer.at <= MAX_MARGIN && isBlank(text, start);
  const inCode = opened === DOLLAR && !whole && text.slice(Math.max(0, start - MAX_LITERAL), start).includes('`');
  // STAR is LaTeX's too, behind a word; `openerAt` has left those out.
  const weight = weighExpression(lexer, { opener: opened.mark, whole, inCode, weak: opened.weak });
  reason = why;
  if (weight >= PROBE) return opened.weak && weight === PROBE && !calculates(opened) ? PLAIN : weight;
  if (whole && lexer.count > 0 && SCOPES.test(text.slice(lexer.starts[0], lexer.ends[0]))) {
    reason = 'shows what the application keeps to itself';
    return PROBE;
  }
  return Math.max(weight, ognl);
}

const calculates = (opened: Opener): boolean =>
  opened.weak && lexer.ended === CLOSED && constantsOnly(lexer) === COMPUTES;

/** White space and at most a few characters of another language's mark before it. */
const isBlank = (text: string, end: number): boolean => {
  for (let at = 0; at < end; at++) if (text.charCodeAt(at) > 0x20) return false;
  return true;
};
