import { createHmac, hash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Services } from '../gateway/services.ts';
import { normalPassword } from '../identity/password-rules.ts';
import { formatAddress, parseAddress } from '../shared/address.ts';
import { formatDuration } from '../shared/duration.ts';
import type { AuthenticationSettings, LockRule } from './settings.ts';
import { networkOf } from './unusual/network.ts';

/** How long an address is remembered from which an account was once used rightly, in ms. */
const KNOWN = 30 * 86_400_000;
/** An account that many addresses fail at: slowed from this many times the failures one address is allowed. */
const SLOW_AFTER = 4;
/** The slowing, in ms: doubled with each failure. */
const SLOW = { first: 250, most: 5_000 };
/** Attempts that may be slowed at once: of one account, and in all. Each holds a connection. */
const SLOWED = { account: 4, all: 64 };

/** An account that is slowed is told once in this time, in ms. */
const TOLD = 3_600_000;
/** Collection of secrets that all workers and gates on one store share. */
const SECRETS = 'authentication.secrets';

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

type Needed = Pick<Services, 'counters' | 'event'> & Partial<Pick<Services, 'store'>>;

/**
 * Makes guessing expensive: failures lock for growing spans. What is locked first is one account from one address, so
 * that a stranger elsewhere cannot lock its owner out. Failures at an account from many addresses only slow the
 * addresses it was never used from. An address or network that fails at many accounts, and a password that fails at many
 * accounts from wherever, are locked: for everyone but those who have signed in from that very address before, whom
 * strangers' failures never keep out.
 *
 * An attempt is counted before it is judged and taken back if it was right: a thousand guesses sent at once get no
 * further than a thousand sent in turn. Whether the account exists plays no part anywhere here.
 */
export class Lockout {
  readonly #settings: AuthenticationSettings['lockout'];
  readonly #services: Needed;
  readonly #wait: (milliseconds: number) => Promise<unknown>;
  readonly #slowed = new Map<string, number>();
  #secret: Buffer | undefined = undefined;
  #slowedNow = 0;

  constructor(
    settings: AuthenticationSettings['lockout'],
    services: Needed,
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
   * @param password what is tried; absent where it is no password that could be tried elsewhere
   */
  async attempt(
    account: string,
    group: string,
    name: string | undefined,
    password?: string,
  ): Promise<Attempt | Locked> {
    const { counters } = this.#services;
    const rules = this.#settings;
    const pair = pairKey(account, group);
    const evidence = { address: group, user: name ?? '(unknown)' };

    const pairLock = await this.#locked(pair, rules.account, 'this account from this address');
    if (pairLock !== undefined) return pairLock;
    // Before all other locks: a locked address must not probe for passwords that are remembered as verified.
    const own = await this.#charge(pair, rules.account, 'an account is locked for one address', evidence);
    if (own instanceof Locked) return own;
    const known = `${pair}/known`;
    const others: Charge[] = [];
    // Whoever signed in from here before has to do with own failures only.
    if ((await counters.get(known)) === 0) {
      const refused = await this.#asStranger(account, group, name, password, others);
      if (refused !== undefined) {
        for (const charge of others) await charge.back();
        // What was not judged because of an account's own slowness is no failure; at a locked address it is.
        if (refused.slowed) await this.#takeBack(pair, rules.account, own);
        return refused.locked;
      }
    }
    return {
      succeeded: async () => {
        await counters.forget(pair);
        await this.#unlock(pair);
        await counters.add(known, 1, KNOWN);
        for (const charge of others) await charge.back();
      },
      withdrawn: async () => {
        await this.#takeBack(pair, rules.account, own);
        for (const charge of others) await charge.back();
      },
    };
  }

  /** Charges an attempt from where the account was never used. @returns why it is not taken */
  async #asStranger(
    account: string,
    group: string,
    name: string | undefined,
    password: string | undefined,
    charged: Charge[],
  ): Promise<{ locked: Locked; slowed: boolean } | undefined> {
    const { counters } = this.#services;
    const rules = this.#settings;
    const network = networkOf(group.replace(/\/64$/, ''));
    const places: readonly Place[] = [
      {
        key: addressKey(group),
        rule: rules.address,
        what: 'this address',
        note: 'an address is locked',
        evidence: { address: group },
      },
      {
        key: `authentication/network/${network}`,
        rule: rules.network,
        what: 'this network',
        note: 'a network is locked for passwords',
        evidence: { network },
      },
    ];
    const tried = password === undefined ? undefined : this.#passwordKey(password);
    for (const { key, rule, what } of places) {
      const lock = await this.#locked(key, rule, what);
      if (lock !== undefined) return { locked: lock, slowed: false };
    }
    if (tried !== undefined) {
      const lock = await this.#locked(tried, rules.password, 'this password, at names it was not used with from here');
      if (lock !== undefined) return { locked: lock, slowed: false };
    }
    const whole = `authentication/account/${digest(account)}`;
    const failures = await counters.add(whole, 1, rules.account.window);
    charged.push({ back: async () => void (await counters.add(whole, -1, rules.account.window)) });
    const slow = await this.#slow(whole, failures - rules.account.failures * SLOW_AFTER, name);
    if (slow !== undefined) return { locked: slow, slowed: true };
    for (const { key, rule, note, evidence } of places) {
      const charge = await this.#charge(key, rule, note, evidence);
      if (charge instanceof Locked) return { locked: charge, slowed: false };
      charged.push({ back: () => this.#takeBack(key, rule, charge) });
    }
    if (tried === undefined) return undefined;
    const mark = `${tried}/${digest(account)}`;
    // Once for each account: who mistypes the same again and again tries one account only.
    if (!(await counters.once(mark, rules.password.window))) return undefined;
    const note = 'a password is locked: it was tried with many names';
    const charge = await this.#charge(tried, rules.password, note, { address: group });
    if (charge instanceof Locked) return { locked: charge, slowed: false };
    charged.push({
      back: async () => {
        await counters.forget(mark);
        await this.#takeBack(tried, rules.password, charge);
      },
    });
    return undefined;
  }

  /** A keyed digest, so that the counters of no worker hold anything a password could be found by. */
  #passwordKey(password: string): string {
    this.#secret ??= this.#sharedSecret();
    const hmac = createHmac('sha256', this.#secret).update(normalPassword(password));
    return `authentication/password/${hmac.digest('base64url').slice(0, 22)}`;
  }

  /** The same in all workers, which count together. */
  #sharedSecret(): Buffer {
    const { store } = this.#services;
    if (store === undefined) return randomBytes(32);
    const { secret } = store.transaction(() => {
      const known = store.get<{ secret: string }>(SECRETS, 'passwords-tried');
      if (known !== undefined) return known;
      const made = { secret: randomBytes(32).toString('base64url') };
      store.put(SECRETS, 'passwords-tried', made);
      return made;
    });
    return Buffer.from(secret, 'base64url');
  }

  /** A credential that belongs to nobody failed: counts against its address. @returns where the address is locked */
  async stranger(group: string): Promise<Locked | undefined> {
    const address = addressKey(group);
    const lock = await this.#locked(address, this.#settings.address, 'this address');
    if (lock !== undefined) return lock;
    const charged = await this.#charge(address, this.#settings.address, 'an address is locked', { address: group });
    return charged instanceof Locked ? charged : undefined;
  }

  /** Whether an address is locked for those who guess; counts nothing. */
  strangerLocked(group: string): Promise<Locked | undefined> {
    return this.#locked(addressKey(group), this.#settings.address, 'this address');
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

  #tellSlowed(account: string, name: string | undefined): void {
    const tell = (first: boolean): void => {
      const note = 'an account is attacked from many addresses: those it was never used from are slowed';
      if (first)
        this.#services.event({ event: 'authentication/slowed', note, evidence: { user: name ?? '(unknown)' } });
    };
    const first = this.#services.counters.once(`${account}/told`, TOLD);
    if (first instanceof Promise) void first.then(tell);
    else tell(first);
  }

  /** Slows an attempt by how much an account is over; refuses where too many are being slowed already. */
  async #slow(account: string, over: number, name: string | undefined): Promise<Locked | undefined> {
    if (over <= 0) return undefined;
    if (over === 1) this.#tellSlowed(account, name);
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

/** Something that was counted, and can be taken back. */
interface Charge {
  back(): Promise<void>;
}

/** Where attempts come from, as it is counted. */
interface Place {
  readonly key: string;
  readonly rule: LockRule;
  readonly what: string;
  readonly note: string;
  readonly evidence: Record<string, unknown>;
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
