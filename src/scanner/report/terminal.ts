import type { Severity } from '../model/finding.ts';
import type { PracticeScore, ScanFinding, ScanReport } from '../model/report.ts';
import { type Paint, paintOf } from './colour.ts';
import { exchangeLine } from './message.ts';
import { counted, countsText, openOf, placesOf, reaches, sorted, timeText, wasAnswered, whereOf } from './severity.ts';
import { columnsOf, fit, obeyedByNobody, oneLine, pad, visible, wrap } from './visible.ts';

export interface TerminalOptions {
  /** Columns; default 100. */
  readonly width?: number | undefined;
  readonly colours: boolean;
  /** All findings with exchanges and commands, all that was not tried. */
  readonly verbose: boolean;
  readonly failOn: Severity;
}

/** Findings that are told at all, and those with a command, unless verbose. */
const FINDINGS = 40;
const COMMANDS = 5;
const REASONS = 8;
const NOTES = 12;
/** Characters of a command that is printed: a person copies it. */
const COMMAND = 2_000;
const WIDEST = 140;

/** The end of a scan on a terminal: findings with how to repeat them, scores, what was not tried, and the verdict. */
export function terminalReport(report: ScanReport, options: TerminalOptions): string {
  const paint = paintOf(options.colours);
  const width = Math.min(WIDEST, Math.max(40, options.width ?? 100));
  const lines = [
    ...headOf(report, paint, width),
    ...findingsOf(report.findings, options, paint, width),
    ...practicesOf(report.practices, paint, width),
    ...untriedOf(report, options.verbose, paint, width),
    ...notesOf(report.notes, options.verbose, paint, width),
    '',
    verdictOf(report, options.failOn, paint),
    '',
  ];
  return obeyedByNobody(lines.join('\n'));
}

function headOf(report: ScanReport, paint: Paint, width: number): string[] {
  const { target, contract, coverage, requests, milliseconds, seed, destructive } = report;
  const worked = coverage.filter(({ workedFor }) => workedFor.length > 0).length;
  const rate = milliseconds > 0 ? `, ${Math.round((requests * 1_000) / milliseconds)}/s` : '';
  const title = [contract.title, contract.version].filter((part) => part !== '').join(' ');
  return [
    paint('bold', fit(oneLine(`scan of ${target} ${title}`), width)),
    paint(
      'dim',
      fit(
        `${worked} of ${counted(coverage.length, 'operation')} worked, ${counted(requests, 'request')} in ${timeText(milliseconds)}${rate}, seed ${seed}, ${destructive ? 'destructive' : 'safe'}`,
        width,
      ),
    ),
  ];
}

function findingsOf(all: readonly ScanFinding[], options: TerminalOptions, paint: Paint, width: number): string[] {
  const findings = sorted(openOf(all));
  const shown = options.verbose ? findings : findings.slice(0, FINDINGS);
  const checks = Math.min(30, Math.max(5, ...shown.map(({ check }) => columnsOf(check.id))));
  const lines = shown.flatMap((finding, index) => [
    '',
    ...titleOf(finding, checks, paint, width),
    ...wrap(oneLine(finding.message), width - 4).map((line) => `    ${line}`),
    ...(options.verbose ? verboseOf(finding, paint, width) : index < COMMANDS ? commandOf(finding, paint) : []),
  ]);
  if (lines.length === 0) return [];
  const left = findings.length - shown.length;
  const head = `${pad('SEVERITY', 13)}  ${pad('CHECK', checks)}  WHERE`;
  return [
    '',
    paint('dim', head),
    ...lines.slice(1),
    ...(left > 0 ? ['', paint('dim', `and ${left} more: see --html FILE, or --verbose`)] : []),
  ];
}

/** Severity, check and place: on one line where there is room. */
function titleOf(finding: ScanFinding, checks: number, paint: Paint, width: number): string[] {
  const { severity, check } = finding;
  const more = morePlaces(finding);
  const where = oneLine(whereOf(finding));
  const name = fit(oneLine(check.id), checks);
  const head = `${paint(severity, pad(severity, 13))}  ${paint('bold', pad(name, checks))}`;
  const room = width - checks - 17 - columnsOf(more);
  if (room >= 30) return [`${head}  ${fit(where, room)}${more}`];
  return [
    `${paint(severity, severity)}  ${paint('bold', fit(oneLine(check.id), width - 15))}`,
    `    ${fit(where, width - 4 - columnsOf(more))}${more}`,
  ];
}

const morePlaces = ({ places }: ScanFinding): string =>
  places.length > 1 ? `  (+${counted(places.length - 1, 'place')})` : '';

/** The last command shows the weakness. One that is too long, or holds what a terminal can't show, stands in the reports. */
function commandOf({ curl }: ScanFinding, paint: Paint): string[] {
  const command = curl.at(-1);
  if (command === undefined) return [];
  if (command.length > COMMAND)
    return [paint('dim', `    (the command is ${command.length} characters long: see --json FILE)`)];
  return visible(command)
    .split('\n')
    .map((line) => paint('dim', `    ${line}`));
}

function verboseOf(finding: ScanFinding, paint: Paint, width: number): string[] {
  const places = placesOf(finding).others.map(
    ({ operation, place }) => `    also ${oneLine([operation, place].filter(Boolean).join(', '))}`,
  );
  return [
    ...places,
    ...finding.exchanges.map((exchange) => paint('dim', `    ${fit(oneLine(exchangeLine(exchange)), width - 4)}`)),
    ...finding.curl.flatMap((command) => commandOf({ ...finding, curl: [command] }, paint)),
    ...wrap(`mend: ${oneLine(finding.check.mend)}`, width - 4).map((line) => `    ${line}`),
    paint('dim', `    ${finding.check.cwe}, ${finding.check.owasp}, fingerprint ${oneLine(finding.fingerprint)}`),
  ];
}

function practicesOf(practices: readonly PracticeScore[], paint: Paint, width: number): string[] {
  if (practices.length === 0) return [];
  const rows = practices.map(({ practice, score, tried, findings }) => {
    if (score === undefined) return `${pad(practice, 15)}    –  ${paint('dim', 'could not be tried')}`;
    const filled = Math.round(Math.max(0, Math.min(100, score)) / 5);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`;
    const how = score >= 90 ? 'good' : score >= 60 ? 'medium' : 'high';
    const what = `${counted(tried, 'check')}, ${counted(findings, 'finding')}`;
    const points = `${pad(practice, 15)}  ${String(Math.round(score)).padStart(3)}`;
    return width < 72 ? fit(`${points}  ${what}`, width) : `${points}  ${paint(how, bar)}  ${what}`;
  });
  return ['', paint('dim', 'PRACTICE         SCORE'), ...rows];
}

/** Crashed, cut and skipped checks, and reasons, those of most operations first. */
function untriedOf(report: ScanReport, verbose: boolean, paint: Paint, width: number): string[] {
  const crashed = report.checks
    .filter(({ state }) => state === 'crashed')
    .map(({ check, reason }) => paint('high', fit(oneLine(`${check.id} crashed: ${reason ?? ''}`), width - 2)));
  const reasons = new Map<string, Set<string>>();
  const add = (reason: string, what: string): void => {
    const known = reasons.get(reason);
    if (known === undefined) reasons.set(reason, new Set([what]));
    else known.add(what);
  };
  for (const { check, state, reason, notTried } of report.checks) {
    if (state === 'skipped' || state === 'cut') add(`${state}: ${reason ?? 'no reason is known'}`, check.id);
    for (const { reason: why, operations } of notTried)
      for (const one of operations.length > 0 ? operations : [check.id]) add(why, one);
  }
  for (const { operation, workedFor, why } of report.coverage)
    if (workedFor.length === 0) add(`never worked: ${why ?? 'no reason is known'}`, operation);
  const sortedReasons = [...reasons].sort((a, b) => b[1].size - a[1].size || (a[0] < b[0] ? -1 : 1));
  const shown = verbose ? sortedReasons : sortedReasons.slice(0, REASONS);
  const rows = shown.map(([reason, what]) =>
    fit(oneLine(`${reason}: ${[...what].slice(0, 50).join(', ')}`), width - 2),
  );
  const left = sortedReasons.length - shown.length;
  if (crashed.length + rows.length === 0) return [];
  return [
    '',
    paint('dim', 'NOT TRIED'),
    ...[...crashed, ...rows].map((row) => `  ${row}`),
    ...(left > 0 ? [paint('dim', `  and ${counted(left, 'more reason')}: see --html FILE, or --verbose`)] : []),
  ];
}

function notesOf(notes: readonly string[], verbose: boolean, paint: Paint, width: number): string[] {
  if (notes.length === 0) return [];
  const shown = verbose ? notes : notes.slice(0, NOTES);
  const lines = shown.flatMap((note) =>
    wrap(oneLine(note), width - 4).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
  );
  const left = notes.length - shown.length;
  return [
    '',
    paint('dim', 'NOTES'),
    ...lines,
    ...(left > 0 ? [paint('dim', `  and ${counted(left, 'more note')}`)] : []),
  ];
}

function verdictOf(report: ScanReport, failOn: Severity, paint: Paint): string {
  const open = openOf(report.findings);
  const failing = open.filter(({ severity }) => reaches(severity, failOn)).length;
  const accepted = report.findings.length - open.length;
  const rest = [
    ...(accepted > 0 ? [`${accepted} accepted`] : []),
    ...(report.cut === undefined ? [] : [`ended early: ${oneLine(report.cut)}`]),
  ].join('; ');
  const tail = rest === '' ? '' : ` (${rest})`;
  if (!wasAnswered(report)) return `${paint('high', 'nothing was answered, so nothing could be tried')}${tail}`;
  if (open.length === 0) return `${paint('good', 'nothing found')}${tail}`;
  const how =
    failing > 0
      ? paint('high', `found: ${countsText(open)}`)
      : paint('good', `found: ${countsText(open)}; nothing at or above ${failOn}`);
  return `${how}${tail}`;
}
