/** Places for work at one time; who comes first is served first. */
export class Slots {
  #free: number;
  readonly #line: ((taken: boolean) => void)[] = [];
  #head = 0;
  #closed = false;

  constructor(count: number) {
    this.#free = count;
  }

  /** @returns false where it was closed meanwhile */
  take(): Promise<boolean> | boolean {
    if (this.#closed) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }

  give(): void {
    const next = this.#line[this.#head];
    if (!next) {
      this.#free++;
      return;
    }
    // A queue in an array: what was served is cut off now and then, so that a long line costs no more than a short one.
    if (++this.#head > 1_024) {
      this.#line.splice(0, this.#head);
      this.#head = 0;
    }
    next(true);
  }

  /** Sends everybody in line away. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#line.splice(0).slice(this.#head)) waiting(false);
    this.#head = 0;
  }
}
