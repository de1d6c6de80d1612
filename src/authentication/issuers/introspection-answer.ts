import type { OutboundAnswer } from '../../outbound/outbound.ts';
import type { Payload } from '../jwt/claims.ts';
import { readJws } from '../jwt/jws.ts';
import type { KeySet } from '../jwt/key-set.ts';
import { parseObject } from '../jwt/strict-json.ts';
import { verifySignature } from '../jwt/verification-key.ts';

/** Bytes of an answer; real ones have 200 to 2,000. */
export const MAX_ANSWER = 64 * 1024;
/** Seconds that a signed answer may be old: it was made for the request before. */
const SIGNED_LIFETIME = 60;

/** No key that is known has signed the answer: the issuer may have a new one. */
export const UNKNOWN_SIGNATURE = 'the signature of the answer';

/** What an issuer says of a token: its claims, or that it is not good. */
export type Said = { readonly active: true; readonly payload: Payload } | { readonly active: false };
const INACTIVE: Said = { active: false };

/** Whose signed answers are believed. */
export interface Signer {
  readonly keys: KeySet;
  readonly issuer: string;
  /** The gate's own client id: whom the answer is for. */
  readonly client: string;
  readonly clockTolerance: number;
}

/**
 * Reads an answer (RFC 7662, section 2.2), signed (RFC 9701, section 5) where a signer is given.
 * @returns what is wrong with it: then nothing is known about the token
 */
export function readIntrospection(answer: OutboundAnswer, signer: Signer | undefined, now: number): Said | string {
  if (answer.status !== 200) return `answered with status ${answer.status}`;
  if (signer !== undefined) return readSigned(answer, signer, now);
  if (answer.mediaType !== 'application/json') return 'the answer is not application/json';
  const payload = parseObject(answer.body);
  return payload === undefined ? 'the answer is not a JSON object with unique names' : said(payload);
}

function said(payload: Payload): Said | string {
  const { active } = payload;
  if (typeof active !== 'boolean') return 'the answer does not say whether the token is active';
  return active ? { active, payload } : INACTIVE;
}

function readSigned({ mediaType, body }: OutboundAnswer, signer: Signer, now: number): Said | string {
  if (mediaType !== 'application/token-introspection+jwt') return 'the answer is not signed (RFC 9701)';
  const jws = readJws(body.toString('latin1'), MAX_ANSWER);
  if (typeof jws === 'string') return `the signed answer: ${jws}`;
  // An access token of the same issuer has the same key: only the type tells them apart.
  if (jws.typ !== 'token-introspection+jwt') return 'the signed answer has another typ';
  const keys = signer.keys.candidates(jws.kid, jws.algorithm);
  if (!keys.some((key) => verifySignature(jws, key))) return UNKNOWN_SIGNATURE;
  const claims = parseObject(jws.payload);
  if (claims === undefined) return 'the signed answer is not a JSON object with unique names';
  if (claims['iss'] !== signer.issuer) return 'the signed answer is of another issuer';
  const { aud, iat } = claims;
  if (aud !== signer.client && !(Array.isArray(aud) && aud.includes(signer.client)))
    return 'the signed answer is for another client (aud)';
  const age = now / 1000 - (typeof iat === 'number' ? iat : Number.NaN);
  if (!(age >= -signer.clockTolerance - 1 && age <= SIGNED_LIFETIME + signer.clockTolerance))
    return 'the signed answer is of another time (iat)';
  const inner = claims['token_introspection'];
  if (inner === null || typeof inner !== 'object' || Array.isArray(inner))
    return 'the signed answer holds no token_introspection';
  return said(inner as Payload);
}
