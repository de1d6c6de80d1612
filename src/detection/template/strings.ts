import { T_ARITHMETIC, T_ASSIGN, T_COMMA, T_COMPARE, T_INDEX, T_NAME, T_OPEN, T_STRING } from './lexer.ts';
import { CLASS_NAME, CODE_TEXT, INTERNALS, JAVA_PACKAGE, JAVA_SHOWN } from './names.ts';
import { HIDES, INTERNAL, JAVA, MAKES, MIGHT, NOWHERE, type Reached, RUNS } from './reached.ts';
import { kindAt, lexer, stringAt } from './tokens.ts';
import type { Around } from './weights.ts';

/** Characters of a string in which code is looked for. */
const MAX_CODE = 2048;

/** Names and code in strings. */
export function literal(i: number, around: Around): Reached {
  const start = lexer.starts[i] as number;
  const end = lexer.ends[i] as number;
  const before = kindAt(i - 1);
  const next = kindAt(i + 1);
  // A name that is compared is only asked about; in weak braces a list or a set holds it.
  if (before === T_COMPARE || next === T_COMPARE || (around.weak && before !== T_INDEX && before !== T_OPEN))
    return NOWHERE;
  if (end - start <= 200 || next === T_STRING || next === T_ARITHMETIC || next === T_COMMA) {
    const value = stringAt(i);
    if (value.charCodeAt(0) === 0x5f && INTERNALS.has(value)) return INTERNAL;
    if (
      value === 'constructor' &&
      (before === T_INDEX || before === T_NAME || before === T_ASSIGN || before === T_COMMA || before === T_OPEN)
    )
      return MAKES;
    if (next === T_INDEX && kindAt(i + 2) === T_STRING && INTERNALS.has(stringAt(i + 2))) return INTERNAL;
  }
  if (end - start < MAX_CODE && CODE_TEXT.test(lexer.text.slice(start, end)) && !around.weak) return RUNS;
  // The name of a class given to what makes one: "freemarker.template.utility.Execute"?new()
  if (end - start < 200 && before === T_OPEN && kindAt(i - 2) === T_NAME) {
    const value = lexer.text.slice(start + 1, end - 1);
    if (CLASS_NAME.test(value) && JAVA_PACKAGE.test(value) && !JAVA_SHOWN.test(value))
      return around.inCode ? MIGHT : JAVA;
  }
  // Strings multiplied or formatted into a name: '_'*2, '%c'|format(95)
  if (before === T_INDEX && next === T_ARITHMETIC && around.opener === '{{' && kindAt(i + 2) !== T_NAME) return HIDES;
  return NOWHERE;
}
