import { T_BRACE_END, T_CLOSE, T_DOT, T_INDEX_END, T_NAME, T_OPEN, T_STRING } from './lexer.ts';
import { JAVA_PACKAGE, JAVA_SHOWN } from './names.ts';
import { INTERNAL, JAVA, NOWHERE, type Reached, RUNS, reached, SHOWS } from './reached.ts';
import { dottedAt, kindAt, lexer, wordAt } from './tokens.ts';
import { type Around, PROBE } from './weights.ts';

/** `''.class`, `[].class` */
export const classOfLiteral = (i: number): Reached => {
  const owner = kindAt(i - 2);
  return kindAt(i - 1) === T_DOT && (owner === T_STRING || owner === T_INDEX_END || owner === T_BRACE_END)
    ? reached(PROBE, 'asks for the class of a literal')
    : NOWHERE;
};

/** `T(java.lang.Runtime)`, `T(String)` */
export function springType(i: number): Reached {
  const name = dottedAt(i);
  if (name.includes('.')) return JAVA_PACKAGE.test(name) || /^(?:java|javax|com|org)\./.test(name) ? JAVA : NOWHERE;
  return /^(?:String|Runtime|System|Thread|Class|Character|Math|Integer|ProcessBuilder|ClassLoader)$/.test(name) &&
    kindAt(i + 1) === T_CLOSE
    ? JAVA
    : NOWHERE;
}

/** A class of Java by its full name, followed by what uses it. */
export function javaName(i: number): Reached {
  const name = dottedAt(i);
  return JAVA_PACKAGE.test(name) && !JAVA_SHOWN.test(name) ? JAVA : NOWHERE;
}

/** FreeMarker's `"..."?new()`, `x?api.class`, `x?eval`, `x?interpret`. */
export function builtIn(i: number, name: string, next: number): Reached {
  if (lexer.starts[i] !== lexer.ends[i - 1]) return NOWHERE;
  if (name === 'new') return next === T_OPEN ? INTERNAL : NOWHERE;
  if (name === 'api') return next === T_DOT ? INTERNAL : NOWHERE;
  return (name === 'eval' || name === 'interpret' || name === 'eval_json') &&
    next !== T_OPEN &&
    kindAt(i - 2) === T_STRING
    ? RUNS
    : NOWHERE;
}

/** FreeMarker's own variables, which begin with a dot. */
export function special(i: number, { opener }: Around): Reached {
  if (opener === '{{' || opener === '{' || kindAt(i + 1) !== T_NAME) return NOWHERE;
  const before = kindAt(i - 1);
  if (before === T_CLOSE || before === T_INDEX_END || before === T_STRING || before === T_BRACE_END) return NOWHERE;
  if (before === T_NAME && lexer.ends[i - 1] === lexer.starts[i]) return NOWHERE;
  return /^(?:data_model|vars|globals|locals|main|version|namespace|template_name|current_template_name|output_format)$/.test(
    wordAt(i + 1),
  )
    ? SHOWS
    : NOWHERE;
}
