import type { Match, Sensitivity } from '../classes/class.ts';

/** Characters read behind the place where a value leaves its literal, and words looked at in them. */
const MAX_REST = 1024;
const MAX_WORDS = 96;

/** Clauses of Cypher (openCypher 9, Neo4j manual) with as much behind them as prose does not have. */
const CLAUSE = new RegExp(
  [
    'detach\\s{1,8}delete\\s{1,8}[\\w`]',
    // A node with a label or properties, or one that a path leads on from, or one that is named again.
    '(?:match|create|merge)\\s{0,8}(?:[\\w`]{1,32}\\s{0,8}=\\s{0,8})?\\(\\s{0,8}(?:[\\w`]{0,32}\\s{0,8}(?::\\s{0,8}[\\w`:|&!]{1,64}\\s{0,8}(?:\\{[^{}]{0,128}\\}\\s{0,8})?|\\{[^{}]{0,128}\\}\\s{0,8})\\)|\\w{0,32}\\s{0,8}\\)\\s{0,8}(?:-|<-)|(?<node>\\w{1,32})\\s{0,8}\\)[^\\n]{1,80}?(?<!\\w)\\k<node>(?!\\w))',
    'call\\s{1,8}(?:db|dbms|apoc|gds|tx|custom)\\s{0,8}\\.\\s{0,8}\\w',
    'call\\s{0,8}\\{',
    // Cassandra has no joins or functions to inject, but this.
    'allow\\s{1,8}filtering\\b',
    'load\\s{1,8}csv\\s{1,8}(?:with\\s{1,8}headers\\s{1,8})?from\\b',
    'foreach\\s{0,8}\\(\\s{0,8}\\w{1,32}\\s{1,8}in\\b',
    'unwind\\s{0,8}(?:[\\[$]|\\w{1,32}\\s{0,8}[(.])',
    'set\\s{1,8}[\\w`]{1,32}\\s{0,8}(?:\\.\\s{0,8}[\\w`]{1,64}\\s{0,8}=|\\+=|:\\s{0,8}[A-Z])',
    'remove\\s{1,8}[\\w`]{1,32}[.:]\\w',
    'with\\s{1,8}(?:distinct\\s{1,8})?(?:[\\w`*\'"]{1,32}\\s{1,8}(?:as\\s{1,8}\\w{1,32}\\s{1,8})?)(?:match|call|return|union|load|unwind|merge|create|detach|where)\\b',
    'union\\s{1,8}(?:all\\s{1,8})?(?:match|call|return|unwind|load|with)\\b',
    'return\\s{1,8}[\\w`*.()\'" ,]{1,64}(?:\\s{1,8}as\\s{1,8}\\w{1,32})?\\s{0,8}(?:\\/\\/|\\/\\*|union\\b|order\\s{1,8}by\\b|limit\\s{1,8}\\d)',
    'delete\\s{1,8}\\w{1,32}\\s{0,8}(?:\\/\\/|\\/\\*|;|return\\b|$)',
  ].join('|'),
  'iy',
);

/** What joins a condition behind the literal. */
const CONDITION = /(?:or|and|xor)(?![\w-])/iy;
/** `1=1 //`: a comment of Cypher and of JavaScript, not of SQL. */
const HOLDS =
  /\s{0,8}(?:not\s{1,8})?(?:(?:'[^']{0,32}'|"[^"]{0,32}"|\d{1,9}|[\w.`]{1,64})\s{0,8}(?:=~|<>|[<>]=?|=)\s{0,8}(?:'[^']{0,32}'|"[^"]{0,32}"|\d{1,9}|[\w.`]{1,64})|true)\s{0,8}[)}\]]{0,8}\s{0,8}(?:\/\/|\/\*)/iy;

const WHY = 'ends its place in the query and adds a clause of Cypher';

/**
 * Behind a quote, or behind brackets that a bare value closes: does Cypher go on there?
 * @param closes brackets closed so far count as leaving by themselves
 */
export function leavesCypher(text: string, from: number): Match | undefined {
  let at = from;
  let closes = 0;
  while (at < text.length && at - from < 64) {
    const c = text.charCodeAt(at);
    if (c === 0x29 || c === 0x7d || c === 0x5d) closes++;
    else if (c > 0x20 && c !== 0xa0) break;
    at++;
  }
  CONDITION.lastIndex = at;
  const joined = CONDITION.test(text);
  if (joined) {
    HOLDS.lastIndex = CONDITION.lastIndex;
    if (HOLDS.test(text))
      return { start: from, end: HOLDS.lastIndex, why: 'adds a condition to the query and cuts off the rest' };
  }
  CLAUSE.lastIndex = at;
  if (CLAUSE.test(text)) return { start: from, end: CLAUSE.lastIndex, why: WHY };
  // Behind a condition, a comma or an operator a clause may stand further on.
  if (!joined && closes === 0 && !/[;+=<>]/.test(text.charAt(at))) return undefined;
  const most = Math.min(text.length, at + MAX_REST);
  let words = 0;
  for (let i = at; i < most && words < MAX_WORDS; i++) {
    if (!isLetter(text.charCodeAt(i)) || isWordPart(text.charCodeAt(i - 1))) continue;
    words++;
    CLAUSE.lastIndex = i;
    if (CLAUSE.test(text)) return { start: from, end: CLAUSE.lastIndex, why: WHY };
  }
  return undefined;
}

/** Reads and writes nodes by the name it gave them: a sentence would have to name its own parenthesis again. */
const STATEMENT =
  /\s{0,8}(?:optional\s{1,8})?match\s{0,8}\(\s{0,8}(\w{1,32})(?::[\w:|&!]{1,64})?\s{0,8}(?:\{[^{}]{0,128}\}\s{0,8})?\)[^\n]{0,256}?\b(?:return|delete|set|remove)\s{1,8}(?:distinct\s{1,8}|\w{1,16}\(\s{0,8})?\1(?!\w)/iy;
/** White space, and characters of a word, before what closes. */
const MAX_SPACES = 8;
const MAX_WORD = 64;
const BARE_JOIN = /\s{0,8}-?\d{1,18}\s{1,8}(?=(?:or|and|xor)\b)/iy;
const DESTROYS = /\s{0,8}(?:match\s{0,8}\(\w{0,32}\)\s{0,8})?detach\s{1,8}delete\s{1,8}\w/iy;

/** A word or none, and what closes behind it, where the value begins. @returns the place of that; -1 where it is not so */
function closesBare(text: string): number {
  let at = skipSpaces(text, 0);
  const word = at;
  while (at - word < MAX_WORD && isNamePart(text.charCodeAt(at))) at++;
  at = skipSpaces(text, at);
  const c = text.charCodeAt(at);
  return c === 0x29 || c === 0x7d || c === 0x5d ? at : -1;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (at - from < MAX_SPACES && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/** As `\s` has it. */
const isSpace = (c: number): boolean =>
  c === 0x20 || (c >= 0x09 && c <= 0x0d) || (c >= 0xa0 && /\s/.test(String.fromCharCode(c)));
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isNamePart = (c: number): boolean => isLetter(c) || isDigit(c) || c === 0x5f || c === 0x2e || c === 0x2d;
const firstSign = (text: string): number => text.charCodeAt(skipSpaces(text, 0));

/** The value as it stands: in the place of a number or a name, or as a statement. */
export function searchBareCypher(text: string, sensitivity: Sensitivity): Match | undefined {
  const closes = closesBare(text);
  if (closes >= 0) {
    const found = leavesCypher(text, closes);
    if (found !== undefined) return found;
  }
  const first = firstSign(text);
  BARE_JOIN.lastIndex = 0;
  if ((isDigit(first) || first === 0x2d) && BARE_JOIN.test(text)) {
    const found = leavesCypher(text, BARE_JOIN.lastIndex);
    if (found !== undefined) return found;
  }
  // `match`, `optional match`, `detach`
  const lower = first | 0x20;
  if (sensitivity === 'low' || (lower !== 0x6d && lower !== 0x6f && lower !== 0x64)) return undefined;
  STATEMENT.lastIndex = DESTROYS.lastIndex = 0;
  if (STATEMENT.test(text)) return { start: 0, end: STATEMENT.lastIndex, why: 'is a statement of Cypher' };
  if (DESTROYS.test(text)) return { start: 0, end: DESTROYS.lastIndex, why: 'is a statement of Cypher that deletes' };
  return undefined;
}

const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
const isWordPart = (c: number): boolean => isLetter(c) || c === 0x5f || (c >= 0x30 && c <= 0x39) || c >= 0x80;
