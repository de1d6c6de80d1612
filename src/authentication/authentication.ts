import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Policy, PolicyLine, Room, Stage } from '../gateway/room.ts';
import { credentialPlaces, withoutParameters } from '../shared/credential-places.ts';
import { formatDuration } from '../shared/duration.ts';
import { formatPlace } from '../shared/finding.ts';
import { type Demands, demandsOf } from './demands.ts';
import { findingsOf } from './findings.ts';
import { placeText } from './places.ts';
import { type AuthenticationSettings, settings } from './settings.ts';
import { authenticateStage } from './stage.ts';
import { openVerifiers } from './verifiers.ts';

/** Practice 1: who is calling, and is the credential theirs. */
export const authentication: Room<typeof settings> = {
  name: 'authentication',
  settings,
  perOperation: ['access'],
  extensions: { 'x-portcullis-access': 'access' },

  inspect(policy, operation) {
    if (policy.settings.access === 'none') {
      const rule = 'authentication/off';
      const message = 'authentication is switched off: everybody may call, and nobody is known in the audit log';
      return [{ rule, severity: 'warning', message, mend: 'take `authentication: none` away' }];
    }
    return findingsOf(policy.settings, operation, demandsOf(policy.settings.access, operation));
  },

  explain(policy, operation) {
    const access: PolicyLine = {
      part: 'access',
      value: accessText(policy, operation),
      origin: accessOrigin(policy, operation),
    };
    if (policy.settings.access === 'none') return [access];
    const { account, address } = policy.settings.lockout;
    const locks = `${account.failures} failures of a name from one address, ${address.failures} of an address, within ${formatDuration(account.window)}; locked for ${formatDuration(account.first)} growing to ${formatDuration(account.max)}`;
    const lines = [access, { part: 'lockout', value: locks, origin: originOf(policy, 'lockout') }];
    for (const { issuer, audience } of policy.settings.issuers)
      lines.push({
        part: 'issuer',
        value: `${issuer} for ${audience.join(', ')}`,
        origin: originOf(policy, 'issuers'),
      });
    return lines;
  },

  stages(policy, operation, services) {
    if (policy.settings.access === 'none') return { authenticate: letIn };
    const demands = demandsOf(policy.settings.access, operation);
    const stage = authenticateStage(demands, policy.settings.realm, openVerifiers(policy.settings, services));
    const query = new Set(credentialPlaces(operation).query);
    return { authenticate: query.size === 0 ? stage : withQueryTakenOut(stage, query) };
  },
};

/** Authentication is off: everyone is nobody in particular, and what was sent as a credential is not looked at. */
const letIn: Stage = (exchange) => {
  exchange.anonymous = true;
  exchange.open = true;
  return undefined;
};

/** A key in the query goes no further than this stage: not to validation, not to the upstream, not into the record. */
function withQueryTakenOut(stage: Stage, names: ReadonlySet<string>): Stage {
  return (exchange: Exchange) => {
    const { request } = exchange;
    const refusal = stage(exchange);
    const query = withoutParameters(request.query, names);
    if (query !== request.query) exchange.request = { ...request, query };
    return refusal;
  };
}

const originOf = (policy: Policy<AuthenticationSettings>, key: keyof AuthenticationSettings): string =>
  policy.origins[key] ?? 'default';

/** With `contract` it is the contract that decides. */
const accessOrigin = (policy: Policy<AuthenticationSettings>, operation: Operation): string =>
  policy.settings.access === 'contract' ? `${formatPlace(operation.place)} (security)` : originOf(policy, 'access');

function accessText(policy: Policy<AuthenticationSettings>, operation: Operation): string {
  const { access } = policy.settings;
  if (access === 'none') return 'off: nobody is asked who they are';
  const demands = demandsOf(access, operation);
  if (demands.closed === 'silent') return 'closed: the contract says nothing about security';
  if (demands.closed === 'unsatisfiable') return 'closed: nothing the contract asks for can be checked';
  const asked = alternativesText(demands);
  if (access === 'public') return 'public: anyone';
  if (access === 'key') return `a key: ${asked}`;
  if (demands.anonymous)
    return asked === '' ? 'anyone, as the contract says' : `anyone, or ${asked}, as the contract says`;
  return `as the contract says: ${asked}`;
}

/** `header x-api-key, or Authorization: Bearer and cookie session`. */
function alternativesText({ combinations, places }: Demands): string {
  const named = combinations.filter((one) => one.places.every((index) => places[index]?.implicit === false));
  return named.map((one) => one.places.map((index) => placeText(places[index]!.place)).join(' and ')).join(', or ');
}
