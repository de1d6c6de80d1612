import assert from 'node:assert/strict';
import { test } from 'node:test';
import { all, BEARER_AUTH, bearer, gate } from '../testing.ts';
import { type FakeIssuer, fakeIssuer, worldWithNetwork } from './fake-issuer.ts';

type TestContext = Parameters<typeof fakeIssuer>[0];

async function setUp(t: TestContext, more: Record<string, unknown> = {}, prepare?: (issuer: FakeIssuer) => void) {
  const issuer = await fakeIssuer(t);
  issuer.publish();
  prepare?.(issuer);
  const services = worldWithNetwork(t);
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [{ issuer: issuer.url, audience: 'clinic', ...more }] });
  const token = (claims: Record<string, unknown> = {}) =>
    issuer.keys.token(issuer.keys.claims(services.clock.now(), { iss: issuer.url, ...claims }));
  return {
    issuer,
    services,
    token,
    ask: async (text = token()): Promise<string> => {
      const { refusal } = await send({ headers: bearer(text), address: `2001:db8:1:${(nth++).toString(16)}::1` });
      return refusal === undefined ? 'in' : `${refusal.code}: ${refusal.evidence?.['reason']}`;
    },
    problems: () => services.events.map(({ evidence }) => String(evidence?.['problem'])).join('\n'),
  };
}
let nth = 1;

test('the name of an issuer is enough: metadata, then its key set', async (t) => {
  const { ask, issuer } = await setUp(t);
  assert.equal(await ask(), 'in');
  assert.deepEqual(
    issuer.asked.map(({ path }) => path),
    ['/.well-known/openid-configuration', '/keys'],
  );
  assert.equal(await ask(), 'in');
  assert.equal(issuer.asked.length, 2);
});

test('RFC 8414: the second place, with the path of the issuer behind it', async (t) => {
  const issuer = await fakeIssuer(t);
  const name = `${issuer.url}/realms/clinic`;
  issuer.json('/.well-known/oauth-authorization-server/realms/clinic', {
    issuer: name,
    jwks_uri: `${issuer.url}/keys`,
  });
  issuer.json('/keys', issuer.keys.set().toString());
  const services = worldWithNetwork(t);
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [{ issuer: name, audience: 'clinic' }] });
  const token = issuer.keys.token(issuer.keys.claims(services.clock.now(), { iss: name }));
  assert.equal((await send({ headers: bearer(token) })).refusal, undefined);
  assert.deepEqual(
    issuer.asked.map(({ path }) => path),
    [
      '/realms/clinic/.well-known/openid-configuration',
      '/.well-known/oauth-authorization-server/realms/clinic',
      '/keys',
    ],
  );
});

test('a page for everything is no metadata, and the next place is tried', async (t) => {
  const { ask } = await setUp(t, {}, (issuer) => {
    issuer.json('/.well-known/openid-configuration', '<html></html>', 'text/html');
    issuer.json('/.well-known/oauth-authorization-server', { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` });
  });
  assert.equal(await ask(), 'in');
});

test('a document of another issuer is not used, nor another one looked for', async (t) => {
  const { ask, issuer, problems } = await setUp(t, {}, (one) => {
    one.publish({ issuer: 'https://evil.example' });
    one.json('/.well-known/oauth-authorization-server', { issuer: one.url, jwks_uri: `${one.url}/keys` });
  });
  assert.match(await ask(), /^overloaded/);
  assert.match(problems(), /its issuer is "https:\/\/evil\.example"/);
  assert.deepEqual(issuer.asked.length, 1);
});

test('metadata at another place that the operator names', async (t) => {
  const issuer = await fakeIssuer(t);
  issuer.json('/inside', { issuer: 'https://login.example', jwks_uri: `${issuer.url}/keys` });
  issuer.json('/keys', issuer.keys.set().toString());
  const services = worldWithNetwork(t);
  const send = gate(services, [all(BEARER_AUTH)], {
    issuers: [{ issuer: 'https://login.example', metadata: `${issuer.url}/inside`, audience: 'clinic' }],
  });
  const token = issuer.keys.token(issuer.keys.claims(services.clock.now(), { iss: 'https://login.example' }));
  assert.equal((await send({ headers: bearer(token) })).refusal, undefined);
});

test('metadata cannot lead the gate to another server of this machine or network', async (t) => {
  const inner = await fakeIssuer(t);
  inner.publish();
  const port = new URL(inner.url).port;
  for (const where of [
    `${inner.url}/keys`,
    `http://localhost:${port}/keys`,
    `https://127.0.0.1:${port}/keys`,
    `https://2130706433:${port}/keys`,
    `https://[::ffff:127.0.0.1]:${port}/keys`,
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.1/keys',
    'http://10.0.0.1/keys',
    'file:///etc/passwd',
  ]) {
    const { ask, problems } = await setUp(t, {}, (issuer) => issuer.publish({ jwks_uri: where }));
    assert.match(await ask(), /^overloaded/, where);
    assert.match(problems(), /private, loopback|not allowed here|jwks_uri is not/, where);
  }
  assert.deepEqual(inner.asked, []);
});

test('redirects are not followed, in circles or not', async (t) => {
  for (const path of ['/.well-known/openid-configuration', '/keys']) {
    const { ask, issuer, problems } = await setUp(t, {}, (one) => {
      const target = `${one.url}${path}`;
      one.paths.set(path, (_, response) => response.writeHead(302, { location: target }).end());
    });
    assert.match(await ask(), /^overloaded/);
    assert.match(problems(), /redirects are not followed/);
    assert.equal(issuer.count(path), 1);
  }
});

test('documents without end, or that are none', async (t) => {
  for (const path of ['/.well-known/openid-configuration', '/keys']) {
    const endless = await setUp(t, {}, (issuer) =>
      issuer.paths.set(path, (_, response) => {
        response.setHeader('content-type', 'application/json');
        // Without a length, and never ended.
        for (let i = 0; i < 16; i++) response.write(Buffer.alloc(65_536, ' '));
      }),
    );
    assert.match(await endless.ask(), /^overloaded/);
    assert.match(endless.problems(), /larger than/);
    for (const text of ['', '[]', '{', '{"keys":{}}', '{"issuer":1,"issuer":2}', '['.repeat(100_000)]) {
      const { ask } = await setUp(t, {}, (issuer) => issuer.json(path, text));
      assert.match(await ask(), /^overloaded/, text.slice(0, 20));
    }
  }
});

test('a slow issuer holds a request for two seconds at most', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { ask, issuer } = await setUp(t, {}, (one) =>
    one.paths.set('/.well-known/openid-configuration', () => undefined),
  );
  const first = ask();
  const second = ask();
  while (issuer.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.mock.timers.tick(2_000);
  assert.match(await first, /^overloaded: the key set was never loaded/);
  assert.match(await second, /^overloaded/);
  // Nobody waits a second time for the same load, however many come.
  assert.match(await ask(), /^overloaded/);
  assert.equal(issuer.asked.length, 1);
  t.mock.timers.tick(3_000);
});

test('down at the start: its tokens are refused, it is on record, and it is tried again without anyone asking', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { ask, services, issuer, problems } = await setUp(t, {}, (one) => {
    one.down = true;
  });
  assert.match(await ask(), /^overloaded: the key set was never loaded/);
  assert.match(problems(), /cannot be fetched/);
  assert.equal(services.events.length, 1, 'one failure, one record');
  assert.equal(services.events[0]?.event, 'authentication/issuer');
  issuer.down = false;
  services.clock.pass(1_100);
  t.mock.timers.tick(1_100);
  while (issuer.count('/keys') === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(await ask(), 'in');
  assert.ok(services.events.some(({ note }) => note === 'an issuer can be reached again'));
});

test('down later: what is known goes on, and a failing issuer is not asked without pause', async (t) => {
  const { ask, services, issuer, token } = await setUp(t, { refresh: '1m' });
  assert.equal(await ask(), 'in');
  issuer.down = true;
  services.clock.pass(120_000);
  for (let i = 0; i < 60; i++) {
    services.clock.pass(1_000);
    assert.equal(await ask(token({ jti: String(i), exp: services.clock.now() / 1000 + 600 })), 'in');
  }
  assert.ok(issuer.knocks >= 3 && issuer.knocks <= 16, `${issuer.knocks} questions in a minute of failure`);
  issuer.down = false;
  services.clock.pass(60_000);
  await ask(token({ exp: services.clock.now() / 1000 + 600 }));
  assert.equal(await ask(token({ exp: services.clock.now() / 1000 + 600 })), 'in');
});

test('a key set that has moved is found again by the metadata', async (t) => {
  const { ask, services, issuer, token } = await setUp(t, { refresh: '1m' });
  assert.equal(await ask(), 'in');
  issuer.publish({ jwks_uri: `${issuer.url}/moved` });
  issuer.paths.delete('/keys');
  issuer.json('/moved', issuer.keys.set().toString());
  services.clock.pass(130_000);
  assert.equal(await ask(token()), 'in', 'the known keys go on');
  services.clock.pass(2_000);
  assert.equal(await ask(token({ jti: '2' })), 'in');
  assert.equal(issuer.count('/moved'), 1);
});

test('a flood of unknown key ids: one fetch, and nobody waits for more than that one', async (t) => {
  const { ask, services, issuer } = await setUp(t);
  assert.equal(await ask(), 'in');
  const claims = issuer.keys.claims(services.clock.now(), { iss: issuer.url });
  const stranger = (n: number) =>
    issuer.keys.token(claims, { alg: 'ES256', kid: `' OR ${n}=${n} --/../../etc/passwd` });
  const answers = await Promise.all(Array.from({ length: 300 }, (_, n) => ask(stranger(n))));
  assert.equal(issuer.count('/keys'), 2);
  assert.equal(issuer.count('/.well-known/openid-configuration'), 1);
  assert.ok(answers.every((answer) => /no key of the issuer fits/.test(answer)));
});

test('an issuer mix-up: the key of one does not sign for the other, whatever their key ids', async (t) => {
  const [a, b] = [await fakeIssuer(t), await fakeIssuer(t)];
  for (const one of [a, b]) one.publish();
  const services = worldWithNetwork(t);
  const issuers = [a, b].map(({ url }) => ({ issuer: url, audience: 'clinic' }));
  const send = gate(services, [all(BEARER_AUTH)], { issuers });
  const ask = async (token: string) => (await send({ headers: bearer(token) })).refusal?.evidence?.['reason'] ?? 'in';
  const now = services.clock.now();
  assert.equal(await ask(a.keys.token(a.keys.claims(now, { iss: a.url }))), 'in');
  assert.equal(await ask(b.keys.token(b.keys.claims(now, { iss: b.url }))), 'in');
  assert.equal(await ask(a.keys.token(a.keys.claims(now, { iss: b.url }))), 'signature');
  assert.equal(await ask(b.keys.token(b.keys.claims(now, { iss: a.url }))), 'signature');
});

test('a new plan while the issuer is down goes on with what is known', async (t) => {
  const { ask, issuer, services, token } = await setUp(t);
  assert.equal(await ask(), 'in');
  issuer.down = true;
  const next = gate(services, [all(BEARER_AUTH)], {
    issuers: [{ issuer: issuer.url, audience: ['clinic', 'more'], roles: { map: { a: 'b' } } }],
  });
  assert.equal((await next({ headers: bearer(token({ jti: 'new', aud: 'more' })) })).refusal, undefined);
});

test('the CA of an issuer: a file that holds none is found at load', async (t) => {
  const { services, issuer } = await setUp(t);
  const load = (ca: string) =>
    gate(services, [all(BEARER_AUTH)], { issuers: [{ issuer: issuer.url, audience: 'clinic', ca }] });
  assert.throws(() => load('no-such-file.pem'), /no-such-file\.pem does not exist/);
  assert.throws(() => load(import.meta.filename), /holds no certificate/);
});
