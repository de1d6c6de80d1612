import { ALGORITHMS, type Algorithm } from './algorithms.ts';
import { parseObject } from './strict-json.ts';

/** Characters of a token. Real ones have 500 to 2,000. */
export const MAX_TOKEN = 8192;
const COMPACT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}$/;

/** A signed token (JWS compact serialization) as it was read; nothing of it is verified yet. */
export interface Jws {
  /** All of it, for what is signed with a key of its own (a proof); nothing of an issuer's token is read from here. */
  readonly header: Readonly<Record<string, unknown>>;
  readonly algorithm: Algorithm;
  readonly kid: string | undefined;
  /** Lower case, without `application/`; undefined where absent. */
  readonly typ: string | undefined;
  readonly payload: Buffer;
  /** ASCII of `header.payload`: what is signed. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/**
 * Reads a token. Only the one canonical spelling is a token: no padding, no spaces, no unused bits, no duplicate names.
 * Of the header only `alg`, `kid` and `typ` count. `jku`, `jwk`, `x5u` and `x5c` are never looked at: the keys of an
 * issuer are named by the operator, not by the token (RFC 8725, section 3.10).
 * @param longest in characters
 * @returns why it is none, for the record
 */
export function readJws(token: string, longest = MAX_TOKEN): Jws | string {
  if (token.length > longest) return 'too long';
  if (!COMPACT.test(token)) return 'not a compact JWS';
  const dot = token.indexOf('.');
  const last = token.lastIndexOf('.');
  const head = decode(token.slice(0, dot));
  const payload = decode(token.slice(dot + 1, last));
  const signature = decode(token.slice(last + 1));
  if (head === undefined || payload === undefined || signature === undefined) return 'not canonical base64url';
  const header = parseObject(head);
  if (header === undefined) return 'the header is not a JSON object with unique names';
  const { alg, kid, typ } = header;
  // No extension is understood here, so every critical one must be refused (RFC 7515, section 4.1.11).
  if (Object.hasOwn(header, 'crit')) return 'critical extensions';
  if (Object.hasOwn(header, 'b64') || Object.hasOwn(header, 'zip') || Object.hasOwn(header, 'enc'))
    return 'b64, zip or enc in the header';
  if (typeof alg !== 'string') return 'no alg';
  const algorithm = ALGORITHMS.get(alg);
  if (algorithm === undefined) return 'alg not supported';
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 1024)) return 'kid is not a short string';
  if (typ !== undefined && typeof typ !== 'string') return 'typ is not a string';
  return {
    header,
    algorithm,
    kid,
    typ: typ?.toLowerCase().replace(/^application\//, ''),
    payload,
    signed: Buffer.from(token.slice(0, last), 'latin1'),
    signature,
  };
}

/** Base64url in its one canonical spelling; undefined for any other of the same bytes. */
function decode(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}
