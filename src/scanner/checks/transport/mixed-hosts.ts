import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again } from '../answers/observed.ts';

/** Answers over TLS lead to places without it. */
export const check: Check = {
  id: 'mixed-hosts',
  group: 'transport',
  title: 'Answers lead away from TLS',
  practice: 'encrypt',
  cwe: 'CWE-319',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'A client that follows a link or redirect to http: sends its next request, and often its credential, in the clear.',
  mend: 'Build links from the public address of the API. Portcullis rewrites Location to its own origin.',

  observe(exchange, context) {
    if (context.base.protocol !== 'https:') return;
    const { hostname } = context.base;
    const leads = ({ answer }: Exchange): readonly string[] | undefined => {
      const location = answer.headers.get('location') ?? '';
      if (location.toLowerCase().startsWith('http://')) return [location];
      if (!answer.mediaType.includes('json')) return undefined;
      const link = answer.text.indexOf(`http://${hostname}`);
      return link < 0 ? undefined : [answer.text.slice(link, link + 80)];
    };
    const found = leads(exchange);
    if (!found) return;
    void context.report({
      message: 'an answer holds an address of this host without TLS',
      operation: exchange.operation,
      cause: 'links',
      proof: { exchanges: [exchange], marks: found },
      again: again(context, exchange, leads),
    });
  },
};
