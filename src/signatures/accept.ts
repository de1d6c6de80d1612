import type { BareItem } from 'structured-headers';
import { serializeInnerList } from 'structured-headers';
import type { Component } from './component.ts';

/** What a verifier asks for (RFC 9421, section 5). */
export interface Wanted {
  readonly components: readonly Component[];
  /** A value made for this answer; a signer that has none of its own uses it. */
  readonly nonce?: string;
  readonly tag?: string | undefined;
}

/** Value of `Accept-Signature`: label, components, and the parameters a signature must have. */
export function acceptSignature(label: string, { components, nonce, tag }: Wanted): string {
  const parameters = new Map<string, BareItem>([
    ['created', true],
    ['keyid', true],
  ]);
  if (nonce !== undefined) parameters.set('nonce', nonce);
  if (tag !== undefined) parameters.set('tag', tag);
  return `${label}=${serializeInnerList([components.map((one) => [one.name, new Map(one.parameters)]), parameters])}`;
}
