import { load } from '../../contract/fixture.ts';
import type { Contract } from '../../contract/model.ts';
import type { Check } from '../model/check.ts';
import type { ScanPlan, ScanWatch } from '../model/plan.ts';
import type { ScanReport } from '../model/report.ts';
import { runScan } from '../scanner.ts';

export interface ScanOfServer {
  /** A contract, or one as a value. */
  readonly contract: Contract | object;
  readonly base: URL;
  readonly identities?: ScanPlan['identities'];
  readonly options?: Partial<ScanPlan['options']>;
  readonly signal?: AbortSignal;
  readonly watch?: Partial<ScanWatch>;
  readonly checks?: readonly Check[];
}

const isContract = (value: object): value is Contract => 'router' in value;

/** Scans a server that is there already, with all checks where none are named. */
export async function scanServer(given: ScanOfServer): Promise<ScanReport> {
  return await runScan(
    {
      contract: isContract(given.contract) ? given.contract : await load(given.contract),
      base: given.base,
      identities: given.identities ?? [],
      roles: new Map(),
      options: {
        seed: 11,
        destructive: false,
        concurrency: 8,
        timeout: 2_000,
        only: [],
        skip: [],
        register: false,
        ...given.options,
      },
      accepted: undefined,
      signal: given.signal ?? new AbortController().signal,
      insecure: false,
      version: 'test',
    },
    { phase: () => {}, progress: () => {}, finding: () => {}, note: () => {}, ...given.watch },
    given.checks,
  );
}
