import { z } from 'zod';
import { formatDuration } from '../shared/duration.ts';
import type { RateLimit } from '../storage/counters.ts';

/** `100/10s`: count, optional number of units, unit. Capped lengths keep the products far from 2^53. */
const RATE = /^(\d{1,9})\/(\d{1,5})?([smhd])$/;
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_WINDOW = 31 * 86_400_000;
const HINT = 'write COUNT/PERIOD with s, m, h or d, at most 31d: 100/10s, 20/s, 1000/d';

const rateText = z.string().refine((text) => parse(text) !== undefined, HINT);

/**
 * A rate in the configuration: `100/10s`, or `{rate: 100/10s, burst: 200}`, or `off`. The burst is what may come at
 * once; without one it is the rate's count.
 */
export const rate = z.union([
  z.literal('off'),
  rateText,
  z.strictObject({ rate: rateText, burst: z.int().min(1).max(1_000_000).optional() }),
]);

export type Rate = z.output<typeof rate>;

/** @returns the limit, or undefined for `off`. The rate must have passed the schema. */
export function toLimit(setting: Rate): RateLimit | undefined {
  if (setting === 'off') return undefined;
  const text = typeof setting === 'string' ? setting : setting.rate;
  const parsed = parse(text);
  if (parsed === undefined) throw new TypeError(`${text} is no rate: ${HINT}`);
  const burst = typeof setting === 'string' ? undefined : setting.burst;
  return { ...parsed, burst: burst ?? parsed.count };
}

/** `100 per 10s, burst 200`. */
export function formatRate(setting: Rate): string {
  const limit = toLimit(setting);
  return limit === undefined ? 'off' : `${limit.count} per ${formatDuration(limit.window)}, burst ${limit.burst}`;
}

function parse(text: string): { count: number; window: number } | undefined {
  const match = RATE.exec(text);
  if (match === null) return undefined;
  const count = Number(match[1]);
  const window = Number(match[2] ?? 1) * UNITS[match[3]!]!;
  return count >= 1 && window >= 1 && window <= MAX_WINDOW ? { count, window } : undefined;
}
