import type { Check } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

/** Paths on which it is tried, beside the base. */
const TRIED = 3;

/** TRACE sends the request back, with the credentials in it. */
export const check: Check = {
  id: 'trace-method',
  group: 'methods',
  title: 'TRACE returns the request',
  practice: 'necessary-only',
  cwe: 'CWE-693',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'TRACE (RFC 9110, section 9.3.8) answers with the request as it arrived: headers that proxies added on the way, such as internal addresses and credentials, become readable.',
  mend: 'Refuse TRACE. Portcullis answers 501.',

  async run(context) {
    // A server answers it everywhere; a handler only on its own path.
    const reads = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => context.samples(operation).slice(0, 1))
      .map(({ call }) => context.render(call, null).target);
    const marker = `trace-${Math.floor(context.random('marker')() * 1e9).toString(36)}`;
    const attempt = async (): Promise<Proof | undefined> => {
      for (const target of new Set([context.base.pathname, ...reads.slice(0, TRIED)])) {
        const shown = await context.request({ method: 'TRACE', target, headers: [['X-Seen', marker]] });
        if (shown.answer.status === 200 && shown.answer.text.includes(marker))
          return { exchanges: [shown], marks: [marker] };
      }
      return undefined;
    };
    const proof = await attempt();
    if (!proof) return;
    await context.report({
      message: 'TRACE is answered with the headers of the request',
      place: 'method TRACE',
      proof,
      again: attempt,
    });
  },
};
