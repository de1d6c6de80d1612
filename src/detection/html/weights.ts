/** Nothing runs. */
export const NONE = 0;
/** Markup or script that does nothing by itself, or stands where it is shown and not run. */
export const COULD = 1;
/** Runs script, or brings in what runs it, where the value becomes part of a page. */
export const RUNS = 2;
/** Does what attacks do: calls a dialog, evaluates text, reads cookies, reaches another site. */
export const SURE = 3;

export type Probe = 'behind' | 'alone';

/** A part of a text that matters, and how much. Offsets are of the text that was given. */
export interface Evidence {
  readonly weight: number;
  readonly start: number;
  readonly end: number;
  readonly why: string;
  /** Too little by itself, and enough where the value leaves something just before it, or is nothing else. */
  readonly probe?: Probe | undefined;
}

/** Characters that may be looked at more than once, for each character of a text: keeps every search linear. */
const LOOKS_PER_CHARACTER = 8;
const LEAST_LOOKS = 4096;
/** What may still be looked at from one place when the rest is spent. */
const LAST_LOOK = 128;

/** Shared by all that reads one text from overlapping places. */
export class Looks {
  #left: number;
  /** Looks spent since the process began: what tests of cost count. */
  static spent = 0;

  constructor(length: number) {
    this.#left = length * LOOKS_PER_CHARACTER + LEAST_LOOKS;
  }

  /** Where a reading that begins at `from` must end, at most. */
  limit(from: number, length: number): number {
    return Math.min(length, from + Math.max(this.#left, LAST_LOOK));
  }

  /** Whether that many characters may still be looked at. */
  allows(count: number): boolean {
    return count <= this.#left;
  }

  spend(count: number): void {
    this.#left -= count;
    Looks.spent += count;
  }
}
