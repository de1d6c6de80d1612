import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

const SETTLE = 100;
const POLL = 2000;

/**
 * Calls back once after any of the files has changed and settled. Watches directories, because editors replace files;
 * looks at times and sizes now and then too, because watching is not possible everywhere.
 * @param files absolute names; asked again after every change
 */
export function watchFiles(files: () => readonly string[], changed: () => void): { close(): void } {
  const watchers = new Map<string, FSWatcher>();
  let state = fingerprint(files());
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const now = fingerprint(files());
      if (now !== state) {
        state = now;
        changed();
      }
      attach();
    }, SETTLE);
  };
  const attach = (): void => {
    const names = new Set(files().map((file) => basename(file)));
    const directories = new Set(files().map((file) => dirname(file)));
    for (const directory of directories) {
      if (watchers.has(directory)) continue;
      try {
        const watcher = watch(directory, { persistent: false }, (_event, name) => {
          if (name === null || names.has(name)) look();
        });
        watcher.on('error', () => {});
        watchers.set(directory, watcher);
      } catch {
        // The poll below goes on.
      }
    }
  };
  attach();
  const poll = setInterval(() => {
    if (fingerprint(files()) !== state) look();
  }, POLL);
  poll.unref();
  return {
    close: () => {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}

function fingerprint(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { mtimeMs, size, ino } = statSync(file);
        return `${file}:${mtimeMs}:${size}:${ino}`;
      } catch {
        return `${file}:absent`;
      }
    })
    .join('\n');
}
