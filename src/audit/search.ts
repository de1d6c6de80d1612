import type { CompiledFilter, Verdict } from './filter.ts';
import type { StoredLog } from './logs.ts';
import type { AuditRecord } from './record.ts';
import { sealOf } from './retention.ts';
import { listSegments, type Segment, scanLines } from './segments.ts';

/** A record that was found, and where it stands. */
export interface Found {
  readonly record: AuditRecord;
  readonly verdict: Verdict;
  readonly log: StoredLog;
  readonly segment: Segment;
  /** Byte of the segment at which its line begins. */
  readonly offset: number;
}

export interface SearchOptions {
  /** Told of lines that are no records, and of files that cannot be read. */
  readonly complain: (message: string) => void;
}

/** Matches taken from a segment at a time: what is held in memory. */
const AT_ONCE = 256;

/**
 * Looks through all logs, oldest records first, merged by time; in each log in the order of recording, which is the
 * order in which exchanges ended. Segments whose own last record says that they lie outside of the time asked for are
 * not opened. Memory does not depend on how much there is.
 */
export async function* search(
  logs: readonly StoredLog[],
  filter: CompiledFilter,
  options: SearchOptions,
): AsyncGenerator<Found, void, undefined> {
  const streams = logs.map((log) => searchLog(log, filter, options));
  const heads = await Promise.all(streams.map((stream) => stream.next()));
  for (;;) {
    let next = -1;
    for (const [i, head] of heads.entries())
      if (head.done !== true && (next === -1 || head.value.record.time < heads[next]!.value!.record.time)) next = i;
    if (next === -1) return;
    yield heads[next]!.value as Found;
    heads[next] = await streams[next]!.next();
  }
}

async function* searchLog(
  log: StoredLog,
  filter: CompiledFilter,
  options: SearchOptions,
): AsyncGenerator<Found, void, undefined> {
  for (const segment of await listSegments(log.directory)) {
    if (Number.isFinite(filter.since) || Number.isFinite(filter.until)) {
      const seal = await sealOf(segment);
      if (seal !== undefined && (seal.to < filter.since || seal.from > filter.until)) continue;
    }
    try {
      yield* searchSegment(log, segment, 0, filter, options);
    } catch (error) {
      // Pruned in the meantime, or unreadable: the rest is searched all the same.
      options.complain(`${segment.path} cannot be read: ${(error as Error).message}`);
    }
  }
}

/** Looks through one segment from a byte on; also says through `reached` how far complete lines went. */
export async function* searchSegment(
  log: StoredLog,
  segment: Segment,
  from: number,
  filter: CompiledFilter,
  options: SearchOptions,
  reached?: (end: number) => void,
): AsyncGenerator<Found, void, undefined> {
  const { needles } = filter;
  let offset = from;
  for (;;) {
    const found: Found[] = [];
    const scanned = await scanLines(
      segment.path,
      (bytes, start, end, at) => {
        const line = bytes.subarray(start, end);
        if (needles !== undefined && !needles.some((needle) => line.includes(needle))) return true;
        const record = parseRecord(line);
        if (record === undefined) options.complain(`${segment.path}: what stands at byte ${at} is no record`);
        else {
          const verdict = filter.judge(record);
          if (verdict !== 'no') found.push({ record, verdict, log, segment, offset: at });
        }
        return found.length < AT_ONCE;
      },
      needles === undefined ? { from: offset } : { from: offset, needles },
    );
    offset = scanned.end;
    reached?.(offset);
    yield* found;
    if (found.length < AT_ONCE) return;
  }
}

/** A line as record; undefined where it is none. What is in it is not believed further than its types are looked at. */
export function parseRecord(line: Buffer): AuditRecord | undefined {
  try {
    const record = JSON.parse(line.toString('utf8')) as AuditRecord | null;
    if (record === null || typeof record !== 'object' || typeof record.time !== 'string') return undefined;
    return Number.isSafeInteger(record.n) && (record.kind === 'exchange' || record.kind === 'event')
      ? record
      : undefined;
  } catch {
    return undefined;
  }
}

/** Finds the exchange of that id, in the newest segments first. */
export async function findExchange(
  logs: readonly StoredLog[],
  filter: CompiledFilter,
  options: SearchOptions,
): Promise<Found | undefined> {
  for (const log of logs)
    for (const segment of (await listSegments(log.directory)).reverse())
      for await (const found of searchSegment(log, segment, 0, filter, options)) return found;
  return undefined;
}
