import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newSecret } from '../identity/key-format.ts';
import { createKey, revokeKey, rotateKey } from '../identity/keys.ts';
import { PasswordHashing } from '../identity/password-hashing.ts';
import { createUser } from '../identity/users.ts';
import { authentication } from './authentication.ts';
import {
  all,
  BASIC_AUTH,
  BEARER_AUTH,
  basicHeader,
  bearer,
  gate,
  KEY_COOKIE,
  KEY_HEADER,
  KEY_QUERY,
  OAUTH,
  operation,
  policy,
  scheme,
  TestIssuer,
  world,
} from './testing.ts';

const PASSWORD = 'correct horse battery staple';

function withKey() {
  const services = world();
  const { key, secret } = createKey(services.store, services.clock, {
    roles: ['nurse'],
    scopes: ['read'],
    claims: { patientId: 1 },
  });
  return { services, key, secret };
}

test('settings: an empty object parses, every key is described', () => {
  const parsed = authentication.settings.parse({});
  assert.equal(parsed.access, 'contract');
  assert.deepEqual(parsed.lockout.account, { failures: 5, window: 900_000, first: 30_000, factor: 2, max: 3_600_000 });
  assert.equal(parsed.lockout.address.failures, 20);
  for (const [name, schema] of Object.entries(authentication.settings.shape)) assert.ok(schema.description, name);
  const issuer = { issuer: 'https://i.example', jwks: 'keys.json', audience: 'a' };
  const parse = (more: object) => authentication.settings.safeParse({ issuers: [{ ...issuer, ...more }] }).success;
  assert.ok(parse({}) && parse({ jwks: 'https://i.example/k' }) && parse({ jwks: 'http://127.0.0.1:9/k' }));
  for (const more of [
    { audience: undefined },
    { audience: [] },
    { algorithms: ['HS256'] },
    { algorithms: ['none'] },
    { jwks: 'http://i.example/k' },
    { jwks: 'http://127.0.0.1.evil.example/k' },
    { jwks: 'https://u:p@i.example/k' },
    { jwks: 'file:///etc/keys' },
    { jwks: 'ftp://i.example/k' },
    { issuer: 'a|b' },
    { clockTolerance: 301 },
    { unknown: 1 },
  ])
    assert.ok(!parse(more), JSON.stringify(more));
  assert.ok(!authentication.settings.safeParse({ issuers: [issuer, issuer] }).success);
  assert.ok(!authentication.settings.safeParse({ lockout: { account: { first: '2h' } } }).success);
  assert.ok(!authentication.settings.safeParse({ realm: 'a"b' }).success);
});

test('a key: principal, record, and nothing of the secret in either', async () => {
  const { services, key, secret } = withKey();
  const send = gate(services, [all(KEY_HEADER)]);
  const { refusal, exchange } = await send({ headers: { 'x-api-key': secret } });
  assert.equal(refusal, undefined);
  assert.deepEqual(
    { ...exchange.principal, claims: { ...exchange.principal?.claims } },
    {
      kind: 'key',
      id: key.id,
      roles: ['nurse'],
      scopes: ['read'],
      claims: { patientId: 1 },
      credential: { scheme: 'key', id: key.id, binding: 'none' },
    },
  );
  assert.ok(Object.isFrozen(exchange.principal?.claims));
  assert.deepEqual(exchange.requirements, [all(KEY_HEADER)]);
  assert.deepEqual(exchange.decisions.at(-1)?.evidence, { scheme: 'key', credential: key.id });
  assert.ok(!JSON.stringify([exchange.principal, exchange.decisions]).includes(secret));
});

test('a mistyped or invented key is refused without any look-up', async () => {
  const { services, secret } = withKey();
  const send = gate(services, [all(KEY_HEADER)]);
  await send({ headers: { 'x-api-key': secret } });
  services.gets = 0;
  for (const wrong of [`${secret.slice(0, -1)}${secret.endsWith('0') ? '1' : '0'}`, 'pk_', 'password', `${secret} `]) {
    const { refusal } = await send({ headers: { 'x-api-key': wrong } });
    assert.equal(refusal?.code, 'credentials-invalid', wrong.slice(0, 4));
  }
  assert.equal(services.gets, 0);
  await send({ headers: { 'x-api-key': newSecret() } });
  assert.equal(services.gets, 1);
});

test('unknown keys leave nothing behind in memory', async () => {
  const { services } = withKey();
  const send = gate(services, [all(KEY_HEADER)]);
  for (let i = 0; i < 300; i++)
    await send({ headers: { 'x-api-key': newSecret() }, address: `10.0.${i >> 8}.${i & 255}` });
  assert.equal(services.keep('authentication/keys', () => new Map([['absent', 0]])).size, 0);
});

test('revoked, expired and rotated keys end when they should, cached or not', async () => {
  const { services, key, secret } = withKey();
  const send = gate(services, [all(KEY_HEADER)]);
  const ask = async (text: string) => (await send({ headers: { 'x-api-key': text } })).refusal?.code ?? 'in';
  const other = createKey(services.store, services.clock, { expires: services.clock.now() + 1_000 });
  assert.deepEqual([await ask(secret), await ask(other.secret)], ['in', 'in']);
  services.clock.pass(999);
  assert.equal(await ask(other.secret), 'in');
  services.clock.pass(1);
  assert.equal(await ask(other.secret), 'credentials-invalid');
  assert.equal(await ask(other.secret), 'credentials-invalid');

  const next = rotateKey(services.store, services.clock, key.id, { overlap: 5_000 });
  assert.deepEqual([await ask(secret), await ask(next.secret)], ['in', 'in']);
  const { exchange } = await send({ headers: { 'x-api-key': next.secret } });
  assert.equal(exchange.principal?.id, key.id, 'the same principal after rotation');
  assert.equal(exchange.principal?.credential.id, next.key.id);
  services.clock.pass(5_000);
  assert.deepEqual([await ask(secret), await ask(next.secret)], ['credentials-invalid', 'in']);

  revokeKey(services.store, services.clock, next.key.id);
  assert.equal(await ask(next.secret), 'credentials-invalid');
});

test('a change elsewhere in the store keeps the principal the same object', async () => {
  const { services, secret } = withKey();
  const send = gate(services, [all(KEY_HEADER)]);
  const before = (await send({ headers: { 'x-api-key': secret } })).exchange.principal;
  services.store.put('throttling.quotas', 'x', { n: 1 });
  assert.equal((await send({ headers: { 'x-api-key': secret } })).exchange.principal, before);
});

test('the places of the contract: header, cookie, query, bearer; nowhere else', async () => {
  const { services, secret } = withKey();
  const sendings = {
    header: { headers: { 'x-api-key': secret } },
    cookie: { headers: { cookie: `a=1; session=${secret}` } },
    query: { query: `a=1&api_key=${secret}&b=2` },
    bearer: { headers: bearer(secret) },
  };
  const demands = { header: KEY_HEADER, cookie: KEY_COOKIE, query: KEY_QUERY, bearer: BEARER_AUTH };
  for (const [asked, one] of Object.entries(demands)) {
    for (const [sent, sending] of Object.entries(sendings)) {
      const { refusal } = await gate(services, [all(one)])(sending);
      // In the URL it is not only in the wrong place, but exposed.
      const wrong = sent === 'query' ? 'credentials-in-url' : 'credentials-missing';
      assert.equal(refusal?.code, asked === sent ? undefined : wrong, `${sent} for ${asked}`);
    }
  }
  const { exchange } = await gate(services, [all(KEY_QUERY)])(sendings.query);
  assert.equal(exchange.request.query, 'a=1&b=2', 'a key in the query goes no further');
  const refused = await gate(services, [all(KEY_QUERY)])({ query: 'api%5Fkey=pk_wrong&b=2' });
  assert.equal(refused.refusal?.code, 'credentials-invalid');
  assert.equal(refused.exchange.request.query, 'b=2', 'not even when refused');
});

test('one credential twice in one place can be read in two ways', async () => {
  const { services, secret } = withKey();
  const cookies = await gate(services, [all(KEY_COOKIE)])({ headers: { cookie: `session=${secret}; session=x` } });
  assert.equal(cookies.refusal?.code, 'credentials-ambiguous');
  const query = await gate(services, [all(KEY_QUERY)])({ query: `api_key=${secret}&%61pi_key=x` });
  assert.equal(query.refusal?.code, 'credentials-ambiguous');
});

test('the Authorization header of Swagger 2.0: bare, or as a bearer token', async () => {
  const { services, secret } = withKey();
  const send = gate(services, [all(scheme({ type: 'apiKey', in: 'header', parameter: 'authorization' }))]);
  assert.equal((await send({ headers: bearer(secret) })).refusal, undefined);
  assert.equal((await send({ headers: { authorization: secret } })).refusal, undefined);
  assert.equal((await send({ headers: basicHeader('a', 'b') })).refusal?.code, 'credentials-missing');
  assert.equal((await send({ headers: { authorization: 'Bearer' } })).refusal?.code, 'credentials-invalid');
});

test('spellings of the Authorization header', async () => {
  const { services, secret } = withKey();
  const ask = async (authorization: string) =>
    (await gate(services, [all(BEARER_AUTH)])({ headers: { authorization } })).refusal?.code ?? 'in';
  for (const fine of [`Bearer ${secret}`, `bearer ${secret}`, `BEARER   ${secret}`])
    assert.equal(await ask(fine), 'in');
  for (const none of ['', 'Bearer', 'Bearer ', `Bearer\t${secret}`, `Bearer,${secret}`, secret, `Bearerx ${secret}`])
    assert.equal(await ask(none), 'credentials-missing', none.slice(0, 8));
  for (const wrong of [`Bearer ${secret} x`, `Bearer ${secret},`, `Bearer Bearer ${secret}`, `Bearer "${secret}"`])
    assert.equal(await ask(wrong), 'credentials-invalid', wrong.slice(0, 14));
});

test('alternatives: one is enough; two at once are ambiguous', async () => {
  const { services, secret } = withKey();
  const send = gate(services, [all(KEY_HEADER), all(BEARER_AUTH)]);
  assert.equal((await send({ headers: { 'x-api-key': secret } })).refusal, undefined);
  const second = await send({ headers: bearer(secret) });
  assert.equal(second.refusal, undefined);
  assert.equal(second.exchange.open, false);
  assert.deepEqual(second.exchange.requirements, [all(BEARER_AUTH)]);
  const optional = await gate(services, [all(KEY_HEADER), all()])({ headers: { 'x-api-key': secret } });
  assert.deepEqual(optional.exchange.requirements, [all(KEY_HEADER), all()]);
  const open = await gate(services, [all(KEY_HEADER)], { access: 'public' })({ headers: { 'x-api-key': secret } });
  assert.deepEqual(open.exchange.requirements, []);
  const both = await send({ headers: { ...bearer(secret), 'x-api-key': secret } });
  assert.equal(both.refusal?.code, 'credentials-ambiguous');
  assert.equal(both.refusal?.status, 400);
  assert.equal(both.exchange.principal, undefined);
});

test('together: every scheme of the alternative must be good, and the person is who calls', async () => {
  const { services, secret, key } = withKey();
  await createUser(services.store, services.clock, new PasswordHashing(), {
    name: 'ann',
    password: PASSWORD,
    roles: ['doctor'],
  });
  const send = gate(services, [all(KEY_HEADER, BASIC_AUTH)]);
  const person = basicHeader('ann', PASSWORD);
  const { refusal, exchange } = await send({ headers: { 'x-api-key': secret, ...person } });
  assert.equal(refusal, undefined);
  assert.equal(exchange.principal?.kind, 'user');
  assert.deepEqual(exchange.principal?.roles, ['doctor'], 'the roles of the key are not added');
  assert.ok(exchange.decisions.some(({ evidence }) => evidence?.['credential'] === key.id));
  assert.equal((await send({ headers: { 'x-api-key': secret } })).refusal?.code, 'credentials-missing');
  assert.equal((await send({ headers: person })).refusal?.code, 'credentials-missing');
  const wrongKey = await send({ headers: { 'x-api-key': 'pk_wrong', ...person } });
  assert.equal(wrongKey.refusal?.code, 'credentials-invalid');
  assert.equal(wrongKey.exchange.principal, undefined);
  const wrongPassword = await send({ headers: { 'x-api-key': secret, ...basicHeader('ann', 'wrong') } });
  assert.equal(wrongPassword.refusal?.code, 'credentials-invalid');
  assert.equal(wrongPassword.exchange.principal, undefined);
});

test('a contract that says nothing closes the operation, whatever is sent', async () => {
  const { services, secret } = withKey();
  const send = gate(services, undefined);
  for (const headers of [{}, { 'x-api-key': secret }, bearer(secret)]) {
    const { refusal, exchange } = await send({ headers });
    assert.equal(refusal?.code, 'operation-closed');
    assert.equal(exchange.principal, undefined);
    assert.equal(exchange.anonymous, false);
  }
  const findings = authentication.inspect?.(policy(), operation(undefined)) ?? [];
  assert.deepEqual(
    findings.map(({ rule, severity, operation: key }) => [rule, severity, key]),
    [['authentication/operation-closed', 'warning', 'GET /patients']],
  );
  assert.match(findings[0]?.mend ?? '', /security: \[\]/);
});

test('an operation open by its contract: no credential is fine, a bad one is not', async () => {
  const { services, secret, key } = withKey();
  for (const security of [[], [all()], [all(), all(KEY_HEADER)]]) {
    const send = gate(services, security);
    const nobody = await send();
    assert.equal(nobody.refusal, undefined);
    assert.equal(nobody.exchange.anonymous, true);
    assert.equal(nobody.exchange.open, true);
    assert.equal(nobody.exchange.principal, undefined);
    const known = await send({ headers: { 'x-api-key': secret } });
    assert.equal(known.exchange.principal?.id, key.id);
    assert.equal(known.exchange.anonymous, false);
    assert.equal(known.exchange.open, true);
    for (const headers of [{ 'x-api-key': 'pk_wrong' }, bearer('pk_wrong'), basicHeader('no', 'body')]) {
      const { refusal, exchange } = await send({ headers });
      assert.equal(refusal?.code, 'credentials-invalid');
      assert.equal(exchange.anonymous, false);
    }
    const both = await send({ headers: { 'x-api-key': secret, ...bearer(secret) } });
    assert.equal(both.refusal?.code, 'credentials-ambiguous');
  }
  // Of no kind that is checked here: as if it had not been sent.
  const foreign = await gate(
    services,
    [],
  )({ headers: { 'x-api-key': 'of another system', authorization: 'Custom abc' } });
  assert.equal(foreign.refusal, undefined);
  assert.equal(foreign.exchange.anonymous, true);
});

test('access: key, public and none', async () => {
  const { services, secret } = withKey();
  const key = gate(services, [], { access: 'key' });
  assert.equal((await key()).refusal?.code, 'credentials-missing');
  assert.equal((await key({ headers: { 'x-api-key': secret } })).refusal, undefined);
  assert.equal((await key({ headers: bearer(secret) })).refusal, undefined);
  assert.equal((await key({ headers: bearer('a.b.c') })).refusal?.code, 'credentials-invalid');
  assert.equal((await key({ headers: basicHeader('a', 'b') })).refusal?.code, 'credentials-missing');
  const open = gate(services, [all(KEY_HEADER)], { access: 'public' });
  assert.equal((await open()).exchange.anonymous, true);
  assert.equal((await open({ headers: { 'x-api-key': 'pk_wrong' } })).refusal?.code, 'credentials-invalid');
  assert.equal((await gate(services, undefined, { access: 'public' })()).refusal, undefined);
  const off = await gate(services, undefined, { access: 'none' })({ headers: { 'x-api-key': 'pk_wrong' } });
  assert.deepEqual([off.refusal, off.exchange.anonymous, off.exchange.open], [undefined, true, true]);
});

test('401 says what to send, for each kind that is accepted', async () => {
  const { services } = withKey();
  const challenge = async (security: Parameters<typeof gate>[1], headers: Record<string, string> = {}, given = {}) =>
    (await gate(services, security, given)({ headers })).refusal?.headers?.['www-authenticate'];
  assert.equal(await challenge([all(BASIC_AUTH)]), 'Basic realm="portcullis", charset="UTF-8"');
  assert.equal(await challenge([all(BEARER_AUTH)]), 'Bearer realm="portcullis"');
  assert.equal(await challenge([all(OAUTH)], bearer('pk_x')), 'Bearer realm="portcullis", error="invalid_token"');
  assert.equal(await challenge([all(KEY_HEADER)]), 'ApiKey realm="portcullis", in="header", name="x-api-key"');
  assert.equal(
    await challenge([all(KEY_HEADER), all(BASIC_AUTH), all(BEARER_AUTH)], {}, { realm: 'clinic' }),
    'ApiKey realm="clinic", in="header", name="x-api-key", Basic realm="clinic", charset="UTF-8", Bearer realm="clinic"',
  );
  const odd = scheme({ type: 'apiKey', in: 'cookie', parameter: 'a"b\\\r\nx: yé' });
  const header = await challenge([all(odd)]);
  assert.match(header ?? '', /^[\x20-\x7e]+$/);
  assert.ok(header?.includes('name="a\\"b\\\\??x: y?"'), String(header));
});

test('schemes that cannot be checked never match, and are told', async () => {
  const { services, secret } = withKey();
  const digest = scheme({ type: 'http', scheme: 'digest', name: 'digest' });
  const hoba = scheme({ type: 'http', scheme: 'hoba', name: 'hoba' });
  const closed = gate(services, [all(digest), all(hoba, KEY_HEADER)]);
  assert.equal((await closed({ headers: { 'x-api-key': secret } })).refusal?.code, 'operation-closed');
  const rules = (security: Parameters<typeof gate>[1], given = {}) =>
    authentication.inspect?.(policy(given), operation(security)).map(({ rule }) => rule.replace('authentication/', ''));
  assert.deepEqual(rules([all(digest), all(hoba, KEY_HEADER)]), [
    'operation-closed',
    'scheme-unsupported',
    'scheme-unsupported',
  ]);
  assert.deepEqual(rules([all(digest), all(KEY_HEADER)]), ['scheme-unsupported']);
  assert.deepEqual(rules([all(BASIC_AUTH, BEARER_AUTH)]), ['operation-closed'], 'one header cannot hold both');
  assert.deepEqual(rules([all(KEY_QUERY)]), ['credential-in-query']);
  assert.deepEqual(rules([all(OAUTH)]), ['no-issuer']);
  const mutual = scheme({ type: 'mutualTLS', name: 'mtls' });
  assert.deepEqual(rules([all(mutual)]), ['no-certificate-rule']);
  assert.deepEqual(rules([all(mutual)], { certificates: [{ dns: 'a.example' }] }), []);
  assert.deepEqual(rules([all(KEY_HEADER)], { binding: 'required' }), ['binding-unmet']);
  assert.deepEqual(rules([all(BEARER_AUTH)], { binding: 'dpop' }), []);
  assert.deepEqual(rules([all(BEARER_AUTH)], { binding: 'certificate' }), []);
  assert.deepEqual(rules([all(mutual)], { binding: 'dpop', certificates: [{ dns: 'a.example' }] }), ['binding-unmet']);
  assert.deepEqual(rules([all(BEARER_AUTH)]), []);
  assert.deepEqual(rules([all(OAUTH)], { issuers: [{ issuer: 'i', jwks: 'k', audience: 'a' }] }), []);
  assert.deepEqual(rules(undefined, { access: 'key' }), []);
  assert.deepEqual(rules(undefined, { access: 'none' }), ['off']);
});

test('a contract with absurdly many schemes is closed rather than slow', () => {
  const many = Array.from({ length: 200 }, (_, i) =>
    all(scheme({ type: 'apiKey', in: 'header', parameter: `x-${i}`, name: `s${i}` })),
  );
  const wide = all(
    ...Array.from({ length: 40 }, (_, i) => scheme({ type: 'apiKey', in: 'header', parameter: `x-${i}` })),
  );
  assert.doesNotThrow(() => authentication.stages(policy(), operation(many), world()));
  assert.equal(authentication.inspect?.(policy(), operation([wide]))[0]?.rule, 'authentication/operation-closed');
});

test('explain says what is in force, and from where', () => {
  const lines = (security: Parameters<typeof operation>[0], given = {}) =>
    authentication.explain(policy(given), operation(security));
  const access = (security: Parameters<typeof operation>[0], given = {}) => lines(security, given)[0]?.value;
  assert.equal(access(undefined), 'closed: the contract says nothing about security');
  assert.equal(access([]), 'anyone, as the contract says');
  assert.equal(access([all(), all(KEY_HEADER)]), 'anyone, or header x-api-key, as the contract says');
  assert.equal(
    access([all(KEY_HEADER, BEARER_AUTH), all(BASIC_AUTH)]),
    'as the contract says: header x-api-key and Authorization: Bearer, or Authorization: Basic',
  );
  assert.equal(access([], { access: 'key' }), 'a key: Authorization: Bearer, or header x-api-key');
  assert.equal(access(undefined, { access: 'public' }), 'public: anyone');
  assert.equal(access(undefined, { access: 'none' }), 'off: nobody is asked who they are');
  assert.equal(lines([])[0]?.origin, 'api.yaml:3:5 (security)');
  assert.equal(lines([], { access: 'key' })[0]?.origin, 'default');
  const issuers = [{ issuer: new TestIssuer().name, jwks: 'k', audience: ['a', 'b'] }];
  assert.deepEqual(
    lines([], { issuers }).map(({ part }) => part),
    ['access', 'lockout', 'unusual', 'issuer'],
  );
});
