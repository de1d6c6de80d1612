import { isIpv4, isIpv6 } from './net.ts';

const UNRESERVED = 1;
const SUB_DELIMITER = 2;
const COLON = 4;
const AT = 8;
const SLASH = 16;
const QUESTION = 32;
const PERCENT = 64;
const USER = UNRESERVED | SUB_DELIMITER | COLON | PERCENT;
const HOST = UNRESERVED | SUB_DELIMITER | PERCENT;
const SEGMENT = USER | AT;
const PATH = SEGMENT | SLASH;
const QUERY = PATH | QUESTION;

/** RFC 3986, section 2, by character. */
const CLASSES = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')
  CLASSES[char.charCodeAt(0)] = UNRESERVED;
for (const char of "!$&'()*+,;=") CLASSES[char.charCodeAt(0)] = SUB_DELIMITER;
CLASSES[0x3a] = COLON;
CLASSES[0x40] = AT;
CLASSES[0x2f] = SLASH;
CLASSES[0x3f] = QUESTION;
CLASSES[0x25] = PERCENT;

const isHex = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);

/** Whether all of a part is of the classes; `wide`: characters beyond ASCII are (RFC 3987, ucschar). */
function all(text: string, from: number, to: number, classes: number, wide: boolean): boolean {
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code >= 128) {
      if (!wide || code < 0xa0 || (code >= 0xe000 && code < 0xf900) || (code >= 0xfff0 && code <= 0xffff)) return false;
      if (code >= 0xd800 && code < 0xe000) {
        if (code >= 0xdc00 || i + 1 >= to) return false;
        const low = text.charCodeAt(++i);
        if (low < 0xdc00 || low >= 0xe000) return false;
      }
      continue;
    }
    const found = CLASSES[code]!;
    if ((found & classes) === 0) return false;
    if (found === PERCENT) {
      if (i + 2 >= to || !isHex(text.charCodeAt(i + 1)) || !isHex(text.charCodeAt(i + 2))) return false;
      i += 2;
    }
  }
  return true;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;

function parse(text: string, absolute: boolean, wide: boolean): boolean {
  let end = text.length;
  const hash = text.indexOf('#');
  if (hash >= 0) {
    if (!all(text, hash + 1, end, QUERY, wide)) return false;
    end = hash;
  }
  const question = text.indexOf('?');
  if (question >= 0 && question < end) {
    if (!all(text, question + 1, end, QUERY, wide)) return false;
    end = question;
  }
  let at = 0;
  const colon = text.indexOf(':');
  const slash = text.indexOf('/');
  const hasScheme = colon >= 0 && colon < end && (slash < 0 || colon < slash);
  if (hasScheme) {
    // RFC 3986, 4.2: in a relative reference the first segment has no colon.
    if (!SCHEME.test(text.slice(0, colon))) return false;
    at = colon + 1;
  } else if (absolute) return false;
  if (text.startsWith('//', at) && at + 2 <= end) {
    let close = text.indexOf('/', at + 2);
    if (close < 0 || close > end) close = end;
    if (!isAuthority(text.slice(at + 2, close), wide)) return false;
    at = close;
  }
  return all(text, at, end, PATH, wide);
}

function isAuthority(text: string, wide: boolean): boolean {
  const user = text.lastIndexOf('@');
  if (user >= 0 && !all(text, 0, user, USER, wide)) return false;
  let host = text.slice(user + 1);
  const port = /:\d*$/.exec(host.slice(-12));
  if (port) host = host.slice(0, host.length - port[0].length);
  if (host[0] !== '[') return all(host, 0, host.length, HOST, wide);
  if (!host.endsWith(']')) return false;
  const literal = host.slice(1, -1);
  if (isIpv6(literal)) return true;
  const future = /^[vV][0-9A-Fa-f]+\./.exec(literal.slice(0, 100));
  return (
    future !== null &&
    literal.length > future[0].length &&
    !isIpv4(literal) &&
    all(literal, future[0].length, literal.length, UNRESERVED | SUB_DELIMITER | COLON, false)
  );
}

/** RFC 3986, section 3. */
export const isUri = (text: string): boolean => parse(text, true, false);
/** RFC 3986, section 4.1. */
export const isUriReference = (text: string): boolean => parse(text, false, false);
/** RFC 3987, section 2.2. */
export const isIri = (text: string): boolean => parse(text, true, true);
export const isIriReference = (text: string): boolean => parse(text, false, true);

const VARIABLE = /^(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})(?:\.?(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2}))*(?:\*|:[1-9]\d{0,3})?$/;

/** RFC 6570, section 2. */
export function isUriTemplate(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (char === '{') {
      const close = text.indexOf('}', at);
      if (close < 0) return false;
      let inner = text.slice(at + 1, close);
      if (inner !== '' && '+#./;?&=,!@|'.includes(inner[0]!)) inner = inner.slice(1);
      if (!inner.split(',').every((one) => VARIABLE.test(one))) return false;
      at = close + 1;
      continue;
    }
    if (char === '%') {
      if (!isHex(text.charCodeAt(at + 1)) || !isHex(text.charCodeAt(at + 2))) return false;
    } else if (char <= ' ' || '"<>\\^`|}\x7f'.includes(char)) return false;
    at++;
  }
  return true;
}
