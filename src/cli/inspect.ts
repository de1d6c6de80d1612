import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IssuerReport, verifyIssuer } from '../authentication/issuers/verify-issuer.ts';
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
import { type Outbound, OutboundError } from '../outbound/outbound.ts';
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

/** Whoever checks a configuration does not call on the issuers it names. */
const OFFLINE: Outbound = {
  fetch: () => Promise.reject(new OutboundError('network', 'nothing is fetched while a configuration is checked')),
};

/** Services that last for one piece of work, with nothing of them on disk. */
async function withServices<T>(
  configuration: Configuration,
  outbound: Outbound,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'portcullis-check-'));
  const store = openStore(':memory:');
  const services = servicesInProcess({
    store,
    counters: createCounters({ clock: systemClock }),
    outbound,
    recorder: { healthy: true, record: () => undefined, event: () => {} },
    metrics: new Metrics(),
    dataDirectory: scratch,
    baseDirectory: configuration.directory,
  });
  try {
    return await work(services);
  } finally {
    await services.close();
    store.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Builds the plan of a configuration without touching its data directory or listening anywhere. */
export const planWithoutServing = (configuration: Configuration): Promise<Plan> =>
  withServices(configuration, OFFLINE, async (services) => {
    checkCertificates(configuration, services);
    return buildPlan(configuration, await openContractOf(configuration, createOutbound()), services);
  });

/** Asks the issuers of a configuration for what their tokens are judged by, one after the other. */
export const askIssuers = (configuration: Configuration): Promise<IssuerReport[]> =>
  withServices(configuration, createOutbound(), async (services) => {
    const reports: IssuerReport[] = [];
    for (const issuer of configuration.authentication.issuers) reports.push(await verifyIssuer(issuer, services));
    return reports;
  });

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
