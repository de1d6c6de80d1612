import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { composeConfiguration, loadConfiguration } from '../config/load.ts';
import { Metrics } from '../gateway/metrics.ts';
import { openContractOf } from '../gateway/open-contract-of.ts';
import { buildPlan, type Plan } from '../gateway/plan.ts';
import { servicesInProcess } from '../gateway/services-in-process.ts';
import { createOutbound } from '../outbound/guarded.ts';
import { systemClock } from '../shared/clock.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { openStore } from '../storage/sqlite-store.ts';

/** A configuration that stands for a bare contract: all defaults, an upstream that is never asked. */
export function bareConfiguration(contract: string, more: Record<string, unknown> = {}): Configuration {
  return composeConfiguration(
    { contract, upstream: 'http://127.0.0.1:3000', ...more },
    { file: undefined, directory: process.cwd(), placeOf: () => undefined },
  );
}

/** Builds the plan of a configuration without touching its data directory or listening anywhere. */
export async function planWithoutServing(configuration: Configuration): Promise<Plan> {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-check-'));
  const store = openStore(':memory:');
  const services = servicesInProcess({
    store,
    counters: createCounters({ clock: systemClock }),
    outbound: createOutbound(),
    recorder: { record: () => undefined, event: () => {} },
    metrics: new Metrics(),
    dataDirectory: scratch,
    baseDirectory: configuration.directory,
  });
  try {
    return buildPlan(configuration, await openContractOf(configuration, services.outbound), services);
  } finally {
    await services.close();
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The plan of the configuration file, or of a bare contract where one is named. */
export const planFor = (config: string, contract: string | undefined): Promise<Plan> =>
  planWithoutServing(contract === undefined ? loadConfiguration(config) : bareConfiguration(contract));
