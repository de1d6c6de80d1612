import type { Operation, SecurityRequirement } from '../contract/model.ts';
import type { Principal } from '../gateway/principal.ts';

/** What one alternative of the contract's security demands of a principal. */
export interface Demand {
  /** Scopes of OAuth 2 and OpenID Connect schemes. */
  readonly scopes: readonly string[];
  /** Names that other schemes list: roles by OpenAPI 3.1 (4.8.30), scopes by habit. Either counts. */
  readonly names: readonly string[];
  /** The value of `scope` in a challenge (RFC 6750, section 3); empty where a name has no right form. */
  readonly challenge: string;
}

const NOTHING: Demand = { scopes: [], names: [], challenge: '' };

/** What the alternatives of one operation demand, resolved at load. */
export interface Demands {
  /** Of an alternative that authentication found satisfied. */
  of(requirement: SecurityRequirement): Demand;
  /**
   * Where none was: the policy takes a credential that the contract does not speak of. One of the alternatives that
   * demand something must be held then: an unforeseen credential is never a way around scopes. Never empty.
   */
  readonly otherwise: readonly Demand[];
}

export function compileDemands(operation: Operation): Demands {
  const table = new Map((operation.security ?? []).map((alternative) => [alternative, demandOf(alternative)]));
  const demanding = [...table.values()].filter(demandsSomething);
  return {
    of: (requirement) => table.get(requirement) ?? demandOf(requirement),
    otherwise: demanding.length === 0 ? [NOTHING] : demanding,
  };
}

export const demandsSomething = (demand: Demand): boolean => demand.scopes.length > 0 || demand.names.length > 0;

/** Whether the principal holds all that is demanded. */
export function holds(principal: Principal, demand: Demand): boolean {
  for (const scope of demand.scopes) if (!principal.scopes.includes(scope)) return false;
  for (const name of demand.names)
    if (!principal.scopes.includes(name) && !principal.roles.includes(name)) return false;
  return true;
}

/** Every scheme of an alternative must be satisfied, so all their scopes are demanded together. */
function demandOf(alternative: SecurityRequirement): Demand {
  const scopes = new Set<string>();
  const names = new Set<string>();
  for (const part of alternative.schemes) {
    const scoped = part.scheme.type === 'oauth2' || part.scheme.type === 'openIdConnect';
    for (const name of part.scopes) (scoped ? scopes : names).add(name);
  }
  if (scopes.size === 0 && names.size === 0) return NOTHING;
  const all = [...scopes, ...names];
  // scope-token of RFC 6749, appendix A.4: nothing that could end the quoted string.
  const sound = all.every((name) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name));
  return { scopes: [...scopes], names: [...names], challenge: sound ? all.join(' ') : '' };
}
