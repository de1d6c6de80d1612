import type { Operation, SchemaAt } from '../../contract/model.ts';
import { escapeStep } from '../../shared/json-pointer.ts';
import { put } from '../calls/put.ts';
import type { Call } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import { fits, fitting } from './fitting.ts';
import type { Ground } from './ground.ts';
import { type Harvest, type Ground as HarvestGround, harvest } from './harvest.ts';
import type { ScanIdentity } from './identity.ts';
import { madeIn, sentBody } from './making.ts';
import { plain } from './names.ts';
import type { Ownership } from './own.ts';
import { type Entry, keyOf, type Made, Pool, type Sighting } from './pool.ts';
import type { Reference, Resources } from './resources.ts';
import { propertiesOf, requestSchema } from './shapes.ts';
import { Spotted } from './spotted.ts';
import { pathValues } from './targets.ts';

/** Things made that are remembered; beyond, nothing more is made. */
export const MOST_MADE = 5_000;
/** Characters of what names a thing; what is longer is an attack. */
const LONGEST_VALUE = 1_000;
/** Things whose last change is remembered. */
const MOST_TOUCHED = 20_000;

/** Values made up by the scan that are remembered. */
const MOST_GIVEN = 20_000;

type Value = string | number;
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

/** A place of the query or body, and what it points at. */
export interface PlacedReference {
  /** `query:patientId`, `body:/patientId`. */
  readonly place: string;
  readonly reference: Reference;
  readonly schema: SchemaAt | undefined;
}

/** What the scan knows of things: their identifiers, which it made itself, which were changed and when. */
export class Book {
  readonly pool = new Pool();
  readonly resources: Resources;
  readonly made: Made[] = [];
  /** Numbers of things by which no path names them. */
  readonly spotted = new Spotted();
  readonly #ground: Ground;
  readonly #own: Ownership;
  readonly #touched = new Map<string, number>();
  readonly #seen = new WeakMap<Exchange, readonly Made[]>();
  readonly #references = new WeakMap<Operation, PlacedReference[]>();
  /** Things that were made, but not shown yet, by kind, property and value of a name. */
  readonly #expected = new Map<string, Made>();
  readonly #given = new Set<string>();
  readonly #unseen = new WeakMap<Exchange, Made>();
  #touchedBefore = 0;

  constructor(ground: Ground, resources: Resources, own: Ownership) {
    this.#ground = ground;
    this.resources = resources;
    this.#own = own;
  }

  /** No more things may be made: what is made could not be taken away again. */
  get full(): boolean {
    return this.made.length >= MOST_MADE;
  }

  /**
   * Sees what an exchange changed, whoever sent it: things made, changed, taken away. An exchange counts once.
   * @returns the things that it made
   */
  observe(exchange: Exchange): readonly Made[] {
    const known = this.#seen.get(exchange);
    if (known) return known;
    const { operation, request } = exchange;
    if (!operation || SAFE.has(request.method.toUpperCase())) return [];
    const { status } = exchange.answer;
    if (status < 200 || status >= 400) return [];
    const outcome = this.#ground.outcomes.of(exchange);
    if (outcome !== 'success' && outcome !== 'redirect') return [];
    const values = pathValues(operation, request.target);
    const made = values ? this.#changed(exchange, operation, values) : [];
    this.#seen.set(exchange, made);
    return made;
  }

  #changed(exchange: Exchange, operation: Operation, values: ReadonlyMap<string, string>): readonly Made[] {
    const last = this.resources.path(operation).at(-1);
    const value = last && values.get(last.name);
    const ends = operation.template.endsWith('}');
    const method = exchange.request.method.toUpperCase();
    if (last && value !== undefined) {
      // a method that the operation does not have says nothing sure
      if (method === 'DELETE' && operation.method === 'DELETE' && ends) this.takeAway(operation, values, exchange.id);
      else if (ends || this.resources.isDeed(operation)) this.touch(last.kind, value, exchange.id);
    } else if (method !== 'POST') this.touch('self', exchange.as ?? '', exchange.id);
    if (method !== operation.method) return [];
    if (method !== 'POST' && !(method === 'PUT' && exchange.answer.status === 201)) return [];
    return this.#makes(exchange, operation, values);
  }

  #makes(exchange: Exchange, operation: Operation, values: ReadonlyMap<string, string>): readonly Made[] {
    const found = madeIn(exchange, operation, this.resources, {
      harvest: () => this.harvest(exchange, operation, values),
      route: (url) => this.route(url),
      isGiven: (value) => this.#given.has(String(value)),
      isKnown: (kind, property, value) => this.pool.get(kind, property, value)?.gone === false,
      context: this.context(operation, values),
    });
    const kind = found?.kind ?? (operation.method === 'POST' ? this.resources.makes(operation) : undefined);
    if (kind === undefined) return [];
    if (this.full) {
      this.#ground.note(
        `more than ${MOST_MADE} things were made: nothing more is made, and the rest is not taken away`,
      );
      return [];
    }
    const by = exchange.as ?? '';
    const made: Made = { kind, entries: [], by, creator: operation, gone: false, spent: false, victim: false };
    this.#expect(made, exchange);
    if (!found) return [];
    for (const sighting of found.sightings) {
      const { property, value } = sighting;
      const before = this.pool.get(kind, property, value);
      // identifiers are given anew where the last thing was taken away
      if (before?.gone) this.pool.forget(kind, property, value);
      else if (before) continue;
      const entry = this.pool.see(sighting, by, true);
      if (!entry) continue;
      entry.made = made;
      entry.owner ??= by === '' ? undefined : sighting.owner;
      made.entries.push(entry);
    }
    if (made.entries.length === 0) return [];
    this.made.push(made);
    return [made];
  }

  /** A value that the scan made up, unlike any that was there. */
  gave(value: Value): void {
    if (this.#given.size < MOST_GIVEN && String(value).length >= 5) this.#given.add(String(value));
  }

  /** What an exchange made, but did not show; undefined where it made nothing. */
  unseen(exchange: Exchange): Made | undefined {
    return this.#unseen.get(exchange);
  }

  /** What was made will be known by the names that it was given, where the answer does not tell all identifiers. */
  #expect(made: Made, exchange: Exchange): void {
    this.#unseen.set(exchange, made);
    for (const [name, value] of sentBody(exchange)) {
      if (!this.#given.has(String(value))) continue;
      if (this.#expected.size >= MOST_MADE) return;
      this.#expected.set(`${made.kind} ${plain(name)} ${value}`, made);
    }
  }

  /** Remembers that a thing was changed. */
  touch(kind: string, value: Value, at: number): void {
    if (this.#touched.size >= MOST_TOUCHED) {
      this.#touched.clear();
      this.#touchedBefore = at;
    }
    if (String(value).length <= LONGEST_VALUE) this.#touched.set(`${kind} ${value}`, at);
  }

  /** Remembers that the thing that a path named is gone, by whichever identifier it was named. */
  takeAway(operation: Operation, values: ReadonlyMap<string, string>, at: number): void {
    const last = this.resources.path(operation).at(-1);
    const value = last && values.get(last.name);
    if (!last || value === undefined) return;
    this.touch(last.kind, value, at);
    const entry = this.target(operation, values);
    if (!entry) return;
    entry.gone = true;
    if (!entry.made) return;
    entry.made.gone = true;
    for (const other of entry.made.entries) other.gone = true;
  }

  /**
   * The thing that the last parameter of a path names. undefined where it is not known, or where the other parameters
   * name other things than those it belongs to: number 5 of another shop is another thing.
   */
  target(operation: Operation, values: ReadonlyMap<string, Value>): Entry | undefined {
    const places = this.resources.path(operation);
    const last = places.at(-1);
    const value = last && values.get(last.name);
    if (!last || value === undefined) return undefined;
    const entry = this.entry(last.kind, value);
    if (!entry) return undefined;
    for (const place of places) {
      const belongs = place === last ? undefined : entry.context.get(keyOf(place.kind, place.property));
      if (belongs !== undefined && String(belongs) !== String(values.get(place.name))) return undefined;
    }
    return entry;
  }

  /** Whether one of these things (`kind value`) was changed after an exchange. */
  changedSince(uses: readonly string[], at: number): boolean {
    return uses.some((use) => (this.#touched.get(use) ?? this.#touchedBefore) > at);
  }

  /** The entry of a thing by any of its identifiers. */
  entry(kind: string, value: Value): Entry | undefined {
    return this.pool.find(kind, value, [...this.resources.wanted(kind), 'id', 'uuid', 'guid', 'number', 'slug', 'key']);
  }

  /** What the query and the first level of the body of an operation point at. */
  references(operation: Operation): readonly PlacedReference[] {
    let known = this.#references.get(operation);
    if (!known) {
      known = [];
      for (const { name, in: place, schema, required } of operation.parameters) {
        if (place === 'path') continue;
        const reference = this.resources.reference(operation, place, name, schema, required);
        if (reference) known.push({ place: `${place}:${name}`, reference, schema });
      }
      for (const [name, schema] of propertiesOf(requestSchema(operation))) {
        const pointer = `/${escapeStep(name)}`;
        const reference = this.resources.reference(operation, 'body', pointer, schema, false);
        if (reference) known.push({ place: `body:${pointer}`, reference, schema });
      }
      this.#references.set(operation, known);
    }
    return known;
  }

  /** A call on another thing; undefined where its identifiers do not fit the path. */
  on(call: Call, { entries }: Made): Call | undefined {
    let changed = call;
    const places = this.resources.path(call.operation);
    const last = places.at(-1);
    if (!last) return call;
    const entry =
      entries.find(({ property }) => property === last.property) ??
      entries.find(({ value }) => fits(value, last.schema));
    if (!entry) return undefined;
    for (const place of places) {
      const value = place === last ? entry.value : entry.context.get(keyOf(place.kind, place.property));
      if (value !== undefined) changed = put(changed, { in: 'path', name: place.name }, fitting(value, place.schema));
    }
    return changed;
  }

  /** Whether a thing is the account of an identity itself, not one that belongs to it. */
  isOwnAccount({ kind, property, value }: Entry): boolean {
    return this.#own.isAccount(kind, property, value);
  }

  /** The things that a call names, as `kind value`. */
  usesOf(call: Call, as: string): string[] {
    const uses = [`self ${as}`];
    for (const { place, kind } of this.resources.path(call.operation)) {
      const value = call.values.get(place);
      if (typeof value === 'string' || typeof value === 'number') uses.push(`${kind} ${value}`);
    }
    for (const [key, value] of call.values) {
      if (!key.startsWith('query:') || (typeof value !== 'string' && typeof value !== 'number')) continue;
      const name = key.slice(6);
      const parameter = call.operation.parameters.find((one) => one.in === 'query' && one.name === name);
      const reference = this.resources.reference(
        call.operation,
        'query',
        name,
        parameter?.schema,
        parameter?.required ?? false,
      );
      if (reference) uses.push(`${reference.kind} ${value}`);
    }
    const body = call.body?.value;
    if (typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array)) {
      for (const [name, value] of Object.entries(body).slice(0, 100)) {
        if (typeof value !== 'string' && typeof value !== 'number') continue;
        const reference = this.resources.reference(call.operation, 'body', `/${name}`, undefined, false);
        if (reference) uses.push(`${reference.kind} ${value}`);
      }
    }
    return uses;
  }

  /** An address that can be reached for sure, where one is wanted: that of the API itself. */
  get reachable(): string {
    return new URL('/', this.#ground.base).href;
  }

  /** Identifiers of a path as the context of what was found under it. */
  context(operation: Operation, values: ReadonlyMap<string, Value>): Map<string, Value> {
    const context = new Map<string, Value>();
    for (const { name, kind, property } of this.resources.path(operation)) {
      const value = values.get(name);
      if (value !== undefined) context.set(keyOf(kind, property), value);
    }
    return context;
  }

  /** What an answer tells of things. */
  harvest(exchange: Exchange, operation: Operation, values: ReadonlyMap<string, Value>): Harvest {
    const ground: HarvestGround = {
      resources: this.resources,
      kind: this.resources.answers(operation),
      context: this.context(operation, values),
      ownerOf: (kind, property, value) => this.#own.ownerOf(kind, property, value),
      named: (text) => this.#own.named(text),
      expected: (kind, property, value) => this.#expected.get(`${kind} ${property} ${value}`),
      route: (url) => this.route(url),
    };
    this.spotted.see(exchange.as ?? '', exchange.answer.json, (value) => this.#given.has(String(value)));
    return harvest(exchange.answer.json, ground);
  }

  /**
   * Remembers what an answer told an identity ('' for nobody).
   * @param guessed the call named what the identity was never told of: its answer shows nothing of what is its own
   */
  learn(exchange: Exchange, operation: Operation, as: string, guessed: boolean): void {
    const values = pathValues(operation, exchange.request.target);
    if (!values || exchange.answer.json === undefined) return;
    for (const sighting of this.harvest(exchange, operation, values).sightings)
      this.#learn(sighting, guessed ? undefined : as);
  }

  #learn(sighting: Sighting, by: string | undefined): void {
    const { made, account } = sighting;
    if (account !== undefined) this.#own.claimFor(account, sighting.kind, sighting.property, sighting.value);
    const isNew = made !== undefined && this.pool.get(sighting.kind, sighting.property, sighting.value) === undefined;
    const entry = this.pool.see(sighting, by, isNew);
    if (!entry || !made || !isNew || made.gone) return;
    entry.made = made;
    if (made.entries.push(entry) === 1) this.made.push(made);
  }

  /** Puts what is an identity's own among the things it knows. */
  seed(identity: ScanIdentity): void {
    for (const [key, values] of identity.ownIds) {
      const dot = key.indexOf('.');
      const kind = key.slice(0, dot);
      if (!this.resources.kinds.has(kind)) continue;
      for (const value of values) {
        const sighting: Sighting = {
          kind,
          property: key.slice(dot + 1),
          value,
          context: new Map(),
          owner: identity.name,
        };
        this.pool.see(sighting, identity.name);
      }
    }
  }

  /** Identifiers that a URL of this API names. */
  route(url: string): { kind: string; property: string; value: Value }[] {
    const found = this.resources.route(url, this.#ground.base);
    if (!found) return [];
    return this.resources.path(found.operation).flatMap(({ kind, property }, index) => {
      const value = found.values[index];
      return value === undefined || value === '' ? [] : [{ kind, property, value }];
    });
  }
}
