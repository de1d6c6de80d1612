import { randomBytes } from 'node:crypto';

/** Live entries looked at before one is evicted. */
const SAMPLES = 8;
/** Entries looked at for expiry on each insertion: more than one, so that dead ones leave faster than new ones come. */
const SWEEP = 2;
const ROWS = 4;
const WIDTH = 65_536;

/** What a table does with the two numbers of an entry. */
export interface TableOptions {
  readonly maxEntries: number;
  /** How much would be lost with this live entry: the least goes first. */
  readonly loss: (until: number, value: number, now: number) => number;
}

/**
 * A bounded map from key to two numbers: `until` (the monotonic time at which the entry means nothing any more) and
 * `value`. Dense typed arrays beside one Map: no object and no timer an entry.
 *
 * When it is full, dead entries go first, then of eight live ones picked at random that with the least to lose (a
 * bucket nearly full, a count of one). What is evicted alive is not forgotten but blurred: it is folded into a sketch
 * (count-min, with maximum for sum) that a returning key is read back from. The sketch never answers less than was
 * folded in, so no flood of fresh keys can reset anybody; it may answer more to a newcomer that collides in all four
 * rows, which is the price. Its hash is seeded, so collisions cannot be aimed.
 */
export class CounterTable {
  readonly #slots = new Map<string, number>();
  readonly #keys: string[] = [];
  readonly #maxEntries: number;
  readonly #loss: TableOptions['loss'];
  until: Float64Array;
  value: Float64Array;
  #hand = 0;
  #random = randomBytes(4).readUInt32LE() | 1;
  #sketch: Sketch | undefined = undefined;
  /** Entries evicted while they still meant something. */
  evicted = 0;

  constructor(options: TableOptions) {
    this.#maxEntries = Math.max(SAMPLES, options.maxEntries);
    this.#loss = options.loss;
    const initial = Math.min(1024, this.#maxEntries);
    this.until = new Float64Array(initial);
    this.value = new Float64Array(initial);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** @returns the slot of a key, or -1. A slot is good until the next `insert` or `remove`. The entry may be dead. */
  find(key: string): number {
    const slot = this.#slots.get(key);
    return slot === undefined ? -1 : slot;
  }

  keyAt(slot: number): string {
    return this.#keys[slot]!;
  }

  /** Adds a key that is not in the table, making room first where there is none. */
  insert(key: string, until: number, value: number, now: number): void {
    for (let i = 0; i < SWEEP && this.#keys.length > 0; i++) {
      this.#hand = this.#hand >= this.#keys.length - 1 ? 0 : this.#hand + 1;
      if (this.until[this.#hand]! <= now) this.#removeAt(this.#hand);
    }
    if (this.#keys.length >= this.#maxEntries) this.#evict(now);
    const slot = this.#keys.length;
    if (slot >= this.until.length) this.#grow();
    this.#slots.set(key, slot);
    this.#keys.push(key);
    this.until[slot] = until;
    this.value[slot] = value;
  }

  remove(key: string): void {
    const slot = this.#slots.get(key);
    if (slot !== undefined) this.#removeAt(slot);
  }

  /** For a key that `find` did not find: the least time until which what was evicted may still hold it; 0 for none. */
  evictedUntil(key: string): number {
    return this.#sketch === undefined ? 0 : this.#sketch.until(key);
  }

  /** For a key that `find` did not find: the value that was evicted with it, or more; 0 for none. */
  evictedValue(key: string, now: number): number {
    return this.#sketch === undefined ? 0 : this.#sketch.value(key, now);
  }

  #evict(now: number): void {
    const size = this.#keys.length;
    let victim = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < SAMPLES; i++) {
      // xorshift32: eviction must be spread and hard to foresee, not cryptographic
      let x = this.#random;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      this.#random = x;
      const slot = (x >>> 0) % size;
      const until = this.until[slot]!;
      if (until <= now) {
        this.#removeAt(slot);
        return;
      }
      const loss = this.#loss(until, this.value[slot]!, now);
      if (loss < least) {
        least = loss;
        victim = slot;
      }
    }
    this.#sketch ??= new Sketch();
    this.#sketch.fold(this.#keys[victim]!, this.until[victim]!, this.value[victim]!, now);
    this.#removeAt(victim);
    this.evicted++;
  }

  #removeAt(slot: number): void {
    const last = this.#keys.length - 1;
    this.#slots.delete(this.#keys[slot]!);
    if (slot !== last) {
      const moved = this.#keys[last]!;
      this.#keys[slot] = moved;
      this.until[slot] = this.until[last]!;
      this.value[slot] = this.value[last]!;
      this.#slots.set(moved, slot);
    }
    this.#keys.pop();
  }

  #grow(): void {
    const length = Math.min(this.until.length * 2, this.#maxEntries);
    const until = new Float64Array(length);
    const value = new Float64Array(length);
    until.set(this.until);
    value.set(this.value);
    this.until = until;
    this.value = value;
  }
}

/** What was evicted alive: four rows of cells, each holding the most of all keys that fell into it. 4 MiB, made when first needed. */
class Sketch {
  readonly #until = new Float64Array(ROWS * WIDTH);
  readonly #value = new Float64Array(ROWS * WIDTH);
  readonly #seed = randomBytes(8);
  readonly #seedA = this.#seed.readInt32LE(0);
  readonly #seedB = this.#seed.readInt32LE(4);
  #a = 0;
  #b = 0;

  fold(key: string, until: number, value: number, now: number): void {
    this.#hash(key);
    for (let row = 0; row < ROWS; row++) {
      const cell = this.#cell(row);
      const dead = this.#until[cell]! <= now;
      if (dead || this.#value[cell]! < value) this.#value[cell] = value;
      if (dead || this.#until[cell]! < until) this.#until[cell] = until;
    }
  }

  until(key: string): number {
    this.#hash(key);
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.#until[this.#cell(row)]!);
    return least;
  }

  value(key: string, now: number): number {
    this.#hash(key);
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < ROWS; row++) {
      const cell = this.#cell(row);
      least = Math.min(least, this.#until[cell]! <= now ? 0 : this.#value[cell]!);
    }
    return least;
  }

  #cell(row: number): number {
    return row * WIDTH + ((this.#a + Math.imul(row, this.#b)) & (WIDTH - 1));
  }

  /** Two seeded 32-bit hashes in one walk; rows are made of them by double hashing. */
  #hash(key: string): void {
    let a = this.#seedA;
    let b = this.#seedB;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      a = Math.imul(a ^ code, 0x85ebca6b);
      a ^= a >>> 15;
      b = Math.imul(b + code, 0xc2b2ae35);
      b ^= b >>> 13;
    }
    this.#a = Math.imul(a ^ (a >>> 16), 0x7feb352d) >>> 7;
    this.#b = (Math.imul(b ^ (b >>> 16), 0x846ca68b) >>> 7) | 1;
  }
}
