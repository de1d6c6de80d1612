import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, isDeclared } from './observed.ts';

/** Errors that the headers of a request brought about, and not its address: a cache cannot tell them apart. */
const OF_HEADERS = new Set([400, 401, 403, 406, 408, 412, 413, 415, 421, 428, 431, 500, 501, 502, 503, 504]);

/** Errors may be kept by caches, and be handed to those who made none. */
export const check: Check = {
  id: 'cacheable-errors',
  group: 'answers',
  title: 'Errors may be kept by shared caches',
  practice: 'necessary-only',
  cwe: 'CWE-524',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'A refusal or an error that a cache keeps is what everybody gets who asks for the same address next: one bad request takes an operation away for minutes.',
  mend: 'Send Cache-Control: no-store with every error. Portcullis does so with the errors it answers itself.',

  observe(exchange, context) {
    const { answer, operation } = exchange;
    if (!operation || exchange.request.method !== 'GET' || !OF_HEADERS.has(answer.status) || !isDeclared(exchange))
      return;
    const found = kept(exchange);
    if (!found) return;
    void context.report({
      message: `an answer with ${answer.status} says ${found[0]}`,
      operation,
      cause: 'kept errors',
      proof: { exchanges: [exchange], marks: found },
      again: again(context, exchange, (shown) => (OF_HEADERS.has(shown.answer.status) ? kept(shown) : undefined)),
    });
  },
};

function kept({ answer, request, operation }: Exchange): readonly string[] | undefined {
  const said = answer.headers.get('cache-control');
  if (said === undefined || answer.headers.has('vary')) return undefined;
  const words = said.toLowerCase();
  if (/no-store|private|no-cache/.test(words) || !/s-maxage="?0*[1-9]|max-age="?0*[1-9]/.test(words)) return undefined;
  // What the address itself brought about is no more than is due.
  if (answer.status === 400 && (request.target.includes('?') || operation?.template.includes('{') === true))
    return undefined;
  // A request with Authorization is kept only where it is said to be for all (RFC 9111, section 3.5).
  const authorized = request.headers.some(([name]) => name.toLowerCase() === 'authorization');
  return authorized && !/public|s-maxage|must-revalidate/.test(words) ? undefined : [said];
}
