/**
 * The path, once and for all: decoded into segments and encoded again in one way only. What cannot be read in exactly
 * one way by every server behind us is refused (RFC 3986, sections 2.3, 3.3 and 6.2.2).
 */

export interface CanonicalPath {
  /** Encoded form: unreserved, sub-delims, `:` and `@` literal, everything else as upper-case `%XX`. */
  readonly path: string;
  /** Decoded segments; `/` is `['']`, `/a/` is `['a', '']`. */
  readonly segments: readonly string[];
}

/** Why a path or query is refused, in words that can be shown to the caller. */
export class NotCanonical extends Error {}

// 0: refused, 1: literal, 2: literal but a dot, 3: slash, 4: percent, 5: semicolon
const KIND = new Uint8Array(128);
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~!$&'()*+,=:@")
  KIND[c.charCodeAt(0)] = 1;
KIND[0x2e] = 2;
KIND[0x2f] = 3;
KIND[0x25] = 4;
KIND[0x3b] = 5;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * @param raw path of an origin-form target, starting with `/`, without query
 * @throws NotCanonical
 */
export function canonicalPath(raw: string): CanonicalPath {
  let plain = true;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    const kind = code < 128 ? KIND[code] : 0;
    if (kind === 0) throw new NotCanonical('the path holds a character that must be percent-encoded');
    if (kind === 2 || kind === 4 || kind === 5) plain = false;
    else if (kind === 3 && raw.charCodeAt(i + 1) === 0x2f)
      throw new NotCanonical('the path holds an empty segment (//)');
  }
  if (plain) return { path: raw, segments: raw.slice(1).split('/') };
  const segments = raw.slice(1).split('/').map(decodeSegment);
  return { path: `/${segments.map(encodeSegment).join('/')}`, segments };
}

function decodeSegment(raw: string): string {
  const segment = raw.includes('%') ? decodePercent(raw) : raw;
  for (let i = 0; i < segment.length; i++) {
    const code = segment.charCodeAt(i);
    if (code === 0x2f || code === 0x5c)
      throw new NotCanonical('a segment of the path holds an encoded slash or backslash');
    if (code < 0x20 || code === 0x7f) throw new NotCanonical('the path holds a control character');
  }
  // `..;x` is `..` for servers that drop path parameters (Tomcat, Jetty): judge what is left without them.
  const semicolon = segment.indexOf(';');
  const name = semicolon < 0 ? segment : segment.slice(0, semicolon);
  if (name === '.' || name === '..') throw new NotCanonical('the path holds a dot segment');
  return segment;
}

/** Decodes percent sequences; what they spell must be UTF-8. */
export function decodePercent(raw: string): string {
  const bytes = Buffer.allocUnsafe(raw.length * 3);
  let length = 0;
  for (let i = 0; i < raw.length; i++) {
    const code = raw.charCodeAt(i);
    if (code !== 0x25) {
      bytes[length++] = code;
      continue;
    }
    const value = hex(raw.charCodeAt(i + 1)) * 16 + hex(raw.charCodeAt(i + 2));
    if (!(value >= 0)) throw new NotCanonical('a percent sign is not followed by two hexadecimal digits');
    bytes[length++] = value;
    i += 2;
  }
  try {
    return decoder.decode(bytes.subarray(0, length));
  } catch {
    throw new NotCanonical('percent-encoded bytes are not UTF-8');
  }
}

/** Value of a hexadecimal digit's character code; NaN for anything else. */
function hex(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : Number.NaN;
}

const encodeSegment = (segment: string): string =>
  encodeURIComponent(segment).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);

/**
 * Judges a query string as sent: printable ASCII only, percent sequences complete, and UTF-8 when decoded.
 * @throws NotCanonical
 */
export function checkQuery(query: string): void {
  let encoded = false;
  for (let i = 0; i < query.length; i++) {
    const code = query.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f)
      throw new NotCanonical('the query holds a character that must be percent-encoded');
    if (code === 0x23) throw new NotCanonical('the target holds a fragment');
    if (code === 0x25) encoded = true;
  }
  if (encoded) decodePercent(query);
}
