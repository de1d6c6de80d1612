import { type Dirent, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** One log on disk: the slot of a worker, or one that was set aside because it was tampered with. */
export interface StoredLog {
  readonly slot: string;
  readonly directory: string;
}

/**
 * The logs in an audit directory, in order of name.
 * @throws what the file system says where the directory cannot be read; one that is not there has no logs
 */
export function listLogs(auditDirectory: string): StoredLog[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(auditDirectory, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ slot: entry.name, directory: join(auditDirectory, entry.name) }))
    .filter(({ directory }) => existsSync(join(directory, 'segments')) || existsSync(join(directory, 'checkpoint')))
    .sort((a, b) => a.slot.localeCompare(b.slot, 'en', { numeric: true }));
}
