/** A media type as parsed: type and subtype, lower case, and the parameters that count. */
export interface ParsedMediaType {
  /** `application/json`. */
  readonly type: string;
  readonly charset: string | undefined;
  readonly boundary: string | undefined;
}

/** Why a media type is refused. */
export interface BadMediaType {
  readonly detail: string;
}

const MAX_LENGTH = 256;

/**
 * Parses `Content-Type` (RFC 9110, section 8.3.1), once for everybody: one value, no spaces but those around `;`, every
 * parameter a token or a quoted string, none twice, no extended or continued ones (`name*`, `name*0`: RFC 2231 is not for HTTP).
 * A charset other than UTF-8 is refused.
 */
export function parseMediaType(text: string): ParsedMediaType | BadMediaType {
  if (text.length > MAX_LENGTH) return { detail: `Content-Type is longer than ${MAX_LENGTH} characters` };
  let at = tokenEnd(text, 0);
  if (at === 0 || text.charCodeAt(at) !== 0x2f) return { detail: 'Content-Type is not one media type' };
  const end = tokenEnd(text, at + 1);
  if (end === at + 1) return { detail: 'Content-Type is not one media type' };
  const type = lower(text.slice(0, end));
  if (type.includes('*')) return { detail: 'Content-Type must not be a range' };
  at = end;
  if (at === text.length) return { type, charset: undefined, boundary: undefined };

  let charset: string | undefined;
  let boundary: string | undefined;
  const names = new Set<string>();
  while (at < text.length) {
    at = skipSpace(text, at);
    if (text.charCodeAt(at) !== 0x3b) return { detail: 'Content-Type is not one media type with parameters' };
    at = skipSpace(text, at + 1);
    const nameEnd = tokenEnd(text, at);
    if (nameEnd === at || text.charCodeAt(nameEnd) !== 0x3d)
      return { detail: 'a parameter of Content-Type is malformed' };
    const name = lower(text.slice(at, nameEnd));
    if (name.includes('*')) return { detail: 'extended parameters are not for Content-Type' };
    if (names.has(name)) return { detail: 'a parameter of Content-Type stands twice' };
    names.add(name);
    const value = parseValue(text, nameEnd + 1);
    if (value === undefined) return { detail: 'a parameter of Content-Type is malformed' };
    at = value.end;
    if (name === 'charset') charset = value.text.toLowerCase();
    else if (name === 'boundary') boundary = value.text;
  }
  if (charset !== undefined && charset !== 'utf-8') return { detail: 'the only charset is UTF-8' };
  return { type, charset, boundary };
}

/** A token or a quoted string (RFC 9110, section 5.6.4). Escapes are refused: no charset and no boundary needs one. */
export function parseValue(text: string, from: number): { text: string; end: number } | undefined {
  if (text.charCodeAt(from) !== 0x22) {
    const end = tokenEnd(text, from);
    return end === from ? undefined : { text: text.slice(from, end), end };
  }
  const close = text.indexOf('"', from + 1);
  if (close < 0) return undefined;
  const inner = text.slice(from + 1, close);
  return /[\\\x00-\x1f\x7f]/.test(inner) ? undefined : { text: inner, end: close + 1 };
}

const TOKEN = new Uint8Array(128);
for (const c of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
  TOKEN[c.charCodeAt(0)] = 1;

/** Index after the token (RFC 9110, section 5.6.2) that begins at `from`. */
export function tokenEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && TOKEN[text.charCodeAt(at)] === 1) at++;
  return at;
}

/** Index of what follows spaces and tabs. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++;
  return at;
}

// Tokens are ASCII; toLowerCase answers the same string where nothing changes.
const lower = (text: string): string => text.toLowerCase();
