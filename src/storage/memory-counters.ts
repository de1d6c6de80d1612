import { hash } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { CounterTable } from './counter-table.ts';
import type { Counters, RateLimit, Taken } from './counters.ts';
import { MarkTable } from './mark-table.ts';

/** Slack for the rounding of doubles, in ms: a threshold, never a credit, so it does not add up. */
const EPSILON = 1e-4;
/** Longer keys are kept as a prefix and a digest, so that nobody fills memory with long names. */
const MAX_KEY = 128;
/** Proofs of a minute at 11,000 a second. */
const MAX_MARKS = 750_000;
const MAX_COUNT = Number.MAX_SAFE_INTEGER;

export interface CountersOptions {
  readonly clock: Clock;
  /** Entries of each kind; default 100,000 rates, 100,000 counts and 750,000 marks. A full kind takes about 15 MB. */
  readonly maxEntries?: number;
}

/** All state at one moment, in durations instead of times, so that a process with another monotonic clock can use it. */
export interface Snapshot {
  /** Flat triples: key, milliseconds of debt, tolerance in milliseconds. */
  readonly rates: (string | number)[];
  /** Flat triples: key, value, milliseconds until it is forgotten. */
  readonly counts: (string | number)[];
}

/** Counters in this process's memory: everything answers at once, no timers. */
export interface MemoryCounters extends Counters {
  take(key: string, limit: RateLimit, cost?: number): Taken;
  add(key: string, by: number, window: number): number;
  get(key: string): number;
  forget(key: string): void;
  once(key: string, window: number): boolean;
  /** Charges what another process has already allowed: `debt` ms of a rate whose burst lasts `tolerance` ms. Never refused. */
  charge(key: string, debt: number, tolerance: number): void;
  snapshot(): Snapshot;
  /** Entries held and, since the start, evicted while still alive. */
  size(): { rates: number; counts: number; marks: number; evicted: number };
}

/**
 * Counters in memory.
 *
 * Rates are exact GCRA on the monotonic clock: a key's state is its theoretical arrival time (TAT), the moment at which
 * its bucket would be full again. A cost above the burst is never allowed (`retryAfter` is Infinity).
 *
 * Each kind is bounded. A full table drops dead entries first, then the one of eight random ones with the least to lose
 * (buckets closest to full, lowest counts, marks that expire soonest); what is dropped alive survives blurred (see
 * CounterTable): a flood of fresh keys resets nobody's rate, lock or mark. What the flood can do: a newcomer whose key
 * collides with evicted ones may start with part of its burst spent (never more than all of it) or a count above zero,
 * or have a fresh mark taken for a replay: with 10,000 live evicted marks 1 in 2,000, with none evicted never.
 */
export function createCounters(options: CountersOptions): MemoryCounters {
  const { clock } = options;
  const maxEntries = options.maxEntries ?? 100_000;
  const rates = new CounterTable({ maxEntries, loss: (tat, tolerance, now) => (tat - now) / tolerance });
  const counts = new CounterTable({ maxEntries, loss: (_until, value) => Math.abs(value) });
  const marks = new MarkTable(options.maxEntries ?? MAX_MARKS);
  let latest = 0;

  const monotonic = (): number => {
    const now = clock.monotonic();
    if (now > latest) latest = now;
    return latest;
  };

  /** The TAT to start from; a newcomer that collides in the sketch starts with an empty bucket at worst. */
  const tatOf = (slot: number, key: string, tolerance: number, now: number): number => {
    if (slot >= 0) return Math.max(rates.until[slot]!, now);
    const evicted = rates.evictedUntil(key);
    return evicted <= now ? now : Math.min(evicted, now + tolerance);
  };

  const setRate = (slot: number, key: string, tat: number, tolerance: number, now: number): void => {
    if (slot >= 0) {
      rates.until[slot] = tat;
      rates.value[slot] = tolerance;
    } else rates.insert(key, tat, tolerance, now);
  };

  const countOf = (slot: number, key: string, now: number): number => {
    if (slot >= 0) return counts.until[slot]! <= now ? 0 : counts.value[slot]!;
    return counts.evictedValue(key, now);
  };

  return {
    take(name, limit, cost = 1) {
      const key = bounded(name);
      const now = monotonic();
      const emission = limit.window / limit.count;
      const tolerance = emission * limit.burst;
      const slot = rates.find(key);
      const tat = tatOf(slot, key, tolerance, now);
      const charge = Math.max(cost, 0) * emission;
      const room = tolerance - (tat - now) + EPSILON;
      // Not `charge > room`: a limit or cost that is no number, or a count of zero, refuses.
      if (!(charge <= room && charge < Number.POSITIVE_INFINITY)) {
        const wait = charge <= tolerance + EPSILON ? charge - room + EPSILON : Number.POSITIVE_INFINITY;
        return { allowed: false, remaining: whole(room / emission), retryAfter: wait, resetAfter: tat - now };
      }
      if (charge > 0) setRate(slot, key, tat + charge, tolerance, now);
      return {
        allowed: true,
        remaining: whole((room - charge) / emission),
        retryAfter: 0,
        resetAfter: tat + charge - now,
      };
    },

    add(name, by, window) {
      const key = bounded(name);
      const now = monotonic();
      const slot = counts.find(key);
      const sum = countOf(slot, key, now) + by;
      const value = Math.max(-MAX_COUNT, Math.min(MAX_COUNT, sum));
      if (Number.isNaN(value) || !(window > 0)) return 0;
      if (slot >= 0) {
        counts.until[slot] = now + window;
        counts.value[slot] = value;
      } else if (by !== 0) counts.insert(key, now + window, value, now);
      return value;
    },

    get(name) {
      const key = bounded(name);
      return countOf(counts.find(key), key, monotonic());
    },

    forget(name) {
      const key = bounded(name);
      const now = monotonic();
      rates.remove(key);
      marks.forget(key);
      counts.remove(key);
      // The sketch cannot give a key back: a zero stands in front of it for as long as it would answer.
      if (counts.evictedValue(key, now) !== 0) counts.insert(key, counts.evictedUntil(key), 0, now);
    },

    once(name, window) {
      const key = bounded(name);
      const now = monotonic();
      return marks.once(key, now + window, now);
    },

    charge(name, debt, tolerance) {
      if (!(debt > 0 && debt < Number.MAX_SAFE_INTEGER && tolerance > 0)) return;
      const key = bounded(name);
      const now = monotonic();
      const slot = rates.find(key);
      setRate(slot, key, tatOf(slot, key, tolerance, now) + debt, tolerance, now);
    },

    snapshot() {
      const now = monotonic();
      const taken: Snapshot = { rates: [], counts: [] };
      for (let slot = 0; slot < rates.size; slot++) {
        const debt = rates.until[slot]! - now;
        if (debt > 0) taken.rates.push(rates.keyAt(slot), debt, rates.value[slot]!);
      }
      for (let slot = 0; slot < counts.size; slot++) {
        const left = counts.until[slot]! - now;
        if (left > 0) taken.counts.push(counts.keyAt(slot), counts.value[slot]!, left);
      }
      return taken;
    },

    size: () => ({
      rates: rates.size,
      counts: counts.size,
      marks: marks.size,
      evicted: rates.evicted + counts.evicted + marks.evicted,
    }),
  };
}

const whole = (requests: number): number => (requests > 0 ? Math.floor(requests) : 0);

const bounded = (key: string): string =>
  key.length <= MAX_KEY ? key : `${key.slice(0, MAX_KEY - 44)}#${hash('sha256', key, 'base64url')}`;
