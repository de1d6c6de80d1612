import { generateKeyPairSync, hash, type KeyObject, randomUUID, sign } from 'node:crypto';
import { thumbprintOf } from './proof-key.ts';

const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

export interface ProofParts {
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
  /** Signs with another key than the one in the header. */
  readonly signer?: KeyObject;
}

/** A client with a key of its own (ES256) that makes proofs, right ones and wrong ones. */
export class TestHolder {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Record<string, unknown>;
  readonly jkt: string;

  constructor() {
    ({ privateKey: this.privateKey, publicKey: this.publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }));
    this.jwk = this.publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
    this.jkt = thumbprintOf(this.jwk) as string;
  }

  /**
   * A proof for a request.
   * @param now epoch milliseconds
   */
  proof(token: string, method: string, url: string, now: number, parts: ProofParts = {}): string {
    const header = b64({ typ: 'dpop+jwt', alg: 'ES256', jwk: this.jwk, ...parts.header });
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: url,
      iat: Math.floor(now / 1000),
      ath: hash('sha256', token, 'base64url'),
      ...parts.claims,
    };
    const signed = `${header}.${b64(claims)}`;
    const key = parts.signer ?? this.privateKey;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }
}
