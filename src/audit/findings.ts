/**
 * - `changed`, `removed`, `inserted`, `reordered`: what happened to records.
 * - `tile`: a hash tile was edited or removed; records can still be judged.
 * - `checkpoint`: there is none that can be believed, or it does not sign this log.
 * - `rolled-back`: the log was cut, and made to look as if it had never been longer.
 * - `rewritten`: the log is not a continuation of a checkpoint that was kept elsewhere.
 * - `key`: the signing key is not the one a kept checkpoint was signed with.
 * - `missing-log`: a checkpoint was kept of a log that is not here.
 */
export type FindingKind =
  | 'changed'
  | 'removed'
  | 'inserted'
  | 'reordered'
  | 'tile'
  | 'checkpoint'
  | 'rolled-back'
  | 'rewritten'
  | 'key'
  | 'missing-log';

/** One thing that is not as it was signed. */
export interface VerifyFinding {
  readonly kind: FindingKind;
  readonly message: string;
  readonly segment?: string;
  /** 1-based line of the segment. */
  readonly line?: number;
  /** Index of the record; of the first one where a run of them is meant. */
  readonly index?: number;
  readonly last?: number;
  /** Id of the exchange, where it is readable. */
  readonly id?: string;
}

/** Findings listed of one kind in one log; more are counted. */
const MOST = 1000;

/** Collects findings, bounded. */
export class Findings {
  readonly list: VerifyFinding[] = [];
  readonly #counts = new Map<FindingKind, number>();

  add(kind: FindingKind, message: string, where: Omit<VerifyFinding, 'kind' | 'message'> = {}): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count <= MOST) this.list.push({ kind, message, ...where });
  }

  /** Says of which kinds there were more than are listed. */
  *omitted(): Generator<string> {
    for (const [kind, count] of this.#counts)
      if (count > MOST) yield `${count - MOST} more findings of the kind "${kind}" are not listed`;
  }
}
