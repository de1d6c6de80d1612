import type { Operation } from '../contract/model.ts';
import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import { compileDisclose } from './disclose.ts';
import { addressedBy, inspectAnswers } from './inspect.ts';
import { markedIn } from './marked.ts';
import { isJson } from './media.ts';
import { compileOpen } from './open.ts';
import { compilePlan } from './plan.ts';
import { type DisclosureSettings, settings } from './settings.ts';

/** Practice 5: nothing leaves that the contract and the caller's role do not name. */
export const disclosure: Room<typeof settings> = {
  name: 'disclosure',
  settings,
  perOperation: ['mode', 'undeclaredStatus', 'errors', 'headers', 'redirects', 'cache', 'maxAnswer'],
  extensions: {
    'x-portcullis-disclosure': 'mode',
    'x-portcullis-cache': 'cache',
  },
  inspect: (policy, operation) => inspectAnswers(policy.settings, operation),
  explain,
  stages: ({ settings }, operation) => {
    const plan = compilePlan(settings, operation);
    return {
      'open-answer': compileOpen(settings, operation, plan, addressedBy(operation)),
      disclose: compileDisclose(settings, operation, plan),
    };
  },
};

const MODES = {
  strip: 'what the contract does not name is removed',
  block: 'answers outside the contract are refused',
  report: 'nothing is removed, what would be is recorded',
  off: 'bodies leave as they come',
} as const;

function explain(policy: Policy<DisclosureSettings>, operation: Operation): PolicyLine[] {
  const { settings, origins } = policy;
  const line = (part: string, value: string, key: keyof DisclosureSettings): PolicyLine => ({
    part,
    value,
    origin: origins[key] ?? 'default',
  });
  const loose = isWithoutContract(operation);
  const lines = [line('answers', loose ? 'no contract: bodies leave as they come' : MODES[settings.mode], 'mode')];
  if (!loose) {
    const statuses = operation.responses.map((response) => response.status).join(', ') || 'none';
    const rest = settings.undeclaredStatus === 'refuse' ? 'others are refused' : 'others pass';
    lines.push(line('statuses', `${statuses}; ${rest}`, 'undeclaredStatus'));
  }
  lines.push(
    line('5xx bodies', settings.errors === 'replace' ? 'replaced by a problem' : 'judged like others', 'errors'),
  );
  const allowed = settings.headers.allow;
  lines.push(
    line(
      'headers',
      allowed.length === 0 ? 'the usual and the declared' : `the usual, the declared, ${allowed.join(', ')}`,
      'headers',
    ),
  );
  lines.push(
    line(
      'caching',
      settings.cache === 'protect' ? 'no-store for identified callers and sensitive fields' : 'as the API says',
      'cache',
    ),
  );
  const marked = loose ? 0 : markedFields(operation);
  if (marked > 0)
    lines.push({ part: 'marked fields', value: `${marked} sensitive, reserved or masked`, origin: 'contract' });
  return lines;
}

const markedFields = (operation: Operation): number =>
  operation.responses
    .flatMap(({ content }) => content)
    .reduce((most, { type, schema }) => Math.max(most, schema !== undefined && isJson(type) ? markedIn(schema) : 0), 0);
