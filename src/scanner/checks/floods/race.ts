import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { isLookup, namesOf, onceOnly, siblingsOf } from './flows.ts';

/** Requests that are sent at the same moment. */
const AT_ONCE = 8;
/** Operations, identities of one, and unused calls that are looked for. */
const OPERATIONS = 8;
const IDENTITIES = 3;
const CALLS = 6;
/** Words of what is given once to each, or until nothing is left. */
const SCARCE = new Set(
  'book booking bookings reserve reservation reservations seat seats claim claims vote votes like likes apply enroll enrol subscribe'.split(
    ' ',
  ),
);

/** The same call at the same moment, several times, where the second one after the other is refused. */
export const check: Check = {
  id: 'race',
  group: 'floods',
  title: 'Requests at the same moment slip past a check together',
  practice: 'validate',
  cwe: 'CWE-362',
  owasp: 'API6:2023',
  severity: 'high',
  why: 'What is looked at first and written down later can be used several times in between: a coupon is paid out eight times, a seat is sold twice, a balance is spent more than once.',
  mend: 'Look and write in one step: a unique index, a conditional update, a lock for each account. Portcullis can limit an operation to one request at a time for each caller (x-portcullis-limits).',

  async run(context) {
    if (context.options.concurrency < 2) return context.skip('with --concurrency 1 nothing happens at the same moment');
    const scarce = context.operations.filter(
      (operation) =>
        operation.method === 'POST' && !isLookup(operation) && namesOf(operation).some((word) => SCARCE.has(word)),
    );
    const operations = [...new Set([...onceOnly(context), ...scarce])].slice(0, OPERATIONS);
    // One after another: what happens at the same moment is the matter itself.
    for (const operation of operations) await judge(context, operation);
  },
};

async function judge(context: CheckContext, operation: Operation): Promise<void> {
  const people = context
    .samples(operation)
    .flatMap(({ as }) => (as?.alive ? [as] : []))
    .slice(0, IDENTITIES);
  if (people.length === 0) return context.skip('no call of it ever worked', operation);
  for (const as of people) {
    const calls = await unused(context, operation, as);
    // The rule is there at all: twice, one after the other, is refused the second time.
    const control = await oneAfterAnother(context, calls, as);
    if (!control) continue;
    const attempt = async (): Promise<Proof | undefined> => await atOnce(context, calls, as, control);
    const proof = await attempt();
    if (!proof) continue;
    const done = proof.exchanges.length - control.length;
    const confirmed = await context.report({
      message: `${operation.key} was accepted ${done} times from ${as.name} at the same moment, though a second time is refused`,
      operation,
      proof,
      again: attempt,
    });
    if (confirmed) return;
  }
}

/** Calls that were not sent yet: as they are prepared, and with other values of the lists that the API answered. */
async function unused(context: CheckContext, operation: Operation, as: Identity): Promise<Iterator<Call>> {
  const first = await context.prepare(operation, as);
  const calls: Call[] = first && context.mayTry(first) ? [first] : [];
  for (const place of first ? context.places(first) : []) {
    const { value } = place;
    if (place.in !== 'body' || (typeof value !== 'string' && typeof value !== 'number')) continue;
    for (const other of siblingsOf(context, value, CALLS)) calls.push(context.put(first as Call, place, other));
  }
  const second = await context.prepare(operation, as);
  if (second && JSON.stringify(second.body) !== JSON.stringify(first?.body)) {
    calls.push(second);
    for (let more = 0; more < CALLS; more++) {
      const next = await context.prepare(operation, as);
      if (next) calls.push(next);
    }
  }
  // From the end: the first ones were used by others before.
  return calls.reverse()[Symbol.iterator]();
}

async function oneAfterAnother(
  context: CheckContext,
  calls: Iterator<Call>,
  as: Identity,
): Promise<Exchange[] | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    const { value: call, done } = calls.next();
    if (done) return undefined;
    const first = await context.send(call, as, { fresh: true });
    if (context.outcome(first) !== 'success') continue;
    const second = await context.send(call, as, { fresh: true });
    return isRefused(context, second) ? [first, second] : undefined;
  }
  return undefined;
}

async function atOnce(
  context: CheckContext,
  calls: Iterator<Call>,
  as: Identity,
  control: readonly Exchange[],
): Promise<Proof | undefined> {
  for (let tries = 0; tries < 3; tries++) {
    const { value: call, done } = calls.next();
    if (done) return undefined;
    const request = context.render(call, as);
    const origin = { operation: call.operation, as: as.name };
    const all = await Promise.all(
      Array.from(
        { length: AT_ONCE },
        async () => await context.request(request, origin, { fresh: true, patient: false }),
      ),
    );
    const fine = all.filter((exchange) => context.outcome(exchange) === 'success');
    if (fine.length === 0) continue;
    if (fine.length < 2) return undefined;
    // Idempotent answers are the first one again; and afterwards it must be used up.
    if (fine.every(({ answer }) => answer.text === fine[0]?.answer.text) && !empty(fine[0] as Exchange))
      return undefined;
    const after = await context.request(request, origin, { fresh: true });
    return isRefused(context, after) ? { exchanges: [...control, ...fine], marks: [] } : undefined;
  }
  return undefined;
}

const isRefused = (context: CheckContext, exchange: Exchange): boolean =>
  ['invalid', 'forbidden', 'missing'].includes(context.outcome(exchange));

const empty = ({ answer }: Exchange): boolean => answer.body.length < 16;
