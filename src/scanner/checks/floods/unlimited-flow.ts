import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { wordsOf } from '../answers/sensitive-names.ts';

/** Words of flows that hurt when one caller repeats them: what is scarce, costs money, or reaches other people. */
const FLOWS: ReadonlySet<string> = new Set(
  'book booking bookings reserve reservation reservations appointment appointments ticket tickets slot slots coupon coupons voucher vouchers redeem invite invites invitation invitations sms otp verify'.split(
    ' ',
  ),
);
/** More than a person does in a minute. */
const TIMES = 40;

/** One caller repeats a business flow as often as it likes. */
export const check: Check = {
  id: 'unlimited-flow',
  group: 'floods',
  title: 'A sensitive flow can be repeated without end',
  practice: 'throttle',
  cwe: 'CWE-799',
  owasp: 'API6:2023',
  severity: 'low',
  why: 'A program books every slot, redeems every coupon, or sends a thousand messages in the name of the company, all by calls that are valid each.',
  mend: 'Limit what one caller may have and do: open bookings, redemptions, messages a day. Portcullis sets quotas an operation (x-portcullis-limits).',

  async run(context) {
    for (const operation of context.operations) {
      if (operation.method !== 'POST' || !isFlow(operation) || context.known.login.includes(operation)) continue;
      const as = context.samples(operation).find((sample) => sample.as !== undefined)?.as;
      if (!as) continue;
      const proof = await attempt(context, operation, as, TIMES);
      if (!proof) continue;
      await context.report({
        message: `${as.name} called ${operation.key} ${TIMES} times in a row, and every call was accepted`,
        operation,
        proof,
        again: () => attempt(context, operation, as, 5),
      });
    }
  },
};

async function attempt(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  times: number,
): Promise<Proof | undefined> {
  let last: Exchange | undefined;
  for (let i = 0; i < times; i++) {
    const call = await context.prepare(operation, as);
    if (!call) return undefined;
    last = await context.send(call, as, { patient: false });
    if (context.outcome(last) !== 'success') return undefined;
  }
  return last && { exchanges: [last], marks: [] };
}

function isFlow({ template, operationId, summary }: Operation): boolean {
  const last =
    template
      .split('/')
      .filter((segment) => segment !== '' && !segment.includes('{'))
      .at(-1) ?? '';
  return [...wordsOf(last), ...wordsOf(operationId ?? ''), ...wordsOf(summary ?? '')].some((word) => FLOWS.has(word));
}
