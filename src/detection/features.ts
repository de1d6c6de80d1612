import {
  F_AUTHORITY,
  F_BREAK,
  F_CALL,
  F_CUT,
  F_DOLLAR,
  F_DOTS,
  F_ENTITY,
  F_FILTER,
  F_HEAD,
  F_OPTION,
  F_PERCENT,
  F_SHELL,
  F_SPACE,
  F_SPACELESS,
  F_SQL_COMPARE,
  F_SQL_LOGIC,
  F_TAG,
  F_TEMPLATE,
  F_UNDERSCORE,
} from './features/bits.ts';
import { ASCII_PART, DIGIT, FLAGS, KINDS, LETTER, LOOK, PART, SEMICOLON, WIDE_PART } from './features/characters.ts';
import { type Codes, codesOf } from './features/codes.ts';
import { beginsAsProse } from './features/head.ts';
import { AT_START, BEHIND_SEMICOLON, weighWord } from './features/words.ts';
import {
  HASH_START,
  hashStep,
  kindOfCodes,
  W_BEGIN,
  W_BETWEEN,
  W_BRANCH,
  W_COMPARE,
  W_CONDITION,
  W_DECLARE,
  W_EXEC,
  W_IN,
  W_INTO,
  W_IS,
  W_LIMIT,
  W_LOGIC,
  W_NONE,
  W_NOT,
  W_ORDER,
  W_PROCEDURE,
  W_RECKON,
  W_SELECT,
  W_STATEMENT,
  W_UNION,
  W_WAITFOR,
  wordKind,
} from './sql/words.ts';

export * from './features/bits.ts';
export { isWide } from './features/characters.ts';

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
/** Letters up to which a word is no hidden value. */
const PLAIN_WORD = 11;
/** Spaces that are skipped behind a quote, and characters of a word that are read there. */
const MAX_SPACES = 16;
const MAX_WORD = 12;

/** Gathers what stands in a text, in one pass over it and without a string made. */
export const featuresOf = (text: string): number => featuresIn(codesOf(text), text.length);

function featuresIn(text: Codes, length: number): number {
  let features = 0;
  let before = AT_START;
  // One place where the index grows: with several, V8 optimizes this function and throws the code away without end.
  for (let i = 0; i < length; i++) {
    const c = text[i] as number;
    const kind = KINDS[c] as number;
    if (kind <= DIGIT) continue;
    if (kind !== LETTER) {
      features |= FLAGS[c] as number;
      if (kind === LOOK) features |= lookAt(text, i, c, length);
      else if (kind === SEMICOLON) before = BEHIND_SEMICOLON;
      continue;
    }
    if (c === 0x5f) features |= F_UNDERSCORE;
    // Java's streams in base64: `rO0AB`.
    if (c === 0x72 && text[i + 1] === 0x4f && text[i + 2] === 0x30) features |= F_HEAD;
    // The exponent of a number is no word: `1e0union`.
    if ((c | 0x20) === 0x65 && isExponent(text, i, length)) continue;
    let end = wordEnd(text, i, length);
    let word = W_NONE;
    if (end < length && PART[text[end] as number] === WIDE_PART) {
      for (; end < length && PART[text[end] as number] !== 0; end++) features |= FLAGS[text[end] as number] as number;
    } else {
      word = kindOfCodes(text, i, end);
      if (word !== W_NONE) features |= weighWord(word, before, text, end, length);
    }
    i = end - 1;
    // A word that SQL does not know ends the beginning of a statement, but may stand in a comment between two it knows.
    if (word !== W_NONE || before < 0) before = word;
  }
  if ((features & F_SPACE) === 0 && !isPlainWord(text, length)) features |= F_SPACELESS;
  if (!beginsAsProse(text, length)) features |= F_HEAD;
  return endsInComment(text, length) ? features | F_CUT : features;
}

/** A short word of ASCII letters: too short for base64, and no path, address or stream. */
function isPlainWord(text: Codes, length: number): boolean {
  if (length > PLAIN_WORD) return false;
  for (let at = 0; at < length; at++) {
    const c = (text[at] as number) | 0x20;
    if (c < 0x61 || c > 0x7a) return false;
  }
  return true;
}

function wordEnd(text: Codes, from: number, length: number): number {
  let at = from + 1;
  while (at < length && PART[text[at] as number] === ASCII_PART) at++;
  return at;
}

const isExponent = (text: Codes, at: number, length: number): boolean =>
  at > 0 && KINDS[text[at - 1] as number] === DIGIT && (at + 1 >= length || KINDS[text[at + 1] as number] !== LETTER);

/** `--`, `-- -`, `/*` or `#` stands at the very end. */
function endsInComment(text: Codes, length: number): boolean {
  if (length === 0) return false;
  let at = length - 1;
  while (at > 0 && (text[at] as number) <= 0x20 && length - at < 16) at--;
  const c = text[at] as number;
  if (c === 0x23) return true;
  if (at === 0) return false;
  const before = text[at - 1] as number;
  return (c === 0x2d && (before === 0x2d || before === 0x20)) || (c === 0x2a && before === 0x2f);
}

function lookAt(text: Codes, at: number, c: number, length: number): number {
  const next = at + 1 < length ? (text[at + 1] as number) : 0;
  const before = at > 0 ? (text[at - 1] as number) : 0;
  switch (c) {
    case 0x27:
    case 0x22:
      return goesOn(text, at + 1, length) ? F_BREAK : 0;
    case 0x25:
      // Also hexadecimal digits that are none: some decoders take them.
      return next === 0x25 || KINDS[next] === DIGIT || KINDS[next] === LETTER ? F_PERCENT : 0;
    case 0x26:
      if (next === 0x26) return F_SQL_LOGIC | F_SQL_COMPARE;
      return next === 0x23 || KINDS[next] === LETTER ? F_ENTITY : 0;
    case 0x7c:
      return next === 0x7c ? F_SQL_LOGIC | F_SQL_COMPARE : 0;
    case 0x3c:
      if (next === 0x25) return F_TAG | F_TEMPLATE;
      return next === 0x2f || next === 0x21 || next === 0x3f || KINDS[next] === LETTER ? F_TAG : 0;
    case 0x28:
      return opens(before, next);
    case 0x29:
      return next === 0x28 || next === 0x26 || next === 0x7c ? F_FILTER : 0;
    case 0x2a:
      return next === 0x29 ? F_FILTER : next === 0x7b ? F_TEMPLATE : 0;
    case 0x24:
      if (next === 0x28) return F_DOLLAR | F_SHELL;
      if (next === 0x5b) return F_SHELL;
      if (next === 0x7b) return F_DOLLAR | F_TEMPLATE;
      return KINDS[next] === LETTER || next === 0x27 || next === 0x22 ? F_DOLLAR : 0;
    case 0x2d:
      return before <= 0x20 && (next === 0x2d || KINDS[next] === LETTER) ? F_OPTION : 0;
    case 0x7b:
      if (next === 0x7b || next === 0x25 || next === 0x23) return F_TEMPLATE;
      return before === 0x23 || before === 0x40 || before === 0x7e || before === 0x25 ? F_TEMPLATE : 0;
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
  const kind = KINDS[before];
  const call =
    kind === LETTER || kind === DIGIT || before === 0x5d || before === 0x29 || before === 0x27 || before === 0x22;
  return (call ? F_CALL : 0) | (next === 0x26 || next === 0x7c || next === 0x21 ? F_FILTER : 0);
}

function goesOn(text: Codes, from: number, length: number): boolean {
  let at = from;
  const most = Math.min(length, from + MAX_SPACES);
  while (at < most && ((text[at] as number) <= 0x20 || (text[at] as number) === 0xa0)) at++;
  if (at >= length) return false;
  const c = text[at] as number;
  if (c >= 128) return c >= 0x2000;
  if (BEHIND[c] === 1) return true;
  if (KINDS[c] !== LETTER) return at === most;
  let hash = HASH_START;
  const end = Math.min(length, at + MAX_WORD);
  for (; at < end; at++) {
    const d = text[at] as number;
    if (d >= 128 || PART[d] === 0) break;
    hash = hashStep(hash, d | 0x20);
  }
  return BEHIND_WORDS.has(wordKind(hash));
}
