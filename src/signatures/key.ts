import {
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  type webcrypto,
} from 'node:crypto';
import { ALGORITHMS, MIN_SECRET, type SignatureAlgorithm } from './algorithms.ts';
import { SignatureError } from './error.ts';

type JsonWebKey = webcrypto.JsonWebKey;

/** A key with the one algorithm it is used with. */
export interface MessageKey {
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
}

/** Characters of a key file. */
const MAX_KEY = 65_536;

/**
 * Reads a public key: PEM (SPKI or a certificate), or a JWK as JSON.
 * @param algorithm where the key alone does not say it; must fit it
 * @throws SignatureError that holds nothing of the key
 */
export function readPublicKey(text: string, algorithm?: string): MessageKey {
  const jwk = jwkOf(text);
  if (/PRIVATE KEY-----/.test(text) || (jwk !== undefined && ('d' in jwk || 'k' in jwk)))
    throw new SignatureError('this is a private key: give its public half, and keep this one to whoever signs');
  return keyOf(
    () => (jwk === undefined ? createPublicKey(text) : createPublicKey({ key: jwk, format: 'jwk' })),
    jwk,
    algorithm,
  );
}

/**
 * Reads a private key: PEM (PKCS #8, SEC 1, PKCS #1) without a passphrase, or a JWK as JSON.
 * @throws SignatureError that holds nothing of the key
 */
export function readPrivateKey(text: string, algorithm?: string): MessageKey {
  const jwk = jwkOf(text);
  return keyOf(
    () => (jwk === undefined ? createPrivateKey(text) : createPrivateKey({ key: jwk, format: 'jwk' })),
    jwk,
    algorithm,
  );
}

/**
 * A shared secret for hmac-sha256.
 * @throws SignatureError where it is too short
 */
export function secretKey(bytes: Buffer): MessageKey {
  if (bytes.length < MIN_SECRET) throw new SignatureError(`a shared secret needs ${MIN_SECRET} bytes or more`);
  return { algorithm: ALGORITHMS.get('hmac-sha256') as SignatureAlgorithm, key: createSecretKey(bytes) };
}

/** A key as an object of node, with the algorithm that fits it. @throws SignatureError */
export function messageKey(key: KeyObject, algorithm?: string): MessageKey {
  return withAlgorithm(key, algorithm, undefined);
}

function keyOf(make: () => KeyObject, jwk: JsonWebKey | undefined, algorithm: string | undefined): MessageKey {
  let key: KeyObject;
  try {
    key = make();
  } catch {
    throw new SignatureError('not a key that can be read (PEM or JWK, without a passphrase)');
  }
  const use = jwk?.['use'];
  if (use !== undefined && use !== 'sig') throw new SignatureError('the key is not for signatures (use)');
  const named = jwk?.['alg'];
  return withAlgorithm(key, algorithm, typeof named === 'string' ? named : undefined);
}

function withAlgorithm(key: KeyObject, wanted: string | undefined, jwkAlg: string | undefined): MessageKey {
  for (const algorithm of ALGORITHMS.values()) {
    if (wanted !== undefined && algorithm.name !== wanted) continue;
    if (jwkAlg !== undefined && !algorithm.jwk.includes(jwkAlg)) continue;
    if (algorithm.fits(key)) return { algorithm, key };
  }
  throw new SignatureError(
    wanted === undefined
      ? 'no algorithm fits the key: Ed25519, P-256, P-384 and RSA of 2048 bits or more do'
      : `the key is not one for ${wanted}`,
  );
}

function jwkOf(text: string): JsonWebKey | undefined {
  if (text.length > MAX_KEY) throw new SignatureError(`a key has at most ${MAX_KEY} characters`);
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && 'kty' in value) return value as JsonWebKey;
  } catch {}
  throw new SignatureError('not a JWK (RFC 7517)');
}

/** Public half of a key as a JWK with its algorithm. */
export function publicJwk({ key, algorithm }: MessageKey): JsonWebKey {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return { ...half.export({ format: 'jwk' }), alg: algorithm.jwk[0], use: 'sig' };
}

const THUMBPRINT: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** SHA-256 of the members that make the key (RFC 7638), base64url: a name that only this key has. */
export function thumbprint(jwk: JsonWebKey): string {
  const members = THUMBPRINT[jwk.kty ?? ''] ?? [];
  const exact = Object.fromEntries(members.map((name) => [name, (jwk as Record<string, unknown>)[name]]));
  return createHash('sha256').update(JSON.stringify(exact)).digest('base64url');
}
