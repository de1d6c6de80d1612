import { SignatureError } from './error.ts';

/**
 * The value of one query parameter as it stands in the base (RFC 9421, section 2.2.8): decoded as a form, then encoded
 * again in one way.
 * @param name in its encoded form, as it stands in the component
 * @throws SignatureError where it is absent, comes twice, or the query is not valid UTF-8
 */
export function queryParam(query: string, name: string): string {
  let found: string | undefined;
  for (const pair of query.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    if (reencoded(equals < 0 ? pair : pair.slice(0, equals)) !== name) continue;
    if (found !== undefined) throw new SignatureError('@query-param names a parameter that comes more than once');
    found = reencoded(equals < 0 ? '' : pair.slice(equals + 1));
  }
  if (found === undefined) throw new SignatureError('@query-param names a parameter that is not in the query');
  return found;
}

/** The application/x-www-form-urlencoded percent-encode set: all but letters, digits and `* - . _`; space is `%20`. */
function reencoded(text: string): string {
  let plain: string;
  try {
    plain = decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new SignatureError('the query holds a parameter that is not percent-encoded UTF-8');
  }
  return encodeQueryParam(plain);
}

/** A name or value of a query parameter as it stands in components and bases. */
export const encodeQueryParam = (plain: string): string =>
  encodeURIComponent(plain).replace(/[!'()~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
