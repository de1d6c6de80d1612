import { PRACTICES, type Practice, type Severity } from '../model/finding.ts';
import type { CheckReport, PracticeScore, ScanFinding } from '../model/report.ts';

/** What a finding takes from the hundred of its practice. */
const COST: Readonly<Record<Severity, number>> = { critical: 40, high: 25, medium: 12, low: 4, informational: 0 };

/** A score a practice: 100 less what its findings cost; none where no check of it could run. Accepted findings cost nothing. */
export function scoresOf(checks: readonly CheckReport[], findings: readonly ScanFinding[]): PracticeScore[] {
  return PRACTICES.map((practice: Practice) => {
    if (practice === 'test') return tested(checks);
    const tried = checks.filter(({ check, state }) => check.practice === practice && state === 'ran').length;
    const own = findings.filter(({ check, accepted }) => check.practice === practice && !accepted);
    const cost = own.reduce((sum, { severity }) => sum + COST[severity], 0);
    const score = tried === 0 && own.length === 0 ? undefined : Math.max(0, 100 - cost);
    return { practice, score, tried, findings: own.length };
  });
}

/** The eighth practice is this scan: the share of its checks that ran to their end, of those that were asked for. */
function tested(checks: readonly CheckReport[]): PracticeScore {
  const ran = checks.filter(({ state }) => state === 'ran').length;
  const lost = checks.filter(({ state }) => state === 'crashed' || state === 'cut').length;
  const score = ran + lost === 0 ? undefined : Math.round((100 * ran) / (ran + lost));
  return { practice: 'test', score, tried: ran, findings: 0 };
}
