/**
 * - `locked`: another process writes this log.
 * - `tampered`: what is on disk is not what was signed.
 * - `unwritable`: a file cannot be read, made or written.
 * - `overrun`: more is waiting to be written than the queue may hold.
 * - `closed`: the log was closed.
 */
export type AuditErrorCode = 'locked' | 'tampered' | 'unwritable' | 'overrun' | 'closed';

/** The log cannot do what it is there for; the message names the file and the mend. */
export class AuditError extends Error {
  readonly code: AuditErrorCode;
  constructor(code: AuditErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'AuditError';
    this.code = code;
  }
}

/** `ENOSPC` and the like; undefined where the error has none. */
export const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** Turns any failure of the file system into one that names the file and the mend. */
export function unwritable(what: string, error: unknown): AuditError {
  const code = errnoOf(error);
  const mend =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? 'make room on that disk; writing resumes by itself'
      : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
        ? 'let the user of the gate write there'
        : 'look at the disk';
  const reason = error instanceof Error ? error.message : String(error);
  return new AuditError('unwritable', `the audit log cannot be written (${what}): ${reason}; mend: ${mend}`, {
    cause: error,
  });
}
