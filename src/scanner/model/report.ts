import type { Place as SourcePlace } from '../../shared/finding.ts';
import type { CheckInfo } from './check.ts';
import type { Exchange } from './exchange.ts';
import type { Practice, Severity } from './finding.ts';

/** One cause, with every place where it shows. */
export interface ScanFinding {
  readonly check: CheckInfo;
  readonly severity: Severity;
  readonly message: string;
  /** Stable over runs: of check, operation, place and cause. What a baseline names. */
  readonly fingerprint: string;
  readonly places: readonly {
    readonly operation: string | undefined;
    readonly place: string | undefined;
    readonly message: string;
    /** Where the contract says it: what SARIF points at. */
    readonly at?: SourcePlace | undefined;
  }[];
  readonly exchanges: readonly Exchange[];
  readonly marks: readonly string[];
  /** Commands that repeat `exchanges`, credentials as `$NAME` of the environment. */
  readonly curl: readonly string[];
  /** Set where the baseline accepts it. */
  readonly accepted: { readonly reason: string } | undefined;
}

export interface CheckReport {
  readonly check: CheckInfo;
  readonly state: 'ran' | 'skipped' | 'crashed' | 'cut';
  /** Why it was skipped, crashed or cut. */
  readonly reason: string | undefined;
  readonly requests: number;
  readonly milliseconds: number;
  /** What it could not try, each reason once with the operations. */
  readonly notTried: readonly { readonly reason: string; readonly operations: readonly string[] }[];
  /** Candidates that did not show a second time. */
  readonly unconfirmed: number;
}

export interface OperationCoverage {
  readonly operation: string;
  readonly requests: number;
  /** How often each status was answered; `none` for no answer. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Declared statuses that never came. */
  readonly unseen: readonly string[];
  /** Places that were given a value at least once, and those that never were. */
  readonly places: { readonly reached: readonly string[]; readonly missed: readonly string[] };
  /** Names of identities for which it worked. */
  readonly workedFor: readonly string[];
  /** Why it never worked, where it did not. */
  readonly why: string | undefined;
}

export interface PracticeScore {
  readonly practice: Practice;
  /** 0 to 100; undefined where nothing could be tried. */
  readonly score: number | undefined;
  readonly tried: number;
  readonly findings: number;
}

/** All that a scan learned; what every report format is made from. */
export interface ScanReport {
  readonly version: string;
  readonly target: string;
  readonly contract: { readonly source: string; readonly title: string; readonly version: string };
  /** RFC 3339. */
  readonly started: string;
  readonly milliseconds: number;
  readonly seed: number;
  readonly destructive: boolean;
  readonly identities: readonly {
    readonly name: string;
    readonly role: string | undefined;
    readonly kind: string;
    readonly alive: boolean;
    readonly note: string | undefined;
  }[];
  readonly findings: readonly ScanFinding[];
  readonly checks: readonly CheckReport[];
  readonly coverage: readonly OperationCoverage[];
  readonly practices: readonly PracticeScore[];
  /** What a reader must know: blocked, slowed down, a login that died, a contract that lies. */
  readonly notes: readonly string[];
  readonly requests: number;
  /** undefined: to its end; else why it ended early. */
  readonly cut: string | undefined;
}
