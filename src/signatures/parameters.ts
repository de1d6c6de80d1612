import type { BareItem, Parameters } from 'structured-headers';
import { SignatureError } from './error.ts';

/** The parameters of a signature (RFC 9421, section 2.3). Times are whole epoch seconds. */
export interface SignatureParameters {
  readonly created?: number | undefined;
  readonly expires?: number | undefined;
  readonly nonce?: string | undefined;
  readonly alg?: string | undefined;
  readonly keyid?: string | undefined;
  readonly tag?: string | undefined;
}

const TIMES = new Set(['created', 'expires']);
const TEXTS = new Set(['nonce', 'alg', 'keyid', 'tag']);
/** Characters of a nonce, key id or tag. */
const MAX_TEXT = 512;

/**
 * Reads the parameters; one that is not known is refused, because nobody can say what it asks for.
 * @throws SignatureError
 */
export function readParameters(given: Parameters): SignatureParameters {
  const read: Record<string, unknown> = {};
  for (const [name, value] of given) {
    if (TIMES.has(name)) {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
        throw new SignatureError(`${name} is not a time in whole seconds`);
    } else if (TEXTS.has(name)) {
      if (typeof value !== 'string' || value.length > MAX_TEXT)
        throw new SignatureError(`${name} is not a string of at most ${MAX_TEXT} characters`);
    } else throw new SignatureError('the signature has an unknown parameter');
    read[name] = value;
  }
  return read as SignatureParameters;
}

/** In the order in which they are usually written. */
export function writeParameters(given: SignatureParameters): Parameters {
  const { created, expires, nonce, alg, keyid, tag } = given;
  const all: [string, BareItem | undefined][] = [
    ['created', created],
    ['expires', expires],
    ['keyid', keyid],
    ['alg', alg],
    ['nonce', nonce],
    ['tag', tag],
  ];
  return new Map(all.filter((entry): entry is [string, BareItem] => entry[1] !== undefined));
}
