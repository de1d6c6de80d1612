import { HASH_BYTES, perfectRoot } from './merkle.ts';
import type { Reading } from './reading.ts';
import { levelWidth, readTile, TILE_LEVELS, TILE_WIDTH, tilePath, tileSource, tileWidth } from './tiles.ts';
import { foldEdge } from './tree.ts';

/** Hashes of 256 subtrees (fewer at the end), and whether the signed root vouches for them. */
export interface JudgedTile {
  readonly bytes: Buffer | undefined;
  readonly signed: boolean;
}

/**
 * Tiles judged from the signed root downwards: a tile is believed when its root stands in a tile above it that is
 * believed. Where the one on disk is not, the one that the lines make is tried, and the one that the tiles below make.
 */
export class SignedTiles {
  readonly #tiles: ReturnType<typeof tileSource>;
  readonly #size: number;
  readonly #reading: Reading;
  readonly #cache = new Map<string, Promise<JudgedTile>>();
  /** Unfinished tiles by level, where together they make the signed root. */
  readonly #edge: readonly Buffer[] | undefined;
  /** Tiles on disk that are not what the signed root says, by path. */
  readonly damaged: Set<string>;

  private constructor(
    directory: string,
    size: number,
    reading: Reading,
    edge: readonly Buffer[] | undefined,
    damaged: Set<string>,
  ) {
    this.#tiles = tileSource(directory, size);
    this.#size = size;
    this.#reading = reading;
    this.#edge = edge;
    this.damaged = damaged;
  }

  /** Whether the signed root leads anywhere. */
  get anchored(): boolean {
    return this.#edge !== undefined;
  }

  static async open(directory: string, size: number, root: Buffer | undefined, reading: Reading): Promise<SignedTiles> {
    const damaged = new Set<string>();
    const edge = root === undefined ? undefined : await findEdge(directory, size, root, reading, damaged);
    return new SignedTiles(directory, size, reading, edge, damaged);
  }

  /** The hashes of tile `index` of the lowest level. */
  leaves(index: number): Promise<JudgedTile> {
    return this.#tile(0, index);
  }

  #tile(level: number, index: number): Promise<JudgedTile> {
    const key = `${level}/${index}`;
    let tile = this.#cache.get(key);
    if (tile === undefined) {
      tile = this.#judge(level, index);
      if (this.#cache.size >= 64) this.#cache.delete(this.#cache.keys().next().value as string);
      this.#cache.set(key, tile);
    }
    return tile;
  }

  async #judge(level: number, index: number): Promise<JudgedTile> {
    const there = await this.#tiles(level, index);
    if (tileWidth(this.#size, level, index) < TILE_WIDTH) {
      const edge = this.#edge?.[level];
      return edge === undefined ? { bytes: there, signed: false } : { bytes: edge, signed: true };
    }
    const above = await this.#tile(level + 1, Math.floor(index / TILE_WIDTH));
    if (!above.signed || above.bytes === undefined) return { bytes: there, signed: false };
    const entry = (index % TILE_WIDTH) * HASH_BYTES;
    const root = above.bytes.subarray(entry, entry + HASH_BYTES);
    const right = (bytes: Buffer | undefined) =>
      bytes?.length === TILE_WIDTH * HASH_BYTES && perfectRoot(bytes, 0, TILE_WIDTH).equals(root);
    if (right(there)) return { bytes: there, signed: true };
    this.damaged.add(tilePath(level, index));
    const lines = this.#reading.differing.get(`${level}/${index}`)?.tile.bytes;
    if (right(lines)) return { bytes: lines, signed: true };
    const below = level === 0 ? undefined : await this.#fromBelow(level, index);
    if (right(below)) return { bytes: below, signed: true };
    return { bytes: there, signed: false };
  }

  /** A tile made again from the 256 tiles below it. */
  async #fromBelow(level: number, index: number): Promise<Buffer | undefined> {
    const bytes = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
    for (let i = 0; i < TILE_WIDTH; i++) {
      const below = await this.#tiles(level - 1, index * TILE_WIDTH + i);
      if (below?.length !== TILE_WIDTH * HASH_BYTES) return undefined;
      bytes.set(perfectRoot(below, 0, TILE_WIDTH), i * HASH_BYTES);
    }
    return bytes;
  }
}

/** Finds unfinished tiles that make the signed root, of each level the one on disk or the one the lines make. */
async function findEdge(
  directory: string,
  size: number,
  root: Buffer,
  reading: Reading,
  damaged: Set<string>,
): Promise<Buffer[] | undefined> {
  const levels: { level: number; choices: Buffer[] }[] = [];
  const edge: Buffer[] = Array.from({ length: TILE_LEVELS }, () => Buffer.alloc(0));
  for (let level = 0; level < TILE_LEVELS; level++) {
    const width = levelWidth(size, level) % TILE_WIDTH;
    if (width === 0) continue;
    const there = await readTile(directory, size, level, Math.floor(levelWidth(size, level) / TILE_WIDTH));
    const lines = reading.edge[level];
    const choices: Buffer[] = [];
    if (there !== undefined) choices.push(there);
    if (lines?.length === width * HASH_BYTES && !(there?.equals(lines) ?? false)) choices.push(lines);
    if (choices.length === 0) return undefined;
    levels.push({ level, choices });
  }
  // At most two choices a level and seven levels.
  for (let mask = 0; mask < 2 ** levels.length; mask++) {
    if (levels.some(({ choices }, i) => (mask & (1 << i)) !== 0 && choices.length < 2)) continue;
    for (const [i, { level, choices }] of levels.entries()) edge[level] = choices[(mask & (1 << i)) === 0 ? 0 : 1]!;
    if (!foldEdge(edge).equals(root)) continue;
    for (const { level } of levels) {
      const index = Math.floor(levelWidth(size, level) / TILE_WIDTH);
      const there = await readTile(directory, size, level, index);
      if (there === undefined || !there.equals(edge[level]!))
        damaged.add(tilePath(level, index, edge[level]!.length / HASH_BYTES));
    }
    return edge;
  }
  return undefined;
}
