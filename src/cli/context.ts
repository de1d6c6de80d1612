import type { Store } from '../storage/store.ts';

/** What a verb needs of the program around it, so that verbs can be tested without one. */
export interface CliContext {
  /** Opens the store of the data directory: from `--config`, or the default one. The verb closes it. */
  openStore(): Promise<Store>;
  /** The data directory itself, made with mode 0700 where it is missing. */
  dataDirectory(): Promise<string>;
  /** Where the audit log lies; absent: `audit` in the data directory. */
  auditDirectory?(): Promise<string>;
  /** Writes a line to standard output: results, and nothing else. */
  out(text: string): void;
  /** Writes a line to standard error: explanations for people. */
  err(text: string): void;
  /** Writes a value as JSON to standard output. */
  json(value: unknown): void;
  /** Ends the verb: 1 for findings, 2 for wrong usage or configuration. */
  fail(code: 1 | 2, message: string): never;
}
