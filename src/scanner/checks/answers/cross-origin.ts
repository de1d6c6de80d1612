import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';

/** Operations on which every origin is tried, and those that get the plain one: answers come from few places of the code. */
const TRIED = 6;
const SPREAD = 60;

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
    // One for each operation; of somebody where there is one, as those answers are worth most.
    const samples = context.operations
      .filter(({ method }) => method === 'GET')
      .flatMap((operation) => {
        const all = context.samples(operation);
        return all.find(({ as }) => as === undefined) ?? all.find(({ as }) => as !== undefined) ?? [];
      });
    const own = samples.filter(({ as }) => as !== undefined);
    const open = samples.filter(({ as }) => as === undefined);
    const thorough = [...own.slice(0, TRIED), ...open.slice(0, TRIED)];
    const rest = samples.filter((sample) => !thorough.includes(sample)).slice(0, SPREAD);
    await context.each(thorough, async (sample) => await judge(context, sample, origins));
    await context.each(rest, async (sample) => await judge(context, sample, origins.slice(0, 1)));
  },
};

async function judge(context: CheckContext, sample: Sample, origins: readonly string[]): Promise<void> {
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
    const bad = proof.severity !== 'informational';
    await context.report({
      message: `answers may be read by pages of ${proof.marks[1] === '*' ? 'any site' : origin}${bad ? ', with credentials' : ''}`,
      operation: sample.call.operation,
      place: 'header Origin',
      cause: bad ? 'with credentials' : 'without credentials',
      severity: proof.severity,
      proof,
      again: attempt,
    });
    return;
  }
}

/**
 * Without credentials that the browser adds by itself, a foreign page reads what anyone may fetch. Cookies and Basic are
 * added by it; a token is not, until somebody keeps one in a cookie.
 */
function severityOf({ as }: Sample, allowed: string, credentials: boolean): Severity {
  if (!credentials || allowed === '*' || as === undefined) return 'informational';
  return as.kind === 'cookie' || as.kind === 'basic' || as.credentials().cookies.length > 0 ? 'high' : 'medium';
}
