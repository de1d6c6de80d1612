/**
 * Records that must last: keys, users, quotas, bans. Embedded in SQLite (WAL); the interface is what a shared
 * PostgreSQL would have to do.
 *
 * A record is a JSON-serializable object in a named collection, under a string id. Rooms own their collections
 * (`authentication.keys`, ...); only they read and write them.
 */
export interface Store {
  get<T extends object>(collection: string, id: string): T | undefined;
  /** Inserts or replaces. */
  put(collection: string, id: string, record: object): void;
  /** @returns whether the record was there. */
  delete(collection: string, id: string): boolean;
  /** All records of a collection in order of id. */
  list<T extends object>(collection: string): { id: string; record: T }[];
  /** Runs `work` in one transaction: all of it lasts or nothing does. Serialized with writers in other processes. */
  transaction<T>(work: () => T): T;
  /**
   * A number that is different after any process has changed anything in the collections of `put` and `delete`.
   * Costs about a microsecond: cheap enough to ask on every request before a cache is believed.
   */
  version(): number;
  close(): void;
}
