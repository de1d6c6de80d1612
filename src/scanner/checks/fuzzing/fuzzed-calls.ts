import type { Operation } from '../../../contract/model.ts';
import { buildCall } from '../../calls/build.ts';
import { tamperedAt } from '../../calls/tampering.ts';
import { validValue } from '../../generate/valid.ts';
import type { Call, ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Calls made for one operation. */
const CALLS = 24;
/** Requests that shrinking may take. */
const SHRINKING = 40;

/** Valid and nearly valid calls, several values changed at once, bring the API to its knees. */
export const check: Check = {
  id: 'fuzzed-calls',
  group: 'fuzzing',
  title: 'Generated calls end in errors or silence',
  practice: 'validate',
  cwe: 'CWE-754',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'An error that nobody thought of is the visible end of a state that nobody thought of; a crash or a hang takes the API away from everybody.',
  mend: 'Check every value before it is used, and answer 400. Portcullis validates every request against the contract.',

  async run(context) {
    // Wrong names and passwords lock accounts, and who is logged out cannot go on.
    const { login, logout, account } = context.known;
    const apart = new Set([...login, ...logout, ...account]);
    await context.each(context.operations, async (operation) => {
      if (apart.has(operation)) return;
      // What single values bring about is told by another check.
      if (context.found('server-error', operation)) return;
      const sample = context.samples(operation)[0];
      if (!sample) return context.skip('no call of it ever worked', operation);
      await fuzz(context, operation, sample);
    });
  },
};

async function fuzz(context: CheckContext, operation: Operation, sample: Sample): Promise<void> {
  const random = context.random(operation.key);
  for (let i = 0; i < CALLS; i++) {
    const call = generated(context, sample.call, random, i);
    if (!context.mayTry(call)) return;
    const broken = await breaks(context, call, sample);
    if (!broken) continue;
    const small = await shrunk(context, call, sample);
    const attempt = async (): Promise<Proof | undefined> => {
      const control = await context.send(sample.call, sample.as ?? null);
      if (isBroken(control)) return undefined;
      const shown = await breaks(context, small, sample);
      return shown && { exchanges: [control, shown], marks: [] };
    };
    const proof = await attempt();
    if (!proof) continue;
    const { status, failure } = broken.answer;
    await context.report({
      message: `a generated call is answered with ${status || failure}`,
      operation,
      cause: `${operation.key} ${status || failure}`,
      proof,
      again: attempt,
    });
    return;
  }
}

/** A call with some of its values made anew, and now and then one that is nearly valid. */
function generated(context: CheckContext, call: Call, random: () => number, round: number): Call {
  // Every fourth is built from nothing, with all that the contract offers.
  let made =
    round % 4 === 3
      ? withIds(
          call,
          buildCall(call.operation, () => undefined, { fill: 'all', random }),
        )
      : call;
  for (const place of context.places(made)) {
    // Ids stay as they are: with others nothing is reached.
    if (place.schema === undefined || place.in === 'path' || random() < 0.5) continue;
    made = context.put(made, place, valueFor(made, place, random));
  }
  return made;
}

function valueFor(call: Call, place: ValuePlace, random: () => number): unknown {
  const at = place.schema as NonNullable<ValuePlace['schema']>;
  if (random() < 0.8) return validValue(at, random, { word: place.word, variety: random() < 0.7 ? 'edge' : 'plain' });
  const tampered = tamperedAt(call, place, random);
  return tampered[Math.floor(random() * tampered.length)]?.value;
}

function withIds(from: Call, to: Call): Call {
  const values = new Map(to.values);
  for (const [key, value] of from.values) if (key.startsWith('path:')) values.set(key, value);
  return { ...to, values };
}

function isBroken({ answer: { status, failure, mediaType } }: Exchange): boolean {
  if (failure === 'reset' || failure === 'timeout' || failure === 'malformed') return true;
  // 501 and 503 are said on purpose; so are 502 and 504 by an API whose own supplier failed. By a proxy they are not.
  if (status === 501 || status === 503 || ((status === 502 || status === 504) && /json/.test(mediaType))) return false;
  return status >= 500;
}

/** @returns the exchange where the call breaks something */
async function breaks(context: CheckContext, call: Call, { as }: Sample): Promise<Exchange | undefined> {
  const exchange = await context.send(call, as ?? null);
  return isBroken(exchange) ? exchange : undefined;
}

/** Takes values out, one after another, as long as it still breaks. */
async function shrunk(context: CheckContext, call: Call, sample: Sample): Promise<Call> {
  let small = call;
  let left = SHRINKING;
  // Deep places first: their containers may go with them later.
  for (const place of [...context.places(call)].reverse()) {
    if (left <= 0) break;
    if (place.value === undefined || place.in === 'path' || (place.in === 'body' && place.name === '')) continue;
    const less = context.put(small, place, undefined);
    left--;
    if (await breaks(context, less, sample)) small = less;
  }
  return small;
}
