import { stringify } from 'yaml';
import { z } from 'zod';
import type { Accepted } from '../model/plan.ts';
import type { ScanFinding } from '../model/report.ts';
import { readSettings } from '../options/settings-file.ts';
import { counted, sorted } from './severity.ts';
import { cut, oneLine } from './visible.ts';

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** Accepted findings in one file. */
const ENTRIES = 10_000;

const entry = z.strictObject({
  fingerprint: z.string().min(1).max(500).describe('As it stands in the reports.'),
  check: z.string().max(200).optional().describe('For readers: id of the check.'),
  operation: z.string().max(2_000).optional().describe('For readers: the operation.'),
  place: z.string().max(2_000).optional().describe('For readers: the place within the operation.'),
  reason: z
    .string()
    .min(1, { error: 'say why the finding is accepted' })
    .max(2_000)
    .describe('Why the finding is accepted; stands in every report.'),
  expires: z
    .string()
    .refine((text) => DATE.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text, {
      error: 'expected a date such as 2030-01-31',
    })
    .optional()
    .describe('Last day (UTC) on which it is accepted.'),
});
const schema = z.strictObject({ accepted: z.array(entry).max(ENTRIES).describe('Accepted findings.') });

export type BaselineEntry = z.output<typeof entry>;

/** Findings that were judged by people and are accepted. */
export interface Baseline extends Accepted {
  readonly entries: readonly BaselineEntry[];
  /** What a person should know of the entries, in the light of a scan: those that expired, and those it did not find. */
  review(findings: readonly ScanFinding[], whole: boolean): readonly string[];
}

/**
 * Reads a baseline, YAML or JSON: `accepted:` with a list of fingerprint, reason, and if one likes check, operation,
 * place and `expires`. A fingerprint stands once.
 *
 * @param now epoch milliseconds
 * @throws LoadError with place and mend
 */
export function readBaseline(text: string, file: string, now: number): Baseline {
  const unique = schema.superRefine(({ accepted }, context) => {
    const seen = new Set<string>();
    for (const [index, { fingerprint }] of accepted.entries()) {
      if (seen.has(fingerprint))
        context.addIssue({ code: 'custom', path: ['accepted', index], message: 'this fingerprint stands twice' });
      seen.add(fingerprint);
    }
  });
  return baselineOf(readSettings(text, unique, { file, what: 'baseline' }).accepted, now);
}

/** A baseline of these entries, judged at `now`. */
export function baselineOf(entries: readonly BaselineEntry[], now: number): Baseline {
  const today = new Date(now).toISOString().slice(0, 10);
  const expired = (one: BaselineEntry): boolean => one.expires !== undefined && one.expires < today;
  const known = new Map(entries.map((one) => [one.fingerprint, one]));
  return {
    entries,
    reason(fingerprint) {
      const one = known.get(fingerprint);
      return one === undefined || expired(one) ? undefined : one.reason;
    },
    review(findings, whole) {
      const found = new Set(findings.map(({ fingerprint }) => fingerprint));
      const late = entries.filter(expired);
      const stale = whole ? entries.filter((one) => !found.has(one.fingerprint)) : [];
      return [
        ...late.map((one) => `baseline: the acceptance of ${nameOf(one)} expired on ${one.expires}`),
        ...stale.map((one) => `baseline: ${nameOf(one)} was not found any more: take it out`),
      ];
    },
  };
}

const nameOf = ({ fingerprint, check, operation }: BaselineEntry): string =>
  oneLine(
    [fingerprint, [check, operation].filter((part) => part !== undefined).join(', ')]
      .filter((part) => part !== '')
      .join(' '),
  );

/**
 * A baseline that accepts all findings of a scan, to be written to a file: entries that stood before are kept as they
 * are where they were found again or the scan did not look everywhere; new ones wait for a person's reason.
 *
 * @param now epoch milliseconds, for the words of new entries
 */
export function writeBaseline(
  findings: readonly ScanFinding[],
  before: Baseline | undefined,
  whole: boolean,
  now: number,
): string {
  const day = new Date(now).toISOString().slice(0, 10);
  const found = new Set(findings.map(({ fingerprint }) => fingerprint));
  const known = new Set(before?.entries.map(({ fingerprint }) => fingerprint));
  const kept = (before?.entries ?? []).filter(({ fingerprint }) => !whole || found.has(fingerprint));
  const fresh = sorted(findings)
    .filter(({ fingerprint }) => !known.has(fingerprint))
    .map(({ fingerprint, check, places }) => ({
      fingerprint,
      check: check.id,
      ...(places[0]?.operation === undefined ? {} : { operation: cut(places[0].operation, 2_000) }),
      ...(places[0]?.place === undefined ? {} : { place: cut(places[0].place, 2_000) }),
      reason: `not judged yet (written ${day})`,
    }));
  const head = ` Findings that are accepted: say why in each reason. ${counted(kept.length + fresh.length, 'entry', 'entries')}.\n`;
  return `#${head}${stringify({ accepted: [...kept, ...fresh] }, { lineWidth: 0 })}`;
}
