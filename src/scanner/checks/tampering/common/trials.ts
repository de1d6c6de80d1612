import { between, hex } from '../../../generate/random.ts';
import { type Tampered, tamperedValues } from '../../../generate/tampered.ts';
import type { ValuePlace } from '../../../model/call.ts';
import { Verbatim } from '../../../model/call.ts';
import type { CheckContext, Outcome } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import { type Ground, NoCall } from '../../injection/common/ground.ts';
import { groundsOf, unlessGone } from '../../injection/common/targets.ts';
import { isPassword, labelOf, wordsOf } from '../../injection/common/words.ts';

/** Values of one place, and places of one operation, at most; fewer where each call changes something. */
const VALUES = { read: 16, other: 12 } as const;
const PLACES = 30;
/** Requests of one operation at most. */
const REQUESTS = 320;

/** One value that was put in a place of a working call, and how it was answered. */
export interface Tried {
  readonly ground: Ground;
  readonly place: ValuePlace;
  readonly label: string;
  readonly tampered: Tampered;
  readonly outcome: Outcome;
  readonly status: number;
  readonly failure: Exchange['answer']['failure'];
}

/** What the scan tried, once for all checks of this group: by the signal, which is one scan's own. */
const known = new WeakMap<AbortSignal, Promise<readonly Tried[]>>();

/** Tampers with every place of every operation that works; the first check that asks pays for it. */
export function trials(context: CheckContext): Promise<readonly Tried[]> {
  let tried = known.get(context.signal);
  if (!tried) known.set(context.signal, (tried = run(context)));
  return tried;
}

async function run(context: CheckContext): Promise<readonly Tried[]> {
  const grounds = await groundsOf(context);
  const all = new Map<Ground, Tried[]>();
  const work = async (ground: Ground): Promise<void> => {
    const list: Tried[] = [];
    all.set(ground, list);
    await unlessGone(context, ground.operation, async () => await over(context, ground, list));
    await unlessGone(context, ground.operation, async () => await ground.end());
  };
  // What reads goes first: what changes makes other answers of it.
  await context.each(
    grounds.filter(({ effect }) => effect === 'read'),
    work,
  );
  await context.each(
    grounds.filter(({ effect }) => effect !== 'read'),
    work,
  );
  return grounds.flatMap((ground) => all.get(ground) ?? []);
}

async function over(context: CheckContext, ground: Ground, list: Tried[]): Promise<void> {
  let left = REQUESTS;
  for (const place of placesOf(context, ground)) {
    for (const tampered of chosen(context, ground, place)) {
      if (left-- <= 0) {
        context.skip(`more than ${REQUESTS} values: the rest of them`, ground.operation);
        return;
      }
      const exchange = await sendTampered(context, ground, place, tampered.value);
      const outcome = context.outcome(exchange);
      if (outcome === 'limited' && ground.login) throw new NoCall('it limits its callers');
      const { status, failure } = exchange.answer;
      list.push({ ground, place, label: labelOf(place), tampered, outcome, status, failure });
    }
  }
}

/** @throws NoCall */
export async function sendTampered(
  context: CheckContext,
  ground: Ground,
  place: ValuePlace,
  value: unknown,
): Promise<Exchange> {
  const call = context.put(await ground.next(), place, value);
  return await context.send(call, ground.as, ground.login ? { patient: false } : undefined);
}

/** Whether the call works as it is, now. */
export async function works(context: CheckContext, ground: Ground): Promise<Exchange | undefined> {
  const exchange = await context.send(await ground.next(), ground.as);
  return context.outcome(exchange) === 'success' ? exchange : undefined;
}

function placesOf(context: CheckContext, ground: Ground): ValuePlace[] {
  const { sample, login, effect } = ground;
  const places = context
    .places(sample.call)
    .filter((place) => !place.readOnly && !(place.in === 'body' && place.name === '' && effect === 'remove'))
    // Wrong passwords lock real users out.
    .filter((place) => !(login && isPassword(place)));
  if (places.length > PLACES) context.skip(`more than ${PLACES} places: the rest of them`, ground.operation);
  const sent = places.filter(({ value }) => value !== undefined);
  return [...sent, ...places.filter(({ value }) => value === undefined)].slice(0, PLACES);
}

/** How values of a place arrive. */
export function carriedOf(ground: Ground, place: ValuePlace): 'json' | 'text' | 'opaque' {
  if (place.in !== 'body') return 'text';
  const type = ground.sample.call.body?.type ?? ground.operation.body?.content[0]?.type ?? '';
  if (/[/+]json$/.test(type)) return 'json';
  return type === 'application/x-www-form-urlencoded' ? 'text' : 'opaque';
}

/** One value for each kind of fault, those the contract surely forbids first; what is required also left out. */
function chosen(context: CheckContext, ground: Ground, place: ValuePlace): Tampered[] {
  const random = context.random(`${ground.operation.key} ${place.in}:${place.name}`);
  const values = tamperedValues(place.schema, place.value, random, place.word, carriedOf(ground, place));
  const kinds = new Set<string>();
  const most = ground.effect === 'read' ? VALUES.read : VALUES.other;
  const picked: Tampered[] = [];
  const missing = place.required && place.value !== undefined && place.in !== 'path' && place.in !== 'body';
  if (missing) picked.push({ value: undefined, breaks: 'required', strict: true });
  const stranger = unknownId(place, random);
  if (stranger !== undefined) picked.push({ value: stranger, breaks: 'unknown id', strict: false });
  for (const strict of [true, false]) {
    for (const each of values) {
      if (each.strict !== strict || kinds.has(each.breaks)) continue;
      if (isEmptySegment(place, each.value)) continue;
      // Some of the places are kept for what breaks readers, though no contract speaks of it.
      if (picked.length >= (strict ? most - 5 : most)) break;
      kinds.add(each.breaks);
      picked.push(each);
    }
  }
  return picked;
}

/** An id of the right form that names nothing: code that does not look first falls over it. */
function unknownId(place: ValuePlace, random: () => number): unknown {
  if (place.in === 'path' || wordsOf(place.word).at(-1) !== 'id') return undefined;
  if (typeof place.value === 'number') return between(random, 700_000_000, 900_000_000);
  if (typeof place.value !== 'string' || !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(place.value)) return undefined;
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
}

/** A path parameter without text, or of dots, is another path. */
function isEmptySegment(place: ValuePlace, value: unknown): boolean {
  if (place.in !== 'path') return false;
  const text = value instanceof Verbatim ? value.text : Array.isArray(value) ? value.join(',') : value;
  return text === '' || text === '.' || text === '..' || (typeof text === 'string' && text.includes('/'));
}

/** How long a value is as it is written: of several that show the same, the shortest is shown. */
export function sizeOf(value: unknown): number {
  if (value instanceof Verbatim) return value.text.length;
  return JSON.stringify(value)?.length ?? 0;
}
