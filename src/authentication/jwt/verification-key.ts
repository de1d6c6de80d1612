import { createPublicKey, type KeyObject, type webcrypto } from 'node:crypto';
import { ALGORITHMS, type Algorithm } from './algorithms.ts';
import type { Jws } from './jws.ts';

/** A public key of an issuer, with the algorithms it may be used for and no others. */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algorithms: ReadonlySet<Algorithm>;
  readonly key: KeyObject;
  /** Bytes of an RSA signature. */
  readonly modulus: number | undefined;
  /** The JWK as text: the same key in a newer set stays the same object, and what it verified stays verified. */
  readonly text: string;
  /** False as soon as the issuer no longer publishes it: what it verified is void then. */
  live: boolean;
}

/** Smaller RSA keys can be broken, larger ones make each verification slow (RFC 8725, section 3.5). */
const RSA_BITS = { least: 2048, most: 8192 };

/**
 * Takes one JWK (RFC 7517) as a key for signatures.
 * @param allowed algorithm names of the issuer's settings
 * @returns why it cannot be used, for the operator; never holds key material
 */
export function importKey(jwk: unknown, allowed: ReadonlySet<string>): VerificationKey | string {
  if (jwk === null || typeof jwk !== 'object' || Array.isArray(jwk)) return 'not an object';
  const { kty, crv, alg, use, kid, key_ops: operations } = jwk as Record<string, unknown>;
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 1024)) return 'kid is not a short string';
  if (kty === 'oct') return 'a symmetric key: whoever can verify with it can also sign';
  for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])
    if (Object.hasOwn(jwk, secret)) return 'holds a private key: everyone who can read this set can sign; replace it';
  if (use !== undefined && use !== 'sig') return 'not for signatures (use)';
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'not for verifying (key_ops)';
  if (alg !== undefined && (typeof alg !== 'string' || !ALGORITHMS.has(alg))) return 'its alg is not supported';
  const algorithms = new Set<Algorithm>();
  for (const algorithm of ALGORITHMS.values()) {
    if (algorithm.kty !== kty || (algorithm.crv !== undefined && algorithm.crv !== crv)) continue;
    const pinned = alg === undefined || alg === algorithm.name || (isEd25519(alg) && isEd25519(algorithm.name));
    if (pinned && allowed.has(algorithm.name)) algorithms.add(algorithm);
  }
  if (algorithms.size === 0) return 'no accepted algorithm fits its kty, crv and alg';
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' });
  } catch {
    return 'not a valid public key';
  }
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  if (kty === 'RSA') {
    if (modulusLength < RSA_BITS.least || modulusLength > RSA_BITS.most)
      return `an RSA key of ${modulusLength} bits (from ${RSA_BITS.least} to ${RSA_BITS.most} are accepted)`;
    // With an exponent of 1 every padded digest is its own signature; a huge one makes verifying slow.
    if (publicExponent < 3n || publicExponent % 2n === 0n || publicExponent > 0xffffffffn)
      return 'an RSA key with an unusable exponent';
  }
  const modulus = kty === 'RSA' ? Math.ceil(modulusLength / 8) : undefined;
  return { kid, algorithms, key, modulus, text: JSON.stringify(jwk), live: true };
}

/** Verifies a token's signature with one key. The key, not the token, says which algorithms are possible. */
export function verifySignature(jws: Jws, key: VerificationKey): boolean {
  const { algorithm, signature, signed } = jws;
  if (!key.algorithms.has(algorithm)) return false;
  if (signature.length !== (algorithm.signature ?? key.modulus)) return false;
  try {
    return algorithm.verify(signed, key.key, signature);
  } catch {
    return false;
  }
}

/** EdDSA with this curve and Ed25519 are two names of one algorithm (RFC 9864, section 2.2). */
const isEd25519 = (name: unknown): boolean => name === 'EdDSA' || name === 'Ed25519';
