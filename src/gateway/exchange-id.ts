import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Two characters for each ten bits: half the look-ups and half the strings made. */
const PAIRS = Array.from({ length: 1024 }, (_, bits) => `${ALPHABET[bits >>> 5]}${ALPHABET[bits & 31]}`);
const POOL = 10 * 512;
let pool = Buffer.alloc(0);
let offset = POOL;
let latest = -1;
let prefix = '';

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
  if (time !== latest) {
    latest = time;
    prefix = '';
    for (let rest = time, i = 0; i < 5; i++, rest = Math.floor(rest / 1024)) prefix = PAIRS[rest % 1024] + prefix;
  }
  let text = prefix;
  for (let i = 0; i < 2; i++, offset += 5) {
    const high = pool.readUInt32BE(offset) >>> 12;
    const low = ((pool.readUInt8(offset + 2) & 0x0f) << 16) | pool.readUInt16BE(offset + 3);
    text += PAIRS[high >>> 10]! + PAIRS[high & 1023] + PAIRS[low >>> 10] + PAIRS[low & 1023];
  }
  return text;
}
