import { anyOf } from '../shared/any-of.ts';

const REFERENCE = /[!{]{0,2}[a-zA-Z_]\w{0,60}(?:\.\w{1,60}(?:\([^()]{0,120}\))?){1,12}/y;
/** A class that is asked for, and what is asked of it; a tool's `inspect` of a class of Java. */
const REACHES = anyOf(
  '',
  /\.(?:class|getClass\(\))\.(?:forName|get\w{4,30}|classLoader|protectionDomain|inspect|newInstance)\b/,
  /^[!{]{0,2}class\.inspect\(/,
  /\.(?:getRuntime|getDeclaredMethod|getDeclaredConstructor|forName)\(/,
);
/** The name of a class is nothing: `$x.getClass().getName()`. */
const SHOWS = /\.get(?:Simple|Canonical|Type)?Name\b/;

/** Velocity's `$x.getClass().forName(...)`: whether the reference behind a `$` reaches classes of Java. */
export function reachesFromName(text: string, from: number): boolean {
  REFERENCE.lastIndex = from;
  const reference = REFERENCE.exec(text)?.[0];
  return reference !== undefined && REACHES.test(reference) && !SHOWS.test(reference);
}
