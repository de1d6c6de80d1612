import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { loadConfiguration } from '../config/load.ts';
import { openContractOf } from '../gateway/open-contract-of.ts';
import { createOutbound } from '../outbound/guarded.ts';
import type { Severity } from '../scanner/model/finding.ts';
import { OptionError } from '../scanner/options/as.ts';
import { checkNames } from '../scanner/options/names.ts';
import { type ResolvedScan, resolveScan, type ScanFlags } from '../scanner/options/resolve.ts';
import { readTextFile } from '../scanner/options/text-file.ts';
import { type Baseline, readBaseline } from '../scanner/report/baseline.ts';
import { takesColours } from '../scanner/report/colour.ts';
import { canRedraw, createProgress } from '../scanner/report/progress.ts';
import { openOf, reaches } from '../scanner/report/severity.ts';
import { terminalReport } from '../scanner/report/terminal.ts';
import { writeReports } from '../scanner/report/write.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { collect } from './identity-options.ts';
import { printable } from './printable.ts';
import { PROVE_HELP } from './prove-help.ts';
import { endOnSignals } from './scan-signals.ts';

type Engine = typeof import('../scanner/prove/prove.ts');
type Proof = import('../scanner/prove/prove.ts').Proof;

interface VerbOptions extends ScanFlags {
  readonly claim?: readonly string[];
  readonly keep?: string;
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

/** `portcullis prove`: turns the scanner on one's own gate, and compares what was sent with the audit log. */
export function proveVerb(program: Command, context: CliContext): void {
  program
    .command('prove')
    .description('attack the gate as its policy stands, and compare every request with the audit log')
    .option('--url <url>', 'a gate that runs by this configuration; default: one is started for the proof')
    .option('--claim <claim>', 'what an identity of a role owns, ROLE:NAME=VALUE (repeatable)', collect)
    .option('--as <identity>', 'a further identity, NAME=KIND:VALUE, as for a scan (repeatable)', collect)
    .option('--role <role>', 'role of a further identity, NAME=ROLE (repeatable)', collect)
    .option('--token-url <url>', 'where OAuth identities of --as get their tokens')
    .option('--keep <dir>', 'leave the log of the gate that was started in this empty directory')
    .option('--seed <n>', 'same seed, same gate: same findings (default 1)')
    .option('--max-time <span>', 'end with what was found, such as 10m')
    .option('--rate <n>', 'requests a second at most')
    .option('--concurrency <n>', 'requests at once (default 8)')
    .option('--timeout <span>', 'how long one answer may take (default 10s)')
    .option('--only <check>', 'id or group of checks to run (repeatable, or with commas)', collect)
    .option('--skip <check>', 'id or group of checks to leave out (repeatable)', collect)
    .option('--baseline <file>', 'accepted findings, each with its reason')
    .option('--fail-on <severity>', 'exit 1 for open findings of this severity or worse (default low)')
    .option('--html <file>', 'write a page for people')
    .option('--sarif <file>', 'write SARIF 2.1.0 for code hosts')
    .option('--junit <file>', 'write JUnit XML for CI')
    .option('--json [file]', 'write everything for programs; without a file, to standard output')
    .option('--ca <file>', 'PEM file of the authorities to trust in place of the system')
    .option('--insecure', 'do not verify certificates')
    .option('--verbose', 'tell all findings in full')
    .option('--quiet', 'no progress')
    .addHelpText('after', PROVE_HELP)
    .action(async (options: VerbOptions) => {
      const file = resolve(program.opts<{ config: string }>().config);
      const configuration = loadConfiguration(program.opts<{ config: string }>().config);
      const [engine, { CHECKS }] = await Promise.all([
        import('../scanner/prove/prove.ts'),
        import('../scanner/checks/index.ts'),
      ]);
      const signals = endOnSignals((text) => context.err(text));
      const endings: (() => void)[] = [];
      signals.onExit(() => {
        for (const end of endings) end();
      });
      try {
        const { scan, baseline, ca } = told(options, CHECKS, context);
        const contract = await openContractOf(configuration, createOutbound());
        const proof = await watched(
          engine,
          {
            configuration,
            file,
            contract,
            url: options.url === undefined ? undefined : scan.base,
            claims: options.claim ?? [],
            identities: scan.identities,
            keep: options.keep,
            scan: scan.options,
            accepted: baseline,
            ca,
            insecure: scan.insecure,
            version: program.version() ?? '',
            signal: signals.signal,
            checks: CHECKS,
            onExit: (work) => endings.push(work),
          },
          options,
          endings,
          context,
        );
        await tell(proof, scan, options, context);
      } finally {
        signals.close();
      }
    });
}

/** Reads the options that a scan has too. */
function told(
  options: VerbOptions,
  checks: Parameters<typeof checkNames>[2],
  context: CliContext,
): { readonly scan: ResolvedScan; readonly baseline: Baseline | undefined; readonly ca: string | undefined } {
  try {
    if (typeof options.json === 'string' && options.json !== '-' && !/\.json$/i.test(options.json))
      throw new OptionError(`--json ${options.json}: the file must end in .json`);
    const json = options.json === '-' ? true : options.json;
    const flags = {
      ...options,
      url: options.url ?? 'http://127.0.0.1',
      register: false,
      ...(json === undefined ? {} : { json }),
    };
    // The contract is the configuration's: what stands here is never read.
    const scan = resolveScan('the configured contract', flags, undefined, process.env);
    checkNames('--only', scan.options.only, checks);
    checkNames('--skip', scan.options.skip, checks);
    if (options.keep !== undefined && options.url !== undefined)
      throw new OptionError('--keep is for a gate that is started: one that runs keeps its own log');
    const baseline =
      scan.baseline === undefined
        ? undefined
        : readBaseline(readTextFile(scan.baseline, 'baseline'), scan.baseline, Date.now());
    const ca = scan.ca === undefined ? undefined : readTextFile(scan.ca, 'certificate authorities');
    return { scan, baseline, ca };
  } catch (error) {
    if (error instanceof OptionError) context.fail(2, printable(error.message));
    throw error;
  }
}

/** Runs the proof with its progress on standard error. */
async function watched(
  engine: Engine,
  parts: Parameters<Engine['prove']>[0],
  options: VerbOptions,
  endings: (() => void)[],
  context: CliContext,
): Promise<Proof> {
  const { stderr, env } = process;
  const progress = createProgress(options.quiet === true ? { write: () => true } : stderr, {
    live: options.quiet !== true && canRedraw(stderr, env),
    colours: takesColours(stderr, env),
  });
  endings.push(() => progress.close());
  try {
    return await engine.prove(parts, progress);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    progress.close();
    return context.fail(2, printable(error.message));
  } finally {
    progress.close();
  }
}

/** Writes all reports and prints the card; 1 for open findings, 2 where the gate did not answer or its log can't be read. */
async function tell(proof: Proof, scan: ResolvedScan, options: VerbOptions, context: CliContext): Promise<void> {
  const [{ cardText }, { jsonProof }, { cardSaid }] = await Promise.all([
    import('../scanner/prove/card-text.ts'),
    import('../scanner/prove/json.ts'),
    import('../scanner/prove/said.ts'),
  ]);
  const { report } = proof;
  const { json, ...files } = scan.reports;
  let failed = false;
  const said = (file: string, problem: string | undefined): void => {
    if (problem !== undefined) failed = true;
    const what =
      problem === undefined
        ? `written: ${printable(file)}`
        : `portcullis: ${printable(file)} cannot be written (${printable(problem)})`;
    context.err(what);
  };
  const carded = { ...report, notes: [...cardSaid(proof.card), ...report.notes] };
  for (const { file, problem } of await writeReports(carded, files, scan.failOn)) said(file, problem);
  if (json !== undefined) said(json, await written(json, jsonProof(proof, scan.failOn)));
  const colours = takesColours(process.stdout, process.env);
  const width = process.stdout.columns;
  if (scan.jsonToOutput) await pipeline(Readable.from(jsonProof(proof, scan.failOn)), process.stdout, { end: false });
  else {
    context.out(terminalReport(report, { width, colours, verbose: options.verbose === true, failOn: scan.failOn }));
    context.out(cardText(proof.card, { width, colours }));
  }
  ended(proof, scan.failOn, failed, context);
}

async function written(file: string, parts: Iterable<string>): Promise<string | undefined> {
  try {
    await pipeline(Readable.from(parts), createWriteStream(file));
    return undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code ?? message;
  }
}

function ended({ report, reconciliation }: Proof, failOn: Severity, failed: boolean, context: CliContext): void {
  if (!failed && openOf(report.findings).some(({ severity }) => reaches(severity, failOn))) throw new CliExit(1);
  const worked = report.coverage.some(({ workedFor }) => workedFor.length > 0);
  if (!worked)
    context.err('portcullis: no call reached the API and came back well: is it up, and is `upstream` right?');
  if (reconciliation === undefined) context.err('portcullis: the audit log could not be read');
  if (failed || !worked || reconciliation === undefined) throw new CliExit(2);
}
