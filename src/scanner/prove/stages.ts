import { CheckRun } from '../engine/check-run.ts';
import type { Check } from '../model/check.ts';
import type { ScanPlan, ScanWatch } from '../model/plan.ts';
import type { ScanReport } from '../model/report.ts';
import { chosen, runScan } from '../scanner.ts';
import type { GateUnderProof } from './gate.ts';
import { mergeReports } from './merge.ts';

/** Phases of a scan beside its checks: logging in, exploring, tidying up. */
const BESIDE = 3;
/** Least milliseconds that are worth beginning the second scan for. */
const LEAST = 1_000;

/** The phases of a proof: starting, one scan or two, reading the log. */
export interface Stages {
  readonly total: number;
  starting(): void;
  reading(): void;
  /** Who watches the n-th scan (from 0). */
  scan(index: number): ScanWatch;
}

/** Which checks run with rates lifted, and which with rates in force. */
export interface Split {
  readonly lifted: readonly Check[];
  /** Empty for a gate that runs for others too: its rates hold all the time. */
  readonly throttled: readonly Check[];
}

export function splitOf(checks: readonly Check[], started: boolean): Split {
  if (!started) return { lifted: checks, throttled: [] };
  const throttled = checks.filter(({ practice }) => practice === 'throttle');
  return { lifted: checks.filter((check) => !throttled.includes(check)), throttled };
}

/** Counts the phases of all scans as those of one. */
export function stagesOf(watch: ScanWatch, { lifted, throttled }: Split, options: ScanPlan['options']): Stages {
  const lengths = [lifted, throttled]
    .map((checks) => chosen(checks, options.only, options.skip).length)
    .map((count, index) => (index > 0 && count === 0 ? 0 : count + BESIDE));
  const total = 2 + lengths.reduce((all, one) => all + one, 0);
  let requests = 0;
  let findings = 0;
  return {
    total,
    starting: () => watch.phase('starting the gate', 0, total),
    reading: () => watch.phase('reading the audit log', total - 1, total),
    scan: (index) => {
      const before = 1 + lengths.slice(0, index).reduce((all, one) => all + one, 0);
      const [sent, found] = [requests, findings];
      return {
        phase: (name, at) => watch.phase(index === 0 ? name : `${name} (rates in force)`, before + at, total),
        progress: (done, _of, made, told) => {
          requests = sent + made;
          findings = found + told;
          watch.progress(before + done, total, requests, findings);
        },
        finding: (finding) => watch.finding(finding),
        note: (text) => watch.note(text),
        ...(watch.exchange === undefined ? {} : { exchange: watch.exchange }),
      };
    },
  };
}

/**
 * Scans the gate: once with its rates lifted, then with them in force for those checks that try the rates. A second
 * scan is left out where none of its checks was chosen, or the first one was ended.
 */
export async function runScans(
  plan: ScanPlan,
  split: Split,
  gate: Pick<GateUnderProof, 'throttle'> | undefined,
  stages: Stages,
): Promise<ScanReport> {
  const { options, signal } = plan;
  const began = performance.now();
  const first = await runScan(plan, stages.scan(0), split.lifted);
  if (gate === undefined || split.throttled.length === 0) return first;
  const left = options.maxTime === undefined ? undefined : options.maxTime - (performance.now() - began);
  const wanted = chosen(split.throttled, options.only, options.skip).length > 0;
  if (!wanted || first.cut !== undefined || signal.aborted || (left !== undefined && left < LEAST)) {
    const why = wanted ? 'the scan ended before it' : 'not chosen (--only, --skip)';
    const state = wanted ? 'cut' : 'skipped';
    return { ...first, checks: [...first.checks, ...split.throttled.map((check) => unrun(check, state, why))] };
  }
  await gate.throttle();
  return mergeReports(
    first,
    await runScan({ ...plan, options: { ...options, maxTime: left } }, stages.scan(1), split.throttled),
  );
}

/** A check that was not begun. */
function unrun(check: Check, state: 'cut' | 'skipped', why: string): ScanReport['checks'][number] {
  const run = new CheckRun(check);
  run.state = state;
  run.reason = why;
  return run.report();
}
