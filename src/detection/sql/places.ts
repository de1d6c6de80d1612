const ROOM = 4096;

/** Places of a text that were visited: forgotten at no cost when the next text comes. */
export class Places {
  #marks = new Int32Array(ROOM);
  #mark = 0;

  /** Begins a text of a length. */
  reset(length: number): void {
    if (length >= this.#marks.length) this.#marks = new Int32Array(2 ** Math.ceil(Math.log2(length + 1)));
    if (++this.#mark > 0x7fff_fff0) {
      this.#marks.fill(0);
      this.#mark = 1;
    }
  }

  /** Visits a place. @returns whether it was visited before */
  at(place: number): boolean {
    if (this.#marks[place] === this.#mark) return true;
    this.#marks[place] = this.#mark;
    return false;
  }
}
