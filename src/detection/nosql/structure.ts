import type { Match, Sensitivity } from '../classes/class.ts';
import { O_CODE, O_NONE, O_OWN, O_SHARED, operatorAt, operatorEnd } from './operators.ts';

/** Operators in a text that are looked at, members read behind a literal that was left, and marks skipped between them. */
const MAX_OPERATORS = 64;
const MAX_MEMBERS = 12;
const MAX_MARKS = 64;
const MAX_MEMBER_NAME = 64;

/** A value that is an object as JavaScript, JSON5 or YAML write it, with operators for names: `{ $ne: 1 }`. */
export function searchObject(text: string, sensitivity: Sensitivity): Match | undefined {
  let from = skipSpace(text, 0);
  // JSON in a string of JSON.
  if (isQuote(text.charCodeAt(from))) from = skipSpace(text, from + 1);
  // A form with one field.
  FIELD.lastIndex = from;
  if (FIELD.test(text)) from = FIELD.lastIndex;
  const first = text.charCodeAt(from);
  if (first !== 0x7b && first !== 0x5b) return undefined;
  let end = text.length;
  while (end > from && isTrailing(text.charCodeAt(end - 1))) end--;
  const last = text.charCodeAt(end - 1);
  const whole = last === 0x7d || last === 0x5d;
  let dollar = text.indexOf('$', from);
  for (let i = 0; i < MAX_OPERATORS && dollar >= 0; i++, dollar = text.indexOf('$', dollar + 1)) {
    const kind = typed(text, memberAt(text, dollar));
    if (kind < O_OWN || (sensitivity === 'low' && kind !== O_CODE)) continue;
    // What does not end as it began is prose about an object, unless it begins with nothing else.
    if (whole || kind === O_CODE || dollar - from <= 3 || sensitivity === 'high')
      return { start: dollar, end: operatorEnd, why: 'is an object with an operator, and changes the query' };
  }
  return undefined;
}

/** The kind of the operator at a place where it is the name of a member: `{`, `,` or `[` before it, a colon behind. */
function memberAt(text: string, dollar: number): number {
  let before = dollar - 1;
  const quote = text.charCodeAt(before);
  if (isQuote(quote)) before--;
  while (before >= 0 && dollar - before < MAX_MARKS && text.charCodeAt(before) === 0x5c) before--;
  while (before >= 0 && dollar - before < MAX_MARKS && text.charCodeAt(before) <= 0x20) before--;
  const c = before < 0 ? 0x7b : text.charCodeAt(before);
  if (c !== 0x7b && c !== 0x2c && c !== 0x5b) return O_NONE;
  const kind = operatorAt(text, dollar);
  return kind !== O_NONE && isNamed(text, operatorEnd) ? kind : O_NONE;
}

const FIELD = /[\w.[\]-]{1,64}=(?=[{[])/y;

/** `$type` names a class in .NET's JSON; a number behind it is a type of BSON. */
function typed(text: string, kind: number): number {
  if (kind !== O_SHARED) return kind;
  NUMBERED.lastIndex = operatorEnd - 5;
  return NUMBERED.test(text) ? O_OWN : kind;
}
const NUMBERED = /\$type["']?\s{0,8}:\s{0,8}-?\d/y;

/** A colon stands behind a name, with the quote that ends it. */
function isNamed(text: string, from: number): boolean {
  let at = from;
  while (at - from < 8 && text.charCodeAt(at) === 0x5c) at++;
  if (isQuote(text.charCodeAt(at))) at++;
  return text.charCodeAt(skipSpace(text, at)) === 0x3a;
}

/**
 * Set into an object as text (`{ name: 'VALUE' }`, `{ age: VALUE }`), does the value end its member and add one that is
 * an operator? `from` is where the member has ended, behind the quote if there was one.
 * @param quoted a quote has ended the member: then words of other languages count too
 */
export function leavesMember(text: string, from: number, quoted: boolean, sensitivity: Sensitivity): Match | undefined {
  let at = from;
  let comma = false;
  for (let member = 0; member < MAX_MEMBERS; member++) {
    const marks = at;
    for (; at < text.length && at - marks < MAX_MARKS; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x2c) comma = true;
      else if (c > 0x20 && !isBracket(c)) break;
    }
    if (!comma) return undefined;
    const start = isQuote(text.charCodeAt(at)) ? at + 1 : at;
    if (text.charCodeAt(start) === 0x24) {
      const kind = operatorAt(text, start);
      const counts = quoted ? kind !== O_NONE : kind >= O_OWN;
      if (!counts || !isNamed(text, operatorEnd) || (sensitivity === 'low' && !quoted && kind !== O_CODE))
        return undefined;
      return { start: from, end: operatorEnd, why: 'ends its member and adds an operator to the query' };
    }
    // Any member whose value is a regular expression is one more condition.
    PATTERN.lastIndex = at;
    if (sensitivity !== 'low' && PATTERN.test(text))
      return { start: from, end: PATTERN.lastIndex, why: 'ends its member and adds another condition' };
    // Another member, or a value: read over it.
    MEMBER.lastIndex = at;
    const read = MEMBER.exec(text);
    if (read === null) return undefined;
    at += read[0].length;
  }
  return undefined;
}

const MEMBER = new RegExp(
  `"[^"\\\\]{0,${MAX_MEMBER_NAME}}"\\s{0,8}:?|'[^'\\\\]{0,${MAX_MEMBER_NAME}}'\\s{0,8}:?|[\\w.-]{1,${MAX_MEMBER_NAME}}\\s{0,8}:?`,
  'y',
);

const PATTERN = /["']?[\w.-]{1,64}["']?\s{0,8}:\s{0,8}\/(?:[^/\\\n]|\\.){1,128}\/[a-z]{0,4}\s{0,8}(?=[,}\])]|$)/y;

const LEADING = /\s{0,8}(?:[\w.-]{1,64}\s{0,8})?(?=[,}\])])/y;

/** The value bare: `1, $where: ...`, or an operator from its first character on. */
export function searchBareMember(text: string, sensitivity: Sensitivity): Match | undefined {
  const from = skipSpace(text, 0);
  const start = isQuote(text.charCodeAt(from)) ? from + 1 : from;
  if (text.charCodeAt(start) === 0x24) {
    const kind = operatorAt(text, start);
    if (kind >= O_OWN && !STYLED.test(text.slice(start, operatorEnd)) && isNamed(text, operatorEnd)) {
      if (sensitivity !== 'low' || kind === O_CODE)
        return { start, end: operatorEnd, why: 'adds an operator to the query' };
    }
    return undefined;
  }
  LEADING.lastIndex = 0;
  const leading = LEADING.exec(text);
  return leading === null ? undefined : leavesMember(text, leading[0].length, false, sensitivity);
}

/** Operators that are also good names for variables of style sheets. */
const STYLED =
  /^\$(?:size|in|out|all|not|near|each|position|fill|group|match|options|slice|push|pull|pop|bit|mod|code|rename)$/;

const isQuote = (c: number): boolean => c === 0x27 || c === 0x22 || c === 0x60;
const isBracket = (c: number): boolean =>
  c === 0x7b || c === 0x7d || c === 0x5b || c === 0x5d || c === 0x28 || c === 0x29;
const isTrailing = (c: number): boolean => c <= 0x20 || c === 0x3b || c === 0xa0 || c === 0x2f || isQuote(c);

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < MAX_MARKS && (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0xa0))
    at++;
  return at;
}
