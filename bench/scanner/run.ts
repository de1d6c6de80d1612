import { loadContract } from '../../src/contract/contract.ts';
import { createOutbound } from '../../src/outbound/guarded.ts';
import type { Check } from '../../src/scanner/model/check.ts';
import type { ScanReport } from '../../src/scanner/model/report.ts';
import { runScan, type ScanPlan } from '../../src/scanner/scanner.ts';
import type { Example } from './examples.ts';

export type Options = Partial<ScanPlan['options']>;

const QUIET = { phase() {}, progress() {}, finding() {}, note() {} };

/**
 * Scans an example in this process.
 * @param args how the example is started: `--careful`, or `--weak` and a list
 */
export async function scanExample(
  example: Example,
  args: readonly string[],
  options: Options = {},
  checks?: readonly Check[],
): Promise<ScanReport> {
  const contract = await loadContract(example.contract, { outbound: createOutbound() });
  const running = await example.start(args);
  try {
    return await runScan(
      {
        contract,
        base: new URL(running.base),
        identities: example.identities,
        roles: new Map(),
        options: {
          seed: 1,
          destructive: false,
          concurrency: 8,
          timeout: 10_000,
          only: [],
          skip: [],
          register: true,
          ...options,
        },
        accepted: undefined,
        signal: new AbortController().signal,
        insecure: false,
        version: '0',
      },
      QUIET,
      checks,
    );
  } finally {
    await running.stop();
  }
}
