import type { Outbound } from '../outbound/outbound.ts';
import type { Clock } from '../shared/clock.ts';
import type { Counters } from '../storage/counters.ts';
import type { Store } from '../storage/store.ts';

/** Something that happened outside of, or beside, one exchange: written to the audit log as a record of its own. */
export interface AuditEvent {
  /** `room/what`, e.g. `authentication/locked`, `encryption/exposed`, `gateway/reloaded`. */
  readonly event: string;
  readonly note: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** What lives longer than a plan. Handed to every room at load. */
export interface Services {
  readonly store: Store;
  readonly counters: Counters;
  readonly outbound: Outbound;
  readonly clock: Clock;
  /** Directory for everything that must last; exists, mode 0700. */
  readonly dataDirectory: string;
  /** Directory that relative file names in the configuration are relative to. */
  readonly baseDirectory: string;
  /** Records an event. Never throws, never blocks. */
  readonly event: (event: AuditEvent) => void;
  /** Prometheus-style counter: adds `by` (default 1). Label values must come from configuration or contract, never from requests. */
  readonly count: (name: string, labels?: Readonly<Record<string, string>>, by?: number) => void;
  /** Made once, kept over reloads: caches, pools, key sets. `name` is `room/what`. */
  keep<T>(name: string, make: () => T): T;
}
