import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findDifferences } from './differences.ts';
import { Findings, type VerifyFinding } from './findings.ts';
import { type Head, readHead } from './head.ts';
import { compareKept, type KeptCheckpoint } from './kept.ts';
import { HASH_BYTES } from './merkle.ts';
import { parseCheckpoint, parseNote } from './note.ts';
import { type Reading, readLog } from './reading.ts';
import { listSegments, type Segment } from './segments.ts';
import { SignedTiles } from './signed-tiles.ts';
import { partialWidths, readTile, TILE_WIDTH, tilePath } from './tiles.ts';

/** What `verify` says of one log. */
export interface LogReport {
  /** Slot. */
  readonly log: string;
  readonly origin: string;
  /** Records that the newest checkpoint signs; 0 where none can be believed. */
  readonly signed: number;
  /** Records found. */
  readonly records: number;
  /** Records deleted by retention, as the log itself says. */
  readonly pruned: number;
  /** Records after the newest checkpoint: written and numbered, not signed yet. */
  readonly unsigned: number;
  readonly findings: readonly VerifyFinding[];
  /** Worth knowing, but no sign of tampering. */
  readonly notes: readonly string[];
}

/**
 * Checks one log against its own checkpoint, and against those its owner kept. Every record is hashed; nothing is
 * changed. Works while the log is being written.
 */
export async function verifyLog(directory: string, log: string, kept: readonly KeptCheckpoint[]): Promise<LogReport> {
  const findings = new Findings();
  const notes: string[] = [];
  const head = await readHead(directory);
  const reference = await referenceOf(directory, head);
  const { size, root } = reference;
  if (head.checkpoint === undefined) findings.add('checkpoint', head.problem ?? 'there is no checkpoint');
  const tiled = await tiledRecords(directory, size);
  const segments = await listSegments(directory);
  const reading = await readLog(
    directory,
    segments,
    size,
    kept.map(({ checkpoint }) => checkpoint.size),
  );

  const first = segments[0]?.first ?? 0;
  const pruned = first > 0 && reading.prunedBefore >= first ? first : 0;
  if (first > 0 && pruned === 0)
    findings.add(
      'removed',
      `records 0 to ${first - 1} are missing: their segments were deleted, and no record of pruning says so`,
      { index: 0, last: first - 1 },
    );

  const intact = root !== undefined && reading.roots.get(size)?.equals(root) === true;
  if (intact) {
    await checkTiles(directory, size, reading, findings);
    for (const { segment, line, index } of reading.misnumbered)
      findings.add('changed', `${segment} line ${line}: not signed yet, and it is not record ${index}`, {
        segment,
        line,
        index,
      });
    for (const { segment, index } of reading.misnamed)
      findings.add('changed', `${segment} begins with record ${index}: it was renamed`, { segment, index });
  } else {
    const tiles = await SignedTiles.open(directory, size, root, reading);
    await findDifferences(segments, size, tiles, findings);
    for (const path of tiles.damaged) findings.add('tile', `${path} is missing or was edited`);
    if (root !== undefined && !tiles.anchored)
      findings.add(
        'checkpoint',
        'neither the records nor the tiles lead to the signed root: both were changed, so what is named here is only what the tiles still tell',
      );
  }
  checkLength(size, tiled, reading, intact, findings);
  for (const checkpoint of kept) await compareKept(directory, checkpoint, head, reading, findings);
  await lookAround(directory, segments, reading, findings, notes);
  const unsigned = Math.max(0, reading.lines - size);
  if (unsigned > 0) notes.push(`${unsigned} records after the checkpoint are not signed yet`);
  notes.push(...findings.omitted());
  return {
    log,
    origin: head.verifier?.name ?? '',
    signed: root === undefined ? 0 : size,
    records: reading.lines - first,
    pruned,
    unsigned,
    findings: findings.list,
    notes,
  };
}

/** What the records are measured by: the checkpoint; without one, what the tiles hold, or what it claims. */
async function referenceOf(
  directory: string,
  { checkpoint, source }: Head,
): Promise<{ size: number; root: Buffer | undefined }> {
  if (checkpoint !== undefined) return checkpoint;
  const note = source === undefined ? undefined : parseNote(source);
  const claimed = note === undefined ? undefined : parseCheckpoint(note.text);
  // What the tiles hold is harder to change unnoticed than one number.
  return { size: (await tiledRecords(directory, 0)) || (claimed?.size ?? 0), root: undefined };
}

/** How many records the tiles of the lowest level know, beyond `size`. */
async function tiledRecords(directory: string, size: number): Promise<number> {
  let index = Math.floor(size / TILE_WIDTH);
  const there = async () =>
    stat(join(directory, tilePath(0, index))).then(
      () => true,
      () => false,
    );
  while (await there()) index++;
  return index * TILE_WIDTH + ((await partialWidths(directory, 0, index)).at(-1) ?? 0);
}

/** The records lead to the signed root: a tile that is not the one they make was edited. */
async function checkTiles(directory: string, size: number, reading: Reading, findings: Findings): Promise<void> {
  for (const { tile, missing } of reading.differing.values()) {
    const path = tilePath(tile.level, tile.index);
    const first = tile.index * TILE_WIDTH ** (tile.level + 1);
    if ((tile.index + 1) * TILE_WIDTH ** (tile.level + 1) <= size)
      findings.add('tile', `${path} ${missing ? 'is missing' : 'was edited'}; the records are intact`);
    else if (tile.level === 0)
      findings.add(
        'changed',
        `records from ${Math.max(first, size)} on are not signed yet, and are not those that ${path} knows`,
        {
          index: Math.max(first, size),
        },
      );
  }
  for (const [level, expected] of reading.edge.entries()) {
    if (expected.length === 0) continue;
    const index = Math.floor(size / TILE_WIDTH ** (level + 1));
    const there = await readTile(directory, size, level, index);
    if (!there?.equals(expected))
      findings.add(
        'tile',
        `${tilePath(level, index, expected.length / HASH_BYTES)} ${there === undefined ? 'is missing' : 'was edited'}; the records are intact`,
      );
  }
}

/** Finds a log that was once longer than it says. */
function checkLength(size: number, tiled: number, reading: Reading, intact: boolean, findings: Findings): void {
  if (tiled > size && tiled > reading.lines)
    findings.add(
      'rolled-back',
      `the tiles know ${tiled} records, the log has ${reading.lines} and its checkpoint signs ${size}: it was cut, and an older checkpoint put back`,
    );
  if (reading.signedBefore > size)
    findings.add(
      'rolled-back',
      `a record says that ${reading.signedBefore} records had been signed, the checkpoint signs ${size}: an older checkpoint was put back`,
    );
  else if (intact && reading.closed && reading.lines > size)
    findings.add(
      'rolled-back',
      `the log was closed in order, which signs all of it, but its checkpoint signs only ${size} of ${reading.lines} records: an older checkpoint was put back`,
    );
}

/** Names what lies beside the segments. */
async function lookAround(
  directory: string,
  segments: readonly Segment[],
  reading: Reading,
  findings: Findings,
  notes: string[],
): Promise<void> {
  const newest = segments.at(-1)?.name;
  for (const [segment, rest] of reading.rests)
    if (segment === newest)
      notes.push(
        `${segment} ends in an incomplete line of ${rest} bytes: being written, or torn by the end of a process`,
      );
    else findings.add('inserted', `${segment} ends in ${rest} bytes that are no record`, { segment });
  const known = new Set(segments.map(({ name }) => name));
  for (const name of await readdir(join(directory, 'segments')).catch(() => []))
    if (name.includes('.torn-'))
      notes.push(`segments/${name} holds what a torn write left; it never was part of the log`);
    else if (!known.has(name)) notes.push(`segments/${name} is not a segment`);
}
