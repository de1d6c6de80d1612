import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Accounts } from './accounts.ts';
import type { Caller } from './caller.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import type { Limit, Limits } from './limits.ts';
import type { Log } from './log.ts';
import type { Outside } from './outside.ts';
import type { Tokens } from './tokens.ts';
import type { Weak, Weakness } from './weaknesses.ts';

/** Everything a handler works with. */
export interface Clinic {
  readonly weak: Weak;
  readonly database: Database;
  readonly disk: Disk;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
  readonly limits: Limits;
  readonly log: Log;
  readonly outside: Outside;
  /** Shared with the gate (`CLINIC_GATE_SECRET`); without it nobody's identity headers are believed in careful mode. */
  readonly gateSecret: string | undefined;
}

export interface Ask {
  readonly method: string;
  /** Decoded path parameters by name. */
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Where the connection comes from. */
  readonly address: string;
  /** Who calls. @throws Problem 401 */
  caller(): Caller;
  /** Counts this against a limit of the caller's. @throws Problem 429 */
  spend(limit: Limit): void;
  /** The body under the clinic's cap. @throws Problem 413 */
  bytes(limit: number): Promise<Buffer>;
  /** The body as a JSON object. @throws Problem 400, 413, 415 */
  json(): Promise<Record<string, unknown>>;
  /** The body as text of another type. @throws Problem 400, 413, 415 */
  text(type: string): Promise<string>;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is; needs a `content-type` header. */
  readonly raw?: Readable | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (clinic: Clinic, ask: Ask) => Reply | Promise<Reply>;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/patients/{id}` */
  readonly path: string;
  /** For anyone. All others are refused without a credential before anything else is looked at. */
  readonly open?: true;
  /** The handler reads the query. For all others there is none. */
  readonly queried?: true;
  /** Media type of the answer; default JSON. Nothing is checked where it is ''. */
  readonly produces?: string;
  /** There only with this weakness. */
  readonly only?: Weakness;
  readonly handle: Handler;
}

/** A failure with a status and a public explanation (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    title: string,
    detail: string,
    more: { errors?: readonly FieldError[]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.title = title;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

export interface FieldError {
  /** JSON pointer for bodies, `?name` for query parameters. */
  readonly at: string;
  readonly detail: string;
}

export const notFound = (what: string): Problem => new Problem(404, 'Not found', `No such ${what}.`);
