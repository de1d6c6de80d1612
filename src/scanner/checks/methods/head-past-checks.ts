import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';

/** Spellings of a read that a check of `GET` may not see. */
const SPELLINGS = ['HEAD', 'get', 'Get'];

/** HEAD, or a method in lower case, is served where GET is refused. */
export const check: Check = {
  id: 'head-past-checks',
  group: 'methods',
  title: 'HEAD or lower case goes past the checks of GET',
  practice: 'authorize',
  cwe: 'CWE-288',
  owasp: 'API5:2023',
  severity: 'high',
  why: 'Checks that are bound to the exact method GET do not run for HEAD or `get`. What comes back (length, ETag, headers, or the body itself) was meant for others.',
  mend: 'Bind the checks to the operation. Methods are case sensitive (RFC 9110, section 9.1): refuse other spellings. Portcullis judges HEAD as the GET it stands for.',

  async run(context) {
    const reads = context.operations.filter(({ method }) => method === 'GET');
    await context.each(reads, async (operation) => {
      const samples = context.samples(operation);
      const sample = samples[0];
      // What anyone may read needs no way around.
      if (!sample || samples.some(({ as }) => as === undefined)) return;
      const can = new Set(samples.map(({ as }) => as?.name));
      const others = context.identities.filter(({ name }) => !can.has(name));
      for (const as of [null, others[0]]) {
        if (as !== undefined) await tryAs(context, operation, sample.call, as);
      }
    });
  },
};

async function tryAs(context: CheckContext, operation: Operation, call: Call, as: Identity | null): Promise<void> {
  const request = context.render(call, as);
  const origin = { operation, as: as?.name };
  for (const method of SPELLINGS) {
    const attempt = async (): Promise<Proof | undefined> => {
      const control = await context.request(request, origin);
      if (!['unauthenticated', 'forbidden'].includes(context.outcome(control))) return undefined;
      const shown = await context.request({ ...request, method }, origin);
      // A HEAD has no body from which a refusal with 200 could be told: only where refusals say so by their status.
      if (method === 'HEAD' && control.answer.status < 400) return undefined;
      return context.outcome(shown) === 'success' ? { exchanges: [control, shown], marks: [method] } : undefined;
    };
    const proof = await attempt();
    if (!proof) continue;
    await context.report({
      message: `${method} ${operation.template} is answered ${as ? `to ${as.name}` : 'without a credential'}, though GET is refused`,
      operation,
      place: `method ${method}`,
      cause: `${method} ${as ? 'role' : 'credential'}`,
      proof,
      again: attempt,
    });
  }
}
