import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again } from './observed.ts';

/** A header that is missing, for answers of which it speaks. */
const WANTED: readonly { readonly name: string; missing(exchange: Exchange): boolean }[] = [
  {
    name: 'x-content-type-options',
    missing: ({ answer }) =>
      answer.body.length > 0 && answer.headers.get('x-content-type-options')?.toLowerCase() !== 'nosniff',
  },
  {
    name: 'content-security-policy',
    missing: ({ answer }) => answer.mediaType === 'text/html' && !answer.headers.has('content-security-policy'),
  },
];

/** Headers by which browsers protect, and that are absent. */
export const check: Check = {
  id: 'security-headers',
  group: 'answers',
  title: 'Headers that protect in browsers are missing',
  practice: 'necessary-only',
  cwe: 'CWE-693',
  owasp: 'API8:2023',
  severity: 'informational',
  why: 'Without nosniff, a browser may take an answer for a page and run what a user wrote into it; without a policy, a page may load scripts from anywhere.',
  mend: 'Send X-Content-Type-Options: nosniff with every answer and Content-Security-Policy with pages. Portcullis adds them (disclosure.headers).',

  observe(exchange, context) {
    if (context.outcome(exchange) !== 'success') return;
    for (const { name, missing } of WANTED) {
      if (!missing(exchange)) continue;
      void context.report({
        message: `answers come without ${name}`,
        operation: exchange.operation,
        cause: name,
        proof: { exchanges: [exchange], marks: [exchange.answer.headers.get('content-type') ?? ''] },
        again: again(context, exchange, (shown) =>
          missing(shown) ? [shown.answer.headers.get('content-type') ?? ''] : undefined,
        ),
      });
    }
  },
};
