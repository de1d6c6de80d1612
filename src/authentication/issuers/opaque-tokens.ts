import { hash } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import { refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { compilePattern, type Pattern } from '../../shared/regex/pattern.ts';
import { confirmationOf } from '../binding/confirmation.ts';
import { endOf, type Payload, principalOf } from '../jwt/claims.ts';
import { addressGroup, type Lockout } from '../lockout.ts';
import { Failed, type Outcome, Verified } from '../outcome.ts';
import { introspectedProblem, withSubject } from './introspected.ts';
import { type Introspector, Unanswered } from './introspector.ts';
import type { Issuer } from './open-issuer.ts';
import type { IntrospectionSettings, IssuerSettings } from './settings.ts';

/** Characters of an opaque token (RFC 6750, section 2.1, names them); real ones have 20 to 1,000. */
const MAX_TOKEN = 8192;
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
/** Issuers that are asked about one token: each of them sees it. */
const MAX_ASKED = 3;
/** Tokens of one address that are asked about at one time. */
const MAX_OF_ADDRESS = 32;
/** Tokens remembered: good ones, and those that are not. */
const MOST = { good: 10_000, refused: 10_000 };

/** What an issuer said of a token, with all that the fact depends on. */
interface Known {
  readonly by: Introspector;
  readonly payload: Payload;
  /** Epoch ms: until then it is believed. */
  readonly until: number;
  /** Epoch ms: until then it goes on where the issuer does not answer. */
  readonly last: number;
  /** As it is judged under the settings of one plan. */
  settings: IssuerSettings;
  outcome: Outcome;
}

/** Kept over reloads. */
interface Memory {
  readonly good: Map<string, Known>;
  /** Monotonic times until which a token is not asked about again, with the issuers that were asked. */
  readonly refused: Map<string, { readonly until: number; readonly by: readonly Introspector[] }>;
}

interface Asked {
  readonly settings: IssuerSettings;
  readonly introspection: IntrospectionSettings;
  readonly introspector: Introspector;
  readonly match: Pattern | undefined;
}

const MALFORMED = new Failed('not a token');
const UNKNOWN = new Failed('no issuer knows the token');
const ENDED = new Failed('the token is no longer good', { counts: false });

/** Judges tokens by asking their issuers (RFC 7662), and remembers what was said for as long as the settings allow. */
export class OpaqueTokens {
  readonly #issuers: readonly Asked[];
  readonly #services: Services;
  readonly #lockout: Lockout;
  readonly #memory: Memory;
  readonly #underway = new Map<string, Promise<Outcome>>();
  readonly #ofAddress = new Map<string, number>();

  constructor(issuers: Iterable<Issuer>, services: Services, lockout: Lockout) {
    this.#issuers = [...issuers].flatMap(({ settings, introspector }) => {
      const { introspection } = settings;
      if (introspection === undefined || introspector === undefined) return [];
      const { match } = introspection;
      return { settings, introspection, introspector, match: match === undefined ? undefined : compilePattern(match) };
    });
    this.#services = services;
    this.#lockout = lockout;
    this.#memory = services.keep('authentication/opaque-tokens', () => ({ good: new Map(), refused: new Map() }));
  }

  /** Whether anybody would be asked about it. */
  concerns(token: string): boolean {
    return this.#issuers.some(({ match }) => match === undefined || match.test(token));
  }

  /** What is believed of a token that was asked about before; undefined where it is to be asked about. */
  known(digest: string): Outcome | undefined {
    const known = this.#memory.good.get(digest);
    return known !== undefined && this.#services.clock.now() < known.until
      ? this.#remembered(digest, known)
      : undefined;
  }

  /** @param issuer the only one to be asked, where the token says whose it is */
  verify(token: string, exchange: Exchange, issuer?: string): Outcome | Promise<Outcome> {
    if (token.length > MAX_TOKEN || !TOKEN.test(token)) return MALFORMED;
    const digest = hash('sha256', token, 'base64url');
    const known = this.known(digest);
    if (known !== undefined) return known;
    const asked = this.#askedAbout(token, issuer);
    if (asked.length === 0) return UNKNOWN;
    const refused = this.#memory.refused.get(digest);
    if (
      refused !== undefined &&
      this.#services.clock.monotonic() < refused.until &&
      asked.every(({ introspector }) => refused.by.includes(introspector))
    )
      return this.#memory.good.has(digest) ? ENDED : UNKNOWN;
    return this.#ask(token, digest, asked, exchange);
  }

  /** A fact of an older plan is judged anew by the settings of this one. */
  #remembered(digest: string, known: Known): Outcome | undefined {
    const issuer = this.#issuers.find(({ introspector }) => introspector === known.by);
    if (issuer === undefined) return undefined;
    if (known.settings !== issuer.settings) {
      known.settings = issuer.settings;
      known.outcome = this.#judge(known.payload, issuer.settings, digest);
    }
    const { good } = this.#memory;
    if (good.size > MOST.good / 2) {
      good.delete(digest);
      good.set(digest, known);
    }
    return known.outcome;
  }

  /** Whoever has a pattern that fits; else those without one, in their order. */
  #askedAbout(token: string, issuer: string | undefined): readonly Asked[] {
    if (issuer !== undefined) return this.#issuers.filter(({ settings }) => settings.issuer === issuer);
    const fitting = this.#issuers.filter(({ match }) => match?.test(token) === true);
    return (fitting.length > 0 ? fitting : this.#issuers.filter(({ match }) => match === undefined)).slice(
      0,
      MAX_ASKED,
    );
  }

  /** Equal questions that come together are one: a page that opens ten connections asks once. */
  #ask(token: string, digest: string, asked: readonly Asked[], exchange: Exchange): Outcome | Promise<Outcome> {
    const same = this.#underway.get(digest);
    if (same !== undefined) return same;
    const group = addressGroup(exchange.peer.address);
    const mine = this.#ofAddress.get(group) ?? 0;
    if (mine >= MAX_OF_ADDRESS) return unanswered('too many tokens of one address at once', 1);
    this.#ofAddress.set(group, mine + 1);
    const outcome = this.#inTurn(token, digest, asked, group).finally(() => {
      this.#underway.delete(digest);
      const left = (this.#ofAddress.get(group) ?? 1) - 1;
      if (left > 0) this.#ofAddress.set(group, left);
      else this.#ofAddress.delete(group);
    });
    this.#underway.set(digest, outcome);
    return outcome;
  }

  async #inTurn(token: string, digest: string, asked: readonly Asked[], group: string): Promise<Outcome> {
    const { good, refused } = this.#memory;
    const known = good.get(digest);
    if (known === undefined) {
      // Whoever guesses must not keep the issuers busy either.
      const locked = await this.#lockout.strangerLocked(group);
      if (locked !== undefined) {
        const headers = { 'retry-after': String(locked.retryAfter) };
        return new Failed(locked.reason, { counts: false, refusal: refuse('too-many-failures', { headers }) });
      }
    }
    let silent: Unanswered | undefined;
    for (const { settings, introspection, introspector } of asked) {
      const said = await introspector.ask(token);
      if (said instanceof Unanswered) {
        silent ??= said;
        continue;
      }
      if (!said.active) continue;
      return this.#take(digest, withoutSecret(said.payload, token), settings, introspection, introspector);
    }
    if (silent !== undefined) {
      const still = known !== undefined && this.#services.clock.now() < known.last && this.#remembered(digest, known);
      return still ? still : unanswered(silent.reason, silent.retryAfter);
    }
    const pause = Math.min(...asked.map(({ introspection }) => introspection.refusedFor));
    const by = asked.map(({ introspector }) => introspector);
    remember(refused, digest, { until: this.#services.clock.monotonic() + pause, by }, MOST.refused);
    // It stays known that it was good once: its holder is not guessing.
    if (known === undefined) return UNKNOWN;
    good.set(digest, { ...known, until: 0, last: 0 });
    return ENDED;
  }

  #take(
    digest: string,
    said: Payload,
    settings: IssuerSettings,
    { maxAge, refusedFor, whileDown }: IntrospectionSettings,
    by: Introspector,
  ): Outcome {
    const payload = withSubject(said, settings);
    const outcome = this.#judge(payload, settings, digest);
    const now = this.#services.clock.now();
    const failed = outcome instanceof Failed;
    const end = failed ? now + refusedFor : endOf(payload, settings);
    const until = Math.min(end, now + maxAge);
    const last = failed ? 0 : Math.min(end, until + whileDown);
    remember(this.#memory.good, digest, { by, payload, until, last, settings, outcome }, MOST.good);
    return outcome;
  }

  #judge(payload: Payload, settings: IssuerSettings, digest: string): Outcome {
    const problem = introspectedProblem(payload, settings, this.#services.clock.now());
    // The issuer knows it, so it is no guess.
    if (problem !== undefined) return new Failed(problem, { counts: false });
    const confirmation = confirmationOf(payload['cnf']);
    if (typeof confirmation === 'string') return new Failed(confirmation, { counts: false });
    const { active: _, ...claims } = payload;
    const principal = principalOf(claims, settings, digest, confirmation, 'introspection');
    return new Verified(principal, { confirmation, demand: settings.binding });
  }
}

/** Some servers name the token itself as its id, which would put it on record. */
function withoutSecret(payload: Payload, token: string): Payload {
  const { jti } = payload;
  if (typeof jti !== 'string' || !token.includes(jti)) return payload;
  const { jti: _, ...rest } = payload;
  return rest;
}

/** Least recently set out first. */
function remember<Value>(map: Map<string, Value>, key: string, value: Value, most: number): void {
  map.delete(key);
  if (map.size >= most) {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      break;
    }
  }
  map.set(key, value);
}

const unanswered = (reason: string, seconds: number): Failed =>
  new Failed(reason, {
    counts: false,
    refusal: refuse('overloaded', {
      detail: 'The token cannot be judged at the moment.',
      headers: { 'retry-after': String(seconds) },
    }),
  });
