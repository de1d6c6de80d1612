/** Ends at the user's word, or when the time is up; says which. */
export interface Deadline {
  readonly signal: AbortSignal;
  why(): string | undefined;
  /** Lets go of the timer. */
  end(): void;
}

/** @param maxTime milliseconds; undefined: no limit */
export function deadline(stop: AbortSignal, maxTime: number | undefined): Deadline {
  const own = new AbortController();
  let why: string | undefined;
  const end = (reason: string): void => {
    why ??= reason;
    own.abort();
  };
  const stopped = (): void => end('it was stopped');
  if (stop.aborted) stopped();
  else stop.addEventListener('abort', stopped, { once: true });
  const timer = maxTime === undefined ? undefined : setTimeout(() => end('the time was up (--max-time)'), maxTime);
  return {
    signal: own.signal,
    why: () => why,
    end: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    },
  };
}
