import { parseObject } from '../jwt/strict-json.ts';
import { isDiscoverable, isLoopback } from './settings.ts';

/** Bytes of a metadata document; real ones have 2 to 10 KB. */
export const MAX_METADATA = 256 * 1024;
const MAX_URL = 2_000;

/** What an issuer publishes about itself, as far as the gate needs it. */
export interface Metadata {
  /** The document it stands in. */
  readonly url: string;
  readonly jwks: string | undefined;
  readonly introspection: string | undefined;
  /** Names of the ways to prove oneself at the introspection endpoint; for people. */
  readonly methods: readonly string[];
}

/**
 * Where the metadata of an issuer can be: OpenID Connect Discovery 1.0, section 4 (added to the end of the path), then
 * RFC 8414, section 3.1 (put before the path). A slash at the end of the issuer is left out in both.
 */
export function metadataUrls(issuer: string): readonly string[] {
  if (!isDiscoverable(issuer)) return [];
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ];
}

/**
 * Reads a metadata document.
 * @param url where it was found
 * @returns what is wrong with it; `undefined` members where it does not name them
 */
export function readMetadata(bytes: Buffer, issuer: string, url: string): Metadata | string {
  const document = parseObject(bytes);
  if (document === undefined) return 'not a JSON object with unique names';
  // RFC 8414, section 3.3: identical, or the document must not be used. Whoever can write any document on the host of an
  // issuer could otherwise speak for it.
  if (document['issuer'] !== issuer)
    return `its issuer is ${shown(document['issuer'])}, not ${shown(issuer)}: they must be the same, character by character`;
  const jwks = endpoint(document['jwks_uri']);
  if (jwks === null) return 'its jwks_uri is not an https URL (http only from this machine)';
  const introspection = endpoint(document['introspection_endpoint']);
  if (introspection === null) return 'its introspection_endpoint is not an https URL (http only from this machine)';
  const methods = document['introspection_endpoint_auth_methods_supported'];
  return {
    url,
    jwks,
    introspection,
    methods: Array.isArray(methods) ? methods.filter((one) => typeof one === 'string').slice(0, 20) : [],
  };
}

/** What of the outbound client's guard is lifted for an address. */
export interface Trust {
  readonly allowPrivate: boolean;
  readonly allowPlain: boolean;
  /** PEM of the authority that issued the certificate, where it is none of the public ones. */
  readonly ca?: string;
}

/**
 * What an operator named may be on a private address, and so may what is on the same origin; what only a document names
 * must be public.
 * @param named the URLs that the operator wrote
 * @param ca the authority of those
 */
export function trustOf(url: string, named: readonly (string | undefined)[], ca?: string): Trust {
  const { origin, protocol, hostname } = new URL(url);
  const own = named.some((one) => one !== undefined && URL.canParse(one) && new URL(one).origin === origin);
  const allowPlain = own && protocol === 'http:' && isLoopback(hostname);
  return { allowPrivate: own, allowPlain, ...(own && ca !== undefined ? { ca } : {}) };
}

/** @returns undefined where there is none, null where it cannot be used */
function endpoint(value: unknown): string | undefined | null {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value.length > MAX_URL || !URL.canParse(value)) return null;
  const { protocol, hostname, username, password, hash } = new URL(value);
  if (username !== '' || password !== '' || hash !== '') return null;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname)) ? value : null;
}

/** What a stranger's document says, for messages: short, and nothing that could pass for more text. */
const shown = (value: unknown): string =>
  typeof value === 'string' ? `"${value.slice(0, 200).replace(/[^\x20-\x7e]|["\\]/g, '?')}"` : 'missing';
