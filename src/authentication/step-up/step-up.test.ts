import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createKey } from '../../identity/keys.ts';
import { PasswordHashing } from '../../identity/password-hashing.ts';
import { createUser } from '../../identity/users.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { authentication } from '../authentication.ts';
import { settings } from '../settings.ts';
import {
  all,
  BASIC_AUTH,
  BEARER_AUTH,
  basicHeader,
  bearer,
  gate,
  KEY_HEADER,
  OAUTH,
  operation,
  policy,
  TestIssuer,
  world,
} from '../testing.ts';
import { inspectStepUpIssuers } from './inspect.ts';

const opened = memoryStore();
after(() => opened.close());
const issuer = new TestIssuer();
const MFA = 'urn:portcullis:acr:mfa';

function setUp(stepUp: unknown, more: Record<string, unknown> = {}, security = [all(BEARER_AUTH)]) {
  const services = world(opened);
  services.document = () => issuer.set();
  const own = { issuer: issuer.name, jwks: 'https://issuer.example/jwks', audience: 'clinic' };
  const send = gate(services, security, { issuers: [own], stepUp, ...more });
  const now = () => services.clock.time / 1000;
  const claims = (given: Record<string, unknown>) => issuer.claims(services.clock.time, given);
  const ask = async (given: Record<string, unknown>) => {
    const { refusal } = await send({ headers: bearer(issuer.token(claims(given))) });
    return refusal === undefined ? 'in' : `${refusal.status} ${refusal.code}: ${refusal.detail ?? ''}`;
  };
  return { services, send, ask, now, claims };
}

test('acr: the value itself, any of several, and of our own ones a stronger one', async () => {
  const gold = setUp({ acr: ['gold', 'platinum'] });
  assert.equal(await gold.ask({ acr: 'gold' }), 'in');
  assert.equal(await gold.ask({ acr: 'platinum' }), 'in');
  for (const acr of ['silver', 'Gold', 'gold ', 'gold platinum', '', 1, null, ['gold'], { gold: true }, undefined])
    assert.equal(await gold.ask({ acr }), '401 step-up-required: Sign in more strongly.', JSON.stringify(acr));
  const mfa = setUp({ acr: MFA });
  assert.equal(await mfa.ask({ acr: MFA }), 'in');
  assert.equal(await mfa.ask({ acr: 'phr' }), 'in', 'what cannot be phished is stronger');
  assert.match(await mfa.ask({ acr: 'urn:portcullis:acr:password' }), /401/);
  assert.match(await setUp({ acr: 'phr' }).ask({ acr: MFA }), /401/);
});

test('factors: at least one of them in amr', async () => {
  const { ask } = setUp({ factors: ['hwk', 'swk'] });
  assert.equal(await ask({ amr: ['pwd', 'hwk'] }), 'in');
  assert.equal(await ask({ amr: ['swk'] }), 'in');
  for (const amr of [['pwd'], [], 'hwk', 'pwd hwk', { hwk: 1 }, [['hwk']], undefined])
    assert.equal(await ask({ amr }), '401 step-up-required: Sign in with another factor.', JSON.stringify(amr));
});

test('maxAge: by auth_time, to the second, on every request, and never by a time to come', async () => {
  const { services, send, ask, now, claims } = setUp({ maxAge: '5m' });
  const token = issuer.token(claims({ auth_time: now() - 299 }));
  const status = async () => (await send({ headers: bearer(token) })).refusal?.code ?? 'in';
  assert.equal(await status(), 'in');
  services.clock.pass(1_000);
  assert.equal(await status(), 'in', 'the last second');
  services.clock.pass(1);
  assert.equal(await status(), 'step-up-required', 'the same token, out of the cache');
  assert.equal(await ask({ auth_time: now() + 5 }), 'in', 'a clock that is a little ahead');
  for (const auth_time of [now() + 6, now() + 1e9, String(now()), null, undefined, Number.MAX_VALUE, -1, [now()]])
    assert.equal(await ask({ auth_time }), '401 step-up-required: Sign in anew.', String(auth_time));
});

test('all parts together; the challenge of RFC 9470 says what to ask for', async () => {
  const { send, ask, claims, now } = setUp({ acr: [MFA, 'gold'], factors: 'otp', maxAge: '5m' });
  assert.equal(await ask({ acr: 'gold', amr: ['otp'], auth_time: now() }), 'in');
  assert.match(await ask({ acr: 'gold', amr: ['pwd'], auth_time: now() }), /another factor/);
  assert.match(await ask({ acr: 'gold', amr: ['otp'], auth_time: now() - 301 }), /anew/);
  const { refusal, exchange } = await send({ headers: bearer(issuer.token(claims({ acr: 'x"y' }))) });
  assert.equal(
    refusal?.headers?.['www-authenticate'],
    `Bearer realm="portcullis", error="insufficient_user_authentication", error_description="Sign in more strongly.", acr_values="${MFA} gold", max_age="300"`,
  );
  assert.equal(exchange.principal?.kind, 'user', 'the record says who it was');
  assert.equal(refusal?.evidence?.['lacks'], 'acr');
});

test('a token that is not good is refused as such, not asked to step up', async () => {
  const { send } = setUp({ acr: MFA });
  const { refusal } = await send({ headers: bearer('a.b.c') });
  assert.equal(refusal?.code, 'credentials-invalid');
  assert.equal((await send()).refusal?.code, 'credentials-missing');
});

test('keys and passwords never satisfy it, whatever attributes they were given', async () => {
  const claims = { acr: 'phr', amr: ['hwk', 'mfa'], auth_time: 4_000_000_000 };
  const { services, send } = setUp({ acr: MFA }, {}, [all(KEY_HEADER), all(BASIC_AUTH), all(BEARER_AUTH)]);
  const { secret } = createKey(services.store, services.clock, { roles: [], scopes: [], claims, note: '' });
  const password = 'correct horse battery staple';
  await createUser(services.store, services.clock, new PasswordHashing(), { name: 'carl', password, claims });
  for (const headers of [{ 'x-api-key': secret }, basicHeader('carl', password), bearer(secret)]) {
    const { refusal } = await send({ headers });
    assert.deepEqual(
      [refusal?.status, refusal?.code, refusal?.evidence?.['lacks']],
      [401, 'step-up-required', 'no token'],
    );
    assert.match(
      refusal?.headers?.['www-authenticate'] ?? '',
      /^Bearer .*insufficient_user_authentication.*acr_values=/,
    );
  }
  // In the future as a key's attribute says it: nor does the age.
  const aged = gate(services, [all(KEY_HEADER)], { stepUp: { maxAge: '5m' } });
  assert.equal((await aged({ headers: { 'x-api-key': secret } })).refusal?.code, 'step-up-required');
});

test('nobody in particular does not satisfy it either, where anyone may come', async () => {
  const { send, claims } = setUp({ acr: MFA }, { access: 'public' }, []);
  const { refusal } = await send();
  assert.deepEqual([refusal?.status, refusal?.code], [401, 'credentials-missing']);
  assert.equal(refusal?.headers?.['www-authenticate'], `Bearer realm="portcullis", acr_values="${MFA}"`);
  assert.equal((await send({ headers: bearer(issuer.token(claims({ acr: MFA }))) })).refusal, undefined);
});

test('a claim of another name is mapped to acr, and then the token’s own does not count', async () => {
  const services = world(opened);
  services.document = () => issuer.set();
  const own = {
    issuer: issuer.name,
    jwks: 'https://issuer.example/jwks',
    audience: 'clinic',
    claims: { acr: 'https://x.example/level' },
  };
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [own], stepUp: { acr: 'gold' } });
  const ask = async (more: Record<string, unknown>) =>
    (await send({ headers: bearer(issuer.token(issuer.claims(services.clock.time, more))) })).refusal?.code ?? 'in';
  assert.equal(await ask({ 'https://x.example/level': 'gold' }), 'in');
  assert.equal(await ask({ acr: 'gold' }), 'step-up-required');
});

test('what looks stolen is asked for a login since', async () => {
  const unusual = { learning: '0s', network: 'step-up', software: 'off', pace: 'off' };
  const { services, send, claims, now } = setUp('none', { unusual });
  const from = async (token: string, address: string) => (await send({ headers: bearer(token), address })).refusal;
  const token = issuer.token(claims({ sub: 'dora', auth_time: now() - 100 }));
  // The first network is learned; with a learning span of nothing already the second is unusual.
  await from(token, '192.0.2.1');
  services.clock.pass(10_000);
  const refusal = await from(token, '198.51.100.1');
  assert.equal(refusal?.code, 'step-up-required');
  assert.match(refusal?.headers?.['www-authenticate'] ?? '', /max_age="1"/);
  services.clock.pass(10_000);
  const fresh = issuer.token(claims({ sub: 'dora', auth_time: now() }));
  assert.equal(await from(fresh, '198.51.100.1'), undefined);
});

test('settings: what they may hold', () => {
  for (const stepUp of [
    'none',
    { acr: 'a' },
    { acr: ['a', 'b'] },
    { factors: 'otp' },
    { maxAge: '5m' },
    { maxAge: '30d' },
  ])
    assert.ok(settings.safeParse({ stepUp }).success, JSON.stringify(stepUp));
  for (const stepUp of [
    'off',
    {},
    { acr: [] },
    { acr: 'a b' },
    { acr: 'a"b' },
    { acr: 'a\\b' },
    { acr: 'ä' },
    { acr: '' },
    { maxAge: 300 },
    { maxAge: '0s' },
    { maxAge: '31d' },
    { max_age: '5m' },
  ])
    assert.ok(!settings.safeParse({ stepUp }).success, JSON.stringify(stepUp));
});

test('check and explain: what is demanded, and where nobody could make it', () => {
  const own = { issuer: 'https://issuer.example', jwks: 'https://issuer.example/jwks', audience: 'clinic' };
  const inspect = (given: Record<string, unknown>, security = [all(OAUTH)]) =>
    (authentication.inspect?.(policy(given), operation(security)) ?? []).map(
      ({ rule, severity }) => `${severity} ${rule}`,
    );
  const stepUp = { acr: MFA, maxAge: '5m' };
  assert.deepEqual(inspect({ stepUp, issuers: [own] }), []);
  assert.deepEqual(inspect({ stepUp, issuers: [own] }, [all(KEY_HEADER)]), [
    'warning authentication/step-up-unsatisfiable',
  ]);
  assert.deepEqual(inspect({ stepUp, access: 'key' }), ['warning authentication/step-up-unsatisfiable']);
  assert.deepEqual(inspect({ stepUp, issuers: [own], access: 'public' }, []), []);
  assert.ok(inspect({ stepUp, access: 'none' }).includes('error authentication/step-up-without-authentication'));
  const issuers = (server: boolean, given: Record<string, unknown>) =>
    inspectStepUpIssuers(server, [
      { operation: operation([all(OAUTH)]), policies: { authentication: policy(given) } },
    ]).map(({ rule }) => rule);
  assert.deepEqual(issuers(false, { stepUp }), ['authentication/step-up-unsatisfiable']);
  assert.deepEqual(issuers(false, { stepUp, issuers: [own] }), ['authentication/step-up-acr-unknown']);
  assert.deepEqual(issuers(false, { stepUp: { acr: [MFA, 'gold'] }, issuers: [own] }), []);
  assert.deepEqual(issuers(false, { stepUp: { acr: 'phr' }, issuers: [own] }), []);
  assert.deepEqual(issuers(true, { stepUp }), []);
  assert.deepEqual(issuers(false, {}), []);
  const lines = authentication.explain(policy({ stepUp }), operation([all(OAUTH)]));
  assert.equal(lines.find(({ part }) => part === 'step-up')?.value, `acr ${MFA}, signed in within the last 5m`);
});
