import { scoresOf } from '../engine/scores.ts';
import { SEVERITIES } from '../model/finding.ts';
import type { CheckReport, OperationCoverage, ScanFinding, ScanReport } from '../model/report.ts';

/** One report of two scans of the same API, with different checks. The first one's facts count where only one can. */
export function mergeReports(first: ScanReport, second: ScanReport | undefined): ScanReport {
  if (second === undefined) return first;
  const findings = new Map(first.findings.map((finding) => [`${finding.check.id} ${finding.fingerprint}`, finding]));
  for (const finding of second.findings) {
    const key = `${finding.check.id} ${finding.fingerprint}`;
    if (!findings.has(key)) findings.set(key, finding);
  }
  const others = new Map(second.coverage.map((one) => [one.operation, one]));
  return complete({
    ...first,
    milliseconds: first.milliseconds + second.milliseconds,
    findings: [...findings.values()],
    checks: [...first.checks, ...second.checks],
    coverage: first.coverage.map((one) => together(one, others.get(one.operation))),
    notes: [...new Set([...first.notes, ...second.notes])],
    requests: first.requests + second.requests,
    cut: first.cut ?? second.cut,
  });
}

/** A report with further findings, checks and notes; order and scores follow from them. */
export function withMore(
  report: ScanReport,
  more: {
    readonly findings: readonly ScanFinding[];
    readonly checks: readonly CheckReport[];
    readonly notes: readonly string[];
  },
): ScanReport {
  return complete({
    ...report,
    findings: [...report.findings, ...more.findings],
    checks: [...report.checks, ...more.checks],
    notes: [...more.notes, ...report.notes],
  });
}

function complete(report: ScanReport): ScanReport {
  const findings = [...report.findings].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      compare(a.check.id, b.check.id) ||
      compare(a.fingerprint, b.fingerprint),
  );
  return { ...report, findings, practices: scoresOf(report.checks, findings) };
}

function together(one: OperationCoverage, other: OperationCoverage | undefined): OperationCoverage {
  if (other === undefined) return one;
  const statuses = new Map(Object.entries(one.statuses));
  for (const [status, count] of Object.entries(other.statuses))
    statuses.set(status, (statuses.get(status) ?? 0) + count);
  const reached = new Set([...one.places.reached, ...other.places.reached]);
  const workedFor = [...new Set([...one.workedFor, ...other.workedFor])];
  return {
    operation: one.operation,
    requests: one.requests + other.requests,
    statuses: Object.fromEntries([...statuses].sort(([a], [b]) => compare(a, b))),
    unseen: one.unseen.filter((status) => other.unseen.includes(status)),
    places: {
      reached: [...one.places.reached, ...one.places.missed].filter((place) => reached.has(place)),
      missed: one.places.missed.filter((place) => !reached.has(place)),
    },
    workedFor,
    why: workedFor.length > 0 ? undefined : one.why,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
