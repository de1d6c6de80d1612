import { join } from 'node:path';
import type { Services } from '../gateway/services.ts';
import { QuotaLedger, type QuotaUse } from './quotas.ts';
import type { ThrottlingSettings } from './settings.ts';

/** The quotas in force for one principal. */
export interface Quota {
  readonly ledger: QuotaLedger;
  /** Infinity where there is none. */
  readonly day: number;
  readonly month: number;
  readonly policyFields: string;
  /** `"day";r=5;t=3600`. */
  fields(use: QuotaUse): string;
}

/** From a principal's roles to its quotas. */
export type QuotaFinder = (roles: readonly string[]) => Quota | undefined;

const NONE = Number.POSITIVE_INFINITY;
const numberOf = (setting: number | 'off'): number => (setting === 'off' ? NONE : setting);

/**
 * Compiles the quota settings: from a principal's roles to the quotas in force. A role's quota replaces the general
 * one; of several roles the largest counts, day and month each on its own.
 */
export function quotaFinder(settings: ThrottlingSettings['quotas'], services: Services): QuotaFinder {
  const base = { day: numberOf(settings.day), month: numberOf(settings.month) };
  const roles = new Map(Object.entries(settings.roles));
  const limited = (q: { day?: number | 'off'; month?: number | 'off' }): boolean =>
    numberOf(q.day ?? 'off') !== NONE || numberOf(q.month ?? 'off') !== NONE;
  if (!limited(settings) && ![...roles.values()].some(limited)) return () => undefined;

  const ledger = services.keep(
    'throttling/quotas',
    () => new QuotaLedger(join(services.dataDirectory, 'quotas.db'), services.clock, services.event),
  );
  const general = make(ledger, base.day, base.month);
  if (roles.size === 0) return () => general;

  /** As many as there are different pairs of configured quotas: bounded by the configuration. */
  const made = new Map<string, Quota | undefined>([[`${base.day}/${base.month}`, general]]);
  return (held) => {
    let day = -1;
    let month = -1;
    for (const role of held) {
      const own = roles.get(role);
      if (own === undefined) continue;
      if (own.day !== undefined) day = Math.max(day, numberOf(own.day));
      if (own.month !== undefined) month = Math.max(month, numberOf(own.month));
    }
    if (day < 0 && month < 0) return general;
    if (day < 0) day = base.day;
    if (month < 0) month = base.month;
    const key = `${day}/${month}`;
    if (!made.has(key)) made.set(key, make(ledger, day, month));
    return made.get(key);
  };
}

function make(ledger: QuotaLedger, day: number, month: number): Quota | undefined {
  if (day === NONE && month === NONE) return undefined;
  const dayField = (use: QuotaUse): string => `"day";r=${day - use.dayCount};t=${use.dayLeft}`;
  const monthField = (use: QuotaUse): string => `"month";r=${month - use.monthCount};t=${use.monthLeft}`;
  const policies: string[] = [];
  if (day !== NONE) policies.push(`"day";q=${day};w=86400`);
  // A month has no one length; the field wants a number: the longest.
  if (month !== NONE) policies.push(`"month";q=${month};w=2678400`);
  return {
    ledger,
    day,
    month,
    policyFields: policies.join(', '),
    fields: month === NONE ? dayField : day === NONE ? monthField : (use) => `${dayField(use)}, ${monthField(use)}`,
  };
}
