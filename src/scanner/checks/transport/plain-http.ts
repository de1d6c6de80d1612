import { isLoopback } from '../../http/dial.ts';
import type { Check } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

/** Credentials and data go over the wire as they are. */
export const check: Check = {
  id: 'plain-http',
  group: 'transport',
  title: 'The API is served over plain HTTP',
  practice: 'encrypt',
  cwe: 'CWE-319',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'Everybody on the way reads credentials and data, and changes them.',
  mend: 'Serve TLS only. Portcullis does, with TLS 1.2 or newer.',

  async run(context) {
    const plain = context.base.protocol === 'http:';
    const request = `GET ${context.base.pathname} HTTP/1.1\r\nHost: ${context.base.host}\r\nConnection: close\r\n\r\n`;
    const attempt = async (): Promise<Proof | undefined> => {
      const shown = plain
        ? await context.request({ method: 'GET', target: context.base.pathname, headers: [] })
        : await context.raw(request, { plain: true });
      // A port that speaks both: anything but a refusal by 4xx or a redirect to TLS is service.
      const { status, headers } = shown.answer;
      const away = headers.get('location')?.startsWith('https:') === true;
      return status > 0 && !away && (plain || status < 400) ? { exchanges: [shown], marks: ['HTTP/1.1'] } : undefined;
    };
    const proof = await attempt();
    if (!proof) return;
    await context.report({
      message: plain ? 'the API was named, and answers, without TLS' : 'the port of the API answers plain HTTP too',
      cause: 'plain',
      severity: isLoopback(context.base) ? 'informational' : 'high',
      proof,
      again: attempt,
    });
  },
};
