import { CALLS, COMPUTES, constantsOnly, RANGE } from './constants.ts';
import { CLOSED, type ExpressionLexer, T_ASSIGN, T_DOT, T_NAME, T_OPEN } from './lexer.ts';
import { ROOTS } from './names.ts';
import { reach } from './reach.ts';
import { type Around, MAYBE, PLAIN, PROBE } from './weights.ts';

/** Why `weighExpression` said what it said. */
export let why = '';

/** What the expression that a lexer has read would do where a template engine met it. */
export function weighExpression(lexer: ExpressionLexer, around: Around): number {
  const reached = reach(lexer, around);
  let weight = reached.weight;
  why = reached.why;
  if (weight >= PROBE || lexer.count === 0) return weight;
  const { ended, text, kinds, starts, ends, count } = lexer;
  const finished = ended === CLOSED || (around.whole && !around.weak);
  if (finished) {
    // `#set($x = 7*7)`: what is assigned.
    const assigned = around.opener === '#set(' && kinds[1] === T_ASSIGN ? 2 : 0;
    const constants = constantsOnly(lexer, assigned);
    if (constants === COMPUTES || (constants === RANGE && around.whole && !around.weak)) {
      why = 'has a template calculate';
      return around.inCode ? MAYBE : PROBE;
    }
    if (constants === CALLS) {
      why = 'calls a method of a literal in a template';
      return around.inCode || around.weak ? MAYBE : PROBE;
    }
    if (ended === CLOSED && around.whole && around.opener === '{{' && count === 1 && kinds[0] === T_NAME) {
      if (ROOTS.has(text.slice(starts[0] as number, ends[0] as number).toLowerCase())) {
        why = 'shows an object of the framework';
        return PROBE;
      }
    }
  }
  if (weight === PLAIN && callsSomething(lexer)) {
    why = 'calls something from a template';
    weight = MAYBE;
  }
  return weight;
}

function callsSomething({ kinds, count }: ExpressionLexer): boolean {
  for (let i = 1; i < count; i++)
    if (kinds[i] === T_OPEN && (kinds[i - 1] === T_NAME || kinds[i - 1] === T_DOT)) return true;
  return false;
}
