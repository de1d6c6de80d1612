/** How often something may happen: `count` times in `seconds`. */
export interface Limit {
  readonly name: string;
  readonly count: number;
  readonly seconds: number;
}

/** Whatever one caller does. */
export const GENERAL: Limit = { name: 'default', count: 5_000, seconds: 10 };
/** Flows that cost others something: signing in, registering, writing messages, redeeming. Counted by address. */
export const FLOW: Limit = { name: 'flow', count: 100, seconds: 10 };

const REMEMBERED = 20_000;

export interface Counted {
  readonly remaining: number;
  /** Seconds until the window ends, rounded up. */
  readonly reset: number;
  readonly allowed: boolean;
}

/** Counts in fixed windows, which begin with the first request of a caller. */
export class Counter {
  readonly #limit: Limit;
  readonly #windows = new Map<string, { count: number; ends: number }>();

  constructor(limit: Limit) {
    this.#limit = limit;
  }

  count(key: string, now: number): Counted {
    let window = this.#windows.get(key);
    if (window === undefined || window.ends <= now) {
      this.#windows.delete(key);
      // The oldest window goes first: a map keeps the order of insertion.
      const oldest = this.#windows.size >= REMEMBERED ? this.#windows.keys().next().value : undefined;
      if (oldest !== undefined) this.#windows.delete(oldest);
      window = { count: 0, ends: now + this.#limit.seconds * 1000 };
      this.#windows.set(key, window);
    }
    window.count += 1;
    return {
      remaining: Math.max(0, this.#limit.count - window.count),
      reset: Math.ceil((window.ends - now) / 1000),
      allowed: window.count <= this.#limit.count,
    };
  }
}

/** RateLimit fields of the IETF draft. */
export const limitHeaders = (limit: Limit, { remaining, reset }: Counted): Record<string, string> => ({
  'ratelimit-policy': `"${limit.name}";q=${limit.count};w=${limit.seconds}`,
  ratelimit: `"${limit.name}";r=${remaining};t=${reset}`,
});
