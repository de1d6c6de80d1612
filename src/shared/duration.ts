import { z } from 'zod';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const FORM = /^(\d{1,9})(ms|s|m|h|d)$/;

/** The longest span there is: ten years. Anything longer is a slip of the pen, and would overflow timers and dates. */
const LONGEST = 3_660 * UNITS.d;

/**
 * Reads a span of time: a whole number with one unit of `ms`, `s`, `m`, `h`, `d`: `500ms`, `15m`, `90d`.
 * @returns milliseconds; undefined where the text is anything else, or longer than ten years.
 */
export function parseDuration(text: string): number | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const span = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return span <= LONGEST ? span : undefined;
}

/** The inverse of {@link parseDuration}, in the largest unit that is exact: 900000 is `15m`. */
export function formatDuration(milliseconds: number): string {
  const whole = Math.max(0, Math.round(milliseconds));
  if (whole === 0) return '0s';
  for (const unit of ['d', 'h', 'm', 's'] as const)
    if (whole % UNITS[unit] === 0) return `${whole / UNITS[unit]}${unit}`;
  return `${whole}ms`;
}

/**
 * A setting that is a span of time, written as text and read as milliseconds.
 * @param standard what holds where the setting is absent, as a person would write it: `15m`
 * @param least, most inclusive bounds in milliseconds
 */
export function duration(standard: string, { least = 0, most = LONGEST } = {}) {
  return z
    .string()
    .regex(FORM, { error: 'a span of time is a whole number with a unit: 500ms, 30s, 15m, 24h or 90d' })
    .transform((text, context) => {
      const span = parseDuration(text);
      if (span === undefined || span < least || span > most) {
        context.issues.push({
          code: 'custom',
          input: text,
          message: `must be from ${formatDuration(least)} to ${formatDuration(most)}`,
        });
        return z.NEVER;
      }
      return span;
    })
    .prefault(standard);
}
