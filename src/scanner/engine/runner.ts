import type { CheckRun } from './check-run.ts';
import { contextFor, type Shared } from './context.ts';
import { pause } from './pause.ts';

/** Milliseconds to wait for an API that blocks the scanner, before a further check; each is spent once in a scan. */
const PAUSES = [3_000, 7_000, 20_000];

/** Runs checks, each to its end, to the end of the scan, or as long as there is an API that speaks to the scanner. */
export class Runner {
  readonly #shared: Shared;
  readonly #note: (text: string) => void;
  #pauses = 0;
  /** Set once it is waited for no more: why. */
  #givenUp: string | undefined;

  constructor(shared: Shared, note: (text: string) => void) {
    this.#shared = shared;
    this.#note = note;
  }

  /** Why the scan is of no use any more; undefined: it is. */
  get lost(): string | undefined {
    const { gone } = this.#shared.presence;
    return gone === undefined ? this.#givenUp : `the API does not answer: ${gone}`;
  }

  /** What the check throws is a line in the report. */
  async run(run: CheckRun): Promise<void> {
    const { check } = run;
    const { signal, presence } = this.#shared;
    if (signal.aborted) return cut(run, check.run === undefined, 'the scan ended before it');
    const obstacle = await this.#obstacle();
    if (obstacle !== undefined) {
      if (check.run === undefined && this.#shared.client.sent > 0 && presence.gone === undefined) return;
      if (run.state !== 'crashed') run.state = 'skipped';
      run.reason ??= obstacle;
      return;
    }
    if (!check.run) return;
    const began = performance.now();
    if (run.state !== 'crashed') run.state = 'ran';
    try {
      await check.run(contextFor(run, this.#shared));
    } catch (error) {
      run.failed(error);
    }
    run.milliseconds = performance.now() - began;
    if (signal.aborted) cut(run, false, 'the scan ended while it ran');
    else if (presence.gone !== undefined) cut(run, false, `the API ceased to answer while it ran: ${presence.gone}`);
  }

  /** Why nothing can be tried now; waits for an API that may come back. */
  async #obstacle(): Promise<string | undefined> {
    const { presence, client, state, signal } = this.#shared;
    if (this.lost !== undefined) return this.lost;
    if (presence.doubtful && !(await presence.here())) return this.lost;
    const how = client.blocked;
    while (client.blocked !== undefined && !signal.aborted) {
      if (await state.answers()) {
        this.#note('the API answers again');
        client.unblocked();
        return undefined;
      }
      const wait = PAUSES[this.#pauses++];
      if (wait === undefined) {
        this.#givenUp = `the API blocks the scanner (${how})`;
        this.#note('the API still blocks the scanner: what was left was not tried');
        return this.#givenUp;
      }
      await pause(wait, signal);
    }
    return undefined;
  }
}

/** An observer has seen what there was to see. */
function cut(run: CheckRun, observes: boolean, reason: string): void {
  if (run.state === 'crashed') return;
  run.state = 'cut';
  run.reason = observes ? 'the scan ended before all was seen' : reason;
}
