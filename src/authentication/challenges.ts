import type { Demands } from './demands.ts';
import type { Place } from './places.ts';

/** `WWW-Authenticate` for the answers 401 of one operation, ready at load. */
export interface Challenges {
  readonly missing: string;
  /** The same where a bearer token was sent and was not good (RFC 6750, section 3.1). */
  readonly invalidToken: string;
}

/** One challenge for each kind of credential the operation takes (RFC 9110, section 11.6.1). */
export function challengesOf(demands: Demands, realm: string): Challenges {
  const build = (error: boolean): string => {
    const list = demands.places.filter(({ implicit }) => !implicit);
    const places = (list.length > 0 ? list : demands.places).map(({ place }) => challenge(place, realm, error));
    return [...new Set(places)].join(', ');
  };
  return { missing: build(false), invalidToken: build(true) };
}

function challenge({ in: where, name }: Place, realm: string, error: boolean): string {
  if (where === 'authorization' && name === 'basic') return `Basic realm="${realm}", charset="UTF-8"`;
  if (where === 'authorization') {
    const scheme = `${name[0]?.toUpperCase()}${name.slice(1)}`;
    return `${scheme} realm="${realm}"${error ? ', error="invalid_token"' : ''}`;
  }
  // There is no registered scheme for keys; the parameters say where the key belongs.
  return `ApiKey realm="${realm}", in="${where}", name="${quoted(name)}"`;
}

/** A name from the contract as a quoted string (RFC 9110, section 5.6.4), and never anything that ends a header. */
const quoted = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');
