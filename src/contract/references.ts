/**
 * References: RFC 3986 for the part before `#`, RFC 6901 (JSON pointer) for the part after it. All URIs of documents
 * pass through `absoluteUri`, so that one document has one spelling.
 */

/** Splits at the first `#`; the fragment is without it, empty where there is none. */
export function splitReference(reference: string): { document: string; fragment: string } {
  const hash = reference.indexOf('#');
  if (hash < 0) return { document: reference, fragment: '' };
  return { document: reference.slice(0, hash), fragment: reference.slice(hash + 1) };
}

/**
 * Resolves a reference without fragment against an absolute URI (RFC 3986, section 5).
 * @returns the reference itself where the base gives no hierarchy to resolve in.
 */
export function absoluteUri(reference: string, base?: string): string {
  const url = URL.parse(reference, base);
  if (!url) return reference;
  url.hash = '';
  return url.href;
}

/** Escapes one reference token for a JSON pointer (RFC 6901, section 3). */
export const escapeToken = (token: string): string =>
  token.includes('~') || token.includes('/') ? token.replaceAll('~', '~0').replaceAll('/', '~1') : token;

/** What may stand in a fragment as it is (RFC 3986, section 3.5). */
const PLAIN_FRAGMENT = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*$/;

/** Writes a JSON pointer as a URI fragment: percent-encoded where it must be (RFC 6901, section 6). */
export const encodePointer = (pointer: string): string =>
  PLAIN_FRAGMENT.test(pointer) ? pointer : encodeURI(pointer.toWellFormed()).replaceAll('#', '%23');

/**
 * The absolute URI of a value inside the value at `uri` (an absolute URI with `#` and pointer).
 * `childUri('file:///a.yaml#', 'paths', '/x')` is `file:///a.yaml#/paths/~1x`.
 */
export function childUri(uri: string, ...keys: (string | number)[]): string {
  let result = uri.includes('#') ? uri : `${uri}#`;
  for (const key of keys) result += `/${encodePointer(escapeToken(String(key)))}`;
  return result;
}

/** Reads a fragment that is a JSON pointer into its tokens; broken percent encoding is taken as it stands. */
export const pointerTokens = (fragment: string): string[] => splitPointer(decodeFragment(fragment));

/** Reads a JSON pointer into its tokens (RFC 6901, section 4). */
export const splitPointer = (pointer: string): string[] =>
  pointer === '' ? [] : pointer.slice(1).split('/').map(unescapeToken);

/** Percent-decodes a fragment; what is not valid encoding stays as it is. */
export function decodeFragment(fragment: string): string {
  if (!fragment.includes('%')) return fragment;
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

export const unescapeToken = (token: string): string =>
  token.includes('~') ? token.replaceAll('~1', '/').replaceAll('~0', '~') : token;

/** The own child of a container under a pointer token; undefined where there is none (`-` and `01` are no indices). */
export function ownChild(value: unknown, token: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(token)) return undefined;
  return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : undefined;
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Makes an empty object for names from outside: nothing is inherited, `__proto__` is a name like any other. Its
 * prototype is an empty object rather than null, since V8 keeps objects without prototype as hash tables, which cost
 * many times the memory.
 */
export const emptyObject = (): Record<string, unknown> => new Bare();

const Bare = (() => {
  function Made() {}
  Made.prototype = Object.freeze(Object.create(null));
  return Made as unknown as new () => Record<string, unknown>;
})();

/**
 * Sets an own property. A name like `404` is an index to V8, which keeps room for all indices below it (5 KB for each
 * `responses` of a contract), unless the property is unlike a plain one: documents are only read, so it may be fixed.
 */
export function setOwn(object: Record<string, unknown>, key: string, value: unknown): void {
  const code = key.charCodeAt(0);
  if (code < 48 || code > 57) object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, writable: false, configurable: false });
}
