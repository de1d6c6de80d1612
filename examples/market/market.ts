import type { IncomingHttpHeaders } from 'node:http';
import type { Accounts } from './accounts.ts';
import type { Collection } from './collection.ts';
import type { Database } from './database.ts';
import type { Wrong } from './schema.ts';
import type { Sessions } from './sessions.ts';
import type { Weak } from './weaknesses.ts';

export type Role = 'buyer' | 'seller' | 'admin';

/** Who calls. */
export interface Caller {
  readonly id: number;
  readonly role: string;
}

/** Everything a handler works with. */
export interface Market {
  readonly weak: Weak;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly coupons: Collection;
}

export type Values = Readonly<Record<string, unknown>>;

/** What came with a request, checked against the contract. */
export interface Input {
  readonly path: Readonly<Record<string, number>>;
  readonly query: Values;
  readonly header: Values;
  /** An object of JSON or a form; empty where there is no such body. */
  readonly body: Values;
  /** The body as it came. */
  readonly bytes: Buffer;
  /** The body's media type; '' where there is no body. */
  readonly type: string;
}

export interface Ask {
  readonly headers: IncomingHttpHeaders;
  /** Of the other end of the connection. */
  readonly address: string;
  /** The session key as it was sent. */
  readonly key: string | undefined;
  /** Who calls; undefined: nobody that is signed in. */
  readonly callerIfAny: Caller | undefined;
  /** Who calls. @throws Refusal not_signed_in */
  caller(): Caller;
  /**
   * Reads and checks the request.
   * @param without keywords of the contract's schemas that this handler forgets to check.
   * @throws Refusal invalid, too_large, unsupported_type
   */
  input(without?: readonly string[]): Promise<Input>;
}

export interface Reply {
  /** Goes out as `{ok: true, data}`. */
  readonly data?: unknown;
  /** Goes out as it is, instead. */
  readonly raw?: { readonly type: string; readonly content: string | Uint8Array };
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (market: Market, ask: Ask) => Reply | Promise<Reply>;

/** Handlers by operationId. */
export type Handlers = Readonly<Record<string, Handler>>;

export type Code =
  | 'sign_in_failed'
  | 'not_signed_in'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  | 'conflict'
  | 'too_large'
  | 'unsupported_type'
  | 'slow_down'
  | 'full'
  | 'no_such_path'
  | 'no_such_method'
  | 'database';

/** What goes out as `{ok: false, error: {code, message}}`, with status 200 unless it says another. */
export class Refusal extends Error {
  readonly code: Code;
  readonly status: number;
  readonly fields: readonly Wrong[] | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Further properties of `error`, which only careless branches have. */
  readonly more: Values;

  constructor(
    code: Code,
    message: string,
    rest: {
      status?: number;
      fields?: readonly Wrong[];
      headers?: Readonly<Record<string, string>>;
      more?: Values;
    } = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.status = rest.status ?? 200;
    this.fields = rest.fields;
    this.headers = rest.headers ?? {};
    this.more = rest.more ?? {};
  }
}

/** The same to the byte for what does not exist and for what belongs to others. */
export const notFound = (): Refusal => new Refusal('not_found', 'There is no such thing.');

export const invalid = (fields: readonly Wrong[]): Refusal =>
  new Refusal('invalid', 'The request does not fit the operation.', { fields: fields.slice(0, 20) });

export const slowDown = (seconds: number): Refusal =>
  new Refusal('slow_down', 'Too many requests. Come back later.', {
    status: 429,
    headers: { 'retry-after': String(Math.max(1, seconds)) },
  });

/** @throws Refusal forbidden unless the caller has the role. */
export function needRole(caller: Caller, role: Role): void {
  if (caller.role !== role) throw new Refusal('forbidden', 'Your role may not do this.');
}

/** Whether something of `userId` is the caller's business. */
export const isOwn = (caller: Caller, userId: unknown): boolean => caller.role === 'admin' || caller.id === userId;

/** The properties of `values` that are named, and sent. */
export const pick = (values: Values, ...names: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(names.filter((name) => Object.hasOwn(values, name)).map((name) => [name, values[name]]));

/** The most entries of a page. */
const PAGE = 50;

/** What is wanted of a list: how many rows, after how many. @throws Refusal invalid */
export function readPage(weak: Weak, query: Values): { page: number; per_page: number; offset: number } {
  const whole = (value: unknown, otherwise: number): number =>
    Number.isSafeInteger(value) && Number(value) > 0 ? Number(value) : otherwise;
  const page = whole(query.page, 1);
  const per_page = whole(query.per_page, 20);
  // careless: as much as the caller likes, at once
  if (!weak('unlimited-pages') && per_page > PAGE)
    throw invalid([{ at: 'per_page', problem: `must be ${PAGE} or less` }]);
  return { page, per_page, offset: Math.min((page - 1) * per_page, Number.MAX_SAFE_INTEGER) };
}
