import type { Exchange } from './exchange.ts';
import type { Refusal } from './refusal.ts';

/**
 * The refusal as the caller sees it: RFC 9457 with the exchange's id, so that a question about it can be answered from
 * the audit log. Evidence is never in it.
 */
export function problemBody(refusal: Refusal, exchangeId: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      type: refusal.type ?? `urn:portcullis:${refusal.code}`,
      title: refusal.title,
      status: refusal.status,
      detail: refusal.detail,
      code: refusal.code,
      exchange: exchangeId,
      ...refusal.members,
      violations: refusal.violations,
    }),
  );
}

/** Headers of a refusal: those of the stages, then its own, then the fixed ones. */
export function problemHeaders(
  refusal: Refusal,
  exchange: Exchange,
  length: number,
): Record<string, string | string[]> {
  return {
    ...exchange.answerHeaders,
    ...refusal.headers,
    'content-type': 'application/problem+json',
    'content-length': String(length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-exchange-id': exchange.id,
  };
}
