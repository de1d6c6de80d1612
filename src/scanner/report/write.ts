import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Severity } from '../model/finding.ts';
import type { ScanReport } from '../model/report.ts';
import { htmlReport } from './html.ts';
import { jsonReport } from './json.ts';
import { junitReport } from './junit.ts';
import { sarifReport } from './sarif.ts';

/** Files to write, by format. */
export interface ReportFiles {
  readonly html?: string;
  readonly sarif?: string;
  readonly junit?: string;
  readonly json?: string;
}

/**
 * Writes the reports that were asked for.
 * @returns for each file what went wrong, or undefined where it was written; one that fails does not keep the others
 */
export async function writeReports(
  report: ScanReport,
  files: ReportFiles,
  failOn: Severity,
): Promise<readonly { readonly file: string; readonly problem: string | undefined }[]> {
  const wanted: readonly (readonly [string | undefined, () => Iterable<string>])[] = [
    [files.html, () => htmlReport(report)],
    [files.sarif, () => [JSON.stringify(sarifReport(report), null, 2), '\n']],
    [files.junit, () => [junitReport(report, failOn)]],
    [files.json, () => jsonReport(report)],
  ];
  const outcomes: { file: string; problem: string | undefined }[] = [];
  for (const [file, parts] of wanted) {
    if (file === undefined) continue;
    try {
      await pipeline(Readable.from(parts()), createWriteStream(file));
      outcomes.push({ file, problem: undefined });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      outcomes.push({ file, problem: code ?? message });
    }
  }
  return outcomes;
}
