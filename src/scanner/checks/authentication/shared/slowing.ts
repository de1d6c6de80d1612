import type { ScanAnswer } from '../../../model/exchange.ts';

/** A limit so small that guessing is hopeless under it, and larger than what the check sends. */
const SMALL = 150;
/** Milliseconds that a slow answer must have at least: less is noise. */
const SLOW = 400;

/**
 * Whether an answer tells of a limit of its own for what was sent (RateLimit, RFC draft, and X-RateLimit headers): few
 * in a minute or more. A general limit of thousands is none against guessing.
 */
export function tellsSmallLimit({ headers }: ScanAnswer): boolean {
  const plainly =
    headers.get('ratelimit-limit') ?? headers.get('x-ratelimit-limit') ?? headers.get('x-rate-limit-limit');
  const policy = headers.get('ratelimit-policy') ?? plainly ?? '';
  const limit = Number(
    /^\s*(\d{1,9})/.exec(plainly ?? '')?.[1] ?? /(?:^|;)\s*q=(\d{1,9})/.exec(policy)?.[1] ?? Number.NaN,
  );
  const window = Number(/;\s*w=(\d{1,9})/.exec(policy)?.[1] ?? 60);
  return limit <= SMALL && window >= 30;
}

/** Whether answers take longer and longer: the last ones several times as long as the first ones. */
export function slowsDown(milliseconds: readonly number[]): boolean {
  const part = Math.max(3, Math.floor(milliseconds.length / 4));
  const first = median(milliseconds.slice(0, part));
  const last = median(milliseconds.slice(-part));
  return last > SLOW && last > first * 3;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
