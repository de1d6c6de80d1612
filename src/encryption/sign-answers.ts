import type { Exchange, Leaving } from '../gateway/exchange.ts';
import type { Stage } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import type { Component } from '../signatures/component.ts';
import { digestField, wantedDigest } from '../signatures/digest.ts';
import type { RequestMessage, ResponseMessage } from '../signatures/message.ts';
import { components, parseComponents } from '../signatures/policy.ts';
import { signMessage } from '../signatures/sign.ts';
import { answerKey } from './answer-key.ts';
import type { EncryptionSettings } from './settings.ts';

/** Says what the signature is for (RFC 9421, section 7.2.5), so that it is good for nothing else. */
export const ANSWER_TAG = 'portcullis-answer';
const LABEL = 'gate';
const OWN = ['content-digest', 'repr-digest', 'signature-input', 'signature'];

// An answer is good for the request it was made for, and no other: swapped answers are noticed.
const OF_REQUEST = components('@method;req', '@authority;req', '@path;req', '@query;req');
const STATUS = components('@status');

/**
 * Compiles `sign`: signs what leaves, with a digest of its body where that is known.
 * @throws LoadError where the key cannot be used
 */
export function signStage(settings: EncryptionSettings['signingKey'], services: Services): Stage {
  const key = answerKey(settings, services);
  const fields = [...new Set(['content-digest', 'repr-digest', 'content-type', 'x-exchange-id', ...settings.fields])];
  const covered = parseComponents(fields);

  return (exchange) => {
    const leaving = exchange.leaving as Leaving;
    const own = exchange.answerHeaders;
    for (const name of OWN) delete own[name];
    addDigests(exchange, leaving);
    const message: ResponseMessage = {
      status: leaving.status,
      field: (name) => own[name] ?? leaving.header(name),
      request: requestOf(exchange),
    };
    const list: Component[] = [...STATUS];
    for (const component of covered) if (message.field(component.name) !== undefined) list.push(component);
    // What was no readable request is bound by the id alone.
    if (message.request !== undefined) list.push(...OF_REQUEST);
    if (exchange.signedAs !== undefined) list.push(...components(`signature;req;key="${exchange.signedAs}"`));
    const { signature, signatureInput } = signMessage(message, {
      label: LABEL,
      components: list,
      parameters: { created: Math.floor(services.clock.now() / 1000), keyid: key.keyid, tag: ANSWER_TAG },
      key,
    });
    own['signature-input'] = signatureInput;
    own['signature'] = signature;
    return undefined;
  };
}

/** The request as its client knows it: before anything was taken out or put in canonical form. */
function requestOf({ asked, peer }: Exchange): RequestMessage | undefined {
  if (!asked.path.startsWith('/')) return undefined;
  return {
    method: asked.method,
    scheme: peer.secure ? 'https' : 'http',
    authority: asked.authority,
    path: asked.pathAsSent ?? asked.path,
    query: asked.query === '' ? undefined : asked.query,
    field: (name) => asked.headers[name],
  };
}

/** `Content-Digest` always, in the algorithm the client prefers; `Repr-Digest` where it is asked for and can be known. */
function addDigests({ asked, answerHeaders }: Exchange, { status, content, header }: Leaving): void {
  if (content === undefined) return;
  const { headers, method } = asked;
  answerHeaders['content-digest'] = digestField(content, wantedDigest(headers['want-content-digest']));
  const representation = wantedDigest(headers['want-repr-digest']);
  if (representation === undefined || status !== 200 || method === 'HEAD' || header('content-range') !== undefined)
    return;
  answerHeaders['repr-digest'] = digestField(content, representation);
}
