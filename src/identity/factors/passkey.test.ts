import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { PasswordHashing } from '../password-hashing.ts';
import { acrOf, amrOf, type NotPassed, type Passed } from '../server/factor.ts';
import { createUser, removeUser, setDisabled } from '../users.ts';
import { passkey, passkeyLogin } from './passkey.ts';
import { enrolPasskey, MOST_PASSKEYS, offerPasskey } from './passkey-enrol.ts';
import { factorOf, passkeysOf, readFactors, removeFactor } from './records.ts';
import {
  ANN,
  type FactorWorld,
  factorWorld,
  form,
  loginOf,
  ORIGIN,
  passedPassword,
  SoftAuthenticator,
  type Twist,
} from './testing.ts';

type CreateOptions = Parameters<SoftAuthenticator['create']>[0] & Record<string, unknown>;
type GetOptions = { challenge: string; rpId: string; allowCredentials: { id: string }[]; userVerification: string };

const offer = (services: FactorWorld, user = ANN): CreateOptions =>
  offerPasskey(services, user, ORIGIN, 'Clinic') as CreateOptions;

async function enrolled(services: FactorWorld, user = ANN, origin = ORIGIN): Promise<SoftAuthenticator> {
  const authenticator = new SoftAuthenticator(origin);
  const options = offerPasskey(services, user, origin, 'Clinic') as CreateOptions;
  assert.equal(await enrolPasskey(services, user, origin, authenticator.create(options), 'Laptop'), undefined);
  return authenticator;
}

const optionsIn = (body: { text: string }): GetOptions =>
  JSON.parse((/data-options="([^"]*)"/.exec(body.text)?.[1] ?? '').replaceAll('&quot;', '"')) as GetOptions;

/** Shows the page of a login and answers it. */
async function use(services: FactorWorld, authenticator: SoftAuthenticator, twist: Twist = {}, login = loginOf()) {
  const { body } = await passkey.page(login, services);
  return await passkey.answer(login, form({ response: authenticator.get(optionsIn(body), twist) }), services);
}

const reason = (answer: Passed | NotPassed): string => ('reason' in answer ? answer.reason : 'passed');

test('a passkey is made and used; it is two factors in one, and none can be phished', async (t) => {
  const services = factorWorld(t);
  assert.equal(passkey.asks(loginOf(), services), false);
  const options = offer(services);
  assert.deepEqual(options['authenticatorSelection'], {
    residentKey: 'required',
    requireResidentKey: true,
    userVerification: 'required',
  });
  assert.equal(options['attestation'], 'none');
  assert.deepEqual(options.rp, { id: 'login.example', name: 'Clinic' });
  const authenticator = await enrolled(services);
  assert.equal(passkey.asks(loginOf(), services), true);
  const again = offer(services);
  assert.deepEqual(
    (again['excludeCredentials'] as { id: string }[]).map(({ id }) => id),
    [authenticator.id.toString('base64url')],
  );
  const { body, scripts } = await passkey.page(loginOf(), services);
  const { allowCredentials, userVerification, rpId } = optionsIn(body);
  assert.deepEqual(
    allowCredentials.map(({ id }) => id),
    [authenticator.id.toString('base64url')],
  );
  assert.deepEqual([userVerification, rpId, scripts], ['required', 'login.example', ['passkey.js']]);
  const passed = (await use(services, authenticator)) as Passed;
  assert.deepEqual(
    { ...passed, at: 0 },
    { factor: 'passkey', amr: ['hwk', 'user', 'mfa'], phishingResistant: true, at: 0 },
  );
  assert.equal(acrOf([passedPassword(), passed]), 'phr');
  assert.deepEqual(amrOf([passedPassword(), passed]), ['pwd', 'hwk', 'user', 'mfa']);
  const record = factorOf(readFactors(services.store, ANN.id), 'passkey');
  assert.deepEqual([record?.counter, record?.used, record?.name], [1, services.clock.time, 'Laptop']);
  assert.equal(passkey.asks(loginOf({ passed: [passedPassword(), passed] }), services), false);
});

test('enrolment: another origin, host, challenge, type, a frame, no verification, an answer twice', async (t) => {
  const services = factorWorld(t);
  const twists: readonly [string, Twist][] = [
    ['another origin', { origin: 'https://login.example.evil.example' }],
    ['a subdomain', { origin: 'https://a.login.example' }],
    ['another port', { origin: 'https://login.example:8443' }],
    ['no TLS', { origin: 'http://login.example' }],
    ['another host', { host: 'example' }],
    ['another challenge', { challenge: 'AAAA' }],
    ['an answer to a login', { type: 'webauthn.get' }],
    ['in a frame', { crossOrigin: true }],
    ['in a frame that is named', { crossOrigin: true, topOrigin: 'https://evil.example' }],
    ['no verification', { verified: false }],
  ];
  for (const [why, twist] of twists) {
    const answer = new SoftAuthenticator(ORIGIN).create(offer(services), twist);
    assert.equal(await enrolPasskey(services, ANN, ORIGIN, answer, 'x'), 'failed', why);
  }
  assert.deepEqual(readFactors(services.store, ANN.id).factors, []);
  const late = new SoftAuthenticator(ORIGIN).create(offer(services));
  services.clock.time += 5 * 60_000;
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, late, 'x'), 'late');
  const begun = new SoftAuthenticator(ORIGIN).create(offer(services));
  offer(services);
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, begun, 'x'), 'failed', 'what was begun before is void');
  const authenticator = new SoftAuthenticator(ORIGIN);
  const answer = authenticator.create(offer(services));
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, answer, 'x'), undefined);
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, answer, 'x'), 'late', 'a challenge is for one answer');
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, authenticator.create(offer(services)), 'x'), 'known');
  const eve = { id: 'user_eve', name: 'eve' };
  assert.equal(
    await enrolPasskey(services, eve, ORIGIN, authenticator.create(offer(services, eve)), 'x'),
    'known',
    "another's",
  );
});

test('use: every part that is not as it was asked for', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const twists: readonly [string, Twist, RegExp][] = [
    ['another origin', { origin: 'https://evil.example' }, /origin/],
    ['a subdomain', { origin: 'https://a.login.example' }, /origin/],
    ['a longer name', { origin: 'https://login.example.evil.example' }, /origin/],
    ['another port', { origin: 'https://login.example:444' }, /origin/],
    ['another case', { origin: 'https://LOGIN.example' }, /origin/],
    ['another host', { host: 'evil.example' }, /RP ID/i],
    ['another challenge', { challenge: Buffer.alloc(32).toString('base64url') }, /challenge/],
    ['made, not used', { type: 'webauthn.create' }, /type/],
    ['in a frame', { crossOrigin: true }, /page of another origin/],
    ['in a frame, as some browsers say it', { topOrigin: 'https://evil.example' }, /page of another origin/],
    ['no verification', { verified: false }, /verif/],
    ['another key', { signWith: foreign }, /signature/],
    ["another's credential", { id: Buffer.alloc(32, 7).toString('base64url') }, /not a passkey of this user/],
    ['of another user', { userHandle: Buffer.from('user_eve').toString('base64url') }, /another user/],
  ];
  for (const [why, twist, expected] of twists) {
    const counter = authenticator.counter;
    assert.match(reason(await use(services, authenticator, twist)), expected, why);
    authenticator.counter = counter;
  }
  assert.equal(reason(await use(services, authenticator)), 'passed');
  const told = JSON.stringify(services.events);
  assert.ok(!told.includes('evil'), 'nothing of what a stranger sent is quoted');
});

test('a challenge is answered once, in time, and in any worker', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  const login = loginOf();
  const { body } = await passkey.page(login, services);
  const kept = login.state;
  const options = optionsIn(body);
  const response = authenticator.get(options);
  assert.equal(reason(await passkey.answer(login, form({ response }), services)), 'passed');
  assert.deepEqual(login.state, {});
  assert.match(reason(await passkey.answer(login, form({ response }), services)), /no challenge/);
  const replayed = loginOf({ state: kept });
  const next = form({ response: authenticator.get(options) });
  assert.match(
    reason(await passkey.answer(replayed, next, services)),
    /no challenge/,
    'another worker with an older state',
  );
  const late = loginOf();
  const shown = await passkey.page(late, services);
  services.clock.time += 5 * 60_000;
  const answer = form({ response: authenticator.get(optionsIn(shown.body)) });
  assert.match(reason(await passkey.answer(late, answer, services)), /no challenge/);
  assert.match(reason(await passkey.answer(loginOf(), answer, services)), /no challenge/, 'none was given');
});

test('a copy: a counter that goes backwards puts the passkey out of use, and the password alone does not do then', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  for (let i = 0; i < 3; i++) assert.equal(reason(await use(services, authenticator)), 'passed');
  const foreign = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  assert.match(reason(await use(services, authenticator, { counter: 1, signWith: foreign })), /signature/);
  assert.equal(
    factorOf(readFactors(services.store, ANN.id), 'passkey')?.cloned,
    null,
    'whoever has no key cannot do that',
  );
  assert.equal(reason(await use(services, authenticator, { counter: 3 })), 'its counter went backwards');
  const [event] = services.events.filter(({ event }) => event === 'identity/passkey-cloned');
  assert.deepEqual([event?.evidence?.['counter'], event?.evidence?.['known']], [3, 3]);
  const login = loginOf();
  assert.equal(passkey.asks(login, services), true);
  const { body } = await passkey.page(login, services);
  assert.match(body.text, /Ask whoever manages/);
  const options = { challenge: 'AAAA', rpId: 'login.example' };
  assert.match(
    reason(await passkey.answer(login, form({ response: authenticator.get(options, { counter: 99 }) }), services)),
    /challenge/,
  );
});

test('counters: one that stays at zero is none; one that has counted may not go back to it', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  for (let i = 0; i < 3; i++) assert.equal(reason(await use(services, authenticator, { counter: 0 })), 'passed');
  assert.equal(reason(await use(services, authenticator, { counter: 5 })), 'passed');
  assert.equal(reason(await use(services, authenticator, { counter: 0 })), 'its counter went backwards');
});

test('of two answers at once with the same counter one passes', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  const answers = await Promise.all([
    use(services, authenticator, { counter: 4 }),
    use(services, authenticator, { counter: 4 }),
  ]);
  assert.deepEqual(answers.map(reason).sort(), ['its counter went backwards', 'passed']);
});

test('answers that are none: one refusal, nothing thrown', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  const good = JSON.parse(authenticator.get({ challenge: 'AAAA', rpId: 'login.example' }));
  const id = authenticator.id.toString('base64url');
  for (const response of [
    '',
    '{',
    'null',
    '[]',
    '"x"',
    '{}',
    JSON.stringify({ id, type: 'public-key' }),
    JSON.stringify({ id, type: 'public-key', response: null }),
    JSON.stringify({ ...good, type: 'password' }),
    JSON.stringify({ ...good, id: 'not base64url!' }),
    JSON.stringify({ ...good, response: { ...good.response, signature: 7 } }),
    JSON.stringify({ ...good, response: { ...good.response, authenticatorData: 'AA' } }),
    JSON.stringify({
      ...good,
      response: { ...good.response, clientDataJSON: Buffer.from('{}').toString('base64url') },
    }),
    JSON.stringify({
      ...good,
      response: { ...good.response, clientDataJSON: Buffer.from('nonsense').toString('base64url') },
    }),
    `{"id":"${'A'.repeat(20_000)}"}`,
  ]) {
    const login = loginOf();
    await passkey.page(login, services);
    const answer = (await passkey.answer(login, form({ response }), services)) as NotPassed;
    assert.equal(typeof answer.text, 'string', response.slice(0, 50));
    assert.equal(await enrolPasskey(services, ANN, ORIGIN, response, 'x'), 'late');
    offer(services);
    assert.equal(await enrolPasskey(services, ANN, ORIGIN, response, 'x'), 'failed');
  }
  assert.equal(reason(await use(services, authenticator)), 'passed');
});

test('passkeys belong to one host; on an address there are none; where none is left nobody gets in without', async (t) => {
  const services = factorWorld(t);
  const authenticator = await enrolled(services);
  const elsewhere = loginOf({ origin: 'https://other.example' });
  assert.equal(passkey.asks(elsewhere, services), true, 'the password alone does not do');
  assert.match((await passkey.page(elsewhere, services)).body.text, /Ask whoever manages/);
  for (const origin of ['https://192.0.2.1', 'https://[2001:db8::1]', 'http://login.example', 'nonsense'])
    assert.equal(offerPasskey(services, ANN, origin, 'Clinic'), undefined, origin);
  assert.notEqual(offerPasskey(services, ANN, 'http://localhost:8444', 'Clinic'), undefined);
  removeFactor(services.store, ANN.id, factorOf(readFactors(services.store, ANN.id), 'passkey')?.id ?? '');
  assert.equal(passkey.asks(loginOf(), services), false);
  assert.deepEqual(services.store.list('identity.passkeys'), []);
  assert.match(
    reason(await use(services, authenticator).catch(() => ({ text: '', reason: 'gone' }))),
    /gone|not a passkey|challenge/,
  );
});

test('there is a most', async (t) => {
  const services = factorWorld(t);
  for (let i = 0; i < MOST_PASSKEYS; i++) await enrolled(services);
  assert.equal(offerPasskey(services, ANN, ORIGIN, 'Clinic'), undefined);
});

test('a login that begins with the passkey: no name, no password; disabled and removed users do not get in', async (t) => {
  const services = factorWorld(t);
  const made = await createUser(services.store, services.clock, new PasswordHashing(), {
    name: 'bob',
    password: 'a sentence that is long enough',
  });
  const bob = { id: made.id, name: 'bob' };
  const authenticator = await enrolled(services, bob);
  const asking = { origin: ORIGIN, language: 'de', group: '192.0.2.1' };
  const attempt = async (twist: Twist = {}) => {
    const { page, state } = passkeyLogin.page(asking, services);
    const options = optionsIn(page.body);
    assert.deepEqual(options.allowCredentials, []);
    return passkeyLogin.answer(asking, state, form({ response: authenticator.get(options, twist) }), services);
  };
  const login = await attempt();
  assert.ok('name' in login);
  assert.deepEqual([login.name, acrOf([login.passed])], ['bob', 'phr']);
  for (const twist of [
    { origin: 'https://evil.example' },
    { id: 'AAAA' },
    { userHandle: Buffer.from(ANN.id).toString('base64url') },
  ] as Twist[]) {
    const { counter } = authenticator;
    assert.ok('reason' in (await attempt(twist)));
    authenticator.counter = counter;
  }
  setDisabled(services.store, 'bob', true);
  assert.ok('reason' in (await attempt()));
  setDisabled(services.store, 'bob', false);
  assert.ok('name' in (await attempt()));
  removeUser(services.store, 'bob');
  assert.ok('reason' in (await attempt()));
  assert.deepEqual(passkeysOf(readFactors(services.store, bob.id)), []);
});

test('which step is asked for: a passkey where what cannot be phished is asked for', async (t) => {
  const services = factorWorld(t);
  await enrolled(services);
  const otp: Passed = { factor: 'totp', amr: ['otp'], at: 0 };
  for (const [acrValues, passed, asks] of [
    [[], [], true],
    [[], [otp], false],
    [['urn:portcullis:acr:mfa'], [otp], false],
    [['phr'], [otp], true],
    [['phr', 'urn:portcullis:acr:mfa'], [otp], false],
    [['urn:example:unknown'], [otp], false],
  ] as const) {
    const login = loginOf({ acrValues, passed: [passedPassword(), ...passed] });
    assert.equal(passkey.asks(login, services), asks, JSON.stringify([acrValues, passed]));
  }
});
