import type { Clock } from '../shared/clock.ts';

export interface Period {
  /** `2026-11-23` or `2026-11`. */
  readonly name: string;
  /** Epoch milliseconds of its first moment and of the first moment after it. */
  readonly start: number;
  readonly end: number;
}

/** The current day and month in UTC, worked out again only when the wall clock leaves the day, forwards or backwards. */
export class Calendar {
  readonly #clock: Clock;
  day: Period = { name: '', start: 0, end: 0 };
  month: Period = { name: '', start: 0, end: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Brings `day` and `month` up to date. @returns the wall clock. */
  now(): number {
    const now = this.#clock.now();
    if (now < this.day.start || now >= this.day.end) {
      const date = new Date(now);
      const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
      const name = date.toISOString().slice(0, 10);
      this.day = { name, start: Date.UTC(year, month, day), end: Date.UTC(year, month, day + 1) };
      this.month = { name: name.slice(0, 7), start: Date.UTC(year, month), end: Date.UTC(year, month + 1) };
    }
    return now;
  }

  /** Periods whose names sort before this are older than the month before the current one. */
  oldest(): string {
    this.now();
    return new Date(Date.UTC(new Date(this.month.start).getUTCFullYear(), new Date(this.month.start).getUTCMonth() - 1))
      .toISOString()
      .slice(0, 7);
  }
}
