/** How often something may be done: `burst` at once, and `perSecond` over time. */
export interface Limit {
  readonly name: string;
  readonly burst: number;
  readonly perSecond: number;
}

/** Whatever a caller asks for. Wide: it stops a flood, nobody who works. */
export const CALLS: Limit = { name: 'caller', burst: 3_000, perSecond: 300 };
/** The whole practice at once. */
export const EXPORTS: Limit = { name: 'export', burst: 60, perSecond: 6 };
/** Appointments that one caller may book: nobody empties the calendar. */
export const BOOKINGS: Limit = { name: 'booking', burst: 30, perSecond: 3 };
/** Failed logins from one address, whatever the user names: many names with one password are guessing, too. */
export const FAILED_LOGINS: Limit = { name: 'failed-login', burst: 40, perSecond: 1 };

/** What is left of a limit. */
export interface Left {
  readonly limit: Limit;
  /** False: refuse. */
  readonly granted: boolean;
  /** Whole permits left. */
  readonly remaining: number;
  /** Seconds until the next permit, at least 1; for Retry-After. */
  readonly wait: number;
  /** Seconds until all permits are back. */
  readonly full: number;
}

const REMEMBERED = 10_000;

/** Token buckets by limit and key; the ones not used for longest are forgotten first. */
export class Limits {
  readonly #now: () => number;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes a permit, where there is one. */
  take(limit: Limit, key: string): Left {
    return this.#use(limit, key, 1);
  }

  /** Says whether there is a permit, and leaves it. */
  look(limit: Limit, key: string): Left {
    return this.#use(limit, key, 0);
  }

  #use(limit: Limit, key: string, cost: number): Left {
    const id = `${limit.name} ${key}`;
    const now = this.#now();
    const { level, at } = this.#buckets.get(id) ?? { level: limit.burst, at: now };
    const there = Math.min(limit.burst, level + ((now - at) / 1000) * limit.perSecond);
    const granted = there >= 1;
    const after = granted ? there - cost : there;
    this.#buckets.delete(id);
    if (this.#buckets.size >= REMEMBERED) {
      const [oldest = ''] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    this.#buckets.set(id, { level: after, at: now });
    return {
      limit,
      granted,
      remaining: Math.floor(after),
      wait: Math.max(1, Math.ceil((1 - after) / limit.perSecond)),
      full: Math.ceil((limit.burst - after) / limit.perSecond),
    };
  }
}

/** The fields by which a client learns its limits (draft-ietf-httpapi-ratelimit-headers), and when to come back. */
export function limitHeaders(all: readonly Left[]): Record<string, string> {
  const headers: Record<string, string> = {
    'ratelimit-policy': all
      .map(({ limit: { name, burst, perSecond } }) => `"${name}";q=${burst};w=${Math.ceil(burst / perSecond)}`)
      .join(', '),
    ratelimit: all.map(({ limit, remaining, full }) => `"${limit.name}";r=${remaining};t=${full}`).join(', '),
  };
  const refused = all.find(({ granted }) => !granted);
  if (refused !== undefined) headers['retry-after'] = String(refused.wait);
  return headers;
}
