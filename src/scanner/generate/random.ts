/**
 * A stream of numbers in [0, 1) that depends on the seed and the key and on nothing else: whatever runs beside it, one
 * key gives one stream. FNV-1a with a final mix makes the state (xmur3), sfc32 the numbers; not for secrets.
 */
export function randomFrom(seed: number, key: string): () => number {
  let hash = 0x811c9dc5 ^ (seed | 0) ^ Math.imul(Math.floor(seed / 0x1_0000_0000) | 0, 0x9e3779b1);
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  const next = (): number => {
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^= hash >>> 16) + 0x6d2b79f5;
  };
  let a = next() | 0;
  let b = (hash = next() | 0);
  let c = (hash = next() | 0);
  let count = 1;
  const step = (): number => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first numbers of near states are near: thrown away.
  for (let i = 0; i < 12; i++) step();
  return step;
}

/** A whole number from `low` to `high`, both included. */
export const between = (random: () => number, low: number, high: number): number =>
  low + Math.floor(random() * (high - low + 1));

/** One of a list that is not empty. */
export const oneOf = <T>(random: () => number, list: readonly T[]): T =>
  list[Math.min(list.length - 1, Math.floor(random() * list.length))] as T;

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
const WORD = `${LETTERS}0123456789`;

/** Lower-case letters that make a text unlike others. */
export const letters = (random: () => number, count: number): string => chars(random, LETTERS, count);

/** Lower-case letters and digits; a letter first. */
export const token = (random: () => number, count: number): string =>
  letters(random, 1) + chars(random, WORD, Math.max(0, count - 1));

export const digits = (random: () => number, count: number): string => chars(random, '0123456789', count);

export const hex = (random: () => number, count: number): string => chars(random, '0123456789abcdef', count);

function chars(random: () => number, from: string, count: number): string {
  let text = '';
  for (let i = 0; i < count; i++) text += from[Math.floor(random() * from.length)];
  return text;
}
