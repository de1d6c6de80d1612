import type { Counters, RateLimit, Taken } from '../storage/counters.ts';
import { type Rate, toLimit } from './rate.ts';

/** Bursts that a caller may owe for requests that were refused as invalid or harmful. */
const DEBT_BURSTS = 4;

/** A rate compiled for one purpose. */
export interface Limit {
  /** Name in `RateLimit` fields and problems, and in counter keys. */
  readonly name: string;
  readonly plain: RateLimit;
  /** The same rate with the burst stretched by what may be delayed: GCRA then reserves a later place. */
  readonly stretched: RateLimit;
  /** Requests by which `stretched` is longer. */
  readonly stretch: number;
  /** The same rate with room for debt: charged with penalties, never asked for admission. */
  readonly debt: RateLimit;
  /** Milliseconds that the burst lasts. */
  readonly tolerance: number;
  /** `"principal";q=100;w=2`: a burst of 100 that comes back within 2 s. */
  readonly policyField: string;
}

/** @returns undefined for `off`. `delay`: milliseconds a request over this rate may wait; 0 for none. */
export function compileLimit(name: string, setting: Rate, delay: number): Limit | undefined {
  const plain = toLimit(setting);
  return plain === undefined ? undefined : limitOf(name, plain, delay);
}

export function limitOf(name: string, plain: RateLimit, delay: number): Limit {
  const emission = plain.window / plain.count;
  const stretch = Math.floor(delay / emission);
  const window = Math.max(1, Math.ceil((plain.burst * emission) / 1_000));
  return {
    name,
    plain,
    stretched: { ...plain, burst: plain.burst + stretch },
    stretch,
    debt: { ...plain, burst: plain.burst * (1 + DEBT_BURSTS) },
    tolerance: plain.burst * emission,
    policyField: `"${name}";q=${plain.burst};w=${window}`,
  };
}

/** What a limit says about one request. */
export interface Verdict {
  readonly limit: Limit;
  readonly allowed: boolean;
  /** Milliseconds to wait before going on; 0 mostly. */
  readonly delay: number;
  readonly remaining: number;
  /** Milliseconds. */
  readonly retryAfter: number;
  readonly resetAfter: number;
}

/**
 * Asks a limit. With `stretch`, a request over the rate is allowed when its turn comes within the delay; its place is
 * reserved by the charge itself, so those who wait are served in order and at the rate, whoever comes meanwhile.
 */
export function ask(counters: Counters, limit: Limit, key: string, stretch: boolean): Verdict | Promise<Verdict> {
  const stretched = stretch && limit.stretch > 0;
  const taken = counters.take(key, stretched ? limit.stretched : limit.plain);
  return taken instanceof Promise ? taken.then((t) => verdict(limit, stretched, t)) : verdict(limit, stretched, taken);
}

function verdict(limit: Limit, stretched: boolean, taken: Taken): Verdict {
  const remaining = stretched ? taken.remaining - limit.stretch : taken.remaining;
  const late = taken.resetAfter - limit.tolerance;
  return {
    limit,
    allowed: taken.allowed,
    // below a tenth of a millisecond it is rounding
    delay: stretched && taken.allowed && late > 0.1 ? late : 0,
    remaining: Math.max(remaining, 0),
    retryAfter: taken.retryAfter,
    resetAfter: taken.resetAfter,
  };
}

/** Milliseconds for which a penalty is the stated reason of a refusal: as long as a debt can last at a rate of 1 s. */
const OWING_WINDOW = 60_000;

/** Charges a penalty, into debt where it must; the debt is bounded, and what would pass the bound is not charged. */
export function punish(counters: Counters, limit: Limit, key: string, cost: number): void {
  // A shared counter that cannot be reached: the penalty is lost, the refusal stands.
  const taken = counters.take(key, limit.debt, cost);
  if (taken instanceof Promise) taken.catch(() => undefined);
  const added = counters.add(`${OWING}${key}`, cost, OWING_WINDOW);
  if (added instanceof Promise) added.catch(() => undefined);
}

/** Whether a caller over its rate owes for penalties: its bucket is further down than good requests could bring it. */
export function isOwing(counters: Counters, verdict: Verdict, key: string, delay: number): boolean {
  if (verdict.resetAfter <= verdict.limit.tolerance + delay + 1) return false;
  const cost = counters.get(`${OWING}${key}`);
  return typeof cost === 'number' && cost > 0;
}

const OWING = 'throttling/owing/';
