import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Policy, PolicyLine, Room, Stages } from '../gateway/room.ts';
import { compileDemands, demandsSomething } from './demand.ts';
import { compileGrant, grantedRoles } from './grant.ts';
import { inspectOperation } from './inspect.ts';
import { compileAnswerRule, compilePreparation } from './owner-answer.ts';
import { compileRequestRule, type OwnerStage } from './owner-request.ts';
import { type AuthorizationSettings, formatRule, ownerRules, settings } from './settings.ts';

/** Practice 2: may they do this, to this object; deny by default, judged anew on every request. */
export const authorization: Room<typeof settings> = {
  name: 'authorization',
  settings,
  perOperation: ['allow', 'default', 'owner', 'hide'],
  extensions: {
    'x-portcullis-roles': 'allow',
    'x-portcullis-owner': 'owner',
    'x-portcullis-hide': 'hide',
  },
  inspect: (policy, operation) => inspectOperation(policy.settings, operation),
  explain,
  stages: ({ settings }, operation): Stages => {
    const stages: Stages = { authorize: compileGrant(settings, operation) };
    const rules = ownerRules(settings);
    const onAnswer = rules.filter((rule) => rule.answer !== undefined);
    const onBody = rules.filter((rule) => rule.body !== undefined);
    const onRequest = rules.filter((rule) => rule.answer === undefined && rule.body === undefined);
    const request = onRequest.map((rule) => compileRequestRule(rule, operation, settings.hide));
    if (onAnswer.length > 0) request.push(compilePreparation(onAnswer, operation, settings.hide));
    if (request.length > 0) stages['authorize-object'] = all(request);
    if (onBody.length > 0)
      stages['authorize-body'] = all(onBody.map((rule) => compileRequestRule(rule, operation, settings.hide)));
    if (onAnswer.length > 0)
      stages['authorize-answer'] = all(onAnswer.map((rule) => compileAnswerRule(rule, settings.hide)));
    return stages;
  },
};

/** Each rule must hold; the first that does not refuses. */
function all(rules: readonly OwnerStage[]): OwnerStage {
  const [only] = rules;
  if (rules.length === 1 && only !== undefined) return only;
  return (exchange: Exchange): Refusal | undefined => {
    for (const rule of rules) {
      const refusal = rule(exchange);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  };
}

function explain(policy: Policy<AuthorizationSettings>, operation: Operation): PolicyLine[] {
  const { settings, origins } = policy;
  const roles = [...grantedRoles(settings, operation)];
  const anyone = settings.default === 'authenticated';
  const lines: PolicyLine[] = [
    {
      part: 'roles',
      value: anyone ? 'every identified caller' : roles.length > 0 ? roles.join(', ') : 'none',
      origin: (anyone ? origins.default : settings.allow.length > 0 ? origins.allow : origins.roles) ?? 'default',
    },
  ];
  const demands = compileDemands(operation).otherwise.filter(demandsSomething);
  if (demands.length > 0)
    lines.push({
      part: 'scopes',
      value: demands.map((demand) => [...demand.scopes, ...demand.names].join(' and ')).join(', or '),
      origin: 'contract',
    });
  for (const rule of ownerRules(settings))
    lines.push({ part: 'owner', value: formatRule(rule), origin: origins.owner ?? 'default' });
  if (ownerRules(settings).length > 0)
    lines.push({
      part: 'object of another',
      value: settings.hide ? '404, like one that does not exist' : '403',
      origin: origins.hide ?? 'default',
    });
  return lines;
}
