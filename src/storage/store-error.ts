/**
 * The store cannot do what was asked. The message names the file and the mend, and holds no record's content.
 *
 * - `newer`: written by a newer version of Portcullis. `foreign`: an SQLite file of something else.
 * - `corrupt`: damaged. `unreadable`: cannot be opened, read or written. `full`: no space, or the cap is reached.
 * - `busy`: another process held the lock for too long. `closed`: used after `close`.
 */
export class StoreError extends Error {
  readonly code: 'newer' | 'foreign' | 'corrupt' | 'unreadable' | 'full' | 'busy' | 'closed';
  constructor(code: StoreError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreError';
    this.code = code;
  }
}

// Primary result codes of SQLite (the low byte of the extended ones).
const FULL = 13;
const BUSY = new Set([5, 6]);
const CORRUPT = new Set([11, 26]);

/** Puts the file and the mend to an error of `node:sqlite` or `node:fs`. Programming errors come back as they are. */
export function asStoreError(error: unknown, file: string): unknown {
  if (error instanceof StoreError || !(error instanceof Error)) return error;
  const { errcode, code } = error as { errcode?: number; code?: string };
  if (code === 'ERR_INVALID_STATE') {
    return new StoreError('closed', `The store ${file} is closed.`, { cause: error });
  }
  if (typeof errcode === 'number') {
    const primary = errcode & 0xff;
    if (primary === FULL)
      return new StoreError('full', `The store ${file} is full: free space on its disk, or raise its cap.`, {
        cause: error,
      });
    if (BUSY.has(primary))
      return new StoreError('busy', `The store ${file} is held by another process: try again, or end that process.`, {
        cause: error,
      });
    if (CORRUPT.has(primary))
      return new StoreError(
        'corrupt',
        `The store ${file} is damaged or not a store: put back a backup, or move the file away to start empty.`,
        { cause: error },
      );
    return new StoreError(
      'unreadable',
      `The store ${file} cannot be read or written (${error.message}): check its owner, mode and disk.`,
      { cause: error },
    );
  }
  if (typeof code === 'string' && /^E[A-Z0-9]+$/.test(code)) {
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    return new StoreError(
      full ? 'full' : 'unreadable',
      full
        ? `The store ${file} cannot be made, the disk is full: free some space.`
        : `The store ${file} cannot be opened (${code}): check that its directory exists and belongs to this user.`,
      { cause: error },
    );
  }
  return error;
}
