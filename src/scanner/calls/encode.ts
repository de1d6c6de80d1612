/** RFC 3986, section 2.3: what never needs to be encoded. */
const UNRESERVED = /^[A-Za-z0-9\-._~]*$/;
/** Reserved characters that may stay where a parameter says so, but for those that end or split a query. */
const RESERVED = new Set([...":/?[]@!$'()*,;="]);

const HEX = '0123456789ABCDEF';
const encoder = new TextEncoder();

/**
 * Percent-encodes a text as UTF-8; only unreserved characters stay. Lone surrogates are encoded as if UTF-8 had them
 * (three bytes), so that no text is refused.
 */
export const percent = (text: string): string => (UNRESERVED.test(text) ? text : escaped(text, false));

/** The same, with reserved characters left as they are (`allowReserved`). */
export const percentReserved = (text: string): string => (UNRESERVED.test(text) ? text : escaped(text, true));

function escaped(text: string, reserved: boolean): string {
  let out = '';
  for (const char of text) {
    if (UNRESERVED.test(char) || (reserved && RESERVED.has(char))) out += char;
    else for (const byte of utf8(char)) out += hexed(byte);
  }
  return out;
}

/** UTF-8 of a text, lone surrogates as three bytes each. */
function utf8(char: string): Iterable<number> {
  const code = char.charCodeAt(0);
  if (char.length > 1 || code < 0xd800 || code > 0xdfff) return encoder.encode(char);
  return [0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)];
}

const hexed = (byte: number): string => `%${HEX[byte >> 4]}${HEX[byte & 15]}`;

/** What stands in a template around its parameters: encoded where a request target could not hold it as it is. */
export const literal = (text: string): string =>
  text.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]/gu, (char) => escaped(char, false));

/** A header's value of printable ASCII: everything else is percent-encoded, line ends before all. */
export const headerText = (text: string): string =>
  /^[\x20-\x7e\t]*$/.test(text) ? text : text.replace(/[^\x20-\x7e\t]/gu, (char) => escaped(char, false));
