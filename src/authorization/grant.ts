import type { Operation, SecurityRequirement } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { compileSelector, type Selector } from '../shared/selector.ts';
import { compileDemands, type Demand, demandsSomething, holds } from './demand.ts';
import { type AuthorizationSettings, ownerRules } from './settings.ts';

/** The `roles` of one configuration are shared by all its operations: their selectors are compiled once. */
const compiled = new WeakMap<object, readonly (readonly [role: string, selectors: readonly Selector[]])[]>();

/** Roles that may call the operation: those named on it; where none is, those whose selectors cover it. */
export function grantedRoles(settings: AuthorizationSettings, operation: Operation): ReadonlySet<string> {
  // Who names roles on an operation means these and no others, however wide a role is drawn elsewhere.
  if (settings.allow.length > 0) return new Set(settings.allow);
  let table = compiled.get(settings.roles);
  if (table === undefined) {
    table = Object.entries(settings.roles).map(([role, texts]) => [role, texts.map(compileSelector)]);
    compiled.set(settings.roles, table);
  }
  const granted = new Set<string>();
  for (const [role, selectors] of table)
    if (!granted.has(role) && selectors.some((selects) => selects(operation))) granted.add(role);
  return granted;
}

/**
 * Judges `authorize`: deny by default. What the policy leaves open to anyone needs no grant. Everyone else must hold
 * the scopes that the contract demands in an alternative they satisfied, and be granted the operation: by a role, or,
 * where none is named on the operation, by those very scopes or because any identified caller is. Nothing is allocated unless it refuses.
 */
export function compileGrant(
  settings: AuthorizationSettings,
  operation: Operation,
): (exchange: Exchange) => Refusal | undefined {
  const granted = grantedRoles(settings, operation);
  const demands = compileDemands(operation);
  const named = settings.allow.length > 0;
  const anyone = settings.default === 'authenticated' && !named;
  const owned = ownerRules(settings).length > 0;
  return (exchange) => {
    const { principal, requirements } = exchange;
    if (principal === undefined) {
      // Nobody in particular owns nothing: an owner rule and an anonymous caller never go together.
      if (exchange.anonymous && !owned) return undefined;
      return refuse('not-permitted', {
        evidence: { reason: exchange.anonymous ? 'anonymous, and an owner rule is in force' : 'no principal' },
      });
    }
    if (exchange.open) return undefined;
    let missing: Demand | undefined;
    let held = false;
    let byScope = false;
    const foreseen = requirements !== undefined && requirements.length > 0;
    const count = foreseen ? requirements.length : demands.otherwise.length;
    for (let i = 0; i < count; i++) {
      const demand = foreseen ? demands.of(requirements[i] as SecurityRequirement) : (demands.otherwise[i] as Demand);
      if (!holds(principal, demand)) missing ??= demand;
      else {
        held = true;
        if (demandsSomething(demand)) byScope = true;
      }
    }
    if (!held) return scopeMissing(principal, missing as Demand);
    if ((byScope && !named) || anyone) return undefined;
    for (const role of principal.roles) if (granted.has(role)) return undefined;
    return refuse('not-permitted', {
      evidence: { reason: 'no role of the caller grants the operation', roles: principal.roles },
    });
  };
}

/** RFC 6750, section 3.1: 403 names the scope, for credentials that are bearer tokens (RFC 9449, 7.1: or DPoP). */
function scopeMissing(principal: Principal, demand: Demand): Refusal {
  const { scheme, binding } = principal.credential;
  const challenge = `${binding === 'dpop' ? 'DPoP' : 'Bearer'} error="insufficient_scope"`;
  return refuse('scope-missing', {
    headers:
      scheme === 'jwt' || scheme === 'introspection' || binding === 'dpop'
        ? { 'www-authenticate': demand.challenge === '' ? challenge : `${challenge}, scope="${demand.challenge}"` }
        : undefined,
    evidence: { reason: 'a scope that the contract demands is missing', scopes: principal.scopes },
  });
}
