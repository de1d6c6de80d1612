import type { Operation } from '../../../../contract/model.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange, SendOptions } from '../../../model/exchange.ts';
import type { Proof } from '../../../model/finding.ts';
import type { Identity } from '../../../model/identity.ts';
import { type Ground, groundOf, NoCall } from './ground.ts';
import { isPassword, labelOf, textAt, word } from './words.ts';

/** Places of one operation that are attacked at most: sent ones first. */
const MAX_PLACES = 40;

/** A place of a working call, and how something else is sent there. */
export interface Target {
  readonly ground: Ground;
  readonly operation: Operation;
  readonly as: Identity | null;
  readonly place: ValuePlace;
  readonly label: string;
  /** What stands there in a working call, as text. */
  readonly text: string;
  /** Whether sending changes nothing at the API. */
  readonly reads: boolean;
  /** Numbers of this place's own. */
  readonly random: () => number;
  /** A working call with the value at the place. @throws NoCall */
  call(value: unknown): Promise<Call>;
  /** Sends it. @throws NoCall where no working call can be had, or a login limits its callers */
  send(value: unknown, options?: SendOptions): Promise<Exchange>;
  /** The same without an attack. @throws NoCall */
  control(options?: SendOptions): Promise<Exchange>;
}

export function targetOf(context: CheckContext, ground: Ground, place: ValuePlace, text: string): Target {
  const { operation, as, login } = ground;
  const label = labelOf(place);
  const random = context.random(`${operation.key} ${place.in}:${place.name}`);
  const value: unknown = place.value ?? text;
  // A wrong password for a real user may lock that user out: it is asked for one that there is not.
  const stranger = login && isPassword(place) ? word(random, 12) : undefined;
  const call = async (given: unknown): Promise<Call> => {
    let base = await ground.next();
    if (stranger) {
      for (const other of context.places(base)) {
        if (typeof other.value === 'string' && !isPassword(other)) {
          base = context.put(base, other, other.value.includes('@') ? `${stranger}@mail.example` : stranger);
        }
      }
    }
    return context.put(base, place, given);
  };
  const send = async (given: unknown, options?: SendOptions): Promise<Exchange> => {
    const exchange = await context.send(await call(given), as, login ? { ...options, patient: false } : options);
    if (login && context.outcome(exchange) === 'limited') throw new NoCall('it limits its callers');
    return exchange;
  };
  const control = async (options?: SendOptions): Promise<Exchange> => await send(value, options);
  return { ground, operation, as, place, label, text, reads: ground.effect === 'read', random, call, send, control };
}

/** Runs work that ends where no working call can be had: the reason is noted. */
export async function unlessGone<T>(
  context: CheckContext,
  operation: Operation,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NoCall)) throw error;
    context.skip(error.message, operation);
    return undefined;
  }
}

/** A candidate's `again` that shows nothing where no working call can be had any more. */
export const again =
  (context: CheckContext, target: Pick<Target, 'operation'>, work: () => Promise<Proof | undefined>) =>
  async (): Promise<Proof | undefined> =>
    await unlessGone(context, target.operation, work);

/** The grounds of the operations in scope, in their order. */
export async function groundsOf(
  context: CheckContext,
  wanted: (operation: Operation) => boolean = () => true,
): Promise<Ground[]> {
  const found = new Map<Operation, Ground>();
  await context.each(context.operations.filter(wanted), async (operation) => {
    const ground = await groundOf(context, operation);
    if (ground) found.set(operation, ground);
  });
  return context.operations.flatMap((operation) => found.get(operation) ?? []);
}

/** Places of a ground that hold text or a number, or could. */
export function targetsOf(context: CheckContext, ground: Ground, wanted: (target: Target) => boolean): Target[] {
  const targets: Target[] = [];
  for (const place of context.places(ground.sample.call)) {
    const text = textAt(place);
    if (text === undefined) continue;
    const target = targetOf(context, ground, place, text);
    if (wanted(target)) targets.push(target);
  }
  if (targets.length <= MAX_PLACES) return targets;
  context.skip(`more than ${MAX_PLACES} places: the rest of them`, ground.operation);
  const sent = targets.filter(({ place }) => place.value !== undefined);
  return [...sent, ...targets.filter(({ place }) => place.value === undefined)].slice(0, MAX_PLACES);
}

/**
 * Works on every place that is wanted: first those of operations that only read, many at once; then, operation by
 * operation, those that make, change or remove, so that what one answers does not move under another.
 */
export async function overPlaces(
  context: CheckContext,
  wanted: (target: Target) => boolean,
  work: (target: Target) => Promise<void>,
  grounds?: readonly Ground[],
): Promise<void> {
  const all = grounds ?? (await groundsOf(context));
  const one = async (target: Target): Promise<void> => {
    await unlessGone(context, target.operation, async () => await work(target));
  };
  const reading = all.filter(({ effect }) => effect === 'read');
  await context.each(
    reading.filter(({ login }) => !login).flatMap((ground) => targetsOf(context, ground, wanted)),
    one,
  );
  for (const ground of reading.filter(({ login }) => login)) {
    for (const target of targetsOf(context, ground, wanted)) await one(target);
  }
  await context.each(
    all.filter(({ effect }) => effect !== 'read'),
    async (ground) => {
      try {
        for (const target of targetsOf(context, ground, wanted)) await one(target);
      } finally {
        await ground.end();
      }
    },
  );
}
