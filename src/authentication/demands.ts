import type { Operation, SecurityRequirement, SecurityScheme } from '../contract/model.ts';
import { BEARER, CERTIFICATE, DPOP, type Place, placeId, SIGNATURE } from './places.ts';
import type { Scheme } from './scheme.ts';
import { SCHEMES } from './schemes/index.ts';
import type { AuthenticationSettings } from './settings.ts';

/** A place that is looked at, and the names of the schemes whose credentials may stand there. */
export interface Accepted {
  readonly place: Place;
  readonly schemes: ReadonlySet<string>;
  /** The contract does not name it: what is no credential of ours there is not looked at. */
  readonly implicit: boolean;
}

/** Places that must hold a credential together, and the contract's alternatives that this satisfies. */
export interface Combination {
  /** Indices of `places`. */
  readonly places: readonly number[];
  /** With those that ask for nothing; none where the policy has put itself in the contract's place. */
  readonly requirements: readonly SecurityRequirement[];
}

/** What an operation demands, decided at load. */
export interface Demands {
  readonly places: readonly Accepted[];
  readonly combinations: readonly Combination[];
  /** A request without credentials goes on. */
  readonly anonymous: boolean;
  /** Nobody gets in: the contract is silent, or demands only what cannot be had. */
  readonly closed: 'silent' | 'unsatisfiable' | undefined;
  /** Schemes of the contract that nothing here can satisfy. */
  readonly unsupported: readonly SecurityScheme[];
}

/** Combinations one alternative may unfold into, and places of one operation: beyond it is a mistake or an attack. */
const MAX_COMBINATIONS = 64;
const MAX_PLACES = 24;

/** Works out where the credentials for an operation may stand, from its contract and the policy's `access`. */
export function demandsOf(access: AuthenticationSettings['access'], operation: Operation): Demands {
  const build = new Build();
  if (access === 'key') {
    const key = SCHEMES.find((scheme) => scheme.name === 'key') as Scheme;
    for (const place of key.usual) build.combine([build.accept(place, key.name, false)], undefined);
    return build.done(false, undefined);
  }
  if (access === 'signature') {
    build.combine([build.accept(SIGNATURE, 'signature', false)], undefined);
    return build.done(false, undefined);
  }
  const alternatives = operation.security;
  const free = alternatives?.filter(({ schemes }) => schemes.length === 0) ?? [];
  const anonymous = access === 'public' || alternatives?.length === 0 || free.length > 0;
  for (const alternative of alternatives ?? []) {
    if (alternative.schemes.length > 0) build.alternative(alternative);
  }
  // Whoever may come without a credential may also come with one that lacks a scope.
  for (const { requirements } of build.combinations.values()) {
    if (access === 'public') requirements.length = 0;
    else requirements.push(...free);
  }
  if (anonymous) {
    // A credential that is sent although none is needed is still judged, so it is looked for where clients put it.
    for (const scheme of SCHEMES)
      for (const place of scheme.usual) build.combine([build.accept(place, scheme.name, true)], undefined);
    return build.done(true, undefined);
  }
  if (alternatives === undefined) return build.done(false, 'silent');
  return build.done(false, build.combinations.size === 0 ? 'unsatisfiable' : undefined);
}

class Build {
  readonly places: (Accepted & { implicit: boolean; schemes: Set<string> })[] = [];
  readonly combinations = new Map<string, { places: readonly number[]; requirements: SecurityRequirement[] }>();
  readonly unsupported = new Set<SecurityScheme>();

  /** @returns the index of the place */
  accept(place: Place, scheme: string, implicit: boolean): number {
    const index = this.places.findIndex((accepted) => placeId(accepted.place) === placeId(place));
    const known = this.places[index];
    if (known === undefined) return this.places.push({ place, schemes: new Set([scheme]), implicit }) - 1;
    known.schemes.add(scheme);
    if (!implicit) known.implicit = false;
    return index;
  }

  combine(places: readonly number[], requirement: SecurityRequirement | undefined): void {
    const sorted = [...new Set(places)].sort((a, b) => a - b);
    const id = sorted.join(' ');
    const known = this.combinations.get(id) ?? { places: sorted, requirements: [] };
    if (requirement !== undefined && !known.requirements.includes(requirement)) known.requirements.push(requirement);
    this.combinations.set(id, known);
  }

  /** All schemes of an alternative must be satisfied; each of them may stand in one of several places. */
  alternative(requirement: SecurityRequirement): void {
    let unfolded: number[][] = [[]];
    for (const { scheme } of requirement.schemes) {
      const possible = SCHEMES.flatMap((known) => known.places(scheme).map((place) => ({ place, name: known.name })));
      if (possible.length === 0) {
        this.unsupported.add(scheme);
        unfolded = [];
        continue;
      }
      if (this.places.length + possible.length > MAX_PLACES) return;
      const indices = new Set(possible.map(({ place, name }) => this.accept(place, name, isAside(place, scheme))));
      unfolded = unfolded.flatMap((places) => [...indices].map((index) => [...places, index]));
      if (unfolded.length > MAX_COMBINATIONS) return;
    }
    for (const places of unfolded) if (this.fits(places)) this.combine(places, requirement);
  }

  /** A request has one `Authorization` header, so two different things in it can never be had together. */
  fits(places: readonly number[]): boolean {
    const inHeader = new Set(
      places
        .map((index) => (this.places[index] as Accepted).place)
        .filter((place) => place.in === 'authorization' || (place.in === 'header' && place.name === 'authorization'))
        .map(placeId),
    );
    return inHeader.size <= 1;
  }

  done(anonymous: boolean, closed: Demands['closed']): Demands {
    return {
      places: this.places,
      combinations: [...this.combinations.values()],
      anonymous,
      closed,
      unsupported: [...this.unsupported],
    };
  }
}

/** A contract that asks for tokens seldom says how they are bound: proofs are taken beside it, not in its name. */
const isAside = (place: Place, scheme: SecurityScheme): boolean =>
  placeId(place) === placeId(DPOP) && scheme.scheme !== DPOP.name;

/** Whether anything the operation takes can be bound to its holder in the way that is asked for. */
export function canBeBound(demands: Demands, way: 'required' | 'dpop' | 'certificate'): boolean {
  const ids = new Set(demands.places.map(({ place }) => placeId(place)));
  const has = (...places: Place[]): boolean => places.some((place) => ids.has(placeId(place)));
  if (way === 'dpop') return has(DPOP);
  return has(BEARER, DPOP, CERTIFICATE) || (way === 'required' && has(SIGNATURE));
}

/** Whether the operation takes tokens of an issuer. */
export const takesTokens = (demands: Demands): boolean =>
  demands.places.some(({ place, implicit }) => !implicit && TOKENS.has(placeId(place)));
const TOKENS = new Set([placeId(BEARER), placeId(DPOP)]);
