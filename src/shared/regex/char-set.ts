/** Characters by Unicode property: asked of the engine, which has the tables. */
interface Property {
  /** As it stands in a pattern, e.g. `\p{L}`. */
  readonly text: string;
  readonly pattern: RegExp;
}

/** What a set is made of before it may be negated: ranges of code points, and Unicode properties. */
export interface CharSet {
  readonly negated: boolean;
  /** Sorted, disjoint, both ends included. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly properties: readonly Property[];
}

export const MAX_CODE_POINT = 0x10ffff;

/** Sets with properties are compared character by character where the other has at most this many. */
const MAX_COMPARED = 600;

const properties = new Map<string, Property>();
/** Properties kept at most: the engine knows fewer. */
const MAX_PROPERTIES = 1000;

export function charSet(
  ranges: readonly (readonly [number, number])[],
  names: readonly string[] = [],
  negated = false,
): CharSet {
  return { negated, ranges: normal(ranges), properties: names.map(property) };
}

export const ANY: CharSet = charSet([[0, MAX_CODE_POINT]]);
export const NONE: CharSet = charSet([]);
export const DIGIT = [[0x30, 0x39]] as const;
export const WORD = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
] as const;
/** WhiteSpace and LineTerminator of ECMA-262, sections 12.2 and 12.3. */
export const SPACE = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
] as const;
/** What `.` does not take. */
export const LINE_ENDS = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
] as const;

/** @throws SyntaxError where the engine does not know the property. */
function property(text: string): Property {
  let known = properties.get(text);
  if (known === undefined) {
    known = { text, pattern: new RegExp(text, 'u') };
    if (properties.size < MAX_PROPERTIES) properties.set(text, known);
  }
  return known;
}

function normal(ranges: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] {
  const sorted = [...ranges].sort((a, b) => a[0] - b[0]);
  const out: [number, number][] = [];
  for (const [low, high] of sorted) {
    const last = out.at(-1);
    if (last && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else out.push([low, high]);
  }
  return out;
}

/** The ranges that are not in the given ones. */
export function complement(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const out: [number, number][] = [];
  let next = 0;
  for (const [low, high] of normal(ranges)) {
    if (low > next) out.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= MAX_CODE_POINT) out.push([next, MAX_CODE_POINT]);
  return out;
}

/** Whether a code point (or a lone surrogate) is in the set. */
export function has(set: CharSet, codePoint: number): boolean {
  return inside(set, codePoint) !== set.negated;
}

function inside(set: CharSet, codePoint: number): boolean {
  const { ranges } = set;
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (codePoint < range[0]) high = middle - 1;
    else if (codePoint > range[1]) low = middle + 1;
    else return true;
  }
  if (set.properties.length === 0) return false;
  const text = String.fromCodePoint(codePoint);
  return set.properties.some(({ pattern }) => pattern.test(text));
}

/** The set as ranges, where it has no properties. */
const plain = (set: CharSet): readonly (readonly [number, number])[] | undefined =>
  set.properties.length > 0 ? undefined : set.negated ? complement(set.ranges) : set.ranges;

/** Whether two sets surely share no character; false where that would cost too much to know. */
export function disjoint(a: CharSet, b: CharSet): boolean {
  const left = plain(a);
  const right = plain(b);
  if (left && right) {
    let i = 0;
    let j = 0;
    while (i < left.length && j < right.length) {
      if (left[i]![1] < right[j]![0]) i++;
      else if (right[j]![1] < left[i]![0]) j++;
      else return false;
    }
    return true;
  }
  const small = left ?? right;
  if (small === undefined) return false;
  const other = left ? b : a;
  let size = 0;
  for (const [low, high] of small) if ((size += high - low + 1) > MAX_COMPARED) return false;
  for (const [low, high] of small) for (let c = low; c <= high; c++) if (has(other, c)) return false;
  return true;
}

/** The set as it stands in a pattern with flag `u`. */
export function printSet(set: CharSet): string {
  if (!set.negated && set.properties.length === 0 && set.ranges.length === 1 && set.ranges[0]![0] === set.ranges[0]![1])
    return point(set.ranges[0]![0]);
  const parts = set.ranges.map(([low, high]) => (low === high ? point(low) : `${point(low)}-${point(high)}`));
  return `[${set.negated ? '^' : ''}${parts.join('')}${set.properties.map(({ text }) => text).join('')}]`;
}

const point = (codePoint: number): string =>
  (codePoint >= 0x30 && codePoint <= 0x39) ||
  (codePoint >= 0x41 && codePoint <= 0x5a) ||
  (codePoint >= 0x61 && codePoint <= 0x7a)
    ? String.fromCharCode(codePoint)
    : `\\u{${codePoint.toString(16)}}`;
