import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import { enter } from './journal.ts';

/** Records by kind and subject. */
const REVOCATIONS = 'identity.revocations';
/** One record whose number grows with each change, with the ids of the last ones: whoever holds a copy reads only those. */
const HEAD = 'identity.revocation-head';
/** Changes that are remembered one by one; who is further behind reads everything. */
const RECENT = 64;
/** How long a revocation is kept where nobody says how long the tokens it concerns can live, in ms. */
const KEPT = 366 * 86_400_000;
/** A grant's tokens are short-lived, and its refresh tokens are not found any more: kept long enough for other issuers', too. */
const GRANT_KEPT = 31 * 86_400_000;
/** Every so many changes the ended ones are put away. */
const PRUNED_EVERY = 64;

/**
 * What is revoked. The subject of each kind:
 * - `token`: the credential's id (`jti`, or `sha256:` and the digest).
 * - `grant`: the grant all tokens of one consent and login come from (`grant_id`): a family.
 * - `client`: the application, see {@link revocationSubject}.
 * - `user`: the principal's id.
 * - `issuer`: everything an issuer has issued; `*` for all issuers.
 */
export type RevocationKind = 'token' | 'grant' | 'client' | 'user' | 'issuer';

export interface Revocation {
  readonly kind: RevocationKind;
  readonly subject: string;
  /** Tokens issued until then (epoch ms) are void; null: all, also those that are yet to come. */
  readonly before: number | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** When no token that it concerns can be alive any more, so that it may be forgotten. */
  readonly until: number;
  readonly reason: string;
  readonly by: string;
}

/** What of a token a revocation may name. */
export interface RevocableToken {
  readonly issuer: string;
  readonly token: string;
  readonly grant: string | undefined;
  /** As the token names it. */
  readonly client: string | undefined;
  /** Its subject, as the token names it. */
  readonly user: string;
  /** `iat`, in seconds; undefined counts as issued before anything. */
  readonly issuedAt: number | undefined;
}

/** The one name of a client: those of the embedded server have unique ids, others are unique within their issuer only. */
export const revocationSubject = (issuer: string, id: string, own: boolean): string => (own ? id : `${issuer}|${id}`);

const idOf = (kind: RevocationKind, subject: string): string => `${kind} ${subject}`;

/**
 * Revokes: in every process, from the next request on. May stand within a transaction.
 * @param given `before`: default now; `until`: default in a year
 */
export function revoke(
  store: Store,
  clock: Clock,
  given: Pick<Revocation, 'kind' | 'subject' | 'reason' | 'by'> & Partial<Pick<Revocation, 'before' | 'until'>>,
): Revocation {
  const at = clock.now();
  const { kind, subject, reason, by, before = at } = given;
  const until = given.until ?? at + (kind === 'grant' ? GRANT_KEPT : KEPT);
  return store.transaction(() => {
    const id = idOf(kind, subject);
    const known = store.get<Revocation>(REVOCATIONS, id);
    const revocation: Revocation = {
      kind,
      subject,
      // Never less than what was revoked already.
      before: known?.before === null || before === null ? null : Math.max(known?.before ?? 0, before),
      at,
      until: Math.max(known?.until ?? 0, until),
      reason,
      by,
    };
    store.put(REVOCATIONS, id, revocation);
    changed(store, id, at);
    const evidence = { kind, subject, before: revocation.before === null ? 'ever' : iso(revocation.before), reason };
    enter(store, clock, { event: 'identity/revoked', note: `${kind} revoked: ${reason}`, evidence }, by);
    return revocation;
  });
}

const iso = (time: number): string => new Date(time).toISOString();

/** All revocations in force, latest first. */
export const listRevocations = (store: Store, clock: Clock): Revocation[] =>
  store
    .list<Revocation>(REVOCATIONS)
    .map(({ record }) => record)
    .filter(({ until }) => until > clock.now())
    .sort((a, b) => b.at - a.at);

/** Takes a revocation back. @returns whether there was one */
export const liftRevocation = (
  store: Store,
  clock: Clock,
  kind: RevocationKind,
  subject: string,
  by: string,
): boolean =>
  store.transaction(() => {
    const id = idOf(kind, subject);
    if (!store.delete(REVOCATIONS, id)) return false;
    changed(store, id, clock.now());
    const note = `${kind}: a revocation was taken back`;
    enter(store, clock, { event: 'identity/revocation-lifted', note, evidence: { kind, subject } }, by);
    return true;
  });

interface Head {
  readonly sequence: number;
  /** Ids of the last changes, the newest last. */
  readonly recent?: readonly string[];
}

const headOf = (store: Store): Head => store.get<Head>(HEAD, 'head') ?? { sequence: 0 };

function changed(store: Store, id: string, now: number): void {
  const { sequence, recent = [] } = headOf(store);
  const ids = [...recent, id];
  // Ended ones go when new ones come: the collection stays as small as what is in force.
  if ((sequence + 1) % PRUNED_EVERY === 0) ids.push(...prune(store, now));
  store.put(HEAD, 'head', { sequence: sequence + ids.length - recent.length, recent: ids.slice(-RECENT) });
}

function prune(store: Store, now: number): string[] {
  const ended = store.list<Revocation>(REVOCATIONS).filter(({ record }) => record.until <= now);
  for (const { id } of ended) store.delete(REVOCATIONS, id);
  return ended.map(({ id }) => id);
}

/** The revocations as one process sees them. While nothing changes, asking costs one look at the store's version. */
export class Revocations {
  readonly #store: Store;
  #version = -1;
  #sequence = -1;
  #byId = new Map<string, Revocation>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** A number that is another after any revocation: a token found good under it is good as long as it stays. */
  get sequence(): number {
    // Before the look: a change that comes in between makes what is known look older than it is, never younger.
    const version = this.#store.version();
    if (version !== this.#version) {
      this.#read();
      this.#version = version;
    }
    return this.#sequence;
  }

  /** How many are known, ended ones that were not put away yet included. */
  get size(): number {
    return this.#byId.size;
  }

  /** @returns the revocation that voids a token; undefined where none does */
  find(token: RevocableToken): Revocation | undefined {
    if (this.sequence === 0 || this.#byId.size === 0) return undefined;
    const { issuer, user, client } = token;
    // A user or client may be named as it is (our own have ids that nobody else gives) or within its issuer. What another
    // issuer gives the same name to is refused with it: an issuer can spoil its own tokens only.
    return (
      this.#of('token', token.token, token) ??
      this.#of('grant', token.grant, token) ??
      this.#of('user', user, token) ??
      this.#of('user', `${issuer}|${user}`, token) ??
      this.#of('client', client, token) ??
      (client === undefined ? undefined : this.#of('client', `${issuer}|${client}`, token)) ??
      this.#of('issuer', issuer, token) ??
      this.#of('issuer', '*', token)
    );
  }

  #read(): void {
    const { sequence, recent = [] } = headOf(this.#store);
    const behind = sequence - this.#sequence;
    if (behind === 0) return;
    // A number that went back is another store in the same place: a restored backup.
    if (this.#sequence < 0 || behind < 0 || behind > recent.length) {
      this.#byId = new Map(this.#store.list<Revocation>(REVOCATIONS).map(({ id, record }) => [id, record]));
    } else {
      for (const id of recent.slice(-behind)) {
        const record = this.#store.get<Revocation>(REVOCATIONS, id);
        if (record === undefined) this.#byId.delete(id);
        else this.#byId.set(id, record);
      }
    }
    this.#sequence = sequence;
  }

  #of(kind: RevocationKind, subject: string | undefined, token: RevocableToken): Revocation | undefined {
    if (subject === undefined) return undefined;
    const revocation = this.#byId.get(idOf(kind, subject));
    if (revocation === undefined) return undefined;
    // A token or a grant is one thing: its id says all. `iat` has whole seconds: what was issued in the same second is void.
    if (kind === 'token' || kind === 'grant' || revocation.before === null || token.issuedAt === undefined)
      return revocation;
    return token.issuedAt * 1000 <= revocation.before ? revocation : undefined;
  }
}
