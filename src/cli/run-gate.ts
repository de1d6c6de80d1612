import { resolve } from 'node:path';
import { type AdminHooks, adminToken, openAdmin } from '../admin/admin.ts';
import type { Configuration } from '../config/configuration.ts';
import { serve } from '../gateway/serve.ts';
import { ensureDataDirectory } from '../shared/data-directory.ts';
import { banAdministration } from './ban-administration.ts';
import { clientAdministration } from './client-administration.ts';
import { keyAdministration } from './key-administration.ts';
import { needsRestart } from './needs-restart.ts';
import { revocationAdministration } from './revocation-administration.ts';
import { supervise } from './supervise.ts';
import { watchFiles } from './watch.ts';

/** One gate, in this process or in several workers. */
export interface RunningGate {
  readonly port: number;
  readonly adminPort: number | undefined;
  readonly adminTokenFile: string;
  /** PEM file of the development CA; undefined where own certificates are used. */
  readonly caFile: string | undefined;
  /** Of the embedded authorization server; undefined where there is none. */
  readonly issuer: string | undefined;
  readonly notes: readonly string[];
  reload(): Promise<void>;
  stop(): Promise<void>;
}

/** What runs the exchanges: `serve` in this process, or the supervisor of the workers. */
export interface Engine {
  readonly port: number;
  readonly caFile: string | undefined;
  readonly issuer: string | undefined;
  readonly notes: readonly string[];
  /** Local files that the plan in force was made of. */
  files(): readonly string[];
  notReady(): string | undefined;
  metrics(): Promise<string>;
  reload(configuration: Configuration): Promise<void>;
  stop(): Promise<void>;
}

export interface RunOptions {
  /** Reads the configuration anew; throws a LoadError. */
  load(): Configuration;
  readonly workers: number;
  /** Says something to the person who watches. */
  say(line: string): void;
}

/**
 * Starts the gate with its admin listener, and reloads it whenever a file changes.
 * @throws LoadError or an Error with place and mend
 */
export async function runGate(options: RunOptions): Promise<RunningGate> {
  let configuration = options.load();
  const dataDirectory = ensureDataDirectory(resolve(configuration.directory, configuration.data));
  const engine =
    options.workers > 1 ? await supervise(configuration, options.workers, options.say) : await inProcess(configuration);
  let reloading: Promise<void> = Promise.resolve();
  // One after the other: a change of a file and a request to the admin API come at the same moment more often than not,
  // and each is to be told what became of its own.
  const reload = (): Promise<void> => {
    const work = reloading.then(async () => {
      const next = options.load();
      await engine.reload(next);
      for (const key of needsRestart(configuration, next))
        options.say(`${key} has changed: it comes into force with a restart`);
      configuration = next;
    });
    reloading = work.catch(() => {});
    return work;
  };
  const said = (why: string): Promise<void> =>
    reload().then(
      () => options.say(`reloaded (${why})`),
      (error: Error) => options.say(`NOT reloaded (${why}), the old plan stays in force:\n${error.message}`),
    );
  const { token, file } = adminToken(dataDirectory);
  const keys = await keyAdministration(dataDirectory);
  const bans = banAdministration(dataDirectory);
  const revocations = revocationAdministration(dataDirectory);
  const clients = clientAdministration(dataDirectory);
  const hooks: AdminHooks = {
    ready: () => engine.notReady(),
    metrics: () => engine.metrics(),
    reload: () =>
      reload().then(
        () => undefined,
        (error: Error) => error.message,
      ),
    keys,
    bans,
    revocations,
    clients,
  };
  let admin: Awaited<ReturnType<typeof openAdmin>> | undefined;
  try {
    if (configuration.admin.enabled) admin = await openAdmin(configuration.admin, token, hooks);
  } catch (error) {
    await engine.stop();
    throw error;
  }
  let unready: string | undefined;
  const look = setInterval(() => {
    const reason = engine.notReady();
    if (reason !== unready) options.say(reason === undefined ? 'ready again' : `NOT ready: ${reason}`);
    unready = reason;
  }, 1000);
  look.unref();
  const watcher = watchFiles(
    () => [...(configuration.file === undefined ? [] : [resolve(configuration.file)]), ...engine.files()],
    () => void said('a file has changed'),
  );
  const onHup = (): void => void said('SIGHUP');
  process.on('SIGHUP', onHup);
  return {
    port: engine.port,
    adminPort: admin?.port,
    adminTokenFile: file,
    caFile: engine.caFile,
    issuer: engine.issuer,
    notes: engine.notes,
    reload,
    stop: async () => {
      process.off('SIGHUP', onHup);
      clearInterval(look);
      watcher.close();
      admin?.close();
      await engine.stop();
      keys.close();
      bans.close();
      revocations.close();
      clients.close();
    },
  };
}

async function inProcess(configuration: Configuration): Promise<Engine> {
  const serving = await serve(configuration, { slot: 0 });
  return {
    port: serving.port,
    caFile: serving.transport.caFile,
    issuer: serving.issuer,
    notes: serving.notes,
    files: () => serving.plan.contract.files,
    notReady: () => serving.notReady(),
    metrics: async () => serving.metrics.render(),
    reload: (next) => serving.reload(next),
    stop: () => serving.stop(),
  };
}

/** Stops once on SIGTERM or SIGINT; a second signal ends at once. */
export function stopOnSignal(stop: () => Promise<void>, say: (line: string) => void): Promise<void> {
  return new Promise((done) => {
    let stopping = false;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(130);
      stopping = true;
      say(`${signal}: ending after the running exchanges ...`);
      stop().then(done, (error: Error) => {
        say(error.message);
        process.exitCode = 2;
        done();
      });
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
