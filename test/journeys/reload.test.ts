import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';
import { shopGate } from '../support/shop-gate.ts';

const FAST = { address: '100000/s', principal: '100000/s', anonymous: '100000/s' };
const life = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;

before(async () => {
  ({ gate, shop } = await shopGate(life, { throttling: FAST }));
});

/** What is said from now on. */
const said = (pattern: RegExp) => {
  const from = gate.program.stderr.length;
  return until(`the gate to say ${pattern}`, () => pattern.exec(gate.program.stderr.slice(from)) ?? undefined);
};
const ping = async (): Promise<number> => (await gate.send('/ping')).status;

test('a change of the configuration is in force without a restart', async () => {
  assert.equal(await ping(), 200);
  const told = said(/reloaded \(a file has changed\)/);
  gate.configure({ operations: { ping: { authentication: 'key' } } });
  await told;
  assert.equal(await ping(), 401);
  const back = said(/reloaded/);
  gate.configure({ operations: {} });
  await back;
  assert.equal(await ping(), 200);
});

test('a change of the contract file, replaced as editors do', async () => {
  const { listOrders } = { listOrders: SHOP.paths['/customers/{customer}/orders'].get };
  const pong = { get: { operationId: 'pong', security: [], responses: listOrders.responses } };
  const next = { ...SHOP, paths: { ...SHOP.paths, '/pong': pong } };
  assert.equal((await gate.send('/pong')).status, 404);
  const told = said(/reloaded/);
  writeFileSync(join(gate.directory, 'openapi.json.new'), JSON.stringify(next));
  renameSync(join(gate.directory, 'openapi.json.new'), join(gate.directory, 'openapi.json'));
  await told;
  assert.equal((await gate.send('/pong')).status, 200);
});

test('SIGHUP, and POST /reload', async () => {
  const told = said(/reloaded \(SIGHUP\)/);
  gate.program.child.kill('SIGHUP');
  await told;
  assert.deepEqual((await gate.admin('POST', '/reload')).json(), { status: 'in force' });
  assert.equal((await gate.admin('POST', '/reload', { token: null })).status, 401);
  assert.equal(await ping(), 200);
});

const BAD: [string, () => void, RegExp][] = [
  [
    'an unknown key',
    () => gate.configure({ throtling: {} }),
    /unknown key "throtling"[\s\S]*did you mean "throttling"/,
  ],
  [
    'a selector that fits nothing',
    () => gate.configure({ operations: { pingg: { authentication: 'public' } } }),
    /pingg/,
  ],
  ['no YAML', () => writeFileSync(gate.config, '{'), /portcullis\.yaml:1:\d/],
  [
    'a broken contract',
    () => writeFileSync(join(gate.directory, 'openapi.json'), '{"openapi":"3.1.0"'),
    /openapi\.json:1:\d+/,
  ],
  [
    'a certificate that is not there',
    () => gate.configure({ encryption: { certificate: { cert: 'none.pem', key: 'none.key' } } }),
    /none\.pem|certificate/,
  ],
  [
    'an upstream CA that is not there',
    () => gate.configure({ encryption: { upstream: { ca: 'none.pem' } } }),
    /none\.pem/,
  ],
  [
    'an address range that is none',
    () => gate.configure({ listen: { port: 0, trustedProxies: ['10.0.0.0/33'] } }),
    /trustedProxies.*address range/,
  ],
];

test('a bad file is refused with its message, and the old plan stays', async (t) => {
  const good = {
    config: JSON.stringify({ ...JSON.parse((await import('node:fs')).readFileSync(gate.config, 'utf8')) }, null, 2),
    contract: JSON.stringify(SHOP),
  };
  for (const [name, spoil, pattern] of BAD) {
    await t.test(name, async () => {
      const told = said(/NOT reloaded \(a file has changed\), the old plan stays in force:\n/);
      spoil();
      await told;
      const answer = await gate.admin('POST', '/reload');
      assert.equal(answer.status, 422, answer.text);
      assert.match(String(answer.json()['detail']), pattern);
      assert.equal(await ping(), 200);
      assert.equal((await gate.send('/things')).status, 401);
    });
    const mended = said(/: reloaded/);
    writeFileSync(gate.config, good.config);
    writeFileSync(join(gate.directory, 'openapi.json'), good.contract);
    await mended;
  }
  const log = await gate.cli('audit', 'search', '--event', 'gateway/reload-refused');
  assert.match(log.stdout, /reload-refused/, 'refused reloads are recorded');
});

test('no request is lost while plans are swapped under 200 of them', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: gate.ca, servername: 'localhost' });
  const key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
  const one = (i: number): Promise<number> =>
    new Promise((resolve, reject) => {
      const req = request(
        {
          host: '127.0.0.1',
          port: gate.port,
          path: i % 2 ? '/ping' : '/things',
          method: i % 4 === 0 ? 'POST' : 'GET',
          agent,
          headers: {
            host: `localhost:${gate.port}`,
            'x-api-key': key,
            ...(i % 4 === 0 ? { 'content-type': 'application/json' } : {}),
          },
        },
        (res) => res.resume().on('end', () => resolve(res.statusCode ?? 0)),
      );
      req.on('error', reject);
      req.end(i % 4 === 0 ? '{"name":"a"}' : undefined);
    });
  const seen = shop.seen.length;
  let swaps = 0;
  let sending = true;
  const swapping = (async () => {
    while (sending || swaps < 3) {
      assert.equal((await gate.admin('POST', '/reload')).status, 200);
      swaps++;
    }
  })();
  const statuses: number[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async (_, lane) => {
      for (let i = lane; i < 200; i += 8) statuses.push(await one(i));
    }),
  );
  sending = false;
  await swapping;
  agent.destroy();
  assert.equal(statuses.length, 200);
  assert.deepEqual([...new Set(statuses)].sort(), [200, 201]);
  assert.equal(shop.seen.length - seen, 200, 'each was forwarded once');
  assert.ok(swaps >= 3);
});

test('an exchange that began under the old plan ends under it', async (t) => {
  const own = lifetime((work) => t.after(work));
  let release: () => void = () => {};
  let arrived: () => void = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { upstream } = await import('../support/gate.ts');
  const slow = await upstream(own, (_req, res) => {
    arrived();
    release = () => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end('{"ok":true}');
    };
  });
  gate.configure({ upstream: slow.url });
  await until('the slow upstream', async () => (await gate.admin('POST', '/reload')).status === 200);
  const running = gate.send('/ping');
  await here;
  gate.configure({ upstream: shop.url, operations: { ping: { authentication: 'key' } } });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
  assert.equal(await ping(), 401, 'new ones meet the new plan');
  release();
  const answer = await running;
  assert.deepEqual([answer.status, answer.text], [200, '{"ok":true}']);
});

test('SIGTERM ends what is idle at once, with clients and an upstream that would keep their connections', async (t) => {
  const own = lifetime((work) => t.after(work));
  const patient = createServer((req, res) => {
    req.resume().on('end', () => {
      res.writeHead(201, { 'content-type': 'application/json' });
      res.end('{"id":3,"name":"c","owner":1}');
    });
  });
  patient.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => patient.listen(0, '127.0.0.1', resolve));
  own.after(() => {
    patient.close();
    patient.closeAllConnections();
  });
  const upstream = `http://127.0.0.1:${(patient.address() as AddressInfo).port}`;
  const { gate: other } = await shopGate(own, {
    throttling: FAST,
    upstream,
    listen: { idleTimeout: '10m', bodyTimeout: '10m' },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: other.ca, servername: 'localhost' });
  own.after(() => agent.destroy());
  const headers = {
    host: `localhost:${other.port}`,
    'x-api-key': other.key({ roles: ['customer'], claims: { customer: 1 } }),
    'content-type': 'application/json',
  };
  const statuses = await Promise.all(
    Array.from(
      { length: 32 },
      () =>
        new Promise<number | undefined>((resolve, reject) => {
          const req = request({ port: other.port, path: '/things', method: 'POST', agent, headers }, (res) => {
            res.resume().on('end', () => resolve(res.statusCode));
          });
          req.on('error', reject);
          req.end('{"name":"a"}');
        }),
    ),
  );
  assert.deepEqual([...new Set(statuses)], [201]);
  const idle = await until('8 idle connections', () => {
    const free = Object.values(agent.freeSockets).flat();
    return free.length === 8 && free;
  });
  const ends = idle.map((socket) => new Promise<void>((resolve) => socket?.once('close', () => resolve())));
  other.program.child.kill('SIGTERM');
  await Promise.all(ends);
  await until('the end of the program', () => other.program.child.exitCode !== null);
  assert.equal(await other.program.ended, 0);
});

test('SIGTERM lets the running exchange end, refuses new connections, and ends with 0', async (t) => {
  const own = lifetime((work) => t.after(work));
  let release: () => void = () => {};
  let arrived: () => void = () => {};
  const here = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { upstream } = await import('../support/gate.ts');
  const slow = await upstream(own, (_req, res) => {
    arrived();
    release = () => {
      res.writeHead(200, { 'content-type': 'application/json' });
      res.end('{"ok":true}');
    };
  });
  gate.configure({ upstream: slow.url, operations: {} });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
  const running = gate.send('/ping');
  await here;
  gate.program.child.kill('SIGTERM');
  await until('the end of listening', () =>
    // A path that the gate answers itself: until the signal is heard, nothing more may reach the slow upstream.
    gate.send('/nowhere').then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ECONNREFUSED',
    ),
  );
  release();
  assert.equal((await running).status, 200);
  assert.equal(await gate.program.ended, 0);
  const verified = await gate.cli('audit', 'verify');
  assert.equal(verified.code, 0, verified.stdout);
});
