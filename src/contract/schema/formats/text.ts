import { PatternError, parsePattern } from '../../../shared/regex/parse.ts';

const UUID = /^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$/;

/** RFC 9562, section 4. */
export const isUuid = (text: string): boolean => text.length === 36 && UUID.test(text);

/** RFC 6901, section 3. */
export function isJsonPointer(text: string): boolean {
  if (text === '') return true;
  if (text[0] !== '/') return false;
  for (let at = text.indexOf('~'); at >= 0; at = text.indexOf('~', at + 1)) {
    const next = text[at + 1];
    if (next !== '0' && next !== '1') return false;
  }
  return true;
}

/** draft-bhutton-relative-json-pointer, section 3. */
export function isRelativeJsonPointer(text: string): boolean {
  const start = /^(?:0|[1-9]\d{0,15})/.exec(text.slice(0, 17));
  if (!start) return false;
  const rest = text.slice(start[0].length);
  return rest === '#' || isJsonPointer(rest);
}

/** ECMA-262, 22.2.1, flag `u`. */
export function isRegex(text: string): boolean {
  try {
    parsePattern(text);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const BASE64_URL = /^[A-Za-z0-9_-]*={0,2}$/;

/** RFC 4648, section 4, padded. */
export const isBase64 = (text: string): boolean => text.length % 4 === 0 && BASE64.test(text);
/** RFC 4648, section 5; padding may be left out. */
export const isBase64Url = (text: string): boolean =>
  BASE64_URL.test(text) && (text.endsWith('=') ? text.length % 4 === 0 : text.length % 4 !== 1);
