import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import { type Attributes, checkedAttributes, IdentityError } from './attributes.ts';
import { forgetFactors } from './factors/records.ts';
import { isOutdated, NOBODY, type PasswordHashing } from './password-hashing.ts';
import { passwordProblem } from './password-rules.ts';
import { randomBase62 } from './random.ts';

/** Records by normal name. */
const USERS = 'identity.users';
/** Normal names by user id. */
const NAMES = 'identity.user-names';

/** A user as the store knows it. Times are epoch milliseconds. */
export interface UserRecord extends Attributes {
  /** `user_...`: stays with this user only; a later one of the same name gets another. */
  readonly id: string;
  /** PHC string. */
  readonly password: string;
  readonly disabled: boolean;
  readonly created: number;
  /** Of the password. */
  readonly changed: number;
}

/** A user without the password's hash: what people and machines are shown. */
export interface UserInfo extends Omit<UserRecord, 'password'> {
  readonly name: string;
}

const NAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._@+-]{0,127}$/u;

/**
 * The one form of a user's name, after RFC 8265 (UsernameCaseMapped): compatibility forms folded (full-width letters are
 * letters), lower case, NFC. `Ann`, `ann` and `ａｎｎ` are one user, so that nobody can be mistaken for another by
 * case or width. Letters, digits and `. _ @ + -`, at most 128.
 * @returns undefined where it cannot be a name
 */
export function normalName(name: string): string | undefined {
  if (name.length > 512 || !name.isWellFormed()) return undefined;
  const normal = name.normalize('NFKC').toLowerCase().normalize('NFC');
  return NAME.test(normal) ? normal : undefined;
}

/**
 * Makes a user.
 * @throws IdentityError where the name is taken or none, or the password cannot be taken (says why)
 */
export async function createUser(
  store: Store,
  clock: Clock,
  hashing: PasswordHashing,
  given: Partial<Attributes> & { name: string; password: string },
): Promise<UserInfo> {
  const name = named(given.name);
  const attributes = checkedAttributes(given);
  checkPassword(given.password, name);
  const taken = () => {
    if (store.get(USERS, name) !== undefined) throw new IdentityError('exists', `There already is a user ${name}.`);
  };
  taken();
  const password = await hashing.hash(given.password);
  const now = clock.now();
  const record: UserRecord = {
    id: `user_${randomBase62(16)}`,
    ...attributes,
    password,
    disabled: false,
    created: now,
    changed: now,
  };
  store.transaction(() => {
    taken();
    store.put(USERS, name, record);
    store.put(NAMES, record.id, { name });
  });
  return infoOf(name, record);
}

/** All users in order of name. */
export const listUsers = (store: Store): UserInfo[] =>
  store.list<UserRecord>(USERS).map(({ id, record }) => infoOf(id, record));

/** Looks a user up by normal name. */
export const findUser = (store: Store, name: string): UserRecord | undefined => store.get<UserRecord>(USERS, name);

/** Looks a user up by id. */
export function findUserById(store: Store, id: string): { name: string; record: UserRecord } | undefined {
  const entry = store.get<{ name: string }>(NAMES, id);
  if (entry === undefined) {
    // Made before there was an index by id.
    const found = store.list<UserRecord>(USERS).find(({ record }) => record.id === id);
    return found === undefined ? undefined : { name: found.id, record: found.record };
  }
  const record = findUser(store, entry.name);
  return record?.id === id ? { name: entry.name, record } : undefined;
}

/** Ends or restores what a user may do, in every process at once. @throws IdentityError where there is no such user */
export const setDisabled = (store: Store, name: string, disabled: boolean): UserInfo =>
  change(store, name, (record) => ({ ...record, disabled }));

/**
 * Sets a new password; whatever was verified with the old one ends at once.
 * @throws IdentityError where there is no such user, or the password cannot be taken (says why)
 */
export async function setPassword(
  store: Store,
  clock: Clock,
  hashing: PasswordHashing,
  name: string,
  password: string,
): Promise<UserInfo> {
  const normal = named(name);
  if (findUser(store, normal) === undefined) throw new IdentityError('unknown', `There is no user ${normal}.`);
  checkPassword(password, normal);
  const phc = await hashing.hash(password);
  return change(store, normal, (record) => ({ ...record, password: phc, changed: clock.now() }));
}

/** Takes a user out. @throws IdentityError where there is no such user */
export function removeUser(store: Store, name: string): void {
  const normal = named(name);
  store.transaction(() => {
    const record = findUser(store, normal);
    if (record === undefined) throw new IdentityError('unknown', `There is no user ${normal}.`);
    store.delete(USERS, normal);
    store.delete(NAMES, record.id);
    forgetFactors(store, record.id);
  });
}

/**
 * Verifies a name and password. Costs one Argon2id hash in every case: no such user, a disabled one, a wrong password.
 * @param name in normal form; undefined where what was claimed cannot be a name
 * @param owner who asks (an address), for a fair share of the queue
 * @returns the user's record as it was verified; or why not, for the record only
 * @throws Overloaded
 */
export async function verifyUser(
  store: Store,
  hashing: PasswordHashing,
  name: string | undefined,
  password: string,
  owner: string,
): Promise<UserRecord | 'unknown' | 'disabled' | 'wrong'> {
  const before = name === undefined ? undefined : findUser(store, name);
  const right = await hashing.verify(password, before?.password ?? NOBODY, owner);
  if (before === undefined || name === undefined) return 'unknown';
  if (!right) return 'wrong';
  // Whatever changed during the hash counts: the answer must not be older than a change that was already acknowledged.
  const now = findUser(store, name);
  if (now === undefined || now.id !== before.id || now.password !== before.password) return 'wrong';
  if (now.disabled) return 'disabled';
  if (!isOutdated(now.password)) return now;
  return renew(store, hashing, name, password, now);
}

/** Hashes a password that was just verified with today's parameters. Where there is no room for that now: later. */
async function renew(
  store: Store,
  hashing: PasswordHashing,
  name: string,
  password: string,
  verified: UserRecord,
): Promise<UserRecord | 'disabled' | 'wrong'> {
  const phc = await hashing.hash(password).catch(() => undefined);
  if (phc === undefined) return verified;
  return store.transaction(() => {
    const record = findUser(store, name);
    if (record?.password !== verified.password) return 'wrong';
    if (record.disabled) return 'disabled';
    const renewed: UserRecord = { ...record, password: phc };
    store.put(USERS, name, renewed);
    return renewed;
  });
}

function change(store: Store, name: string, edit: (record: UserRecord) => UserRecord): UserInfo {
  const normal = named(name);
  return store.transaction(() => {
    const record = findUser(store, normal);
    if (record === undefined) throw new IdentityError('unknown', `There is no user ${normal}.`);
    const edited = edit(record);
    store.put(USERS, normal, edited);
    return infoOf(normal, edited);
  });
}

function named(name: string): string {
  const normal = normalName(name);
  if (normal === undefined)
    throw new IdentityError(
      'input',
      'A name has 1 to 128 letters, digits or . _ @ + - and starts with a letter or digit.',
    );
  return normal;
}

function checkPassword(password: string, name: string): void {
  const problem = passwordProblem(password, name);
  if (problem !== undefined) throw new IdentityError('input', problem);
}

function infoOf(name: string, record: UserRecord): UserInfo {
  const { password: _, ...rest } = record;
  return { name, ...rest };
}
