import { SignatureError } from '../signatures/error.ts';
import { type MessageKey, readPublicKey } from '../signatures/key.ts';

/** A JWK set (RFC 7517), such as a gate publishes it. */
export interface KeySetDocument {
  readonly keys: readonly object[];
}

/** Where a gate publishes the keys it signs answers with. */
export const KEYS_PATH = '/.well-known/http-message-signatures-directory';
const MAX_KEYS = 100;
const MAX_SET = 262_144;

/**
 * Keys by their id.
 * @throws SignatureError where the document is no JWK set; keys that cannot be used are left out
 */
export function keysOf(document: unknown): ReadonlyMap<string, MessageKey> {
  const { keys } = (document ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length > MAX_KEYS) throw new SignatureError('not a JWK set (RFC 7517)');
  const found = new Map<string, MessageKey>();
  for (const jwk of keys as unknown[]) {
    const kid = (jwk as { kid?: unknown } | null)?.kid;
    if (typeof kid !== 'string' || found.has(kid)) continue;
    try {
      found.set(kid, readPublicKey(JSON.stringify(jwk)));
    } catch {}
  }
  return found;
}

/**
 * Fetches the keys of a gate. What comes is as good as the TLS connection it came over: for more, keep a copy of it.
 * @param origin `https://api.example.com`
 * @throws SignatureError
 */
export async function fetchGateKeys(origin: string | URL, fetcher: typeof fetch = fetch): Promise<KeySetDocument> {
  const url = new URL(KEYS_PATH, origin);
  if (url.protocol !== 'https:') throw new SignatureError('keys are fetched over https only');
  const answer = await fetcher(url, { redirect: 'error' });
  if (!answer.ok) throw new SignatureError(`the gate answers ${answer.status} where its keys should be`);
  const text = await answer.text();
  if (text.length > MAX_SET) throw new SignatureError('the key set is too large');
  try {
    return JSON.parse(text) as KeySetDocument;
  } catch {
    throw new SignatureError('not a JWK set (RFC 7517)');
  }
}
