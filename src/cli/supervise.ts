import { type ChildProcess, fork } from 'node:child_process';
import { createServer } from 'node:net';
import { extname, join, resolve } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { newTicketKeys } from '../encryption/tls.ts';
import { Metrics, type MetricsSnapshot } from '../gateway/metrics.ts';
import { openContractOf } from '../gateway/open-contract-of.ts';
import { createOutbound } from '../outbound/guarded.ts';
import { systemClock } from '../shared/clock.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { createRelay, ipcChannel } from '../storage/shared-counters.ts';
import type { Engine } from './run-gate.ts';

/** Messages from a worker, beside those of the counters. */
export type FromWorker =
  | {
      readonly gate: 'ready';
      readonly port: number;
      readonly caFile: string | undefined;
      readonly issuer: string | undefined;
      readonly files: readonly string[];
      readonly notes: readonly string[];
    }
  | { readonly gate: 'failed'; readonly message: string }
  | { readonly gate: 'reloaded'; readonly files: readonly string[] }
  | { readonly gate: 'refused'; readonly message: string }
  | { readonly gate: 'metrics'; readonly snapshot: MetricsSnapshot; readonly notReady: string | undefined };

export type ToWorker =
  | {
      readonly gate: 'start';
      readonly file: string;
      readonly slot: number;
      readonly port: number;
      readonly identityPort: number | undefined;
      readonly ticketKeys: string;
    }
  | { readonly gate: 'reload' }
  | { readonly gate: 'metrics' }
  | { readonly gate: 'stop' };

const ASK_TIMEOUT = 30_000;
const RESTART_DELAY = 1000;
const MAX_RESTART_DELAY = 30_000;
const HEALTH_INTERVAL = 1000;

interface Worker {
  readonly slot: number;
  child: ChildProcess;
  alive: boolean;
}

/**
 * Runs several workers that share the port (SO_REUSEPORT) and, through this process, their counters. A worker that dies
 * is started again; its siblings go on meanwhile.
 */
export async function supervise(
  configuration: Configuration,
  count: number,
  say: (line: string) => void,
): Promise<Engine> {
  const { file } = configuration;
  if (file === undefined) throw new Error('--workers needs a configuration file');
  const { port: wanted, host } = configuration.listen;
  const port = await freePort(wanted, host);
  const { server } = configuration.identity;
  const identityPort = server.enabled ? await freePort(server.port, server.host, 'identity.server.port') : undefined;
  const counters = createCounters({ clock: systemClock });
  const relay = createRelay(counters);
  const ticketKeys = newTicketKeys().toString('base64');
  const workers: Worker[] = [];
  const waiting = new Set<NodeJS.Timeout>();
  let stopping = false;
  let files: readonly string[] = [];
  let caFile: string | undefined;
  let issuer: string | undefined;
  const notes: string[] = [];

  const launch = async (slot: number): Promise<Worker> => {
    const child = fork(join(import.meta.dirname, `worker${extname(import.meta.filename)}`), [], {
      env: { ...process.env, PORTCULLIS_WORKER: String(slot) },
      // Ctrl-C reaches the whole group: the primary alone decides when workers end.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const disconnect = relay.connect(ipcChannel(child));
    const worker: Worker = { slot, child, alive: true };
    child.on('exit', (code, signal) => {
      worker.alive = false;
      disconnect();
      if (stopping || !workers.includes(worker)) return;
      say(`worker ${slot} ended (${signal ?? code}); starting another`);
      replace(worker, RESTART_DELAY);
    });
    try {
      const ready = await ask(child, { gate: 'start', file: resolve(file), slot, port, identityPort, ticketKeys }, [
        'ready',
        'failed',
      ]);
      if (ready.gate === 'failed') throw new Error(ready.message);
      if (ready.gate === 'ready') {
        ({ files, caFile, issuer } = ready);
        notes.push(...ready.notes);
      }
    } catch (error) {
      // It serves nothing, and would keep this process alive.
      child.kill('SIGKILL');
      throw error;
    }
    return worker;
  };
  /** Starts another in the place of one that ended; goes on trying, because what stands in the way may be mended. */
  const replace = (gone: Worker, delay: number): void => {
    const timer = setTimeout(() => {
      waiting.delete(timer);
      launch(gone.slot).then(
        (fresh) => {
          workers[workers.indexOf(gone)] = fresh;
          say(`worker ${gone.slot} is back`);
          // Between its start and this line it was nobody's.
          if (stopping && fresh.alive) fresh.child.send({ gate: 'stop' } satisfies ToWorker);
          else if (!fresh.alive) replace(fresh, RESTART_DELAY);
        },
        (error: Error) => {
          const next = Math.min(delay * 2, MAX_RESTART_DELAY);
          say(`worker ${gone.slot} cannot be started, next try in ${next / 1000} s:\n${error.message}`);
          replace(gone, next);
        },
      );
    }, delay);
    // It keeps this process alive, which may have nothing else to live for.
    if (stopping) clearTimeout(timer);
    else waiting.add(timer);
  };

  try {
    // The first alone: it makes certificates and the store, the others find them.
    for (let slot = 0; slot < count; slot++) workers.push(await launch(slot));
  } catch (error) {
    stopping = true;
    for (const worker of workers) worker.child.kill('SIGKILL');
    throw error;
  }
  const living = (): Worker[] => workers.filter((worker) => worker.alive);
  const health = new Map<number, string | undefined>();
  const look = setInterval(() => {
    for (const worker of living()) {
      ask(worker.child, { gate: 'metrics' }, ['metrics']).then(
        (answer) => void (answer.gate === 'metrics' && health.set(worker.slot, answer.notReady)),
        () => health.delete(worker.slot),
      );
    }
  }, HEALTH_INTERVAL);
  look.unref();
  const figures = (): Promise<FromWorker[]> =>
    Promise.all(living().map((worker) => ask(worker.child, { gate: 'metrics' }, ['metrics'])));

  return {
    port,
    get caFile() {
      return caFile;
    },
    get issuer() {
      return issuer;
    },
    notes,
    files: () => files,
    notReady: () =>
      living().length === 0 ? 'no worker is running' : [...health.values()].find((reason) => reason !== undefined),
    metrics: async () => {
      const sum = new Metrics();
      for (const answer of await figures()) if (answer.gate === 'metrics') sum.merge(answer.snapshot);
      sum.gauge('portcullis_workers', () => living().length);
      return sum.render();
    },
    reload: async (next) => {
      // Refused here once rather than by every worker: none changes where the new one cannot be loaded.
      await openContractOf(next, createOutbound());
      for (const worker of living()) {
        const answer = await ask(worker.child, { gate: 'reload' }, ['reloaded', 'refused']);
        if (answer.gate === 'refused') throw new Error(answer.message);
        if (answer.gate === 'reloaded') files = answer.files;
      }
    },
    stop: async () => {
      stopping = true;
      clearInterval(look);
      for (const timer of waiting) clearTimeout(timer);
      await Promise.all(
        living().map(
          (worker) =>
            new Promise<void>((done) => {
              worker.child.once('exit', () => done());
              worker.child.send({ gate: 'stop' } satisfies ToWorker);
              setTimeout(() => worker.child.kill('SIGKILL'), configuration.listen.drain + 5000).unref();
            }),
        ),
      );
    },
  };
}

function ask(child: ChildProcess, question: ToWorker, answers: readonly FromWorker['gate'][]): Promise<FromWorker> {
  return new Promise((done, failed) => {
    const timer = setTimeout(() => end(() => failed(new Error('a worker does not answer'))), ASK_TIMEOUT);
    const onMessage = (message: unknown): void => {
      const answer = message as FromWorker;
      if (answers.includes(answer.gate)) end(() => done(answer));
    };
    const onExit = (): void => end(() => failed(new Error('a worker ended while it was asked')));
    const end = (then: () => void): void => {
      clearTimeout(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      then();
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
    child.send(question);
  });
}

/** Finds out whether the port is free before workers share it: with SO_REUSEPORT a stranger's use would go unnoticed. */
function freePort(port: number, host: string, setting = 'listen.port'): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new Error(
          `cannot listen on ${host}:${port} (${error.code}): another program listens there, or choose another port (${setting})`,
        ),
      ),
    );
    probe.listen({ port, host }, () => {
      const address = probe.address();
      probe.close(() => done(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
