import { type FileHandle, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of records, named after the index of its first one. */
export interface Segment {
  readonly first: number;
  readonly name: string;
  readonly path: string;
}

const NAME = /^(\d{12,16})\.jsonl$/;
const CHUNK = 262_144;
/** Longest line that is read as a record; records are far shorter (see the caps in `record.ts`). */
export const LONGEST_LINE = 16_777_216;

export const segmentName = (first: number): string => `${String(first).padStart(12, '0')}.jsonl`;

/** The segments of a log, in order. A directory that is not there has none. */
export async function listSegments(logDirectory: string): Promise<Segment[]> {
  const directory = join(logDirectory, 'segments');
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const segments: Segment[] = [];
  for (const name of names) {
    const match = NAME.exec(name);
    if (match !== null && segmentName(Number(match[1])) === name)
      segments.push({ first: Number(match[1]), name, path: join(directory, name) });
  }
  return segments.sort((a, b) => a.first - b.first);
}

/**
 * Sees one line: `bytes.subarray(start, end)` without its newline, valid during the call only. `offset` is the
 * line's place in the file. Returns `false` to stop.
 */
export type LineVisitor = (bytes: Buffer, start: number, end: number, offset: number) => boolean;

export interface ScanOptions {
  /** Byte to begin at: the beginning of a line. */
  readonly from?: number;
  /** Byte to stop at. */
  readonly to?: number;
  /** Chunks that hold none of these are not taken apart. */
  readonly needles?: readonly Buffer[];
}

export interface Scanned {
  /** Where the last complete line ends: the file's size, unless its tail is torn. */
  readonly end: number;
  /** Bytes after that: an incomplete line. */
  readonly rest: number;
  /** Lines longer than {@link LONGEST_LINE}, cut at that length for the visitor. */
  readonly oversized: number;
}

/** Reads the lines of a segment in order, in bounded memory. */
export async function scanLines(path: string, visit: LineVisitor, options: ScanOptions = {}): Promise<Scanned> {
  const file = await open(path, 'r');
  try {
    return await scan(file, visit, options);
  } finally {
    await file.close();
  }
}

async function scan(file: FileHandle, visit: LineVisitor, { from = 0, to, needles }: ScanOptions): Promise<Scanned> {
  let buffer = Buffer.allocUnsafe(CHUNK);
  // buffer[0..held) is the beginning of a line that stands at `offset` in the file.
  let held = 0;
  let offset = from;
  let dropped = 0;
  let oversized = 0;
  for (;;) {
    const left = to === undefined ? buffer.length : Math.min(buffer.length, to - offset - dropped);
    const { bytesRead } =
      left > held ? await file.read(buffer, held, left - held, offset + dropped + held) : { bytesRead: 0 };
    if (bytesRead === 0) return { end: offset, rest: dropped + held, oversized };
    const filled = held + bytesRead;
    const last = buffer.lastIndexOf(10, filled - 1);
    if (last === -1 || last < held) {
      held = filled;
      if (held < buffer.length) continue;
      if (buffer.length >= LONGEST_LINE) {
        // Keep the beginning of the monster, drop what follows, until its end is found.
        dropped += held - LONGEST_LINE / 2;
        held = LONGEST_LINE / 2;
        continue;
      }
      const larger = Buffer.allocUnsafe(buffer.length * 4);
      buffer.copy(larger, 0, 0, held);
      buffer = larger;
      continue;
    }
    let start = 0;
    if (needles === undefined || dropped > 0 || holdsAny(buffer.subarray(0, last), needles)) {
      while (start <= last) {
        const end = buffer.indexOf(10, start);
        if (dropped > 0) oversized++;
        if (visit(buffer, start, end, offset + start) === false)
          return { end: offset + dropped + end + 1, rest: 0, oversized };
        offset += dropped;
        dropped = 0;
        start = end + 1;
      }
    }
    offset += last + 1;
    buffer.copy(buffer, 0, last + 1, filled);
    held = filled - last - 1;
  }
}

const holdsAny = (bytes: Buffer, needles: readonly Buffer[]): boolean =>
  needles.some((needle) => bytes.includes(needle));

/** The index that a line claims: `{"v":1,"n":17,` is 17; -1 where it does not begin like a record. */
export function claimedIndex(bytes: Buffer, start: number, end: number): number {
  const head = bytes.toString('latin1', start, Math.min(end, start + 40));
  const match = /^\{"v":\d{1,3},"n":(\d{1,16}),/.exec(head);
  return match === null ? -1 : Number(match[1]);
}

/** The time a line claims, epoch milliseconds; NaN where there is none. */
export function claimedTime(bytes: Buffer, start: number, end: number): number {
  const head = bytes.toString('latin1', start, Math.min(end, start + 80));
  const match = /^\{"v":\d{1,3},"n":\d{1,16},"time":"([^"]{20,30})"/.exec(head);
  return match === null ? Number.NaN : Date.parse(match[1]!);
}

/** The last complete line of a file, read from its end; undefined where there is none of a record's length. */
export async function lastLine(path: string): Promise<string | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    for (let window = 4096; window <= 1_048_576; window *= 16) {
      const length = Math.min(size, window);
      const buffer = Buffer.alloc(length);
      await file.read(buffer, 0, length, size - length);
      if (length === 0 || buffer[length - 1] !== 10) return undefined;
      const before = length > 1 ? buffer.lastIndexOf(10, length - 2) : -1;
      if (before !== -1 || length === size) return buffer.toString('utf8', before + 1, length - 1);
    }
    return undefined;
  } finally {
    await file.close();
  }
}
