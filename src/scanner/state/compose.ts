import type { Operation, SchemaAt } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import { randomFrom } from '../generate/random.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import { adjusted } from './adjusting.ts';
import type { Book } from './book.ts';
import { fits, fitting } from './fitting.ts';
import { freshValue, isUnique } from './fresh.ts';
import { namingOf, plain } from './names.ts';
import { type Choice, choices, keyOf, type Wish } from './pool.ts';
import type { PathPlace, Reference } from './resources.ts';
import { keywordOf } from './shapes.ts';
import { exampleFor, otherwise } from './substitutes.ts';
import type { Turn } from './turn.ts';

type Value = string | number;

/** Names of addresses. */
const ADDRESS = /(url|uri|webhook|callback|endpoint)$/;

/** Things that are looked through for one that was not used yet. */
const MOST_OTHERS = 100;

export interface Composed {
  readonly call: Call;
  /** It names something that the identity was never told of. */
  readonly guessed: boolean;
  /** The thing of the last path parameter, where it is a known one. */
  readonly target: Choice | undefined;
  /** How many identifiers there were to choose from, by `in:name`. */
  readonly options: ReadonlyMap<string, number>;
}

/** Makes calls from what is known of things, for one identity at a time. */
export class Composer {
  readonly #book: Book;
  readonly #seed: number;
  readonly #nonce: string;
  readonly #used = new Set<string>();
  #made = 0;

  constructor(book: Book, seed: number, nonce: string) {
    this.#book = book;
    this.#seed = seed;
    this.#nonce = nonce;
  }

  /** Numbers for something that must be unlike all before it. */
  fresh(): () => number {
    return randomFrom(this.#seed, `${this.#nonce}/${++this.#made}`);
  }

  /** A value unlike all before it, which is remembered as the scan's own. */
  unique(place: Pick<ValuePlace, 'word' | 'schema'>): Value | undefined {
    const value = freshValue(place, this.fresh());
    if (value !== undefined) this.#book.gave(value);
    return value;
  }

  /**
   * A call for an identity ('' for nobody).
   * @returns why there is none: nothing is known that a path could name
   */
  compose(operation: Operation, as: string, turn: Turn): Composed | string {
    const chosen = this.#path(operation, as, turn);
    if (typeof chosen === 'string') return chosen;
    const { resources } = this.#book;
    const options = chosen.options;
    let { guessed } = chosen;
    const random = turn.taken ? this.fresh() : randomFrom(this.#seed, `${operation.key}/${as}/${turn.number}`);
    const changes = operation.method === 'PATCH' || operation.method === 'PUT';
    const all = changes ? turn.number % 2 === 0 : turn.number % 2 === 1;
    const source = (place: ValuePlace): unknown => {
      const key = `${place.in}:${place.name}`;
      if (place.in === 'path') return chosen.values.get(place.name);
      const reference = resources.reference(operation, place.in, place.name, place.schema, place.required);
      if (reference) {
        // what is made is told apart by something new; only where that is refused by something that is there
        const own = this.#isOwn(operation, place, reference) ? 1 : 0;
        const number = turn.picks.get(key) ?? 0;
        const found = this.#pick(reference, place.schema, as, 'own-first', number - own, chosen.context, turn.guess);
        if (found.count > 0) options.set(key, found.count + own);
        if (found.choice && number >= own) {
          guessed ||= found.choice.guessed;
          return fitting(found.choice.entry.value, place.schema);
        }
      }
      if (turn.number < 2 && resources.makes(operation) === undefined) {
        const example = exampleFor(place);
        if (example !== undefined) return example;
      }
      // Nothing made up does where the value must be one that is there: `vin` of one's own vehicle.
      const late = turn.number >= 2 && turn.number % 2 === 0;
      const told = late ? (this.#book.spotted.of(as, place) ?? this.#address(place)) : undefined;
      if (told !== undefined) return told;
      const unique = this.#fresh(operation, place);
      if (unique !== undefined) return unique;
      return otherwise(place, turn, random);
    };
    let call: Call;
    if (turn.pattern) call = this.#like(turn.pattern, source);
    else {
      call = buildCall(operation, source, {
        random,
        fill: all ? 'all' : 'required',
        examples: turn.number < 2,
        variety: turn.number > 6 ? 'edge' : 'plain',
      });
    }
    call = adjusted(call, turn, source, random);
    return { call, guessed, target: chosen.target, options };
  }

  /** An address where one is wanted that the API itself calls. */
  #address(place: ValuePlace): string | undefined {
    const example = exampleFor(place);
    const isAddress =
      /^https?:\/\//.test(typeof example === 'string' ? example : '') || ADDRESS.test(plain(place.word));
    const { reachable } = this.#book;
    return isAddress && place.in !== 'header' && fits(reachable, place.schema) ? reachable : undefined;
  }

  /** A call that worked, with what it uses up put anew: unique names; and things that are gone replaced by others. */
  renewed(call: Call, as: string, instead?: ReadonlyMap<string, Value>): Call | undefined {
    const { operation } = call;
    let changed = call;
    const context = new Map<string, Value>(instead);
    for (const place of this.#book.resources.path(operation).toReversed()) {
      const key = keyOf(place.kind, place.property);
      const now = call.values.get(place.place);
      const given = context.get(key) ?? (isValue(now) && !this.#isGone(place, now) ? now : undefined);
      const value = given ?? this.#pick(place, place.schema, as, 'own-first', 0, context, false).choice?.entry.value;
      if (value === undefined) return undefined;
      context.set(key, value);
      changed = put(changed, { in: 'path', name: place.name }, fitting(value, place.schema));
    }
    for (const place of placesOf(changed)) {
      if (place.in === 'path' || place.value === undefined || !isValue(place.value)) continue;
      const reference = this.#book.resources.reference(operation, place.in, place.name, place.schema, place.required);
      const entry = reference && this.#book.pool.get(reference.kind, reference.property, place.value);
      const own = reference !== undefined && this.#isOwn(operation, place, reference);
      if (reference && (!own || (entry && !entry.made))) {
        if (!own && !this.#isGone(reference, place.value)) continue;
        const other = own
          ? this.#unused(operation, reference, place, as, context)
          : this.#pick(reference, place.schema, as, 'own-first', 0, context, false).choice?.entry.value;
        if (other !== undefined) changed = put(changed, place, fitting(other, place.schema));
        continue;
      }
      // Its own vehicle's number worked: another would not.
      if (this.#book.spotted.holds(as, place.word, place.value)) continue;
      const unique = this.#fresh(operation, place);
      if (unique !== undefined) changed = put(changed, place, unique);
    }
    return changed;
  }

  /** One of the things that are there, each once: a coupon, an invitation. */
  #unused(
    operation: Operation,
    reference: Reference,
    place: ValuePlace,
    as: string,
    context: ReadonlyMap<string, Value>,
  ): Value | undefined {
    const use = (value: unknown): string => `${operation.key}\n${as}\n${value}`;
    this.#used.add(use(place.value));
    for (let number = 0; number < MOST_OTHERS; number++) {
      const { choice, count } = this.#pick(reference, place.schema, as, 'own-first', number, context, false);
      if (!choice || number >= count) return undefined;
      const key = use(choice.entry.value);
      if (this.#used.has(key)) continue;
      this.#used.add(key);
      return choice.entry.value;
    }
    return undefined;
  }

  /** Whether a place tells apart what the operation makes, rather than pointing at something else. */
  #isOwn(operation: Operation, place: ValuePlace, reference: Reference): boolean {
    if (this.#ofNew(operation, place) !== undefined) return true;
    return (
      !reference.certain && reference.property !== 'id' && reference.kind === this.#book.resources.makes(operation)
    );
  }

  #isGone(reference: Reference, value: Value): boolean {
    return this.#book.entry(reference.kind, value)?.gone === true;
  }

  /** The same call with other things in it. */
  #like(pattern: Call, source: (place: ValuePlace) => unknown): Call {
    let call = pattern;
    for (const place of placesOf(pattern)) {
      if (place.value === undefined || !isValue(place.value)) continue;
      const { operation } = pattern;
      const points =
        place.in === 'path' ||
        this.#book.resources.reference(operation, place.in, place.name, place.schema, place.required) !== undefined ||
        this.#wantsNew(operation, place) ||
        this.#ofNew(operation, place) !== undefined;
      if (!points) continue;
      const value = source(place);
      if (value !== undefined) call = put(call, place, value);
    }
    return call;
  }

  /** A new value where one that is there already would be refused; undefined where any will do. */
  #fresh(operation: Operation, place: ValuePlace): Value | undefined {
    const own = this.#ofNew(operation, place);
    if (own !== undefined) return this.unique({ word: own, schema: place.schema });
    const wanted = this.#wantsNew(operation, place);
    return wanted ? this.unique(place) : undefined;
  }

  /** Whether a value may be wanted only once: of what makes things; and keys against sending twice, wherever they are. */
  #wantsNew(operation: Operation, place: ValuePlace): boolean {
    if (operation.method !== 'POST' || !isUnique(place.word, place.schema)) return false;
    return place.in === 'header' || this.#book.resources.makes(operation) !== undefined;
  }

  /** `id` in the body of what makes a thing, `book_title` of what makes a book: chosen by the caller. */
  #ofNew(operation: Operation, place: ValuePlace): string | undefined {
    if (operation.method !== 'POST' || place.in !== 'body' || place.name.indexOf('/', 1) !== -1) return undefined;
    const kind = this.#book.resources.makes(operation);
    if (kind === undefined) return undefined;
    const naming = namingOf(place.word);
    if (naming.property === '' || !(naming.kind === kind || (naming.kind === '' && naming.certain))) return undefined;
    return naming.certain ? 'id' : place.word;
  }

  /** Values of the path, the last first: what belongs to a thing goes with it. */
  #path(
    operation: Operation,
    as: string,
    turn: Turn,
  ):
    | {
        values: Map<string, unknown>;
        context: Map<string, Value>;
        guessed: boolean;
        target: Choice | undefined;
        options: Map<string, number>;
      }
    | string {
    const places = this.#book.resources.path(operation);
    const values = new Map<string, unknown>();
    const context = new Map<string, Value>();
    const options = new Map<string, number>();
    let guessed = false;
    let target: Choice | undefined;
    for (const [index, place] of places.toReversed().entries()) {
      const key = keyOf(place.kind, place.property);
      const belongs = index === 0 ? undefined : context.get(key);
      if (belongs !== undefined) {
        values.set(place.name, fitting(belongs, place.schema));
        continue;
      }
      const found = this.#pick(
        place,
        place.schema,
        as,
        turn.wish,
        turn.picks.get(place.place) ?? 0,
        context,
        turn.guess,
      );
      options.set(place.place, found.count);
      if (!found.choice) {
        if (!turn.guess && !isClosed(place))
          return `nothing is known of ${place.kind || place.name} that could stand at {${place.name}}`;
        // made up: of what the contract says
        if (!isClosed(place)) guessed = true;
        continue;
      }
      const { entry } = found.choice;
      if (index === 0) target = found.choice;
      guessed ||= found.choice.guessed;
      values.set(place.name, fitting(entry.value, place.schema));
      for (const [name, value] of entry.context) if (!context.has(name)) context.set(name, value);
      context.set(key, entry.value);
    }
    return { values, context, guessed, target, options };
  }

  /** The identifier to take: those that fit the schema and belong to what is chosen already; others where none does. */
  #pick(
    reference: Reference,
    schema: SchemaAt | undefined,
    as: string,
    wish: Wish,
    number: number,
    context: ReadonlyMap<string, Value>,
    guess: boolean,
  ): { choice: Choice | undefined; count: number } {
    const list = choices(this.#book.pool.of(reference), as, wish).filter(
      ({ entry, guessed }) =>
        (guess || !guessed || (wish === 'made-first' && entry.made !== undefined)) && fits(entry.value, schema),
    );
    const apart = ({ entry }: Choice): boolean =>
      [...entry.context].some(([name, value]) => context.has(name) && String(context.get(name)) !== String(value));
    const ordered = context.size === 0 ? list : [...list.filter((one) => !apart(one)), ...list.filter(apart)];
    return {
      choice: ordered.length === 0 ? undefined : ordered[Math.max(0, number) % ordered.length],
      count: ordered.length,
    };
  }
}

const isValue = (value: unknown): value is Value => typeof value === 'string' || typeof value === 'number';

/** Whether the contract itself says which values there are: a list, an example; no thing need be known then. */
function isClosed({ schema, kind, name }: PathPlace): boolean {
  if (keywordOf(schema, 'enum') !== undefined || keywordOf(schema, 'const') !== undefined) return true;
  if (keywordOf(schema, 'type') === 'boolean') return true;
  return kind === '' || /^(version|lang|language|locale|format|year|month|day|date)$/.test(plain(name));
}
