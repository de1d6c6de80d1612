import type { MediaType } from '../../contract/model.ts';
import type { Malformed, Violations } from '../fault.ts';
import type { ParsedMediaType } from '../media-type.ts';
import type { ValidationOptions } from '../options.ts';

/** A body as read. */
export interface Reading {
  /** What the exchange carries on. */
  readonly value: unknown;
  /** What the schema judges: the value, or the value with something in the place of files. */
  readonly judged: unknown;
  /** What is forwarded: the bytes that came, or rebuilt without what was stripped. */
  readonly bytes: Buffer;
  /** Names of what was left out of `bytes` (or would be, where nothing is enforced). */
  readonly dropped: readonly string[];
  /** Pointers at which `judged` has a stand-in for a file, which text keywords must not judge. */
  readonly files: ReadonlySet<string> | undefined;
}

export type ReadBody = (bytes: Buffer, type: ParsedMediaType, violations: Violations) => Reading | Malformed;

/** One media type, or a family of them. */
export interface BodyReader {
  readonly name: string;
  /** Lower-case media type without parameters. */
  accepts(type: string): boolean;
  /** Whether bodies are uploads, with the larger limit. */
  readonly large: boolean;
  /**
   * How much of a schema can be enforced: `whole`; `each` (a sequence, every item by itself unless the schema is an
   * array); `none` (the value is not what the schema speaks of).
   */
  readonly judges: 'whole' | 'each' | 'none';
  /** Whether undeclared properties can be cut out of the value and the body written anew from it. */
  readonly rewritable: boolean;
  /** What can be refused by the media type alone, before a byte is read. */
  check?(type: ParsedMediaType): Malformed | undefined;
  /** Compiles for one declared media type. */
  compile(media: MediaType, options: ValidationOptions): ReadBody;
  /** `Content-Type` for the upstream, built from what was parsed. */
  contentType(type: ParsedMediaType): string;
}

const NOTHING: readonly string[] = [];

/** A reading that changes nothing. */
export const asIs = (value: unknown, bytes: Buffer): Reading => ({
  value,
  judged: value,
  bytes,
  dropped: NOTHING,
  files: undefined,
});
