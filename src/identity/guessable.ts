import { COMMON_WORDS } from './common-words.ts';

/**
 * How soon a password would be guessed, by the rules people make theirs by and guessers try first: common words, names that
 * are to be expected, years and dates, runs on the keyboard, repeats, letters written as digits, and what is put at the end.
 * A list holds what was leaked somewhere; rules hold what will be.
 */

/** Characters that are looked at: what is hard to guess up to here stays so. */
const MOST = 256;
/** Bits below which a password is among the first guesses: about a billion of them. */
export const LEAST_BITS = 30;

/** What a piece costs a guesser, in bits. */
const BITS = {
  word: 8.4,
  expected: 2,
  /** For a word with letters written as digits or signs. */
  folded: 1,
  year: 6,
  date: 12,
  run: 5,
  repeat: 1.5,
  space: 1.5,
  /** A sign at the end, where most people put it; anywhere else. */
  ending: 3,
  mark: 5,
  digit: 3.32,
  letter: 4.5,
  other: 6,
} as const;

/** Letters that a digit or sign is written for. */
const FOLDS: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'il',
  '2': 'z',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '6': 'gb',
  '7': 't',
  '8': 'b',
  '9': 'g',
  '@': 'a',
  $: 's',
  '!': 'il',
  '+': 't',
  '|': 'il',
  '(': 'c',
  '€': 'e',
};

/** Neighbours on keyboards and in the alphabet, in either direction. */
const ROWS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop[]',
  'asdfghjkl;',
  'zxcvbnm,./',
  'qwertzuiopü',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  'йцукенгшщзхъ',
  'фывапролджэ',
  'ячсмитьбю',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
  '!@#$%^&*()',
  '147258369',
  '741852963',
];
const NEIGHBOURS = new Set(
  ROWS.flatMap((row) => [...row].slice(1).flatMap((letter, i) => [`${row[i]}${letter}`, `${letter}${row[i]}`])),
);
const SHORTEST_RUN = 3;
const LONGEST_REPEAT = 32;

const BY_LETTER = new Map<string, string[]>();
for (const word of COMMON_WORDS) {
  const first = word[0] as string;
  const list = BY_LETTER.get(first);
  if (list === undefined) BY_LETTER.set(first, [word]);
  else list.push(word);
}

/**
 * Bits a guesser needs at most who knows these rules. Counts what is found, so it says too much for what no rule knows.
 * @param expected what a guesser of this very password would try: the user's name, the service's
 */
export function guessBits(password: string, expected: readonly string[] = []): number {
  const letters = [...password.toLowerCase()].slice(0, MOST);
  const own = expected.map((word) => [...word.toLowerCase()]).filter((word) => word.length >= 3);
  const cost = new Float64Array(letters.length + 1).fill(Number.POSITIVE_INFINITY);
  cost[0] = 0;
  for (let i = 0; i < letters.length; i++) {
    const here = cost[i] as number;
    const reach = (length: number, bits: number): void => {
      const to = i + length;
      if (length > 0 && to <= letters.length) cost[to] = Math.min(cost[to] as number, here + bits);
    };
    reach(1, single(letters[i] as string, i === letters.length - 1));
    reach(run(letters, i), BITS.run);
    for (const [length, bits] of numbers(letters, i)) reach(length, bits);
    for (const word of own) {
      const folds = foldsOf(letters, i, word);
      if (folds >= 0) reach(word.length, BITS.expected + (folds > 0 ? BITS.folded : 0));
    }
    for (const first of firsts(letters[i] as string)) {
      for (const word of BY_LETTER.get(first) ?? []) {
        const folds = foldsOf(letters, i, word);
        if (folds >= 0) reach(word.length, BITS.word + (folds > 0 ? BITS.folded : 0));
      }
    }
    for (let length = 1; length <= Math.min(i, LONGEST_REPEAT); length++)
      if (isRepeat(letters, i, length)) reach(length, BITS.repeat);
  }
  return cost[letters.length] as number;
}

function single(letter: string, last: boolean): number {
  if (/^[\s_.,-]$/.test(letter)) return BITS.space;
  if (/^\d$/.test(letter)) return BITS.digit;
  if (/^\p{L}$/u.test(letter)) return BITS.letter;
  return /^[!?#*&$@%+=]$/.test(letter) ? (last ? BITS.ending : BITS.mark) : BITS.other;
}

const firsts = (letter: string): readonly string[] => [
  letter,
  ...(Object.hasOwn(FOLDS, letter) ? (FOLDS[letter] as string) : ''),
];

/** @returns how many letters of the word are written otherwise; -1 where it does not stand there */
function foldsOf(letters: readonly string[], at: number, word: string | readonly string[]): number {
  if (at + word.length > letters.length) return -1;
  let folds = 0;
  for (let k = 0; k < word.length; k++) {
    const letter = letters[at + k] as string;
    if (letter === word[k]) continue;
    if (!Object.hasOwn(FOLDS, letter) || !(FOLDS[letter] as string).includes(word[k] as string)) return -1;
    folds++;
  }
  return folds;
}

/** @returns the length of a run of neighbours, or of one letter, that begins there; 0 where none does */
function run(letters: readonly string[], at: number): number {
  let length = 1;
  while (at + length < letters.length && NEIGHBOURS.has(`${letters[at + length - 1]}${letters[at + length]}`)) length++;
  return length < SHORTEST_RUN ? 0 : length;
}

function isRepeat(letters: readonly string[], at: number, length: number): boolean {
  if (at + length > letters.length) return false;
  for (let k = 0; k < length; k++) if (letters[at + k] !== letters[at - length + k]) return false;
  return true;
}

/** Years and dates as digits. */
function numbers(letters: readonly string[], at: number): (readonly [number, number])[] {
  const found: (readonly [number, number])[] = [];
  const text = letters.slice(at, at + 8).join('');
  if (/^(?:19|20)\d\d/.test(text)) found.push([4, BITS.year]);
  if (/^(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?:19|20)\d\d/.test(text))
    found.push([8, BITS.date]);
  if (/^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])/.test(text)) found.push([8, BITS.date]);
  if (/^(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d/.test(text)) found.push([6, BITS.date]);
  return found;
}
