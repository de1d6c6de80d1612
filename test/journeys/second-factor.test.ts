import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import type { Browser, Page } from '../support/browser.ts';
import { type App, factorsOf, optionsOn } from '../support/factors.ts';
import { type IdentityUnderTest, identityGate, request, signIn } from '../support/identity.ts';
import { lifetime, until } from '../support/program.ts';

// The real program: users with second factors sign in on its pages, and operations ask for them.
const MFA = 'urn:portcullis:acr:mfa';
const life = lifetime(after);
let world: IdentityUnderTest;
let config: client.Configuration;
const people = new Map<string, { readonly id: string; readonly name: string }>();

before(async () => {
  world = await identityGate(life, {
    throttling: { address: '10000/s', principal: '10000/s' },
    operations: {
      'GET /notes': { authentication: { stepUp: { acr: MFA, maxAge: '5m' } } },
      'GET /staff': { authentication: { stepUp: { acr: 'phr' } } },
    },
  });
  for (const name of ['ann', 'bob', 'carl', 'dora', 'emil']) {
    const id = await world.user(name, { roles: ['staff', 'customer'], scopes: ['notes:read'] });
    people.set(name, { id, name });
  }
  config = await world.configuration(world.app({ scopes: ['notes:read'] }, { own: true }));
});

const person = (name: string) => people.get(name) as { id: string; name: string };

/** Begins a login and goes as far as the page after the password. */
async function begin(browser: Browser, name: string, parameters: Record<string, string> = {}) {
  const asked = await request(config, { scope: 'openid notes:read', ...parameters });
  const first = await browser.open(asked.url);
  const page = first.forms[0]?.fields['password'] === undefined ? first : await signIn(browser, first, name);
  return { page, asked };
}

async function redeem(page: Page, { verifier, state, nonce }: Awaited<ReturnType<typeof request>>) {
  assert.equal(page.status, 0, page.text);
  return await client.authorizationCodeGrant(config, page.url, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
}

const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString());
const call = (path: string, token: string) => world.gate.send(path, { headers: { authorization: `Bearer ${token}` } });
const events = async (name: string): Promise<string> =>
  (
    await until(`the event ${name}`, async () => {
      const found = await world.gate.cli('audit', 'search', '--event', `identity/${name}`, '--json');
      return found.stdout.includes(`identity/${name}`) && found;
    })
  ).stdout;

test('step-up: the operation says what it wants, the client asks for it, the factor is used, and the call goes through', async () => {
  const app = await factorsOf(world).app(person('ann'));
  const { page: first, asked: before } = await begin(world.browser(), 'bob');
  const weak = await redeem(first, before);
  assert.equal(claimsOf(weak.access_token)['acr'], 'urn:portcullis:acr:password');
  assert.equal((await call('/me', weak.access_token)).status, 200, 'elsewhere the password does');
  const refused = await call('/notes', weak.access_token);
  assert.equal(refused.status, 401);
  assert.equal(refused.json()['type'], 'urn:portcullis:step-up-required');
  const challenge = String(refused.headers['www-authenticate']);
  assert.match(challenge, /^Bearer realm="portcullis", error="insufficient_user_authentication", /);
  const acr_values = /acr_values="([^"]*)"/.exec(challenge)?.[1] as string;
  const max_age = /max_age="(\d+)"/.exec(challenge)?.[1] as string;
  assert.deepEqual([acr_values, max_age], [MFA, '300']);

  const browser = world.browser();
  const { page, asked } = await begin(browser, 'ann', { acr_values, max_age });
  assert.match(page.text, /Enter the code from your app/);
  assert.match(page.text, /autocomplete="one-time-code"/);
  const done = await browser.submit(page, { code: app.code() }, { button: 'factor' });
  const strong = await redeem(done, asked);
  const claims = claimsOf(strong.access_token);
  assert.deepEqual([claims['acr'], claims['amr']], [MFA, ['pwd', 'otp', 'mfa']]);
  assert.ok(Math.abs((claims['auth_time'] as number) - Date.now() / 1000) < 60);
  assert.equal((await call('/notes', strong.access_token)).status, 200);
  assert.equal((await call('/staff', strong.access_token)).status, 401, 'that one wants what cannot be phished');
  const told = await world.gate.cli('explain', 'GET /notes');
  assert.match(told.stdout, /step-up\s+acr urn:portcullis:acr:mfa, signed in within the last 5m/);
});

test('keys never step up, whatever they are given', async () => {
  const claims = { acr: 'phr', amr: ['hwk'], auth_time: Math.floor(Date.now() / 1000) };
  const secret = world.gate.key({ roles: ['staff'], scopes: ['notes:read'], claims });
  const refused = await call('/notes', secret);
  assert.deepEqual([refused.status, refused.json()['type']], [401, 'urn:portcullis:step-up-required']);
  assert.equal((await call('/me', secret)).status, 200);
});

test('a code works once, on no page again, and wrong ones are soon not taken any more', async () => {
  const app: App = await factorsOf(world).app(person('carl'));
  const browser = world.browser();
  const { page } = await begin(browser, 'carl');
  const code = app.code();
  assert.equal((await browser.submit(page, { code }, { button: 'factor' })).status, 0);
  const other = world.browser();
  const { page: again } = await begin(other, 'carl');
  let shown = await other.submit(again, { code }, { button: 'factor' });
  assert.equal(shown.status, 400);
  assert.match(shown.text, /role="alert">This code is not right, or was used already/);
  const wrong = code === '000000' ? '111111' : '000000';
  for (let i = 0; i < 4; i++) shown = await other.submit(shown, { code: wrong }, { button: 'factor' });
  assert.equal(shown.status, 400);
  factorsOf(world).unspent(person('carl'));
  shown = await other.submit(shown, { code: app.code() }, { button: 'factor' });
  assert.notEqual(shown.status, 0, 'not even the right one');
  // From an address of its own, with a new login: the count is the user's.
  const elsewhere = world.browser();
  const { page: third } = await begin(elsewhere, 'carl');
  assert.notEqual((await elsewhere.submit(third, { code: app.code() }, { button: 'factor' })).status, 0);
  assert.match(await events('factor-failed'), /code used before/);
  const log = await world.gate.cli('audit', 'search', '--json');
  assert.ok(!log.stdout.includes(`"${code}"`) && !log.stdout.includes(app.secret.toString('base64url')));
});

test('a passkey: the page, its script from a file, the answer, and a token that cannot have been phished', async () => {
  const authenticator = await factorsOf(world).passkey(person('dora'));
  await factorsOf(world).app(person('dora'));
  const browser = world.browser();
  const { page, asked } = await begin(browser, 'dora', { acr_values: 'phr' });
  assert.match(page.text, /<script src="\/assets\/passkey.js" defer><\/script>/);
  assert.match(page.headers.get('content-security-policy') ?? '', /script-src 'self'(?:;|$)/);
  const script = await world.fetch(`${world.issuer}/assets/passkey.js`);
  assert.match(script.headers.get('content-type') ?? '', /^text\/javascript/);
  assert.match(await script.text(), /navigator\.credentials\.get/);
  assert.doesNotMatch(page.text, /<script(?! src=)/, 'nothing inline');
  const stolen = authenticator.get(optionsOn(page), { origin: 'https://login.evil.example' });
  const refused = await browser.submit(page, { response: stolen }, { button: 'factor' });
  assert.equal(refused.status, 400);
  authenticator.counter = 0;
  const response = authenticator.get(optionsOn(refused));
  const done = await browser.submit(refused, { response }, { button: 'factor' });
  const tokens = await redeem(done, asked);
  const claims = claimsOf(tokens.access_token);
  assert.deepEqual([claims['acr'], claims['amr']], ['phr', ['pwd', 'hwk', 'user', 'mfa']]);
  assert.equal((await call('/staff', tokens.access_token)).status, 200);
  assert.match(await events('factor-used'), /passkey/);
});

test('another way: recovery codes in place of a lost phone, each once', async () => {
  await factorsOf(world).app(person('emil'));
  const [code = '', second = ''] = factorsOf(world).codes(person('emil'));
  const browser = world.browser();
  const { page, asked } = await begin(browser, 'emil');
  assert.match(page.text, /Use another way/);
  const chosen = await browser.submit(page, {}, { form: 1, button: 'recovery' });
  assert.match(chosen.text, /Enter a recovery code/);
  const done = await browser.submit(chosen, { code: code.toLowerCase() }, { button: 'factor' });
  const { access_token } = await redeem(done, asked);
  assert.deepEqual(claimsOf(access_token)['amr'], ['pwd', 'recovery', 'mfa']);
  const other = world.browser();
  const { page: again } = await begin(other, 'emil');
  const choice = await other.submit(again, {}, { form: 1, button: 'recovery' });
  const spent = await other.submit(choice, { code }, { button: 'factor' });
  assert.equal(spent.status, 400);
  assert.equal((await other.submit(spent, { code: second }, { button: 'factor' })).status, 0);
});

test('where a factor is enrolled the password alone opens nothing: no Basic, no page that can be left out', async () => {
  const browser = world.browser();
  const { page } = await begin(browser, 'ann');
  assert.match(page.text, /Enter the code/);
  const left = await browser.submit(page, { factor: 'none', code: '' });
  assert.match(left.text, /Enter the code/);
  const forged = await browser.submit(page, { factor: 'password', name: 'bob', password: 'x' });
  assert.match(forged.text, /Enter the code/);
});

test('the command line: what a user has, and taking it out; it is on record', async () => {
  const listed = await world.gate.cli('users', 'factors', 'emil', '--json');
  const factors = JSON.parse(listed.stdout) as { id: string; kind: string; left?: number }[];
  assert.deepEqual(
    factors.map(({ kind }) => kind),
    ['totp', 'recovery'],
  );
  assert.equal(factors[1]?.left, 8);
  assert.ok(!/secret|codes|publicKey/.test(listed.stdout));
  const table = await world.gate.cli('users', 'factors', 'dora');
  assert.match(table.stdout, /passkey_\w+\s+passkey\s+active.*Laptop/);
  const unclear = await world.gate.cli('users', 'factors', 'remove', 'emil');
  assert.equal(unclear.code, 2);
  const unknown = await world.gate.cli('users', 'factors', 'remove', 'emil', 'totp_nothing');
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /emil has no factor totp_nothing/);
  const gone = await world.gate.cli('users', 'factors', 'remove', 'emil', '--all', '--json');
  assert.equal(gone.code, 0, gone.stderr);
  assert.equal((JSON.parse(gone.stdout) as object[]).length, 2);
  assert.match(await events('factor-removed'), /"by":"cli/);
  const browser = world.browser();
  const { page } = await begin(browser, 'emil');
  assert.equal(page.status, 0, 'the password alone signs in again');
});

test('the key of the secrets lies in a file for the gate alone, and the store holds no secret', () => {
  const data = join(world.gate.directory, 'data');
  assert.equal(statSync(join(data, 'identity', 'factors.key')).mode & 0o777, 0o600);
  const key = readFileSync(join(data, 'identity', 'factors.key'), 'utf8').trim();
  const held = ['store.db', 'store.db-wal'].map((name) => readFileSync(join(data, name)).toString('latin1')).join('');
  assert.ok(!held.includes(key));
});
