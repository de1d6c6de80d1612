import { Malformed } from './fault.ts';

/** One `name=value` of a query, a form or a cookie header. */
export interface Pair {
  readonly name: string;
  /** Decoded. */
  readonly value: string;
  /** The value as sent. */
  readonly raw: string;
  /** The whole pair as sent. */
  readonly text: string;
  /** Without `=`. */
  readonly bare: boolean;
  /** Holds a `;` unencoded: a separator for some readers, not for others. */
  readonly semicolon: boolean;
}

const NONE: readonly Pair[] = [];

/**
 * Splits `a=1&b=2` (WHATWG URL, application/x-www-form-urlencoded) once, strictly: `&` alone separates, `+` is a space,
 * percent sequences are complete and UTF-8, nothing but printable ASCII stands unencoded, no NUL anywhere, no empty names.
 * @param max pairs at most
 */
export function parsePairs(text: string, max: number): readonly Pair[] | Malformed {
  if (text === '') return NONE;
  const pairs: Pair[] = [];
  const end = text.length;
  for (let from = 0; from <= end; ) {
    let to = text.indexOf('&', from);
    if (to < 0) to = end;
    if (to > from) {
      if (pairs.length >= max) return new Malformed('', `more than ${max} parameters`);
      const pair = parsePair(text, from, to);
      if (pair instanceof Malformed) return pair;
      pairs.push(pair);
    }
    from = to + 1;
  }
  return pairs;
}

function parsePair(text: string, from: number, to: number): Pair | Malformed {
  let equals = -1;
  let encoded = false;
  let semicolon = false;
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c <= 0x20 || c >= 0x7f || c === 0x23) return new Malformed('', 'a character that must be percent-encoded');
    if (c === 0x3d) {
      if (equals < 0) equals = i;
    } else if (c === 0x25 || c === 0x2b) encoded = true;
    else if (c === 0x3b) semicolon = true;
  }
  const bare = equals < 0;
  if (bare) equals = to;
  if (equals === from) return new Malformed('', 'a parameter without a name');
  const rawName = text.slice(from, equals);
  const raw = bare ? '' : text.slice(equals + 1, to);
  const name = encoded ? decodeText(rawName) : rawName;
  const value = encoded ? decodeText(raw) : raw;
  if (name === undefined || value === undefined)
    return new Malformed('', 'percent-encoding that is incomplete, not UTF-8, or a NUL');
  return { name, value, raw, text: text.slice(from, to), bare, semicolon };
}

/** Decodes one name or value of a form; undefined where it cannot be. */
export function decodeText(text: string): string | undefined {
  return decodePercents(text.includes('+') ? text.replaceAll('+', ' ') : text);
}

/** Decodes percent sequences (RFC 3986, section 2.1) as strict UTF-8; a NUL counts as undecodable. */
export function decodePercents(text: string): string | undefined {
  if (!text.includes('%')) return text;
  try {
    const decoded = decodeURIComponent(text);
    return decoded.includes('\0') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

/**
 * Splits a cookie header (RFC 6265, section 4.2.1). Cookies of others pass by, so only their form is judged here: pairs
 * between `; `, each with a name.
 */
export function parseCookies(header: string, max: number): readonly Pair[] | Malformed {
  const pairs: Pair[] = [];
  for (let from = 0; from <= header.length; ) {
    let to = header.indexOf(';', from);
    if (to < 0) to = header.length;
    const text = header.slice(from, to).trim();
    from = to + 1;
    if (text === '') continue;
    if (pairs.length >= max) return new Malformed('', `more than ${max} cookies`);
    const equals = text.indexOf('=');
    const bare = equals < 0;
    const name = (bare ? text : text.slice(0, equals)).trim();
    const raw = bare ? '' : text.slice(equals + 1).trim();
    pairs.push({ name, value: raw, raw, text, bare, semicolon: false });
  }
  return pairs;
}
