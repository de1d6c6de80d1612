import { hash } from 'node:crypto';
import { importKey, type VerificationKey } from '../jwt/verification-key.ts';

/** Keys remembered: about 1 KB each. Importing one costs 35 us, half of what verifying with it does. */
const MOST = 10_000;

/** Members of a public key that its thumbprint is made of, in the order of RFC 7638, section 3.2 (RFC 8037, section 2). */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/**
 * SHA-256 thumbprint of a public key (RFC 7638), base64url.
 * @returns undefined for what is no asymmetric key
 */
export function thumbprintOf(jwk: Readonly<Record<string, unknown>>): string | undefined {
  const { kty } = jwk;
  if (typeof kty !== 'string' || !Object.hasOwn(MEMBERS, kty)) return undefined;
  const required: Record<string, string> = {};
  for (const name of MEMBERS[kty] as readonly string[]) {
    const value = Object.hasOwn(jwk, name) ? jwk[name] : undefined;
    if (typeof value !== 'string') return undefined;
    required[name] = value;
  }
  return hash('sha256', JSON.stringify(required), 'base64url');
}

/**
 * Keys of proofs by their thumbprint. Only asked for the key that a verified token is bound to, so strangers cannot
 * fill it.
 */
export class ProofKeys {
  readonly #keys = new Map<string, VerificationKey>();

  /** @returns why it cannot be used */
  get(jwk: unknown, thumbprint: string, allowed: ReadonlySet<string>): VerificationKey | string {
    const known = this.#keys.get(thumbprint);
    // Compared as a whole: what else stands in it (alg, use, a private part) is judged by the import.
    if (known !== undefined && known.text === JSON.stringify(jwk)) return known;
    const key = importKey(jwk, allowed);
    if (typeof key === 'string') return key;
    if (this.#keys.size >= MOST) {
      for (const oldest of this.#keys.keys()) {
        this.#keys.delete(oldest);
        break;
      }
    }
    this.#keys.set(thumbprint, key);
    return key;
  }
}
