import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, sentBefore } from '../answers/observed.ts';

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
    const { host } = context.base;
    const leads = (one: Exchange): readonly string[] | undefined => {
      const location = one.answer.headers.get('location') ?? '';
      const found =
        linkIn(location, host) ?? (one.answer.mediaType.includes('json') ? linkIn(one.answer.text, host) : undefined);
      // What the request itself named (an address of the scan's own among it) is none of the API's making.
      return found === undefined || sentBefore(one, `http://${host}`) ? undefined : [found];
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

/** An address of this host and port, and no other, that begins with `http:`; at most 80 characters of it. */
function linkIn(text: string, host: string): string | undefined {
  const start = `http://${host}`;
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
    const next = text.slice(at + start.length, at + start.length + 1);
    // `api.example.com`, `127.0.0.1:50001` and `api.example:8080` are other ones.
    if (/[\w.:@-]/.test(next)) continue;
    return /^[^\s"'<>\\]{1,80}/.exec(text.slice(at))?.[0];
  }
  return undefined;
}
