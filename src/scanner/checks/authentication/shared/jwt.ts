import { createHmac, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Identity } from '../../../model/identity.ts';

/** A JSON Web Token (RFC 7519) in compact form, taken apart. */
export interface Jwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Encoded, as they came. */
  readonly head: string;
  readonly body: string;
  readonly signature: string;
}

const SHAPE = /^[A-Za-z0-9_-]{4,8192}\.[A-Za-z0-9_-]{2,16384}\.[A-Za-z0-9_-]{0,4096}$/;

/** Takes a token apart; undefined where it is no JWT. */
export function readJwt(text: string | undefined): Jwt | undefined {
  if (text === undefined || !SHAPE.test(text)) return undefined;
  const [head = '', body = '', signature = ''] = text.split('.');
  const header = readObject(head);
  const claims = readObject(body);
  return header === undefined || claims === undefined || typeof header['alg'] !== 'string'
    ? undefined
    : { header, claims, head, body, signature };
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export const encodePart = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Claims that are still good for a while: an attack must not fail because the token was about to expire. */
export function freshClaims(jwt: Jwt): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const { exp } = jwt.claims;
  return typeof exp === 'number' && exp < now + 300 ? { ...jwt.claims, exp: now + 3_600 } : { ...jwt.claims };
}

/** A token that is signed with HMAC (RFC 7518 section 3.2). */
export function hmacToken(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: string | Buffer,
): string {
  const text = `${encodePart(header)}.${encodePart(claims)}`;
  return `${text}.${hmac(String(header['alg']), text, key)}`;
}

/** The signature of a text in base64url. */
export const hmac = (algorithm: string, text: string, key: string | Buffer): string =>
  createHmac(algorithm.toUpperCase().replace('HS', 'sha'), key).update(text).digest('base64url');

const makeKey = promisify(generateKeyPair);

/** A key pair of the scanner's own that fits an algorithm, to sign with what no API should trust. */
export async function ownKey(
  algorithm: string,
): Promise<{ readonly key: KeyObject; readonly jwk: Record<string, unknown>; readonly algorithm: string }> {
  const family = algorithm.slice(0, 2);
  const pair =
    family === 'ES'
      ? await makeKey('ec', { namedCurve: algorithm === 'ES384' ? 'P-384' : algorithm === 'ES512' ? 'P-521' : 'P-256' })
      : algorithm === 'EdDSA' || algorithm === 'Ed25519'
        ? await makeKey('ed25519', {})
        : await makeKey('rsa', { modulusLength: 2048 });
  const jwk: Record<string, unknown> = { ...pair.publicKey.export({ format: 'jwk' }) };
  return { key: pair.privateKey, jwk, algorithm: /^(RS|PS|ES)|^Ed/.test(algorithm) ? algorithm : 'RS256' };
}

/** Signs a token with a private key (RFC 7515). */
export function signedToken(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: KeyObject,
): string {
  const text = `${encodePart(header)}.${encodePart(claims)}`;
  const algorithm = String(header['alg']);
  const bytes = Buffer.from(text);
  const digest = `sha${algorithm.slice(2)}`;
  const signature = algorithm.startsWith('Ed')
    ? sign(null, bytes, key)
    : algorithm.startsWith('ES')
      ? sign(digest, bytes, { key, dsaEncoding: 'ieee-p1363' })
      : algorithm.startsWith('PS')
        ? sign(digest, bytes, { key, padding: 6, saltLength: -1 })
        : sign(digest, bytes, key);
  return `${text}.${signature.toString('base64url')}`;
}

/** Identities whose credential is a JWT: one for each issuer, algorithm and key, as one verifier is tried once. */
export function jwtIdentities(identities: readonly Identity[]): { readonly as: Identity; readonly jwt: Jwt }[] {
  const known = new Set<string>();
  const found: { as: Identity; jwt: Jwt }[] = [];
  for (const as of identities) {
    const jwt = as.alive ? readJwt(as.secret) : undefined;
    if (jwt === undefined) continue;
    const key = `${String(jwt.header['alg'])} ${String(jwt.header['kid'])} ${String(jwt.claims['iss'])}`;
    if (known.has(key)) continue;
    known.add(key);
    found.push({ as, jwt });
  }
  return found;
}
