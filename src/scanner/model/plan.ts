import type { Contract } from '../../contract/model.ts';
import type { IdentitySettings } from '../state/settings.ts';
import type { ScanOptions } from './check.ts';
import type { Exchange } from './exchange.ts';
import type { ScanFinding } from './report.ts';

/** Findings that are accepted, by fingerprint. */
export interface Accepted {
  /** The reason, where the finding is accepted (and that has not expired). */
  reason(fingerprint: string): string | undefined;
}

/** All that a scan needs to know before it begins. */
export interface ScanPlan {
  readonly contract: Contract;
  readonly base: URL;
  readonly identities: readonly IdentitySettings[];
  /** Roles that may call an operation, by its key or operationId: goes before what the contract says. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly options: ScanOptions & {
    /** Requests a second; undefined: as fast as the API answers. */
    readonly rate?: number | undefined;
    /** Milliseconds after which the scan ends with what it has. */
    readonly maxTime?: number | undefined;
    /** Ids or groups of checks; empty: all. */
    readonly only: readonly string[];
    readonly skip: readonly string[];
    /** Whether the scan may make accounts of its own where the API lets anyone register. */
    readonly register: boolean;
    /** Secrets stand in the report as they are. Default false. */
    readonly showSecrets?: boolean | undefined;
  };
  readonly accepted: Accepted | undefined;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
  /** PEM of the authorities that are trusted in place of the system's. */
  readonly ca?: string | undefined;
  /** Certificates are not verified, wherever the host is. */
  readonly insecure: boolean;
  /** Portcullis's own version, for the report. */
  readonly version: string;
}

/** Who watches a scan while it runs. */
export interface ScanWatch {
  phase(name: string, index: number, total: number): void;
  /** Called often: `done` of `total` are phases, the last partly. */
  progress(done: number, total: number, requests: number, findings: number): void;
  finding(finding: ScanFinding): void;
  note(text: string): void;
  /** Every exchange as it happens, of exploring and of checks. Not masked: nothing of it may be shown as it is. */
  exchange?(exchange: Exchange): void;
}
