import type { Failure } from '../model/exchange.ts';

/** The time an exchange has: ends by its deadline, or with the scan, and tells whoever works for it at that moment. */
export class Life {
  /** Why it ended. */
  ended: Failure | undefined;
  #listener: ((why: Failure) => void) | undefined;

  /** Only one is told at a time: the step that is under way. */
  set listener(listener: ((why: Failure) => void) | undefined) {
    this.#listener = listener;
  }

  end(why: Failure): void {
    if (this.ended) return;
    this.ended = why;
    this.#listener?.(why);
  }
}

/** The end of everything: one listener on the signal, however many wait. */
export class Stop {
  readonly #waiting = new Set<() => void>();
  readonly #signal: AbortSignal;
  #stopped: boolean;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#stopped = signal.aborted;
    if (!this.#stopped) signal.addEventListener('abort', this.stop, { once: true });
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  readonly stop = (): void => {
    this.#stopped = true;
    this.#signal.removeEventListener('abort', this.stop);
    for (const end of [...this.#waiting]) end();
    this.#waiting.clear();
  };

  /** `end` is called when everything ends. @returns a function that takes it back */
  on(end: () => void): () => void {
    this.#waiting.add(end);
    return () => void this.#waiting.delete(end);
  }

  /** Waits, at most until everything ends. */
  sleep(milliseconds: number): Promise<void> {
    if (this.#stopped || milliseconds <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        off();
        resolve();
      };
      const off = this.on(end);
      const timer = setTimeout(end, milliseconds);
    });
  }
}
