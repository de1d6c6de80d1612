import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Milliseconds between looks at the files' times: what a file system without notices (NFS, some mounts) falls back on. */
const POLL = 5_000;
/** Milliseconds of quiet after a notice: files that belong together are written one after the other. */
const QUIET = 500;

/**
 * Calls `look` soon after any of the files has changed, appeared or gone.
 * @param files absolute names
 */
export function followFiles(files: readonly string[], look: () => unknown): { close(): void } {
  let seen = stamp(files);
  let timer: NodeJS.Timeout | undefined;
  const lookSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      seen = stamp(files);
      look();
    }, QUIET);
    timer.unref();
  };
  const poll = setInterval(() => {
    if (stamp(files) !== seen) lookSoon();
  }, POLL);
  poll.unref();
  const watchers = watchDirectories(files, lookSoon);
  return {
    close: () => {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Directories, not files: a renewal renames a new file into place, or (in clusters) swaps a link beside it. */
function watchDirectories(files: readonly string[], notice: () => void): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  for (const directory of new Set(files.map((file) => dirname(file)))) {
    try {
      const watcher = watch(directory, { persistent: false }, notice);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // the poll will see it
    }
  }
  return watchers;
}

/** What changes when a file does; a file that is not there is a change too. */
function stamp(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { mtimeMs, ctimeMs, ino, size } = statSync(file);
        return `${mtimeMs}/${ctimeMs}/${ino}/${size}`;
      } catch {
        return 'none';
      }
    })
    .join(' ');
}
