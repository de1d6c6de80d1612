import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { BASE62, randomBase62 } from './random.ts';

/**
 * The form of a key: `pk_`, 32 random base62 characters (190 bits), 6 of checksum. The prefix and the fixed width let
 * secret scanners find leaked keys; the checksum lets both them and the gate tell a real key from a look-alike
 * without a look-up.
 */
export const KEY_PREFIX = 'pk_';
export const KEY_PATTERN = /^pk_[0-9A-Za-z]{38}$/;

const RANDOM = 32;
const LENGTH = KEY_PREFIX.length + RANDOM + 6;

/** A new key. It is shown once; only its digest is kept. */
export function newSecret(): string {
  const body = KEY_PREFIX + randomBase62(RANDOM);
  return body + checksum(body);
}

/** Whether the text has the form of a key and its checksum fits. No secret is compared here, so time tells nothing. */
export function isWellFormed(text: string): boolean {
  return text.length === LENGTH && KEY_PATTERN.test(text) && checksum(text.slice(0, -6)) === text.slice(-6);
}

/**
 * SHA-256 in base64url: what the store knows a key by. A fast hash is right here: 190 random bits cannot be searched,
 * however fast the guessing; slow hashes are for what people make up.
 */
export const digestOf = (secret: string): string => hash('sha256', secret, 'base64url');

/** CRC-32 as six base62 digits, most significant first. */
function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < 6; i++) {
    text = BASE62[rest % 62] + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}
