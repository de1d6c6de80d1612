import type { Match, Sensitivity } from '../classes/class.ts';
import { CommandReader } from './command.ts';

/** Characters of a function's body that are read. */
const MAX_BODY = 256;
const MAX_PLACES = 8;
/** Characters before a function that are looked at, and those between it and what it runs. */
const MAX_NAME = 64;
const MAX_GAP = 24;

const command = new CommandReader();
/** Bodies that do nothing, and those that the flaws after the first one needed. */
const IDLE = /^(?::|_|[a-z]{1,8}|0)?\s{0,4};?\s{0,4}$/i;
const LATER = /^\s{0,4}(?:;|>_\[\$\(\$\(\)\)\]\s{0,4}\{|[&|]|\n)/;

/**
 * bash before September 2014 takes a variable that begins with `() {` for a function, and goes on with what stands behind
 * it (CVE-2014-6271, -7169, -6278).
 */
export function searchFunction(text: string, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('(');
  for (let count = 0; at >= 0 && count < MAX_PLACES; count++) {
    const hit = /^\(\s{0,4}\)\s{0,4}\{/.exec(text.slice(at, at + 12));
    if (hit !== null) {
      const end = runsOn(text, at, at + hit[0].length, sensitivity);
      if (end > 0) return { start: at, end, why: 'is a function of the shell with commands behind it' };
    }
    at = text.indexOf('(', at + 1);
  }
  return undefined;
}

/** Where the commands behind a function end; 0 where there is none, or where the variable would not begin with it. */
function runsOn(text: string, at: number, from: number, sensitivity: Sensitivity): number {
  const before = text.slice(Math.max(0, at - MAX_NAME), at);
  const first = at < MAX_NAME && /^[\s"':=]*(?:[\w-]{1,32}\s{0,2}=\s{0,2}["']?)?$/.test(before);
  // A function of another language has a name, or is an argument.
  if (!first && (sensitivity === 'low' || !/[\s=;"']$/.test(before))) return 0;
  if (first && /^\s{0,4}\(a\)=>/.test(text.slice(from, from + 12))) return from + 8;
  const most = Math.min(text.length, from + MAX_BODY);
  let close = from;
  while (close < most && text.charCodeAt(close) !== 0x7d) close++;
  if (close >= most) return 0;
  const body = text.slice(from, close).trim();
  if (first && /^\w{1,8}\(\)\s{0,4}\{/.test(body)) return close + 1;
  const idle = IDLE.test(body);
  const nothing = body.startsWith(':');
  if (!LATER.test(text.slice(close + 1, close + MAX_NAME))) return idle && first && nothing ? close + 1 : 0;
  let next = close + 1;
  while (next < text.length && next - close < MAX_GAP && /[\s;&|]/.test(text.charAt(next))) next++;
  command.reset(text);
  if (command.read(next)) return first || (idle && nothing) ? Math.max(command.end, next) : 0;
  return idle && first && next < text.length ? Math.min(text.length, next + MAX_NAME) : 0;
}
