import { open, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDuration } from '../shared/duration.ts';
import type { AuditRecord } from './record.ts';
import { lastLine, listSegments, type Segment } from './segments.ts';
import type { AuditSettings } from './settings.ts';
import { partialWidths, TILE_WIDTH, tilePath } from './tiles.ts';

/** Segments deleted at one time: a clock that jumps must not empty the log at one stroke. */
const AT_ONCE = 16;

/** What a completed segment says of itself in its last record. */
export interface Seal {
  readonly records: number;
  /** Epoch milliseconds of its earliest and latest record. */
  readonly from: number;
  readonly to: number;
}

/** Reads the seal of a segment; undefined for the one being written, or where it was damaged. */
export async function sealOf(segment: Segment): Promise<Seal | undefined> {
  try {
    const line = await lastLine(segment.path);
    if (line === undefined || !line.includes('"event":"audit/sealed"')) return undefined;
    const { evidence } = JSON.parse(line) as AuditRecord;
    if (evidence?.['first'] !== segment.first) return undefined;
    const seal = {
      records: Number(evidence['records']),
      from: Date.parse(String(evidence['from'])),
      to: Date.parse(String(evidence['to'])),
    };
    return Number.isFinite(seal.from) && Number.isFinite(seal.to) && Number.isSafeInteger(seal.records)
      ? seal
      : undefined;
  } catch {
    return undefined;
  }
}

/** Segments to delete, and what the record of it says. */
export interface Prunable {
  readonly segments: readonly Segment[];
  /** Index of the first record that stays. */
  readonly before: number;
  readonly reason: string;
}

/**
 * Finds the oldest segments that are past their time or over the bound. The newest segment always stays, so does
 * everything after the first one that must stay.
 */
export async function findPrunable(
  directory: string,
  settings: Pick<AuditSettings, 'keep' | 'keepBytes'>,
  now: number,
): Promise<Prunable | undefined> {
  if (settings.keep === 0 && settings.keepBytes === 0) return undefined;
  const segments = await listSegments(directory);
  const sizes = await Promise.all(segments.map(async (segment) => (await stat(segment.path)).size));
  let total = sizes.reduce((sum, size) => sum + size, 0);
  let count = 0;
  const reasons = new Set<string>();
  while (count < segments.length - 1 && count < AT_ONCE) {
    const segment = segments[count]!;
    const seal = await sealOf(segment);
    const newest = seal?.to ?? (await stat(segment.path)).mtimeMs;
    if (settings.keep > 0 && newest < now - settings.keep) reasons.add(`older than ${formatDuration(settings.keep)}`);
    else if (settings.keepBytes > 0 && total > settings.keepBytes) reasons.add(`more than ${settings.keepBytes} bytes`);
    else break;
    total -= sizes[count]!;
    count++;
  }
  if (count === 0) return undefined;
  return { segments: segments.slice(0, count), before: segments[count]!.first, reason: [...reasons].join(', ') };
}

/** Deletes segments whose pruning has been recorded and signed; first makes the tiles that stand for them last. */
export async function prune(directory: string, prunable: Prunable): Promise<void> {
  const first = Math.floor(prunable.segments[0]!.first / TILE_WIDTH);
  const last = Math.floor((prunable.before - 1) / TILE_WIDTH);
  for (let index = first; index <= last; index++) {
    // The last one may still be a partial tile.
    const width = (await partialWidths(directory, 0, index)).at(-1) ?? TILE_WIDTH;
    const file = await open(join(directory, tilePath(0, index)), 'r').catch(() =>
      open(join(directory, tilePath(0, index, width)), 'r'),
    );
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  for (const segment of prunable.segments) await unlink(segment.path);
}
