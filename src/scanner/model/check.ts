import type { Contract, Operation } from '../../contract/model.ts';
import type { Handshake, HandshakeOptions } from '../http/handshake.ts';
import type { Bait, BaitOptions } from './bait.ts';
import type { Call, ValuePlace } from './call.ts';
import type { Client, Exchange, ScanRequest, SendOptions } from './exchange.ts';
import type { Candidate, Practice, Severity } from './finding.ts';
import type { Identity } from './identity.ts';

export const GROUPS = [
  'answers',
  'authentication',
  'authorization',
  'tampering',
  'injection',
  'methods',
  'uploads',
  'fuzzing',
  'transport',
  'floods',
] as const;
export type Group = (typeof GROUPS)[number];

/** What a check is, for lists, reports and SARIF rules. */
export interface CheckInfo {
  /** Stable and short: `object-of-another`. Users write it after `--only`, `--skip` and in baselines. */
  readonly id: string;
  readonly group: Group;
  readonly title: string;
  readonly practice: Practice;
  readonly cwe: `CWE-${number}`;
  readonly owasp: `API${number}:2023`;
  readonly severity: Severity;
  /** Two or three sentences: what an attacker gains. */
  readonly why: string;
  /** What to do: in the API's code, and with Portcullis in front. */
  readonly mend: string;
}

/**
 * One check. At least one of `observe` and `run` is there. A check that throws is a line in the report, and the scan goes on.
 * Order of a scan: exploring; then `run` of each check in the order of the list (which ends with what may get the scanner
 * banned: floods, guessing of passwords); `observe` sees every exchange as it happens, of exploring too.
 */
export interface Check extends CheckInfo {
  /** True: only with `--destructive`. */
  readonly destructive?: boolean;
  /** Looks at an exchange that happened anyway. Synchronous and cheap; hands candidates to `context.report`. */
  observe?(exchange: Exchange, context: CheckContext): void;
  run?(context: CheckContext): Promise<void>;
}

export interface ScanOptions {
  readonly seed: number;
  /** False: nothing is changed or deleted but what the scan made, or can put back. */
  readonly destructive: boolean;
  /** Requests at once. */
  readonly concurrency: number;
  /** Milliseconds that one exchange may take. */
  readonly timeout: number;
}

/** A call that worked for an identity. */
export interface Sample {
  readonly call: Call;
  /** undefined: it worked without a credential. */
  readonly as: Identity | undefined;
  readonly exchange: Exchange;
}

/** How an answer is understood; APIs that answer errors with 200 are seen through. */
export type Outcome =
  | 'success'
  /** 401, or its like in a 200. */
  | 'unauthenticated'
  /** 403 or its like. */
  | 'forbidden'
  /** 404, 410 or their like. */
  | 'missing'
  /** 400, 409, 413, 415, 422 and so on, or their like. */
  | 'invalid'
  | 'no-method'
  | 'limited'
  | 'redirect'
  /** 5xx. */
  | 'error'
  /** No (whole) answer. */
  | 'none';

/** An id that an answer gave, and who may be said to own the object. */
export interface KnownObject {
  /** Where it is used: `path:id` of `GET /patients/{id}`; one object can serve several operations. */
  readonly operation: Operation;
  readonly place: string;
  readonly value: string | number;
  /** Identities whose answers held it. */
  readonly seenBy: ReadonlySet<string>;
  /** The identity by which the scan made it; undefined: it was there before. */
  readonly madeBy: string | undefined;
  /** The identity whose own identifiers stand in the object, where that is known. */
  readonly owner?: string | undefined;
  /** Values of the path's other places that belong to it: `path:shopId` of a product. */
  readonly beside?: ReadonlyMap<string, string | number>;
}

/** What a check can do and know. */
export interface CheckContext {
  readonly base: URL;
  readonly contract: Contract;
  /** Those in scope, in the contract's order. */
  readonly operations: readonly Operation[];
  /** Those that are alive. */
  readonly identities: readonly Identity[];
  readonly options: ScanOptions;
  readonly signal: AbortSignal;
  /** Numbers from the seed, the check and `key`: the same in every run, whatever runs beside it. In [0, 1). */
  random(key: string): () => number;

  /** Sends a call as an identity (null: with no credential). */
  send(call: Call, as: Identity | null, options?: SendOptions): Promise<Exchange>;
  /** Sends a request as it is. `origin` says for which operation and identity (for the record only). */
  request(
    request: ScanRequest,
    origin?: { operation?: Operation | undefined; as?: string | undefined },
    options?: SendOptions,
  ): Promise<Exchange>;
  raw: Client['raw'];
  /** One TLS handshake with the host under given terms, on a connection of its own; nothing is sent over it. Never rejects. */
  handshake(options: HandshakeOptions): Promise<Handshake>;
  /** The request that `send` would send: for checks that change it by hand. */
  render(call: Call, as: Identity | null): ScanRequest;

  /** Calls that worked, by any identity; empty where exploring found none (the report says why). */
  samples(operation: Operation): readonly Sample[];
  /** The sample of an identity (undefined: of whoever can), tried again if it may be stale; undefined where none works. */
  sample(operation: Operation, as?: Identity | null): Promise<Sample | undefined>;
  /**
   * A call that should work when it is sent once by `as`: what it uses up (an object to delete, a unique name) is made
   * anew. undefined where that is impossible, or (without `destructive`) where it would change what was there before.
   */
  prepare(operation: Operation, as: Identity): Promise<Call | undefined>;
  /** Whether sending this call is allowed under the options: reading, making, and changing what the scan made or can put back. */
  mayTry(call: Call): boolean;
  /** Undoes a change of an object (by sending what stood there before), as far as the API can. */
  restore(sample: Sample): Promise<void>;
  outcome(exchange: Exchange): Outcome;
  /** Roles that may call an operation: from the plan, else `x-portcullis-roles`; undefined where nobody says. */
  roles(operation: Operation): readonly string[] | undefined;
  /** What exploring knows of objects. */
  objects(operation: Operation): readonly KnownObject[];
  /** Places of a call where values stand or could stand, in order; containers of a body too. */
  places(call: Call): readonly ValuePlace[];
  /** A new call with `value` at the place (`undefined`: taken out). */
  put(call: Call, place: ValuePlace, value: unknown): Call;

  /** Operations by what they do, as far as names and shapes tell. */
  readonly known: {
    readonly login: readonly Operation[];
    readonly logout: readonly Operation[];
    readonly register: readonly Operation[];
    /** Changes the password or ends the account of who calls: never sent by chance. */
    readonly account: readonly Operation[];
  };

  /** Verifies and records a finding. @returns whether it was confirmed */
  report(candidate: Candidate): Promise<boolean>;
  /** Whether a check has a confirmed finding, at an operation: for those that would tell the same again. */
  found(check: string, operation: Operation): boolean;
  /** Something that could not be tried, and why: stands in the report's coverage. */
  skip(reason: string, operation?: Operation): void;
  /** Runs `work` over items, `concurrency` at once; one that throws is noted and the rest goes on; ends when the scan ends. */
  each<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<void>;
  /** The scanner's own listener on loopback: a URL with an unguessable path, and whether somebody called it. */
  bait(options?: BaitOptions): Promise<Bait>;
  /** Waits; ends early with the scan. */
  pause(milliseconds: number): Promise<void>;
}
