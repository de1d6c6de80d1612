import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { composeConfiguration, loadConfiguration } from '../config/load.ts';
import { keepCertificate } from '../encryption/certificate.ts';
import { upstreamTls } from '../encryption/tls.ts';
import { Metrics } from '../gateway/metrics.ts';
import { openContractOf } from '../gateway/open-contract-of.ts';
import { buildPlan, type Plan } from '../gateway/plan.ts';
import type { Services } from '../gateway/services.ts';
import { servicesInProcess } from '../gateway/services-in-process.ts';
import { createOutbound } from '../outbound/guarded.ts';
import { systemClock } from '../shared/clock.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { protectionFor } from './suggest-configuration.ts';

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
    recorder: { healthy: true, record: () => undefined, event: () => {} },
    metrics: new Metrics(),
    dataDirectory: scratch,
    baseDirectory: configuration.directory,
  });
  try {
    checkCertificates(configuration, services);
    return buildPlan(configuration, await openContractOf(configuration, services.outbound), services);
  } finally {
    await services.close();
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Files that are named must be there and fit; a development certificate is made at the start, not here. */
function checkCertificates(configuration: Configuration, services: Services): void {
  upstreamTls(configuration.encryption.upstream, configuration.directory);
  const { certificate } = configuration.encryption;
  if (configuration.listen.transport === 'tls' && 'files' in certificate)
    keepCertificate(certificate, services).close();
}

/** As `protect` would stand in front of it. */
async function planOfBareContract(source: string): Promise<Plan> {
  const contract = await openContractOf(bareConfiguration(source), createOutbound());
  return await planWithoutServing(bareConfiguration(source, protectionFor(contract)));
}

/** The plan of the configuration file, or of a bare contract where one is named. */
export const planFor = async (config: string, contract: string | undefined): Promise<Plan> =>
  contract === undefined ? planWithoutServing(loadConfiguration(config)) : planOfBareContract(contract);
