import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Database, Row } from './database.ts';
import { Refusal, slowDown } from './market.ts';
import type { Weak } from './weaknesses.ts';

const derive = promisify(argon2);
const PARAMETERS = { memory: 19_456, passes: 2, parallelism: 1 };
const FREE_FAILURES = 5;
const FIRST_LOCK = 30_000;
const LONGEST_LOCK = 15 * 60_000;
const REMEMBERED = 10_000;
const WORKING = 32;
/** Of a password that nobody knows: what is checked where there is no such account, so that it takes as long. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGF0IGFsbCBoZXJl$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Passwords, and what guessing them costs. */
export class Accounts {
  readonly #database: Database;
  readonly #weak: Weak;
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #queues = new Map<string, Promise<unknown>>();
  #working = 0;

  constructor(database: Database, weak: Weak) {
    this.#database = database;
    this.#weak = weak;
  }

  /**
   * The user whose login and password these are. Careful: the same answer, work and lock whether there is one or not.
   * @param address whom guesses are counted against under `trusts-forwarded`.
   * @throws Refusal sign_in_failed, slow_down
   */
  async signIn(login: string, password: string, address: string): Promise<Row> {
    const user = this.#database.get('SELECT * FROM users WHERE login = ? AND active = 1', login);
    // careless: another message, and back before anything was computed
    if (this.#weak('enumeration') && user === undefined) throw failed(`There is no account "${login}".`);
    const check = () => this.#check(String(user?.password_hash ?? NOBODY), password);
    // careless: every address has its own five guesses, and who calls says which address that is
    const guesser = this.#weak('trusts-forwarded') ? `${login} ${address}` : login;
    const right = this.#weak('weak-login') ? await check() : await this.#inTurn(guesser, check);
    if (right && user !== undefined) return user;
    if (this.#weak('enumeration')) throw failed(`This is not the password of "${login}".`);
    throw failed('Login or password is wrong.');
  }

  /** Argon2id in the PHC form. */
  async hash(password: string): Promise<string> {
    const nonce = randomBytes(16);
    const digest = await this.#derive(password, nonce);
    const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
    return `$argon2id$v=19$m=${PARAMETERS.memory},t=${PARAMETERS.passes},p=1$${text(nonce)}$${text(digest)}`;
  }

  async #check(stored: string, password: string): Promise<boolean> {
    const [, , , , salt = '', digest = ''] = stored.split('$');
    const computed = await this.#derive(password, Buffer.from(salt, 'base64'));
    const expected = Buffer.from(digest, 'base64');
    return computed.length === expected.length && timingSafeEqual(computed, expected);
  }

  async #derive(message: string, nonce: Buffer): Promise<Buffer> {
    if (this.#working >= WORKING) throw slowDown(1);
    this.#working += 1;
    try {
      return await derive('argon2id', { message, nonce, ...PARAMETERS, tagLength: 32 });
    } finally {
      this.#working -= 1;
    }
  }

  /** One guess of an account after the other, so that those sent at once do not slip past the lock together. */
  async #inTurn(guesser: string, check: () => Promise<boolean>): Promise<boolean> {
    this.#refuseLocked(guesser);
    const before = this.#queues.get(guesser);
    const turn = (async () => {
      await before?.catch(() => {});
      this.#refuseLocked(guesser);
      const right = await check();
      if (right) this.#failures.delete(guesser);
      else this.#fail(guesser);
      return right;
    })();
    this.#queues.set(guesser, turn);
    try {
      return await turn;
    } finally {
      if (this.#queues.get(guesser) === turn) this.#queues.delete(guesser);
    }
  }

  #refuseLocked(guesser: string): void {
    const wait = (this.#failures.get(guesser)?.until ?? 0) - Date.now();
    if (wait > 0) throw slowDown(Math.ceil(wait / 1000));
  }

  /** From the fifth failure on a lock: half a minute, one, two, ... at most a quarter of an hour. */
  #fail(guesser: string): void {
    const count = (this.#failures.get(guesser)?.count ?? 0) + 1;
    const lock = count < FREE_FAILURES ? 0 : Math.min(LONGEST_LOCK, FIRST_LOCK * 2 ** (count - FREE_FAILURES));
    this.#failures.delete(guesser);
    const oldest = this.#failures.size >= REMEMBERED ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
    this.#failures.set(guesser, { count, until: Date.now() + lock });
  }
}

const failed = (message: string): Refusal => new Refusal('sign_in_failed', message);
