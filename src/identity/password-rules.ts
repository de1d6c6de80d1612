/** NIST SP 800-63B-4, section 3.1.1.2: at least 15 characters where the password stands alone. */
export const SHORTEST = 15;
/** Bytes of UTF-8 after normalisation. Far above the 64 characters that must be possible; bounds what is hashed. */
export const LONGEST_BYTES = 1024;

/** The one form of a password that is hashed: NFC, so that it does not depend on the keyboard it was typed on. */
export const normalPassword = (password: string): string => password.normalize('NFC');

/**
 * Judges a new password: length, and a refusal of what guessers try first (section 3.1.1.2: expected values, the
 * account's own name). No rules of composition.
 * @returns why it cannot be taken, for its owner; undefined where it can
 */
export function passwordProblem(password: string, name: string): string | undefined {
  const normal = normalPassword(password);
  if (!password.isWellFormed()) return 'The password is not valid Unicode.';
  if (/\p{Cc}/u.test(normal)) return 'The password holds a control character, which some clients cannot send.';
  if ([...normal].length < SHORTEST) return `The password needs at least ${SHORTEST} characters: a sentence is fine.`;
  if (Buffer.byteLength(normal) > LONGEST_BYTES) return `The password is longer than ${LONGEST_BYTES} bytes.`;
  const plain = normal.toLowerCase();
  const letters = [...plain];
  if (new Set(letters).size < 5)
    return 'The password repeats a few characters only: it would be among the first guesses.';
  if (repeats(plain)) return 'The password repeats one short piece: it would be among the first guesses.';
  if (runs(letters))
    return 'The password is a run of neighbouring keys or letters: it would be among the first guesses.';
  if (letters.length - count(plain, name) * [...name].length < 8)
    return 'The password is little more than the name: it would be among the first guesses.';
  return undefined;
}

/** Whether the text is a piece of up to eight characters over and over, perhaps cut at the end. */
function repeats(text: string): boolean {
  for (let size = 1; size <= 8; size++) {
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

const count = (text: string, piece: string): number => (piece.length < 3 ? 0 : text.split(piece).length - 1);
