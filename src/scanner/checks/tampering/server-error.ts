import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { marksOf } from '../injection/common/marks.ts';
import { again } from '../injection/common/targets.ts';
import { sendTampered, sizeOf, type Tried, trials, works } from './common/trials.ts';

/** Places of one operation confirmed one by one, and values tried for one place, at most. */
const PLACES = 12;
const VALUES = 3;
/** Faults of readers more than of the API: true, and seldom of use to anybody. */
const EXOTIC = /^(unicode|nesting|huge|control characters|exponent|digits|negative zero|encoding|not JSON)/;

export const check: Check = {
  id: 'server-error',
  group: 'tampering',
  title: 'Wrong values end in a server error',
  practice: 'validate',
  cwe: 'CWE-755',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A value that should have been refused reaches code that does not expect it. Errors cost the server more than answers, leave work half done, tell about its insides, and show where to attack further.',
  mend: 'Validate every request against the contract before anything else and refuse with 400 or 422; turn what is thrown all the same into one plain answer. The gate refuses what the contract does not allow, and cuts errors short.',
  async run(context) {
    const failed = (await trials(context)).filter(
      ({ outcome, failure, status }) =>
        (outcome === 'error' && status !== 501) || failure === 'reset' || failure === 'timeout',
    );
    const places = new Map<string, Tried[]>();
    for (const tried of failed) {
      const key = `${tried.ground.operation.key} ${tried.label}`;
      const list = places.get(key);
      if (list) list.push(tried);
      else places.set(key, [tried]);
    }
    const counts = new Map<string, number>();
    for (const list of places.values()) {
      if (context.signal.aborted) return;
      const { key } = list[0]!.ground.operation;
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      if (count < PLACES) await confirm(context, list);
    }
  },
};

async function confirm(context: CheckContext, list: readonly Tried[]): Promise<void> {
  const sorted = [...list].sort(
    (a, b) =>
      Number(EXOTIC.test(a.tampered.breaks)) - Number(EXOTIC.test(b.tampered.breaks)) ||
      sizeOf(a.tampered.value) - sizeOf(b.tampered.value),
  );
  const kinds = [...new Set(list.map(({ tampered }) => tampered.breaks))].join(', ');
  for (const tried of sorted.slice(0, VALUES)) {
    const { ground, label, status, failure } = tried;
    const show = again(context, ground, async () => await fails(context, tried));
    const proof = await show();
    if (!proof) continue;
    const how =
      status >= 500 ? `answers ${status}` : failure === 'timeout' ? 'does not answer in time' : 'closes the connection';
    const exotic = list.every(({ tampered }) => EXOTIC.test(tampered.breaks));
    const reported = await context.report({
      message: `${ground.operation.key} ${how} for wrong values in ${label}: ${kinds}`,
      operation: ground.operation,
      place: label,
      cause: ground.operation.key,
      severity: exotic ? 'low' : 'medium',
      proof,
      again: show,
    });
    if (reported) return;
  }
}

/** The call works, fails with the value, and works again. */
async function fails(
  context: CheckContext,
  { ground, place, tampered, status, failure }: Tried,
): Promise<Proof | undefined> {
  const before = await works(context, ground);
  if (!before) return undefined;
  const exchange = await sendTampered(context, ground, place, tampered.value);
  const { answer } = exchange;
  const same =
    status >= 500 ? answer.status >= 500 && context.outcome(exchange) === 'error' : answer.failure === failure;
  if (!same || !(await works(context, ground))) return undefined;
  const line = answer.status === 0 ? [] : [String(answer.status)];
  return { exchanges: [before, exchange], marks: [...line, ...marksOf(exchange, tampered.value)] };
}
