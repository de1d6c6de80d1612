import { IdentityError } from '../identity/attributes.ts';
import { parseDuration } from '../shared/duration.ts';

const FORM = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * A moment in the past as people write it: `now`, `2h` (ago), `2026-11-20` (its first moment, UTC), `2026-11-20T12:00:00Z`.
 * @returns epoch milliseconds @throws IdentityError
 */
export function momentOf(text: string, now: number): number {
  if (text === 'now') return now;
  const span = parseDuration(text);
  if (span !== undefined) return now - span;
  const time = FORM.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse rolls 31 February over into March.
  if (Number.isNaN(time) || (text.length === 10 && new Date(time).toISOString().slice(0, 10) !== text))
    throw new IdentityError(
      'input',
      'A time is `now`, a span ago (2h, 3d), a date (2026-11-20) or a UTC time (2026-11-20T12:00:00Z).',
    );
  return time;
}
