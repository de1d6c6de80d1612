import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_FLAGS } from '../scripts/runtime.js';
import { createKey } from '../src/identity/keys.ts';
import { PasswordHashing } from '../src/identity/password-hashing.ts';
import { createUser } from '../src/identity/users.ts';
import { systemClock } from '../src/shared/clock.ts';
import { openStore } from '../src/storage/sqlite-store.ts';
import { median } from './measure.ts';

/** Requests with a key, and logins with a password, in a second. */
const REQUESTS = 300;
const LOGINS = 50;
/** Each signs in from a new address now and then: one from everywhere at once would be slowed as attacked. */
const USERS = 60;
const PASSWORD = 'a sentence that nobody guesses';

const CONTRACT = {
  openapi: '3.1.0',
  info: { title: 'logins', version: '1' },
  security: [{ key: [] }, { basic: [] }],
  paths: {
    '/ping': {
      get: {
        responses: {
          200: {
            description: 'fine',
            content: { 'application/json': { schema: { type: 'object', properties: { ok: { type: 'boolean' } } } } },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: {
      key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
      basic: { type: 'http', scheme: 'basic' },
    },
  },
};

interface Phase {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly logins: Readonly<Record<string, number>>;
}

/**
 * What a flood of password logins does to everybody else: 300 requests a second with a key, without and with 50 logins a
 * second beside them, each from an address of its own, so that none is remembered or locked. Phases in turn, medians.
 */
export async function measureLogins(seconds: number, rounds: number): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'portcullis-logins-'));
  const upstream = createServer((_req, res) => res.setHeader('content-type', 'application/json').end('{"ok":true}'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  mkdirSync(join(home, 'data'), { mode: 0o700 });
  writeFileSync(join(home, 'openapi.json'), JSON.stringify(CONTRACT));
  writeFileSync(
    join(home, 'portcullis.yaml'),
    JSON.stringify({
      contract: 'openapi.json',
      upstream: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`,
      data: 'data',
      listen: { port: 0, transport: 'plain', trustedProxies: ['127.0.0.1/32'] },
      admin: { enabled: false },
      authorization: { roles: { everything: ['**'] } },
      throttling: { address: '100000/s', principal: '100000/s', quotas: { day: 1_000_000_000 } },
    }),
  );
  const store = openStore(join(home, 'data', 'store.db'));
  const { secret } = createKey(store, systemClock, { roles: ['everything'] });
  const hashing = new PasswordHashing();
  for (let i = 0; i < USERS; i++)
    await createUser(store, systemClock, hashing, {
      name: `user${i}`,
      password: `${PASSWORD} ${i}`,
      roles: ['everything'],
    });
  store.close();
  const main = join(import.meta.dirname, '..', 'src/cli/main.ts');
  const child = spawn(process.execPath, [...NODE_FLAGS, main, '--config', join(home, 'portcullis.yaml'), 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await portOf(child.stdout as NodeJS.ReadableStream);
    const alone: Phase[] = [];
    const beside: Phase[] = [];
    await phase(port, secret, Math.min(seconds, 5), 0);
    for (let round = 0; round < rounds; round++) {
      alone.push(await phase(port, secret, seconds, 0));
      beside.push(await phase(port, secret, seconds, LOGINS));
    }
    const of = (list: readonly Phase[], key: 'p50' | 'p99') => median(list.map((one) => one[key])).toFixed(2);
    const answers = JSON.stringify(beside.map(({ logins }) => logins));
    return [
      `alone:              p50 ${of(alone, 'p50')} ms, p99 ${of(alone, 'p99')} ms`,
      `with ${LOGINS} logins/s:   p50 ${of(beside, 'p50')} ms, p99 ${of(beside, 'p99')} ms; answers to logins ${answers}`,
    ].join('\n');
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    upstream.close();
    upstream.closeAllConnections();
    rmSync(home, { recursive: true, force: true });
  }
}

async function portOf(stdout: NodeJS.ReadableStream): Promise<number> {
  let text = '';
  for await (const chunk of stdout) {
    text += String(chunk);
    const port = /^gate\s+http:\/\/localhost:(\d+)/m.exec(text)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('the gate did not start');
}

/** Sends at an even pace, whatever comes back: a slow answer does not slow the next request. */
async function phase(port: number, key: string, seconds: number, logins: number): Promise<Phase> {
  const agents = {
    key: new Agent({ keepAlive: true, maxSockets: 64 }),
    login: new Agent({ keepAlive: true, maxSockets: 256 }),
  };
  const took: number[] = [];
  const statuses: Record<string, number> = {};
  const open: Promise<unknown>[] = [];
  const start = performance.now();
  let sent = 0;
  let tried = 0;
  while (performance.now() - start < seconds * 1000) {
    const due = (performance.now() - start) / 1000;
    for (; sent < due * REQUESTS; sent++) {
      const at = performance.now();
      open.push(send(port, agents.key, { 'x-api-key': key }).then(() => took.push(performance.now() - at)));
    }
    for (; tried < due * logins; tried++) {
      const authorization = `Basic ${Buffer.from(`user${unique % USERS}:${PASSWORD} ${unique % USERS}`).toString('base64')}`;
      const address = `198.${18 + (unique >> 16)}.${(unique >> 8) & 255}.${unique & 255}`;
      unique++;
      open.push(
        send(port, agents.login, { authorization, 'x-forwarded-for': address }).then((status) => {
          statuses[status] = (statuses[status] ?? 0) + 1;
        }),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(open);
  agents.key.destroy();
  agents.login.destroy();
  took.sort((a, b) => a - b);
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), logins: statuses };
}

let unique = 0;

const send = (port: number, agent: Agent, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const req = request(
      { host: '127.0.0.1', port, path: '/ping', agent, headers: { host: `localhost:${port}`, ...headers } },
      (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode ?? 0));
      },
    );
    req.on('error', reject);
    req.end();
  });
