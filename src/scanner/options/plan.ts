import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import { loadContract } from '../../contract/contract.ts';
import type { Outbound } from '../../outbound/outbound.ts';
import type { CheckInfo } from '../model/check.ts';
import type { ScanPlan } from '../model/plan.ts';
import { type Baseline, readBaseline } from '../report/baseline.ts';
import { OptionError } from './as.ts';
import { checkNames, rolesByOperation } from './names.ts';
import { type FoundSettings, type ResolvedScan, resolveScan, type ScanFlags } from './resolve.ts';
import { isScanSettings, readScanSettings } from './settings.ts';
import { readTextFile } from './text-file.ts';

/** Taken where nothing else is named. */
export const DEFAULT_PLAN = 'scan.yaml';
const CONTRACT = 32 * 1024 * 1024;

/** What the program around gives to a scan. */
export interface PlanOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly outbound: Outbound;
  /** `x-portcullis-*` names that are known. */
  readonly extensions: readonly string[];
  readonly checks: readonly CheckInfo[];
  readonly version: string;
  readonly signal: AbortSignal;
  /** Epoch milliseconds: what has expired in the baseline. */
  readonly now: number;
  /** Finds the contract, in place of reading one (`--discover`). */
  readonly discover?: ((scan: ResolvedScan, ca: string | undefined) => Promise<FoundContract>) | undefined;
}

/** A contract that was found: its name, and what gives it out where it is no file. */
export interface FoundContract {
  readonly source: string;
  readonly outbound: Outbound;
  /** Ids of checks that mean nothing with it: left out where nobody chose checks. */
  readonly skip: readonly string[];
}

/** A scan that can begin. */
export interface PlannedScan {
  readonly plan: ScanPlan;
  readonly scan: ResolvedScan;
  readonly baseline: Baseline | undefined;
}

/**
 * Reads everything that a scan needs: the plan file, the contract, the baseline, certificates.
 *
 * @param argument a contract (file or URL) or a `scan.yaml`, told apart by what stands in it; absent: `scan.yaml`
 * @param planFile a `scan.yaml` named as such
 * @throws OptionError, LoadError: with what is wrong and how to mend it
 */
export async function planScan(
  argument: string | undefined,
  planFile: string | undefined,
  flags: ScanFlags,
  options: PlanOptions,
): Promise<PlannedScan> {
  const { contract: named, found } = sourcesOf(argument, planFile, options.environment);
  const { discover } = options;
  if (discover && named !== undefined)
    throw new OptionError(`--discover is for an API without a contract: leave out ${named}, or --discover`);
  const scan = resolveScan(discover ? 'discovered' : named, flags, found, options.environment);
  checkNames('--only', scan.options.only, options.checks);
  checkNames('--skip', scan.options.skip, options.checks);
  const ca = scan.ca === undefined ? undefined : readTextFile(scan.ca, 'certificate authorities');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    throw new OptionError(`--ca ${scan.ca}: the file holds no certificate in PEM form`);
  const baseline =
    scan.baseline === undefined
      ? undefined
      : readBaseline(readTextFile(scan.baseline, 'baseline'), scan.baseline, options.now);
  const {
    source,
    outbound,
    skip: meaningless,
  } = discover ? await discover(scan, ca) : { source: scan.contract, outbound: options.outbound, skip: [] };
  const contract = await loadContract(readable(source), {
    outbound,
    extensions: options.extensions,
    ...(scan.basePath === undefined ? {} : { basePath: scan.basePath }),
  });
  const plan: ScanPlan = {
    contract,
    base: scan.base,
    identities: scan.identities,
    roles: rolesByOperation(scan.roles, contract.operations, found?.file),
    options:
      scan.options.only.length > 0 ? scan.options : { ...scan.options, skip: [...scan.options.skip, ...meaningless] },
    accepted: baseline,
    signal: options.signal,
    ca,
    insecure: scan.insecure,
    version: options.version,
  };
  return { plan, scan, baseline };
}

function sourcesOf(
  argument: string | undefined,
  planFile: string | undefined,
  environment: PlanOptions['environment'],
): { readonly contract: string | undefined; readonly found: FoundSettings | undefined } {
  const read = (file: string, text = readTextFile(file, 'scan.yaml')): FoundSettings => ({
    file,
    settings: readScanSettings(text, file, environment),
  });
  if (argument !== undefined && !/^https?:\/\//i.test(argument)) {
    const text = readTextFile(argument, 'contract or scan.yaml', CONTRACT);
    if (isScanSettings(text)) {
      if (planFile !== undefined)
        throw new OptionError(`${argument} and --plan ${planFile} are both plans: name one, and the contract in it`);
      return { contract: undefined, found: read(argument, text) };
    }
  }
  if (planFile !== undefined) return { contract: argument, found: read(planFile) };
  const standard = argument === undefined && existsSync(DEFAULT_PLAN);
  return { contract: argument, found: standard ? read(DEFAULT_PLAN) : undefined };
}

/** Relative to where the user stands: shorter in messages, and the same on every machine. */
function readable(source: string): string {
  if (/^https?:\/\//i.test(source) || !isAbsolute(source)) return source;
  const short = relative(process.cwd(), resolve(source));
  return short.startsWith('..') ? source : short;
}
