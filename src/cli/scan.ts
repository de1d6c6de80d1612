import { existsSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { knownExtensions } from '../gateway/plan.ts';
import { createOutbound } from '../outbound/guarded.ts';
import type { Check } from '../scanner/model/check.ts';
import type { ScanPlan, ScanWatch } from '../scanner/model/plan.ts';
import type { ScanReport } from '../scanner/model/report.ts';
import { OptionError } from '../scanner/options/as.ts';
import { type PlannedScan, planScan } from '../scanner/options/plan.ts';
import type { ScanFlags } from '../scanner/options/resolve.ts';
import { readTextFile } from '../scanner/options/text-file.ts';
import { type Baseline, readBaseline, writeBaseline } from '../scanner/report/baseline.ts';
import { takesColours } from '../scanner/report/colour.ts';
import { jsonReport } from '../scanner/report/json.ts';
import { canRedraw, createProgress } from '../scanner/report/progress.ts';
import { openOf, reaches, wasAnswered } from '../scanner/report/severity.ts';
import { terminalReport } from '../scanner/report/terminal.ts';
import { writeReports } from '../scanner/report/write.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { collect } from './identity-options.ts';
import { printable } from './printable.ts';
import { listOfChecks } from './scan-checks.ts';
import { discoveryOf } from './scan-discovery.ts';
import { SCAN_HELP } from './scan-help.ts';
import { endOnSignals } from './scan-signals.ts';

interface VerbOptions extends ScanFlags {
  readonly plan?: string;
  readonly discover?: boolean;
  readonly har?: string;
  readonly writeContract?: string;
  readonly writeBaseline?: string;
  readonly list?: boolean;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** What scans; loaded when it is asked for, since all other verbs do without. */
export interface ScanEngine {
  runScan(plan: ScanPlan, watch: ScanWatch): Promise<ScanReport>;
  readonly checks: readonly Check[];
}

const loadEngine = async (): Promise<ScanEngine> => {
  const [{ runScan }, { CHECKS }] = await Promise.all([
    import('../scanner/scanner.ts'),
    import('../scanner/checks/index.ts'),
  ]);
  return { runScan, checks: CHECKS };
};

/** `portcullis scan [contract]`: attacks an API from its contract, and reports what it found. */
export function scanVerb(program: Command, context: CliContext, engine: () => Promise<ScanEngine> = loadEngine): void {
  program
    .command('scan')
    .argument('[contract]', 'OpenAPI file or URL, or a scan.yaml; default: scan.yaml, where there is one')
    .description('attack an API from its contract, knowing identities, roles and objects, and report what is weak')
    .option('--url <url>', 'where the API is: the only host that is spoken to')
    .option('--as <identity>', 'who to be, NAME=KIND:VALUE, such as alice=Bearer:env:TOKEN (repeatable)', collect)
    .option('--role <role>', 'what an identity may do, NAME=ROLE (repeatable)', collect)
    .option('--plan <file>', 'a scan.yaml; flags go before what stands in it')
    .option('--discover', 'no contract at hand: find the published one, or make one by looking')
    .option('--har <file>', 'with --discover: learn from a HAR file that a browser saved')
    .option('--write-contract <file>', 'with --discover: keep what was found, to be corrected (.yaml or .json)')
    .option('--token-url <url>', 'where OAuth identities of --as get their tokens')
    .option('--base-path <path>', 'in place of the base path of the contract')
    .option('--seed <n>', 'same seed, same API: same findings (default 1)')
    .option('--max-time <span>', 'end with what was found, such as 10m')
    .option('--rate <n>', 'requests a second at most')
    .option('--concurrency <n>', 'requests at once (default 8)')
    .option('--timeout <span>', 'how long one answer may take (default 10s)')
    .option('--only <check>', 'id or group of checks to run (repeatable, or with commas)', collect)
    .option('--skip <check>', 'id or group of checks to leave out (repeatable)', collect)
    .option('--safe', 'change and delete nothing but what the scan made itself (the default)')
    .option('--destructive', 'change and delete what was there before')
    .option('--no-register', 'make no accounts, even where anyone can register')
    .option('--baseline <file>', 'accepted findings, each with its reason')
    .option('--write-baseline <file>', 'write a baseline that accepts what was found')
    .option('--fail-on <severity>', 'exit 1 for open findings of this severity or worse (default low)')
    .option('--html <file>', 'write a page for people')
    .option('--sarif <file>', 'write SARIF 2.1.0 for code hosts')
    .option('--junit <file>', 'write JUnit XML for CI')
    .option('--json [file]', 'write everything for programs; without a file, to standard output')
    .option('--ca <file>', 'PEM file of the authorities to trust in place of the system')
    .option('--insecure', 'do not verify certificates')
    .option('--show-secrets', 'leave credentials in the reports as they are')
    .option('--verbose', 'tell all findings in full')
    .option('--quiet', 'no progress')
    .option('--list', 'list all checks, and do nothing else')
    .addHelpText('after', SCAN_HELP)
    .action(async (argument: string | undefined, written: VerbOptions) => {
      const { runScan, checks } = await engine();
      if (written.list === true) return listOfChecks(checks, written.json === true, context);
      if (program.getOptionValueSource('config') === 'cli')
        context.fail(2, '-c names the configuration of a gate, which a scan does not read: use --plan scan.yaml');
      const options = { ...written, json: jsonTarget(written.json, context) };
      const signals = endOnSignals((text) => context.err(text));
      try {
        const planned = await planOf(argument, options, checks, program.version() ?? '', signals.signal, context);
        const report = await watched(planned.plan, runScan, options, signals);
        await told(report, planned, options, context);
      } finally {
        signals.close();
      }
    });
}

/** `--json` swallows the word behind it: a contract there must not be written over. */
function jsonTarget(json: string | true | undefined, context: CliContext): string | true | undefined {
  if (json === undefined || json === true || json === '-') return json === '-' ? true : json;
  if (!/\.json$/i.test(json))
    context.fail(2, `--json ${printable(json)}: the file must end in .json; write the contract before --json`);
  return json;
}

async function planOf(
  argument: string | undefined,
  options: VerbOptions,
  checks: readonly Check[],
  version: string,
  signal: AbortSignal,
  context: CliContext,
): Promise<PlannedScan> {
  if (options.discover !== true && (options.har ?? options.writeContract) !== undefined)
    context.fail(2, `${options.har === undefined ? '--write-contract' : '--har'} goes with --discover`);
  const discover =
    options.discover === true
      ? discoveryOf({
          har: options.har,
          writeContract: options.writeContract,
          signal,
          say: (text) => context.err(text),
        })
      : undefined;
  try {
    return await planScan(argument, options.plan, options, {
      discover,
      environment: process.env,
      outbound: createOutbound(),
      extensions: knownExtensions,
      checks,
      version,
      signal,
      now: Date.now(),
    });
  } catch (error) {
    if (error instanceof OptionError) context.fail(2, printable(error.message));
    throw error;
  }
}

/** Runs the scan with its progress on standard error. */
async function watched(
  plan: ScanPlan,
  runScan: ScanEngine['runScan'],
  options: VerbOptions,
  signals: { onExit(work: () => void): void },
): Promise<ScanReport> {
  const { stderr, env } = process;
  const progress = createProgress(options.quiet === true ? { write: () => true } : stderr, {
    live: options.quiet !== true && canRedraw(stderr, env),
    colours: takesColours(stderr, env),
  });
  signals.onExit(() => progress.close());
  try {
    return await runScan(plan, progress);
  } finally {
    progress.close();
  }
}

/** Writes all reports, and ends with 1 for open findings, 2 where nothing was answered or a report can't be written. */
async function told(found: ScanReport, planned: PlannedScan, options: VerbOptions, context: CliContext): Promise<void> {
  const { scan, baseline } = planned;
  const { only, skip } = scan.options;
  // Only a scan that looked everywhere can say that something is not there any more.
  const whole =
    found.cut === undefined &&
    only.length + skip.length === 0 &&
    found.checks.every(({ state }) => state === 'ran' || state === 'skipped');
  const review = baseline?.review(found.findings, whole) ?? [];
  const report: ScanReport = { ...found, notes: [...found.notes, ...review] };

  let failed = false;
  for (const { file, problem } of await writeReports(report, scan.reports, scan.failOn)) {
    if (problem === undefined) context.err(`written: ${printable(file)}`);
    else {
      failed = true;
      context.err(`portcullis: ${printable(file)} cannot be written (${printable(problem)})`);
    }
  }
  if (options.writeBaseline !== undefined && !keepBaseline(options.writeBaseline, report, baseline, whole, context))
    failed = true;
  if (scan.jsonToOutput) await pipeline(Readable.from(jsonReport(report)), process.stdout, { end: false });
  else
    context.out(
      terminalReport(report, {
        width: process.stdout.columns,
        colours: takesColours(process.stdout, process.env),
        verbose: options.verbose === true,
        failOn: scan.failOn,
      }),
    );
  const failing = openOf(report.findings).some(({ severity }) => reaches(severity, scan.failOn));
  if (!failed && failing) throw new CliExit(1);
  const answered = wasAnswered(report);
  if (!answered && !failing)
    context.err(`portcullis: nothing was answered by ${printable(report.target)}: was it the right --url?`);
  if (failed || !answered) throw new CliExit(2);
}

/** @returns whether it was written */
function keepBaseline(
  file: string,
  report: ScanReport,
  baseline: Baseline | undefined,
  whole: boolean,
  context: CliContext,
): boolean {
  try {
    const now = Date.now();
    const before = baseline ?? (existsSync(file) ? readBaseline(readTextFile(file, 'baseline'), file, now) : undefined);
    writeFileSync(file, writeBaseline(report.findings, before, whole, now));
    context.err(`written: ${printable(file)}`);
    return true;
  } catch (error) {
    context.err(`portcullis: ${printable(file)}: ${printable((error as Error).message)}`);
    return false;
  }
}
