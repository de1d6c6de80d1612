import { type InnerList, type Item, isInnerList, serializeInnerList } from 'structured-headers';
import { type Component, componentOf, identityOf } from './component.ts';
import { readDictionary } from './dictionary.ts';
import { SignatureError } from './error.ts';
import { combined, type Message } from './message.ts';
import { readParameters, type SignatureParameters } from './parameters.ts';

/** A signature as it stands in a message: what it claims, not yet verified. */
export interface Presented {
  readonly label: string;
  readonly components: readonly Component[];
  readonly parameters: SignatureParameters;
  /** The inner list with its parameters, serialized: the last line of the base. */
  readonly input: string;
  readonly signature: Buffer;
}

/** Signatures in one message, and components one of them may cover. */
const MAX_SIGNATURES = 4;
const MAX_COMPONENTS = 40;

/** Whether the message says that it is signed. */
export const isSigned = (message: Message): boolean =>
  message.field('signature-input') !== undefined || message.field('signature') !== undefined;

/**
 * Reads the signatures of a message (RFC 9421, section 4). Each label must stand in both fields, once.
 * @throws SignatureError
 */
export function readSignatures(message: Message): Presented[] {
  const inputs = fieldOf(message, 'signature-input', 'Signature-Input');
  const signatures = fieldOf(message, 'signature', 'Signature');
  if (inputs.size > MAX_SIGNATURES) throw new SignatureError(`more than ${MAX_SIGNATURES} signatures`);
  if (inputs.size === 0) throw new SignatureError('Signature-Input is empty');
  if (inputs.size !== signatures.size) throw new SignatureError('Signature and Signature-Input name different labels');
  const all: Presented[] = [];
  for (const [label, member] of inputs) {
    const signature = signatures.get(label);
    if (signature === undefined) throw new SignatureError('Signature and Signature-Input name different labels');
    all.push(presentedOf(label, member, signature));
  }
  return all;
}

function fieldOf(message: Message, name: string, shown: string): Map<string, Item | InnerList> {
  const value = message.field(name);
  if (value === undefined) throw new SignatureError(`${shown} is missing`);
  return readDictionary(shown, combined(value)) as Map<string, Item | InnerList>;
}

function presentedOf(label: string, member: Item | InnerList, given: Item | InnerList): Presented {
  if (!isInnerList(member)) throw new SignatureError('Signature-Input does not list the covered components');
  if (isInnerList(given) || !(given[0] instanceof ArrayBuffer) || given[1].size > 0)
    throw new SignatureError('Signature holds something else than bytes');
  const signature = Buffer.from(given[0]);
  if (signature.length === 0) throw new SignatureError('Signature is empty');
  if (member[0].length > MAX_COMPONENTS) throw new SignatureError(`more than ${MAX_COMPONENTS} covered components`);
  const components = member[0].map(componentOf);
  if (new Set(components.map(identityOf)).size !== components.length)
    throw new SignatureError('a component is covered twice');
  return {
    label,
    components,
    parameters: readParameters(member[1]),
    input: serializeInnerList(member),
    signature,
  };
}
