import { type Refusal, refuse } from './refusal.ts';

/** An unexpected error refuses: what cannot be judged does not pass. */
export function crashed(stage: string, error: unknown): Refusal {
  let trace = 'an error that cannot be told';
  try {
    // What was thrown may be anything: reading it can throw again.
    trace = String(error instanceof Error ? (error.stack ?? error.message) : error).slice(0, 2000);
  } catch {}
  return refuse('internal', { evidence: { stage, error: trace } });
}
