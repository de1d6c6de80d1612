import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

export interface Figures {
  readonly requestsPerSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of the server's CPU for one request. */
  readonly cpuPerRequest: number;
  /** MiB resident after the run, all processes of the server. */
  readonly memory: number;
  readonly failed: number;
}

/** Starts a server on the first core; clients and upstream have the second. */
export function pinned(
  core: number,
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ChildProcess {
  return spawn('taskset', ['-c', String(core), command, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...environment },
  });
}

/** Waits until something listens, or throws. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('close', () => socket.destroy());
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function family(pid: number): number[] {
  const all = [pid];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      if (all.includes(parent)) all.push(Number(name));
    } catch {
      // ended meanwhile
    }
  }
  return all;
}

/** CPU seconds used so far and MiB resident, of a process and its children. */
export function usage(pid: number): { cpu: number; memory: number } {
  let ticks = 0;
  let pages = 0;
  for (const each of family(pid)) {
    try {
      const stat = readFileSync(`/proc/${each}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      ticks += Number(fields[11]) + Number(fields[12]);
      pages += Number(readFileSync(`/proc/${each}/statm`, 'utf8').split(' ')[1]);
    } catch {
      // ended meanwhile
    }
  }
  return { cpu: ticks / 100, memory: (pages * 4096) / 1024 / 1024 };
}

export interface Load {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** wrk script file, for POST. */
  readonly script?: string;
  readonly headers: readonly string[];
}

/** One run of wrk against a server. */
export async function load(pid: number, { url, seconds, connections, script, headers }: Load): Promise<Figures> {
  const args = ['-c', '1', 'wrk', '-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  for (const header of headers) args.push('-H', header);
  if (script !== undefined) args.push('-s', script);
  const before = usage(pid);
  const text = await output('taskset', [...args, url]);
  const after = usage(pid);
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  const time = (percent: number): number => {
    const match = new RegExp(`${percent}%\\s+([\\d.]+)(us|ms|s)`).exec(text);
    return match === null
      ? Number.NaN
      : Number(match[1]) * { us: 0.001, ms: 1, s: 1000 }[match[2] as 'us' | 'ms' | 's'];
  };
  const requests = number(/(\d+) requests in/);
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    p50: time(50),
    p99: time(99),
    cpuPerRequest: ((after.cpu - before.cpu) / requests) * 1e6,
    memory: after.memory,
    failed:
      (number(/Non-2xx or 3xx responses: (\d+)/) || 0) +
      (number(/connect (\d+)/) || 0) +
      (number(/timeout (\d+)/) || 0),
  };
}

export function output(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('exit', () => resolve(text));
  });
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
