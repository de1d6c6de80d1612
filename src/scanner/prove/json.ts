import type { Severity } from '../model/finding.ts';
import { jsonReport } from '../report/json.ts';
import type { Proof } from './prove.ts';
import type { Reconciliation } from './reconcile.ts';

/** Named in every report; the number grows when a key changes its meaning or goes away. */
export const PROVE_FORMAT = 'portcullis-prove/1';

/** Everything of a proof for programs: the card, what the log says, and the scan's own report under `scan`. */
export function* jsonProof({ card, reconciliation, report }: Proof, failOn: Severity): Generator<string> {
  const head = { format: PROVE_FORMAT, held: card.held, failOn, card: card.lines, log: logOf(reconciliation) };
  yield `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "scan": `;
  yield* jsonReport(report);
  yield '}\n';
}

function logOf(found: Reconciliation | undefined): object | null {
  if (found === undefined) return null;
  return {
    exchanges: found.named,
    matched: found.matched,
    missing: { count: found.missingCount, exchanges: found.missing },
    wrong: { count: found.wrongCount, exchanges: found.wrong },
    others: { count: found.others, codes: ordered(found.otherCodes) },
    friendlyRefused: found.friendly.map(({ identities, ...one }) => ({ ...one, identities: [...identities].sort() })),
    recognised: found.recognised,
    events: ordered(found.events),
    logs: found.logs,
    checks: [...found.tallies]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([check, tally]) => ({ check: check === '' ? '(friendly)' : check, ...tally })),
  };
}

const ordered = (counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> =>
  Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
