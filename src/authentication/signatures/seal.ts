import type { Exchange } from '../../gateway/exchange.ts';
import { type Refusal, refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { type ExpectedDigests, fitsDigests, readDigests } from '../../signatures/digest.ts';
import { SignatureError } from '../../signatures/error.ts';

const FIELDS = [
  ['content-digest', 'Content-Digest'],
  ['repr-digest', 'Repr-Digest'],
] as const;
const EMPTY = Buffer.alloc(0);

/**
 * Puts the digests of a request in force: the head is judged before its body is there, so the exchange keeps what the bytes
 * must fulfil until somebody reads them, as they come and before they are decoded (RFC 9530, section 2).
 * @returns a refusal where the digest cannot be right whatever comes: there is no body
 * @throws SignatureError where a digest is not one
 */
export function sealDigests(exchange: Exchange, count: Services['count']): Refusal | undefined {
  const { headers } = exchange.asked;
  const expected: ExpectedDigests[] = [];
  for (const [name, shown] of FIELDS) {
    const value = headers[name];
    if (value === undefined) continue;
    // A part of a representation is not what its digest was made of (RFC 9530, section 3).
    if (name === 'repr-digest' && headers['content-range'] !== undefined)
      throw new SignatureError('Repr-Digest of a part cannot be verified');
    expected.push(readDigests(shown, value));
  }
  if (expected.length === 0) return undefined;
  const seal = (bytes: Buffer): Refusal | undefined => {
    if (expected.every((digests) => fitsDigests(digests, bytes))) return undefined;
    count('portcullis_digests_refused_total');
    return refuse('content-altered', { evidence: { bytes: bytes.length } });
  };
  if (!exchange.hasBody) return seal(EMPTY);
  exchange.seal = seal;
  return undefined;
}
