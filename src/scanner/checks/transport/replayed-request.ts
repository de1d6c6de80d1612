import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { actedTwice } from '../floods/effects.ts';
import { onceOnly, promisesOnce } from '../floods/flows.ts';

/** Identities by which an operation is tried. */
const IDENTITIES = 3;

/** What was captured and sent again has its effect again. */
export const check: Check = {
  id: 'replayed-request',
  group: 'transport',
  title: 'A captured request can be sent again',
  practice: 'encrypt',
  cwe: 'CWE-294',
  owasp: 'API6:2023',
  severity: 'medium',
  why: 'A payment that is sent twice, by an attacker who captured it or by a client that lost the answer, is made twice.',
  mend: 'Demand an Idempotency-Key or check the state of what is paid, and refuse the second. Portcullis can demand signed requests, which are accepted once (signatures).',

  async run(context) {
    await context.each(onceOnly(context), async (operation) => {
      const people = context.samples(operation).flatMap(({ as }) => (as ? [as] : []));
      if (people.length === 0) return context.skip('no call of it ever worked', operation);
      for (const as of people.slice(0, IDENTITIES)) {
        const proof = await attempt(context, operation, as);
        if (!proof) continue;
        await context.report({
          message: `the same ${operation.key} was carried out twice, byte by byte${proof.severity === 'medium' ? ', though it says that once is all' : ''}`,
          operation,
          severity: proof.severity,
          proof,
          again: () => attempt(context, operation, as),
        });
        return;
      }
    });
  },
};

async function attempt(
  context: CheckContext,
  operation: Operation,
  as: Identity,
): Promise<(Proof & { readonly severity: Severity }) | undefined> {
  const call = await context.prepare(operation, as);
  if (!call || !context.mayTry(call)) {
    context.skip('no call could be made that may be sent', operation);
    return undefined;
  }
  const request = context.render(call, as);
  const first = await context.request(request, { operation, as: as.name });
  if (context.outcome(first) !== 'success') return undefined;
  const second = await context.request(request, { operation, as: as.name });
  // Who remembers the first answers with it once more: that is how idempotency looks.
  if (context.outcome(second) !== 'success' || !actedTwice(first, second)) return undefined;
  // Two payments may be what is meant, where nothing in them says that they are one.
  const severity = promisesOnce(context, call) ? 'medium' : 'informational';
  return { exchanges: [first, second], marks: [], severity };
}
