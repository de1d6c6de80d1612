import { guessBits, LEAST_BITS } from './guessable.ts';

/** NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters where the password stands alone. */
export const SHORTEST = 15;
/** The same, where it is never taken without a second factor. */
export const SHORTEST_WITH_FACTOR = 8;
/** Bytes of UTF-8 after normalisation. Far above the 64 characters that must be possible; bounds what is hashed. */
export const LONGEST_BYTES = 1024;

/** The one form of a password that is hashed: NFC, so that it does not depend on the keyboard it was typed on. */
export const normalPassword = (password: string): string => password.normalize('NFC');

/**
 * Judges a new password: length, and a refusal of what guessers try first (section 3.1.1.2: expected values, the
 * account's own name, the service's). No rules of composition.
 * @param name of the account
 * @param options `withFactor`: it is never taken without a second factor; `expected`: what else a guesser would try here, such as
 *   the name of the service
 * @returns why it cannot be taken, for its owner; undefined where it can
 */
export function passwordProblem(
  password: string,
  name: string,
  { withFactor = false, expected = [] }: { withFactor?: boolean; expected?: readonly string[] } = {},
): string | undefined {
  const shortest = withFactor ? SHORTEST_WITH_FACTOR : SHORTEST;
  const normal = normalPassword(password);
  if (!password.isWellFormed()) return 'The password is not valid Unicode.';
  if (/\p{Cc}/u.test(normal)) return 'The password holds a control character, which some clients cannot send.';
  if ([...normal].length < shortest) return `The password needs at least ${shortest} characters: a sentence is fine.`;
  if (Buffer.byteLength(normal) > LONGEST_BYTES) return `The password is longer than ${LONGEST_BYTES} bytes.`;
  const plain = normal.toLowerCase();
  const letters = [...plain];
  if (new Set(letters).size < 5)
    return 'The password repeats a few characters only: it would be among the first guesses.';
  if (repeats(plain)) return 'The password repeats one short piece: it would be among the first guesses.';
  if (runs(letters))
    return 'The password is a run of neighbouring keys or letters: it would be among the first guesses.';
  if (letters.length - count(plain, name) * [...name].length < Math.min(8, shortest - 3))
    return 'The password is little more than the name: it would be among the first guesses.';
  if (guessBits(plain, [...partsOf(name), ...expected.flatMap(partsOf)]) < LEAST_BITS)
    return 'The password is made of common words, names, dates or runs of keys: it would be among the first guesses.';
  return undefined;
}

/** Whether the text is a piece of up to eight characters over and over, perhaps cut at the end. */
function repeats(text: string): boolean {
  for (let size = 1; size <= Math.min(8, text.length - 4); size++) {
    if (text.slice(size) === text.slice(0, -size)) return true;
  }
  return false;
}

const ROWS = [
  '01234567890',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'asdfghjkl',
  'zxcvbnm',
  'qwertzuiop',
  'azertyuiop',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p',
];
const NEIGHBOURS = new Set(
  ROWS.flatMap((row) => [...row].slice(1).flatMap((letter, i) => [`${row[i]}${letter}`, `${letter}${row[i]}`])),
);

/** Whether nearly every character is the neighbour of the one before it. */
function runs(letters: readonly string[]): boolean {
  let breaks = 0;
  for (let i = 1; i < letters.length; i++) {
    if (!NEIGHBOURS.has(`${letters[i - 1]}${letters[i]}`)) breaks++;
  }
  return breaks * 5 <= letters.length;
}

/** A name and its parts: `ann.smith@example.org` is also ann, smith and example. */
const partsOf = (name: string): string[] => [name, ...name.split(/[^\p{L}\p{N}]+/u)].filter((part) => part.length >= 3);

const count = (text: string, piece: string): number => (piece.length < 3 ? 0 : text.split(piece).length - 1);
