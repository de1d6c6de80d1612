import type { Exchange } from '../../gateway/exchange.ts';
import type { Services } from '../../gateway/services.ts';
import type { RateLimit } from '../../storage/counters.ts';
import { addressSubject, describeTarget, keyOf, principalSubject, type Target } from './ban.ts';
import { Exempt } from './exempt.ts';
import type { Keeper } from './keeper.ts';
import type { BanRules } from './settings.ts';

/** Prefix of the counters of harm. */
const HARM = 'throttling/harm/';
/** Ids of exchanges that are kept as the cause of a ban, of one caller and of how many callers. */
const MAX_CAUSE = 5;
const MAX_CALLERS = 1_000;
/** How far back principals of one address are counted together. */
const TOGETHER = 3_600_000;

/** Whether a browser says that another site made it send this. Who writes it himself counts, and is banned, by it. */
export const isCrossSite = (exchange: Exchange): boolean => exchange.request.headers['sec-fetch-site'] === 'cross-site';

/**
 * Counts what callers were refused for, and bans who is over: a bucket of `harmful` requests that empties evenly over
 * the window. Called at the end of refused exchanges only.
 */
export class Harm {
  readonly #rules: BanRules;
  readonly #limit: RateLimit;
  readonly #shared: ReadonlySet<string>;
  readonly #exempt: Exempt;
  readonly #services: Pick<Services, 'counters' | 'clock' | 'event'>;
  readonly #keeper: Keeper;
  /** By caller, as far as this process has seen it. */
  readonly #last = new Map<string, string[]>();

  constructor(rules: BanRules, services: Pick<Services, 'counters' | 'clock' | 'event'>, keeper: Keeper) {
    this.#rules = rules;
    this.#limit = { count: rules.harmful, window: rules.window, burst: rules.harmful };
    this.#shared = new Set(rules.shared);
    this.#exempt = new Exempt(rules);
    this.#services = services;
    this.#keeper = keeper;
  }

  /** Takes a refused exchange into account. */
  charge(exchange: Exchange): void {
    const weight = this.#weightOf(exchange);
    if (weight === 0) return;
    const target = this.#targetOf(exchange);
    if (target === undefined) return;
    const key = keyOf(target);
    if (weight === 1) this.#note(key, exchange.id);
    const over = this.#isOver(HARM + key, weight);
    // Counters that cannot be reached: this one goes uncounted, its refusal stands.
    if (over instanceof Promise) over.then((yes) => void (yes && this.#ban(target, key, exchange))).catch(() => {});
    else if (over) this.#ban(target, key, exchange);
  }

  #weightOf({ refusal }: Exchange): number {
    if (refusal === undefined) return 0;
    if (refusal.judgement === 'harmful') return 1;
    if (refusal.judgement === 'invalid') return this.#rules.invalid;
    return refusal.code === 'credentials-invalid' ? this.#rules.failed : 0;
  }

  /**
   * Who did it: the principal; of a stranger the address, as far as strangers there are concerned. What a browser sent
   * because another site told it to is counted apart.
   */
  #targetOf(exchange: Exchange): Target | undefined {
    const { principal, peer } = exchange;
    const crossSite = isCrossSite(exchange);
    if (principal === undefined) {
      if (this.#exempt.address(peer.address)) return undefined;
      return { kind: 'address', subject: addressSubject(peer.address), covers: crossSite ? 'cross-site' : 'strangers' };
    }
    if (this.#exempt.principal(principal)) return undefined;
    const shared = this.#shared.size > 0 && principal.roles.some((role) => this.#shared.has(role));
    return {
      kind: 'principal',
      subject: principalSubject(principal.kind, principal.id),
      covers: crossSite ? 'cross-site' : 'all',
      ...(shared ? { at: addressSubject(peer.address) } : {}),
    };
  }

  #isOver(key: string, weight: number): boolean | Promise<boolean> {
    const { counters } = this.#services;
    if (weight === 1) return map(counters.take(key, this.#limit), isFull);
    // What is only wrong adds to harm that is there, and is none by itself.
    return map(counters.take(key, this.#limit, 0), ({ resetAfter }) =>
      resetAfter > 0 ? map(counters.take(key, this.#limit, weight), isFull) : false,
    );
  }

  #note(key: string, id: string): void {
    let ids = this.#last.get(key);
    if (ids === undefined) {
      if (this.#last.size >= MAX_CALLERS) this.#last.delete(this.#last.keys().next().value as string);
      this.#last.set(key, (ids = []));
    }
    ids.push(id);
    if (ids.length > MAX_CAUSE) ids.shift();
  }

  #ban(target: Target, key: string, exchange: Exchange): void {
    const { counters, event } = this.#services;
    const cause = this.#last.get(key) ?? [exchange.id];
    this.#last.delete(key);
    // The next ban has to be earned anew.
    const forgotten = counters.forget(HARM + key);
    if (forgotten instanceof Promise) forgotten.catch(() => {});
    if (this.#rules.mode === 'report') {
      event({
        event: 'throttling/would-ban',
        note: `${target.kind} ${describeTarget(target)} would be shut out; reported only`,
        evidence: { ...target, cause },
      });
      return;
    }
    const from = target.kind === 'principal' ? addressSubject(exchange.peer.address) : undefined;
    this.#keeper.impose(target, cause, this.#rules, from);
    if (from !== undefined && target.covers === 'all') this.#banTogether(from, exchange.peer.address);
  }

  /** Several principals of one address did harm: it is the address. */
  #banTogether(subject: string, address: string): void {
    const { principals: most } = this.#rules;
    if (most === 'off' || this.#exempt.address(address)) return;
    const { principals, bans } = this.#keeper.roll.bannedFrom(subject, this.#services.clock.now() - TOGETHER);
    if (principals < most) return;
    this.#keeper.impose({ kind: 'address', subject, covers: 'all' }, bans.slice(-MAX_CAUSE), this.#rules, undefined);
  }
}

const isFull = ({ allowed, remaining }: { allowed: boolean; remaining: number }): boolean => !allowed || remaining < 1;

/** Goes on at once where the value is there. */
const map = <T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> =>
  value instanceof Promise ? value.then(next) : next(value);
