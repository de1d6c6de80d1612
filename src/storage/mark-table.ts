import { randomBytes } from 'node:crypto';

/** Live entries looked at before one is evicted. */
const SAMPLES = 8;
/** Slots looked at for expiry on each insertion: with fewer, dead entries would take up a good part of the table. */
const SWEEP = 4;
const SMALLEST = 1_024;
/** Of its slots, how many may be taken: beyond, the ways to a free one become long. */
const FULL = 0.75;
const ROWS = 4;
const WIDTH = 65_536;

/**
 * A bounded set of marks: a key, and the monotonic time at which it is forgotten. For proofs that must not come twice, of
 * which a gate takes thousands a second and each must be kept for a minute: hence no object and no text an entry but 16
 * bytes, a seeded fingerprint of 64 bits and the time (786,000 entries in 16 MiB). Two keys have one fingerprint by chance
 * once in 2^64 pairs; a mark that is there by chance is a replay that was none.
 *
 * When it is full, dead entries go first, then of eight live ones picked at random the one that ends soonest. What is
 * evicted alive is folded into a sketch (as in CounterTable), which never forgets one before its time.
 */
export class MarkTable {
  readonly #most: number;
  readonly #seedA: number;
  readonly #seedB: number;
  /** Two halves of the fingerprint; 0 and 0 is a free slot. */
  #high: Uint32Array;
  #low: Uint32Array;
  #until: Float64Array;
  #mask: number;
  #taken = 0;
  #hand = 0;
  #random = randomBytes(4).readUInt32LE() | 1;
  #sketch: Float64Array | undefined = undefined;
  /** Of the key last hashed. */
  #a = 0;
  #b = 0;
  /** Entries evicted while they still meant something. */
  evicted = 0;

  constructor(maxEntries: number) {
    this.#most = Math.max(SAMPLES, maxEntries);
    const seed = randomBytes(8);
    this.#seedA = seed.readInt32LE(0);
    this.#seedB = seed.readInt32LE(4);
    const slots = SMALLEST;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#until = new Float64Array(slots);
    this.#mask = slots - 1;
  }

  /** Entries held, dead ones that were not swept yet among them. */
  get size(): number {
    return this.#taken;
  }

  /** Remembers a key until then. @returns false where it is remembered already */
  once(key: string, until: number, now: number): boolean {
    this.#hash(key);
    const slot = this.#find();
    if (slot >= 0) {
      if ((this.#until[slot] as number) > now) return false;
      this.#until[slot] = until;
      return true;
    }
    if (this.#evictedUntil() > now) return false;
    this.#makeRoom(now);
    this.#put(this.#a, this.#b, until);
    return true;
  }

  forget(key: string): void {
    this.#hash(key);
    const slot = this.#find();
    if (slot >= 0) this.#removeAt(slot);
  }

  /** @returns the slot of the key last hashed, or -1 */
  #find(): number {
    const high = this.#high;
    const low = this.#low;
    for (let slot = this.#a & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const a = high[slot] as number;
      const b = low[slot] as number;
      if (a === this.#a && b === this.#b) return slot;
      if (a === 0 && b === 0) return -1;
    }
  }

  #put(a: number, b: number, until: number): void {
    let slot = a & this.#mask;
    while (this.#high[slot] !== 0 || this.#low[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#high[slot] = a;
    this.#low[slot] = b;
    this.#until[slot] = until;
    this.#taken++;
  }

  #makeRoom(now: number): void {
    for (let i = 0; i < SWEEP; i++) {
      // What is dead is removed, and another moves up into its place: that is looked at next.
      if (this.#isTaken(this.#hand) && (this.#until[this.#hand] as number) <= now) this.#removeAt(this.#hand);
      else this.#hand = (this.#hand + 1) & this.#mask;
    }
    if (this.#taken >= this.#most) this.#evict(now);
    if (this.#taken >= (this.#mask + 1) * FULL) this.#grow(now);
  }

  #isTaken(slot: number): boolean {
    return this.#high[slot] !== 0 || this.#low[slot] !== 0;
  }

  #evict(now: number): void {
    let victim = -1;
    let soonest = Number.POSITIVE_INFINITY;
    for (let samples = 0; samples < SAMPLES; ) {
      // xorshift32: eviction must be spread and hard to foresee, not cryptographic
      let x = this.#random;
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      this.#random = x;
      // From a random slot on to the next one taken: a full table is soon at one.
      let slot = x & this.#mask;
      while (!this.#isTaken(slot)) slot = (slot + 1) & this.#mask;
      const until = this.#until[slot] as number;
      if (until <= now) {
        this.#removeAt(slot);
        return;
      }
      if (until < soonest) {
        soonest = until;
        victim = slot;
      }
      samples++;
    }
    this.#fold(this.#high[victim] as number, this.#low[victim] as number, soonest);
    this.#removeAt(victim);
    this.evicted++;
  }

  /** Frees a slot; those behind it move up, so that each is still found from where it belongs. */
  #removeAt(free: number): void {
    let hole = free;
    for (let slot = (hole + 1) & this.#mask; this.#isTaken(slot); slot = (slot + 1) & this.#mask) {
      const home = (this.#high[slot] as number) & this.#mask;
      // Stays where its home lies behind the hole.
      if (((slot - home) & this.#mask) < ((slot - hole) & this.#mask)) continue;
      this.#high[hole] = this.#high[slot] as number;
      this.#low[hole] = this.#low[slot] as number;
      this.#until[hole] = this.#until[slot] as number;
      hole = slot;
    }
    this.#high[hole] = 0;
    this.#low[hole] = 0;
    this.#taken--;
  }

  #grow(now: number): void {
    const high = this.#high;
    const low = this.#low;
    const until = this.#until;
    const slots = (this.#mask + 1) * 2;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#until = new Float64Array(slots);
    this.#mask = slots - 1;
    this.#taken = 0;
    for (let slot = 0; slot < high.length; slot++) {
      const a = high[slot] as number;
      const b = low[slot] as number;
      if ((a !== 0 || b !== 0) && (until[slot] as number) > now) this.#put(a, b, until[slot] as number);
    }
  }

  #fold(a: number, b: number, until: number): void {
    this.#sketch ??= new Float64Array(ROWS * WIDTH);
    for (let row = 0; row < ROWS; row++) {
      const cell = cellOf(row, a, b);
      if ((this.#sketch[cell] as number) < until) this.#sketch[cell] = until;
    }
  }

  #evictedUntil(): number {
    if (this.#sketch === undefined) return 0;
    let least = Number.POSITIVE_INFINITY;
    for (let row = 0; row < ROWS; row++) least = Math.min(least, this.#sketch[cellOf(row, this.#a, this.#b)] as number);
    return least;
  }

  /** Two seeded 32-bit hashes in one walk. */
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
    a = Math.imul(a ^ (a >>> 16), 0x7feb352d);
    b = Math.imul(b ^ (b >>> 16), 0x846ca68b);
    this.#a = (a ^ (a >>> 15)) >>> 0;
    // Never both zero: that is a free slot.
    this.#b = ((b ^ (b >>> 16)) | 1) >>> 0;
  }
}

const cellOf = (row: number, a: number, b: number): number =>
  row * WIDTH + (((a >>> 8) + Math.imul(row, (b >>> 1) | 1)) & (WIDTH - 1));
