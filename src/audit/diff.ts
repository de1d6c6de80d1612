/**
 * What happened to a run of lines, by their hashes alone: which were changed, removed, inserted, or put elsewhere.
 */
export type Difference =
  /** The line at `line` stands where record `index` should. */
  | { readonly kind: 'changed'; readonly line: number; readonly index: number }
  /** Records `index` to `last` are not there; they stood before `line`. */
  | { readonly kind: 'removed'; readonly line: number; readonly index: number; readonly last: number }
  /** The line was not written by the log. */
  | { readonly kind: 'inserted'; readonly line: number }
  /** The line is record `index`, in the wrong place. */
  | { readonly kind: 'reordered'; readonly line: number; readonly index: number };

/**
 * Compares lines with what should stand there.
 *
 * @param lines hashes of the lines, in order
 * @param expected hashes of the records, in order; an empty text is a record whose hash is not known and fits any line
 * @returns differences in order of lines; `index` counts from 0 within `expected`
 */
export function diffLines(lines: readonly string[], expected: readonly string[]): Difference[] {
  const positions = new Map<string, number>();
  for (let i = 0; i < expected.length; i++) if (expected[i] !== '') positions.set(expected[i]!, i);
  // Each line's place among the records; a second copy of a line is none.
  const place = new Int32Array(lines.length).fill(-1);
  const taken = new Set<number>();
  for (let i = 0; i < lines.length; i++) {
    const position = positions.get(lines[i]!);
    if (position !== undefined && !taken.has(position)) {
      place[i] = position;
      taken.add(position);
    }
  }
  const inOrder = longestAscending(place);
  const differences: Difference[] = [];
  let line = 0;
  let index = 0;
  const gap = (endLine: number, endIndex: number) => {
    // Between two lines that are right: what is left on either side.
    const strange: number[] = [];
    for (; line < endLine; line++) {
      if (place[line] === -1) strange.push(line);
      else differences.push({ kind: 'reordered', line, index: place[line]! });
    }
    const missing: number[] = [];
    for (; index < endIndex; index++) if (!taken.has(index)) missing.push(index);
    const pairs = Math.min(strange.length, missing.length);
    for (let i = 0; i < pairs; i++)
      if (expected[missing[i]!] !== '') differences.push({ kind: 'changed', line: strange[i]!, index: missing[i]! });
    for (let i = pairs; i < strange.length; i++) differences.push({ kind: 'inserted', line: strange[i]! });
    for (let i = pairs; i < missing.length; ) {
      let last = i;
      while (last + 1 < missing.length && missing[last + 1] === missing[last]! + 1) last++;
      differences.push({ kind: 'removed', line: endLine, index: missing[i]!, last: missing[last]! });
      i = last + 1;
    }
  };
  for (let i = 0; i < lines.length; i++) {
    if (!inOrder[i]) continue;
    gap(i, place[i]!);
    line = i + 1;
    index = place[i]! + 1;
  }
  gap(lines.length, expected.length);
  return differences.sort((a, b) => a.line - b.line);
}

/** Marks a longest run of ascending values (those below 0 left out); n log n. */
function longestAscending(values: Int32Array): Uint8Array {
  const ends: number[] = [];
  const before = new Int32Array(values.length).fill(-1);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < 0) continue;
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (values[ends[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    if (low > 0) before[i] = ends[low - 1]!;
    ends[low] = i;
  }
  const marks = new Uint8Array(values.length);
  for (let i = ends.at(-1) ?? -1; i >= 0; i = before[i]!) marks[i] = 1;
  return marks;
}
