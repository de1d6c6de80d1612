import type { MemoryCounters } from './memory-counters.ts';

/** Keys in one message. */
const BATCH_KEYS = 2_000;
/** Keys whose charges wait while the channel takes nothing; beyond, charges stay where they were made. */
const MAX_PENDING = 20_000;
/** Parts of a snapshot: fewer than the messages a channel takes at once. */
const SNAPSHOT_PARTS = 48;

/** Charges of one process, in durations: monotonic clocks differ between processes. Flat arrays make cheap JSON. */
export interface Batch {
  readonly counters: 'batch';
  readonly forget: string[];
  /** Triples: key, ms of debt, ms of tolerance. */
  readonly rates: (string | number)[];
  /** Triples: key, by, window in ms. */
  readonly counts: (string | number)[];
  /** The last part of a snapshot. */
  readonly ready?: boolean;
}

/** Gathers charges by key until they can be sent. Bounded: 20,000 keys of each kind. */
export class Outbox {
  readonly #rates = new Map<string, { debt: number; tolerance: number }>();
  readonly #counts = new Map<string, { by: number; window: number }>();
  readonly #forgotten = new Set<string>();

  get empty(): boolean {
    return this.#rates.size === 0 && this.#counts.size === 0 && this.#forgotten.size === 0;
  }

  get forgetting(): boolean {
    return this.#forgotten.size > 0;
  }

  rate(key: string, debt: number, tolerance: number): void {
    const known = this.#rates.get(key);
    if (known !== undefined) known.debt += debt;
    else if (this.#rates.size < MAX_PENDING) this.#rates.set(key, { debt, tolerance });
  }

  count(key: string, by: number, window: number): void {
    const known = this.#counts.get(key);
    if (known !== undefined) {
      known.by += by;
      known.window = window;
    } else if (this.#counts.size < MAX_PENDING) this.#counts.set(key, { by, window });
  }

  /** Within a batch what is forgotten goes first, so charges made after it stand. */
  forget(key: string): void {
    this.#rates.delete(key);
    this.#counts.delete(key);
    if (this.#forgotten.size < MAX_PENDING) this.#forgotten.add(key);
  }

  /** Takes in a batch that could not be passed on. */
  merge(batch: Batch): void {
    walk(batch, this);
  }

  /** Sends all in batches. @returns false where the channel did not take it all; the rest stays. */
  flush(send: (batch: Batch) => boolean): boolean {
    while (!this.empty) {
      const batch: Batch = { counters: 'batch', forget: [], rates: [], counts: [] };
      let left = BATCH_KEYS;
      for (const key of this.#forgotten) {
        if (left-- <= 0) break;
        batch.forget.push(key);
      }
      // A charge must not overtake the forgetting of its key.
      if (batch.forget.length === this.#forgotten.size) {
        for (const [key, { by, window }] of this.#counts) {
          if (left-- <= 0) break;
          batch.counts.push(key, by, window);
        }
        for (const [key, { debt, tolerance }] of this.#rates) {
          if (left-- <= 0) break;
          batch.rates.push(key, debt, tolerance);
        }
      }
      if (!send(batch)) return false;
      for (const key of batch.forget) this.#forgotten.delete(key);
      for (let i = 0; i < batch.counts.length; i += 3) this.#counts.delete(batch.counts[i] as string);
      for (let i = 0; i < batch.rates.length; i += 3) this.#rates.delete(batch.rates[i] as string);
    }
    return true;
  }
}

/** Charges a batch to counters; whatever is not of its shape is left out. */
export function applyBatch(counters: MemoryCounters, batch: Batch): void {
  walk(batch, {
    forget: (key) => counters.forget(key),
    rate: (key, debt, tolerance) => counters.charge(key, debt, tolerance),
    count: (key, by, window) => counters.add(key, by, window),
  });
}

/**
 * All state as batches, taken in one go. A snapshot needs no other treatment because charges add up in any order: what
 * the receiver has charged meanwhile, and batches that arrive between its parts, count on top.
 */
export function snapshotBatches(counters: MemoryCounters): Batch[] {
  const { rates, counts } = counters.snapshot();
  const longest = Math.max(rates.length, counts.length) / 3;
  const step = Math.max(BATCH_KEYS, Math.ceil(longest / SNAPSHOT_PARTS)) * 3;
  const batches: Batch[] = [];
  for (let i = 0; i < longest * 3; i += step) {
    batches.push({ counters: 'batch', forget: [], rates: rates.slice(i, i + step), counts: counts.slice(i, i + step) });
  }
  batches.push({ counters: 'batch', forget: [], rates: [], counts: [], ready: true });
  return batches;
}

interface Visitor {
  forget(key: string): void;
  rate(key: string, debt: number, tolerance: number): void;
  count(key: string, by: number, window: number): unknown;
}

function walk(batch: Batch, visitor: Visitor): void {
  const { forget, rates, counts } = batch;
  if (!Array.isArray(forget) || !Array.isArray(rates) || !Array.isArray(counts)) return;
  for (const key of forget) if (typeof key === 'string') visitor.forget(key);
  for (let i = 0; i + 2 < rates.length; i += 3) {
    const key = rates[i];
    if (typeof key === 'string') visitor.rate(key, Number(rates[i + 1]), Number(rates[i + 2]));
  }
  for (let i = 0; i + 2 < counts.length; i += 3) {
    const key = counts[i];
    if (typeof key === 'string') visitor.count(key, Number(counts[i + 1]), Number(counts[i + 2]));
  }
}
