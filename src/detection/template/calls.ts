import {
  T_BACKTICK,
  T_CLOSE,
  T_DOT,
  T_INDEX_END,
  T_NAME,
  T_NUMBER,
  T_OPEN,
  T_OTHER,
  T_PIPE,
  T_STRING,
} from './lexer.ts';
import { CALLBACKS, CALLING, CODE_FUNCTIONS, COMMON_FUNCTIONS } from './names.ts';
import { MIGHT, NOWHERE, type Reached, RUNS, reached } from './reached.ts';
import { kindAt, lexer, stringAt, wordAt } from './tokens.ts';
import { type Around, PROBE } from './weights.ts';

/** `system('id')`, `x|system`, `['id']|map('system')`. */
export function called(i: number, name: string, before: number, { inCode, weak }: Around): Reached {
  const next = kindAt(i + 1);
  if (CALLING.has(name) && next === T_OPEN) {
    for (let at = i + 2; at < i + 6; at++) if (kindAt(at) === T_STRING && CALLBACKS.has(stringAt(at))) return RUNS;
  }
  if (before === T_PIPE) return CALLBACKS.has(name) ? RUNS : NOWHERE;
  if (!CODE_FUNCTIONS.has(name)) return NOWHERE;
  const argument = kindAt(i + 2);
  if (COMMON_FUNCTIONS.has(name) && (before === T_DOT || argument !== T_STRING))
    return before === T_DOT && argument === T_STRING && !inCode ? RUNS : MIGHT;
  if (weak && argument !== T_STRING && name !== 'phpinfo') return MIGHT;
  return argument === T_CLOSE || !inCode || argument === T_STRING ? RUNS : MIGHT;
}

/** Templates of Go call without parentheses: `{{ .System "id" }}`. */
export function goCall(i: number, name: string, before: number, next: number): Reached {
  return before === T_DOT &&
    i === 1 &&
    next === T_STRING &&
    /^(?:system|exec|command|cmd|run|shell|readfile|openfile|file)$/.test(name)
    ? RUNS
    : NOWHERE;
}

/** A member by its name in a string, called with another string: `config['X']('id')`. */
export function calledByIndex(i: number, { opener, weak }: Around): Reached {
  return kindAt(i - 1) === T_INDEX_END &&
    kindAt(i - 2) === T_STRING &&
    kindAt(i + 1) === T_STRING &&
    !weak &&
    opener !== '${'
    ? reached(PROBE, 'calls a member by its name in a string')
    : NOWHERE;
}

/** `open('/etc/passwd').read()` */
export function opensToRead(i: number): boolean {
  for (let at = i + 2; at < i + 8; at++)
    if (kindAt(at) === T_CLOSE) return kindAt(at + 1) === T_DOT && wordAt(at + 2).startsWith('read');
  return false;
}

/** Ruby's `%x|id|`, where an operand may begin. */
export function command(i: number, { opener }: Around): Reached {
  if (opener !== '<%' && opener !== '#{') return NOWHERE;
  const before = kindAt(i - 1);
  if (
    before === T_OTHER ||
    before === T_NAME ||
    before === T_NUMBER ||
    before === T_CLOSE ||
    before === T_INDEX_END ||
    before === T_STRING
  )
    return NOWHERE;
  const at = lexer.starts[i] as number;
  return /^%x[([{<|!/]/.test(lexer.text.slice(at, at + 3)) ? RUNS : NOWHERE;
}

/** Commands in backticks: Ruby and PHP. In `${` they are literals of JavaScript within one. */
export function backtick(i: number, { opener }: Around): Reached {
  if (opener !== '<%' && opener !== '#{') return NOWHERE;
  if (kindAt(i + 1) !== T_NAME || kindAt(i - 1) === T_NAME) return NOWHERE;
  for (let at = i + 2; at < Math.min(lexer.count, i + 64); at++) if (kindAt(at) === T_BACKTICK) return RUNS;
  return NOWHERE;
}
