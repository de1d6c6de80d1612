import type { Exchange } from '../gateway/exchange.ts';
import { Slots } from './slots.ts';

export interface SlowLimits {
  /** Milliseconds a request may be delayed. */
  readonly delay: number;
  readonly waiting: number;
  readonly perCaller: number;
}

/** Where requests over their rate wait for their turn. What waits is bounded in total and by caller. */
export class Slowdown {
  readonly #waiting = new Slots();

  get waiting(): number {
    return this.#waiting.total;
  }

  mayWait(caller: string, limits: SlowLimits): boolean {
    return (
      this.#waiting.total < limits.waiting &&
      (this.#waiting.total === 0 || this.#waiting.held(caller) < limits.perCaller)
    );
  }

  /**
   * Lets a request wait. Ask `mayWait` first. The place is given back when the time is over or the exchange ends
   * (`exchange.finally`: the client went away), whichever is first, and the promise resolves then.
   */
  wait(exchange: Exchange, caller: string, ms: number): Promise<undefined> {
    const place = this.#waiting.enter(caller, Number.POSITIVE_INFINITY)!;
    return new Promise((resolve) => {
      let over = false;
      const end = (): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        this.#waiting.leave(place);
        resolve(undefined);
      };
      const timer = setTimeout(end, Math.ceil(ms));
      exchange.finally.push(end);
    });
  }
}
