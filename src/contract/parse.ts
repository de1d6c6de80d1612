import { parseJson } from './parse-json.ts';
import { parseYaml } from './parse-yaml.ts';
import type { SourceMap } from './source-map.ts';

/** Bounds of one document. */
export const LIMITS = {
  /** Bytes of one document. */
  bytes: 32 * 1024 * 1024,
  /** Containers inside containers. */
  depth: 256,
  /** Values of one document, aliases counted as often as they are used. */
  values: 4_000_000,
  /** Lexical tokens of a YAML document (about 120 a kilobyte). */
  tokens: 1_500_000,
  /** Problems reported for one document. */
  problems: 50,
} as const;

/** Something wrong with the text of a document, by offset into it. */
export interface SyntaxProblem {
  /** `syntax`, `duplicate-key`, `limit`. */
  readonly rule: string;
  readonly message: string;
  readonly mend: string;
  readonly offset: number;
}

/** A document as values: maps are objects that inherit nothing (see `emptyObject`), so that no name has a meaning of its own. */
export interface Parsed {
  readonly value: unknown;
  readonly map: SourceMap;
  readonly problems: readonly SyntaxProblem[];
}

export type Format = 'json' | 'yaml';

/** The format by name or media type; else JSON where the text starts like it. */
export function guessFormat(name: string, mediaType: string, text: string): Format {
  const path = name.replace(/[?#].*$/s, '').toLowerCase();
  if (path.endsWith('.json') || /^application\/(.+\+)?json$/.test(mediaType)) return 'json';
  if (/\.ya?ml$/.test(path) || /^(application|text)\/(.+\+|x-)?yaml$/.test(mediaType)) return 'yaml';
  return /^\s*[{[]/.test(text.slice(0, 1_000)) ? 'json' : 'yaml';
}

/** Parses the text of a document. Never throws: what is wrong is in `problems`, and then the value must not be used. */
export const parseText = (text: string, format: Format): Parsed =>
  format === 'json' ? parseJson(text) : parseYaml(text);
