import { kindOf, namingOf, plain } from './names.ts';
import type { Made, Sighting } from './pool.ts';
import { keyOf } from './pool.ts';
import type { Resources } from './resources.ts';

const DEPTH = 7;
/** Values looked at in one answer. */
const MOST_NODES = 4_000;
/** Identifiers taken from one answer. */
const MOST_SIGHTINGS = 600;
const LONGEST = 200;

/** Names under which the things themselves stand. */
const WRAPPERS = new Set(
  'items data results result content contents records record rows row list values value entries entry payload response body objects object elements hits docs documents members edges node nodes page collection embedded all output'.split(
    ' ',
  ),
);
const LINKS = new Set(['href', 'url', 'self', 'link', 'location', 'uri', 'resourceurl', 'selflink']);

/** Properties that name a person. */
const PERSON =
  /^(owner|author|creator|createdby|user|username|userid|login|email|mail|customer|member|account|accountname|client|buyer|seller|sender|uploadedby|postedby|holder|subject|principal|sub|patient|person|ownername|ownedby|belongsto)$/;

/** Properties by which an account is told apart. */
const ACCOUNT = /^(username|login|loginname|email|mail|emailaddress|handle)$/;

/** What stands for the identifier where there is no `id`. */
const OTHER_ID = /^(_?id|uuid|guid|oid|pk|key)$/;

export interface Harvest {
  readonly sightings: readonly Sighting[];
  /** Identifiers of the thing at the root (or the only one in its wrapper), where the answer is about one thing. */
  readonly root: readonly Sighting[];
  /** True: the answer is a list, or holds one of the things it is about. */
  readonly list: boolean;
}

type Value = string | number;
const isValue = (value: unknown): value is Value =>
  (typeof value === 'number' && Number.isFinite(value)) ||
  (typeof value === 'string' && value !== '' && value.length <= LONGEST);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Ground {
  readonly resources: Resources;
  /** Kind of what the operation answers with; `self` for who calls. */
  readonly kind: string;
  /** Identifiers of the path that was called. */
  readonly context: ReadonlyMap<string, Value>;
  /** The identity that a value of a kind belongs to, by its own identifiers. */
  ownerOf(kind: string, property: string, value: Value): string | undefined;
  /** The identity that a text names, where a person is named. */
  named(text: string): string | undefined;
  /** The thing of a kind to which the scan gave a name. */
  expected(kind: string, property: string, value: Value): Made | undefined;
  /** Identifiers that a URL of the API names. */
  route(url: string): readonly { kind: string; property: string; value: Value }[];
}

/**
 * Takes the identifiers out of an answer: `id` of the things it lists, `patientId` that points at others, keys of maps,
 * links. What kind a thing is of follows from the operation, or from the name it stands under.
 */
export function harvest(json: unknown, ground: Ground): Harvest {
  const sightings: Sighting[] = [];
  const root: Sighting[] = [];
  let nodes = 0;
  let list = false;
  const push = (sighting: Sighting): void => {
    if (sightings.length < MOST_SIGHTINGS) sightings.push(sighting);
  };

  const thing = (record: Readonly<Record<string, unknown>>, kind: string, isRoot: boolean): void => {
    const context = new Map(ground.context);
    const own: { property: string; value: Value }[] = [];
    let owner: string | undefined;
    let made: Made | undefined;
    let account: string | undefined;
    const people = ground.resources.people.includes(kind);
    for (const [name, value] of Object.entries(record)) {
      if (!isValue(value)) continue;
      made ??= ground.expected(kind, plain(name), value);
      if (typeof value === 'string' && people && ACCOUNT.test(plain(name))) account ??= ground.named(value);
      if (typeof value === 'string' && (value.includes('@') || PERSON.test(plain(name)))) owner ??= ground.named(value);
      const found = read(ground, kind, name, value);
      if (found === undefined) continue;
      owner ??= ground.ownerOf(found.kind, found.property, value);
      if (found.kind === kind) own.push({ property: found.property, value });
      else if (found.reference) {
        if (context.size < 20) context.set(keyOf(found.kind, found.property), value);
        push({
          kind: found.kind,
          property: found.property,
          value,
          context: NOTHING,
          owner: ground.ownerOf(found.kind, found.property, value),
        });
      }
    }
    // `uuid` of a vehicle, where the contract asks for a `vehicleId`.
    const wanted = ground.resources.wanted(kind);
    if (wanted.has('id') && !own.some(({ property }) => property === 'id')) {
      const other = own.find(({ property }) => OTHER_ID.test(property) && !wanted.has(property));
      if (other) own.push({ property: 'id', value: other.value });
    }
    for (const { property, value } of own) {
      const sighting = { kind, property, value, context, owner, made, account };
      push(sighting);
      if (isRoot) root.push(sighting);
    }
  };

  const walk = (value: unknown, kind: string, depth: number, isRoot: boolean): void => {
    if (depth > DEPTH || ++nodes > MOST_NODES) return;
    if (Array.isArray(value)) {
      if (kind === ground.kind) list = true;
      for (const item of value) {
        if (isValue(item)) simple(item, kind);
        else walk(item, kind, depth + 1, false);
        if (nodes > MOST_NODES) return;
      }
      return;
    }
    if (!isRecord(value)) {
      if (isRoot && isValue(value) && kind !== '' && kind !== 'self') {
        const sighting = { kind, property: 'id', value, context: ground.context, owner: undefined };
        push(sighting);
        root.push(sighting);
      }
      return;
    }
    const entries = Object.entries(value);
    if (entries.length > 1 && entries.every(([name, item]) => isRecord(item) && isKey(name))) {
      // a map by identifier
      if (kind === ground.kind) list = true;
      for (const [name, item] of entries) {
        if (kind !== '' && kind !== 'self')
          push({ kind, property: 'id', value: name, context: ground.context, owner: undefined });
        walk(item, kind, depth + 1, false);
      }
      return;
    }
    if (kind !== '') thing(value, kind, isRoot);
    let inner = 0;
    for (const [, item] of entries) if (typeof item === 'object' && item !== null) inner++;
    for (const [name, item] of entries) {
      if (typeof item === 'string' && LINKS.has(plain(name)) && /^(\/|https?:)/.test(item)) {
        for (const found of ground.route(item)) push({ ...found, context: NOTHING, owner: undefined });
        continue;
      }
      if (typeof item !== 'object' || item === null) continue;
      const word = plain(name);
      if (WRAPPERS.has(word)) {
        walk(item, kind, depth + 1, isRoot && !Array.isArray(item) && inner === 1);
        continue;
      }
      const named = ground.resources.canonical(kindOf(name));
      const naming = namingOf(name);
      if (Array.isArray(item) && naming.certain && naming.kind !== '') {
        // `petIds: [1, 2]`
        for (const one of item.slice(0, 100)) {
          if (isValue(one))
            push({
              kind: ground.resources.canonical(naming.kind),
              property: naming.property,
              value: one,
              context: NOTHING,
              owner: undefined,
            });
        }
        continue;
      }
      const same = named === kind || named === ground.kind;
      walk(
        item,
        same
          ? named
          : ground.resources.kinds.has(named)
            ? named
            : Array.isArray(item) || depth > 0
              ? ''
              : kind === ground.kind && inner === 1 && word !== 'links'
                ? kind
                : named,
        depth + 1,
        isRoot && same && !Array.isArray(item),
      );
    }
  };

  const simple = (item: Value, kind: string): void => {
    if (kind === '' || kind === 'self') return;
    const wanted = [...ground.resources.wanted(kind)];
    const property = wanted.length === 1 ? wanted[0]! : 'id';
    push({ kind, property, value: item, context: ground.context, owner: undefined });
  };

  walk(json, ground.kind, 0, true);
  return { sightings, root, list };
}

const NOTHING: ReadonlyMap<string, Value> = new Map();

/** Keys that are identifiers themselves. */
const isKey = (name: string): boolean =>
  /^\d{1,18}$/.test(name) ||
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(name) ||
  /^[0-9a-f]{24}$/i.test(name);

/** What a property of a thing of a kind points at: the thing itself, or another. */
export function read(
  { resources }: Pick<Ground, 'resources'>,
  kind: string,
  name: string,
  value: Value,
): { readonly kind: string; readonly property: string; readonly reference: boolean } | undefined {
  const naming = namingOf(name);
  if (naming.kind === '') {
    if (naming.certain || resources.wants(kind, naming.property))
      return { kind, property: naming.property, reference: false };
    return undefined;
  }
  const other = resources.canonical(naming.kind);
  if (naming.property !== '') {
    if (naming.kind === kind) {
      // `book_title` of a book
      return naming.certain || resources.wants(kind, naming.property)
        ? { kind, property: naming.property, reference: false }
        : undefined;
    }
    // `orderId` of a standing order, where nothing else is an order
    if (naming.certain && naming.kind.length >= 4 && kind.endsWith(naming.kind) && !resources.kinds.has(other))
      return { kind, property: naming.property, reference: false };
    if (naming.certain) return { kind: other, property: naming.property, reference: true };
    if (resources.kinds.has(other) && resources.wants(other, naming.property))
      return { kind: other, property: naming.property, reference: true };
    return resources.wants(kind, plain(name)) ? { kind, property: plain(name), reference: false } : undefined;
  }
  if (resources.wants(kind, plain(name))) return { kind, property: plain(name), reference: false };
  // `owner: "alice"`, `patient: 7`
  if (resources.kinds.has(other) && other !== kind && typeof value !== 'boolean') {
    const wanted = resources.wanted(other);
    const property = wanted.has('id') || wanted.size === 0 ? 'id' : [...wanted][0]!;
    const fits = typeof value === 'number' || /^[\w.@-]{1,100}$/.test(value);
    return fits ? { kind: other, property, reference: true } : undefined;
  }
  return undefined;
}
