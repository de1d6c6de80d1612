import type { Check } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

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
    const marker = `trace-${Math.floor(context.random('marker')() * 1e9).toString(36)}`;
    const attempt = async (): Promise<Proof | undefined> => {
      const shown = await context.request({
        method: 'TRACE',
        target: context.base.pathname,
        headers: [['X-Seen', marker]],
      });
      if (shown.answer.status !== 200 || !shown.answer.text.includes(marker)) return undefined;
      return { exchanges: [shown], marks: [marker] };
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
