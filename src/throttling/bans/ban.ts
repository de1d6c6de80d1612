import { hash, randomBytes } from 'node:crypto';
import { formatAddress, parseAddress } from '../../shared/address.ts';
import { networkOf } from '../address.ts';

/** Who is banned. */
export type BanKind = 'address' | 'principal';

/**
 * Which of the subject's requests are refused: `all`; of an address only those of `strangers`, who show no credential
 * that is good; only those that a browser marks as caused by another site (`cross-site`).
 */
export type Covers = 'all' | 'strangers' | 'cross-site';

/** One ban, as it is stored. Times are epoch milliseconds. */
export interface Ban {
  /** `ban_` and 12 hexadecimal digits. */
  readonly id: string;
  readonly kind: BanKind;
  /** `192.0.2.1`, `2001:db8:0:1::/64`, a range where it was added by hand; `key:key_...` of a principal. */
  readonly subject: string;
  /** Of a principal whose credential is shared: the only address at which it is banned. */
  readonly at?: string;
  readonly covers: Covers;
  readonly by: 'harm' | 'hand';
  /** What the person wrote who added it. */
  readonly reason?: string;
  /** Ids of the exchanges that did the last harm; of an address banned for its principals, the ids of their bans. */
  readonly cause: readonly string[];
  /** From where a principal did its last harm. */
  readonly from?: string;
  /** The how-manieth ban of this subject in a row. */
  readonly count: number;
  readonly since: number;
  readonly until: number;
  /** Until when it makes the next one longer. */
  readonly forget: number;
}

/** What a ban is about. */
export type Target = Pick<Ban, 'kind' | 'subject' | 'covers' | 'at'>;

const MAX_SUBJECT = 200;

export const newBanId = (): string => `ban_${randomBytes(6).toString('hex')}`;

/** A principal as it is named in bans: `key:key_...`. Names of any length become names of a bounded one. */
export function principalSubject(kind: string, id: string): string {
  const subject = `${kind}:${id}`;
  return subject.length <= MAX_SUBJECT ? subject : `${kind}:#${hash('sha256', id, 'base64url')}`;
}

/** An address as it is named in bans: an IPv4 address, or the /64 of an IPv6 one; what is no address as it is. */
export function addressSubject(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return address.slice(0, MAX_SUBJECT);
  return parsed.version === 4 ? formatAddress(parsed) : `${formatAddress({ ...parsed, c: 0, d: 0 })}/64`;
}

/** The one key of a ban in the store and in memory: a later ban of the same target takes the place of the former. */
export const keyOf = ({ kind, subject, covers, at }: Target): string =>
  kind === 'address' ? addressKey(covers, nearOf(subject)) : principalKey(covers, subject, at && nearOf(at));

/** @param near as {@link networkOf} gives it, or a range */
export const addressKey = (covers: Covers, near: string): string => `address ${covers} ${near}`;

/** The address stands in front: it holds no space, so that no name of a principal can be mistaken for another's. */
export const principalKey = (covers: Covers, subject: string, near?: string): string =>
  near === undefined ? `principal ${covers} ${subject}` : `principal-at ${covers} ${near} ${subject}`;

/** A single network as requests are known by; a range that holds several stays as it is. */
function nearOf(subject: string): string {
  const slash = subject.indexOf('/');
  if (slash < 0) return networkOf(subject).near;
  return subject.endsWith('/64') && subject.includes(':') ? networkOf(subject.slice(0, slash)).near : subject;
}

/** Whether an address ban is of a range that holds several networks. */
export const isRange = ({ kind, subject }: Target): boolean => kind === 'address' && nearOf(subject).includes('/');

/** `192.0.2.1`, `192.0.2.1, strangers only`, `key:k1 at 192.0.2.1`. */
export function describeTarget({ subject, covers, at }: Target): string {
  const where = at === undefined ? subject : `${subject} at ${at}`;
  return covers === 'all' ? where : `${where}, ${covers} only`;
}

/** The span of the n-th ban in a row, in ms. */
export const spanOf = (rules: { first: number; factor: number; max: number }, count: number): number =>
  Math.min(rules.max, rules.first * rules.factor ** Math.min(Math.max(0, count - 1), 64));
