import { isLoopback } from '../../http/dial.ts';
import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again } from '../answers/observed.ts';

/** Half a year, in seconds. */
const LONG = 15_768_000;

/** Browsers are not told to come back by TLS only. */
export const check: Check = {
  id: 'strict-transport',
  group: 'transport',
  title: 'No Strict-Transport-Security',
  practice: 'encrypt',
  cwe: 'CWE-523',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'The first request of a browser may go out without TLS, and be answered by somebody else (RFC 6797).',
  mend: 'Send Strict-Transport-Security with a max-age of a year. Portcullis adds it.',

  observe(exchange, context) {
    if (context.base.protocol !== 'https:' || exchange.answer.status === 0) return;
    const found = missing(exchange);
    if (!found) return;
    void context.report({
      message: 'answers over TLS do not say Strict-Transport-Security for half a year or more',
      operation: exchange.operation,
      cause: 'hsts',
      severity: isLoopback(context.base) ? 'informational' : 'low',
      proof: { exchanges: [exchange], marks: found },
      again: again(context, exchange, missing),
    });
  },
};

function missing({ answer }: Exchange): readonly string[] | undefined {
  const said = answer.headers.get('strict-transport-security');
  const age = Number(/max-age="?(\d{1,12})/i.exec(said ?? '')?.[1] ?? 0);
  return age >= LONG ? undefined : [said ?? ''];
}
