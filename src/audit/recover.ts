import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { open, rename, truncate } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AuditError } from './errors.ts';
import { readHead } from './head.ts';
import { HASH_BYTES, leafHash } from './merkle.ts';
import { claimedIndex, claimedTime, listSegments, type Segment, scanLines } from './segments.ts';
import { readTile, TILE_WIDTH, tilePath, tileSource, tileWidth } from './tiles.ts';
import { type FullTile, Tree } from './tree.ts';

/** What was found incomplete at the end of a log and set aside: the end of a process in the middle of a write. */
export interface Repair {
  readonly bytes: number;
  /** Names of the files that hold what was cut off, beside the segments. */
  readonly files: readonly string[];
}

/** The segment that is written next. */
export interface OpenSegment {
  readonly first: number;
  readonly path: string;
  /** Bytes of complete records. */
  offset: number;
  /** Earliest and latest time of its records, epoch milliseconds. */
  from: number;
  to: number;
}

export interface Recovered {
  readonly tree: Tree;
  readonly segment: OpenSegment | undefined;
  /** Size of the newest checkpoint; -1 where there was none. */
  readonly signed: number;
  readonly repaired: Repair | undefined;
  /** The tiles did not lead to the signed root, the records did: the tiles were written anew. */
  readonly rebuilt: boolean;
  /** Tiles that became full after the checkpoint. */
  readonly full: FullTile[];
}

const tampered = (directory: string, what: string): AuditError =>
  new AuditError(
    'tampered',
    `the audit log in ${directory} is not the one that was signed: ${what}; mend: keep the directory as evidence and run \`portcullis audit verify\`; then move it away, or set \`audit.onTampered: continue\` to have it set aside`,
  );

/**
 * Takes up a log where it was left: after a proper end, after `kill -9`, after a loss of power. Tiles give the tree at
 * the newest checkpoint, the lines after it are hashed again, an incomplete tail is set aside.
 *
 * @throws AuditError `tampered` where the log is not a continuation of what its checkpoint signed
 */
export async function recover(directory: string): Promise<Recovered> {
  const head = await readHead(directory);
  const segments = await listSegments(directory);
  if (head.source === undefined) {
    if (segments.length > 0 || existsSync(join(directory, 'tile')))
      throw tampered(directory, 'there are records but no checkpoint');
    const full: FullTile[] = [];
    const tree = new Tree((tile) => full.push(tile));
    return { tree, segment: undefined, signed: -1, repaired: undefined, rebuilt: false, full };
  }
  if (head.checkpoint === undefined) throw tampered(directory, head.problem!);
  const { size, root } = head.checkpoint;

  const full: FullTile[] = [];
  let rebuilding = false;
  const tree = new Tree((tile) => {
    if (rebuilding) writeTileNow(directory, tile);
    else full.push(tile);
  });
  const restored = await tree.restore(size, tileSource(directory, size));
  const rebuilt = !restored || !tree.root().equals(root);
  if (rebuilt) {
    rebuilding = true;
    tree.reset();
    await rebuild(directory, tree, size, segments);
    rebuilding = false;
    if (tree.size < size) throw tampered(directory, `records ${tree.size} to ${size - 1} are missing`);
    if (!tree.root().equals(root))
      throw tampered(directory, `neither its tiles nor its records lead to the root signed for ${size} records`);
  }
  const tail = await takeUpTail(directory, tree, size, segments, rebuilt);
  return { tree, signed: size, rebuilt, full, ...tail };
}

function writeTileNow(directory: string, { level, index, bytes }: FullTile): void {
  const file = join(directory, tilePath(level, index));
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, bytes, { mode: 0o600 });
}

/** Grows the tree to `size` from the records, and from tiles where records were pruned. */
async function rebuild(directory: string, tree: Tree, size: number, segments: readonly Segment[]): Promise<void> {
  const available = Math.min(segments[0]?.first ?? size, size);
  for (let index = 0; index * TILE_WIDTH < available; index++) {
    const tile = await readTile(directory, size, 0, index);
    if (tile === undefined) throw tampered(directory, `${tilePath(0, index)} is missing, and its records are too`);
    const width = Math.min(tileWidth(size, 0, index), available - index * TILE_WIDTH);
    for (let i = 0; i < width; i++) tree.append(tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  }
  for (const segment of segments) {
    if (segment.first !== tree.size || tree.size >= size) return;
    await scanLines(segment.path, (bytes, start, end) => {
      tree.append(leafHash(bytes.subarray(start, end)));
      return tree.size < size;
    });
  }
}

/** Reads what follows the checkpoint, and makes sure that what it signed last is still there. */
async function takeUpTail(
  directory: string,
  tree: Tree,
  size: number,
  segments: readonly Segment[],
  rebuilt: boolean,
): Promise<{ segment: OpenSegment | undefined; repaired: Repair | undefined }> {
  let begin = segments.findLastIndex((segment) => segment.first <= size);
  // The one that holds the last signed record, not an empty one that was just begun.
  if (begin > 0 && segments[begin]!.first === size) begin--;
  if (begin === -1) {
    if (size > 0) throw tampered(directory, `records 0 to ${size - 1} are missing`);
    begin = 0;
  }
  const known = rebuilt ? undefined : await readTile(directory, size, 0, Math.floor(size / TILE_WIDTH));
  const knownFrom = size - (size % TILE_WIDTH);
  const torn: string[] = [];
  let bytes = 0;
  let open: OpenSegment | undefined;
  let position = segments[begin]?.first ?? 0;
  let broken = false;

  for (const segment of segments.slice(begin)) {
    if (broken || segment.first !== position) {
      if (position < size)
        throw tampered(directory, `records ${position} to ${Math.min(segment.first, size) - 1} are missing`);
      broken = true;
      bytes += await setAside(segment.path, 0, torn);
      continue;
    }
    const seen: OpenSegment = {
      first: segment.first,
      path: segment.path,
      offset: 0,
      from: Number.POSITIVE_INFINITY,
      to: 0,
    };
    const scanned = await scanLines(segment.path, (buffer, start, end, offset) => {
      if (position >= size) {
        if (claimedIndex(buffer, start, end) !== position) {
          broken = true;
          return false;
        }
        tree.append(leafHash(buffer.subarray(start, end)));
      } else if (known !== undefined && position >= knownFrom) {
        const leaf = known.subarray((position - knownFrom) * HASH_BYTES, (position - knownFrom + 1) * HASH_BYTES);
        if (!leafHash(buffer.subarray(start, end)).equals(leaf))
          throw tampered(directory, `record ${position} in ${segment.name} was changed`);
      }
      const time = claimedTime(buffer, start, end);
      if (time < seen.from) seen.from = time;
      if (time > seen.to) seen.to = time;
      seen.offset = offset + (end - start) + 1;
      position++;
      return true;
    });
    if (scanned.rest > 0) broken = true;
    if (broken) {
      if (position < size) throw tampered(directory, `records ${position} to ${size - 1} are missing`);
      bytes += await setAside(segment.path, seen.offset, torn);
    }
    open = seen;
  }
  if (position < size) throw tampered(directory, `records ${position} to ${size - 1} are missing (the log was cut)`);
  return { segment: open, repaired: torn.length > 0 ? { bytes, files: torn } : undefined };
}

/** Moves what stands at `offset` and after into a file of its own; nothing is thrown away. @returns how many bytes */
async function setAside(path: string, offset: number, names: string[]): Promise<number> {
  const aside = `${path}.torn-${offset}-${Date.now()}`;
  if (offset === 0) {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    await file.close();
    await rename(path, aside);
    names.push(basename(aside));
    return size;
  }
  const from = await open(path, 'r');
  const to = await open(aside, 'wx', 0o600);
  let moved = 0;
  try {
    const buffer = Buffer.allocUnsafe(1_048_576);
    for (;;) {
      const { bytesRead } = await from.read(buffer, 0, buffer.length, offset + moved);
      if (bytesRead === 0) break;
      await to.writeFile(buffer.subarray(0, bytesRead));
      moved += bytesRead;
    }
    await to.sync();
  } finally {
    await from.close();
    await to.close();
  }
  await truncate(path, offset);
  names.push(basename(aside));
  return moved;
}
