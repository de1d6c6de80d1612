import { type Jws, readJws } from '../jwt/jws.ts';
import { parseObject } from '../jwt/strict-json.ts';
import { thumbprintOf } from './proof-key.ts';

/** Characters of a proof: one with an RSA key of 4096 bits has 2,000. */
export const MAX_PROOF = 4096;
const MAX_JTI = 256;

/** A proof (RFC 9449, section 4.2) as it was read; nothing of it is verified yet. */
export interface Proof {
  readonly jws: Jws;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly thumbprint: string;
  readonly jti: string;
  readonly htm: string;
  readonly htu: string;
  /** Seconds since 1970. */
  readonly iat: number;
  readonly ath: string;
  readonly nonce: string | undefined;
}

/**
 * Reads a proof: its form, and that everything that must stand in it does.
 * @returns what is wrong with it, in words for the client and the record
 */
export function readProof(text: string): Proof | string {
  if (text.length > MAX_PROOF) return 'the proof is too long';
  const jws = readJws(text);
  if (typeof jws === 'string') return `the proof is not usable: ${jws}`;
  if (jws.typ !== 'dpop+jwt') return 'the proof has not the typ dpop+jwt';
  const jwk = Object.hasOwn(jws.header, 'jwk') ? jws.header['jwk'] : undefined;
  if (jwk === null || typeof jwk !== 'object' || Array.isArray(jwk)) return 'the proof holds no jwk';
  const thumbprint = thumbprintOf(jwk as Record<string, unknown>);
  if (thumbprint === undefined) return 'the jwk of the proof is not an asymmetric public key';
  const payload = parseObject(jws.payload);
  if (payload === undefined) return 'the proof holds no JSON object with unique names';
  const { jti, htm, htu, iat, ath, nonce } = payload;
  if (typeof jti !== 'string' || jti === '' || jti.length > MAX_JTI) return 'the proof has no usable jti';
  if (typeof htm !== 'string') return 'the proof has no htm';
  if (typeof htu !== 'string') return 'the proof has no htu';
  if (typeof iat !== 'number' || !Number.isFinite(iat)) return 'the proof has no iat';
  if (typeof ath !== 'string') return 'the proof has no ath';
  if (nonce !== undefined && typeof nonce !== 'string') return 'the nonce of the proof is not a string';
  return { jws, jwk: jwk as Record<string, unknown>, thumbprint, jti, htm, htu, iat, ath, nonce };
}
