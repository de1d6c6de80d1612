import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Store } from './store.ts';
import { asStoreError, StoreError } from './store-error.ts';

export interface StoreOptions {
  /** Bytes the file may grow to; default 4 GiB. A write beyond it fails with `full`. */
  readonly maxBytes?: number;
  /** Milliseconds to wait for another process's write; default 5,000. */
  readonly busyTimeout?: number;
}

/** `PRAGMA user_version`: raised when the tables change. */
const SCHEMA = 1;
/** `PRAGMA application_id`, so that no other program's SQLite file is taken for a store: "PCLS". */
const APPLICATION = 0x50434c53;
const PAGE = 4096;

/**
 * How long an answer of `PRAGMA data_version` is believed, in ms. Asking costs two lock calls (about 2.7 us), and several
 * stages ask on each request. 0.2 ms is less than another process needs to commit a change, answer whoever asked for it,
 * and let them send the next request: nobody can see the change done and still meet the old state.
 */
const FRESH = 0.2;
/**
 * And for the rest of the same turn of the event loop, up to this many ms: whatever the turn still handles had reached
 * this machine before the turn began, so nobody has sent it knowing of a later change.
 */
const SAME_TURN = 5;

/** Writes by every store of this thread: they are seen at once, also by another store on the same file. */
let writes = 0;

/**
 * Opens (or makes) a store on `node:sqlite`: WAL, every commit synced, so that nothing acknowledged is lost to a
 * `kill -9` or a power cut. The file has mode 0600, a missing directory is made with 0700. Any number of processes may
 * have the same file open.
 * @param file path of the database; `:memory:` for one that does not last
 * @throws StoreError naming the file and the mend
 */
export function openStore(file: string, options: StoreOptions = {}): Store {
  let db: DatabaseSync | undefined;
  try {
    if (file !== ':memory:') prepareFile(file);
    db = new DatabaseSync(file, { timeout: options.busyTimeout ?? 5_000 });
    prepareDatabase(db, file, options.maxBytes ?? 4 * 1024 ** 3);
    return new SqliteStore(db, file);
  } catch (error) {
    db?.close();
    throw asStoreError(error, file);
  }
}

function prepareFile(file: string): void {
  const directory = dirname(file);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const mode = statSync(directory).mode;
  // Whoever may write there could put another store in its place (the sticky bit forbids just that).
  if (process.platform !== 'win32' && (mode & 0o002) !== 0 && (mode & 0o1000) === 0) {
    throw new StoreError(
      'unreadable',
      `The directory ${directory} of the store can be written by every user: chmod 700 it.`,
    );
  }
  // Made before SQLite sees it, so that it is never readable by others; its -wal and -shm take over the mode. An existing
  // file is not opened here: closing a second descriptor would drop this process's locks on it (POSIX).
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if ((statSync(file).mode & 0o077) !== 0 && process.platform !== 'win32') chmodSync(file, 0o600);
  }
}

const number = (db: DatabaseSync, pragma: string): number =>
  Object.values(db.prepare(`PRAGMA ${pragma}`).get() ?? {})[0] as number;

function prepareDatabase(db: DatabaseSync, file: string, maxBytes: number): void {
  const found = number(db, 'user_version');
  const application = number(db, 'application_id');
  const tables = db.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number };
  if (application !== APPLICATION && (application !== 0 || found !== 0 || tables.n !== 0)) {
    throw new StoreError('foreign', `${file} is a database of another program: name another file for the store.`);
  }
  if (found > SCHEMA) {
    throw new StoreError(
      'newer',
      `The store ${file} was written by a newer Portcullis (schema ${found}, this one knows ${SCHEMA}): upgrade Portcullis, or put back the backup made before the upgrade.`,
    );
  }
  // In this order: two processes that meet on a new file both ask for WAL first, which waits for neither's transaction.
  if (file !== ':memory:') enterWal(db);
  db.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 16777216; PRAGMA trusted_schema = OFF;
    PRAGMA max_page_count = ${Math.max(16, Math.floor(maxBytes / PAGE))}`);
  if (found === SCHEMA) return;
  db.exec('BEGIN IMMEDIATE');
  db.exec(`CREATE TABLE IF NOT EXISTS records (
      collection TEXT NOT NULL, id TEXT NOT NULL, record TEXT NOT NULL, PRIMARY KEY (collection, id)
    ) STRICT, WITHOUT ROWID;
    PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${SCHEMA}; COMMIT`);
}

/** SQLite answers BUSY at once, without the busy timeout, where two connections change the journal mode together. */
function enterWal(db: DatabaseSync): void {
  for (let attempt = 1; ; attempt++) {
    try {
      db.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      const busy = (((error as { errcode?: number }).errcode ?? 0) & 0xff) === 5;
      if (!busy || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #file: string;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #list: StatementSync;
  readonly #version: StatementSync;
  #depth = 0;
  #asked = Number.NEGATIVE_INFINITY;
  /** An answer was asked for in this turn of the event loop. */
  #sameTurn = false;
  readonly #turnOver = (): void => {
    this.#sameTurn = false;
  };
  #askedAt = -1;
  #answer = 0;

  constructor(db: DatabaseSync, file: string) {
    this.#db = db;
    this.#file = file;
    this.#get = db.prepare('SELECT record FROM records WHERE collection = ? AND id = ?');
    this.#put = db.prepare(
      'INSERT INTO records VALUES (?, ?, ?) ON CONFLICT (collection, id) DO UPDATE SET record = excluded.record',
    );
    this.#delete = db.prepare('DELETE FROM records WHERE collection = ? AND id = ?');
    this.#list = db.prepare('SELECT id, record FROM records WHERE collection = ? ORDER BY id');
    this.#version = db.prepare('PRAGMA data_version');
    for (const statement of [this.#get, this.#list, this.#version]) statement.setReturnArrays(true);
  }

  get<T extends object>(collection: string, id: string): T | undefined {
    try {
      const row = this.#get.get(collection, id) as unknown as [string] | undefined;
      return row === undefined ? undefined : this.#parse<T>(collection, id, row[0]);
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }

  put(collection: string, id: string, record: object): void {
    const text = JSON.stringify(record);
    try {
      this.#put.run(collection, id, text);
    } catch (error) {
      throw asStoreError(error, this.#file);
    } finally {
      writes++;
    }
  }

  delete(collection: string, id: string): boolean {
    try {
      return Number(this.#delete.run(collection, id).changes) > 0;
    } catch (error) {
      throw asStoreError(error, this.#file);
    } finally {
      writes++;
    }
  }

  list<T extends object>(collection: string): { id: string; record: T }[] {
    try {
      const rows = this.#list.all(collection) as unknown as [string, string][];
      return rows.map(([id, text]) => ({ id, record: this.#parse<T>(collection, id, text) }));
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
  }

  transaction<T>(work: () => T): T {
    const outer = this.#depth === 0;
    const [begin, commit, rollback] = outer
      ? // IMMEDIATE: waits for its turn before it reads, so that what it read still holds when it writes.
        ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
      : ['SAVEPOINT inner', 'RELEASE inner', 'ROLLBACK TO inner; RELEASE inner'];
    try {
      this.#db.exec(begin as string);
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
    this.#depth++;
    try {
      const result = work();
      if (typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
        throw new TypeError('The work of a transaction must be synchronous: it would be committed before it is done.');
      }
      this.#db.exec(commit as string);
      return result;
    } catch (error) {
      try {
        this.#db.exec(rollback as string);
      } catch {
        // SQLite has already rolled back (full disk, I/O error): the first error is the one to tell.
      }
      throw asStoreError(error, this.#file);
    } finally {
      this.#depth--;
      // Also after a rollback: what was read inside is no longer true.
      writes++;
    }
  }

  version(): number {
    // Real time on purpose: other processes do not live by a test's clock.
    const now = performance.now();
    if (this.#askedAt === writes && now - this.#asked < (this.#sameTurn ? SAME_TURN : FRESH)) return this.#answer;
    try {
      // Both only ever grow: data_version by other connections' commits, `writes` by ours; so does their sum.
      const row = this.#version.get() as unknown as [number];
      this.#answer = row[0] + writes;
    } catch (error) {
      throw asStoreError(error, this.#file);
    }
    this.#asked = now;
    if (!this.#sameTurn) setImmediate(this.#turnOver);
    this.#sameTurn = true;
    this.#askedAt = writes;
    return this.#answer;
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #parse<T>(collection: string, id: string, text: string): T {
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new StoreError(
        'corrupt',
        `The store ${this.#file} holds an unreadable record (${collection}, ${id}): put back a backup, or delete that record.`,
        { cause: error },
      );
    }
  }
}
