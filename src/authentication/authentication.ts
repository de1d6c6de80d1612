import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Policy, PolicyLine, Room, Stage } from '../gateway/room.ts';
import { credentialPlaces, withoutParameters } from '../shared/credential-places.ts';
import { formatDuration } from '../shared/duration.ts';
import { formatPlace } from '../shared/finding.ts';
import { bindingText } from './binding/demand.ts';
import { type Demands, demandsOf } from './demands.ts';
import { refusingExposed } from './exposed-credential.ts';
import { findingsOf } from './findings.ts';
import { issuerText } from './issuers/explain.ts';
import { placeText } from './places.ts';
import { type AuthenticationSettings, settings } from './settings.ts';
import { demandText, inspectSignature, withSignature } from './signatures/demand.ts';
import { authenticateStage } from './stage.ts';
import { inspectStepUp } from './step-up/inspect.ts';
import { stepUpText, takesIssued, withStepUp } from './step-up/step-up.ts';
import { unusualText } from './unusual/unusual.ts';
import { openVerifiers } from './verifiers.ts';

/** Practice 1: who is calling, and is the credential theirs. */
export const authentication: Room<typeof settings> = {
  name: 'authentication',
  settings,
  perOperation: ['access', 'binding', 'signature', 'stepUp'],
  extensions: {
    'x-portcullis-access': 'access',
    'x-portcullis-binding': 'binding',
    'x-portcullis-signature': 'signature',
    'x-portcullis-step-up': 'stepUp',
  },

  inspect(policy, operation) {
    if (policy.settings.access === 'none') {
      const rule = 'authentication/off';
      const message = 'authentication is switched off: everybody may call, and nobody is known in the audit log';
      return [
        { rule, severity: 'warning', message, mend: 'take `authentication: none` away' },
        ...inspectStepUp(policy.settings, operation, false),
        ...inspectSignature(policy.settings, operation),
      ];
    }
    const demands = demandsOf(policy.settings.access, operation);
    return [
      ...findingsOf(policy.settings, operation, demands),
      ...inspectStepUp(policy.settings, operation, takesIssued(demands)),
    ];
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
    const odd = unusualText(policy.settings.unusual);
    if (odd !== undefined) lines.push({ part: 'unusual', value: odd, origin: originOf(policy, 'unusual') });
    const bound = bindingText(policy.settings);
    if (bound !== undefined) lines.push({ part: 'binding', value: bound, origin: originOf(policy, 'binding') });
    const signed = demandText(policy.settings);
    if (signed !== undefined) lines.push({ part: 'signature', value: signed, origin: originOf(policy, 'signature') });
    const step = stepUpText(policy.settings.stepUp);
    if (step !== undefined) lines.push({ part: 'step-up', value: step, origin: originOf(policy, 'stepUp') });
    for (const issuer of policy.settings.issuers)
      lines.push({ part: 'issuer', value: issuerText(issuer), origin: originOf(policy, 'issuers') });
    return lines;
  },

  stages(policy, operation, services) {
    if (policy.settings.access === 'none') return { authenticate: letIn };
    const demands = demandsOf(policy.settings.access, operation);
    const opened = openVerifiers(policy.settings, services);
    const judged = authenticateStage(demands, policy.settings, opened);
    const signed = withSignature(judged, policy.settings, opened.signatures, opened.lockout);
    const exposed = refusingExposed(signed, operation, policy.settings, opened);
    const stage = withStepUp(exposed, policy.settings, services.clock);
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
    const refusal = stage(exchange);
    const { request } = exchange;
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
  if (access === 'signature') return 'a signed request, by a known key';
  if (demands.anonymous)
    return asked === '' ? 'anyone, as the contract says' : `anyone, or ${asked}, as the contract says`;
  return `as the contract says: ${asked}`;
}

/** `header x-api-key, or Authorization: Bearer and cookie session`. */
function alternativesText({ combinations, places }: Demands): string {
  const named = combinations.filter((one) => one.places.every((index) => places[index]?.implicit === false));
  return named.map((one) => one.places.map((index) => placeText(places[index]!.place)).join(' and ')).join(', or ');
}
