/**
 * Time, from one place, so that tests can move it and jumps of the wall clock cannot break limits.
 */
export interface Clock {
  /** Wall clock, epoch milliseconds: for records and expiry dates. */
  now(): number;
  /** Monotonic milliseconds from an arbitrary start: for durations, rates and locks. Never goes back. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};
