import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type GateUnderTest, startAgain } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

// Promise 10: the admin API has its own listener on loopback, no default credentials, and refuses first.
const life = lifetime(after);
let gate: GateUnderTest;

before(async () => {
  ({ gate } = await shopGate(life));
});

test('health and readiness answer anyone, and say little', async () => {
  assert.deepEqual((await gate.admin('GET', '/healthz', { token: null })).json(), { status: 'alive' });
  const ready = await gate.admin('GET', '/readyz', { token: null });
  assert.deepEqual([ready.status, ready.text], [200, '{"status":"ready"}']);
  assert.equal((await gate.admin('POST', '/healthz', { token: null })).status, 405);
});

test('everything else asks for the token, before it says whether it exists', async () => {
  const { token } = { token: readFileSync(join(gate.directory, 'data', 'admin.token'), 'utf8').trim() };
  const wrong: (string | null)[] = [
    null,
    '',
    'admin',
    token.slice(0, -1),
    `${token}x`,
    token.toUpperCase() === token ? token.toLowerCase() : token.toUpperCase(),
    'x'.repeat(5000),
  ];
  for (const path of [
    '/metrics',
    '/keys',
    '/reload',
    '/nothing',
    '/',
    '/keys/x',
    '//healthz',
    '/healthz/..',
    '/healthz/../metrics',
    '/%6detrics',
  ])
    for (const sent of wrong) {
      const answer = await gate.admin(path === '/reload' ? 'POST' : 'GET', path, { token: sent });
      assert.ok([400, 401].includes(answer.status), `${path} ${sent?.slice(0, 10)}: ${answer.status}`);
      if (answer.status === 401) assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    }
  for (const authorization of [`Basic ${Buffer.from(`admin:${token}`).toString('base64')}`, token, `bearer\t${token}`])
    assert.equal((await gate.admin('GET', '/keys', { token: null, headers: { authorization } })).status, 401);
  assert.equal((await gate.admin('GET', `/keys?token=${token}`, { token: null })).status, 401);
  assert.equal((await gate.admin('GET', '/nothing')).status, 404);
  assert.equal((await gate.admin('DELETE', '/metrics')).status, 405);
});

test('the token is 32 random bytes in a file for its owner only; wider rights are taken back at the start', async () => {
  const file = join(gate.directory, 'data', 'admin.token');
  const token = readFileSync(file, 'utf8').trim();
  assert.equal(Buffer.from(token, 'base64url').length, 32);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!`${gate.program.stdout}${gate.program.stderr}`.includes(token), 'not printed');
  assert.equal(await gate.program.stop(), 0);
  chmodSync(file, 0o644);
  gate = await startAgain(life, gate.directory);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(readFileSync(file, 'utf8').trim(), token, 'kept over restarts');
});

test('a web page cannot reach it: other host names, and any Origin', async () => {
  for (const host of [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil@localhost',
    'localhost, evil',
    `10.0.0.1:${gate.adminPort}`,
  ]) {
    const answer = await gate.admin('GET', '/keys', { headers: { host } });
    assert.ok([400, 403].includes(answer.status), `${host}: ${answer.status}`);
    assert.equal((await gate.admin('GET', '/healthz', { headers: { host }, token: null })).status, answer.status);
  }
  for (const origin of ['https://evil.example', 'null', `http://localhost:${gate.adminPort}`])
    assert.equal((await gate.admin('GET', '/metrics', { headers: { origin } })).status, 403, origin);
  const preflight = await gate.admin('OPTIONS', '/keys', {
    headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.status, 403);
  assert.equal(preflight.headers['access-control-allow-origin'], undefined);
  for (const host of ['localhost', `127.0.0.1:${gate.adminPort}`, '[::1]'])
    assert.equal((await gate.admin('GET', '/keys', { headers: { host } })).status, 200, host);
});

test('it listens on loopback only', async (t) => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.internal === false && one.family === 'IPv4')?.address;
  if (outside === undefined) return t.skip('this machine has no other address');
  const reached = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: outside, port: gate.adminPort, timeout: 2000 });
    socket.on('connect', () => resolve(true));
    socket.on('timeout', () => resolve(false));
    socket.on('error', () => resolve(false));
    t.after(() => socket.destroy());
  });
  assert.equal(reached, false);
});

test('metrics count what happened, with no label a caller could choose', async () => {
  const key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
  await gate.send('/ping');
  await gate.send('/things/1', { headers: { 'x-api-key': key } });
  await gate.send('/things/1', { headers: { 'x-api-key': 'nonsense' } });
  for (let i = 0; i < 5; i++) await gate.send(`/secret-path-${i}?a=${i}`);
  const text = await until('the metrics', async () => {
    const { status, text, headers } = await gate.admin('GET', '/metrics');
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^text\/plain; version=0\.0\.4/);
    return text.includes('code="unknown-path"} 5') && text;
  });
  assert.match(
    text,
    /^http_server_request_duration_seconds_count\{http_route="GET \/things\/\{id\}",http_response_status_code="200"\} 1$/m,
  );
  assert.match(text, /^portcullis_refusals_total\{code="credentials-invalid"\} 1$/m);
  assert.match(text, /^portcullis_exchanges_running 0$/m);
  assert.doesNotMatch(text, /secret-path|nonsense|pk_|key_/);
  for (const line of text.trim().split('\n'))
    assert.match(
      line,
      /^(# (TYPE|HELP) [a-z_]+ \w+|[a-z_]+(\{[a-z_]+="(?:[^"\\]|\\.)*"(,[a-z_]+="(?:[^"\\]|\\.)*")*\})? [0-9.e+-]+)$/,
      line,
    );
});

test('an admin request that never ends, or has no end of body, does not hold the gate', async () => {
  const big = await gate
    .admin('POST', '/keys', { body: 'x'.repeat(1024 * 1024) })
    .catch((error: NodeJS.ErrnoException) => error);
  assert.ok(big instanceof Error || big.status === 400);
  assert.equal((await gate.admin('GET', '/healthz', { token: null })).status, 200);
});

test('not ready: no upstream target is up, or the record cannot be written', async () => {
  const port = new URL('http://127.0.0.1:9').port;
  gate.configure({
    upstream: `http://127.0.0.1:${port}`,
    forwarding: { health: { unhealthyAfter: 1, cooldown: '1m' } },
  });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
  await gate.send('/ping');
  const answer = await until('not ready', async () => {
    const ready = await gate.admin('GET', '/readyz', { token: null });
    return ready.status === 503 && ready;
  });
  assert.match(String(answer.json()['detail']), /no upstream target is up/);
});

test('it can be switched off', async (t) => {
  const own = lifetime((work) => t.after(work));
  assert.equal(await gate.program.stop(), 0);
  gate.configure({ admin: { enabled: false } });
  const { Program } = await import('../support/program.ts');
  const program = new Program('src/cli/main.ts', ['--config', gate.config, 'start'], { cwd: gate.directory });
  own.after(() => program.stop('SIGKILL'));
  await program.printed(/^CA /m);
  assert.doesNotMatch(program.stdout, /^admin/m);
  assert.equal(await program.stop(), 0);
});
