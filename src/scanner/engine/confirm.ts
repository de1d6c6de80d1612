import type { Candidate, Proof } from '../model/finding.ts';
import type { ScanWatch } from '../model/plan.ts';
import type { CheckRun } from './check-run.ts';
import { Stopped } from './ends.ts';
import type { Findings } from './findings.ts';

/** Candidates of observers that wait for their confirmation, of one check. */
const WAITING = 200;
/** How often the same place of the same cause may be believed in vain. */
const TRIES = 3;

/** Confirms what checks believe they found: nothing is a finding that does not show once more. */
export class Confirmation {
  readonly #findings: Findings;
  readonly #watch: ScanWatch;
  readonly #waiting: { readonly run: CheckRun; readonly candidate: Candidate; resolve(confirmed: boolean): void }[] =
    [];
  readonly #queued = new Map<string, number>();
  /** How often it must show: once more, unless the API answers the same differently from time to time. */
  times = 1;

  constructor(findings: Findings, watch: ScanWatch) {
    this.#findings = findings;
    this.#watch = watch;
  }

  /** Tries a candidate once more, now. */
  async now(run: CheckRun, candidate: Candidate): Promise<boolean> {
    if (this.#findings.has(run.check, candidate)) return true;
    let proof: Proof | undefined;
    try {
      for (let shown = 0; shown < this.times; shown++) {
        proof = await candidate.again();
        if (!proof) break;
      }
    } catch (error) {
      proof = undefined;
      if (error instanceof Stopped) {
        run.skip('a finding could not be confirmed before the scan ended', candidate.operation?.key);
        return false;
      }
      run.failed(error);
    }
    if (!proof) {
      run.unconfirmed++;
      return false;
    }
    const finding = this.#findings.add(run.check, candidate, proof);
    if (finding) this.#watch.finding(finding);
    return true;
  }

  /** Keeps what an observer saw until `drain`; the same place of the same cause only once. */
  async later(run: CheckRun, candidate: Candidate): Promise<boolean> {
    const key = `${run.check.id}\n${candidate.cause ?? ''}\n${candidate.operation?.key ?? ''}\n${candidate.place ?? ''}`;
    const count = this.#queued.get(run.check.id) ?? 0;
    const tries = this.#queued.get(key) ?? 0;
    if (tries >= TRIES || count >= WAITING) return false;
    // Until it is confirmed or not, it is not asked again; one that failed may show in another exchange.
    this.#queued.set(key, TRIES);
    this.#queued.set(run.check.id, count + 1);
    return await new Promise((resolve) => {
      this.#waiting.push({
        run,
        candidate,
        resolve: (confirmed) => {
          if (!confirmed) this.#queued.set(key, tries + 1);
          resolve(confirmed);
        },
      });
    });
  }

  /** Confirms what waits. */
  async drain(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      next.resolve(await this.now(next.run, next.candidate));
    }
  }
}
