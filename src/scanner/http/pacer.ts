/** Milliseconds that late timers may be made up for: more would be a burst. */
const CATCH_UP = 25;

/** Spreads requests evenly over time: each has its moment, and late timers do not add up. */
export class Pacer {
  readonly #interval: number;
  readonly #sleep: (milliseconds: number) => Promise<void>;
  readonly #clock: () => number;
  #next = 0;

  /**
   * @param rate requests a second, over 0
   * @param clock milliseconds, steady
   */
  constructor(
    rate: number,
    sleep: (milliseconds: number) => Promise<void>,
    clock: () => number = () => performance.now(),
  ) {
    this.#interval = 1_000 / rate;
    this.#sleep = sleep;
    this.#clock = clock;
  }

  /** Resolves when the next request may go; in the order of asking. Time that nobody used is not saved up. */
  async turn(): Promise<void> {
    const now = this.#clock();
    const mine = this.#next < now - CATCH_UP ? now : this.#next;
    this.#next = mine + this.#interval;
    if (mine > now) await this.#sleep(mine - now);
  }

  /** Those that wait went away: their turns are free again. */
  reset(): void {
    this.#next = Math.min(this.#next, this.#clock() + this.#interval);
  }
}
