import { formatAddress, inRange, parseRange } from '../../shared/address.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import { addressSubject, type Ban, keyOf, newBanId, principalSubject } from './ban.ts';
import { changeBans, leaveWord, MAX_BY_HAND, readBans } from './records.ts';

/** What people can do with bans: for the CLI and the admin API. A running gate takes every change over in half a second. */

/** What the operator can mend. `unknown`: there is no such ban. */
export class BanError extends Error {
  readonly code: 'input' | 'unknown' | 'full';
  constructor(code: BanError['code'], message: string) {
    super(message);
    this.name = 'BanError';
    this.code = code;
  }
}

/** A ban as it is shown. `over`: no longer in force, but the next one of this subject is longer. */
export interface BanInfo extends Ban {
  readonly state: 'in force' | 'over';
}

export interface NewBan {
  /** An address, a range, or a principal: `key:key_...`, `user:...`; `key_...` alone is a key. */
  readonly who: string;
  /** Milliseconds. */
  readonly span: number;
  readonly reason: string;
}

/** Ranges of fewer bits are half an Internet provider or more: a slip of the pen. */
const LEAST_BITS = { 4: 8, 6: 16 } as const;
const MAX_REASON = 200;
const PRINCIPAL = /^(key|user|client|certificate):([^\p{C}]{1,2000})$/u;
/** Ids as the store gives them out say of what kind they are. */
const BARE_ID = /^(key|user)_\w{1,100}$/;

/** All bans, the newest first; also those that are over and not forgotten. */
export function listBans(store: Store, clock: Clock): BanInfo[] {
  const now = clock.now();
  return readBans(store)
    .filter(({ record }) => record.until > now || record.forget > now)
    .map(({ record }): BanInfo => ({ ...record, state: record.until > now ? 'in force' : 'over' }))
    .sort((a, b) => b.since - a.since);
}

/**
 * The bans of a subject, or the one with an id.
 * @throws BanError `unknown` where there is none
 */
export function findBans(store: Store, clock: Clock, which: string): BanInfo[] {
  const bans = listBans(store, clock);
  const subject = which.startsWith('ban_') ? undefined : subjectOf(which);
  const found = bans.filter(({ id, kind, subject: own }) =>
    subject === undefined ? id === which : own === subject.subject && kind === subject.kind,
  );
  if (found.length > 0) return found;
  const around = subject?.kind === 'address' ? bans.find((ban) => holds(ban, subject.subject)) : undefined;
  const hint = around === undefined ? 'portcullis bans list shows them' : `${around.subject} holds it: name that range`;
  throw new BanError('unknown', `There is no ban of ${which}; ${hint}.`);
}

/**
 * Bans by hand, everything the subject sends; in the place of a ban of the same kind that it has.
 * @param by for the audit log: who did it, and through what
 * @throws BanError
 */
export function addBan(store: Store, clock: Clock, { who, span, reason }: NewBan, by: string): BanInfo {
  const text = reason.trim();
  if (text === '' || text.length > MAX_REASON)
    throw new BanError('input', `A ban by hand has a reason of 1 to ${MAX_REASON} characters.`);
  if (!(span >= 1_000)) throw new BanError('input', 'A ban lasts a second at least.');
  const now = clock.now();
  const until = now + span;
  const ban: Ban = {
    ...subjectOf(who),
    id: newBanId(),
    covers: 'all',
    by: 'hand',
    reason: text,
    cause: [],
    count: 1,
    since: now,
    until,
    forget: until,
  };
  changeBans(store, (changes) => {
    const key = keyOf(ban);
    const others = readBans(store).filter(({ id, record }) => id !== key && record.by === 'hand' && record.until > now);
    if (others.length >= MAX_BY_HAND)
      throw new BanError('full', `There are ${MAX_BY_HAND} bans by hand, the most there may be: lift some first.`);
    changes.put(key, ban);
    leaveWord(store, 'added', [ban], by, now);
  });
  return { ...ban, state: 'in force' };
}

/**
 * Ends bans at once, and forgets them: the next ban of the subject is a first one again.
 * @param which an id or a subject; undefined for all there are
 * @returns those that were lifted
 * @throws BanError `unknown`
 */
export function liftBans(store: Store, clock: Clock, which: string | undefined, by: string): BanInfo[] {
  return changeBans(store, (changes) => {
    const found = which === undefined ? listBans(store, clock) : findBans(store, clock, which);
    for (const ban of found) changes.delete(keyOf(ban));
    if (found.length > 0) leaveWord(store, 'lifted', found, by, clock.now());
    return found;
  });
}

const holds = ({ kind, subject }: Ban, address: string): boolean =>
  kind === 'address' && subject.includes('/') && inRange(address.replace(/\/64$/, ''), subject);

/** @throws BanError where it is neither address, range nor principal */
function subjectOf(who: string): Pick<Ban, 'kind' | 'subject'> {
  const text = who.trim();
  const [, kind, id] = PRINCIPAL.exec(text) ?? [];
  if (kind !== undefined && id !== undefined) return { kind: 'principal', subject: principalSubject(kind, id) };
  const bare = BARE_ID.exec(text)?.[1];
  if (bare !== undefined) return { kind: 'principal', subject: principalSubject(bare, text) };
  const range = parseRange(text);
  if (range === undefined)
    throw new BanError(
      'input',
      'Name an address (192.0.2.7), a range (192.0.2.0/24), a principal (key:key_..., user:..., client:..., certificate:...) or a ban (ban_...).',
    );
  const { version, bits } = range;
  if (bits < LEAST_BITS[version])
    throw new BanError(
      'input',
      `A range of IPv${version} has at least ${LEAST_BITS[version]} bits here: that one is too wide to be meant.`,
    );
  const first = formatAddress(range);
  const single = version === 4 ? bits === 32 : bits >= 64;
  return { kind: 'address', subject: single ? addressSubject(first) : `${first}/${bits}` };
}
