import type { Operation } from '../../contract/model.ts';
import type { CanonicalRequest, Exchange } from '../../gateway/exchange.ts';
import type { Principal } from '../../gateway/principal.ts';
import type { Refusal } from '../../gateway/refusal.ts';
import type { Stage } from '../../gateway/room.ts';
import type { Services } from '../../gateway/services.ts';
import { cookieName, credentialPlaces, queryName } from '../../shared/credential-places.ts';
import { networkOf } from '../address.ts';
import { banned } from '../refusals.ts';
import { type Covers, principalSubject } from './ban.ts';
import { Exempt } from './exempt.ts';
import { Harm, isCrossSite } from './harm.ts';
import { Keeper } from './keeper.ts';
import type { Held } from './roll.ts';
import type { BanRules, BansSettings } from './settings.ts';

/** The settings of bans are the same object for all operations: they share one guard. */
const guards = new WeakMap<BanRules, { readonly services: Services; readonly guard: Guard }>();

/** @returns undefined where bans are off: then nothing is read, counted or refused */
export function guardOf(settings: BansSettings, services: Services): Guard | undefined {
  if (settings === 'off') return undefined;
  const known = guards.get(settings);
  if (known?.services === services) return known.guard;
  const keeper = services.keep('throttling/bans', () => new Keeper(services));
  const guard = new Guard(settings, services, keeper);
  guards.set(settings, { services, guard });
  return guard;
}

/** Asks the roll at both stages, and takes harm into account at the end. */
export class Guard {
  readonly #keeper: Keeper;
  readonly #harm: Harm;
  readonly #services: Services;
  readonly #exempt: Exempt;
  readonly #report: boolean;
  readonly #shares: boolean;
  readonly #stages = new WeakMap<Stage, Map<string, Stage>>();

  constructor(rules: BanRules, services: Services, keeper: Keeper) {
    this.#keeper = keeper;
    this.#services = services;
    this.#harm = new Harm(rules, services, keeper);
    this.#exempt = new Exempt(rules);
    this.#report = rules.mode === 'report';
    this.#shares = rules.shared.length > 0;
  }

  /** The stage in front of everything else that looks at an address. Operations with the same credentials share it. */
  before(next: Stage, operation: Operation): Stage {
    const places = credentialPlaces(operation);
    const key = JSON.stringify(places);
    let stages = this.#stages.get(next);
    if (stages === undefined) this.#stages.set(next, (stages = new Map()));
    let stage = stages.get(key);
    if (stage === undefined) {
      const carries = credentialTest(places);
      const { roll } = this.#keeper;
      stage = (exchange) => (roll.addresses > 0 ? this.#address(exchange, carries) : undefined) ?? next(exchange);
      stages.set(key, stage);
    }
    return stage;
  }

  /** An address for all; for strangers only where nothing was sent that could show who calls. */
  #address(exchange: Exchange, carries: (exchange: Exchange) => boolean): Refusal | undefined {
    const { roll } = this.#keeper;
    const { address } = exchange.peer;
    const { near } = networkOf(address);
    const all = this.#bindsAddress(roll.address('all', near), address) ?? roll.range(address, near);
    if (all !== undefined) return this.#refuse(all);
    const strangers = this.#strangers(exchange, near);
    return strangers === undefined || carries(exchange) ? undefined : this.#refuse(strangers);
  }

  #strangers(exchange: Exchange, near: string): Held | undefined {
    const { roll } = this.#keeper;
    const { address } = exchange.peer;
    const held = this.#bindsAddress(roll.address('strangers', near), address);
    return held ?? (isCrossSite(exchange) ? this.#bindsAddress(roll.address('cross-site', near), address) : undefined);
  }

  /** The look that follows authentication: now it is known who calls. */
  identity(exchange: Exchange): Refusal | undefined {
    const { roll } = this.#keeper;
    const { principal } = exchange;
    const banned = principal === undefined ? roll.addresses : roll.principals;
    if (banned === 0) return undefined;
    const { near } = networkOf(exchange.peer.address);
    const held = principal === undefined ? this.#strangers(exchange, near) : this.#principal(exchange, principal, near);
    return held && this.#refuse(held);
  }

  #principal(exchange: Exchange, principal: Principal, near: string): Held | undefined {
    const { roll } = this.#keeper;
    const subject = principalSubject(principal.kind, principal.id);
    const at = (covers: Covers): Held | undefined =>
      roll.principal(covers, subject) ?? (this.#shares ? roll.principal(covers, subject, near) : undefined);
    const held = at('all') ?? (isCrossSite(exchange) ? at('cross-site') : undefined);
    return held !== undefined && this.#spares(held, () => this.#exempt.principal(principal)) ? undefined : held;
  }

  #bindsAddress(held: Held | undefined, address: string): Held | undefined {
    return held !== undefined && this.#spares(held, () => this.#exempt.address(address)) ? undefined : held;
  }

  /** A ban for harm does not bind where harm is only reported, nor who was exempted since. */
  #spares({ ban }: Held, isExempt: () => boolean): boolean {
    return ban.by === 'harm' && (this.#report || isExempt());
  }

  #refuse({ ban, ends }: Held): Refusal {
    this.#services.count('portcullis_throttled_total', BANNED);
    return banned(ban, ends - this.#services.clock.monotonic());
  }

  /** The end of an exchange that was refused. */
  refused(exchange: Exchange): void {
    this.#harm.charge(exchange);
  }
}

const BANNED = { policy: 'banned' };

/** Whether something was sent that could show who calls; whether it does is for authentication to say. */
function credentialTest({ headers, cookies, query }: ReturnType<typeof credentialPlaces>) {
  const [cookieNames, queryNames] = [new Set(cookies), new Set(query)];
  const inCookies = (text: string | undefined): boolean =>
    text !== undefined && cookieNames.size > 0 && text.split(';').some((pair) => cookieNames.has(cookieName(pair)));
  const inQuery = (text: string): boolean =>
    queryNames.size > 0 && text.split('&').some((pair) => queryNames.has(queryName(pair)));
  const inRequest = ({ headers: sent, query: text }: CanonicalRequest): boolean =>
    headers.some((name) => sent[name] !== undefined) || inCookies(sent['cookie']) || inQuery(text);
  return ({ peer, request }: Exchange): boolean => peer.certificate !== undefined || inRequest(request);
}
