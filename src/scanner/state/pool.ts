import type { Operation } from '../../contract/model.ts';
import type { Reference } from './resources.ts';

/** Identifiers kept of one kind and property. */
const MOST = 400;
/** Characters of an identifier; what is longer is an attack, or a text. */
const LONGEST = 1_000;
/** Kinds and properties. */
const MOST_KEYS = 3_000;

/** A thing that the scan made. */
export interface Made {
  readonly kind: string;
  /** All identifiers by which it is known. */
  readonly entries: Entry[];
  /** The identity that made it; '' for nobody. */
  readonly by: string;
  readonly creator: Operation;
  /** It was taken away. */
  gone: boolean;
  /** Used up by a call that changes it once for all (paid, cancelled). */
  spent: boolean;
  /** Made to be used up. */
  victim: boolean;
}

/** An identifier that an answer gave, and what is known of the thing behind it. */
export interface Entry {
  readonly kind: string;
  readonly property: string;
  readonly value: string | number;
  /** Identities ('' for nobody) that the API itself told of it. */
  readonly seenBy: Set<string>;
  /** Set where the scan made the thing. */
  made: Made | undefined;
  /** The identity whose own identifiers stand in the thing. */
  owner: string | undefined;
  /** Identifiers of the things it belongs to, by `kind.property`. */
  readonly context: Map<string, string | number>;
  /** It is not there any more. */
  gone: boolean;
}

export interface Sighting {
  readonly kind: string;
  readonly property: string;
  readonly value: string | number;
  readonly context: ReadonlyMap<string, string | number>;
  readonly owner: string | undefined;
  /** The thing holds a name that the scan gave: it is the one that it made. */
  readonly made?: Made | undefined;
  /** The thing is the account of this identity. */
  readonly account?: string | undefined;
}

export const keyOf = (kind: string, property: string): string => `${kind}.${property}`;

/** All identifiers that exploring knows, by kind and property. Bounded; what the scan made is never dropped. */
export class Pool {
  readonly #byKey = new Map<string, Map<string, Entry>>();

  get(kind: string, property: string, value: string | number): Entry | undefined {
    return this.#byKey.get(keyOf(kind, property))?.get(String(value));
  }

  /** Forgets what is known of an identifier: it stands for another thing now. */
  forget(kind: string, property: string, value: string | number): void {
    this.#byKey.get(keyOf(kind, property))?.delete(String(value));
  }

  /** Any entry of a kind with this value, whatever property it is known by. */
  find(kind: string, value: string | number, properties: Iterable<string>): Entry | undefined {
    for (const property of properties) {
      const found = this.get(kind, property, value);
      if (found) return found;
    }
    return undefined;
  }

  /**
   * Remembers an identifier.
   * @param by the identity that was told of it; undefined: nobody was, it was guessed or taken from another
   * @param made the scan made the thing: it is kept however many there are
   */
  see({ kind, property, value, context, owner }: Sighting, by: string | undefined, made = false): Entry | undefined {
    if (typeof value === 'string' && value.length > LONGEST) return undefined;
    const key = keyOf(kind, property);
    let entries = this.#byKey.get(key);
    if (!entries) {
      if (this.#byKey.size >= MOST_KEYS) return undefined;
      this.#byKey.set(key, (entries = new Map()));
    }
    let entry = entries.get(String(value));
    if (!entry) {
      if (entries.size >= MOST && !this.#drop(entries) && !made) return undefined;
      entry = {
        kind,
        property,
        value,
        seenBy: new Set(),
        made: undefined,
        owner,
        context: new Map(),
        gone: false,
      };
      entries.set(String(value), entry);
    }
    if (by !== undefined) entry.seenBy.add(by);
    entry.owner ??= owner;
    for (const [name, other] of context)
      if (!entry.context.has(name) && entry.context.size < 20) entry.context.set(name, other);
    return entry;
  }

  /** Takes out the oldest that nobody made and nobody owns. */
  #drop(entries: Map<string, Entry>): boolean {
    for (const [value, { made, owner }] of entries) {
      if (made || owner !== undefined) continue;
      entries.delete(value);
      return true;
    }
    return false;
  }

  /** Entries for a reference; where its own property is unknown, those of the kind's other identifiers. */
  of({ kind, property }: Reference): Entry[] {
    const exact = this.#byKey.get(keyOf(kind, property));
    if (exact && exact.size > 0) return [...exact.values()];
    for (const other of ['id', 'uuid', 'guid', 'uid', 'oid', 'pk', 'key', 'slug', 'number', 'code', 'name']) {
      if (other === property) continue;
      const found = this.#byKey.get(keyOf(kind, other));
      if (found && found.size > 0) return [...found.values()];
    }
    return [];
  }

  /** Properties by which things of a kind are known. */
  *entries(): Generator<Entry> {
    for (const entries of this.#byKey.values()) yield* entries.values();
  }
}

/**
 * Which entries come first for an identity: its own, those it made, those it was told of; then, as a guess, the
 * others. To be changed: those that the scan made. To be added to: those of these that it knows of.
 */
export type Wish = 'own-first' | 'made-first' | 'mine-first';

export interface Choice {
  readonly entry: Entry;
  /** True: the identity was never told of it; that it works shows nothing about whose it is. */
  readonly guessed: boolean;
}

/** Entries in the order in which an identity ('' for nobody) should try them. Things that are gone are left out. */
export function choices(entries: readonly Entry[], as: string, wish: Wish): Choice[] {
  const rank = (entry: Entry): number => {
    const mine = entry.made?.by === as;
    const own = entry.owner === as && as !== '';
    const seen = entry.seenBy.has(as);
    if (wish === 'mine-first') {
      // to add to a thing: one that the scan made, and that it knows of
      if (mine || own) return mine ? 0 : 1;
      if (entry.made) return seen ? 2 : 5;
      return seen ? 3 : 6;
    }
    if (wish === 'made-first') {
      if (entry.made) return (mine ? 0 : seen ? 1 : 2) + (entry.made.spent ? 0.5 : 0);
      return own ? 3 : seen ? 4 : 6;
    }
    if (own && !entry.made) return 0;
    if (own || mine) return 1;
    if (seen) return entry.owner === undefined ? 2 : 3;
    return entry.made ? 4 : 6;
  };
  return entries
    .filter(({ gone }) => !gone)
    .map((entry, index) => ({ entry, index, order: rank(entry) }))
    .sort((a, b) => a.order - b.order || a.index - b.index)
    .map(({ entry }) => ({
      entry,
      guessed: !(entry.seenBy.has(as) || entry.made?.by === as || (entry.owner === as && as !== '')),
    }));
}
