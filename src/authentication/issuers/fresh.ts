import type { Clock } from '../../shared/clock.ts';

/** After a failed load: the first pause and the longest, in ms. */
const BACK_OFF = { first: 1_000, most: 60_000 };
/** Parts of a pause that are left to chance: a hundred workers must not come back in the same moment. */
const JITTER = 0.2;
/** How long a request waits for something that is overdue, in ms, counted from the start of the load. */
const PATIENCE = 2_000;
/** What makes an unplanned load: at most one in this time, in ms, however often it is asked for. */
const HURRY_PAUSE = 30_000;

export interface FreshOptions {
  /** Loads and takes; throws an Error whose message says what is wrong. One that answers at once is asked often. */
  readonly load: () => void | Promise<void>;
  /** Milliseconds for which what was loaded is taken as fresh. */
  readonly refresh: number;
  readonly clock: Clock;
  readonly failed: (error: Error) => void;
  /** Called when a load works again after failures. */
  readonly back?: () => void;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** A failure that is on record already. */
export class Told extends Error {}

/** The pause after so many failures in a row, in ms: doubled each time, within bounds, a little by chance. */
export const pauseAfter = (failures: number, random: () => number = Math.random, bounds = BACK_OFF): number =>
  Math.min(bounds.first * 2 ** Math.min(failures - 1, 16), bounds.most) * (1 - JITTER * random());

/**
 * Keeps something from outside fresh: one load at a time, back-off while it fails, and what is known goes on meanwhile.
 * As long as nothing was ever loaded it tries by itself; later it is asked for by those who need it.
 */
export class Fresh {
  readonly #options: FreshOptions;
  readonly #random: () => number;
  #loaded = false;
  /** Monotonic times. */
  #due = Number.NEGATIVE_INFINITY;
  #overdue = Number.NEGATIVE_INFINITY;
  #hurried = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #loading: Promise<void> | undefined = undefined;
  #patience: Promise<void> | undefined = undefined;
  #retry: NodeJS.Timeout | undefined = undefined;
  #resting = false;

  constructor(options: FreshOptions) {
    this.#options = options;
    this.#random = options.random ?? Math.random;
  }

  /** Whether a load ever worked. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Failed loads since the last one that worked. */
  get failures(): number {
    return this.#failures;
  }

  /** Milliseconds until the next load may begin. */
  get pause(): number {
    return Math.max(0, this.#due - this.#options.clock.monotonic());
  }

  /**
   * To be called before what is kept is used; costs nothing until it is due.
   * @param force at load: due or not, a person waits for the answer
   * @returns a promise where it is worth waiting: nothing was loaded yet, or what is known is long overdue
   */
  check(force = false): Promise<void> | undefined {
    const now = this.#options.clock.monotonic();
    if (now < this.#due && !force) return undefined;
    this.#load();
    return !this.#loaded || now >= this.#overdue ? this.#patience : undefined;
  }

  /** Something is asked for that is not known. @returns a promise where a load was begun or is under way */
  hurry(): Promise<void> | undefined {
    const now = this.#options.clock.monotonic();
    if (this.#loading === undefined) {
      if (now - this.#hurried < HURRY_PAUSE || (this.#failures > 0 && now < this.#due)) return undefined;
      this.#hurried = now;
      this.#load();
    }
    return this.#patience;
  }

  /** Loads where nothing is known or it is due, without regard to back-off: for those who have one of their own. */
  async renew(): Promise<void> {
    if (this.#loaded && this.#failures === 0 && this.#options.clock.monotonic() < this.#due) return;
    this.#load();
    await this.#loading;
  }

  /** What is known may have changed: the next one to ask loads it anew. */
  doubt(): void {
    this.#due = Math.min(this.#due, this.#options.clock.monotonic());
  }

  /** No longer tries by itself; it can still be asked. */
  rest(): void {
    this.#resting = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #load(): void {
    if (this.#loading !== undefined) return;
    clearTimeout(this.#retry);
    try {
      const answer = this.#options.load();
      if (answer === undefined) {
        this.#succeeded();
        return;
      }
      const loading = answer
        .then(
          () => this.#succeeded(),
          (error: unknown) => this.#failed(error),
        )
        .finally(() => {
          this.#loading = undefined;
          this.#patience = undefined;
        });
      this.#loading = loading;
      this.#patience = withPatience(loading, () => {
        this.#patience = undefined;
      });
    } catch (error) {
      this.#failed(error);
    }
  }

  #succeeded(): void {
    const now = this.#options.clock.monotonic();
    const { refresh, back } = this.#options;
    const recovered = this.#failures > 0;
    this.#loaded = true;
    this.#failures = 0;
    this.#due = now + refresh;
    this.#overdue = now + 2 * refresh;
    if (recovered) back?.();
  }

  #failed(thrown: unknown): void {
    this.#failures++;
    const pause = pauseAfter(this.#failures, this.#random);
    this.#due = this.#options.clock.monotonic() + pause;
    this.#options.failed(thrown instanceof Error ? thrown : new Error('unknown error'));
    if (this.#loaded || this.#resting) return;
    // A little later than due: a timer may come a moment early.
    this.#retry = setTimeout(() => void this.check(), pause + 50).unref();
  }
}

/** One timer for all who wait for a load; those who come later wait for what is left of it. */
function withPatience(loading: Promise<void>, over: () => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      over();
      resolve();
    }, PATIENCE);
    void loading.then(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
