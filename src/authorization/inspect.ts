import type { MediaType, Operation } from '../contract/model.ts';
import type { Finding } from '../shared/finding.ts';
import { parsePointer } from '../shared/json-pointer.ts';
import { nearest } from '../shared/nearest.ts';
import { inspectSelector } from '../shared/selector.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import { compileDemands, demandsSomething } from './demand.ts';
import { grantedRoles } from './grant.ts';
import { reaches } from './reach.ts';
import { type AuthorizationSettings, formatRule, type OwnerRule, ownerRules } from './settings.ts';

/** Selectors of roles that select no operation: asked once for the whole plan. */
export function inspectSelectors(roles: AuthorizationSettings['roles'], operations: readonly Operation[]): Finding[] {
  const findings: Finding[] = [];
  for (const [role, selectors] of Object.entries(roles))
    for (const text of selectors) {
      const found = inspectSelector(text, operations);
      if (found === undefined) continue;
      const message = `Role ${role}: ${found.message}`;
      findings.push({ rule: 'authorization/selects-nothing', severity: 'warning', message, mend: found.mend });
    }
  return findings;
}

/** What of the authorization of one operation cannot be enforced as written, or lets nobody in. */
export function inspectOperation(settings: AuthorizationSettings, operation: Operation): Finding[] {
  const findings: Finding[] = [];
  const rules = ownerRules(settings);
  const anonymous =
    operation.security !== undefined &&
    (operation.security.length === 0 || operation.security.some(({ schemes }) => schemes.length === 0));
  if (
    !anonymous &&
    settings.default === 'deny' &&
    grantedRoles(settings, operation).size === 0 &&
    !compileDemands(operation).otherwise.some(demandsSomething)
  )
    findings.push({
      rule: 'authorization/nobody',
      severity: 'warning',
      message: `No role may call ${operation.key}: every identified caller is refused.`,
      mend: 'Name its roles in authorization.roles, or in x-portcullis-roles of the operation.',
      place: operation.place,
      operation: operation.key,
    });
  if (anonymous && rules.length > 0)
    findings.push({
      rule: 'authorization/owner-of-nobody',
      severity: 'warning',
      message: `${operation.key} needs no credential by its contract, but has an owner rule: anonymous callers are refused.`,
      mend: 'Demand a credential, or remove the owner rule.',
      place: operation.extensions.get('x-portcullis-owner')?.place ?? operation.place,
      operation: operation.key,
    });
  for (const rule of rules) findings.push(...inspectRule(rule, operation));
  return findings;
}

function inspectRule(rule: OwnerRule, operation: Operation): Finding[] {
  const findings: Finding[] = [];
  const say = (name: string, severity: Finding['severity'], text: string, mend: string): void => {
    findings.push({
      rule: `authorization/${name}`,
      severity,
      message: `Owner rule "${formatRule(rule)}": ${text}`,
      mend,
      place: operation.extensions.get('x-portcullis-owner')?.place ?? operation.place,
      operation: operation.key,
    });
  };
  for (const location of ['path', 'query', 'header'] as const) {
    const name = rule[location];
    if (name === undefined) continue;
    const parameter = operation.parameters.find((p) => p.in === location && p.name === name);
    if (parameter === undefined) {
      const names = operation.parameters.filter((p) => p.in === location).map((p) => p.name);
      const meant = nearest(name, names);
      say(
        'unknown-parameter',
        'error',
        `${operation.key} has no ${location} parameter ${name}, so the rule refuses every caller.`,
        meant !== undefined
          ? `Did you mean ${meant}?`
          : `Name one of ${names.join(', ') || 'its parameters (it has none there)'}.`,
      );
    } else if (rule.default && parameter.required)
      say(
        'needless-default',
        'warning',
        'the parameter is required, so it is never set.',
        'Make the parameter optional in the contract, or remove `default`.',
      );
  }
  if (rule.body !== undefined) {
    const content = operation.body?.content ?? [];
    if (content.length === 0)
      say('unknown-pointer', 'error', 'the operation has no body.', 'Tie it to a path or query parameter instead.');
    for (const media of content) inspectPointer(rule.body, media, say);
  }
  if (rule.answer !== undefined) inspectAnswer(rule.answer, operation, say);
  return findings;
}

type Say = (name: string, severity: Finding['severity'], text: string, mend: string) => void;

function inspectPointer(pointer: string, media: MediaType, say: Say): void {
  const steps = parsePointer(pointer) ?? [];
  if (media.schema === undefined || reaches(media.schema, steps)) return;
  say(
    'unknown-pointer',
    'error',
    `${pointer} leads nowhere in the schema of ${media.type}, so nothing is ever the caller’s own.`,
    'Point to a property that the schema names; `*` stands for the items of an array.',
  );
}

function inspectAnswer(pointer: string, operation: Operation, say: Say): void {
  const json = (type: string): boolean => /(?:^application\/json|^text\/json|\+json)$/.test(type) || type.includes('*');
  if (isWithoutContract(operation)) {
    const text = 'without a contract answers are streamed and cannot be judged, so every answer is refused.';
    say('owner-unseen', 'error', text, 'Load a contract, or tie it to something in the request.');
    return;
  }
  const good = operation.responses.filter(({ status }) => status.startsWith('2') || status === 'default');
  for (const response of good)
    for (const media of response.content)
      if (json(media.type)) inspectPointer(pointer, media, say);
      else
        say(
          'owner-unseen',
          'warning',
          `answers of ${media.type} (${response.status}) are streamed and cannot be judged: they are refused.`,
          'Tie it to something in the request instead.',
        );
  if (operation.method === 'HEAD' || good.some(({ status, content }) => status !== 'default' && content.length === 0))
    say(
      'owner-unseen',
      'warning',
      'an answer without a body cannot be judged: it is refused.',
      'Tie it to something in the request instead.',
    );
  if (operation.method !== 'GET' && operation.method !== 'HEAD' && operation.method !== 'QUERY')
    say(
      'owner-too-late',
      'warning',
      `the answer of ${operation.method} is judged when the change is already made.`,
      'Tie it to something in the request; a rule on the answer protects reading only.',
    );
}
