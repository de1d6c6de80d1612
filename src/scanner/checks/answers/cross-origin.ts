import type { Check, Sample } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Operations on which it is tried: the answer comes from one place of the code. */
const TRIED = 8;

/** Web sites of others may read answers. */
export const check: Check = {
  id: 'cross-origin',
  group: 'answers',
  title: 'Web sites of others may read answers',
  practice: 'necessary-only',
  cwe: 'CWE-942',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'A page on any site, opened by a user who is signed in, can read the answers of the API with the credentials of that user.',
  mend: 'Allow the origins of your own front ends by name, never by reflection. Portcullis answers preflights from a list (cors.origins).',

  async run(context) {
    const { hostname } = context.base;
    const origins = [
      'https://attacker.example',
      'null',
      `https://${hostname}.attacker.example`,
      `https://attacker-${hostname}`,
    ];
    const samples = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => context.samples(operation).slice(0, 1))
      .slice(0, TRIED);
    await context.each(samples, async (sample) => {
      for (const origin of origins) {
        const attempt = async (): Promise<(Proof & { severity: Severity }) | undefined> => {
          const request = context.render(sample.call, sample.as ?? null);
          const shown = await context.request(
            { ...request, headers: [...request.headers, ['Origin', origin]] },
            { operation: sample.call.operation, as: sample.as?.name },
          );
          const allowed = shown.answer.headers.get('access-control-allow-origin');
          const credentials = shown.answer.headers.get('access-control-allow-credentials')?.toLowerCase() === 'true';
          if (allowed === undefined || (allowed !== origin && allowed !== '*')) return undefined;
          const severity = severityOf(sample, allowed, credentials);
          return { exchanges: [shown], marks: [`access-control-allow-origin: ${allowed}`, allowed], severity };
        };
        const proof = await attempt();
        if (!proof) continue;
        await context.report({
          message: `answers may be read by pages of ${proof.marks[1] === '*' ? 'any site' : origin}${proof.severity === 'high' ? ', with credentials' : ''}`,
          operation: sample.call.operation,
          place: 'header Origin',
          cause: proof.severity === 'high' ? 'with credentials' : 'without credentials',
          severity: proof.severity,
          proof,
          again: attempt,
        });
        return;
      }
    });
  },
};

/** Without credentials that the browser adds by itself, a foreign page reads what anyone may fetch. */
function severityOf({ as }: Sample, allowed: string, credentials: boolean): Severity {
  if (!credentials || allowed === '*') return 'informational';
  return as === undefined ? 'low' : 'high';
}
