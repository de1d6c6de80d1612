import type { Operation } from '../../contract/model.ts';
import type { Exchange } from '../model/exchange.ts';
import { type Harvest, read } from './harvest.ts';
import { namingOf, plain } from './names.ts';
import type { Sighting } from './pool.ts';
import type { Resources } from './resources.ts';

type Value = string | number;

/** Longest body that is read to see what was sent, in characters. */
const LONGEST = 65_536;
/** Names that answers to making a thing have beside its identifier. */
const ASIDE =
  /^(status|message|msg|success|ok|created|code|result|detail|type|links?|self|href|url|location|createdat|timestamp)$/;

export interface MakingGround {
  harvest(): Harvest;
  /** Identifiers that a URL of the API names, outermost first. */
  route(url: string): readonly { readonly kind: string; readonly property: string; readonly value: Value }[];
  /** Whether the scan made a value up, unlike any that was there. */
  isGiven(value: Value): boolean;
  isKnown(kind: string, property: string, value: Value): boolean;
  /** Identifiers of the path that was called. */
  readonly context: ReadonlyMap<string, Value>;
}

/**
 * What a successful POST (or a PUT answered with 201) made. Strict, since what counts as made may be changed and deleted:
 * a single thing that nobody had seen before, and a sign that it is new: 201, a Location, an echo of what was sent, or
 * an answer that is an identifier and no more.
 */
export function madeIn(
  exchange: Exchange,
  operation: Operation,
  resources: Resources,
  ground: MakingGround,
): { readonly kind: string; readonly sightings: readonly Sighting[] } | undefined {
  const { answer } = exchange;
  const created = answer.status === 201;
  const kind = resources.makes(operation);
  const location = answer.headers.get('location');
  const named = location === undefined ? undefined : ground.route(location).at(-1);
  if (kind === undefined && !(created && named)) return undefined;
  const harvest = ground.harvest();
  const sent = sentBody(exchange);
  const pointed = pointedAt(sent, ground.context);
  const root = harvest.list
    ? []
    : harvest.root.filter((one) => one.kind === kind && !(one.property === 'id' && pointed.has(String(one.value))));
  const sightings: Sighting[] = [...root];
  if (
    named &&
    (kind === undefined || named.kind === kind) &&
    !sightings.some(({ value }) => String(value) === String(named.value))
  ) {
    sightings.push({ ...named, context: ground.context, owner: root[0]?.owner });
  }
  if (sightings.length === 0 && kind !== undefined && answer.status < 300) {
    // the caller chose the name: it answers with no more than that it is done
    for (const [name, value] of sent) {
      const found = read({ resources }, kind, name, value);
      if (!found || found.kind !== kind || found.reference || !resources.names(kind, found.property)) continue;
      if (ground.isGiven(value))
        sightings.push({ kind, property: found.property, value, context: ground.context, owner: undefined });
    }
    if (harvest.list) return undefined;
  }
  if (sightings.length === 0) return undefined;
  if (sightings.some(({ kind: one, property, value }) => ground.isKnown(one, property, value) && !isFirstUse(property)))
    return undefined;
  if (
    !created &&
    !named &&
    root.length > 0 &&
    !echoes(answer.json, sent) &&
    !isBare(answer.json) &&
    !isReceipt(answer.json)
  )
    return undefined;
  return { kind: kind ?? named!.kind, sightings };
}

/** Names that many things may share say nothing of whether the thing was there before. */
const isFirstUse = (property: string): boolean => property === 'name' || property === 'title';

/** Identifiers of other things that were sent: what is answered under the same is one of them, not a new one. */
function pointedAt(sent: readonly (readonly [string, Value])[], context: ReadonlyMap<string, Value>): Set<string> {
  const values = new Set([...context.values()].map(String));
  for (const [name, value] of sent) {
    const naming = namingOf(name);
    if (naming.certain && naming.kind !== '') values.add(String(value));
  }
  return values;
}

/** Values that were sent, on the first level of a JSON body or form. */
export function sentBody({ request }: Exchange): [string, Value][] {
  const { body } = request;
  const type = request.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (body === undefined || body.length > LONGEST || /multipart|octet/.test(type)) return [];
  const text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
  if (type.includes('urlencoded')) return [...new URLSearchParams(text)].slice(0, 100);
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== 'object' || json === null || Array.isArray(json)) return [];
    return Object.entries(json)
      .filter((pair): pair is [string, Value] => typeof pair[1] === 'string' || typeof pair[1] === 'number')
      .slice(0, 100);
  } catch {
    return [];
  }
}

/** Whether the answer shows what was sent under the same names: all of it, or a text or number of some weight. */
function echoes(json: unknown, sent: readonly (readonly [string, Value])[]): boolean {
  const shown = new Map<string, unknown>();
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 3) return;
    for (const [name, inner] of Object.entries(value).slice(0, 100)) {
      if (typeof inner === 'object') walk(inner, depth + 1);
      else if (!shown.has(plain(name))) shown.set(plain(name), inner);
    }
  };
  walk(json, 0);
  const same = sent.filter(([name, value]) => String(shown.get(plain(name))) === String(value));
  return (same.length > 0 && same.length === sent.length) || same.some(([, value]) => String(value).length >= 3);
}

/** A few plain values that say that it is done: `{id: 5, message: 'Order sent successfully', credit: 90}`. */
function isReceipt(json: unknown): boolean {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const entries = Object.entries(json);
  const isPlain = entries.length <= 5 && entries.every(([, value]) => typeof value !== 'object' || value === null);
  return (
    isPlain &&
    entries.some(
      ([name, value]) =>
        /^(message|msg|detail|result|status)$/.test(plain(name)) &&
        typeof value === 'string' &&
        value.length < 200 &&
        /\b(success|successful|successfully|created|added|placed|sent|saved|registered|submitted|accepted)\b/i.test(
          value,
        ) &&
        !/\b(not|no|fail|failed)\b/i.test(value),
    )
  );
}

/** An identifier, and no more than words about it. */
function isBare(json: unknown): boolean {
  if (typeof json === 'number' || typeof json === 'string') return true;
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false;
  const names = Object.keys(json).map(plain);
  return names.length <= 5 && names.filter((name) => !ASIDE.test(name)).length <= 1;
}
