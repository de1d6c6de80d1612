import {
  kindOfCodes,
  W_ASK,
  W_BEGIN,
  W_BETWEEN,
  W_BY,
  W_CHOOSE,
  W_COMPARE,
  W_CONDITION,
  W_DECLARE,
  W_END,
  W_EXEC,
  W_FUNCTION,
  W_LOGIC,
  W_NONE,
  W_ORDER,
  W_OUTFILE,
  W_PROBE,
  W_SELECT,
  W_SLEEP,
  W_STATEMENT,
  W_SYSTEM,
  W_UNION,
  W_VALUES,
  W_WAITFOR,
  W_WEAPON,
} from '../sql/words.ts';
import { F_SQL_COMPARE, F_SQL_LOGIC, F_SQL_STRONG } from './bits.ts';
import { ASCII_PART, KINDS, LETTER, PART } from './characters.ts';
import type { Codes } from './codes.ts';

/** What must stand behind a word (or before it) for it to say more than it does in prose. */
const ALWAYS = 0;
const CALL = 1;
const DOT = 2;
const ORDER_BEFORE = 3;
const OPERAND = 4;
const UNION_BEFORE = 5;
const LAST = 6;
const FIRST = 7;
const TERM = 8;

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
count(F_SQL_LOGIC, TERM, W_LOGIC, W_CONDITION);
count(F_SQL_COMPARE, OPERAND, W_COMPARE, W_BETWEEN);
count(F_SQL_STRONG, FIRST, W_STATEMENT, W_BEGIN, W_FUNCTION);

/** No word stands before, or none since the last semicolon. */
export const AT_START = -1;
export const BEHIND_SEMICOLON = -2;

const NOTHING = -1;

/** The bits of a word between the word before it and what follows at `at`. */
export function weighWord(word: number, before: number, text: Codes, at: number, length: number): number {
  const flags = WORD_FLAGS[word] as number;
  const c = at < length ? (text[at] as number) : NOTHING;
  const next = at + 1 < length ? (text[at + 1] as number) : NOTHING;
  switch (WORD_NEEDS[word]) {
    case ALWAYS:
      return flags;
    case CALL:
      if (c === NOTHING) return 0;
      return c === 0x28 || c >= 0x80 || c === 0x2f || (c <= 0x20 && next <= 0x28 && next !== NOTHING) ? flags : 0;
    case DOT:
      return c === 0x2e ? flags : 0;
    case ORDER_BEFORE:
      return before === W_ORDER ? flags : 0;
    case FIRST:
      // A statement begins where the text does, or behind a semicolon.
      return before < 0 && (word !== W_FUNCTION || before === BEHIND_SEMICOLON) ? flags : 0;
    case LAST:
      return c === NOTHING || c === 0x23 || c === 0x2d || c === 0x2f || length - at < 3 ? flags : 0;
    case UNION_BEFORE:
      return before === W_UNION ? flags : 0;
    case TERM:
      return isProse(text, at, length) ? 0 : flags;
    default: {
      if (c === NOTHING) return 0;
      const d = c <= 0x20 || c >= 0x80 ? next : c;
      if (d === NOTHING) return 0;
      // A quote, a number, a parenthesis, a sign, a comment; or a word that changes nothing: `like binary 'x'`.
      return d <= 0x40 || d === 0x5c || d >= 0x80 || (d | 0x20) === 0x62 || (d | 0x20) === 0x6e || (d | 0x20) === 0x78
        ? flags
        : 0;
    }
  }
}

/** Spaces between words that are skipped. */
const MAX_SPACES = 4;

/** Two words that SQL does not know follow, as in `and she may`, or `and so on`: no condition goes on so. */
function isProse(text: Codes, from: number, length: number): boolean {
  const first = plainWord(text, from, length);
  return first > 0 && (plainWord(text, first, length) > 0 || isOn(text, first));
}

/** The word `on`, behind one space. */
const isOn = (text: Codes, at: number): boolean =>
  ((text[at + 1] as number) | 0x20) === 0x6f &&
  ((text[at + 2] as number) | 0x20) === 0x6e &&
  PART[text[at + 3] as number] === 0;

/** The end of the word behind white space that SQL does not know; -1 where something else stands there. */
function plainWord(text: Codes, from: number, length: number): number {
  let at = from;
  while (at < length && at - from < MAX_SPACES && text[at] === 0x20) at++;
  const start = at;
  while (at < length && PART[text[at] as number] === ASCII_PART) at++;
  return start > from &&
    at > start &&
    KINDS[text[start] as number] === LETTER &&
    kindOfCodes(text, start, at) === W_NONE
    ? at
    : -1;
}
