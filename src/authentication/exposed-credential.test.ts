import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createKey, listKeys } from '../identity/keys.ts';
import { listRevocations } from '../identity/revocations.ts';
import { memoryStore } from '../storage/memory-store.ts';
import { all, BEARER_AUTH, bearer, gate, KEY_HEADER, KEY_QUERY, type Sent, TestIssuer, world } from './testing.ts';

function setUp(
  t: { after(work: () => void): void },
  given: Record<string, unknown> = {},
  security = [all(BEARER_AUTH)],
) {
  const store = memoryStore();
  t.after(() => store.close());
  const services = world(store);
  const issuer = new TestIssuer();
  services.document = () => issuer.set();
  const send = gate(services, security, {
    issuers: [{ issuer: issuer.name, jwks: 'https://issuer.example/keys', audience: 'clinic' }],
    ...given,
  });
  return {
    services,
    issuer,
    token: (more: Record<string, unknown> = {}) => issuer.token(issuer.claims(services.clock.now(), more)),
    exposed: () => services.events.filter(({ event }) => event === 'authentication/exposed-credential'),
    ask: async (sent: Sent) => {
      const { refusal, exchange } = await send(sent);
      return { code: refusal?.code ?? 'in', refusal, exchange };
    },
  };
}

test('a token in the URL is refused, good or not, whatever else was sent; the answer does not tell which', async (t) => {
  const { ask, token, services, issuer } = setUp(t);
  const { secret } = createKey(services.store, services.clock, {});
  const good = token();
  const answers = new Set<string>();
  for (const query of [
    `access_token=${good}`,
    `a=b&access_token=${good}&c=d`,
    `%61ccess_token=${good}`,
    `ACCESS_TOKEN=${good}`,
    `access_token=${encodeURIComponent(good)}`,
    `access_token=${new TestIssuer().token(issuer.claims(services.clock.now()))}`,
    'access_token=x',
    `access_token=${secret}`,
    `key=${secret}`,
    `next=https%3A%2F%2Fx%2F%3Fkey%3D${secret}`,
    `key=pk%5F${secret.slice(3)}`,
  ]) {
    for (const headers of [{}, bearer(good)]) {
      const { code, refusal, exchange } = await ask({ query, headers });
      assert.equal(code, 'credentials-in-url', query);
      assert.equal(refusal?.status, 400);
      assert.match(refusal?.headers?.['www-authenticate'] ?? '', /error="invalid_request"/);
      const { evidence: _, ...visible } = refusal ?? {};
      answers.add(JSON.stringify(visible));
      assert.ok(!exchange.request.query.includes(good) && !exchange.request.query.includes(secret.slice(3)));
      assert.equal(exchange.principal, undefined);
    }
  }
  assert.equal(answers.size, 1);
  assert.ok(!JSON.stringify(services.events).includes(secret.slice(3)));
  assert.ok(!JSON.stringify(services.events).includes(good));
});

test('whose it is goes on record, once; of one that is nobody’s only a digest', async (t) => {
  const { ask, token, exposed, services } = setUp(t);
  const { secret, key } = createKey(services.store, services.clock, {});
  const one = { query: `access_token=${token({ jti: 'j-9' })}`, address: '192.0.2.9' };
  await ask(one);
  await ask(one);
  await ask({ query: `k=${secret}` });
  await ask({ query: 'access_token=made-up' });
  assert.equal(exposed().length, 3);
  assert.deepEqual(exposed()[0], {
    event: 'authentication/exposed-credential',
    note: 'a credential was sent in the URL (query access_token)',
    evidence: { kind: 'bearer', address: '192.0.2.9', credential: 'j-9', digest: null, exchange: 'x1' },
  });
  assert.deepEqual([exposed()[1]?.evidence?.['kind'], exposed()[1]?.evidence?.['credential']], ['key', key.id]);
  assert.equal(exposed()[2]?.evidence?.['credential'], null);
  assert.match(String(exposed()[2]?.evidence?.['digest']), /^[A-Za-z0-9_-]{43}$/);
  assert.equal(listRevocations(services.store, services.clock).length, 0);
});

test('a forged token does not put another one’s id on record, nor end it', async (t) => {
  const { ask, exposed, services, issuer } = setUp(t, { revokeExposed: true });
  await ask({
    query: `access_token=${new TestIssuer().token(issuer.claims(services.clock.now(), { jti: 'victim' }))}`,
  });
  assert.equal(exposed()[0]?.evidence?.['credential'], null);
  assert.equal(listRevocations(services.store, services.clock).length, 0);
});

test('where the operator says so it is revoked', async (t) => {
  const { ask, token, exposed, services } = setUp(t, { revokeExposed: true });
  const { secret } = createKey(services.store, services.clock, {});
  await ask({ query: `access_token=${token({ jti: 'j-9' })}` });
  await ask({ query: `k=${secret}` });
  assert.deepEqual(
    listRevocations(services.store, services.clock).map(({ kind, subject }) => [kind, subject]),
    [['token', 'j-9']],
  );
  assert.equal(listKeys(services.store, services.clock)[0]?.state, 'revoked');
  assert.ok(exposed().every(({ note }) => note.endsWith('; it is revoked')));
});

test('a flood of made-up ones does not fill the log, and real ones are still told of', async (t) => {
  const { ask, exposed, services } = setUp(t);
  const { secret } = createKey(services.store, services.clock, {});
  for (let i = 0; i < 500; i++) await ask({ query: `access_token=x${i}`, address: `2001:db8:3:${i.toString(16)}::1` });
  assert.equal(exposed().length, 50);
  await ask({ query: `k=${secret}` });
  assert.equal(exposed().length, 51);
  services.clock.pass(1_000);
  await ask({ query: 'access_token=later' });
  assert.equal(exposed().length, 52);
});

test('a place that the contract names, an empty parameter and other words are none of these', async (t) => {
  const { ask, services } = setUp(t, {}, [all(KEY_QUERY)]);
  const { secret } = createKey(services.store, services.clock, {});
  assert.equal((await ask({ query: `api_key=${secret}` })).code, 'in');
  const both = await ask({ query: `api_key=${secret}&access_token=x&a=b` });
  assert.deepEqual([both.code, both.exchange.request.query], ['credentials-in-url', 'a=b']);
  const other = setUp(t, {}, [all(KEY_HEADER)]);
  const key = createKey(other.services.store, other.services.clock, {}).secret;
  for (const query of [
    'access_token=',
    'access_token',
    'access=1&token=2',
    'my_access_token=x',
    `note=pk_${'0'.repeat(38)}`,
    `note=${key}x`,
    '%zz=1',
    'access%zz=1',
  ])
    assert.equal((await other.ask({ query, headers: { 'x-api-key': key } })).code, 'in', query);
  assert.equal(
    (await setUp(t, { access: 'none' }).ask({ query: 'access_token=x' })).code,
    'in',
    'nothing is looked at',
  );
});
