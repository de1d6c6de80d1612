import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { cli, lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

const SKIP = process.platform === 'linux' ? false : 'finds the workers in /proc';
const life = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;
let key: string;

before(async () => {
  if (SKIP !== false) return;
  ({ gate, shop } = await shopGate(
    life,
    {
      throttling: { address: '10000/s', principal: '10000/s', anonymous: '10000/s', slow: 'off' },
      authentication: { lockout: { address: { failures: 10_000 } } },
      operations: { listOrders: { throttling: { operation: { rate: '1/m', burst: 10 } } } },
    },
    ['--workers', '2'],
  ));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
});

/** Process ids of the workers. */
const workers = (pid = gate.program.child.pid as number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
const alive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Each on a connection of its own, so that the system spreads them. */
const many = async (count: number, path = '/things', secret = key): Promise<number[]> => {
  const statuses: number[] = [];
  for (let i = 0; i < count; i += 10)
    statuses.push(
      ...(await Promise.all(
        Array.from(
          { length: Math.min(10, count - i) },
          async () => (await gate.send(path, { headers: { 'x-api-key': secret } })).status,
        ),
      )),
    );
  return statuses;
};
const only = (statuses: number[]): number[] => [...new Set(statuses)];

test('both serve, each with a log of its own; figures are those of all', { skip: SKIP }, async () => {
  assert.equal(workers().length, 2);
  assert.deepEqual(only(await many(40)), [200]);
  const { stdout } = await gate.cli('audit', 'search', '--operation', 'listThings', '--json');
  const logs = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { log: string }).log);
  assert.equal(logs.length, 40);
  assert.deepEqual([...new Set(logs)].sort(), ['0', '1']);
  const { text } = await gate.admin('GET', '/metrics');
  assert.match(text, /http_route="GET \/things",http_response_status_code="200"\} 40$/m);
  assert.match(text, /^portcullis_workers 2$/m);
});

test('a revoked key is refused at once in both', { skip: SKIP }, async () => {
  const secret = gate.key({ roles: ['customer'], note: 'to be revoked' });
  assert.deepEqual(only(await many(20, '/things', secret)), [200], 'known to both');
  const keys = (await gate.admin('GET', '/keys')).json<{ keys: { id: string; note: string }[] }>().keys;
  const id = keys.find(({ note }) => note === 'to be revoked')?.id;
  assert.equal((await gate.admin('DELETE', `/keys/${id}`)).status, 200);
  assert.deepEqual(only(await many(30, '/things', secret)), [401]);
});

test('the rate limit is one for both', { skip: SKIP }, async () => {
  const statuses = await many(60, '/customers/1/orders');
  const passed = statuses.filter((status) => status === 200).length;
  // Charges reach the other worker within milliseconds; until then each may admit its own burst, once.
  assert.ok(passed >= 10 && passed <= 20, `${passed} of a burst of 10 passed`);
  assert.deepEqual(only(statuses).sort(), [200, 429]);
  assert.deepEqual(only(await many(40, '/customers/1/orders')), [429], 'and then in neither');
});

test('a reload is in force in both, or in none', { skip: SKIP }, async () => {
  gate.configure({ operations: { ping: { authentication: 'key' } } });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
  assert.deepEqual(only(await many(30, '/ping', 'nonsense')), [401]);
  gate.configure({ operations: { pingg: { authentication: 'key' } } });
  const refused = await gate.admin('POST', '/reload');
  assert.equal(refused.status, 422);
  assert.match(refused.text, /pingg/);
  assert.deepEqual(only(await many(30, '/ping', 'nonsense')), [401]);
  gate.configure({ operations: {} });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
});

test('kill -9 of one worker: the other serves on, a new one is started, nothing is lost from the log', {
  skip: SKIP,
}, async () => {
  const [first] = workers() as [number];
  const from = gate.program.stderr.length;
  process.kill(first, 'SIGKILL');
  await until('the loss to be noticed', () =>
    /worker \d ended \(SIGKILL\); starting another/.test(gate.program.stderr.slice(from)),
  );
  assert.deepEqual(only(await many(20)), [200], 'served by the one that is left');
  await until('two workers again', () => /worker \d is back/.test(gate.program.stderr.slice(from)));
  assert.equal(workers().filter(alive).length, 2);
  assert.deepEqual(only(await many(40)), [200]);
  const { code, stdout } = await gate.cli('audit', 'verify');
  assert.equal(code, 0, stdout);
});

test('a worker that cannot come back is tried again until what is in the way is mended', { skip: SKIP }, async () => {
  const said = (pattern: RegExp, from: number) =>
    until(`the gate to say ${pattern}`, () => pattern.test(gate.program.stderr.slice(from)));
  let from = gate.program.stderr.length;
  gate.configure({ operations: { pingg: { authentication: 'key' } } });
  await said(/NOT reloaded/, from);
  process.kill(workers()[0] as number, 'SIGKILL');
  await said(/worker \d cannot be started, next try in 2 s:\n.*pingg/, from);
  assert.deepEqual(only(await many(20)), [200], 'the other serves on, under the old plan');
  assert.equal(workers().filter(alive).length, 1, 'what could not be started does not hang about');
  from = gate.program.stderr.length;
  gate.configure({ operations: {} });
  await said(/worker \d is back/, from);
  assert.deepEqual(only(await many(20)), [200]);
});

test('what keeps the first worker from starting ends the program: message, exit code 2', { skip: SKIP }, async () => {
  const text = readFileSync(gate.config, 'utf8');
  const file = join(gate.directory, 'broken.yaml');
  writeFileSync(file, JSON.stringify({ ...JSON.parse(text), contract: 'absent.json', data: 'other' }));
  const { code, stderr } = await cli(['--config', file, 'start', '--workers', '2'], { cwd: gate.directory });
  assert.equal(code, 2);
  assert.match(stderr, /absent\.json/);
});

test('SIGTERM ends all, with 0, and the logs are whole', { skip: SKIP }, async () => {
  const pids = workers();
  assert.equal(pids.length, 2);
  assert.equal(await gate.program.stop(), 0);
  assert.deepEqual(pids.filter(alive), []);
  const { code, stdout } = await gate.cli('audit', 'verify');
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^log 0 [\s\S]*^log 1 /m);
  assert.ok(shop.seen.length > 100);
});

test('kill -9 of the primary: no worker is left behind', { skip: SKIP }, async (t) => {
  const own = lifetime((work) => t.after(work));
  const { gate: orphaned } = await shopGate(own, {}, ['--workers', '2']);
  const pids = workers(orphaned.program.child.pid);
  assert.equal(pids.length, 2);
  orphaned.program.child.kill('SIGKILL');
  await until('the workers to end', () => !pids.some(alive));
});
