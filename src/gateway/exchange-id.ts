import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const POOL = 10 * 512;
let pool = Buffer.alloc(0);
let offset = POOL;

/**
 * A ULID: 48 bits of time, 80 random bits, Crockford base 32, 26 characters. Sorts by time; unique over workers and
 * machines without asking anyone.
 * @param time epoch milliseconds
 */
export function exchangeId(time: number): string {
  if (offset + 10 > pool.length) {
    pool = randomBytes(POOL);
    offset = 0;
  }
  let text = '';
  let rest = time;
  for (let i = 0; i < 10; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  for (let i = 0; i < 2; i++) {
    const high = pool.readUInt32BE(offset) >>> 12;
    const low = ((pool.readUInt8(offset + 2) & 0x0f) << 16) | pool.readUInt16BE(offset + 3);
    offset += 5;
    text += ALPHABET[high >>> 15]! + ALPHABET[(high >>> 10) & 31] + ALPHABET[(high >>> 5) & 31] + ALPHABET[high & 31];
    text += ALPHABET[low >>> 15]! + ALPHABET[(low >>> 10) & 31] + ALPHABET[(low >>> 5) & 31] + ALPHABET[low & 31];
  }
  return text;
}
