import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Services } from '../gateway/services.ts';
import { formatAddress, parseAddress } from '../shared/address.ts';
import { formatDuration } from '../shared/duration.ts';
import type { AuthenticationSettings, LockRule } from './settings.ts';

/** How long an address is remembered from which an account was once used rightly, in ms. */
const KNOWN = 30 * 86_400_000;
/** An account that many addresses fail at: slowed from this many times the failures one address is allowed. */
const SLOW_AFTER = 4;
/** The slowing, in ms: doubled with each failure. */
const SLOW = { first: 250, most: 5_000 };
/** Attempts that may be slowed at once: of one account, and in all. Each holds a connection. */
const SLOWED = { account: 4, all: 64 };

/** No attempt is taken now. */
export class Locked {
  /** Whole seconds; at least as long as the lock lasts. */
  readonly retryAfter: number;
  readonly reason: string;
  constructor(reason: string, milliseconds: number) {
    this.reason = reason;
    this.retryAfter = Math.max(1, Math.ceil(milliseconds / 1000));
  }
}

/** An attempt that was taken, and counted as failed already; whoever knows better says so. */
export interface Attempt {
  /** It was right. */
  succeeded(): Promise<void>;
  /** It was not judged at all. */
  withdrawn(): Promise<void>;
}

/**
 * Makes guessing expensive: failures lock for growing spans. What is locked first is one account from one address, so
 * that a stranger elsewhere cannot lock its owner out. Failures at an account from many addresses only slow the
 * addresses it was never used from, and an address that fails at many accounts is locked for passwords as a whole.
 *
 * An attempt is counted before it is judged and taken back if it was right: a thousand guesses sent at once get no
 * further than a thousand sent in turn. Whether the account exists plays no part anywhere here.
 */
export class Lockout {
  readonly #settings: AuthenticationSettings['lockout'];
  readonly #services: Pick<Services, 'counters' | 'event'>;
  readonly #wait: (milliseconds: number) => Promise<unknown>;
  readonly #slowed = new Map<string, number>();
  #slowedNow = 0;

  constructor(
    settings: AuthenticationSettings['lockout'],
    services: Pick<Services, 'counters' | 'event'>,
    wait: (milliseconds: number) => Promise<unknown> = pause,
  ) {
    this.#settings = settings;
    this.#services = services;
    this.#wait = wait;
  }

  /** Counter of the lock of an account at an address: above zero while it is locked. For whoever asks often. */
  lockKey(account: string, group: string): string {
    return `${pairKey(account, group)}/lock`;
  }

  /**
   * Takes an attempt at an account, or refuses it.
   * @param account what was claimed, in normal form where it has one; it need not exist
   * @param group of the address, see {@link addressGroup}
   * @param name for the record: of an account that exists, else undefined (what was claimed may be a password)
   */
  async attempt(account: string, group: string, name: string | undefined): Promise<Attempt | Locked> {
    const { counters } = this.#services;
    const pair = pairKey(account, group);
    const address = addressKey(group);
    const whole = `authentication/account/${digest(account)}`;
    const known = `${pair}/known`;
    const rules = this.#settings;

    const pairLock = await this.#locked(pair, rules.account, 'this account from this address');
    if (pairLock !== undefined) return pairLock;
    // Before the address's lock: a locked address must not probe for passwords that are remembered as verified.
    const evidence = { address: group, user: name ?? '(unknown)' };
    const pairLocked = await this.#charge(pair, rules.account, 'an account is locked for one address', evidence);
    if (pairLocked instanceof Locked) return pairLocked;
    const addressLock = await this.#locked(address, rules.address, 'this address');
    if (addressLock !== undefined) return addressLock;
    const failures = await counters.add(whole, 1, rules.account.window);
    const withdrawFromWhole = () => counters.add(whole, -1, rules.account.window);
    if ((await counters.get(known)) === 0) {
      const slow = await this.#slow(whole, failures - rules.account.failures * SLOW_AFTER);
      if (slow !== undefined) {
        await withdrawFromWhole();
        await this.#takeBack(pair, rules.account, pairLocked);
        return slow;
      }
    }
    const addressLocked = await this.#charge(address, rules.address, 'an address is locked', { address: group });
    if (addressLocked instanceof Locked) {
      await withdrawFromWhole();
      return addressLocked;
    }

    return {
      succeeded: async () => {
        await counters.forget(pair);
        await this.#unlock(pair);
        await counters.add(known, 1, KNOWN);
        await withdrawFromWhole();
        await this.#takeBack(address, rules.address, addressLocked);
      },
      withdrawn: async () => {
        await this.#takeBack(pair, rules.account, pairLocked);
        await withdrawFromWhole();
        await this.#takeBack(address, rules.address, addressLocked);
      },
    };
  }

  /** A credential that belongs to nobody failed: counts against its address. @returns where the address is locked */
  async stranger(group: string): Promise<Locked | undefined> {
    const address = addressKey(group);
    const lock = await this.#locked(address, this.#settings.address, 'this address');
    if (lock !== undefined) return lock;
    const charged = await this.#charge(address, this.#settings.address, 'an address is locked', { address: group });
    return charged instanceof Locked ? charged : undefined;
  }

  async #locked(key: string, rule: LockRule, what: string): Promise<Locked | undefined> {
    const { counters } = this.#services;
    if ((await counters.get(`${key}/lock`)) <= 0) return undefined;
    return new Locked(`${what} is locked`, spanOf(rule, await counters.get(key)));
  }

  /**
   * Counts a failure, and locks where it is one too many. Of attempts that come together only the first to take the turn
   * goes on: the others have passed the look at the lock before it was there.
   * @returns whether it locked; the lock of another attempt that was faster
   */
  async #charge(
    key: string,
    rule: LockRule,
    note: string,
    evidence: Record<string, unknown>,
  ): Promise<boolean | Locked> {
    const { counters, event } = this.#services;
    const failures = await counters.add(key, 1, rule.window);
    if (failures < rule.failures) return false;
    const span = spanOf(rule, failures);
    if (!(await counters.once(`${key}/turn`, span))) {
      await counters.add(key, -1, rule.window + span);
      return new Locked('another attempt was faster', span);
    }
    await counters.add(`${key}/lock`, 1, span);
    // Remembered for the window after the lock ends, so that the next one is longer.
    await counters.add(key, 0, rule.window + span);
    event({ event: 'authentication/locked', note, evidence: { ...evidence, failures, span: formatDuration(span) } });
    return true;
  }

  async #takeBack(key: string, rule: LockRule, locked: boolean): Promise<void> {
    const { counters } = this.#services;
    const left = await counters.add(key, -1, rule.window);
    if (left <= 0) await counters.forget(key);
    if (locked) await this.#unlock(key);
  }

  async #unlock(key: string): Promise<void> {
    await this.#services.counters.forget(`${key}/lock`);
    await this.#services.counters.forget(`${key}/turn`);
  }

  /** Slows an attempt by how much an account is over; refuses where too many are being slowed already. */
  async #slow(account: string, over: number): Promise<Locked | undefined> {
    if (over <= 0) return undefined;
    const mine = this.#slowed.get(account) ?? 0;
    if (mine >= SLOWED.account || this.#slowedNow >= SLOWED.all) return new Locked('this account is slowed', SLOW.most);
    this.#slowed.set(account, mine + 1);
    this.#slowedNow++;
    try {
      await this.#wait(Math.min(SLOW.first * 2 ** Math.min(over - 1, 10), SLOW.most));
    } finally {
      this.#slowedNow--;
      const left = (this.#slowed.get(account) ?? 1) - 1;
      if (left > 0) this.#slowed.set(account, left);
      else this.#slowed.delete(account);
    }
    return undefined;
  }
}

/** The lock that follows the n-th failure, in ms. */
export const spanOf = (rule: LockRule, failures: number): number =>
  Math.min(rule.max, rule.first * rule.factor ** Math.min(Math.max(0, failures - rule.failures), 64));

/** What counts as one address: an IPv4 address, or an IPv6 /64, of which every customer has 2^64 addresses. */
export function addressGroup(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'unknown';
  return parsed.version === 4 ? formatAddress(parsed) : `${formatAddress({ ...parsed, c: 0, d: 0 })}/64`;
}

/** Names of any length and content make keys of one length, and what was mistyped is not kept. */
const digest = (account: string): string => hash('sha256', account, 'base64url').slice(0, 22);
const pairKey = (account: string, group: string): string => `authentication/pair/${digest(account)}/${group}`;
const addressKey = (group: string): string => `authentication/address/${group}`;
