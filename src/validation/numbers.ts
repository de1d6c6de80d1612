/** JSON's grammar of a number (RFC 8259, section 6). Linear: no two parts can match the same text. */
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;
/** Fifteen decimal digits always survive a double; so does whatever is shorter than this with its sign. */
const SAFE_LENGTH = 16;
const LARGEST_EXACT = 2 ** 53;

/**
 * The double that a JSON number stands for, or undefined where it stands for another value than it says: an integer
 * beyond 2^53 that a double cannot hold, an overflow to infinity, an underflow to zero. Two readers, one with doubles
 * and one without, would judge different values (RFC 8259, section 6, on interoperability).
 * @param text must match JSON's grammar.
 */
export function exactNumber(text: string): number | undefined {
  const value = Number(text);
  if (text.length < SAFE_LENGTH && !hasExponent(text)) return value;
  if (!Number.isFinite(value)) return undefined;
  if (value === 0) return mantissa(text) === '' ? value : undefined;
  if (Math.abs(value) < LARGEST_EXACT) return value;
  // No finite double has more than 309 digits before the point, so the BigInt is small.
  if (isPlain(text)) return BigInt(text) === BigInt(value) ? value : undefined;
  return mantissa(text) === mantissa(String(value)) ? value : undefined;
}

/** An integer as text: `0`, `-7`, `42`; no sign plus, no leading zero, no exponent, ASCII digits only. */
export const lexicalInteger = (text: string): number | undefined =>
  INTEGER.test(text) ? exactNumber(text) : undefined;

/** A number as text, in JSON's grammar. */
export const lexicalNumber = (text: string): number | undefined => (NUMBER.test(text) ? exactNumber(text) : undefined);

function hasExponent(text: string): boolean {
  return text.includes('e') || text.includes('E');
}

const isPlain = (text: string): boolean => !text.includes('.') && !hasExponent(text);

/** Significant digits, without point, sign, exponent and the zeros around; empty for zero. */
function mantissa(text: string): string {
  let end = text.search(/[eE]/);
  if (end < 0) end = text.length;
  const digits = text.slice(text.charCodeAt(0) === 0x2d ? 1 : 0, end).replace('.', '');
  let from = 0;
  let to = digits.length;
  while (from < to && digits.charCodeAt(from) === 0x30) from++;
  while (to > from && digits.charCodeAt(to - 1) === 0x30) to--;
  return digits.slice(from, to);
}
