/** Where something stands in a file a person wrote: 1-based line and column, and a JSON pointer where there is one. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly pointer?: string;
}

/**
 * - `error`: cannot be loaded or enforced; the configuration is refused.
 * - `warning`: loads, but something written is not enforced as written.
 * - `weakness`: loads and is enforced, but leaves the gate blind there.
 */
export type Severity = 'error' | 'warning' | 'weakness';

/** One thing a person should know about their contract or configuration: what, where, and how to mend it. */
export interface Finding {
  /** Stable id, `room/name`, e.g. `contract/unbounded-string`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly mend: string;
  readonly place?: Place;
  /** Key of the operation concerned, e.g. `GET /patients/{id}`. */
  readonly operation?: string;
}

/** Formats a place as `file:line:column`, the form editors and terminals make clickable. */
export const formatPlace = (place: Place): string => `${place.file}:${place.line}:${place.column}`;

/** A load failed: carries every finding, so that all problems are shown at once. */
export class LoadError extends Error {
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(
      findings.map((f) => `${f.place ? `${formatPlace(f.place)}: ` : ''}${f.message}\n  mend: ${f.mend}`).join('\n'),
    );
    this.name = 'LoadError';
    this.findings = findings;
  }
}
