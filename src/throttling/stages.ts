import { hash } from 'node:crypto';
import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { networkOf } from './address.ts';
import { type Guard, guardOf } from './bans/guard.ts';
import { ask, compileLimit, isOwing, type Limit, limitOf, punish, type Verdict } from './limit.ts';
import { type QuotaFinder, quotaFinder } from './quota-policy.ts';
import { overloaded, quotaExceeded, rateLimited, seconds } from './refusals.ts';
import type { ThrottlingSettings } from './settings.ts';
import { Slots } from './slots.ts';
import { Slowdown, type SlowLimits } from './slowdown.ts';

/** IPv6 /48s are admitted at so many times the rate of a /64. */
const WIDE_FACTOR = 8;

/** What is under way in this process; kept over reloads. */
interface State {
  readonly addresses: Slots;
  readonly callers: Slots;
  readonly slowdown: Slowdown;
}

/** What does not depend on the operation. */
interface Compiled {
  readonly settings: ThrottlingSettings;
  readonly services: Services;
  readonly state: State;
  readonly slow: SlowLimits | undefined;
  readonly address: Limit | undefined;
  readonly wide: Limit | undefined;
  readonly anonymous: Limit | undefined;
  readonly principal: Limit | undefined;
  /** By class of applications; undefined where a class is not limited. */
  readonly classes: ReadonlyMap<string, Limit | undefined>;
  readonly quotaFor: QuotaFinder;
  /** Undefined where bans are off. */
  readonly guard: Guard | undefined;
  addressStage: Stage | undefined;
}

/** Plain operations share one settings object: ten thousand of them cost one compilation and one stage by address. */
const compiled = new WeakMap<ThrottlingSettings, Compiled>();

function compile(settings: ThrottlingSettings, services: Services): Compiled {
  const known = compiled.get(settings);
  if (known !== undefined && known.services === services) return known;
  const state = services.keep<State>('throttling/state', () => ({
    addresses: new Slots(),
    callers: new Slots(),
    slowdown: new Slowdown(),
  }));
  const slow = settings.slow === 'off' ? undefined : settings.slow;
  const delay = slow?.delay ?? 0;
  // Not slowed by address: who is behind it is not known yet, and a flood must cost nothing.
  const address = compileLimit('address', settings.address, 0);
  const fresh: Compiled = {
    settings,
    services,
    state,
    slow,
    address,
    wide: address && widen(address),
    anonymous: compileLimit('anonymous', settings.anonymous, delay),
    principal: compileLimit('principal', settings.principal, delay),
    classes: new Map(
      Object.entries(settings.classes).map(([name, setting]) => [name, compileLimit('application', setting, delay)]),
    ),
    quotaFor: quotaFinder(settings.quotas, services),
    guard: guardOf(settings.bans, services),
    addressStage: undefined,
  };
  compiled.set(settings, fresh);
  return fresh;
}

function widen({ plain }: Limit): Limit {
  const { count, window, burst } = plain;
  return limitOf('address', { count: count * WIDE_FACTOR, window, burst: burst * WIDE_FACTOR }, 0);
}

/** Key prefixes of counters, one a purpose, so that no subject can pass for another's. */
const ADDRESS = 'throttling/address/';
const WIDE = 'throttling/site/';
const ANONYMOUS = 'throttling/anonymous/';
const PRINCIPAL = 'throttling/principal/';
const APPLICATION = 'throttling/application/';

const principalOf = (exchange: Exchange): string | undefined =>
  exchange.principal === undefined ? undefined : `${exchange.principal.kind}:${exchange.principal.id}`;

/**
 * The stage by address: bans, then total and per-address concurrency, then the rate. It also settles at the end of every
 * exchange: gives the slots back and charges what a refused request costs on top. Depends on the operation by its places
 * of credentials only, so it stands in front of requests that match none too.
 */
export function addressStage(settings: ThrottlingSettings, operation: Operation, services: Services): Stage {
  const shared = compile(settings, services);
  shared.addressStage ??= makeAddressStage(shared);
  return shared.guard?.before(shared.addressStage, operation) ?? shared.addressStage;
}

function makeAddressStage(compiled: Compiled): Stage {
  const { address, wide, state, services, settings, guard } = compiled;
  const { counters, count } = services;
  const { total, address: perAddress } = settings.concurrency;

  const sent = (refusal: Refusal, labels: Readonly<Record<string, string>>): Refusal => {
    count('portcullis_throttled_total', labels);
    return refusal;
  };
  const judge = (verdict: Verdict, key: string): Refusal | undefined =>
    verdict.allowed ? undefined : sent(rateLimited(verdict, isOwing(counters, verdict, key, 0)), ADDRESS_LABELS);
  const askWide = (site: string): Refusal | undefined | Promise<Refusal | undefined> =>
    then(ask(counters, wide!, WIDE + site, false), (verdict) => judge(verdict, WIDE + site));

  return (exchange) => {
    const slots = state.addresses;
    if (slots.total >= total) return sent(overloaded('total', total), TOTAL_LABELS);
    const network = networkOf(exchange.peer.address);
    const slot = slots.enter(network.near, perAddress);
    if (slot === undefined) return sent(overloaded('address', perAddress), CONCURRENCY_LABELS);
    exchange.finally.push(() => {
      slots.leave(slot);
      const { refusal } = exchange;
      if (refusal === undefined) return;
      if (refusal.judgement !== undefined) settle(compiled, exchange, network.near);
      guard?.refused(exchange);
    });
    if (address === undefined) return undefined;
    const key = ADDRESS + network.near;
    return then(ask(counters, address, key, false), (verdict) => {
      const refusal = judge(verdict, key);
      return refusal !== undefined || network.wide === undefined ? refusal : askWide(network.wide);
    });
  };
}

const ADDRESS_LABELS = { policy: 'address' };
const TOTAL_LABELS = { policy: 'concurrency-total' };
const CONCURRENCY_LABELS = { policy: 'concurrency-address' };
const CALLER_LABELS = { policy: 'concurrency-caller' };
const SLOWED_LABELS = {};

/** Charges what a request refused as invalid or harmful costs above the 1 it has paid, to whoever is known to have sent it. */
function settle(compiled: Compiled, exchange: Exchange, near: string): void {
  const { costs } = compiled.settings;
  const extra = (exchange.refusal?.judgement === 'harmful' ? costs.harmful : costs.invalid) - 1;
  if (extra <= 0) return;
  const { counters } = compiled.services;
  const principal = principalOf(exchange);
  if (principal !== undefined) {
    if (compiled.principal !== undefined) punish(counters, compiled.principal, PRINCIPAL + principal, extra);
  } else if (exchange.anonymous) {
    if (compiled.anonymous !== undefined) punish(counters, compiled.anonymous, ANONYMOUS + near, extra);
  } else if (compiled.address !== undefined) punish(counters, compiled.address, ADDRESS + near, extra);
}

/**
 * The stage by identity: bans, concurrency of the caller, rate of the principal (or anonymous address), rate of the
 * operation, quotas of day and month. Sets the RateLimit fields for principals.
 */
export function identityStage(settings: ThrottlingSettings, operation: Operation, services: Services): Stage {
  const { state, slow, principal, classes, anonymous, quotaFor, guard } = compile(settings, services);
  const { counters, count } = services;
  const delay = slow?.delay ?? 0;
  const own = compileLimit('operation', settings.operation, delay);
  // A short digest for the template: keys stay short, and no path can be mistaken for another key's subject.
  const ownPrefix = `throttling/operation/${hash('sha256', operation.key, 'base64url').slice(0, 12)}/`;
  const perCaller = settings.concurrency.caller;
  const policyFields = [principal, own].flatMap((limit) => (limit === undefined ? [] : [limit.policyField])).join(', ');

  const limited = (verdict: Verdict, key: string): Refusal => {
    count('portcullis_throttled_total', verdict.limit.name === 'operation' ? OPERATION_LABELS : RATE_LABELS);
    return rateLimited(verdict, isOwing(counters, verdict, key, delay));
  };

  /** Quotas come last: what is refused for its rate is not counted. */
  const finish = (
    exchange: Exchange,
    caller: string,
    base: Verdict | undefined,
    narrow: Verdict | undefined,
  ): Refusal | undefined | Promise<undefined> => {
    if (exchange.principal !== undefined) {
      let fields = '';
      let policies = policyFields;
      if (base !== undefined) {
        fields = field(base);
        if (base.limit !== principal)
          policies = own === undefined ? base.limit.policyField : `${base.limit.policyField}, ${own.policyField}`;
      }
      if (narrow !== undefined) fields = fields === '' ? field(narrow) : `${fields}, ${field(narrow)}`;
      const quota = quotaFor(exchange.principal.roles);
      if (quota !== undefined) {
        const use = quota.ledger.use(caller, quota.day, quota.month);
        if (use.violated !== undefined) {
          count('portcullis_throttled_total', QUOTA_LABELS);
          return quotaExceeded(use, use.violated === 'day' ? quota.day : quota.month, quota.policyFields);
        }
        policies = policies === '' ? quota.policyFields : `${policies}, ${quota.policyFields}`;
        const used = quota.fields(use);
        fields = fields === '' ? used : `${fields}, ${used}`;
      }
      if (fields !== '') {
        exchange.answerHeaders['ratelimit-policy'] = policies;
        exchange.answerHeaders['ratelimit'] = fields;
      }
    }
    const wait = Math.max(base?.delay ?? 0, narrow?.delay ?? 0);
    if (wait === 0) return undefined;
    count('portcullis_slowed_total', SLOWED_LABELS);
    exchange.note('throttle-identity', `slowed by ${Math.ceil(wait)} ms`);
    return state.slowdown.wait(exchange, caller, wait);
  };

  return (exchange) => {
    const shutOut = guard?.identity(exchange);
    if (shutOut !== undefined) return shutOut;
    const known = principalOf(exchange);
    const caller = known ?? networkOf(exchange.peer.address).near;
    const slot = state.callers.enter(caller, perCaller);
    if (slot === undefined) {
      count('portcullis_throttled_total', CALLER_LABELS);
      return overloaded('caller', perCaller);
    }
    exchange.finally.push(() => state.callers.leave(slot));
    const stretch = slow !== undefined && state.slowdown.mayWait(caller, slow);
    const limits = exchange.principal?.limits;
    const classed = limits !== undefined && classes.has(limits.class);
    const rate = known === undefined ? anonymous : classed ? classes.get(limits.class) : principal;
    const rateKey = classed ? APPLICATION + limits.subject : (known === undefined ? ANONYMOUS : PRINCIPAL) + caller;
    return then(rate && ask(counters, rate, rateKey, stretch), (verdict) => {
      if (verdict?.allowed === false) return limited(verdict, rateKey);
      if (own === undefined) return finish(exchange, caller, verdict, undefined);
      const ownKey = ownPrefix + caller;
      return then(ask(counters, own, ownKey, stretch), (narrow) =>
        narrow.allowed ? finish(exchange, caller, verdict, narrow) : limited(narrow, ownKey),
      );
    });
  };
}

const RATE_LABELS = { policy: 'caller' };
const OPERATION_LABELS = { policy: 'operation' };
const QUOTA_LABELS = { policy: 'quota' };

const field = ({ limit, remaining, resetAfter }: Verdict): string =>
  `"${limit.name}";r=${remaining};t=${seconds(resetAfter)}`;

/** Goes on at once where the value is there: counters in memory cost no promise. */
function then<T, R>(value: T | Promise<T>, next: (value: T) => R): R | Promise<Awaited<R>> {
  return value instanceof Promise ? (value.then(next) as Promise<Awaited<R>>) : next(value);
}
