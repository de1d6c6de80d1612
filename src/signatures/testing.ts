import { generateKeyPairSync } from 'node:crypto';
import { type MessageKey, messageKey } from './key.ts';
import { fieldsOf, type RequestMessage } from './message.ts';
import type { SignatureParameters } from './parameters.ts';
import { parseComponents } from './policy.ts';
import { signMessage } from './sign.ts';

/** A pair for tests. */
export function pair(algorithm: 'ed25519' | 'ecdsa-p256-sha256' | 'ecdsa-p384-sha384' | 'rsa-pss-sha512' = 'ed25519') {
  const { privateKey, publicKey } =
    algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : algorithm === 'rsa-pss-sha512'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: algorithm === 'ecdsa-p256-sha256' ? 'P-256' : 'P-384' });
  return { privateKey: messageKey(privateKey, algorithm), publicKey: messageKey(publicKey, algorithm) };
}

/** A request with some fields. */
export const request = (
  fields: Record<string, string | string[]> = {},
  parts: Partial<RequestMessage> = {},
): RequestMessage => ({
  method: 'POST',
  scheme: 'https',
  authority: 'api.example',
  path: '/things',
  query: 'limit=2&q=a%20b',
  field: fieldsOf(
    Object.entries(fields).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value]).map((one) => [name, one] as const),
    ),
  ),
  ...parts,
});

/** The same request with a signature. */
export function signed(
  message: RequestMessage,
  key: MessageKey,
  covered: readonly string[],
  parameters: SignatureParameters = { created: 1, keyid: 'k' },
): RequestMessage {
  const made = signMessage(message, { label: 'sig', components: parseComponents(covered), parameters, key });
  return withFields(message, { 'signature-input': made.signatureInput, signature: made.signature });
}

/** The same request with other fields. */
export const withFields = (
  message: RequestMessage,
  fields: Record<string, string | string[] | undefined>,
): RequestMessage => ({
  ...message,
  field: (name) => (Object.hasOwn(fields, name) ? fields[name] : message.field(name)),
});
