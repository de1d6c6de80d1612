/** Runs of backticks that Markdown pairs; longer ones are fences as three are. */
const MAX_RUN = 3;
/** Elements whose content is text for browsers. */
const TEXT_ELEMENTS = /^(?:textarea|title|xmp|plaintext|noembed|noframes)$/;

/** Whether an element only shows what stands in it. */
export const showsText = (name: string): boolean => TEXT_ELEMENTS.test(name);

/**
 * Where a text shows code in Markdown, between backticks. Asked for places in ascending order; looks at each character
 * a bounded number of times.
 */
export class ShownCode {
  readonly #text: string;
  /** The next place that is not decided yet. */
  #at = 0;
  /** The code read last. */
  #from = -1;
  #to = -1;
  /** Lengths of runs that have no partner from here on. */
  #single = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @param at not less than the place asked for before */
  has(at: number): boolean {
    while (this.#at <= at) {
      const open = this.#text.indexOf('`', this.#at);
      if (open < 0 || open > at) {
        this.#at = Math.max(this.#at, open < 0 ? this.#text.length + 1 : at);
        break;
      }
      this.#pair(open);
    }
    return at >= this.#from && at < this.#to;
  }

  #pair(open: number): void {
    const run = this.#run(open);
    const bit = 1 << Math.min(run, MAX_RUN);
    if ((this.#single & bit) === 0) {
      for (let at = this.#text.indexOf('`', open + run); at >= 0; ) {
        const other = this.#run(at);
        if (Math.min(other, MAX_RUN) === Math.min(run, MAX_RUN)) {
          this.#from = open;
          this.#to = at;
          this.#at = at + other;
          return;
        }
        at = this.#text.indexOf('`', at + other);
      }
      this.#single |= bit;
    }
    this.#at = open + run;
  }

  #run(at: number): number {
    let end = at;
    while (this.#text.charCodeAt(end) === 0x60) end++;
    return end - at;
  }
}
