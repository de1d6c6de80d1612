import { argon2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Problem } from './clinic.ts';
import type { Database, Row } from './database.ts';
import { FAILED_LOGINS, type Limits } from './limits.ts';
import type { Weak } from './weaknesses.ts';

const hash = promisify(argon2);
const MINUTE = 60_000;
const FREE_FAILURES = 5;
const REMEMBERED_ACCOUNTS = 10_000;
const WAITING_LOGINS = 32;
/** Hash of nothing anyone knows: what a password is checked against where there is no such user. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$bm8gc3VjaCBhY2NvdW50IQ$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

export interface Account {
  /** `patient:2`, `staff:1` */
  readonly principal: string;
  readonly role: string;
  readonly patientId: number | undefined;
  readonly staffId: number | undefined;
  readonly passwordHash: string | undefined;
}

/** Patients and staff as users. */
export class Accounts {
  readonly #database: Database;
  readonly #weak: Weak;
  readonly #limits: Limits;
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #attempts = new Map<string, Promise<boolean>>();
  #waiting = 0;

  constructor(database: Database, weak: Weak, limits: Limits) {
    this.#database = database;
    this.#weak = weak;
    this.#limits = limits;
  }

  byName(username: string): Account | undefined {
    const patient = this.#database.get('SELECT * FROM patients WHERE username = ?', username);
    if (patient !== undefined) return account('patient', patient);
    const staff = this.#database.get('SELECT * FROM staff WHERE username = ? AND active = 1', username);
    return staff === undefined ? undefined : account('staff', staff);
  }

  byPrincipal(principal: string): Account | undefined {
    const [kind, id] = principal.split(':');
    if (!/^\d{1,15}$/.test(id ?? '')) return undefined;
    const row =
      kind === 'patient'
        ? this.#database.get('SELECT * FROM patients WHERE id = ?', Number(id))
        : kind === 'staff'
          ? this.#database.get('SELECT * FROM staff WHERE id = ? AND active = 1', Number(id))
          : undefined;
    return row === undefined ? undefined : account(kind === 'patient' ? 'patient' : 'staff', row);
  }

  /**
   * Checks a password. Careful: same answer, same work and same lock whether the user exists or not, and few failures
   * from one address, whoever is tried.
   * @throws Problem 401 wrong; 429 locked or too many at once.
   */
  async login(username: string, password: string, address: string): Promise<Account> {
    const known = this.byName(username);
    if (this.#weak('user-enumeration') && known === undefined) {
      // careless: another message, and back before any hash was computed
      throw new Problem(401, 'Login failed', `There is no user "${username}".`);
    }
    if (!this.#weak('weak-login')) this.#refuseGuesser(address);
    const verify = () => this.#verify(known?.passwordHash ?? NOBODY, password);
    if (this.#waiting >= WAITING_LOGINS) {
      throw new Problem(429, 'Too many requests', 'Too many logins at once.', { headers: { 'retry-after': '1' } });
    }
    this.#waiting += 1;
    let right: boolean;
    try {
      right = this.#weak('weak-login') ? await verify() : await this.#guarded(username, verify);
    } finally {
      this.#waiting -= 1;
    }
    if (!right || known === undefined) {
      if (!this.#weak('weak-login')) this.#limits.take(FAILED_LOGINS, address);
      if (this.#weak('user-enumeration')) throw new Problem(401, 'Login failed', `Wrong password for "${username}".`);
      throw new Problem(401, 'Login failed', 'Username or password is wrong.');
    }
    return known;
  }

  async #verify(stored: string, password: string): Promise<boolean> {
    const [, algorithm, , parameters = '', salt = '', digest = ''] = stored.split('$');
    const [, memory, passes, parallelism] = /^m=(\d+),t=(\d+),p=(\d+)$/.exec(parameters) ?? [];
    if (algorithm !== 'argon2id' || memory === undefined) return false;
    const expected = Buffer.from(digest, 'base64');
    const computed = await hash('argon2id', {
      message: password,
      nonce: Buffer.from(salt, 'base64'),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: expected.length,
    });
    if (this.#weak('weak-login')) return computed.toString('base64') === expected.toString('base64');
    return timingSafeEqual(computed, expected);
  }

  /** One attempt for a user after the other, so that guesses sent at once do not slip past the lock together. */
  async #guarded(username: string, verify: () => Promise<boolean>): Promise<boolean> {
    this.#refuseLocked(username);
    const before = this.#attempts.get(username);
    const attempt = (async () => {
      await before?.catch(() => {});
      this.#refuseLocked(username);
      const right = await verify();
      if (right) this.#failures.delete(username);
      else this.#fail(username);
      return right;
    })();
    this.#attempts.set(username, attempt);
    try {
      return await attempt;
    } finally {
      if (this.#attempts.get(username) === attempt) this.#attempts.delete(username);
    }
  }

  #refuseGuesser(address: string): void {
    const { granted, wait } = this.#limits.look(FAILED_LOGINS, address);
    if (granted) return;
    throw new Problem(429, 'Too many requests', 'Too many failed attempts. Try again later.', {
      headers: { 'retry-after': String(wait) },
    });
  }

  #refuseLocked(username: string): void {
    const failures = this.#failures.get(username);
    if (failures === undefined || failures.count < FREE_FAILURES) return;
    const wait = failures.until - Date.now();
    if (wait <= 0) return;
    throw new Problem(429, 'Too many requests', 'Too many failed attempts for this user. Try again later.', {
      headers: { 'retry-after': String(Math.ceil(wait / 1000)) },
    });
  }

  /** From the fifth failure on a lock that doubles: 1 minute, 2, 4, ... at most an hour. */
  #fail(username: string): void {
    const count = (this.#failures.get(username)?.count ?? 0) + 1;
    const lock = count < FREE_FAILURES ? 0 : Math.min(60, 2 ** (count - FREE_FAILURES)) * MINUTE;
    this.#failures.delete(username);
    if (this.#failures.size >= REMEMBERED_ACCOUNTS) {
      const oldest = this.#failures.keys().next().value;
      if (oldest !== undefined) this.#failures.delete(oldest);
    }
    this.#failures.set(username, { count, until: Date.now() + lock });
  }
}

function account(kind: 'patient' | 'staff', row: Row): Account {
  const id = Number(row.id);
  return {
    principal: `${kind}:${id}`,
    role: String(row.role),
    patientId: kind === 'patient' ? id : undefined,
    staffId: kind === 'staff' ? id : undefined,
    passwordHash: typeof row.password_hash === 'string' ? row.password_hash : undefined,
  };
}
