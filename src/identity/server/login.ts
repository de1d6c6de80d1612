import type { Services } from '../../gateway/services.ts';
import { NOBODY, Overloaded, type PasswordHashing } from '../password-hashing.ts';
import { LONGEST_BYTES } from '../password-rules.ts';
import { findUser, normalName, verifyUser } from '../users.ts';
import type { Factor, Login, NotPassed, Passed } from './factor.ts';
import type { Records } from './records.ts';

/** Kind of the records of logins under way. */
const LOGIN = 'Login';
const LIFE = 15 * 60_000;
const MAX_NAME = 256;

/** What counts attempts: the gate's own lock-out, so that a lock holds here and there alike. */
export interface Guard {
  attempt(account: string, group: string, name: string | undefined, password?: string): Promise<Attempt | Locked>;
}
interface Attempt {
  succeeded(): Promise<void>;
  withdrawn(): Promise<void>;
}
interface Locked {
  readonly retryAfter: number;
  readonly reason: string;
}

/** How far a login has come, as it is kept between two pages. */
export interface Progress {
  readonly name: string;
  readonly passed: readonly Passed[];
  /** Of each factor, see {@link Login.state}. */
  readonly states: Readonly<Record<string, Record<string, unknown>>>;
}

export type StepResult =
  | { readonly passed: Passed; readonly name: string }
  | {
      readonly refused: 'wrong' | 'factor' | 'locked' | 'busy';
      readonly reason: string;
      readonly retryAfter?: number;
      readonly text?: string;
    };

/** Logins under way: their steps, and what counts and keeps them. */
export class Logins {
  readonly #services: Services;
  readonly #records: Records;
  readonly #hashing: PasswordHashing;
  readonly #guard: Guard;

  constructor(services: Services, records: Records, hashing: PasswordHashing, guard: Guard) {
    this.#services = services;
    this.#records = records;
    this.#hashing = hashing;
    this.#guard = guard;
  }

  progress(uid: string): Progress | undefined {
    return this.#records.get<Progress>(LOGIN, this.#records.nameOf(LOGIN, uid))?.value;
  }

  keep(uid: string, progress: Progress): void {
    this.#records.put(LOGIN, this.#records.nameOf(LOGIN, uid), progress, this.#services.clock.now() + LIFE);
  }

  forget(uid: string): void {
    this.#records.delete(LOGIN, this.#records.nameOf(LOGIN, uid));
  }

  /**
   * Judges a name and password. Takes the same time and gives the same answer for a user that does not exist, one that is
   * disabled and a wrong password: one hash, one answer.
   */
  async password(given: string, password: string, group: string): Promise<StepResult> {
    const { store, clock } = this.#services;
    const claimed = given.trim().slice(0, MAX_NAME);
    const name = normalName(claimed);
    const exists = name !== undefined && findUser(store, name) !== undefined;
    const attempt = await this.#guard.attempt(name ?? claimed, group, exists ? name : undefined, password);
    if ('retryAfter' in attempt) return { refused: 'locked', reason: attempt.reason, retryAfter: attempt.retryAfter };
    try {
      if (Buffer.byteLength(password.normalize('NFC')) > LONGEST_BYTES) {
        await this.#hashing.verify('too long', NOBODY, group);
        return { refused: 'wrong', reason: 'longer than any password' };
      }
      const user = await verifyUser(store, this.#hashing, name, password, group);
      if (typeof user === 'string') return { refused: 'wrong', reason: user };
    } catch (error) {
      await attempt.withdrawn();
      if (!(error instanceof Overloaded)) throw error;
      return { refused: 'busy', reason: 'too many passwords at once', retryAfter: error.retryAfter };
    }
    await attempt.succeeded();
    return { name: name as string, passed: { factor: 'password', amr: ['pwd'], at: clock.now() } };
  }

  /** Judges the answer to a factor. Failures are counted apart from the password's: that one is right must not clear them. */
  async factor(factor: Factor, login: Login, form: ReadonlyMap<string, string>): Promise<StepResult> {
    const attempt = await this.#guard.attempt(`${login.name}\0factor`, login.group, login.name);
    if ('retryAfter' in attempt) return { refused: 'locked', reason: attempt.reason, retryAfter: attempt.retryAfter };
    let answer: Passed | NotPassed;
    try {
      answer = await factor.answer(login, form, this.#services);
    } catch (error) {
      await attempt.withdrawn();
      throw error;
    }
    if ('text' in answer) return { refused: 'factor', reason: answer.reason, text: answer.text };
    await attempt.succeeded();
    return { name: login.name, passed: answer };
  }
}
