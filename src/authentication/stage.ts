import type { SecurityRequirement } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import { type Challenges, challengesOf } from './challenges.ts';
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
}

interface Wanted {
  readonly spots: readonly number[];
  readonly requirements: readonly SecurityRequirement[];
}

const AMBIGUOUS = 'Send one credential, in one place.';
const UNRECOGNISED = new Failed('a credential of no kind that is accepted there');

/** Compiles what an operation demands into the stage that judges it. */
export function authenticateStage(demands: Demands, realm: string, { verifiers, lockout, services }: Verifiers): Stage {
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
    }),
  );
  const challenges = challengesOf(demands, realm);
  const byMask = new Map<number, Wanted>();
  for (const { places, requirements } of demands.combinations)
    byMask.set(maskOf(places), { spots: places, requirements });
  const { anonymous } = demands;

  return (exchange) => {
    const { request } = exchange;
    let mask = 0;
    let first = '';
    for (let i = 0; i < spots.length; i++) {
      const spot = spots[i] as Spot;
      const secret = spot.read(request);
      if (secret === undefined) continue;
      if (secret === TWICE) return ambiguous([placeText(spot.place), placeText(spot.place)]);
      if (spot.implicit && !spot.verifiers.some((verifier) => verifier.recognises(secret))) continue;
      if (mask === 0) first = secret;
      mask |= 1 << i;
    }
    if (mask === 0) {
      if (!anonymous) return missing(challenges);
      exchange.anonymous = true;
      exchange.open = true;
      return undefined;
    }
    const wanted = byMask.get(mask);
    if (wanted === undefined) return unfitting(mask);
    if (wanted.spots.length === 1) {
      const index = wanted.spots[0] as number;
      const outcome = judge(spots[index] as Spot, first, exchange);
      return outcome instanceof Promise
        ? outcome.then((known) => conclude(exchange, wanted, known, index))
        : conclude(exchange, wanted, outcome, index);
    }
    // Read now: what follows may take the credentials out of the request.
    const secrets = wanted.spots.map((index) => (spots[index] as Spot).read(request) as string);
    return judgeAll(exchange, wanted, secrets);
  };

  function conclude(exchange: Exchange, wanted: Wanted, outcome: Outcome, index: number) {
    if (outcome instanceof Failed) return failed(exchange, outcome, index);
    accept(exchange, wanted, outcome);
    return undefined;
  }

  function accept(exchange: Exchange, wanted: Wanted, verified: Verified): void {
    exchange.principal = verified.principal;
    exchange.requirements = wanted.requirements;
    exchange.open = anonymous;
    exchange.decisions.push(verified.decision);
  }

  /** The contract demands several credentials together: each must be good. */
  async function judgeAll(exchange: Exchange, wanted: Wanted, secrets: readonly string[]) {
    let chosen: Verified | undefined;
    let rank = -1;
    for (const [i, index] of wanted.spots.entries()) {
      const spot = spots[index] as Spot;
      const secret = secrets[i] as string;
      const outcome = await judge(spot, secret, exchange);
      if (outcome instanceof Failed) return failed(exchange, outcome, index);
      const verifier = spot.verifiers.find((one) => one.recognises(secret)) as Verifier;
      if (chosen !== undefined) exchange.decisions.push((verifier.rank > rank ? chosen : outcome).decision);
      if (verifier.rank > rank) {
        chosen = outcome;
        rank = verifier.rank;
      }
    }
    if (chosen !== undefined) accept(exchange, wanted, chosen);
    return undefined;
  }

  function judge(spot: Spot, secret: string, exchange: Exchange): Outcome | Promise<Outcome> {
    for (const verifier of spot.verifiers) if (verifier.recognises(secret)) return verifier.verify(secret, exchange);
    return UNRECOGNISED;
  }

  /** Credentials were sent, but not the set that any alternative asks for. */
  function unfitting(mask: number): Refusal {
    for (const wanted of byMask.keys()) if ((wanted & mask) === wanted) return ambiguous(sentOf(mask));
    if (anonymous || isCovered(mask)) return missing(challenges, sentOf(mask));
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
    const challenge = bearer ? challenges.invalidToken : challenges.missing;
    return refuse('credentials-invalid', { headers: { 'www-authenticate': challenge }, evidence });
  }
}

const missing = (challenges: Challenges, sent: readonly string[] = []): Refusal =>
  refuse('credentials-missing', { headers: { 'www-authenticate': challenges.missing }, evidence: { sent } });

const ambiguous = (sent: readonly string[]): Refusal =>
  refuse('credentials-ambiguous', { detail: AMBIGUOUS, evidence: { sent } });

const maskOf = (places: readonly number[]): number => places.reduce((mask, index) => mask | (1 << index), 0);
