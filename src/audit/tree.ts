import { EMPTY_ROOT, HASH_BYTES, nodeHash, perfectRoot } from './merkle.ts';
import { levelWidth, TILE_LEVELS, TILE_WIDTH, type TileSource } from './tiles.ts';

/** A tile that is complete and must be written. */
export interface FullTile {
  readonly level: number;
  readonly index: number;
  readonly bytes: Buffer;
}

/** Root of a tree from its unfinished tiles, the lowest level first (a level without one is empty). */
export function foldEdge(edge: readonly Uint8Array[]): Buffer {
  let root: Buffer | undefined;
  for (const bytes of edge) {
    let end = bytes.length / HASH_BYTES;
    while (end > 0) {
      const width = end & -end;
      const subtree = perfectRoot(bytes, end - width, width);
      root = root === undefined ? subtree : nodeHash(subtree, root);
      end -= width;
    }
  }
  return root ?? EMPTY_ROOT;
}

/** One row of tiles: the one that is being filled. */
interface Row {
  index: number;
  count: number;
  readonly bytes: Buffer;
}

/**
 * The growing tree: of each level only the unfinished tile is in memory (the frontier), full tiles are handed out.
 * Appending costs one hash of an inner node a leaf, on average.
 */
export class Tree {
  size = 0;
  readonly #rows: Row[] = [];
  readonly #full: (tile: FullTile) => void;

  constructor(full: (tile: FullTile) => void) {
    this.#full = full;
    for (let level = 0; level < TILE_LEVELS; level++)
      this.#rows.push({ index: 0, count: 0, bytes: Buffer.alloc(TILE_WIDTH * HASH_BYTES) });
  }

  /** @param leaf hash of the next leaf, as 32 characters of latin1 or as bytes */
  append(leaf: string | Uint8Array): void {
    const row = this.#rows[0]!;
    if (typeof leaf === 'string') row.bytes.write(leaf, row.count * HASH_BYTES, 'latin1');
    else row.bytes.set(leaf, row.count * HASH_BYTES);
    this.size++;
    if (++row.count === TILE_WIDTH) this.#complete(0);
  }

  #complete(level: number): void {
    const row = this.#rows[level]!;
    const root = perfectRoot(row.bytes, 0, TILE_WIDTH);
    this.#full({ level, index: row.index, bytes: Buffer.from(row.bytes) });
    row.index++;
    row.count = 0;
    const above = this.#rows[level + 1];
    if (above === undefined) throw new RangeError('the tree is full');
    above.bytes.set(root, above.count * HASH_BYTES);
    if (++above.count === TILE_WIDTH) this.#complete(level + 1);
  }

  /** Root of the tree as it is: the perfect subtrees of the frontier, folded from the right. */
  root(): Buffer {
    return foldEdge(this.#rows.map((row) => row.bytes.subarray(0, row.count * HASH_BYTES)));
  }

  /** Copies of the unfinished tiles. */
  partials(): { level: number; index: number; width: number; bytes: Buffer }[] {
    return this.#rows
      .map((row, level) => ({
        level,
        index: row.index,
        width: row.count,
        bytes: Buffer.from(row.bytes.subarray(0, row.count * HASH_BYTES)),
      }))
      .filter((tile) => tile.width > 0);
  }

  /**
   * Takes up a tree of `size` from its tiles: reads one tile a level.
   * @returns whether all were there; if not, the tree is empty
   */
  async restore(size: number, tiles: TileSource): Promise<boolean> {
    for (let level = 0; level < TILE_LEVELS; level++) {
      const width = levelWidth(size, level);
      const row = this.#rows[level]!;
      row.index = Math.floor(width / TILE_WIDTH);
      row.count = width % TILE_WIDTH;
      if (row.count === 0) continue;
      const tile = await tiles(level, row.index);
      if (tile === undefined || tile.length < row.count * HASH_BYTES) {
        this.reset();
        return false;
      }
      row.bytes.set(tile.subarray(0, row.count * HASH_BYTES));
    }
    this.size = size;
    return true;
  }

  reset(): void {
    this.size = 0;
    for (const row of this.#rows) row.index = row.count = 0;
  }
}
