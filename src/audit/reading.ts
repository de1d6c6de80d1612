import { HASH_BYTES, leafHashIn } from './merkle.ts';
import type { AuditRecord } from './record.ts';
import { claimedIndex, type Segment, scanLines } from './segments.ts';
import { readTile, TILE_LEVELS, TILE_WIDTH, tileSource } from './tiles.ts';
import { type FullTile, Tree } from './tree.ts';

/** Tiles kept that differ from those on disk: 32 MiB. */
const KEPT = 4096;

/** What a log's records are, taken as they stand, with no regard to what they should be. */
export interface Reading {
  /** Index after the last line, counting those that were pruned. */
  lines: number;
  /** Roots of the tree over the lines at the sizes asked for. */
  readonly roots: Map<number, Buffer>;
  /** Unfinished tiles at the signed size, by level; empty where the lines do not reach it. */
  edge: Buffer[];
  /** Tiles of the lines that are not those on disk, by `level/index`; `undefined` bytes on disk are missing tiles. */
  readonly differing: Map<string, { readonly tile: FullTile; readonly missing: boolean }>;
  /** First record that the newest record of pruning leaves. */
  prunedBefore: number;
  /** Largest size that a record says was signed before it. */
  signedBefore: number;
  /** Lines after the signed size that do not carry their number. */
  readonly misnumbered: { readonly segment: string; readonly line: number; readonly index: number }[];
  /** The last record is that of a proper end. */
  closed: boolean;
  /** Segments that do not begin with the record they are named after. */
  readonly misnamed: { readonly segment: string; readonly index: number }[];
  /** Bytes after the last line end, by segment. */
  readonly rests: Map<string, number>;
}

/**
 * Hashes every line of a log into a tree of its own, and compares the tiles that come out with those on disk.
 * @param signed size of the checkpoint
 * @param sizes further sizes at which the root is wanted
 */
export async function readLog(
  directory: string,
  segments: readonly Segment[],
  signed: number,
  sizes: readonly number[],
): Promise<Reading> {
  const full: FullTile[] = [];
  const tree = new Tree((tile) => full.push(tile));
  const reading: Reading = {
    lines: 0,
    roots: new Map(),
    edge: [],
    differing: new Map(),
    prunedBefore: 0,
    signedBefore: 0,
    misnumbered: [],
    closed: false,
    misnamed: [],
    rests: new Map(),
  };
  const wanted = new Set([signed, ...sizes]);
  const note = () => {
    if (!wanted.has(tree.size)) return;
    reading.roots.set(tree.size, tree.root());
    if (tree.size === signed) reading.edge = edgeOf(tree);
  };
  const compare = async () => {
    for (const tile of full.splice(0)) {
      const covered = (tile.index + 1) * TILE_WIDTH ** (tile.level + 1);
      const there = await readTile(directory, covered, tile.level, tile.index);
      if (there?.equals(tile.bytes)) continue;
      // A tile after the checkpoint may not have been written yet.
      if (there === undefined && covered > signed) continue;
      if (reading.differing.size < KEPT)
        reading.differing.set(`${tile.level}/${tile.index}`, { tile, missing: there === undefined });
    }
  };
  note();

  const first = segments[0]?.first ?? 0;
  const tiles = tileSource(directory, Math.max(signed, first));
  const blank = Buffer.alloc(HASH_BYTES);
  // What was pruned is known by its hashes alone.
  for (let index = 0; index * TILE_WIDTH < first; index++) {
    const tile = await tiles(0, index);
    const width = Math.min(TILE_WIDTH, first - index * TILE_WIDTH);
    for (let i = 0; i < width; i++) {
      tree.append(tile?.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES) ?? blank);
      note();
    }
    await compare();
  }
  for (const segment of segments) {
    let line = 0;
    if (segment.first !== tree.size) reading.misnamed.push({ segment: segment.name, index: tree.size });
    const scanned = await scanLines(segment.path, (bytes, start, end) => {
      line++;
      const head = bytes.toString('latin1', start, Math.min(end, start + 160));
      reading.closed = head.includes('"event":"audit/closed"');
      if (head.includes('"event":"audit/pruned"') || head.includes('"event":"audit/opened"'))
        takeClaims(bytes.toString('utf8', start, end), reading);
      if (tree.size >= signed && claimedIndex(bytes, start, end) !== tree.size && reading.misnumbered.length < 1000)
        reading.misnumbered.push({ segment: segment.name, line, index: tree.size });
      tree.append(leafHashIn(bytes, start, end));
      note();
      return true;
    });
    if (scanned.rest > 0) reading.rests.set(segment.name, scanned.rest);
    await compare();
  }
  reading.lines = tree.size;
  return reading;
}

function edgeOf(tree: Tree): Buffer[] {
  const edge: Buffer[] = Array.from({ length: TILE_LEVELS }, () => Buffer.alloc(0));
  for (const partial of tree.partials()) edge[partial.level] = partial.bytes;
  return edge;
}

function takeClaims(line: string, reading: Reading): void {
  try {
    const { event, evidence } = JSON.parse(line) as AuditRecord;
    const number = (name: string) => (Number.isSafeInteger(evidence?.[name]) ? (evidence?.[name] as number) : 0);
    if (event === 'audit/pruned') reading.prunedBefore = Math.max(reading.prunedBefore, number('before'));
    if (event === 'audit/opened') reading.signedBefore = Math.max(reading.signedBefore, number('signed'));
  } catch {
    // Not a record: found as such by its hash.
  }
}
