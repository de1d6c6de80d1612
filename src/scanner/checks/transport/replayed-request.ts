import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { wordsOf } from '../answers/sensitive-names.ts';

/** Words of operations that should have their effect once. */
const ONCE: ReadonlySet<string> = new Set(
  'pay payment payments charge checkout transfer transfers withdraw withdrawal redeem coupon coupons voucher refund confirm capture settle payout'.split(
    ' ',
  ),
);

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
    const once = context.operations.filter(
      (operation) => operation.method === 'POST' && namesOf(operation).some((word) => ONCE.has(word)),
    );
    await context.each(once, async (operation) => {
      for (const { as } of context.samples(operation)) {
        if (!as) continue;
        const proof = await attempt(context, operation, as);
        if (!proof) continue;
        await context.report({
          message: `the same ${operation.key} was accepted twice, byte by byte`,
          operation,
          proof,
          again: () => attempt(context, operation, as),
        });
        return;
      }
    });
  },
};

async function attempt(context: CheckContext, operation: Operation, as: Identity): Promise<Proof | undefined> {
  const call = await context.prepare(operation, as);
  if (!call) {
    context.skip('no call could be made that may be sent', operation);
    return undefined;
  }
  const request = context.render(call, as);
  const first = await context.request(request, { operation, as: as.name });
  if (context.outcome(first) !== 'success') return undefined;
  const second = await context.request(request, { operation, as: as.name });
  if (context.outcome(second) !== 'success') return undefined;
  // Who remembers the first answers with the very same: that is how idempotency looks.
  if (second.answer.text === first.answer.text && first.answer.text !== '') return undefined;
  return { exchanges: [first, second], marks: [] };
}

function namesOf({ template, operationId }: Operation): string[] {
  const last =
    template
      .split('/')
      .filter((segment) => segment !== '' && !segment.includes('{'))
      .at(-1) ?? '';
  return [...wordsOf(last), ...wordsOf(operationId ?? '')];
}
