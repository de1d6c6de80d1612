import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again } from './observed.ts';

/** Answers to somebody may be kept by caches and handed to others. */
export const check: Check = {
  id: 'cacheable-private',
  group: 'answers',
  title: 'Private answers may be kept by shared caches',
  practice: 'necessary-only',
  cwe: 'CWE-525',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A cache between the API and its users may store what was answered to one and hand it to the next (RFC 9111, section 3.5).',
  mend: 'Send Cache-Control: no-store with private answers. Portcullis does so where the contract demands a credential.',

  observe(exchange, context) {
    const { as, request, operation, answer } = exchange;
    if (as === undefined || request.method !== 'GET' || answer.status !== 200 || operation === undefined) return;
    // What anyone may read is nobody's secret.
    if (context.samples(operation).some((sample) => sample.as === undefined)) return;
    const found = shared(exchange);
    if (!found) return;
    if (context.outcome(exchange) !== 'success') return;
    void context.report({
      message: `an answer to ${as} says ${found[0]}`,
      operation,
      cause: 'public',
      proof: { exchanges: [exchange], marks: found },
      again: again(context, exchange, shared),
    });
  },
};

/** The words that let a shared cache keep it; undefined where it may not. */
function shared({ answer }: Exchange): readonly string[] | undefined {
  const said = answer.headers.get('cache-control');
  if (said === undefined) return undefined;
  const words = said.toLowerCase().split(/\s{0,8},\s{0,8}/);
  if (words.some((word) => word === 'no-store' || word === 'private' || word.startsWith('no-cache'))) return undefined;
  const open = words.find((word) => word === 'public' || /^s-maxage="?0*[1-9]/.test(word));
  return open === undefined ? undefined : [said];
}
