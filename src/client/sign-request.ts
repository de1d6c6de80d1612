import { randomBytes } from 'node:crypto';
import type { Component } from '../signatures/component.ts';
import { type DigestAlgorithm, digestField } from '../signatures/digest.ts';
import { SignatureError } from '../signatures/error.ts';
import type { MessageKey } from '../signatures/key.ts';
import { fieldsOf, requestTo } from '../signatures/message.ts';
import { components, parseComponents } from '../signatures/policy.ts';
import { signMessage } from '../signatures/sign.ts';

/** How requests are signed. */
export interface RequestSigning {
  readonly key: MessageKey;
  /** The name under which the gate knows the key. */
  readonly keyId: string;
  /** Beside what is always covered: method, authority, path and query, the body's digest and type, credentials. */
  readonly components?: readonly string[] | undefined;
  readonly tag?: string | undefined;
  /** Seconds after which the signature is void; default: as the gate has it. */
  readonly expires?: number | undefined;
  readonly digest?: DigestAlgorithm | undefined;
  /** Default: random. */
  readonly nonce?: string | undefined;
  /** Epoch milliseconds. */
  readonly now?: number | undefined;
}

export interface PlainRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in any case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: Buffer | undefined;
}

/** Label of the signatures made here. */
export const LABEL = 'sig';
const ALWAYS = components('@method', '@authority', '@path', '@query');
const OF_BODY = components('content-digest', 'content-type');
/** What says who calls: covered, so that the signature is good beside this credential only. */
const CREDENTIALS = components('authorization', 'x-api-key');

/**
 * Signs a request (RFC 9421) with a digest of its body (RFC 9530), a time and a nonce.
 * @returns the headers to add
 * @throws SignatureError where it is signed already, or lacks what is to be covered
 */
export function signRequest(request: PlainRequest, signing: RequestSigning): [string, string][] {
  const { method, url, headers, body } = request;
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  for (const name of ['signature', 'signature-input'])
    if (names.has(name)) throw new SignatureError('the request is signed already');
  const added: [string, string][] = [];
  if (body !== undefined && body.length > 0 && !names.has('content-digest'))
    added.push(['Content-Digest', digestField(body, signing.digest)]);
  const field = fieldsOf([...headers, ...added]);
  const list: Component[] = [...ALWAYS];
  for (const one of [...OF_BODY, ...CREDENTIALS]) if (field(one.name) !== undefined) list.push(one);
  for (const one of parseComponents(signing.components ?? []))
    if (!list.some(({ id }) => id === one.id)) list.push(one);
  const created = Math.floor((signing.now ?? Date.now()) / 1000);
  const { signature, signatureInput } = signMessage(requestTo(url, method, field), {
    label: LABEL,
    components: list,
    parameters: {
      created,
      expires: signing.expires === undefined ? undefined : created + signing.expires,
      keyid: signing.keyId,
      nonce: signing.nonce ?? randomBytes(18).toString('base64url'),
      tag: signing.tag,
    },
    key: signing.key,
  });
  added.push(['Signature-Input', signatureInput], ['Signature', signature]);
  return added;
}
