import { hash, timingSafeEqual } from 'node:crypto';
import { readDictionary } from './dictionary.ts';
import { SignatureError } from './error.ts';

/** Digests that say something (RFC 9530, section 5); md5, sha and the checksums of the registry do not. */
export type DigestAlgorithm = 'sha-256' | 'sha-512';
const HASHES: Readonly<Record<DigestAlgorithm, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' };
const isStrong = (name: string): name is DigestAlgorithm => Object.hasOwn(HASHES, name);

/** Value of `Content-Digest` or `Repr-Digest` for these bytes. Text is taken as UTF-8. */
export const digestField = (bytes: Buffer | string, algorithm: DigestAlgorithm = 'sha-256'): string =>
  `${algorithm}=:${hash(HASHES[algorithm], bytes, 'base64')}:`;

/** What a digest field promises, read before the bytes are there. */
export type ExpectedDigests = readonly { readonly algorithm: DigestAlgorithm; readonly digest: Buffer }[];

/**
 * Reads `Content-Digest` or `Repr-Digest` (RFC 9530, section 2). Digests of unknown or weak algorithms are ignored, as
 * long as a strong one is there; of several strong ones all must be right.
 * @throws SignatureError
 */
export function readDigests(name: string, field: string): ExpectedDigests {
  const expected: { algorithm: DigestAlgorithm; digest: Buffer }[] = [];
  for (const [algorithm, member] of readDictionary(name, field)) {
    if (!isStrong(algorithm)) continue;
    const [value] = member;
    if (!(value instanceof ArrayBuffer)) throw new SignatureError(`${name} holds something else than bytes`);
    expected.push({ algorithm, digest: Buffer.from(value) });
  }
  if (expected.length === 0) throw new SignatureError(`${name} holds neither sha-256 nor sha-512`);
  return expected;
}

/** Whether the bytes are those the digests were made of. */
export const fitsDigests = (expected: ExpectedDigests, bytes: Buffer | string): boolean =>
  expected.every(({ algorithm, digest }) => {
    const real = hash(HASHES[algorithm], bytes, 'buffer');
    return real.length === digest.length && timingSafeEqual(real, digest);
  });

/**
 * The algorithm that `Want-Content-Digest` or `Want-Repr-Digest` prefers (RFC 9530, section 4); sha-256 where it says
 * nothing that can be had: it is a wish, not a demand.
 * @returns undefined where the field is absent
 */
export function wantedDigest(field: string | undefined): DigestAlgorithm | undefined {
  if (field === undefined) return undefined;
  let best: DigestAlgorithm = 'sha-256';
  let most = 0;
  try {
    for (const [algorithm, member] of readDictionary('Want-Content-Digest', field)) {
      const weight = member[0];
      if (!isStrong(algorithm) || typeof weight !== 'number' || !Number.isInteger(weight) || weight > 10) continue;
      if (weight <= most) continue;
      best = algorithm;
      most = weight;
    }
  } catch {
    return 'sha-256';
  }
  return best;
}
