import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { GateUnderTest } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

const life = lifetime(after);
let gate: GateUnderTest;
/** Every secret that was made here; none may be found anywhere afterwards. */
const secrets: string[] = [];

before(async () => {
  ({ gate } = await shopGate(life, { throttling: { address: '10000/s', principal: '10000/s' } }));
});

const things = async (key: string): Promise<number> => {
  const answer = await gate.send('/things', { headers: { 'x-api-key': key } });
  if (answer.status === 401) assert.ok(answer.headers['www-authenticate']);
  return answer.status;
};

interface Made {
  readonly id: string;
  readonly key: string;
}
const create = async (...args: string[]): Promise<Made> => {
  const { code, stdout, stderr } = await gate.cli('keys', 'create', '--json', ...args);
  assert.equal(code, 0, stderr);
  const made = JSON.parse(stdout) as Made;
  secrets.push(made.key);
  return made;
};

test('a key made by the CLI works at once, and one that is revoked is refused at once', async () => {
  const { id, key } = await create('--role', 'customer', '--claim', 'customer=1', '--note', 'first');
  assert.match(key, /^pk_[0-9A-Za-z]{38}$/);
  assert.equal(await things(key), 200);
  assert.equal(await things(key), 200, 'from the cache, too');
  const revoked = await gate.cli('keys', 'revoke', id);
  assert.equal(revoked.code, 0, revoked.stderr);
  assert.equal(await things(key), 401);
  assert.equal((await gate.cli('keys', 'revoke', 'key_unknown')).code, 2);
});

test('roles and claims of the key bind: other’s objects are not found, other roles’ operations not permitted', async () => {
  const { key } = await create('--role', 'customer', '--claim', 'customer=1');
  const headers = { 'x-api-key': key };
  assert.equal((await gate.send('/customers/1/orders', { headers })).status, 200);
  const foreign = await gate.send('/customers/2/orders', { headers });
  const absent = await gate.send('/things/2', { headers });
  assert.deepEqual([foreign.status, absent.status], [404, 404]);
  const none = await create('--role', 'stranger');
  assert.equal(await things(none.key), 403);
  const other = await gate.send('/things/1', { method: 'DELETE', headers: { 'x-api-key': none.key } });
  assert.equal(other.status, 403);
});

test('typos, look-alikes and other forms are refused alike', async () => {
  const { key } = await create('--role', 'customer');
  const swapped = `${key.slice(0, 10)}${key[11]}${key[10]}${key.slice(12)}`;
  const answers = await Promise.all(
    [
      swapped === key ? `${key}x` : swapped,
      `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`,
      key.toLowerCase() === key ? key.toUpperCase() : key.toLowerCase(),
      `${key} `.repeat(2),
      `pk_${'0'.repeat(38)}`,
      'x',
      'k'.repeat(8000),
    ].map((sent) => gate.send('/things', { headers: { 'x-api-key': sent } })),
  );
  for (const answer of answers) assert.equal(answer.status, 401);
  const shapes = new Set(answers.map((answer) => JSON.stringify({ ...answer.json(), exchange: '' })));
  assert.equal(shapes.size, 1, 'one answer for all');
  const both = await gate.raw(
    `GET /things HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\nX-API-Key: ${key}\r\nConnection: close\r\n\r\n`,
  );
  assert.match(both, /^HTTP\/1\.1 400 /);
  const inUrl = await gate.send(`/things?X-API-Key=${key}`);
  assert.equal(inUrl.json()['code'], 'credentials-in-url', 'not in another place');
  assert.equal((await gate.send('/things', { headers: { cookie: `X-API-Key=${key}` } })).status, 401);
});

test('a key ends when its time is over', async () => {
  const { key } = await create('--role', 'customer', '--expires', '2s');
  assert.equal(await things(key), 200);
  await until('the key to expire', async () => (await things(key)) === 401);
  assert.equal((await gate.cli('keys', 'create', '--expires', 'yesterday')).code, 2);
});

test('rotate: both work for the overlap, then the new one alone', async () => {
  const { id, key } = await create('--role', 'customer', '--claim', 'customer=1');
  const { code, stdout } = await gate.cli('keys', 'rotate', id, '--overlap', '2s', '--json');
  assert.equal(code, 0);
  const next = JSON.parse(stdout) as Made;
  secrets.push(next.key);
  assert.equal(await things(next.key), 200);
  await until('the old key to end', async () => (await things(key)) === 401);
  assert.equal(await things(next.key), 200);
  assert.equal((await gate.send('/customers/1/orders', { headers: { 'x-api-key': next.key } })).status, 200);
});

test('the admin API: create, list, revoke; what is wrong is said', async () => {
  const made = await gate.admin('POST', '/keys', {
    body: JSON.stringify({ roles: ['customer'], claims: { customer: 1 }, note: 'by admin', expires: '1h' }),
  });
  assert.equal(made.status, 201, made.text);
  const { id, key: secret } = made.json<{ id: string; key: string }>();
  secrets.push(secret);
  assert.equal(await things(secret), 200);
  const listed = await gate.admin('GET', '/keys');
  const keys = listed.json<{ keys: { id: string; note: string; state: string }[] }>().keys;
  assert.equal(keys.find((key) => key.id === id)?.note, 'by admin');
  for (const one of secrets) assert.ok(!listed.text.includes(one));
  assert.doesNotMatch(listed.text, /digest/);
  assert.equal((await gate.admin('DELETE', `/keys/${id}`)).status, 200);
  assert.equal(await things(secret), 401);
  for (const path of ['/keys/none', '/keys/', '/keys/%', '/keys/%00', `/keys/${id}/x`])
    assert.ok([400, 404].includes((await gate.admin('DELETE', path)).status), path);
  for (const body of [
    '{"roles":["two words"]}',
    '{"role":["customer"]}',
    '{"expires":"soon"}',
    '{"expires":"2001-01-01"}',
    '[]',
    'null',
    '"x"',
    '{',
    '{"roles":"customer"}',
    JSON.stringify({ note: 'x'.repeat(20_000) }),
    '{"claims":{"__proto__":{"a":1}},"roles":[1]}',
  ]) {
    const refused = await gate.admin('POST', '/keys', { body });
    assert.equal(refused.status, 400, `${body.slice(0, 60)}: ${refused.text.slice(0, 200)}`);
    assert.ok((refused.json()['detail'] as string).length > 5);
  }
});

test('keys list shows states and never a secret', async () => {
  const { stdout } = await gate.cli('keys', 'list', '--all');
  assert.match(stdout, /revoked/);
  assert.match(stdout, /expired/);
  for (const secret of secrets) assert.ok(!stdout.includes(secret));
});

test('no secret is in the data directory, in what the gate printed, or readable for others', async () => {
  const ended = await gate.program.stop();
  assert.equal(ended, 0);
  const data = join(gate.directory, 'data');
  assert.ok(secrets.length >= 7);
  let files = 0;
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files++;
    const file = join(entry.parentPath, entry.name);
    const bytes = readFileSync(file);
    for (const secret of secrets) assert.ok(!bytes.includes(secret), `${file} holds a key`);
    if (/token|store\.db|signing\.key|-key\.pem|\.jsonl$/.test(entry.name))
      assert.equal(statSync(file).mode & 0o077, 0, `${file} is open to others`);
  }
  assert.ok(files > 4);
  assert.equal(statSync(data).mode & 0o777, 0o700);
  for (const secret of secrets) assert.ok(!`${gate.program.stdout}${gate.program.stderr}`.includes(secret));
});
