import { join, resolve } from 'node:path';
import { type AuditLog, openAuditLog } from '../audit/log.ts';
import type { Configuration } from '../config/configuration.ts';
import { createOutbound } from '../outbound/guarded.ts';
import { systemClock } from '../shared/clock.ts';
import { ensureDataDirectory } from '../shared/data-directory.ts';
import { LoadError } from '../shared/finding.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { type Channel, type SharedCounters, shareCounters } from '../storage/shared-counters.ts';
import { openStore } from '../storage/sqlite-store.ts';
import type { Store } from '../storage/store.ts';
import { auditDirectory } from './audit-directory.ts';
import { openClearTextListener } from './clear-text-listener.ts';
import { Gate } from './gate.ts';
import { openIdentityServer } from './identity-server.ts';
import { type Listener, openListener } from './listener.ts';
import { Metrics } from './metrics.ts';
import { openContractOf } from './open-contract-of.ts';
import { buildPlan, type Plan } from './plan.ts';
import { servicesInProcess } from './services-in-process.ts';
import { type Transport, transportOf } from './transport.ts';

export interface ServeOptions {
  /** Number of this worker; its audit log is its own. */
  readonly slot: number;
  /** Channel to the primary, where several workers share counters. */
  readonly channel?: Channel;
  /** Port instead of `listen.port`. */
  readonly port?: number;
  /** Port instead of `identity.server.port`. */
  readonly identityPort?: number;
  /** Keys of TLS session tickets, the same in all workers. */
  readonly ticketKeys?: Buffer;
}

/** A running gate in this process. */
export interface Serving {
  readonly port: number;
  readonly plan: Plan;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly audit: AuditLog;
  readonly transport: Transport;
  /** Of the embedded authorization server; undefined where there is none. */
  readonly issuer: string | undefined;
  readonly identityPort: number | undefined;
  /** What was found amiss and mended at the start, for people. */
  readonly notes: readonly string[];
  /** Undefined when ready, else why not. */
  notReady(): string | undefined;
  /**
   * Builds a plan for the configuration and puts it into force.
   * @throws LoadError, and the old plan stays
   */
  reload(configuration: Configuration): Promise<void>;
  /** Takes nothing new, lets running exchanges end, writes everything down. */
  stop(): Promise<void>;
}

/**
 * Starts a gate in this process.
 * @throws LoadError or an Error with place and mend; nothing is left running then
 */
export async function serve(configuration: Configuration, options: ServeOptions): Promise<Serving> {
  const undo: (() => unknown)[] = [];
  try {
    return await start(configuration, options, undo);
  } catch (error) {
    for (const step of undo.reverse()) await Promise.resolve(step()).catch(() => {});
    throw error;
  }
}

async function start(configuration: Configuration, options: ServeOptions, undo: (() => unknown)[]): Promise<Serving> {
  const dataDirectory = ensureDataDirectory(resolve(configuration.directory, configuration.data));
  const store = openStore(join(dataDirectory, 'store.db'));
  undo.push(() => store.close());
  const own = createCounters({ clock: systemClock });
  const counters = options.channel === undefined ? own : shareCounters(own, options.channel);
  if ('ready' in counters) {
    undo.push(() => (counters as SharedCounters).close());
    await (counters as SharedCounters).ready;
  }
  const metrics = new Metrics();
  const audit = await openAuditLog({
    directory: auditDirectory(configuration, dataDirectory),
    slot: String(options.slot),
    settings: configuration.audit,
    clock: systemClock,
    origin: 'portcullis',
  });
  undo.push(() => audit.close());
  const outbound = createOutbound();
  const services = servicesInProcess({
    store,
    counters,
    outbound,
    recorder: audit,
    metrics,
    dataDirectory,
    baseDirectory: configuration.directory,
  });
  undo.push(() => services.close());
  const build = async (next: Configuration): Promise<Plan> => {
    const plan = buildPlan(next, await openContractOf(next, outbound), services);
    const errors = plan.findings.filter((finding) => finding.severity === 'error');
    if (errors.length > 0) throw new LoadError(errors);
    return plan;
  };
  // What is wrong with the configuration is said before anything of the authorization server is made.
  if (configuration.identity.server.enabled) await openContractOf(configuration, outbound);
  const transport = transportOf(configuration, services, options.ticketKeys);
  undo.push(() => transport.close());
  const identity = await openIdentityServer(configuration, services, transport, options.identityPort);
  undo.push(() => identity?.destroy());
  undo.push(() => identity?.stop());
  const plan = await build(configuration);
  const gate = new Gate(plan, transport.upstreamTls, transport.hsts, audit, metrics);
  undo.push(() => gate.close());
  const listen = options.port === undefined ? configuration.listen : { ...configuration.listen, port: options.port };
  const listener: Listener = await openListener(gate, listen, transport.tls, metrics);
  undo.push(() => listener.destroy());
  undo.push(() => listener.stop());
  transport.onSwap((context, outdated) => {
    listener.setSecureContext(context, outdated);
    identity?.setSecureContext(context);
  });
  const clearText =
    options.slot === 0 ? await openClearTextListener(configuration, listener.port, services) : undefined;

  // The last net: an error that no exchange caught must not end the others. It is recorded, and its exchange times out.
  const caught = (error: unknown): void => {
    metrics.count('portcullis_crashes_total');
    audit.event({ event: 'gateway/crashed', note: String((error as Error)?.stack ?? error).slice(0, 2000) });
  };
  process.on('unhandledRejection', caught);
  process.on('uncaughtException', caught);
  let stopping = false;
  let building = Promise.resolve();
  audit.event({
    event: 'gateway/started',
    note: `${plan.operations.size} operations of "${plan.contract.title}"`,
    evidence: { slot: options.slot },
  });
  return {
    port: listener.port,
    get plan() {
      return gate.plan;
    },
    metrics,
    store,
    audit,
    transport,
    issuer: identity?.issuer,
    identityPort: identity?.port,
    notes: [...repairs(audit), ...transport.findings.map((finding) => `${finding.message}; ${finding.mend}`)],
    notReady: () => {
      if (stopping) return 'the gate is stopping';
      if (!audit.healthy) return `the audit log cannot be written: ${audit.failure?.message ?? 'unknown'}`;
      if (!gate.targets.anyUp) return 'no upstream target is up';
      return undefined;
    },
    reload: (next) => {
      // One after the other: two at once could leave the older one in force.
      const work = building.then(async () => {
        try {
          const fresh = await build(next);
          transport.reload(next);
          identity?.reload(next);
          gate.swap(fresh, transport.upstreamTls, transport.hsts);
          audit.event({ event: 'gateway/reloaded', note: `${fresh.operations.size} operations in force` });
        } catch (error) {
          audit.event({ event: 'gateway/reload-refused', note: (error as Error).message });
          throw error;
        }
      });
      building = work.catch(() => {});
      return work;
    },
    stop: async () => {
      if (stopping) return;
      stopping = true;
      listener.stop();
      identity?.stop();
      clearText?.close();
      const drained = await gate.drained(gate.plan.configuration.listen.drain);
      listener.destroy();
      identity?.destroy();
      audit.event({
        event: 'gateway/stopped',
        note: drained ? 'all exchanges ended' : `${gate.running} exchanges were cut off`,
      });
      await gate.close();
      await services.close();
      transport.close();
      await audit.close();
      if ('close' in counters) (counters as SharedCounters).close();
      store.close();
      process.off('unhandledRejection', caught);
      process.off('uncaughtException', caught);
    },
  };
}

function repairs({ repaired }: AuditLog): string[] {
  if (repaired === undefined) return [];
  return [
    `the audit log ended in the middle of a record: ${repaired.bytes} bytes were set aside in ${repaired.files.join(', ')}`,
  ];
}
