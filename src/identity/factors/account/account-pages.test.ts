import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findClient } from '../../clients.ts';
import { PasswordHashing } from '../../password-hashing.ts';
import { ACR } from '../../server/factor.ts';
import { Pages } from '../../server/pages/pages.ts';
import { createUser, setDisabled } from '../../users.ts';
import { readFactors } from '../records.ts';
import { factorWorld } from '../testing.ts';
import { confirmTotp, offerTotp } from '../totp.ts';
import { codeOf, stepAt } from '../totp-code.ts';
import { ACCOUNT_CLIENT } from './account-client.ts';
import { ACCOUNT, AccountPages, type AccountSession } from './account-pages.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const bytesOf = (secret: string): Buffer => {
  const bits = [...secret].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

/** The pages on a server of their own, with a session that the test decides about. */
async function setUp(t: TestContext) {
  const services = factorWorld(t);
  const user = await createUser(services.store, services.clock, new PasswordHashing(), {
    name: 'ann',
    password: 'a sentence that is long enough',
  });
  const state: { session: AccountSession | undefined } = { session: undefined };
  const signIn = (acr: string, ago = 0): void => {
    state.session = { accountId: user.id, uid: 'u1', acr, loginTs: services.clock.time / 1000 - ago };
  };
  const pages = new AccountPages({
    services,
    issuer: 'https://login.example',
    authorize: '/authorize',
    title: 'Clinic',
    pages: new Pages('Clinic'),
    seal: { tokenOf: (purpose, subject) => `${purpose}-${subject}` },
    sessionOf: async () => state.session,
  });
  const server = createServer((req, res) => void pages.handle(req, res, { address: '192.0.2.1' }));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => void server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const get = (path = ACCOUNT) => fetch(`${origin}${path}`, { redirect: 'manual' });
  const post = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(`${origin}${ACCOUNT}`, {
      method: 'POST',
      body: new URLSearchParams({ token: 'account-u1', ...fields }),
      redirect: 'manual',
      headers,
    });
  const factors = () => readFactors(services.store, user.id).factors.map(({ kind }) => kind);
  const enrol = async () => {
    const secret = bytesOf(offerTotp(services, user.id, 'SHA1').secret);
    const code = codeOf(secret, stepAt(services.clock.time), 'SHA1');
    assert.equal(await confirmTotp(services, { id: user.id, name: 'ann' }, code), undefined);
  };
  return { services, user, state, signIn, get, post, factors, enrol };
}

const leadsTo = (answer: Response): URL => new URL(answer.headers.get('location') ?? '', 'https://login.example');

test('without a session: to the login, once; who comes back without one is told so', async (t) => {
  const { get, state, signIn, services } = await setUp(t);
  const away = leadsTo(await get());
  assert.equal(away.pathname, '/authorize');
  assert.equal(away.searchParams.get('client_id'), ACCOUNT_CLIENT);
  assert.equal(away.searchParams.get('redirect_uri'), `https://login.example${ACCOUNT}`);
  assert.equal(away.searchParams.get('code_challenge_method'), 'S256');
  assert.notEqual(leadsTo(await get()).searchParams.get('code_challenge'), away.searchParams.get('code_challenge'));
  for (const query of ['?code=x', '?error=access_denied']) {
    const told = await get(`${ACCOUNT}${query}`);
    assert.equal(told.status, 403, 'not in a circle');
    assert.match(await told.text(), /You are not signed in/);
  }
  signIn(ACR[0]);
  const back = await get(`${ACCOUNT}?code=x&state=y`);
  assert.deepEqual([back.status, back.headers.get('location')], [303, ACCOUNT]);
  assert.equal((await get()).status, 200);
  setDisabled(services.store, 'ann', true);
  assert.equal((await get()).status, 303);
  state.session = undefined;
  assert.equal((await get()).status, 303);
  const client = findClient(services.store, ACCOUNT_CLIENT);
  assert.deepEqual(
    [client?.own, client?.scopes, client?.roles, client?.grants],
    [true, [], [], ['authorization_code']],
  );
});

test('a login that is old, or weaker than what is enrolled, changes nothing', async (t) => {
  const { services, user, get, post, signIn, factors, enrol } = await setUp(t);
  signIn(ACR[0], 600);
  assert.equal(leadsTo(await get()).searchParams.get('prompt'), 'login');
  signIn(ACR[0], 599);
  assert.equal((await get()).status, 200);
  await enrol();
  const strong = leadsTo(await get());
  assert.deepEqual([strong.searchParams.get('acr_values'), strong.searchParams.get('prompt')], [ACR[1], 'login']);
  const [factor] = readFactors(services.store, user.id).factors;
  const tries: Record<string, string>[] = [
    { action: 'remove', id: factor?.id ?? '' },
    { action: 'app' },
    { action: 'codes' },
    { action: 'passkey' },
  ];
  for (const fields of tries) {
    assert.equal(leadsTo(await post(fields)).pathname, '/authorize', fields['action'] ?? '');
    assert.deepEqual(factors(), ['totp']);
  }
  for (const acr of [ACR[1], ACR[2]]) {
    signIn(acr);
    assert.equal((await get()).status, 200);
  }
  signIn('urn:example:made-up');
  assert.equal((await get()).status, 303);
  signIn(ACR[1]);
  assert.equal(
    (await post({ action: 'remove', id: factor?.id ?? '' })).headers.get('location'),
    `${ACCOUNT}?done=removed`,
  );
  assert.deepEqual(factors(), []);
});

test('forms of other pages, other sessions and other methods do nothing', async (t) => {
  const { services, get, post, signIn, user } = await setUp(t);
  signIn(ACR[0]);
  const pending = () => readFactors(services.store, user.id).pending.totp;
  for (const [fields, headers] of [
    [{ action: 'app', token: 'account-u2' }, {}],
    [{ action: 'app', token: '' }, {}],
    [{ action: 'app' }, { origin: 'https://evil.example' }],
    [{ action: 'app' }, { origin: 'https://login.example.evil.example' }],
    [{ action: 'app' }, { 'sec-fetch-site': 'cross-site' }],
    [{ action: 'app' }, { 'sec-fetch-site': 'same-site' }],
    [{ action: 'app' }, { 'content-type': 'text/plain' }],
  ] as const) {
    assert.equal((await post(fields, headers)).headers.get('location'), ACCOUNT, JSON.stringify([fields, headers]));
    assert.equal(pending(), undefined);
  }
  assert.equal((await post({ action: 'app' }, { origin: 'https://login.example' })).status, 303);
  assert.notEqual(pending(), undefined);
  const page = await get(`${ACCOUNT}/app`);
  assert.match(
    page.headers.get('content-security-policy') ?? '',
    /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/,
  );
  assert.equal(page.headers.get('cache-control'), 'no-store');
  assert.equal((await post({ action: 'nonsense' })).status, 303);
});
