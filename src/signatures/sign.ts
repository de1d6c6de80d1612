import { serializeDictionary, serializeInnerList } from 'structured-headers';
import { signatureBase } from './base.ts';
import { type Component, identityOf } from './component.ts';
import { SignatureError } from './error.ts';
import type { MessageKey } from './key.ts';
import type { Message } from './message.ts';
import { type SignatureParameters, writeParameters } from './parameters.ts';

export interface SigningInput {
  readonly label: string;
  readonly components: readonly Component[];
  readonly parameters: SignatureParameters;
  readonly key: MessageKey;
}

/** Values of the two fields. */
export interface SignatureFields {
  readonly signatureInput: string;
  readonly signature: string;
}

/**
 * Signs a message (RFC 9421, section 3.1).
 * @throws SignatureError where the message lacks what is to be covered
 */
export function signMessage(message: Message, { label, components, parameters, key }: SigningInput): SignatureFields {
  if (new Set(components.map(identityOf)).size !== components.length)
    throw new SignatureError('a component is to be covered twice');
  const input = serializeInnerList([
    components.map((one) => [one.name, new Map(one.parameters)]),
    writeParameters(parameters),
  ]);
  const signed = key.algorithm.sign(signatureBase(components, input, message), key.key);
  return {
    signatureInput: `${label}=${input}`,
    signature: serializeDictionary(new Map([[label, [toArrayBuffer(signed), new Map()]]])),
  };
}

const toArrayBuffer = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer;
