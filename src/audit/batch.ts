/** Records that are written together, and the promise of all who wait for them. */
export class Batch {
  readonly bodies: string[] = [];
  /** Indices in `bodies` of events: they are kept when the write fails. */
  readonly events: number[] = [];
  characters = 0;
  from = Number.POSITIVE_INFINITY;
  to = 0;
  settled = false;
  readonly promise: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
    // Events have nobody who waits.
    promise.catch(() => {});
  }

  settle(error: Error | undefined): void {
    this.settled = true;
    if (error === undefined) this.#resolve();
    else this.#reject(error);
  }
}
