import { isWideSpace } from './sql/lexer.ts';
import {
  HASH_START,
  hashStep,
  W_ASK,
  W_BEGIN,
  W_BETWEEN,
  W_BRANCH,
  W_BY,
  W_CHOOSE,
  W_COMPARE,
  W_CONDITION,
  W_DECLARE,
  W_END,
  W_EXEC,
  W_FUNCTION,
  W_IN,
  W_INTO,
  W_IS,
  W_LIMIT,
  W_LOGIC,
  W_NOT,
  W_ORDER,
  W_OUTFILE,
  W_PROBE,
  W_PROCEDURE,
  W_RECKON,
  W_SELECT,
  W_SLEEP,
  W_STATEMENT,
  W_SYSTEM,
  W_UNION,
  W_VALUES,
  W_WAITFOR,
  W_WEAPON,
  wordKind,
} from './sql/words.ts';

/** A quote stands in the text. */
export const F_QUOTE = 1 << 0;
/** Behind a quote stands what could go on after a literal: an operator, a comment, a word that joins. */
export const F_BREAK = 1 << 1;
/** A word that injections use and that says more than it does in prose. */
export const F_SQL_STRONG = 1 << 2;
/** `or`, `and`, `||`, `where`, ... */
export const F_SQL_LOGIC = 1 << 3;
/** `=`, `<`, `like`, ... */
export const F_SQL_COMPARE = 1 << 4;
/** `<` with a letter, `/`, `!`, `?` or `%` behind it. */
export const F_TAG = 1 << 5;
/** A parenthesis right behind a word, a bracket or a quote. */
export const F_CALL = 1 << 6;
/** What separates or nests commands in a shell: `;`, `|`, `&`, a backtick, the end of a line, `$(`. */
export const F_SHELL = 1 << 7;
/** `%` with something behind it that could be percent-encoding. */
export const F_PERCENT = 1 << 8;
/** `&` that could begin an entity. */
export const F_ENTITY = 1 << 9;
/** A backslash. */
export const F_BACKSLASH = 1 << 10;
export const F_SLASH = 1 << 11;
/** Two dots in a row. */
export const F_DOTS = 1 << 12;
/** A character beyond ASCII that some database, driver or file system may take for one of ASCII. */
export const F_WIDE = 1 << 13;
/** A control character other than tab and line ends. */
export const F_CONTROL = 1 << 14;
export const F_SPACE = 1 << 15;
export const F_COLON = 1 << 16;
export const F_BRACE = 1 << 17;
/** The text ends in a comment mark. */
export const F_CUT = 1 << 18;
/** A line ends in the text. */
export const F_LINE = 1 << 19;
/** `$` with a letter, `_`, `{`, `(` or a quote behind it. */
export const F_DOLLAR = 1 << 20;
/** What opens an expression of a template: `{{`, `{%`, `<%`, `[[`, or one of `$#*@~%` before a brace. */
export const F_TEMPLATE = 1 << 21;
/** What joins or ends parts of an LDAP filter: `)(`, `*)`, `)&`, `)|`, `(&`, `(|`, `(!`. */
export const F_FILTER = 1 << 22;
/** A word that begins with an underscore. */
export const F_UNDERSCORE = 1 << 23;
/** Two slashes or two backslashes in a row. */
export const F_AUTHORITY = 1 << 24;
/** No white space in the text. */
export const F_SPACELESS = 1 << 25;

/** Of the place, not of the text: it is the name of something, it stands in a header, it names a file. */
export const F_KEY = 1 << 26;
export const F_HEADER = 1 << 27;
export const F_FILENAME = 1 << 28;

const FLAGS = new Int32Array(128);
const set = (characters: string, flag: number): void => {
  for (const each of characters) FLAGS[each.charCodeAt(0)] = (FLAGS[each.charCodeAt(0)] as number) | flag;
};
for (let c = 0; c < 32; c++) FLAGS[c] = F_CONTROL;
FLAGS[127] = F_CONTROL;
FLAGS[9] = FLAGS[10] = FLAGS[13] = F_SPACE;
FLAGS[10] = FLAGS[13] = F_SPACE | F_LINE | F_SHELL;
set(' ', F_SPACE);
set(';|&`', F_SHELL);
set('\'"', F_QUOTE);
set('=<>', F_SQL_COMPARE);
set('\\', F_BACKSLASH);
set('/', F_SLASH);
set(':', F_COLON);
set('{[', F_BRACE);

/** Characters at which something more is to be looked at. */
const LETTER = 1;
const DIGIT = 2;
const LOOK = 3;
const KIND = new Uint8Array(128);
for (let c = 65; c <= 90; c++) KIND[c] = KIND[c + 32] = LETTER;
KIND[95] = LETTER;
for (let c = 48; c <= 57; c++) KIND[c] = DIGIT;
for (const each of '\'"%&|.<(/\\$){[*') KIND[each.charCodeAt(0)] = LOOK;

/** What must stand behind a word (or before it) for it to say more than it does in prose. */
const ALWAYS = 0;
const CALL = 1;
const DOT = 2;
const ORDER_BEFORE = 3;
const OPERAND = 4;
const UNION_BEFORE = 5;
const LAST = 6;
const FIRST = 7;

/** Characters that words go on with. */
const PART = new Uint8Array(128);
for (let c = 0; c < 128; c++) PART[c] = KIND[c] === LETTER || KIND[c] === DIGIT ? 1 : 0;

const WORD_FLAGS = new Int32Array(64);
const WORD_NEEDS = new Uint8Array(64);
const count = (flag: number, needs: number, ...words: readonly number[]): void => {
  for (const word of words) {
    WORD_FLAGS[word] = flag;
    WORD_NEEDS[word] = needs;
  }
};
count(F_SQL_STRONG, ALWAYS, W_SELECT, W_WEAPON, W_WAITFOR, W_EXEC, W_DECLARE, W_OUTFILE);
count(F_SQL_STRONG, CALL, W_SLEEP, W_CHOOSE, W_PROBE, W_ASK);
count(F_SQL_STRONG, DOT, W_SYSTEM);
count(F_SQL_STRONG, LAST, W_UNION, W_END);
count(F_SQL_STRONG, ORDER_BEFORE, W_BY);
count(F_SQL_STRONG, UNION_BEFORE, W_VALUES);
count(F_SQL_LOGIC, ALWAYS, W_LOGIC, W_CONDITION);
count(F_SQL_COMPARE, OPERAND, W_COMPARE, W_BETWEEN);
count(F_SQL_STRONG, FIRST, W_STATEMENT, W_BEGIN, W_FUNCTION);

/** No word stands before, or none since the last semicolon. */
const AT_START = -1;
const BEHIND_SEMICOLON = -2;

/** The flags of a word between the word before it and what follows at `at`. */
function weighWord(word: number, before: number, text: string, at: number): number {
  const flags = WORD_FLAGS[word] as number;
  const c = text.charCodeAt(at);
  switch (WORD_NEEDS[word]) {
    case ALWAYS:
      return flags;
    case CALL:
      return c === 0x28 || c >= 0x80 || c === 0x2f || (c <= 0x20 && text.charCodeAt(at + 1) <= 0x28) ? flags : 0;
    case DOT:
      return c === 0x2e ? flags : 0;
    case ORDER_BEFORE:
      return before === W_ORDER ? flags : 0;
    case FIRST:
      // A statement begins where the text does, or behind a semicolon.
      return before < 0 && (word !== W_FUNCTION || before === BEHIND_SEMICOLON) ? flags : 0;
    case LAST:
      return Number.isNaN(c) || c === 0x23 || c === 0x2d || c === 0x2f || text.length - at < 3 ? flags : 0;
    case UNION_BEFORE:
      return before === W_UNION ? flags : 0;
    default: {
      const d = c <= 0x20 || c >= 0x80 ? text.charCodeAt(at + 1) : c;
      // A quote, a number, a parenthesis, a sign, a comment; or a word that changes nothing: `like binary 'x'`.
      return d <= 0x40 || d === 0x5c || d >= 0x80 || (d | 0x20) === 0x62 || (d | 0x20) === 0x6e || (d | 0x20) === 0x78
        ? flags
        : 0;
    }
  }
}

/** What may stand behind a literal that was left. */
const BEHIND = new Uint8Array(128);
for (const each of ')=<>!|&+-*/%^;#,\'"`(\\') BEHIND[each.charCodeAt(0)] = 1;
const BEHIND_WORDS: ReadonlySet<number> = new Set([
  W_LOGIC,
  W_NOT,
  W_COMPARE,
  W_IS,
  W_IN,
  W_RECKON,
  W_UNION,
  W_CONDITION,
  W_ORDER,
  W_LIMIT,
  W_INTO,
  W_PROCEDURE,
  W_BRANCH,
  W_BETWEEN,
  W_WAITFOR,
  W_SELECT,
  W_EXEC,
  W_DECLARE,
  W_STATEMENT,
  W_BEGIN,
]);
/** Spaces that are skipped behind a quote. */
const MAX_SPACES = 16;
const MAX_WORD = 12;

/** Gathers what stands in a text, in one pass over it and without a string made. */
export function featuresOf(text: string): number {
  const { length } = text;
  let features = 0;
  let before = AT_START;
  for (let i = 0; i < length; i++) {
    let c = text.charCodeAt(i);
    if (c >= 128) {
      if (c >= 0x2b0 && isWide(c)) features |= F_WIDE;
      if (isWideSpace(c)) features |= F_SPACE;
      continue;
    }
    const kind = KIND[c];
    if (kind !== LETTER) {
      features |= FLAGS[c] as number;
      if (kind === LOOK) features |= lookAt(text, i, c);
      else if (c === 0x3b) before = BEHIND_SEMICOLON;
      continue;
    }
    if (c === 0x5f) features |= F_UNDERSCORE;
    // The exponent of a number is no word: `1e0union`.
    if ((c | 0x20) === 0x65 && isExponent(text, i)) continue;
    let hash = HASH_START;
    do {
      hash = hashStep(hash, c < 128 ? c | 0x20 : c);
      c = ++i < length ? text.charCodeAt(i) : 0;
      if (c >= 0x2b0 && isWide(c)) features |= F_WIDE;
    } while (c < 128 ? PART[c] === 1 : !isWideSpace(c));
    i--;
    const word = wordKind(hash);
    if (word !== 0) {
      features |= weighWord(word, before, text, i + 1);
      before = word;
      // A word that SQL does not know may stand in a comment between two that it knows.
    } else if (before < 0) before = 0;
  }
  if ((features & F_SPACE) === 0) features |= F_SPACELESS;
  return endsInComment(text) ? features | F_CUT : features;
}

const isExponent = (text: string, at: number): boolean =>
  at > 0 && KIND[text.charCodeAt(at - 1)] === DIGIT && KIND[text.charCodeAt(at + 1)] !== LETTER;

/** `--`, `-- -`, `/*` or `#` stands at the very end. */
function endsInComment(text: string): boolean {
  let at = text.length - 1;
  while (at > 0 && text.charCodeAt(at) <= 0x20 && text.length - at < 16) at--;
  const c = text.charCodeAt(at);
  const before = text.charCodeAt(at - 1);
  return c === 0x23 || (c === 0x2d && (before === 0x2d || before === 0x20)) || (c === 0x2a && before === 0x2f);
}

function lookAt(text: string, at: number, c: number): number {
  const next = text.charCodeAt(at + 1);
  switch (c) {
    case 0x27:
    case 0x22:
      return goesOn(text, at + 1) ? F_BREAK : 0;
    case 0x25:
      // Also hexadecimal digits that are none: some decoders take them.
      return next === 0x75 || next === 0x55 || next === 0x25 || KIND[next] === DIGIT || KIND[next] === LETTER
        ? F_PERCENT
        : 0;
    case 0x26:
      if (next === 0x26) return F_SQL_LOGIC | F_SQL_COMPARE;
      return next === 0x23 || KIND[next] === LETTER ? F_ENTITY : 0;
    case 0x7c:
      return next === 0x7c ? F_SQL_LOGIC | F_SQL_COMPARE : 0;
    case 0x3c:
      if (next === 0x25) return F_TAG | F_TEMPLATE;
      return next === 0x2f || next === 0x21 || next === 0x3f || KIND[next] === LETTER ? F_TAG : 0;
    case 0x28:
      return opens(text.charCodeAt(at - 1), next);
    case 0x29:
      return next === 0x28 || next === 0x26 || next === 0x7c ? F_FILTER : 0;
    case 0x2a:
      return next === 0x29 ? F_FILTER : next === 0x7b ? F_TEMPLATE : 0;
    case 0x24:
      if (next === 0x28) return F_DOLLAR | F_SHELL;
      if (next === 0x7b) return F_DOLLAR | F_TEMPLATE;
      return KIND[next] === LETTER || next === 0x27 || next === 0x22 ? F_DOLLAR : 0;
    case 0x7b: {
      if (next === 0x7b || next === 0x25 || next === 0x23) return F_TEMPLATE;
      const before = text.charCodeAt(at - 1);
      return before === 0x23 || before === 0x40 || before === 0x7e || before === 0x25 ? F_TEMPLATE : 0;
    }
    case 0x5b:
      return next === 0x5b ? F_TEMPLATE : 0;
    case 0x2f:
    case 0x5c:
      return next === c ? F_AUTHORITY : 0;
    default:
      return next === 0x2e ? F_DOTS : 0;
  }
}

/** What a parenthesis opens, by what stands on both sides of it. */
function opens(before: number, next: number): number {
  const call = before === 0x5d || before === 0x29 || before === 0x27 || before === 0x22 || KIND[before] === LETTER;
  return (
    (call || KIND[before] === DIGIT ? F_CALL : 0) | (next === 0x26 || next === 0x7c || next === 0x21 ? F_FILTER : 0)
  );
}

function goesOn(text: string, from: number): boolean {
  let at = from;
  const most = Math.min(text.length, from + MAX_SPACES);
  while (at < most && (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0xa0)) at++;
  if (at >= text.length) return false;
  const c = text.charCodeAt(at);
  if (c >= 128) return c >= 0x2000;
  if (BEHIND[c] === 1) return true;
  if (KIND[c] !== LETTER) return at === most;
  let hash = HASH_START;
  const end = Math.min(text.length, at + MAX_WORD);
  for (; at < end; at++) {
    const d = text.charCodeAt(at);
    if (d >= 128 || (KIND[d] !== LETTER && KIND[d] !== DIGIT)) break;
    hash = hashStep(hash, d | 0x20);
  }
  return BEHIND_WORDS.has(wordKind(hash));
}

/** Modifier letters, punctuation, mathematical operators and letters, private use that code pages map, full-width forms. */
export const isWide = (c: number): boolean => {
  if (c < 0x2000) return c <= 0x2ff;
  // Dashes and the ellipsis are in all prose, and no comment mark of any dialect.
  if (c < 0x2e80)
    return (
      (c <= 0x208f && c !== 0x2013 && c !== 0x2014 && c !== 0x2026) ||
      (c >= 0x2200 && c <= 0x22ff) ||
      (c >= 0x29f5 && c <= 0x29f9)
    );
  return c === 0x3000 || c === 0xd835 || c === 0xefc8 || c === 0xf025 || c >= 0xfe50;
};
