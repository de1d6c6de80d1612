import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A market in a process of its own. */
export interface RunningMarket {
  /** `http://127.0.0.1:3000` */
  readonly base: string;
  readonly pid: number;
  /** Ends it. @returns its exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
}

/**
 * Starts `server.ts` and waits until it listens.
 * @param args as on its command line, e.g. `['--port', '0', '--careful']`
 * @throws Error with what it said where it ends instead.
 */
export async function startMarket(args: readonly string[]): Promise<RunningMarket> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'server.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Ctrl-C is for whoever started the market: it ends the market in its own time.
    detached: true,
  });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
  });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const base = await new Promise<string>((resolve, reject) => {
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-4_000);
      const url = /listening on (\S+)\n/.exec(printed)?.[1];
      if (url !== undefined) resolve(url);
    });
    child.once('error', reject);
    ended.then((code) => reject(new Error(`the market ended with ${code}: ${said.trim()}`)), reject);
  });
  return {
    base,
    pid: child.pid ?? 0,
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
