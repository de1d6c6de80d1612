import type { Operation } from '../contract/model.ts';
import type { Policy, PolicyLine, Room } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { formatDuration } from '../shared/duration.ts';
import type { Finding } from '../shared/finding.ts';
import { formatRate, toLimit } from './rate.ts';
import { settings, type ThrottlingSettings } from './settings.ts';
import { addressStage, identityStage } from './stages.ts';

/** Practice 6: one caller cannot starve the others, a flood cannot stop the API. */
export const throttling: Room<typeof settings> = {
  name: 'throttling',
  settings,
  perOperation: ['operation', 'slow', 'costs'],
  extensions: { 'x-portcullis-limits': 'operation' },

  inspect({ settings }, operation) {
    const findings: Finding[] = [];
    if (settings.address === 'off') {
      findings.push({
        rule: 'throttling/no-address-rate',
        severity: 'weakness',
        message: 'no rate per address: a stranger may send as much as the machine takes',
        mend: 'set throttling.address, for example 100/s',
      });
    }
    if (settings.principal === 'off' && settings.operation === 'off') {
      findings.push({
        rule: 'throttling/no-principal-rate',
        severity: 'weakness',
        message: `${operation.key}: no rate per principal: one stolen key may take everything at once`,
        mend: 'set throttling.principal, for example 50/s, or a rate for the operation',
        operation: operation.key,
      });
    }
    const own = toLimit(settings.operation);
    const all = toLimit(settings.principal);
    if (own && all && own.count / own.window >= all.count / all.window && own.burst >= all.burst) {
      findings.push({
        rule: 'throttling/operation-rate-never-reached',
        severity: 'warning',
        message: `${operation.key}: its rate (${formatRate(settings.operation)}) is never reached: a principal may do ${formatRate(settings.principal)} over all operations`,
        mend: 'lower the rate of the operation, or raise throttling.principal',
        operation: operation.key,
        place: operation.extensions.get('x-portcullis-limits')?.place,
      });
    }
    if (settings.bans === 'off') {
      findings.push({
        rule: 'throttling/no-bans',
        severity: 'weakness',
        message: 'who does harm again and again is never shut out',
        mend: 'take `bans: off` away; `mode: report` tries it out first',
      });
    }
    return findings;
  },

  explain(policy) {
    return lines(policy);
  },

  stages({ settings }, operation: Operation, services: Services) {
    return {
      'throttle-address': addressStage(settings, operation, services),
      'throttle-identity': identityStage(settings, operation, services),
    };
  },
};

function lines({ settings, origins }: Policy<ThrottlingSettings>): PolicyLine[] {
  const { slow, concurrency, quotas, costs, bans } = settings;
  const quota = (day: number | 'off' | undefined, month: number | 'off' | undefined): string =>
    [
      day === undefined || day === 'off' ? '' : `${day} a day`,
      month === undefined || month === 'off' ? '' : `${month} a month`,
    ]
      .filter((part) => part !== '')
      .join(', ') || 'off';
  const roles = Object.entries(quotas.roles).map(([role, q]) => `; ${role}: ${quota(q.day, q.month)}`);
  const rows: [string, string, keyof ThrottlingSettings][] = [
    ['rate per address', formatRate(settings.address), 'address'],
    ['rate per anonymous address', formatRate(settings.anonymous), 'anonymous'],
    ['rate per principal', formatRate(settings.principal), 'principal'],
    ['rate of this operation', formatRate(settings.operation), 'operation'],
    [
      'over the rate',
      slow === 'off' ? 'refused (429)' : `slowed by up to ${formatDuration(slow.delay)}, then refused (429)`,
      'slow',
    ],
    [
      'exchanges at once',
      `${concurrency.total}, ${concurrency.address} per address, ${concurrency.caller} per caller`,
      'concurrency',
    ],
    ['quota per principal', quota(quotas.day, quotas.month) + roles.join(''), 'quotas'],
    ['cost when refused', `invalid ${costs.invalid}, harmful ${costs.harmful}`, 'costs'],
    ['shut out after', bansText(bans), 'bans'],
  ];
  return rows.map(([part, value, key]) => ({ part, value, origin: origins[key] ?? 'default' }));
}

function bansText(bans: ThrottlingSettings['bans']): string {
  if (bans === 'off') return 'off: never';
  const { mode, harmful, window, first, max, exempt, shared } = bans;
  const more = [
    mode === 'report' ? 'reported only' : '',
    exempt.length > 0 ? `never ${exempt.join(', ')}` : '',
    shared.length > 0 ? `at one address only: ${shared.join(', ')}` : '',
  ].filter((part) => part !== '');
  const text = `${harmful} harmful within ${formatDuration(window)}; for ${formatDuration(first)} growing to ${formatDuration(max)}`;
  return [text, ...more].join('; ');
}
