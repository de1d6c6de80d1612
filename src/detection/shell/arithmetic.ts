import type { Match, Sensitivity } from '../classes/class.ts';
import { around, MAX_LINES } from './meaning.ts';
import { PROSE, TOKEN } from './surroundings.ts';

/** `$((...))` of POSIX.1-2024, 2.6.4: numbers, names and operators, and nothing else. */
const DOUBLE = /\$\(\([\w\s+*/%<>&|^~!?:,=()$#{}-]{1,96}\)\)/y;
/** `$[...]` as bash still has it: JSONPath has names, colons and filters there, and no sums. */
const SQUARE =
  /\$\[[\s(]{0,8}(?:0x[\da-f]{1,16}|\d{1,20})\s{0,4}(?:\*\*|<<|>>|[*/%+-])[\s(]{0,8}\d[\da-fx\s+*/%()-]{0,64}\]/iy;
/** A sum of numbers: nothing that counts on variables of a script. */
const SUM = /(?:\d|\b0x[\da-f]{1,16})\s{0,4}(?:\*\*|<<|>>|[*/%+^&|-])[\s(]{0,8}\d/i;
const VARIABLE = /[a-z_]/i;

/**
 * A shell that is given the value works out a sum and puts it in its place: harmless by itself, and what proves that
 * commands can follow. Scripts that are written about count with names, and stand apart from words.
 */
export function searchArithmetic(text: string, at: number, sensitivity: Sensitivity): Match | undefined {
  const next = text.charCodeAt(at + 1);
  const form = next === 0x5b ? SQUARE : next === 0x28 && text.charCodeAt(at + 2) === 0x28 ? DOUBLE : undefined;
  if (form === undefined) return undefined;
  form.lastIndex = at;
  const found = form.exec(text)?.[0];
  if (found === undefined || (sensitivity !== 'high' && !isMeant(text, at, found))) return undefined;
  return { start: at, end: at + found.length, why: 'has the shell work out a sum' };
}

function isMeant(text: string, at: number, found: string): boolean {
  if (around.lines() > MAX_LINES) return false;
  const last = text.charCodeAt(at - 1);
  // `i=$((i+1))`, `"$((a*b))"` in backticks: a line of a script.
  const glued = at > 0 && last > 0x20 && last !== 0x3d && last !== 0x60 && last !== 0x28;
  const before = around.before(at);
  if (SUM.test(found)) return before <= TOKEN || glued;
  if (VARIABLE.test(found) && last === 0x3d) return false;
  return before <= TOKEN && (at === 0 || glued) && before < PROSE && around.lines() <= 3;
}
