import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanAnswer } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { wordsOf } from '../answers/sensitive-names.ts';
import { isLookup, namesOf } from './flows.ts';

/** Words of flows that hurt when one caller repeats them: what is scarce, costs money, or reaches other people. */
const FLOWS: ReadonlySet<string> = new Set(
  'book booking bookings reserve reservation reservations appointment appointments ticket tickets slot slots coupon coupons voucher vouchers redeem invite invites invitation invitations sms otp'.split(
    ' ',
  ),
);
/** More than a person does in a minute. */
const TIMES = 40;
/** A limit of no more than so many in its window is one for people. */
const SMALL = 300;

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
      if (operation.method !== 'POST' || !isFlow(operation) || isApart(context, operation)) continue;
      const as = context.samples(operation).find((sample) => sample.as !== undefined)?.as;
      if (!as) continue;
      const proof = await attempt(context, operation, as, TIMES);
      if (!proof) continue;
      await context.report({
        message: `${as.name} called ${operation.key} ${TIMES} times in a row, and every call was accepted`,
        operation,
        severity: severityOf(operation),
        proof,
        again: () => attempt(context, operation, as, 5),
      });
    }
  },
};

/** Where the contract says that there is a limit, there is none; where it says nothing, the flow may be meant to be so. */
const severityOf = ({ responses, summary }: Operation): Severity =>
  responses.some(({ status }) => status === '429') ||
  /\b(?:at most|limit|per (?:day|hour|user|person)|once)\b/i.test(summary ?? '')
    ? 'low'
    : 'informational';

async function attempt(
  context: CheckContext,
  operation: Operation,
  as: Identity,
  times: number,
): Promise<Proof | undefined> {
  let last: Exchange | undefined;
  const answers = new Set<string>();
  for (let i = 0; i < times; i++) {
    const call = await context.prepare(operation, as);
    if (!call) return undefined;
    last = await context.send(call, as, { patient: false });
    if (context.outcome(last) !== 'success' || tellsSmallLimit(last.answer)) return undefined;
    answers.add(last.answer.text);
    // The same said to five calls: it looks something up, or the call had its effect once.
    if (i === 4 && answers.size === 1 && last.answer.body.length > 0) return undefined;
  }
  return last && { exchanges: [last], marks: [] };
}

/** A limit that is announced, and that a person would not meet, is one (draft-ietf-httpapi-ratelimit-headers and its elders). */
function tellsSmallLimit({ headers }: ScanAnswer): boolean {
  const limits = [...headers].flatMap(([name, value]) => {
    if (/^(?:x-)?rate-?limit-limit$/.test(name)) return [Number(/\d{1,12}/.exec(value)?.[0])];
    if (name === 'ratelimit-policy')
      return [...value.slice(0, 1_000).matchAll(/\bq=(\d{1,12})/g)].map((found) => Number(found[1]));
    return [];
  });
  return limits.some((limit) => limit <= SMALL);
}

const isApart = ({ known }: CheckContext, operation: Operation): boolean =>
  [...known.login, ...known.logout, ...known.register, ...known.account].includes(operation);

function isFlow(operation: Operation): boolean {
  if (isLookup(operation)) return false;
  return [...namesOf(operation), ...wordsOf(operation.summary ?? '')].some((word) => FLOWS.has(word));
}
