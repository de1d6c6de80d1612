import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import type { TotpAlgorithm } from './totp-code.ts';

/** What a user has enrolled, by the user's id: a later user of the same name has none of it. */
const FACTORS = 'identity.factors';
/** Whose a passkey is, by the credential's id. */
const PASSKEYS = 'identity.passkeys';

/** Times are epoch milliseconds. */
interface Common {
  /** `totp_...`, `passkey_...`, `recovery_...` */
  readonly id: string;
  readonly created: number;
  /** Last use; null: never. */
  readonly used: number | null;
}

export interface TotpRecord extends Common {
  readonly kind: 'totp';
  /** Sealed base 64 of the secret. */
  readonly secret: string;
  readonly algorithm: TotpAlgorithm;
  /** The step of the last code that was used: it and all before it are spent. */
  readonly lastStep: number;
}

export interface PasskeyRecord extends Common {
  readonly kind: 'passkey';
  /** As the user calls it. */
  readonly name: string;
  /** Credential id, base64url. */
  readonly credential: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  /** Signatures made, as the authenticator counts; 0 where it does not. */
  readonly counter: number;
  readonly transports: readonly string[];
  /** Copied among a person's devices by its maker's service. */
  readonly synced: boolean;
  /** The host it was made for. */
  readonly host: string;
  /** When its counter went backwards, so that there must be a copy of it: it does not work any more. */
  readonly cloned: number | null;
}

export interface RecoveryRecord extends Common {
  readonly kind: 'recovery';
  /** Keyed digests of the codes that are left. */
  readonly codes: readonly string[];
}

export type FactorRecord = TotpRecord | PasskeyRecord | RecoveryRecord;
export type FactorKind = FactorRecord['kind'];

/** What was begun and is not confirmed yet. */
export interface Pending {
  readonly totp?: Pick<TotpRecord, 'id' | 'secret' | 'algorithm'> & { readonly expires: number };
  readonly passkey?: { readonly challenge: string; readonly expires: number };
}

export interface UserFactors {
  readonly factors: readonly FactorRecord[];
  readonly pending: Pending;
}

/** A factor as people and machines are shown it: nothing secret in it. */
export interface FactorInfo {
  readonly id: string;
  readonly kind: FactorKind;
  readonly created: number;
  readonly used: number | null;
  /** What is to say about it. */
  readonly name: string;
  readonly state: 'active' | 'cloned';
  /** Recovery codes that are left. */
  readonly left?: number;
}

const NONE: UserFactors = { factors: [], pending: {} };

export const readFactors = (store: Store, userId: string): UserFactors =>
  store.get<UserFactors>(FACTORS, userId) ?? NONE;

export const factorOf = <Kind extends FactorKind>(
  { factors }: UserFactors,
  kind: Kind,
): Extract<FactorRecord, { kind: Kind }> | undefined =>
  factors.find((one): one is Extract<FactorRecord, { kind: Kind }> => one.kind === kind);

export const passkeysOf = ({ factors }: UserFactors): PasskeyRecord[] =>
  factors.filter((one): one is PasskeyRecord => one.kind === 'passkey');

/** Whether there is a factor beside the password. Recovery codes alone are none: they stand in for one. */
export const hasFactor = ({ factors }: UserFactors): boolean => factors.some(({ kind }) => kind !== 'recovery');

/** Whose passkey it is. @param credential its id, base64url */
export const ownerOfPasskey = (store: Store, credential: string): string | undefined =>
  store.get<{ user: string }>(PASSKEYS, credential)?.user;

/**
 * Changes what a user has enrolled, in one transaction with whatever `edit` reads.
 * @param edit undefined: nothing is to be changed
 */
export function editFactors<T>(
  store: Store,
  userId: string,
  edit: (now: UserFactors) => { factors?: UserFactors | undefined; result: T },
): T {
  return store.transaction(() => {
    const before = readFactors(store, userId);
    const { factors: after, result } = edit(before);
    if (after === undefined) return result;
    const kept = new Set(passkeysOf(after).map(({ credential }) => credential));
    for (const { credential } of passkeysOf(before)) if (!kept.has(credential)) store.delete(PASSKEYS, credential);
    for (const credential of kept) store.put(PASSKEYS, credential, { user: userId });
    const empty = after.factors.length === 0 && after.pending.totp === undefined && after.pending.passkey === undefined;
    if (empty) store.delete(FACTORS, userId);
    else store.put(FACTORS, userId, after);
    return result;
  });
}

/** The same set with one factor in its new state. */
export const withFactor = (now: UserFactors, changed: FactorRecord): UserFactors => ({
  ...now,
  factors: now.factors.map((one) => (one.id === changed.id ? changed : one)),
});

/**
 * Takes a factor out. With the last real one go the recovery codes: there is nothing left that they could stand in for.
 * @returns what was taken out; undefined where there is no such factor
 */
export function removeFactor(store: Store, userId: string, id: string): FactorRecord | undefined {
  return editFactors(store, userId, (now) => {
    const found = now.factors.find((one) => one.id === id);
    if (found === undefined) return { result: undefined };
    const rest = { ...now, factors: now.factors.filter((one) => one !== found) };
    return { factors: hasFactor(rest) ? rest : { ...rest, factors: [] }, result: found };
  });
}

/** Takes out everything of a user: to be called within the transaction that removes the user. */
export const forgetFactors = (store: Store, userId: string): void =>
  editFactors(store, userId, () => ({ factors: NONE, result: undefined }));

export const infoOf = (record: FactorRecord): FactorInfo => ({
  id: record.id,
  kind: record.kind,
  created: record.created,
  used: record.used,
  name: record.kind === 'passkey' ? record.name : '',
  state: record.kind === 'passkey' && record.cloned !== null ? 'cloned' : 'active',
  ...(record.kind === 'recovery' ? { left: record.codes.length } : {}),
});

/** Whether what was begun at some time may still be confirmed. */
export const isOpen = (pending: { readonly expires: number } | undefined, clock: Clock): boolean =>
  pending !== undefined && clock.now() < pending.expires;
