import { timingSafeEqual } from 'node:crypto';
import { parseRange } from '../shared/address.ts';
import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import { type Attributes, checkedAttributes, IdentityError } from './attributes.ts';
import { digestOf, isWellFormed, newSecret } from './key-format.ts';
import { randomBase62 } from './random.ts';

/** Records by key id. */
const KEYS = 'identity.keys';
/** Key ids by digest: what a request is looked up by. */
const DIGESTS = 'identity.key-digests';
const MOST_RANGES = 50;

/** A key as the store knows it. Times are epoch milliseconds. */
export interface KeyRecord extends Attributes {
  /** SHA-256 of the secret, base64url. */
  readonly digest: string;
  /**
   * Who calls with it: the id of the first key of its line. A rotated key is another credential of the same
   * principal, so quotas, limits and ownership go on over a rotation.
   */
  readonly principal: string;
  readonly created: number;
  readonly expires: number | null;
  readonly revoked: number | null;
  /** Address ranges it may be used from; none or absent: from anywhere. */
  readonly ranges?: readonly string[];
  readonly rotatedFrom: string | null;
  readonly rotatedTo: string | null;
}

/** A key without what identifies its secret: what people and machines are shown. */
export interface KeyInfo extends Omit<KeyRecord, 'digest'> {
  readonly id: string;
  readonly ranges: readonly string[];
  readonly state: KeyState;
}

export type KeyState = 'valid' | 'expired' | 'revoked';

export interface NewKey extends Partial<Attributes> {
  /** Epoch milliseconds. */
  readonly expires?: number | null;
  /** Addresses or ranges (CIDR) it may be used from. */
  readonly ranges?: readonly string[] | undefined;
}

/** State of a key at a time. */
export const keyState = (record: Pick<KeyRecord, 'expires' | 'revoked'>, now: number): KeyState =>
  record.revoked !== null ? 'revoked' : record.expires !== null && now >= record.expires ? 'expired' : 'valid';

/**
 * Makes a key.
 * @returns its public side, and the secret: the only time it exists outside of its holder
 * @throws IdentityError where an attribute is not one, or the expiry has passed
 */
export function createKey(store: Store, clock: Clock, given: NewKey): { key: KeyInfo; secret: string } {
  const attributes = checkedAttributes(given);
  return insert(
    store,
    clock,
    { ...attributes, ranges: checkedRanges(given.ranges ?? []) },
    given.expires ?? null,
    null,
  );
}

/** @throws IdentityError naming the range */
function checkedRanges(given: readonly string[]): readonly string[] {
  if (given.length > MOST_RANGES) throw new IdentityError('input', `At most ${MOST_RANGES} address ranges.`);
  for (const text of given)
    if (parseRange(text) === undefined)
      throw new IdentityError(
        'input',
        `${JSON.stringify(text.slice(0, 60))} is not an address or range such as 203.0.113.0/24 or 2001:db8::/32.`,
      );
  return [...new Set(given)];
}

function insert(
  store: Store,
  clock: Clock,
  { roles, scopes, claims, note, ranges = [] }: Attributes & Pick<KeyRecord, 'ranges'>,
  expires: number | null,
  from: { id: string; principal: string } | null,
): { key: KeyInfo; secret: string } {
  const now = clock.now();
  if (expires !== null && !(expires > now)) throw new IdentityError('input', 'The expiry has already passed.');
  const id = `key_${randomBase62(16)}`;
  const secret = newSecret();
  const record: KeyRecord = {
    digest: digestOf(secret),
    principal: from?.principal ?? id,
    roles,
    scopes,
    claims,
    note,
    created: now,
    expires,
    revoked: null,
    ranges,
    rotatedFrom: from?.id ?? null,
    rotatedTo: null,
  };
  store.transaction(() => {
    store.put(KEYS, id, record);
    store.put(DIGESTS, record.digest, { key: id });
  });
  return { key: infoOf(id, record, now), secret };
}

/** All keys, oldest first. */
export function listKeys(store: Store, clock: Clock): KeyInfo[] {
  const now = clock.now();
  return store
    .list<KeyRecord>(KEYS)
    .map(({ id, record }) => infoOf(id, record, now))
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/**
 * Makes the successor of a valid key, with its roles, scopes, claims and note; the old one stays valid for `overlap` ms
 * at most, so that its holder can change over without a gap.
 * @param expires of the successor; default: as long from now as the old key had from its creation, or never
 * @throws IdentityError where there is no such key, or it is no longer valid or already rotated
 */
export function rotateKey(
  store: Store,
  clock: Clock,
  id: string,
  { overlap, expires }: { overlap: number; expires?: number | null },
): { key: KeyInfo; secret: string; old: KeyInfo } {
  return store.transaction(() => {
    const old = store.get<KeyRecord>(KEYS, id);
    const now = clock.now();
    if (old === undefined) throw new IdentityError('unknown', `There is no key ${shown(id)}.`);
    const state = keyState(old, now);
    if (state !== 'valid') throw new IdentityError('state', `Key ${id} is ${state}: create a new one.`);
    if (old.rotatedTo !== null)
      throw new IdentityError('state', `Key ${id} was already rotated: rotate its successor ${old.rotatedTo}.`);
    const lifetime = old.expires === null ? null : now + (old.expires - old.created);
    const made = insert(store, clock, old, expires === undefined ? lifetime : expires, {
      id,
      principal: old.principal,
    });
    const ended: KeyRecord = {
      ...old,
      rotatedTo: made.key.id,
      expires: Math.min(old.expires ?? Number.POSITIVE_INFINITY, now + overlap),
    };
    store.put(KEYS, id, ended);
    return { ...made, old: infoOf(id, ended, now) };
  });
}

/**
 * Ends a key for good, in every process at once. Its record stays, so that the audit log can still name it.
 * @throws IdentityError where there is no such key; a key that is already revoked keeps its first time
 */
export function revokeKey(store: Store, clock: Clock, id: string): KeyInfo {
  return store.transaction(() => {
    const record = store.get<KeyRecord>(KEYS, id);
    if (record === undefined) throw new IdentityError('unknown', `There is no key ${shown(id)}.`);
    const now = clock.now();
    if (record.revoked !== null) return infoOf(id, record, now);
    const ended: KeyRecord = { ...record, revoked: now };
    store.put(KEYS, id, ended);
    return infoOf(id, ended, now);
  });
}

/**
 * Ends every key that was made before a time: all of them, or those of the line that a key belongs to.
 * @returns those that were valid until now
 * @throws IdentityError where there is no such key
 */
export function revokeKeysBefore(store: Store, clock: Clock, before: number, id?: string): KeyInfo[] {
  return store.transaction(() => {
    const line = id === undefined ? undefined : store.get<KeyRecord>(KEYS, id);
    if (id !== undefined && line === undefined) throw new IdentityError('unknown', `There is no key ${shown(id)}.`);
    const now = clock.now();
    const ended: KeyInfo[] = [];
    for (const { id: one, record } of store.list<KeyRecord>(KEYS)) {
      if (record.created >= before || record.revoked !== null) continue;
      if (line !== undefined && record.principal !== line.principal) continue;
      const revoked: KeyRecord = { ...record, revoked: now };
      store.put(KEYS, one, revoked);
      if (keyState(record, now) === 'valid') ended.push(infoOf(one, revoked, now));
    }
    return ended;
  });
}

/** The id of the key with this secret, valid or not; undefined where it is none of ours. */
export const keyIdOf = (store: Store, secret: string): string | undefined =>
  isWellFormed(secret) ? findKey(store, digestOf(secret))?.id : undefined;

/**
 * Looks a key up by the digest of its secret. Whatever its state: the caller judges that with {@link keyState}.
 *
 * The look-up itself may take longer for one digest than for another; that tells nothing about any secret, because a
 * caller cannot choose its digest. The comparison that decides is in constant time.
 */
export function findKey(store: Store, digest: string): { id: string; record: KeyRecord } | undefined {
  const entry = store.get<{ key: string }>(DIGESTS, digest);
  if (entry === undefined) return undefined;
  const record = store.get<KeyRecord>(KEYS, entry.key);
  if (record === undefined || record.digest.length !== digest.length) return undefined;
  if (!timingSafeEqual(Buffer.from(record.digest), Buffer.from(digest))) return undefined;
  return { id: entry.key, record };
}

function infoOf(id: string, record: KeyRecord, now: number): KeyInfo {
  const { digest: _, ...rest } = record;
  return { id, state: keyState(record, now), ...rest, ranges: record.ranges ?? [] };
}

/** An id as it may be repeated to the operator: never a secret given in its place, never a control character. */
const shown = (id: string): string => (/^key_[0-9A-Za-z]{1,64}$/.test(id) ? id : 'of that id (an id starts with key_)');
