import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AuditError, errnoOf, unwritable } from './errors.ts';

/**
 * Keeps two processes from appending to one log. The lock is the operating system's (a record lock, taken through
 * SQLite, the one way to it from node), so it ends with its holder however that ends, and a process id that is used
 * again, as in containers, cannot be mistaken for it.
 */
export interface Lock {
  release(): void;
}

/** @throws AuditError `locked`, or `unwritable` where the directory is */
export function takeLock(directory: string): Lock {
  const file = join(directory, 'lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    // Rollback journal: an exclusive transaction takes the lock without writing a byte.
    database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === 5 || errcode === 6 || errnoOf(error) === 'ERR_SQLITE_BUSY')
      throw new AuditError(
        'locked',
        `another process writes the audit log in ${directory}; mend: stop the other gate, or give this one its own data directory`,
      );
    throw unwritable(file, error);
  }
  const held = database;
  return { release: () => held.isOpen && held.close() };
}
