/** A piece of text, marked or not. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Half-open range of positions in a text. */
export type Range = readonly [start: number, end: number];

const MARKS = 20;
/** Characters of one mark that are looked for. */
const MARK_LENGTH = 2_000;
/** Occurrences of one mark that are marked. */
const OCCURRENCES = 20;

/** Where the marks stand in a text: sorted, overlaps joined. Cost: the length of the text for each mark. */
export function rangesOf(text: string, marks: readonly string[]): readonly Range[] {
  const found: [number, number][] = [];
  for (const given of marks.slice(0, MARKS)) {
    const mark = given.slice(0, MARK_LENGTH);
    if (mark === '') continue;
    let from = text.indexOf(mark);
    for (let count = 0; from >= 0 && count < OCCURRENCES; count++) {
      found.push([from, from + mark.length]);
      from = text.indexOf(mark, from + mark.length);
    }
  }
  found.sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const [start, end] of found) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}

/** A text in pieces: marked where the ranges are. */
export function piecesOf(text: string, ranges: readonly Range[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    if (start > at) pieces.push({ text: text.slice(at, start), marked: false });
    if (end > start) pieces.push({ text: text.slice(start, end), marked: true });
    at = end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false });
  return pieces;
}
