import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import type { GateUnderTest, Reply, Upstream } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

// What browsers and careless clients meet: CORS as configured, and a plain HTTP listener that serves nothing.
const APP = 'https://app.example';
const life = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;
let key: string;
let plain: number;

before(async () => {
  const free = createServer();
  await new Promise<void>((done) => free.listen(0, '127.0.0.1', done));
  plain = (free.address() as AddressInfo).port;
  await new Promise((done) => free.close(done));
  ({ gate, shop } = await shopGate(life, {
    listen: { cors: { origins: [APP], credentials: true, maxAge: 60 } },
    encryption: { plainHttp: { port: plain, revokeExposed: true, answer: 'redirect' } },
  }));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 }, note: 'browser' });
});

const preflight = (
  origin: string,
  method = 'POST',
  path = '/things',
  more: Record<string, string> = {},
): Promise<Reply> =>
  gate.send(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method, ...more } });

test('a preflight from a configured origin is answered by the gate, without credentials, and recorded', async () => {
  const before = shop.seen.length;
  const answer = await preflight(APP, 'POST', '/things', {
    'access-control-request-headers': 'x-api-key,content-type',
  });
  assert.equal(answer.status, 204);
  assert.equal(answer.headers['access-control-allow-origin'], APP);
  assert.equal(answer.headers['access-control-allow-credentials'], 'true');
  assert.deepEqual(String(answer.headers['access-control-allow-methods']).split(', ').sort(), ['GET', 'POST']);
  assert.match(String(answer.headers['access-control-allow-headers']), /x-api-key/);
  assert.equal(answer.headers['access-control-max-age'], '60');
  assert.match(String(answer.headers.vary), /Origin/);
  assert.equal(shop.seen.length, before);
  assert.equal((await gate.cli('audit', 'show', String(answer.headers['x-exchange-id']))).code, 0);
});

test('other origins get no permission: exact match only', async () => {
  for (const origin of [
    'https://evil.example',
    'null',
    `${APP}.evil.example`,
    'http://app.example',
    `${APP}:8443`,
    'https://APP.example',
    '*',
    `${APP}/`,
    `https://evil.example ${APP}`,
  ]) {
    for (const answer of [await preflight(origin), await gate.send('/ping', { headers: { origin } })]) {
      assert.equal(answer.headers['access-control-allow-origin'], undefined, origin);
      assert.equal(answer.headers['access-control-allow-credentials'], undefined, origin);
      assert.match(String(answer.headers.vary), /Origin/);
    }
  }
});

test('a preflight opens nothing: unknown paths, no preflight, and the request itself', async () => {
  assert.equal((await preflight(APP, 'GET', '/nowhere')).status, 404);
  assert.equal((await gate.send('/things', { method: 'OPTIONS' })).status, 405);
  assert.equal((await gate.send('/things', { method: 'OPTIONS', headers: { origin: APP } })).status, 405);
  assert.equal((await gate.send('/things', { headers: { origin: APP } })).status, 401);
});

test('answers, refusals too, can be read by the page of a configured origin', async () => {
  const served = await gate.send('/things/1', { headers: { origin: APP, 'x-api-key': key } });
  const refused = await gate.send('/things', { headers: { origin: APP } });
  for (const answer of [served, refused]) {
    assert.equal(answer.headers['access-control-allow-origin'], APP);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
  assert.equal(served.headers['cache-control'], 'no-store');
});

const clear = (
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; text: string; location: string | undefined }> =>
  new Promise((resolve, reject) => {
    const req = request(
      { host: '127.0.0.1', port: plain, path, method, agent: false, headers: { host: 'evil.example', ...headers } },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text, location: res.headers.location }));
      },
    );
    req.on('error', reject);
    req.end();
  });

test('plain HTTP: a page load is led to https of this gate, never to the host it names; all else is refused', async () => {
  const before = shop.seen.length;
  const led = await clear('/ping?x=1');
  assert.deepEqual([led.status, led.location], [308, `https://localhost:${gate.port}/ping?x=1`]);
  for (const [path, method] of [
    ['//evil.example', 'GET'],
    ['/ping', 'POST'],
    ['/ping', 'DELETE'],
    ['/a\\evil', 'GET'],
  ] as const) {
    const answer = await clear(path, {}, method);
    assert.equal(answer.status, 403, path);
    assert.equal(answer.location, undefined);
    assert.match(answer.text, /https/);
  }
  assert.equal(shop.seen.length, before, 'nothing was forwarded');
});

test('plain HTTP: a key sent in clear is refused with the reason, recorded as exposed, and revoked', async () => {
  assert.equal((await gate.send('/things', { headers: { 'x-api-key': key } })).status, 200);
  const answer = await clear('/things', { 'x-api-key': key });
  assert.equal(answer.status, 403);
  assert.equal(answer.location, undefined, 'never redirected with a credential');
  assert.match(answer.text, /credentials-in-clear/);
  assert.ok(!answer.text.includes(key));
  assert.equal((await gate.send('/things', { headers: { 'x-api-key': key } })).status, 401, 'revoked');
  const { stdout } = await until('the event', async () => {
    const found = await gate.cli('audit', 'search', '--event', 'encryption/exposed');
    return /encryption\/exposed/.test(found.stdout) && found;
  });
  assert.match(stdout, /key_\w+/);
  assert.match(stdout, /revoked/);
  assert.ok(!stdout.includes(key));
  assert.match((await gate.admin('GET', '/metrics')).text, /^portcullis_credentials_exposed_total\{kind="key"\} 1$/m);
  const others: Record<string, string>[] = [
    { authorization: 'Basic YTpi' },
    { authorization: 'Bearer abc.def.ghi' },
    { cookie: 'sid=abcdef' },
  ];
  for (const headers of others) assert.equal((await clear('/ping', headers)).status, 403);
});

test('bytes that are no TLS on the TLS port, and TLS on the plain one, end and hurt nobody', async () => {
  const plainOnTls = await new Promise<string>((resolve) => {
    const req = request({ host: '127.0.0.1', port: gate.port, path: '/ping', agent: false, timeout: 5000 }, (res) =>
      resolve(String(res.statusCode)),
    );
    req.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    req.on('timeout', () => req.destroy(new Error('timeout')));
    req.end();
  });
  assert.doesNotMatch(plainOnTls, /^200$/);
  assert.equal((await gate.send('/ping')).status, 200);
});

test('HSTS is not sent for localhost', async () => {
  assert.equal((await gate.send('/ping')).headers['strict-transport-security'], undefined);
  const named = await gate.send('/ping', { headers: { host: 'api.example' } });
  assert.match(String(named.headers['strict-transport-security']), /^max-age=31536000/);
});
