/**
 * Short-lived shared state: rates, concurrency, failures, replay. Embedded in memory and shared among the workers of
 * one machine; the interface is what Redis or Valkey would have to do for several machines.
 *
 * Keys are made by the rooms (`room/purpose/subject`); the table is bounded, and what happens when it is full is said
 * by each call's documentation.
 */
export interface Counters {
  /**
   * GCRA (ITU-T I.371 virtual scheduling): charges `cost` against a rate of `limit.count` per `limit.window` ms with
   * a burst of `limit.burst`. A refused call charges nothing.
   */
  take(key: string, limit: RateLimit, cost?: number): Taken | Promise<Taken>;
  /**
   * Adds `by` to a counter that is forgotten `window` ms after its last change.
   * @returns the new value.
   */
  add(key: string, by: number, window: number): number | Promise<number>;
  get(key: string): number | Promise<number>;
  forget(key: string): void | Promise<void>;
  /** Remembers `key` for `window` ms. @returns false where it was already remembered (a replay). */
  once(key: string, window: number): boolean | Promise<boolean>;
}

export interface RateLimit {
  /** Requests per window. */
  readonly count: number;
  /** Milliseconds. */
  readonly window: number;
  /** Requests that may come at once; at least 1. */
  readonly burst: number;
}

export interface Taken {
  readonly allowed: boolean;
  /** Whole requests left right now. */
  readonly remaining: number;
  /** Milliseconds until a refused request of the same cost would be allowed; 0 where allowed. */
  readonly retryAfter: number;
  /** Milliseconds until the full burst is available again. */
  readonly resetAfter: number;
}
