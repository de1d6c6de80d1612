import type { Component } from '../signatures/component.ts';
import { fitsDigests, readDigests } from '../signatures/digest.ts';
import { SignatureError } from '../signatures/error.ts';
import type { MessageKey } from '../signatures/key.ts';
import { combined, isResponse, type Message } from '../signatures/message.ts';
import { parseComponents, staleness, uncovered } from '../signatures/policy.ts';
import { isSigned, type Presented, readSignatures } from '../signatures/presented.ts';
import { verifySignature } from '../signatures/verify.ts';

/** What is asked of a signed message. */
export interface Verification {
  readonly keys: ReadonlyMap<string, MessageKey>;
  /** The tag that the signature must have; undefined where any may be verified. */
  readonly tag?: string | undefined;
  readonly components: readonly string[];
  /** Whether a body must have a digest that is covered; one that is there is always verified. */
  readonly digest: 'required' | 'optional';
  /** Seconds; undefined where the age plays no part: a message from an archive. */
  readonly maxAge?: number | undefined;
  readonly skew?: number | undefined;
  /** Epoch milliseconds. */
  readonly now?: number | undefined;
}

const SKEW = 30;
const DIGEST = parseComponents(['content-digest']);

/**
 * Verifies a message and its body: the signature is by a known key, covers what it must, is fresh, and the body is the one
 * that was signed.
 * @returns the signature that was verified
 * @throws SignatureError which says what is wrong
 */
export function verifyMessage(message: Message, body: Buffer, wanted: Verification): Presented {
  if (!isSigned(message)) throw new SignatureError('the message is not signed');
  const presented = chosen(readSignatures(message), wanted);
  const key = wanted.keys.get(presented.parameters.keyid ?? '') as MessageKey;
  const left = uncovered(presented, requiredOf(message, presented, wanted));
  if (left.length > 0) throw new SignatureError(`the signature does not cover ${left.map(({ id }) => id).join(' ')}`);
  if (!verifySignature(message, presented, key))
    throw new SignatureError('the signature is wrong: the message was altered, or another key signed it');
  checkTime(presented, wanted);
  const digest = message.field('content-digest');
  if (digest !== undefined && !fitsDigests(readDigests('Content-Digest', combined(digest)), body))
    throw new SignatureError('the body is not the one that was signed (Content-Digest)');
  return presented;
}

/** The signature by a known key, with the tag that is asked for. */
function chosen(all: readonly Presented[], { keys, tag }: Verification): Presented {
  const tagged = tag === undefined ? all : all.filter(({ parameters }) => parameters.tag === tag);
  if (tagged.length === 0) throw new SignatureError('no signature has the tag that is asked for');
  const known = tagged.filter(({ parameters }) => parameters.keyid !== undefined && keys.has(parameters.keyid));
  if (known.length === 0) throw new SignatureError('no signature is by a known key');
  if (known.length > 1) throw new SignatureError('more than one signature is by a known key');
  return known[0] as Presented;
}

function requiredOf(message: Message, presented: Presented, { components, digest }: Verification): Component[] {
  const required = parseComponents(components);
  // A digest that nobody signed is no more than what whoever altered the body says of it.
  const has = message.field('content-digest') !== undefined;
  if (digest === 'required' || has) required.push(...DIGEST);
  if (isResponse(message) && presented.components.every(({ name }) => name !== '@status'))
    required.push(...parseComponents(['@status']));
  return required;
}

function checkTime(presented: Presented, { maxAge, skew = SKEW, now = Date.now() }: Verification): void {
  if (maxAge === undefined) return;
  const stale = staleness(presented, now, { maxAge, skew });
  if (stale !== undefined) throw new SignatureError(stale);
}
