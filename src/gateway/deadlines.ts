/** One wait in a queue of deadlines. */
export interface Deadline {
  readonly at: number;
  readonly run: () => void;
  before: Deadline | undefined;
  after: Deadline | undefined;
}

/**
 * Deadlines that all lie the same time ahead, so that they fall due in the order in which they were set: a list and one
 * timer serve all of them. Setting and clearing costs a tenth of a timer of its own; a deadline may run late by a
 * sixteenth of its time, at most a second. What is waited for keeps the process alive, the timer does not: it runs on
 * when nobody waits any more.
 */
export class Deadlines {
  readonly #time: number;
  readonly #slack: number;
  #first: Deadline | undefined;
  #last: Deadline | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param time milliseconds */
  constructor(time: number) {
    this.#time = time;
    this.#slack = Math.min(1000, Math.ceil(time / 16));
  }

  set(run: () => void): Deadline {
    const deadline: Deadline = { at: performance.now() + this.#time, run, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = deadline;
    else this.#last.after = deadline;
    this.#last = deadline;
    this.#timer ??= setTimeout(this.#due, this.#time + this.#slack).unref();
    return deadline;
  }

  /** Takes a deadline out that was set and has not run; not twice. */
  clear(deadline: Deadline): void {
    const { before, after } = deadline;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
  }

  readonly #due = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    while (this.#first !== undefined && this.#first.at <= now) {
      const { run } = this.#first;
      this.clear(this.#first);
      run();
    }
    if (this.#first === undefined) return;
    this.#timer = setTimeout(this.#due, Math.ceil(this.#first.at - now) + this.#slack).unref();
  };
}
