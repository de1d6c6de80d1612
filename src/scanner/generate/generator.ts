import type { Documents } from '../../contract/model.ts';
import { ARRAY, BOOLEAN, FILE, INTEGER, type Node, NULL, NUMBER, OBJECT, STRING } from '../../contract/schema/node.ts';
import { examplesOf } from './examples.ts';
import { type Facets, facetsOf } from './facets.ts';
import { fits } from './fits.ts';
import { judgeOf } from './judge.ts';
import { itemsFor } from './lists.ts';
import { allOf, settled } from './nodes.ts';
import { numberFor } from './numbers.ts';
import { propertiesFor } from './objects.ts';
import { oneOf } from './random.ts';
import { textFor } from './texts.ts';
import type { Wish } from './wish.ts';
import { freshened, wantsUnique, wordsOf } from './words.ts';

/** Answered where no value can be made. */
export const NOTHING: unique symbol = Symbol('nothing');

/** Schemas within schemas at most; optional parts end earlier. */
const MAX_DEPTH = 24;
const OPTIONAL_DEPTH = 6;
/** Values made for one whole at most; beyond the second number only what is demanded. */
const MAX_VALUES = 20_000;
const OPTIONAL_VALUES = 1_500;
/** Tries at one place where branches, negations or conditions may not have been met. */
const LOCAL_TRIES = 6;

/** What `Generator` needs to know, the same for one whole value. */
export interface Making {
  readonly documents: Documents;
  readonly random: () => number;
  readonly wish: Omit<Wish, 'word'>;
  /** Counts from 0: the first takes first branches and examples, later ones choose by chance. */
  readonly attempt: number;
  readonly examples: boolean;
  /** Examples stay as they are, also under names of what is wanted only once: for what points at a thing that is there. */
  readonly exact?: boolean;
  /** Gives what comes closest where nothing right was found. */
  readonly lenient: boolean;
}

/** Where the value being made stands. */
export interface Spot {
  readonly word: string;
  /** Values of examples of what is around. */
  readonly hints: readonly unknown[];
  readonly depth: number;
}

/** Makes one value, and all within it. */
export class Generator {
  readonly making: Making;
  #left = MAX_VALUES;
  readonly #trail: Node[] = [];

  constructor(making: Making) {
    this.making = making;
  }

  /** Whether parts that nobody demands may be made here. */
  mayAdd(depth: number): boolean {
    return depth < OPTIONAL_DEPTH && this.#left > MAX_VALUES - OPTIONAL_VALUES;
  }

  /** Whether a schema is being made already: to make it again within itself would have no end. */
  isCircular(nodes: readonly Node[]): boolean {
    return nodes.some((node) => this.#trail.includes(settled(node, this.making.documents)));
  }

  /** A value for all the schemas, or NOTHING. */
  value(nodes: readonly Node[], spot: Spot): unknown {
    if (--this.#left < 0 || spot.depth > MAX_DEPTH) return NOTHING;
    const { documents, attempt, lenient, random } = this.making;
    const before = this.#trail.length;
    for (const node of nodes) this.#trail.push(settled(node, documents));
    let last: unknown = NOTHING;
    try {
      for (let i = 0; i < LOCAL_TRIES; i++) {
        const first = attempt === 0 && i === 0;
        const choose = (count: number): number => (first ? 0 : Math.floor(random() * count));
        const facets = facetsOf(nodes, documents, choose, (node) => this.#trail.includes(node));
        const made = facets.types === 0 ? NOTHING : this.#make(facets, spot, i);
        if (made !== NOTHING) {
          last = made;
          if (!facets.uncertain || judgeOf(allOf(nodes, documents)).accepts(made)) return made;
        } else if (!facets.uncertain) break;
      }
    } finally {
      this.#trail.length = before;
    }
    return lenient ? last : NOTHING;
  }

  #make(facets: Facets, spot: Spot, turn: number): unknown {
    const { random, attempt, wish } = this.making;
    const plain = wish.variety === 'plain';
    const hints = this.making.examples ? [...spot.hints, ...examplesOf(facets.members)] : [];
    if (facets.enumeration) {
      const able = facets.enumeration.filter((value) => typeof value === 'object' || fits(facets, value));
      const telling = able.filter((value) => value !== null && value !== '');
      const list = telling.length > 0 ? telling : able;
      const hinted = plain && turn === 0 ? hints.find((hint) => list.includes(hint)) : undefined;
      if (hinted !== undefined) return hinted;
      if (list.length === 0) return NOTHING;
      return plain && turn === 0 && attempt === 0 ? list[0] : oneOf(random, list);
    }
    if (plain) {
      for (const hint of hints) {
        const value = this.#fromExample(facets, hint, spot.word);
        if (value !== NOTHING) return value;
      }
    }
    const types = typesOf(facets);
    if (turn + attempt > 1) types.push(...types.splice(0, Math.floor(random() * types.length)));
    for (const type of types) {
      const value = this.#ofType(type, facets, spot, hints);
      if (value !== NOTHING) return value;
    }
    return facets.types & NULL ? null : NOTHING;
  }

  #fromExample(facets: Facets, hint: unknown, word: string): unknown {
    if (typeof hint === 'object') return NOTHING;
    const value = typeof hint === 'string' && !(facets.types & (STRING | FILE)) ? read(hint) : hint;
    if (!fits(facets, value)) return NOTHING;
    if (typeof value !== 'string') return value;
    const words = wordsOf(word);
    if (this.making.exact || !wantsUnique(words)) return value;
    const fresh = freshened(value, words, this.making.random);
    return fits(facets, fresh) ? fresh : value;
  }

  #ofType(type: number, facets: Facets, spot: Spot, hints: readonly unknown[]): unknown {
    const { random } = this.making;
    const wish: Wish = { ...this.making.wish, word: spot.word };
    switch (type) {
      case OBJECT:
        return propertiesFor(this, facets, { ...spot, hints }, wish);
      case ARRAY:
        return itemsFor(this, facets, { ...spot, hints }, wish);
      case STRING:
      case FILE:
        return textFor(facets, random, wish) ?? NOTHING;
      case INTEGER:
        return numberFor({ ...facets, types: facets.types & ~NUMBER }, random, wish) ?? NOTHING;
      case NUMBER:
        return numberFor(facets, random, wish) ?? NOTHING;
      default:
        return wish.variety === 'plain' ? true : random() < 0.5;
    }
  }
}

/** The types allowed, the most telling first. */
function typesOf({ types, members }: Facets): number[] {
  const order: number[] = [];
  if (members.some(({ properties, required }) => properties.size > 0 || required.length > 0)) order.push(OBJECT);
  if (members.some(({ items, prefix }) => items || prefix.length > 0)) order.push(ARRAY);
  order.push(STRING);
  order.push(types & NUMBER ? NUMBER : INTEGER, BOOLEAN, OBJECT, ARRAY, FILE);
  return [...new Set(order)].filter((type) => (types & type) !== 0);
}

function read(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : text;
}
