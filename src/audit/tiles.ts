import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY_ROOT, HASH_BYTES, nodeHash, perfectRoot } from './merkle.ts';

/**
 * Hash tiles (C2SP tlog-tiles): 256 hashes wide, level L tile N holds the roots of the subtrees of 256^L leaves.
 * Entry bundles are not kept: the segments hold the records, one line a leaf.
 */

export const TILE_WIDTH = 256;
/** 256^6 leaves pass every safe integer that matters. */
export const TILE_LEVELS = 7;

/** `x001/x234/067` for 1234067. */
function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, '0');
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  return path;
}

/** Path of a tile under the log's directory; `width` below 256 is a partial tile. */
export const tilePath = (level: number, index: number, width: number = TILE_WIDTH): string =>
  `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;

/** Hashes at `level` in a tree of that size. */
export const levelWidth = (size: number, level: number): number => Math.floor(size / TILE_WIDTH ** level);

/** Width of tile `index` at `level` in a tree of that size; 0 where there is none. */
export const tileWidth = (size: number, level: number, index: number): number =>
  Math.max(0, Math.min(TILE_WIDTH, levelWidth(size, level) - index * TILE_WIDTH));

/** Gives a tile of at least its width in the tree; undefined where it is missing or damaged in form. */
export type TileSource = (level: number, index: number) => Promise<Buffer | undefined>;

async function readExact(file: string, least: number): Promise<Buffer | undefined> {
  try {
    const bytes = await readFile(file);
    return bytes.length >= least && bytes.length % HASH_BYTES === 0 && bytes.length <= TILE_WIDTH * HASH_BYTES
      ? bytes
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads the tile as a tree of `size` has it. A log that is being written replaces partial tiles by wider ones, which
 * begin with the same hashes: they are taken too.
 */
export async function readTile(
  directory: string,
  size: number,
  level: number,
  index: number,
): Promise<Buffer | undefined> {
  const width = tileWidth(size, level, index);
  if (width === 0) return undefined;
  const least = width * HASH_BYTES;
  if (width === TILE_WIDTH) return readExact(join(directory, tilePath(level, index)), least);
  // A writer may take a tile away between our look and our reading it; what replaced it is there on the next try.
  for (let attempt = 0; attempt < 3; attempt++) {
    const widths = await partialWidths(directory, level, index);
    for (const candidate of [width, TILE_WIDTH, ...widths.filter((wider) => wider > width)]) {
      const bytes = await readExact(join(directory, tilePath(level, index, candidate)), candidate * HASH_BYTES);
      if (bytes !== undefined) return bytes.subarray(0, least);
    }
  }
  return undefined;
}

/** Widths of the partial tiles on disk, ascending. */
export async function partialWidths(directory: string, level: number, index: number): Promise<number[]> {
  try {
    const names = await readdir(join(directory, `${tilePath(level, index)}.p`));
    return names
      .filter((name) => /^[1-9]\d{0,2}$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
}

/** Tiles of a tree of `size`, the last few kept. */
export function tileSource(directory: string, size: number): TileSource {
  const cache = new Map<string, Promise<Buffer | undefined>>();
  return (level, index) => {
    const key = `${level}/${index}`;
    let tile = cache.get(key);
    if (tile === undefined) {
      tile = readTile(directory, size, level, index);
      if (cache.size >= 64) cache.delete(cache.keys().next().value as string);
      cache.set(key, tile);
    }
    return tile;
  };
}

/** A tile that a hash depends on is missing. */
export class MissingTile extends Error {}

/** Largest power of two below `n` (n > 1). */
function split(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}

/**
 * Merkle tree hash of the leaves from `start` to `end` (RFC 9162, section 2.1.1), from tiles.
 * @throws MissingTile
 */
export async function rangeHash(tiles: TileSource, start: number, end: number): Promise<Buffer> {
  const width = end - start;
  if (width === 0) return EMPTY_ROOT;
  let height = 0;
  let span = 1;
  while (span < width) {
    span *= 2;
    height++;
  }
  if (span === width && start % width === 0) {
    const level = Math.floor(height / 8);
    const count = 2 ** (height % 8);
    const first = start / TILE_WIDTH ** level;
    const tile = await tiles(level, Math.floor(first / TILE_WIDTH));
    const offset = first % TILE_WIDTH;
    if (tile === undefined || tile.length < (offset + count) * HASH_BYTES)
      throw new MissingTile(tilePath(level, Math.floor(first / TILE_WIDTH)));
    return perfectRoot(tile, offset, count);
  }
  const k = split(width);
  return nodeHash(await rangeHash(tiles, start, start + k), await rangeHash(tiles, start + k, end));
}

/** Inclusion proof for the leaf at `index` in a tree of `size` (RFC 9162, section 2.1.3.1). @throws MissingTile */
export async function inclusionProof(tiles: TileSource, index: number, size: number): Promise<Buffer[]> {
  const proof: Buffer[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      proof.push(await rangeHash(tiles, middle, end));
      end = middle;
    } else {
      proof.push(await rangeHash(tiles, start, middle));
      start = middle;
    }
  }
  return proof.reverse();
}

/** Consistency proof between trees of `size1` and `size2` (RFC 9162, section 2.1.4.1). @throws MissingTile */
export async function consistencyProof(tiles: TileSource, size1: number, size2: number): Promise<Buffer[]> {
  const proof: Buffer[] = [];
  let start = 0;
  let end = size2;
  // Whether what is left is still a subtree that the first tree had as a whole.
  let complete = true;
  while (size1 !== end) {
    const middle = start + split(end - start);
    if (size1 <= middle) {
      proof.push(await rangeHash(tiles, middle, end));
      end = middle;
    } else {
      proof.push(await rangeHash(tiles, start, middle));
      start = middle;
      complete = false;
    }
  }
  if (!complete) proof.push(await rangeHash(tiles, start, end));
  return proof.reverse();
}
