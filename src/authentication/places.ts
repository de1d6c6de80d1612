import type { SecurityScheme } from '../contract/model.ts';
import type { CanonicalRequest, Peer } from '../gateway/exchange.ts';
import { cookieName, queryName } from '../shared/credential-places.ts';

/**
 * Where a credential stands: an `Authorization` scheme (lower case), a header, cookie or query parameter, or the
 * connection, where it is the client's certificate.
 */
export interface Place {
  readonly in: 'authorization' | 'header' | 'cookie' | 'query' | 'connection' | 'signature';
  readonly name: string;
}

/** There are two credentials in one place: nobody can say which one is meant. */
export const TWICE: unique symbol = Symbol('twice');

export const BASIC: Place = { in: 'authorization', name: 'basic' };
export const BEARER: Place = { in: 'authorization', name: 'bearer' };
/** A token with a proof beside it (RFC 9449, section 7.1). */
export const DPOP: Place = { in: 'authorization', name: 'dpop' };
export const CERTIFICATE: Place = { in: 'connection', name: 'certificate' };
/** A signature over the request (RFC 9421), in two headers. */
export const SIGNATURE: Place = { in: 'signature', name: 'signature' };
export const X_API_KEY: Place = { in: 'header', name: 'x-api-key' };

export const placeId = (place: Place): string => `${place.in} ${place.name}`;

/** As people read it: `header x-api-key`, `Authorization: Bearer`. */
export const placeText = (place: Place): string =>
  place.in === 'authorization'
    ? `Authorization: ${schemeName(place.name)}`
    : place.in === 'connection'
      ? 'client certificate'
      : place.in === 'signature'
        ? 'Signature-Input'
        : `${place.in} ${place.name}`;

/** As RFCs spell the names of schemes: `Bearer`, `DPoP`. */
export const schemeName = (name: string): string =>
  name === DPOP.name ? 'DPoP' : `${name[0]?.toUpperCase()}${name.slice(1)}`;

/**
 * The places of an `apiKey` scheme of a contract. For the header `Authorization` also as a bearer token: that is what
 * contracts mean by it (Swagger 2.0 has no other way to say so).
 */
export function apiKeyPlaces({ type, in: where, parameter }: SecurityScheme): readonly Place[] {
  if (type !== 'apiKey' || where === undefined || parameter === undefined) return [];
  const place: Place = { in: where, name: where === 'header' ? parameter.toLowerCase() : parameter };
  return place.in === 'header' && place.name === 'authorization' ? [BEARER, place] : [place];
}

/** The places of tokens that an issuer has made, for a scheme of a contract. */
export function tokenPlaces(scheme: SecurityScheme): readonly Place[] {
  if (scheme.type === 'oauth2' || scheme.type === 'openIdConnect') return [BEARER, DPOP];
  if (scheme.type === 'http')
    return scheme.scheme === 'bearer' ? [BEARER, DPOP] : scheme.scheme === DPOP.name ? [DPOP] : [];
  return scheme.in === 'header' && scheme.parameter === 'authorization' ? apiKeyPlaces(scheme) : [];
}

export type Read = (request: CanonicalRequest, peer: Peer) => string | typeof TWICE | undefined;

/** Compiles what reads a place: the credential, or undefined where there is none (empty ones are none). */
export function readerOf(place: Place): Read {
  const { name } = place;
  switch (place.in) {
    case 'authorization':
      return ({ headers }) => schemeToken(headers['authorization'], name);
    case 'header':
      // With a scheme's name before it, it stands at another place: one credential is never at two.
      if (name === 'authorization') return ({ headers }) => bareToken(headers['authorization']);
      return ({ headers }) => {
        const value = headers[name];
        return value === '' ? undefined : value;
      };
    case 'cookie':
      return ({ headers }) => {
        const value = headers['cookie'];
        return value === undefined ? undefined : single(value.split(';'), (pair) => cookieName(pair) === name);
      };
    case 'query':
      return ({ query }) => (query === '' ? undefined : single(query.split('&'), (pair) => queryName(pair) === name));
    case 'signature':
      return ({ headers }) => headers['signature-input'] ?? headers['signature'];
    case 'connection':
      return (_request, peer) => peer.certificate?.thumbprint;
  }
}

/** The credentials of an `Authorization` header of this scheme (RFC 9110, section 11.4: scheme, 1*SP, credentials). */
function schemeToken(value: string | undefined, scheme: string): string | undefined {
  if (value === undefined) return undefined;
  const size = scheme.length;
  if (value.length <= size + 1 || value.charCodeAt(size) !== 0x20) return undefined;
  if (value.slice(0, size).toLowerCase() !== scheme) return undefined;
  let start = size + 1;
  while (value.charCodeAt(start) === 0x20) start++;
  return start === value.length ? undefined : value.slice(start);
}

function bareToken(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value.includes(' ') ? undefined : value;
}

function single(pairs: readonly string[], matches: (pair: string) => boolean): string | typeof TWICE | undefined {
  let found: string | undefined;
  for (const pair of pairs) {
    if (!matches(pair)) continue;
    if (found !== undefined) return TWICE;
    const equals = pair.indexOf('=');
    found = equals === -1 ? '' : pair.slice(equals + 1).trim();
  }
  return found === '' ? undefined : found;
}
