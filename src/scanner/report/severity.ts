import { SEVERITIES, type Severity } from '../model/finding.ts';
import type { ScanFinding, ScanReport } from '../model/report.ts';

/** 0 for critical, 4 for informational. */
export const rankOf = (severity: Severity): number => SEVERITIES.indexOf(severity);

/** Whether a severity is as bad as the threshold, or worse. */
export const reaches = (severity: Severity, threshold: Severity): boolean => rankOf(severity) <= rankOf(threshold);

/** Findings that the baseline does not accept. */
export const openOf = (findings: readonly ScanFinding[]): readonly ScanFinding[] =>
  findings.filter(({ accepted }) => accepted === undefined);

/** Whether the API answered at all: where it did not, that nothing was found means nothing. */
export const wasAnswered = ({ coverage, findings }: ScanReport): boolean =>
  findings.length > 0 || coverage.some(({ statuses }) => Object.keys(statuses).some((status) => status !== 'none'));

/** How many findings of each severity, worst first; severities without any are left out. */
export function countsOf(findings: readonly ScanFinding[]): readonly (readonly [severity: Severity, count: number])[] {
  return SEVERITIES.map(
    (severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const,
  ).filter(([, count]) => count > 0);
}

/** `2 critical, 1 high`; `none`. */
export const countsText = (findings: readonly ScanFinding[]): string =>
  countsOf(findings)
    .map(([severity, count]) => `${count} ${severity}`)
    .join(', ') || 'none';

/** Worst first, then by check, place and fingerprint: the same order in every run. */
export function sorted(findings: readonly ScanFinding[]): readonly ScanFinding[] {
  return [...findings].sort(
    (a, b) =>
      rankOf(a.severity) - rankOf(b.severity) ||
      compare(a.check.id, b.check.id) ||
      compare(whereOf(a), whereOf(b)) ||
      compare(a.fingerprint, b.fingerprint),
  );
}

/** By code units: the same in every locale. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The place that the finding's message tells of, and the others. */
export function placesOf({ places, message }: ScanFinding): {
  readonly first: ScanFinding['places'][number] | undefined;
  readonly others: ScanFinding['places'];
} {
  const first = places.find((place) => place.message === message) ?? places[0];
  return { first, others: places.filter((place) => place !== first) };
}

/** Where a finding shows: `GET /patients/{id}, path parameter id`; the whole API where no operation is named. */
export function whereOf(finding: ScanFinding): string {
  const { first } = placesOf(finding);
  return placeText(first?.operation, first?.place);
}

export const placeText = (operation: string | undefined, place: string | undefined): string =>
  [operation ?? 'the API as a whole', place].filter((part) => part !== undefined && part !== '').join(', ');

/** `2 places`, `1 place`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

/** Milliseconds for people: `850 ms`, `41.2 s`, `3 min 5 s`. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
