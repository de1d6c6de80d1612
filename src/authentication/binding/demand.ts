import type { Verified } from '../outcome.ts';
import type { BindingDemand } from './settings.ts';

/** What is asked for of callers' credentials, by operation, role and client. */
export interface BindingRules {
  readonly binding: BindingDemand;
  readonly roleBinding: Readonly<Record<string, BindingDemand>>;
  readonly clientBinding: Readonly<Record<string, BindingDemand>>;
}

/**
 * Which demand the credentials of a request do not meet; undefined where they meet all: that of the operation, of the
 * issuer of each, and those of the caller's roles and client.
 * @param chosen the one that says who calls
 * @param all that were verified together; a demand is met by any of them
 */
export function unmet(rules: BindingRules, chosen: Verified, all: readonly Verified[]): BindingDemand | undefined {
  if (!meets(rules.binding, all)) return rules.binding;
  for (const { demand } of all) if (!meets(demand, all)) return demand;
  for (const role of chosen.principal.roles) {
    const demand = named(rules.roleBinding, role);
    if (!meets(demand, all)) return demand;
  }
  for (const { principal } of all) {
    // Two names of one thing (RFC 9068, section 2.2; OpenID Connect Core, section 2): whichever is there counts.
    for (const client of [principal.claims['client_id'], principal.claims['azp']]) {
      const demand = typeof client === 'string' ? named(rules.clientBinding, client) : 'optional';
      if (!meets(demand, all)) return demand;
    }
  }
  return undefined;
}

const named = (demands: Readonly<Record<string, BindingDemand>>, name: string): BindingDemand =>
  Object.hasOwn(demands, name) ? (demands[name] as BindingDemand) : 'optional';

const meets = (demand: BindingDemand, all: readonly Verified[]): boolean =>
  demand === 'optional' || all.some((one) => isBound(one, demand));

/** A token may be bound in both ways at once; then its principal names the proof. */
function isBound({ principal, confirmation }: Verified, demand: BindingDemand): boolean {
  const { binding } = principal.credential;
  if (demand === 'required') return binding !== 'none';
  if (demand === 'dpop') return binding === 'dpop';
  return binding === 'certificate' || confirmation?.x5t !== undefined;
}

const TEXTS: Readonly<Record<BindingDemand, string>> = {
  optional: 'optional',
  required: 'bound credentials only (DPoP, client certificate or signature)',
  dpop: 'bound credentials only (DPoP)',
  certificate: 'bound credentials only (client certificate)',
};

/** For people; undefined where nothing is asked for. */
export function bindingText({ binding, roleBinding, clientBinding }: BindingRules): string | undefined {
  const by = (what: string, demands: Readonly<Record<string, BindingDemand>>): string[] =>
    Object.entries(demands).flatMap(([name, demand]) =>
      demand === 'optional' ? [] : [`${what} ${name}: ${TEXTS[demand]}`],
    );
  const further = [...by('role', roleBinding), ...by('client', clientBinding)];
  return binding === 'optional' && further.length === 0 ? undefined : [TEXTS[binding], ...further].join('; ');
}
