/**
 * Where each value of a parsed document stands in its text. Kept apart from the values, two numbers a value: a
 * contract of many megabytes must not cost its syntax tree for as long as the gate runs.
 */
export class SourceMap {
  readonly #starts = new Map<object, number>();
  #offsets = new Uint32Array(1_024);
  #used = 0;
  readonly #lines: Uint32Array;
  /** Key to index, made for containers that are long and asked about. */
  readonly #indices = new Map<object, Map<string, number>>();

  constructor(text: string) {
    this.#lines = lineStarts(text);
  }

  /** Notes where the children of a container stand, in the order of `Object.keys`. */
  add(container: object, offsets: readonly number[]): void {
    const end = this.#used + offsets.length;
    if (end > this.#offsets.length) {
      const larger = new Uint32Array(Math.max(end, this.#offsets.length * 2));
      larger.set(this.#offsets);
      this.#offsets = larger;
    }
    this.#offsets.set(offsets, this.#used);
    this.#starts.set(container, this.#used);
    this.#used = end;
  }

  /** @returns the offset at which the key (or, in an array, the item) stands; undefined where it is unknown. */
  offset(container: object, key: string): number | undefined {
    const start = this.#starts.get(container);
    if (start === undefined) return undefined;
    const index = Array.isArray(container) ? Number(key) : this.#index(container, key);
    return index === undefined ? undefined : this.#offsets[start + index];
  }

  /** 1-based line and column (UTF-16 units) of an offset. */
  position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - this.#lines[low]! + 1 };
  }

  #index(container: object, key: string): number | undefined {
    const known = this.#indices.get(container);
    if (known) return known.get(key);
    const keys = Object.keys(container);
    if (keys.length <= 16) {
      const index = keys.indexOf(key);
      return index < 0 ? undefined : index;
    }
    const made = new Map(keys.map((name, index) => [name, index]));
    this.#indices.set(container, made);
    return made.get(key);
  }
}

function lineStarts(text: string): Uint32Array {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  const starts = new Uint32Array(count);
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts[line++] = at + 1;
  return starts;
}

/** Offsets noted in source order, put into the order of `Object.keys` (which moves integer-like keys to the front). */
export function inKeyOrder(container: object, keys: readonly string[], offsets: readonly number[]): readonly number[] {
  if (!keys.some(startsWithDigit)) return offsets;
  const byKey = new Map<string, number>();
  for (let i = 0; i < keys.length; i++) byKey.set(keys[i]!, offsets[i]!);
  return Object.keys(container).map((key) => byKey.get(key)!);
}

const startsWithDigit = (key: string): boolean => {
  const code = key.charCodeAt(0);
  return code >= 48 && code <= 57;
};
