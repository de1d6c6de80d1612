import { mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeHead } from './head.ts';
import type { SigningKey } from './keys.ts';
import type { Verifier } from './note.ts';
import { tilePath } from './tiles.ts';
import type { FullTile, Tree } from './tree.ts';

/** Full tiles waiting that bring the next checkpoint forward: 65,536 records. */
const EARLY = 256;
/** Full tiles waiting beyond which nothing more may be recorded: a million records without a signature. */
const MOST = 4096;

export interface CheckpointerParts {
  readonly directory: string;
  readonly tree: Tree;
  readonly verifier: Verifier;
  readonly key: SigningKey;
  /** Milliseconds a record may wait. */
  readonly every: number;
  /** Size of the checkpoint on disk; -1 where there is none. */
  readonly signed: number;
  /** Where the tree puts tiles that are complete; emptied when they are on disk. */
  readonly pending: FullTile[];
  /** Makes all records that are in the tree last: called before they are signed. */
  readonly sync: () => Promise<void>;
  /** Told of every outcome: undefined where a checkpoint was written. */
  readonly done: (error: unknown) => void;
}

/**
 * Writes tiles and signs checkpoints beside the records, at most one at a time: a checkpoint never covers a record or
 * needs a tile that is not on disk before it.
 */
export class Checkpointer {
  signed: number;
  readonly #parts: CheckpointerParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  /** Partial tiles of the newest two checkpoints: a reader may still hold the older one. */
  #partials: string[][] = [];
  readonly #directories = new Set<string>();

  constructor(parts: CheckpointerParts) {
    this.#parts = parts;
    this.signed = parts.signed;
  }

  get overrun(): boolean {
    return this.#parts.pending.length >= MOST;
  }

  /** Called when the tree has grown. */
  grown(): void {
    if (this.#parts.pending.length >= EARLY && this.#running === undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      void this.run().catch(() => {});
    } else if (this.#timer === undefined) {
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.run().catch(() => {});
      }, this.#parts.every);
      this.#timer.unref();
    }
  }

  /** Signs the tree as it is now. @throws what the file system says; the next run tries again */
  async run(): Promise<void> {
    while (this.#running !== undefined) await this.#running.catch(() => {});
    const running = this.#write();
    this.#running = running;
    try {
      await running;
      this.#parts.done(undefined);
    } catch (error) {
      this.#parts.done(error);
      throw error;
    } finally {
      this.#running = undefined;
      if (this.#parts.tree.size > this.signed) this.grown();
    }
  }

  /** Stops the timer; what is unsigned stays so until the log is opened again. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #write(): Promise<void> {
    const { directory, tree, verifier, key } = this.#parts;
    if (tree.size === this.signed) return;
    // Everything about one moment, taken before the first await.
    const size = tree.size;
    const root = tree.root();
    const partials = tree.partials();
    const full = this.#parts.pending.slice();
    await this.#parts.sync();
    for (let i = 0; i < full.length; i += 8)
      await Promise.all(
        full.slice(i, i + 8).map((tile) => this.#writeTile(tilePath(tile.level, tile.index), tile.bytes)),
      );
    const names = partials.map((tile) => tilePath(tile.level, tile.index, tile.width));
    await Promise.all(partials.map((tile, i) => this.#writeTile(names[i]!, tile.bytes)));
    await writeHead(directory, { origin: verifier.name, size, root }, verifier, key);
    this.signed = size;
    this.#parts.pending.splice(0, full.length);
    if (this.#partials.length === 0) await this.#forgetPartials(new Set(names));
    this.#partials.push(names);
    if (this.#partials.length > 2) await this.#dropOldest();
  }

  async #writeTile(path: string, bytes: Buffer): Promise<void> {
    const file = join(this.#parts.directory, path);
    const parent = dirname(file);
    if (!this.#directories.has(parent)) {
      await mkdir(parent, { recursive: true, mode: 0o700 });
      if (this.#directories.size >= 64) this.#directories.clear();
      this.#directories.add(parent);
    }
    try {
      await writeFile(file, bytes, { mode: 0o600 });
    } catch (error) {
      // Someone removed the folder: make it again next time.
      this.#directories.clear();
      throw error;
    }
  }

  async #dropOldest(): Promise<void> {
    const kept = new Set(this.#partials.slice(1).flat());
    const oldest = this.#partials.shift() ?? [];
    for (const name of oldest) if (!kept.has(name)) await unlink(join(this.#parts.directory, name)).catch(() => {});
  }

  /** Removes partial tiles that an earlier process left beside the current ones. */
  async #forgetPartials(current: ReadonlySet<string>): Promise<void> {
    for (const name of current) {
      const folder = dirname(name);
      if (!folder.endsWith('.p')) continue;
      for (const other of await readdir(join(this.#parts.directory, folder)).catch(() => []))
        if (!current.has(`${folder}/${other}`))
          await unlink(join(this.#parts.directory, folder, other)).catch(() => {});
    }
  }
}
