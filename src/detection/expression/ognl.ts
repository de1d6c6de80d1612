import { type ExpressionLexer, T_ASSIGN, T_AT, T_DOT, T_HASH, T_NAME, T_OPEN } from '../template/lexer.ts';
import { CODE, PLAIN, PROBE } from '../template/weights.ts';

/** Variables of OGNL behind which its guards are. */
const GUARDS = /^(?:_memberaccess|context|ognlutil|container|_classresolver|_typeresolver)$/i;
/** Variables that the Struts value stack gives. */
const STACK = /^(?:application|attr|parameters|root|valuestack|servletcontext|req|res|response)$/i;
/** Characters of a variable's name. */
const MAX_NAME = 32;

/** What an expression does that only OGNL has: its guards, static members (`@a.b.C@d`), variables that are assigned. */
export function weighOgnl(lexer: ExpressionLexer): number {
  const { kinds, starts, text, count } = lexer;
  let weight = PLAIN;
  for (let i = 0; i < count; i++) {
    if (kinds[i] === T_HASH && kinds[i + 1] === T_NAME) {
      const start = starts[i + 1] as number;
      const name = text.slice(start, Math.min(lexer.ends[i + 1] as number, start + MAX_NAME));
      if (GUARDS.test(name)) weight = CODE;
      else if (kinds[i + 2] === T_ASSIGN && kinds[i - 1] === T_OPEN) weight = CODE;
      else if (STACK.test(name)) weight = Math.max(weight, PROBE);
    } else if (kinds[i] === T_AT && kinds[i + 1] === T_NAME && kinds[i + 2] === T_DOT) {
      let at = i + 2;
      while (kinds[at] === T_DOT && kinds[at + 1] === T_NAME) at += 2;
      if (kinds[at] === T_AT && kinds[at + 1] === T_NAME) weight = CODE;
    }
    if (weight === CODE) break;
  }
  return weight;
}
