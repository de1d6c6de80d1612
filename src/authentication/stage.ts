import type { SecurityRequirement } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import { type BindingRules, unmet } from './binding/demand.ts';
import { dpopChallenge, isDpop } from './binding/holder.ts';
import { challengesOf } from './challenges.ts';
import type { Demands } from './demands.ts';
import { addressGroup } from './lockout.ts';
import { Failed, type Outcome, type Verified } from './outcome.ts';
import { type Place, placeId, placeText, type Read, readerOf, TWICE } from './places.ts';
import type { Verifier } from './scheme.ts';
import type { Verifiers } from './verifiers.ts';

/** A place, ready to be read. */
interface Spot {
  readonly place: Place;
  readonly read: Read;
  readonly verifiers: readonly Verifier[];
  readonly implicit: boolean;
  /** A proof is wanted beside it. */
  readonly proves: boolean;
}

interface Wanted {
  readonly spots: readonly number[];
  readonly requirements: readonly SecurityRequirement[];
}

const AMBIGUOUS = 'Send one credential, in one place.';
const UNRECOGNISED = new Failed('a credential of no kind that is accepted there');

/** Of the settings, what the stage of one operation follows. */
export interface StageRules extends BindingRules {
  readonly realm: string;
  readonly dpop: { readonly algorithms: readonly string[] };
}

/** Compiles what an operation demands into the stage that judges it. */
export function authenticateStage(demands: Demands, rules: StageRules, opened: Verifiers): Stage {
  const { verifiers, lockout, holder, guard, signatures, services } = opened;
  if (demands.closed !== undefined) {
    const evidence = { reason: demands.closed };
    return () => refuse('operation-closed', { evidence });
  }
  const spots = demands.places.map(
    ({ place, schemes, implicit }): Spot => ({
      place,
      implicit,
      read: readerOf(place),
      verifiers: verifiers.filter(({ scheme }) => schemes.has(scheme)),
      proves: isDpop(place),
    }),
  );
  const proving = spots.some((spot) => spot.proves && spot.verifiers.length > 0);
  const challenges = challengesOf(
    demands,
    rules.realm,
    proving ? dpopChallenge(rules.realm, rules.dpop.algorithms) : undefined,
  );
  /** A certificate comes with the connection, whatever the request is: beside a credential of the request it is no second one. */
  const ambient = maskOf(spots.flatMap(({ place }, index) => (place.in === 'connection' ? [index] : [])));
  /** A signature beside another credential says nothing of who calls, unless both are asked for. */
  const signed = maskOf(spots.flatMap(({ place }, index) => (place.in === 'signature' ? [index] : [])));
  const unauthorized = (exchange: Exchange): Record<string, string> => ({
    'www-authenticate': challenges.missing,
    ...(signed === 0 ? undefined : signatures.wanted(exchange)),
  });
  const byMask = new Map<number, Wanted>();
  for (const { places, requirements } of demands.combinations)
    byMask.set(maskOf(places), { spots: places, requirements });
  const { anonymous } = demands;

  return (exchange) => {
    const { request, peer } = exchange;
    let mask = 0;
    let first = '';
    for (let i = 0; i < spots.length; i++) {
      const spot = spots[i] as Spot;
      const secret = spot.read(request, peer);
      if (secret === undefined) continue;
      if (secret === TWICE) return ambiguous([placeText(spot.place), placeText(spot.place)]);
      const passable = spot.implicit || (anonymous && (ambient & (1 << i)) !== 0);
      if (passable && !spot.verifiers.some((verifier) => verifier.recognises(secret, exchange))) continue;
      if (mask === 0) first = secret;
      mask |= 1 << i;
    }
    if (mask === 0) {
      if (!anonymous) return missing(unauthorized(exchange));
      exchange.anonymous = true;
      exchange.open = true;
      return undefined;
    }
    const wanted =
      byMask.get(mask) ??
      byMask.get(mask & ~ambient) ??
      byMask.get(mask & ~signed) ??
      byMask.get(mask & ~ambient & ~signed);
    if (wanted === undefined) return unfitting(exchange, mask);
    if (wanted.spots.length === 1) {
      const index = wanted.spots[0] as number;
      const spot = spots[index] as Spot;
      const secret = (mask & (ambient | signed)) === 0 ? first : (spot.read(request, peer) as string);
      const outcome = judge(spot, secret, exchange);
      return outcome instanceof Promise
        ? outcome.then((known) => conclude(exchange, wanted, known, index))
        : conclude(exchange, wanted, outcome, index);
    }
    // Read now: what follows may take the credentials out of the request.
    const secrets = wanted.spots.map((index) => (spots[index] as Spot).read(request, peer) as string);
    return judgeAll(exchange, wanted, secrets);
  };

  function conclude(exchange: Exchange, wanted: Wanted, outcome: Outcome, index: number) {
    if (outcome instanceof Failed) return failed(exchange, outcome, index);
    return accept(exchange, wanted, outcome, [outcome], index);
  }

  /** @param all that were sent together: where one of them is bound to its holder, the others are of no use without it */
  function accept(exchange: Exchange, wanted: Wanted, verified: Verified, all: readonly Verified[], index: number) {
    const objection = guard.admit(exchange, all);
    if (objection === undefined) return admitted(exchange, wanted, verified, all);
    if (objection instanceof Failed) return failed(exchange, objection, index);
    return objection.then((known) =>
      known === undefined ? admitted(exchange, wanted, verified, all) : failed(exchange, known, index),
    );
  }

  function admitted(exchange: Exchange, wanted: Wanted, verified: Verified, all: readonly Verified[]) {
    const missed = unmet(rules, verified, all);
    if (missed !== undefined) {
      const evidence = { demanded: missed, credential: verified.principal.credential.id };
      return refuse('credential-unbound', { headers: { 'www-authenticate': challenges.missing }, evidence });
    }
    exchange.principal = verified.principal;
    exchange.requirements = wanted.requirements;
    exchange.open = anonymous;
    exchange.decisions.push(verified.decision);
    return undefined;
  }

  /** The contract demands several credentials together: each must be good. */
  async function judgeAll(exchange: Exchange, wanted: Wanted, secrets: readonly string[]) {
    let chosen: Verified | undefined;
    let rank = -1;
    const all: Verified[] = [];
    for (const [i, index] of wanted.spots.entries()) {
      const spot = spots[index] as Spot;
      const secret = secrets[i] as string;
      const outcome = await judge(spot, secret, exchange);
      if (outcome instanceof Failed) return failed(exchange, outcome, index);
      all.push(outcome);
      const verifier = spot.verifiers.find((one) => one.recognises(secret, exchange)) as Verifier;
      if (chosen !== undefined) exchange.decisions.push((verifier.rank > rank ? chosen : outcome).decision);
      if (verifier.rank > rank) {
        chosen = outcome;
        rank = verifier.rank;
      }
    }
    return chosen === undefined ? undefined : accept(exchange, wanted, chosen, all, wanted.spots[0] as number);
  }

  function judge(spot: Spot, secret: string, exchange: Exchange): Outcome | Promise<Outcome> {
    // What the connection shows is of one kind, good or not: its own verifier knows best what is wrong with it.
    const known = spot.verifiers.find((one) => one.recognises(secret, exchange));
    const verifier = known ?? (spot.place.in === 'connection' ? spot.verifiers[0] : undefined);
    if (verifier === undefined) return UNRECOGNISED;
    const outcome = verifier.verify(secret, exchange);
    return outcome instanceof Promise
      ? outcome.then((known) => confirm(known, spot, secret, exchange))
      : confirm(outcome, spot, secret, exchange);
  }

  /** A credential that is bound to its holder must also come from there. */
  function confirm(outcome: Outcome, spot: Spot, secret: string, exchange: Exchange): Outcome | Promise<Outcome> {
    if (outcome instanceof Failed || (outcome.confirmation === undefined && !spot.proves)) return outcome;
    return holder.confirm(outcome, spot.place, secret, exchange);
  }

  /** Credentials were sent, but not the set that any alternative asks for. */
  function unfitting(exchange: Exchange, mask: number): Refusal {
    for (const wanted of byMask.keys()) if ((wanted & mask) === wanted) return ambiguous(sentOf(mask));
    if (anonymous || isCovered(mask)) return missing(unauthorized(exchange), sentOf(mask));
    return ambiguous(sentOf(mask));
  }

  /** Whether something is only missing: some alternative needs all that was sent, and more. */
  function isCovered(mask: number): boolean {
    for (const wanted of byMask.keys()) if ((wanted & mask) === mask) return true;
    return false;
  }

  function sentOf(mask: number): string[] {
    return spots.filter((_, i) => (mask & (1 << i)) !== 0).map(({ place }) => placeText(place));
  }

  async function failed(exchange: Exchange, failure: Failed, index: number): Promise<Refusal> {
    const { place } = spots[index] as Spot;
    const evidence: Record<string, unknown> = { place: placeText(place), reason: failure.reason };
    if (failure.credential !== undefined) evidence['credential'] = failure.credential;
    services.count('portcullis_authentication_failures_total', { place: placeId(place) });
    if (failure.refusal !== undefined) return { ...failure.refusal, evidence };
    if (failure.counts) {
      const locked = await lockout.stranger(addressGroup(exchange.peer.address));
      if (locked !== undefined) {
        const headers = { 'retry-after': String(locked.retryAfter) };
        return refuse('too-many-failures', { headers, evidence });
      }
    }
    const bearer = place.in === 'authorization' && place.name === 'bearer';
    const challenge = bearer ? challenges.invalidToken : isDpop(place) ? challenges.invalidBound : challenges.missing;
    const headers = { 'www-authenticate': challenge, ...failure.headers };
    return refuse('credentials-invalid', { detail: failure.detail, headers, evidence });
  }
}

const missing = (headers: Record<string, string>, sent: readonly string[] = []): Refusal =>
  refuse('credentials-missing', { headers, evidence: { sent } });

const ambiguous = (sent: readonly string[]): Refusal =>
  refuse('credentials-ambiguous', { detail: AMBIGUOUS, evidence: { sent } });

const maskOf = (places: readonly number[]): number => places.reduce((mask, index) => mask | (1 << index), 0);
