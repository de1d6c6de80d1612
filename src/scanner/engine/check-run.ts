import type { Check } from '../model/check.ts';
import type { CheckReport } from '../model/report.ts';
import { Gone, Silent, Stopped } from './ends.ts';

/** Reasons why something was not tried that are kept; more are counted as one. */
const REASONS = 100;

const OTHERS = 'further reasons, too many to be listed';

/** What happened to one check: filled while it runs. */
export class CheckRun {
  readonly check: Check;
  state: CheckReport['state'] = 'skipped';
  reason: string | undefined;
  requests = 0;
  milliseconds = 0;
  unconfirmed = 0;
  readonly #notTried = new Map<string, Set<string>>();

  constructor(check: Check) {
    this.check = check;
  }

  skip(reason: string, operation?: string): void {
    let operations = this.#notTried.get(reason);
    if (!operations && this.#notTried.size >= REASONS) operations = this.#notTried.get(OTHERS);
    if (!operations) this.#notTried.set(this.#notTried.size < REASONS ? reason : OTHERS, (operations = new Set()));
    if (operation !== undefined) operations.add(operation);
  }

  /** What ended a piece of its work: the end of the scan, an API that is silent, or a defect. */
  failed(error: unknown): void {
    if (error instanceof Stopped) return;
    if (error instanceof Silent) this.skip('it does not answer any more', error.operation);
    else if (error instanceof Gone) this.skip(error.message);
    else this.crash(error);
  }

  /** A defect met on the way: said, and the rest goes on. */
  crash(error: unknown): void {
    this.state = 'crashed';
    const text =
      error instanceof Error ? (error.stack?.split('\n').slice(0, 2).join(' ') ?? error.message) : String(error);
    this.reason ??= text.slice(0, 400);
  }

  report(): CheckReport {
    const { check, state, reason, requests, milliseconds, unconfirmed } = this;
    const notTried = [...this.#notTried]
      .map(([why, operations]) => ({ reason: why, operations: [...operations].sort() }))
      .sort((a, b) => (a.reason < b.reason ? -1 : 1));
    return {
      check: infoOf(check),
      state,
      reason,
      requests,
      milliseconds: Math.round(milliseconds),
      notTried,
      unconfirmed,
    };
  }
}

/** A check without its code: for reports. */
export function infoOf({ id, group, title, practice, cwe, owasp, severity, why, mend }: Check): CheckReport['check'] {
  return { id, group, title, practice, cwe, owasp, severity, why, mend };
}
