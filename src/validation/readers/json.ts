import { isAscii, isUtf8 } from 'node:buffer';
import { Malformed } from '../fault.ts';
import { exactNumber } from '../numbers.ts';
import { readCarefully } from './json-careful.ts';

export interface JsonLimits {
  /** Containers within containers. */
  readonly depth: number;
  /** Values of all kinds in one text. */
  readonly values: number;
}

/**
 * Reads JSON (RFC 8259) in the one way that no other reader can take differently: UTF-8 without a byte order mark, no key
 * twice in an object (after unescaping), no half surrogates, no number that a double would change, depth and count capped.
 *
 * The engine's parser builds the value; a survey of the text before it and a count of the keys after it find what that
 * parser is silent about. Every doubt goes to the careful reader, which names the place. Both are linear.
 * @returns the value, or Malformed. Never throws.
 */
export function readJson(bytes: Buffer, limits: JsonLimits): unknown {
  const text = decodeUtf8(bytes);
  return text instanceof Malformed ? text : readJsonText(text, limits);
}

/** The same for text that is already decoded: a parameter, a form field. */
export function readJsonText(text: string, limits: JsonLimits): unknown {
  const members = survey(text, limits);
  if (members < 0) return readCarefully(text, limits);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return disagreed(readCarefully(text, limits));
  }
  // One colon a member: fewer keys than colons means that one came twice and the parser kept the last.
  if (members !== 0 && countKeys(value) !== members) return disagreed(readCarefully(text, limits));
  return value;
}

/** Decodes UTF-8 (RFC 3629) or says that it is none. A byte order mark is refused (RFC 8259, section 8.1). */
export function decodeUtf8(bytes: Buffer): string | Malformed {
  if (isAscii(bytes)) return bytes.toString('latin1');
  if (!isUtf8(bytes)) return new Malformed('', 'not UTF-8');
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    return new Malformed('', 'begins with a byte order mark');
  return bytes.toString('utf8');
}

// The fast reader saw a fault that the careful one does not find: they must never disagree, and if they do, no.
const disagreed = (careful: unknown): Malformed =>
  careful instanceof Malformed ? careful : new Malformed('', 'not JSON that can be read in one way only');

const DOUBT = -1;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Numbers shorter than this, and without exponent, cannot lose anything. */
const SHORT_NUMBER = 16;

/**
 * One pass over the text, which need not be JSON: counts the members, and doubts (answers less than 0) where a limit is
 * passed, a number could lose digits, or an escape could be half of a surrogate pair.
 */
function survey(text: string, limits: JsonLimits): number {
  const { depth: maxDepth, values: maxValues } = limits;
  const end = text.length;
  let depth = 0;
  let members = 0;
  let values = 1;
  for (let i = 0; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      for (;;) {
        if (++i >= end) return DOUBT;
        const d = text.charCodeAt(i);
        if (d === QUOTE) break;
        if (d === BACKSLASH && text.charCodeAt(++i) === 0x75 && (text.charCodeAt(i + 1) | 0x20) === 0x64) return DOUBT;
      }
    } else if (c <= 0x20) {
      // space
    } else if (c === 0x3a) members++;
    else if (c === 0x2c) values++;
    else if ((c | 0x20) === 0x7b) {
      values++;
      if (++depth > maxDepth) return DOUBT;
    } else if ((c | 0x20) === 0x7d) depth--;
    else if (c === 0x2d || (c >= 0x30 && c <= 0x39)) {
      const from = i;
      let exponent = false;
      for (; i + 1 < end; i++) {
        const d = text.charCodeAt(i + 1);
        if ((d | 0x20) === 0x65) exponent = true;
        else if (!((d >= 0x30 && d <= 0x39) || d === 0x2e || d === 0x2b || d === 0x2d)) break;
      }
      if ((exponent || i - from >= SHORT_NUMBER - 1) && exactNumber(text.slice(from, i + 1)) === undefined)
        return DOUBT;
    }
  }
  // Lone surrogates cannot stand in the text itself: it was decoded from UTF-8.
  return values > maxValues ? DOUBT : members;
}

/** Own keys in a value and all values below. As deep as the survey allowed. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const item: unknown = value[i];
      if (typeof item === 'object' && item !== null) count += countKeys(item);
    }
    return count;
  }
  const object = value as Record<string, unknown>;
  for (const key in object) {
    count++;
    const item = object[key];
    if (typeof item === 'object' && item !== null) count += countKeys(item);
  }
  return count;
}
