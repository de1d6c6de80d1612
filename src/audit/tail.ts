import { open } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { CompiledFilter } from './filter.ts';
import type { StoredLog } from './logs.ts';
import { type Found, type SearchOptions, searchSegment } from './search.ts';
import { listSegments, type Segment } from './segments.ts';

const WINDOW = 65_536;

/** Where reading of a log has come to. */
interface Position {
  segment: Segment | undefined;
  offset: number;
}

export interface TailOptions extends SearchOptions {
  /** Records shown of what is there already, over all logs. */
  readonly last: number;
  readonly follow: boolean;
  /** Ends following. */
  readonly signal: AbortSignal;
  /** Milliseconds between two looks. */
  readonly every?: number;
}

/**
 * The last records, and then those that come: over all logs, across the change of segments, and with logs that begin
 * later.
 */
export async function* tail(
  listed: () => readonly StoredLog[],
  filter: CompiledFilter,
  options: TailOptions,
): AsyncGenerator<Found, void, undefined> {
  const positions = new Map<string, Position>();
  const begun: Found[] = [];
  for (const log of listed()) {
    const position: Position = { segment: undefined, offset: 0 };
    positions.set(log.directory, position);
    begun.push(...(await lastOf(log, filter, options, position)));
  }
  begun.sort((a, b) => (a.record.time < b.record.time ? -1 : a.record.time > b.record.time ? 1 : 0));
  yield* options.last === 0 ? [] : begun.slice(-options.last);
  while (options.follow && !options.signal.aborted) {
    await wait(options.every ?? 250, undefined, { signal: options.signal }).catch(() => {});
    for (const log of listed()) {
      let position = positions.get(log.directory);
      if (position === undefined) positions.set(log.directory, (position = { segment: undefined, offset: 0 }));
      yield* news(log, filter, options, position);
    }
  }
}

/** What has come since, through to the newest segment. */
async function* news(
  log: StoredLog,
  filter: CompiledFilter,
  options: TailOptions,
  position: Position,
): AsyncGenerator<Found, void, undefined> {
  const segments = await listSegments(log.directory);
  const at = segments.findIndex((segment) => segment.first === position.segment?.first);
  for (const segment of at === -1 ? segments : segments.slice(at)) {
    if (segment.first !== position.segment?.first) {
      position.segment = segment;
      position.offset = 0;
    }
    try {
      yield* searchSegment(log, segment, position.offset, filter, options, (end) => {
        position.offset = end;
      });
    } catch (error) {
      options.complain(`${segment.path} cannot be read: ${(error as Error).message}`);
    }
  }
}

/** The last matching records of a log, read from its end in growing steps. */
async function lastOf(
  log: StoredLog,
  filter: CompiledFilter,
  options: TailOptions,
  position: Position,
): Promise<Found[]> {
  const segments = await listSegments(log.directory);
  position.segment = segments.at(-1);
  let found: Found[] = [];
  for (const segment of segments.reverse()) {
    const size = await sizeOf(segment.path);
    for (let window = WINDOW; ; window *= 4) {
      const from = await lineStart(segment.path, Math.max(0, size - window));
      const here: Found[] = [];
      const reached = (end: number) => {
        if (segment === position.segment) position.offset = end;
      };
      for await (const one of searchSegment(log, segment, from, filter, { complain: () => {} }, reached)) {
        here.push(one);
        if (here.length > options.last * 2 + AT_LEAST) here.splice(0, here.length - options.last);
      }
      if (here.length + found.length >= options.last || window >= size) {
        found = here.concat(found);
        break;
      }
    }
    if (found.length >= options.last) break;
  }
  return options.last === 0 ? [] : found.slice(-options.last);
}

const AT_LEAST = 64;

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** The beginning of the first whole line after a byte. */
async function lineStart(path: string, offset: number): Promise<number> {
  if (offset === 0) return 0;
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(WINDOW);
    for (let at = offset - 1; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return at;
      const end = buffer.subarray(0, bytesRead).indexOf(10);
      if (end !== -1) return at + end + 1;
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}
