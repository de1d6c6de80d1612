import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

const PRIVATE = 0o600;

/**
 * Writes a file whole or not at all: a temporary file beside it, on disk, then renamed.
 * @param mode permission bits; the file has them from its first byte on
 */
export function writeWhole(file: string, text: string, mode = PRIVATE): void {
  const temporary = writeTemporary(file, text, mode);
  renameSync(temporary, file);
}

/** The same, but leaves a file that is already there. @returns whether it was written. */
export function writeNew(file: string, text: string, mode = PRIVATE): boolean {
  const temporary = writeTemporary(file, text, mode);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

function writeTemporary(file: string, text: string, mode: number): string {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return temporary;
}

/**
 * Reads a file that holds a private key; what others could read is closed to them first.
 * @returns undefined where there is none; `opened` where others could read it until now
 */
export function readPrivate(file: string): { text: string; opened: boolean } | undefined {
  try {
    const opened = process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
    if (opened) chmodSync(file, PRIVATE);
    return { text: readFileSync(file, 'utf8'), opened };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
