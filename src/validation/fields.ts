import type { Pair } from './pairs.ts';
import type { Carrier, Read, Style } from './styles/style.ts';

/** A named value in a query, a cookie header or a form: what it takes of the pairs, and how it reads them. */
export interface Field {
  readonly carrier: Carrier;
  readonly allowReserved: boolean;
  readonly read: Read;
  readonly claim: ReturnType<Style['claim']>;
  /** See Style.rewrite. */
  readonly rewrite: ((pair: Pair) => string | undefined) | undefined;
}

/** Pairs (or parts of a multipart body), each with the field that takes it. */
export interface Sorted<Item> {
  /** By the index of the field. */
  readonly given: readonly (Item[] | undefined)[];
  /** Taken by no field. */
  readonly undeclared: readonly Item[];
}

const NO_ITEMS: readonly never[] = [];

/** Deals pairs out to fields: one look-up a pair, however many fields there are. */
export class FieldSet {
  readonly fields: readonly Field[];
  readonly #names = new Map<string, number>();
  readonly #brackets = new Map<string, number>();
  /** An exploded object that allows other properties takes what nobody else does. */
  readonly #rest: number;
  readonly #familiar = new Set<string>();
  readonly #nothing: Sorted<never>;

  /** Most operations declare no field of some kind: they share one set. */
  static of(fields: readonly Field[]): FieldSet {
    return fields.length === 0 ? NO_FIELDS : new FieldSet(fields);
  }

  constructor(fields: readonly Field[]) {
    this.fields = fields;
    let rest = -1;
    fields.forEach(({ carrier, claim }, index) => {
      this.#familiar.add(familiar(carrier.name));
      if (claim === 'name') this.#names.set(carrier.name, index);
      else if (claim === 'brackets') this.#brackets.set(carrier.name, index);
    });
    fields.forEach(({ carrier, claim }, index) => {
      if (claim !== 'properties') return;
      for (const name of carrier.shape.properties.keys()) {
        this.#familiar.add(familiar(name));
        if (!this.#names.has(name)) this.#names.set(name, index);
      }
      if (carrier.shape.open && rest < 0) rest = index;
    });
    this.#rest = rest;
    this.#nothing = { given: new Array(fields.length).fill(undefined), undeclared: NO_ITEMS };
  }

  sort<Item extends { readonly name: string }>(items: readonly Item[]): Sorted<Item> {
    if (items.length === 0) return this.#nothing;
    const given: (Item[] | undefined)[] = new Array(this.fields.length).fill(undefined);
    let undeclared: Item[] | undefined;
    for (const item of items) {
      const index = this.#fieldOf(item.name);
      if (index < 0) (undeclared ??= []).push(item);
      else {
        const before = given[index];
        if (before === undefined) given[index] = [item];
        else before.push(item);
      }
    }
    return { given, undeclared: undeclared ?? NO_ITEMS };
  }

  #fieldOf(name: string): number {
    const named = this.#names.get(name);
    if (named !== undefined) return named;
    if (this.#brackets.size > 0) {
      const bracket = name.indexOf('[');
      if (bracket > 0) {
        const index = this.#brackets.get(name.slice(0, bracket));
        if (index !== undefined) return index;
      }
    }
    return this.#rest >= 0 && !this.resembles(name) ? this.#rest : -1;
  }

  /**
   * Whether a name that is not declared is one that some framework would read as a declared one: `a[]`, `a[0]`, `a.b`,
   * `A`, ` a`, or with the characters that PHP turns into `_`.
   */
  resembles(name: string): boolean {
    return this.#familiar.has(familiar(name)) || this.#familiar.has(familiar(name.split(/[[.]/, 1)[0] as string));
  }
}

const NO_FIELDS = new FieldSet([]);

const familiar = (name: string): string =>
  name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\x00-\x1f]/g, '')
    .replace(/\[\]$/, '')
    .replace(/[[.-]/g, '_');

/** Rebuilds a query or form from the pairs that stay, in their order. */
export function joinPairs(
  pairs: readonly Pair[],
  dropped: ReadonlySet<Pair> | undefined,
  rewritten: ReadonlyMap<Pair, string> | undefined,
): string {
  const kept: string[] = [];
  for (const pair of pairs) {
    if (dropped?.has(pair)) continue;
    kept.push(rewritten?.get(pair) ?? pair.text);
  }
  return kept.join('&');
}
