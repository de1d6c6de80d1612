import type { Demands } from './demands.ts';
import { DPOP, type Place, placeId, schemeName } from './places.ts';

/** `WWW-Authenticate` for the answers 401 of one operation, ready at load. */
export interface Challenges {
  readonly missing: string;
  /** The same where a bearer token was sent and was not good (RFC 6750, section 3.1). */
  readonly invalidToken: string;
  /** The same where it was sent with a proof (RFC 9449, section 7.1). */
  readonly invalidBound: string;
}

/**
 * One challenge for each kind of credential the operation takes (RFC 9110, section 11.6.1).
 * @param dpop the one for tokens with proofs, where they are taken
 */
export function challengesOf(demands: Demands, realm: string, dpop: string | undefined): Challenges {
  const build = (error: boolean, proofs = dpop): string => {
    const list = demands.places.filter(({ implicit }) => !implicit);
    const places = (list.length > 0 ? list : demands.places)
      .filter(({ place }) => placeId(place) !== placeId(DPOP))
      .map(({ place }) => challenge(place, realm, error));
    return [...new Set(proofs === undefined ? places : [...places, proofs])].join(', ');
  };
  const invalidBound = build(false, dpop === undefined ? undefined : `${dpop}, error="invalid_token"`);
  return { missing: build(false), invalidToken: build(true), invalidBound };
}

function challenge({ in: where, name }: Place, realm: string, error: boolean): string {
  if (where === 'authorization' && name === 'basic') return `Basic realm="${realm}", charset="UTF-8"`;
  if (where === 'authorization') return `${schemeName(name)} realm="${realm}"${error ? ', error="invalid_token"' : ''}`;
  // There is no registered scheme for certificates, nor for keys; the parameters say where the key belongs.
  if (where === 'signature') return `Signature realm="${realm}"`;
  if (where === 'connection') return `Certificate realm="${realm}"`;
  return `ApiKey realm="${realm}", in="${where}", name="${quoted(name)}"`;
}

/** A name from the contract as a quoted string (RFC 9110, section 5.6.4), and never anything that ends a header. */
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
