import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Proof } from '../../../model/finding.ts';
import { marksOf } from './marks.ts';
import type { Target } from './targets.ts';

/** How far an answer must be beyond the slowest one without a wait, as a part of the wait. */
const CLEAR = 0.8;
/** Seconds of the first and the longer wait. */
const SHORT = 2;
const LONG = 3;

/**
 * Whether the answer waits as long as it is told to: 2 s, then none, 3 s, and none again, each against the spread of
 * the place's own answers. One request where it does not wait.
 * @returns the answer without a wait and the last one that waited
 */
export async function waits(
  context: CheckContext,
  target: Target,
  write: (seconds: number) => string,
): Promise<Proof | undefined> {
  const limit = context.options.timeout;
  if (limit < LONG * 2_000) return undefined;
  const first = await target.send(write(SHORT));
  if (first.answer.failure !== undefined || first.answer.milliseconds < SHORT * 1000 * CLEAR) return undefined;
  const quick: Exchange[] = [];
  const slowest = (): number => Math.max(...quick.map(({ answer }) => answer.milliseconds));
  for (let i = 0; i < 2; i++) quick.push(await target.control(), await target.send(write(0)));
  if (quick.some(({ answer }) => answer.failure !== undefined)) return undefined;
  if (first.answer.milliseconds < slowest() + SHORT * 1000 * CLEAR) return undefined;
  const longer = await target.send(write(LONG));
  if (longer.answer.failure !== undefined) return undefined;
  const none = await target.send(write(0));
  quick.push(none);
  if (longer.answer.milliseconds < slowest() + LONG * 1000 * CLEAR) return undefined;
  return { exchanges: [none, longer], marks: marksOf(longer, write(LONG)) };
}

/** Steps of work of the first try; milliseconds below which it did not labour; how many times longer it must take. */
const STEPS = 1_500_000;
const LEAST = 80;
const TIMES = 6;

/**
 * Whether the answer takes as long as the work it was given: for engines that have no function to wait. The work, none,
 * twice the work and none again, against the place's own answers. One request where it does not labour.
 * @returns the answer without work and the one with twice the work
 */
export async function labours(
  context: CheckContext,
  target: Target,
  write: (steps: number) => string,
): Promise<Proof | undefined> {
  const time = async (value: string): Promise<Exchange | undefined> => {
    const exchange = await target.send(value);
    return exchange.answer.failure === undefined ? exchange : undefined;
  };
  const first = await time(write(STEPS));
  if (!first || first.answer.milliseconds < LEAST || context.signal.aborted) return undefined;
  let slowest = 0;
  let none: Exchange | undefined;
  for (let i = 0; i < 4; i++) {
    none = await time(write(1));
    if (!none) return undefined;
    slowest = Math.max(slowest, none.answer.milliseconds, (await target.control()).answer.milliseconds);
  }
  const twice = await time(write(STEPS * 2));
  const again = await time(write(STEPS));
  if (!twice || !again || !none) return undefined;
  const once = Math.min(first.answer.milliseconds, again.answer.milliseconds);
  if (once < LEAST || once < slowest * TIMES || twice.answer.milliseconds < once * 1.4) return undefined;
  return { exchanges: [none, twice], marks: marksOf(twice, write(STEPS * 2)) };
}
