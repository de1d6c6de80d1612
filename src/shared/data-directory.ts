import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * Makes the data directory (0700) where there is none.
 * @throws Error that names the directory and the mend
 */
export function ensureDataDirectory(directory: string): string {
  const absolute = resolve(directory);
  try {
    mkdirSync(absolute, { recursive: true, mode: 0o700 });
    const ignore = join(absolute, '.gitignore');
    // Keys and records are not for a repository, whatever `git add .` thinks.
    if (!existsSync(ignore)) writeFileSync(ignore, '*\n');
    if (!statSync(absolute).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new Error(
      `the data directory ${absolute} cannot be used (${code}): make it writable for this user, or name another with \`data:\``,
    );
  }
  return absolute;
}
