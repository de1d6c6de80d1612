import { signatureBase } from './base.ts';
import type { MessageKey } from './key.ts';
import type { Message } from './message.ts';
import type { Presented } from './presented.ts';

/**
 * Verifies one signature of a message with the key that its `keyid` stands for (RFC 9421, section 3.2). Says nothing of
 * whether it covers enough and is fresh: that is policy.
 * @returns false too where `alg` is not the key's algorithm
 * @throws SignatureError where the message lacks what is covered
 */
export function verifySignature(message: Message, presented: Presented, { algorithm, key }: MessageKey): boolean {
  const { alg } = presented.parameters;
  const base = signatureBase(presented.components, presented.input, message);
  if (alg !== undefined && alg !== algorithm.name) return false;
  return algorithm.verify(base, key, presented.signature);
}
