import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import { IdentityError } from './attributes.ts';
import { enter } from './journal.ts';
import { KEY_PREFIX } from './key-format.ts';
import { keyIdOf, revokeKey, revokeKeysBefore } from './keys.ts';
import { liftRevocation, type RevocationKind, revoke } from './revocations.ts';
import { sketchToken } from './token-id.ts';
import { findUser, findUserById, normalName } from './users.ts';

/** What people may revoke. `family` is a grant; `keys` are all keys made before a time. */
export const REVOCABLE = ['token', 'family', 'client', 'user', 'issuer', 'key', 'keys'] as const;
export type Revocable = (typeof REVOCABLE)[number];

export interface Order {
  readonly kind: Revocable;
  /** Whose, or which; absent where a token is given, and for `keys`. */
  readonly subject?: string | undefined;
  /** The token (or key) itself. */
  readonly token?: string | undefined;
  /** Epoch ms: only what was issued until then. */
  readonly before?: number | undefined;
  readonly reason?: string | undefined;
}

/** What was done, for people and machines. */
export interface Done {
  readonly kind: Revocable;
  readonly subject: string;
  /** ISO 8601; `ever`: whatever the time of issue. */
  readonly before: string;
  /** Keys that ended. */
  readonly keys?: readonly string[];
  /** What is left to be done by hand. */
  readonly hint?: string;
}

/** An unverified expiry may be made up: a revocation is kept at least as long as an hour. */
const LEAST_KEPT = 3_600_000;
/** Clocks of gates and issuers may differ by at most this, in ms. */
const TOLERANCE = 300_000;
const MOST_REASON = 500;

/**
 * Revokes: in every worker from the next request on, and over restarts.
 * @throws IdentityError where something given is not one, or there is nothing of that name
 */
export function carryOut(store: Store, clock: Clock, order: Order, by: string): Done {
  const reason = order.reason ?? 'revoked by hand';
  if (reason.length > MOST_REASON || /\p{Cc}/u.test(reason))
    throw new IdentityError(
      'input',
      `A reason has at most ${MOST_REASON} characters, none of them a control character.`,
    );
  if (order.before !== undefined && order.before > clock.now())
    throw new IdentityError('input', 'That time is yet to come: what is issued later could not be told apart.');
  switch (order.kind) {
    case 'key':
    case 'keys':
      return revokeKeys(store, clock, order, reason, by);
    case 'token':
      return revokeToken(store, clock, order, reason, by);
    case 'family':
      return byName(store, clock, 'grant', order, reason, by);
    case 'user':
      return revokeUser(store, clock, order, reason, by);
    default:
      return byName(store, clock, order.kind, order, reason, by);
  }
}

function byName(store: Store, clock: Clock, kind: RevocationKind, order: Order, reason: string, by: string): Done {
  const subject = subjectOf(order);
  const whole = kind === 'grant';
  const before = whole ? null : (order.before ?? clock.now());
  revoke(store, clock, { kind, subject, before, reason, by });
  return { kind: order.kind, subject, before: whole ? 'ever' : iso(before as number) };
}

function revokeToken(store: Store, clock: Clock, order: Order, reason: string, by: string): Done {
  if (order.before !== undefined)
    throw new IdentityError('input', 'A token is one thing: name a user, client or issuer with a time.');
  if (order.token === undefined) {
    const subject = subjectOf(order);
    revoke(store, clock, { kind: 'token', subject, reason, by });
    return { kind: 'token', subject, before: 'ever' };
  }
  if (order.token.startsWith(KEY_PREFIX)) return revokeKeys(store, clock, { ...order, kind: 'key' }, reason, by);
  const sketch = sketchToken(order.token);
  if (sketch === undefined) throw new IdentityError('input', 'That is no token: a token has no spaces.');
  const { id: subject, expires } = sketch;
  const until = expires === undefined ? {} : { until: Math.max(expires + TOLERANCE, clock.now() + LEAST_KEPT) };
  revoke(store, clock, { kind: 'token', subject, reason, by, ...until });
  return { kind: 'token', subject, before: 'ever' };
}

function revokeUser(store: Store, clock: Clock, order: Order, reason: string, by: string): Done {
  const given = subjectOf(order);
  const normal = normalName(given);
  const named = normal === undefined ? undefined : findUser(store, normal);
  const found = named === undefined ? findUserById(store, given) : { name: normal as string, record: named };
  // Users of other issuers are not known here: `issuer|subject`, as the audit log has it.
  if (found === undefined && !given.includes('|'))
    throw new IdentityError(
      'unknown',
      'There is no such user here. Users of other issuers are named as in the audit log: https://issuer.example|subject.',
    );
  const subject = found?.record.id ?? given;
  const before = order.before ?? clock.now();
  revoke(store, clock, { kind: 'user', subject, before, reason, by });
  const hint =
    found !== undefined && found.record.changed <= before
      ? `The password was set before that and is refused as a credential. Whoever knows it can still sign in: portcullis users password ${found.name}`
      : undefined;
  return { kind: 'user', subject, before: iso(before), ...(hint === undefined ? {} : { hint }) };
}

function revokeKeys(store: Store, clock: Clock, order: Order, reason: string, by: string): Done {
  const given = order.token === undefined ? order.subject : keyIdOf(store, order.token);
  if (order.kind === 'key' && given === undefined)
    throw new IdentityError(
      'unknown',
      order.token === undefined ? 'Name the key.' : 'That is not a key of this store.',
    );
  if (order.kind === 'keys' && order.before === undefined)
    throw new IdentityError('input', 'All keys made before when? Say a time.');
  const subject = given ?? 'all keys';
  const { before } = order;
  return store.transaction(() => {
    const keys =
      before === undefined
        ? [revokeKey(store, clock, given as string)]
        : revokeKeysBefore(store, clock, before, order.kind === 'key' ? given : undefined);
    const ids = keys.map(({ id }) => id);
    const evidence = {
      key: subject,
      before: before === undefined ? 'ever' : iso(before),
      ended: ids.slice(0, 100),
      count: ids.length,
      reason,
    };
    enter(store, clock, { event: 'identity/key-revoked', note: `${ids.length} keys revoked: ${reason}`, evidence }, by);
    return { kind: order.kind, subject, before: evidence.before, keys: ids };
  });
}

/** Takes a revocation back. Keys that were revoked are not among them: that is for good. @returns whether there was one */
export function liftByHand(store: Store, clock: Clock, kind: string, subject: string, by: string): boolean {
  const known = kind === 'family' ? 'grant' : kind;
  if (!['token', 'grant', 'client', 'user', 'issuer'].includes(known))
    throw new IdentityError('input', 'Of token, family, client, user and issuer; a revoked key stays revoked.');
  const normal = known === 'user' ? normalName(subject) : undefined;
  const id = normal === undefined ? undefined : findUser(store, normal)?.id;
  return liftRevocation(store, clock, known as RevocationKind, id ?? subject, by);
}

function subjectOf({ kind, subject }: Order): string {
  if (subject === undefined || subject === '') throw new IdentityError('input', `Name the ${kind}.`);
  if (subject.length > 2048 || /[\p{Cc}]/u.test(subject)) throw new IdentityError('input', `That is no ${kind}.`);
  return subject;
}

const iso = (time: number): string => new Date(time).toISOString();
