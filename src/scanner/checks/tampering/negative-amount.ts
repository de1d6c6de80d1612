import { judgeOf } from '../../generate/judge.ts';
import { between } from '../../generate/random.ts';
import type { ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from '../injection/common/ground.ts';
import { marksOf } from '../injection/common/marks.ts';
import { again, groundsOf, unlessGone } from '../injection/common/targets.ts';
import { labelOf, named, typesOf, wordsOf } from '../injection/common/words.ts';
import { takenBy } from './common/taken.ts';
import { works } from './common/trials.ts';

const AMOUNTS: ReadonlySet<string> = new Set([
  ...[
    'amount',
    'price',
    'quantity',
    'qty',
    'total',
    'cost',
    'sum',
    'points',
    'credit',
    'credits',
    'cents',
    'fee',
    'tip',
    'units',
  ],
  ...['discount', 'payment', 'refund', 'deposit', 'withdrawal', 'bid', 'stake', 'tickets', 'seats', 'count', 'value'],
]);
const BALANCES: ReadonlySet<string> = new Set([
  'balance',
  'credit',
  'credits',
  'wallet',
  'funds',
  'points',
  'saldo',
  'available',
]);
/** Operations that show a balance, at most. */
const READERS = 6;

export const check: Check = {
  id: 'negative-amount',
  group: 'tampering',
  title: 'Negative amounts are taken',
  practice: 'validate',
  cwe: 'CWE-840',
  owasp: 'API6:2023',
  severity: 'medium',
  why: 'A negative amount turns a payment into a gain: who pays -10 is richer by 10. Quantities below zero lower the bill of an order.',
  mend: 'Give amounts a minimum in the contract, and check in the code what the business means: more than zero, no more than there is. The gate enforces the minimum.',
  async run(context) {
    const grounds = await groundsOf(
      context,
      ({ method, body }) => body !== undefined && method !== 'DELETE' && method !== 'GET',
    );
    const readers = await balanceReaders(context);
    // One after the other: a balance must not move under another's hand.
    for (const ground of grounds) {
      if (context.signal.aborted) return;
      if (ground.effect === 'read') continue;
      await unlessGone(context, ground.operation, async () => {
        for (const place of context.places(ground.sample.call)) await attack(context, ground, place, readers);
      });
      await unlessGone(context, ground.operation, async () => await ground.end());
    }
  },
};

async function attack(
  context: CheckContext,
  ground: Ground,
  place: ValuePlace,
  readers: readonly Sample[],
): Promise<void> {
  if (place.in !== 'body' || typeof place.value !== 'number' || place.readOnly || !named(place, AMOUNTS)) return;
  if (typesOf(place).length > 0 && !typesOf(place).some((type) => type === 'integer' || type === 'number')) return;
  const { operation, as } = ground;
  const label = labelOf(place);
  const random = context.random(`${operation.key} ${label}`);
  const mine = readers.filter((reader) => (reader.as?.name ?? '') === (as?.name ?? ''));
  const rises = again(context, ground, async () => await gain(context, ground, place, mine, random));
  const gained = await rises();
  if (gained) {
    const message = `${operation.key} takes a negative ${place.word}, and a balance of the caller rises by it`;
    if (await context.report({ message, operation, place: label, severity: 'high', proof: gained, again: rises }))
      return;
  }
  // Where the contract forbids it, that it is taken is told elsewhere.
  const judge = judgeOf(place.schema);
  if (judge.knows && !judge.accepts(-1)) return;
  const show = again(context, ground, async () => await taken(context, ground, place, -between(random, 1, 9)));
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} takes a negative ${place.word}: the contract sets no lower bound, and neither does the API`;
  await context.report({ message, operation, place: label, severity: 'informational', proof, again: show });
}

async function taken(
  context: CheckContext,
  ground: Ground,
  place: ValuePlace,
  value: number,
): Promise<Proof | undefined> {
  const before = await works(context, ground);
  if (!before) return undefined;
  const call = context.put(await ground.next(), place, value);
  const exchange = await context.send(call, ground.as);
  if (context.outcome(exchange) !== 'success') return undefined;
  const shown = await takenBy(context, ground, call, exchange, place, value);
  return shown && { exchanges: [before, exchange], marks: marksOf(exchange, value) };
}

/** A balance is higher by just what was taken as a negative amount; the same amount, positive, puts it back. */
async function gain(
  context: CheckContext,
  ground: Ground,
  place: ValuePlace,
  readers: readonly Sample[],
  random: () => number,
): Promise<Proof | undefined> {
  const amount = between(random, 1, 9);
  const send = async (value: number): Promise<Exchange> =>
    await context.send(context.put(await ground.next(), place, value), ground.as);
  for (const reader of readers) {
    const before = await context.send(reader.call, reader.as ?? null);
    const idle = await context.send(reader.call, reader.as ?? null);
    const had = balancesOf(before);
    if (had.size === 0 || JSON.stringify([...had]) !== JSON.stringify([...balancesOf(idle)])) continue;
    const exchange = await send(-amount);
    if (context.outcome(exchange) !== 'success') return undefined;
    const after = await context.send(reader.call, reader.as ?? null);
    const now = balancesOf(after);
    const back = await send(amount);
    for (const [pointer, was] of had) {
      const is = now.get(pointer);
      if (is === undefined || is <= was || context.outcome(back) === 'none') continue;
      if (Math.abs(is - was - amount) > 0.001 && Math.abs(is - was - amount * 100) > 0.001) continue;
      return { exchanges: [before, exchange, after], marks: [String(is)] };
    }
  }
  return undefined;
}

/** GETs whose answers hold a balance. */
async function balanceReaders(context: CheckContext): Promise<Sample[]> {
  const found: Sample[] = [];
  for (const operation of context.operations) {
    if (operation.method !== 'GET') continue;
    for (const sample of context.samples(operation)) {
      if (balancesOf(sample.exchange).size > 0 && found.length < READERS * 4) found.push(sample);
    }
  }
  return found;
}

/** Numbers of an answer that are a balance by their names. */
function balancesOf({ answer }: Exchange): Map<string, number> {
  const found = new Map<string, number>();
  const walk = (here: unknown, at: string, depth: number): void => {
    if (typeof here !== 'object' || here === null || depth > 8 || found.size > 50) return;
    for (const [name, inner] of Object.entries(here)) {
      if (typeof inner === 'number' && wordsOf(name).some((part) => BALANCES.has(part)))
        found.set(`${at}/${name}`, inner);
      else walk(inner, `${at}/${name}`, depth + 1);
    }
  };
  walk(answer.json, '', 0);
  return found;
}
