import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import type { Weak } from './weaknesses.ts';

export const ISSUER = 'https://clinic.example';
export const AUDIENCE = 'clinic';
export const LIFETIME = 15 * 60;
const KEY_FILE = 'signing-key.json';
const SHAPE = /^[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{1,4096}\.[A-Za-z0-9_-]{0,1024}$/;

/** Claims of the clinic's access tokens (RFC 9068). */
export interface Claims {
  /** `patient:2`, `staff:1` */
  readonly sub: string;
  readonly roles: readonly string[];
  readonly patientId?: number;
  readonly staffId?: number;
}

/** Issues and checks the clinic's own access tokens: JWT, ES256, one key kept on the clinic's disk. */
export class Tokens {
  readonly #private;
  readonly #public;
  readonly #jwk: Readonly<Record<string, unknown>>;
  readonly #weak: Weak;
  readonly #database: Database;

  constructor(disk: Disk, weak: Weak, database: Database) {
    this.#weak = weak;
    this.#database = database;
    let text = disk.readHome(KEY_FILE);
    if (text === undefined) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      text = JSON.stringify(privateKey.export({ format: 'jwk' }));
      disk.writeHome(KEY_FILE, text);
    }
    this.#private = createPrivateKey({ key: JSON.parse(text), format: 'jwk' });
    this.#public = createPublicKey(this.#private);
    const { kty, crv, x, y } = this.#public.export({ format: 'jwk' });
    // RFC 7638: members in order, no spaces
    const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
    this.#jwk = { kty, crv, x, y, kid, alg: 'ES256', use: 'sig' };
  }

  /** The JWK Set (RFC 7517) a gate checks the tokens with. */
  keys(): object {
    return { keys: [this.#jwk] };
  }

  /** @param lifetime seconds */
  issue(claims: Claims, lifetime = LIFETIME, now = Math.floor(Date.now() / 1000)): string {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: this.#jwk.kid };
    const body = { iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + lifetime, jti: randomUUID(), ...claims };
    const text = `${encode(header)}.${encode(body)}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.#private, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }

  /** @returns the claims and whether their signature was checked; undefined where the token is not good. */
  check(token: string, now = Math.floor(Date.now() / 1000)): { claims: Claims; signed: boolean } | undefined {
    if (!SHAPE.test(token)) return undefined;
    const [head = '', body = '', signature = ''] = token.split('.');
    const header = decode(head);
    const claims = decode(body);
    if (header === undefined || claims === undefined) return undefined;
    if (this.#weak('unsigned-tokens') && header.alg === 'none') {
      return { claims: claims as unknown as Claims, signed: false };
    }
    const right =
      this.#signedByUs(header, `${head}.${body}`, Buffer.from(signature, 'base64url')) &&
      claims.iss === ISSUER &&
      claims.aud === AUDIENCE &&
      typeof claims.exp === 'number' &&
      // careless: "the app renews its tokens anyway"
      (claims.exp > now || this.#weak('token-expiry')) &&
      typeof claims.sub === 'string' &&
      !this.#isRevoked(claims.jti);
    return right ? { claims: claims as unknown as Claims, signed: true } : undefined;
  }

  /** Ends a token before its time. */
  revoke(token: string, now = Math.floor(Date.now() / 1000)): void {
    const { jti, exp } = decode(token.split('.')[1] ?? '') ?? {};
    if (typeof jti !== 'string' || typeof exp !== 'number') return;
    // What has died by itself need not be remembered.
    this.#database.run('DELETE FROM revoked WHERE until < ?', now);
    this.#database.run('INSERT OR IGNORE INTO revoked (jti, until) VALUES (?, ?)', jti, exp);
  }

  #isRevoked(jti: unknown): boolean {
    if (typeof jti !== 'string') return true;
    return this.#database.get('SELECT jti FROM revoked WHERE jti = ?', jti) !== undefined;
  }

  #signedByUs(header: Record<string, unknown>, text: string, signature: Buffer): boolean {
    if (this.#weak('token-algorithm') && header.alg === 'HS256') {
      // careless: the token says how it is to be checked, and the public key will do as a secret
      const pem = this.#public.export({ type: 'spki', format: 'pem' }).toString();
      const secrets = [pem, pem.trim(), JSON.stringify(this.#jwk)];
      return secrets.some((secret) => equal(createHmac('sha256', secret).update(text).digest(), signature));
    }
    if (header.alg !== 'ES256' || header.typ !== 'at+jwt' || header.kid !== this.#jwk.kid) return false;
    // careless: decoded is not verified
    if (this.#weak('token-signature')) return true;
    return verify('sha256', Buffer.from(text), { key: this.#public, dsaEncoding: 'ieee-p1363' }, signature);
  }
}

const equal = (one: Buffer, two: Buffer): boolean => one.length === two.length && timingSafeEqual(one, two);

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Base64url JSON object; undefined where it is none. */
export function decode(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
