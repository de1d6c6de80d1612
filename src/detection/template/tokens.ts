import { type ExpressionLexer, T_ARITHMETIC, T_COMMA, T_DOT, T_INDEX, T_NAME, T_STRING } from './lexer.ts';

/** Characters of a name or a string that are compared with the tables. */
const MAX_NAME = 48;
/** Parts of a dotted name, and literals in a row, that are put together. */
const MAX_PARTS = 16;
/** Characters of a dotted name. */
const MAX_DOTTED = 200;

/** The expression that is being weighed. */
export let lexer: ExpressionLexer;
export function weighing(read: ExpressionLexer): void {
  lexer = read;
}

export const kindAt = (i: number): number => (i < 0 ? 0 : (lexer.kinds[i] as number));

/** A name in lower case. */
export const wordAt = (i: number): string => {
  const start = lexer.starts[i] as number;
  return lexer.text.slice(start, Math.min(lexer.ends[i] as number, start + MAX_NAME)).toLowerCase();
};

/** A string without its quotes, joined with the literals that are added to it or stand in a list with it; in lower case. */
export function stringAt(i: number): string {
  let joined = '';
  const inList = kindAt(i - 1) === T_INDEX;
  for (let at = i, part = 0; part < MAX_PARTS && joined.length < MAX_NAME; part++) {
    const start = (lexer.starts[at] as number) + 1;
    joined += lexer.text.slice(start, Math.min((lexer.ends[at] as number) - 1, start + MAX_NAME));
    const sign = kindAt(at + 1);
    const apart = sign === T_ARITHMETIC || (sign === T_COMMA && inList) ? 2 : 1;
    if (kindAt(at + apart) !== T_STRING) break;
    at += apart;
  }
  return joined.replace(/\\+$/, '').toLowerCase();
}

/** The dotted name that begins at a token. */
export function dottedAt(i: number): string {
  let last = i;
  for (let n = 1; n < MAX_PARTS && kindAt(last + 1) === T_DOT && kindAt(last + 2) === T_NAME; n++) last += 2;
  const start = lexer.starts[i] as number;
  return lexer.text.slice(start, Math.min(lexer.ends[last] as number, start + MAX_DOTTED)).replace(/\s+/g, '');
}
