/**
 * npm run bench [-- --seconds N --rounds N --only NAME --operations --soak N | --logins]
 *
 * Side by side with peers, in one run: each server has the first core to itself, wrk and the upstream share the second.
 * Rounds go through all servers in turn, so that a drift of the machine meets all of them; medians are printed.
 */
import type { ChildProcess } from 'node:child_process';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { provide } from '../scripts/debian.ts';
import { NODE_FLAGS } from '../scripts/runtime.js';
import { createKey } from '../src/identity/keys.ts';
import { systemClock } from '../src/shared/clock.ts';
import { openStore } from '../src/storage/sqlite-store.ts';
import { ANSWER, BODY, benchContract } from './contract.ts';
import { measureLogins } from './logins.ts';
import { type Figures, listening, load, median, pinned, usage } from './measure.ts';
import { modsecurityConfiguration, modsecurityRules, proxyConfiguration, upstreamConfiguration } from './nginx.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
    only: { type: 'string' },
    operations: { type: 'boolean', default: false },
    soak: { type: 'string' },
    logins: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const connections = Number(options.connections);

/** Seconds until what is hot is compiled; without it the first rounds measure the interpreter. */
const WARM_UP = 10;

const PACKAGES = ['wrk', 'nginx', 'libnginx-mod-http-modsecurity', 'modsecurity-crs'];
const directory = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
const children: ChildProcess[] = [];
const root = join(import.meta.dirname, '..');

function provideAll(): void {
  const had = spawnSync('nginx', ['-v'], { stdio: 'ignore' }).status === 0;
  const missing = provide(PACKAGES);
  if (missing.length > 0) throw new Error(`missing Debian packages: ${missing.join(' ')}`);
  // The package starts a server of its own, which nobody asked for.
  if (!had) spawnSync('nginx', ['-s', 'stop'], { stdio: 'ignore' });
}

async function freePort(): Promise<number> {
  return await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}

interface Server {
  readonly name: string;
  readonly pid: number;
  readonly base: string;
  readonly headers: readonly string[];
}

async function nginx(name: string, core: number, port: number, text: string): Promise<ChildProcess> {
  const file = join(directory, `${name}.conf`);
  writeFileSync(file, text);
  const child = pinned(core, 'nginx', ['-c', file, '-p', directory]);
  children.push(child);
  await listening(port);
  return child;
}

/** A gate with everything on; limits so high that one client at full speed does not meet them, but is counted. */
async function gate(name: string, upstream: number, transport: 'plain' | 'tls', operations: number): Promise<Server> {
  const home = join(directory, name);
  mkdirSync(join(home, 'data'), { recursive: true, mode: 0o700 });
  const port = await freePort();
  writeFileSync(join(home, 'openapi.json'), benchContract(operations));
  writeFileSync(
    join(home, 'portcullis.yaml'),
    JSON.stringify({
      contract: 'openapi.json',
      upstream: `http://127.0.0.1:${upstream}`,
      data: 'data',
      listen: { port, transport },
      admin: { enabled: false },
      authorization: { roles: { everything: ['**'] } },
      throttling: JSON.parse(process.env['BENCH_THROTTLING'] ?? HIGH_LIMITS),
    }),
  );
  const store = openStore(join(home, 'data', 'store.db'));
  const { secret } = createKey(store, systemClock, { roles: ['everything'] });
  store.close();
  const started = performance.now();
  const child = pinned(0, process.execPath, [
    ...NODE_FLAGS,
    join(root, 'src/cli/main.ts'),
    '--config',
    join(home, 'portcullis.yaml'),
    'start',
  ]);
  children.push(child);
  await listening(port);
  process.stderr.write(
    `${name}: ${operations} operations, ready after ${Math.round(performance.now() - started)} ms\n`,
  );
  return {
    name,
    pid: child.pid as number,
    base: `${transport === 'tls' ? 'https' : 'http'}://127.0.0.1:${port}`,
    headers: [`X-API-Key: ${secret}`],
  };
}

const HIGH_LIMITS = JSON.stringify({
  address: { rate: '1000000/s', burst: 1000000 },
  principal: { rate: '1000000/s', burst: 1000000 },
  concurrency: { caller: 1024, address: 1024 },
  quotas: { day: 1_000_000_000 },
});

const script = join(directory, 'post.lua');
writeFileSync(
  script,
  `wrk.method = "POST"\nwrk.body = [==[${BODY}]==]\nwrk.headers["Content-Type"] = "application/json"\n`,
);
const work = [
  { name: 'GET', path: '/items/4711', script: undefined },
  { name: 'POST', path: '/items', script },
];

function stop(): void {
  for (const child of children) child.kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
}
process.on('SIGINT', () => {
  stop();
  process.exit(130);
});

async function sideBySide(servers: readonly Server[]): Promise<Map<string, Figures[]>> {
  const results = new Map<string, Figures[]>();
  const once = async (server: Server, task: (typeof work)[number], time: number): Promise<Figures> =>
    await load(server.pid, {
      url: server.base + task.path,
      seconds: time,
      connections,
      script: task.script,
      headers: server.headers,
    });
  for (const task of work) {
    for (const server of servers) await once(server, task, WARM_UP);
    for (let round = 0; round < rounds; round++) {
      for (const server of servers) {
        const key = `${task.name} ${server.name}`;
        const figures = await once(server, task, seconds);
        if (figures.failed > 0) process.stderr.write(`${key}: ${figures.failed} requests failed\n`);
        results.set(key, [...(results.get(key) ?? []), figures]);
      }
    }
  }
  return results;
}

const of = (list: readonly Figures[] | undefined, key: keyof Figures): number =>
  median((list ?? []).map((figures) => figures[key]));

function table(results: Map<string, Figures[]>, servers: readonly Server[], yardsticks: readonly string[]): string {
  const lines: string[] = [];
  for (const task of work) {
    lines.push(
      '',
      `${task.name}, ${connections} connections, ${task.script ? `${BODY.length} bytes of JSON sent, ` : ''}${ANSWER.length} bytes answered`,
      '',
    );
    lines.push(
      `| server | requests/s | p50 ms | p99 ms | CPU us/request | memory MiB |${yardsticks.map((name) => ` : ${name} |`).join('')}`,
    );
    lines.push(`|---|---:|---:|---:|---:|---:|${yardsticks.map(() => '---:|').join('')}`);
    for (const server of servers) {
      const list = results.get(`${task.name} ${server.name}`);
      const rate = of(list, 'requestsPerSecond');
      const ratios = yardsticks.map(
        (name) => `${(rate / of(results.get(`${task.name} ${name}`), 'requestsPerSecond')).toFixed(2)} |`,
      );
      const cells = [
        rate.toFixed(0),
        of(list, 'p50').toFixed(2),
        of(list, 'p99').toFixed(2),
        of(list, 'cpuPerRequest').toFixed(0),
        of(list, 'memory').toFixed(0),
      ];
      lines.push(`| ${server.name} | ${cells.join(' | ')} | ${ratios.join(' ')}`);
    }
  }
  return lines.join('\n');
}

async function main(): Promise<void> {
  provideAll();
  const upstream = await freePort();
  const upstreamChild = await nginx('upstream', 1, upstream, upstreamConfiguration(upstream, ANSWER, directory));
  if (options.soak !== undefined) return await soak(upstream, Number(options.soak));
  if (options.operations) {
    const few = await gate('10 operations', upstream, 'plain', 10);
    const many = await gate('10,000 operations', upstream, 'plain', 10_000);
    console.log(table(await sideBySide([few, many]), [few, many], ['10 operations']));
    return;
  }
  const servers: Server[] = [
    { name: 'upstream alone', pid: upstreamChild.pid as number, base: `http://127.0.0.1:${upstream}`, headers: [] },
  ];
  const bare = await freePort();
  const bareChild = pinned(0, process.execPath, [
    join(import.meta.dirname, 'bare-proxy.ts'),
    String(bare),
    `http://127.0.0.1:${upstream}`,
  ]);
  children.push(bareChild);
  await listening(bare);
  servers.push({
    name: 'bare Node + undici',
    pid: bareChild.pid as number,
    base: `http://127.0.0.1:${bare}`,
    headers: [],
  });
  const plain = await freePort();
  const plainChild = await nginx('nginx', 0, plain, proxyConfiguration(plain, upstream, directory));
  servers.push({ name: 'nginx', pid: plainChild.pid as number, base: `http://127.0.0.1:${plain}`, headers: [] });
  const security = await freePort();
  writeFileSync(join(directory, 'rules.conf'), modsecurityRules(directory));
  const securityChild = await nginx(
    'modsecurity',
    0,
    security,
    modsecurityConfiguration(security, upstream, directory),
  );
  servers.push({
    name: 'nginx + ModSecurity + CRS',
    pid: securityChild.pid as number,
    base: `http://127.0.0.1:${security}`,
    headers: [],
  });
  servers.push(await gate('Portcullis', upstream, 'plain', 10));
  servers.push(await gate('Portcullis, TLS', upstream, 'tls', 10));
  const chosen =
    options.only === undefined ? servers : servers.filter((server) => server.name.includes(options.only as string));
  console.log(
    table(
      await sideBySide(chosen),
      chosen,
      options.only === undefined ? ['bare Node + undici', 'nginx + ModSecurity + CRS'] : [],
    ),
  );
}

/** Memory over many requests: flat, or there is a leak. */
async function soak(upstream: number, requests: number): Promise<void> {
  const server = await gate('Portcullis', upstream, 'plain', 10);
  let done = 0;
  for (let i = 0; done < requests; i++) {
    const task = work[i % work.length] as (typeof work)[number];
    const figures = await load(server.pid, {
      url: server.base + task.path,
      seconds: 10,
      connections,
      script: task.script,
      headers: server.headers,
    });
    done += Math.round(figures.requestsPerSecond * 10);
    console.log(`${done} requests: ${usage(server.pid).memory.toFixed(0)} MiB`);
  }
}

try {
  if (options.logins) console.log(await measureLogins(seconds, rounds));
  else await main();
} finally {
  stop();
}
