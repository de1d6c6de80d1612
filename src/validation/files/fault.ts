/** Why a file is not let through. */
export interface FileFault {
  /** An attack, not a mistake. */
  readonly harmful: boolean;
  /** Short and stable: `type`, `name`, `archive-bomb`, `macros`, ... */
  readonly rule: string;
  /** What follows "the file": told to the client where it is no attack, so it holds no byte of the file. */
  readonly why: string;
  /** Entries on the way to it, outermost first, where it stands within an archive. */
  readonly path: readonly string[];
}

const NOWHERE: readonly string[] = [];

/** A file of a friend that cannot be taken. */
export const invalid = (rule: string, why: string): FileFault => ({ harmful: false, rule, why, path: NOWHERE });

/** A file made to do harm. */
export const harmful = (rule: string, why: string): FileFault => ({ harmful: true, rule, why, path: NOWHERE });

/** The same, told of an entry of an archive. */
export const within = (entry: string, fault: FileFault): FileFault => ({
  ...fault,
  path: [entry.slice(0, 200), ...fault.path],
});
