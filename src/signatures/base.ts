import type { Component } from './component.ts';
import { componentValue } from './component-value.ts';
import { SignatureError } from './error.ts';
import type { Message } from './message.ts';

/** Bytes of a base: what is signed must not cost more than what was read. */
const MAX_BASE = 131_072;
// Anything else could end a line of the base and begin another one, or be read in two character sets.
const UNPRINTABLE = /[^\t\x20-\x7e]/;

/**
 * The signature base (RFC 9421, section 2.5): one line for each covered component, and one for the signature's own
 * parameters.
 * @param input the inner list with parameters, serialized
 * @throws SignatureError
 */
export function signatureBase(components: readonly Component[], input: string, message: Message): Buffer {
  let base = '';
  for (const component of components) {
    const value = componentValue(component, message);
    if (UNPRINTABLE.test(value))
      throw new SignatureError(`the value of ${component.name} is not printable ASCII: it cannot be signed`);
    base += `${component.id}: ${value}\n`;
    if (base.length > MAX_BASE) throw new SignatureError(`what is covered is longer than ${MAX_BASE} bytes`);
  }
  return Buffer.from(`${base}"@signature-params": ${input}`, 'latin1');
}
