import type { Operation } from '../../contract/model.ts';
import type { Exchange } from './exchange.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The eight practices, in the words of the documentation. */
export const PRACTICES = [
  'authenticate',
  'authorize',
  'validate',
  'encrypt',
  'necessary-only',
  'throttle',
  'log',
  'test',
] as const;
export type Practice = (typeof PRACTICES)[number];

/** What shows a weakness: the exchanges, and the parts of them that decide. */
export interface Proof {
  /** In order; the last one is what shows it. Controls (the same without the attack) come first. */
  readonly exchanges: readonly Exchange[];
  /** Short parts of the last request or answer that are marked in the report; literal. */
  readonly marks: readonly string[];
}

/** What a check believes it found. It is reported only if `again` shows it once more. */
export interface Candidate {
  /** One sentence for a person: what happened, with names of operations and parameters, no secrets. */
  readonly message: string;
  readonly operation?: Operation | undefined;
  /** The place within the operation: `query parameter search`, `body /role`. */
  readonly place?: string | undefined;
  /** Findings of a check with the same cause are one finding with a list of places. Default: operation and place. */
  readonly cause?: string;
  /** Default: the check's. */
  readonly severity?: Severity;
  readonly proof: Proof;
  /** Tries once more, with as little as shows it. undefined: it does not show; then nothing is reported. */
  again(): Promise<Proof | undefined>;
}
