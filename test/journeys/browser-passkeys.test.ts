import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import * as client from 'openid-client';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { authenticatorOf, launch, look, noChromium } from '../support/chromium.ts';
import { App, factorsOf } from '../support/factors.ts';
import { type IdentityUnderTest, identityGate, PASSWORD, REDIRECT, request } from '../support/identity.ts';
import { lifetime } from '../support/program.ts';

// A real browser with its own authenticator, against the real program; and what axe says of the pages.
const PAGES = '/account/factors';
const life = lifetime(after);
let world: IdentityUnderTest;
let browser: Browser;
let config: client.Configuration;
let mounted = false;

before(async () => {
  if (noChromium !== false) return;
  world = await identityGate(life, { throttling: { address: '10000/s', principal: '10000/s' } }, { title: 'Clinic' });
  browser = await launch(life, { port: Number(new URL(world.issuer).port), ca: world.gate.ca });
  config = await world.configuration(world.app({ scopes: ['notes:read'] }, { own: true }));
  mounted = (await world.browser().open(PAGES)).status !== 404;
});

const unmounted = (t: TestContext): boolean => {
  if (!mounted) t.skip('the server does not serve the pages of an account');
  return !mounted;
};

async function open(locale = 'en', colorScheme: 'light' | 'dark' = 'light') {
  const context = await browser.newContext({ locale, colorScheme, viewport: { width: 420, height: 800 } });
  life.after(() => context.close());
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) errors.push(message.text());
  });
  return { context, page, errors };
}

async function signIn(page: Page, name: string): Promise<void> {
  await page.fill('#name', name);
  await page.fill('#password', PASSWORD);
  await page.click('button[value=password]');
}

/** Where the application would be: it is not there, so the browser is stopped on its way. */
async function arrival(context: BrowserContext, page: Page): Promise<{ readonly url: Promise<URL> }> {
  const arrived = Promise.withResolvers<URL>();
  await context.route(`${REDIRECT}**`, async (route) => {
    arrived.resolve(new URL(route.request().url()));
    await route.fulfill({ contentType: 'text/plain', body: 'arrived' });
  });
  page.once('crash', () => arrived.reject(new Error('the page crashed')));
  return { url: arrived.promise };
}

test('a passkey signs in: asked for by the script, made by the browser, taken by the server', {
  skip: noChromium,
}, async () => {
  const person = { id: await world.user('ann', { scopes: ['notes:read'] }), name: 'ann' };
  const soft = await factorsOf(world).passkey(person);
  const { context, page, errors } = await open();
  const authenticator = await authenticatorOf(context, page);
  await authenticator.take({
    id: soft.id,
    privateKey: soft.privateKey.export({ format: 'der', type: 'pkcs8' }),
    userHandle: Buffer.from(person.id),
    rpId: 'localhost',
    signCount: 1,
  });
  const asked = await request(config, { scope: 'openid notes:read', acr_values: 'phr' });
  const arrived = await arrival(context, page);
  await page.goto(asked.url.href);
  assert.deepEqual(await look(page, 'login'), []);
  await signIn(page, 'ann');
  await page.waitForSelector('#passkey:not([hidden])');
  assert.deepEqual(await look(page, 'passkey'), []);
  await authenticator.verifies(false);
  await page.click('button[value=factor]');
  await page.waitForSelector('#passkey-problem:not([hidden])');
  assert.deepEqual(await look(page, 'passkey-refused'), []);
  await authenticator.verifies(true);
  await page.click('button[value=factor]');
  const tokens = await client.authorizationCodeGrant(config, await arrived.url, {
    pkceCodeVerifier: asked.verifier,
    expectedState: asked.state,
    expectedNonce: asked.nonce,
    idTokenExpected: true,
  });
  assert.equal(tokens.claims()?.['acr'], 'phr');
  assert.deepEqual(errors, []);
});

test('the steps with codes: nothing that axe finds, in two languages and both colour schemes', {
  skip: noChromium,
}, async () => {
  const person = { id: await world.user('bob'), name: 'bob' };
  await factorsOf(world).app(person);
  factorsOf(world).codes(person);
  for (const [locale, scheme] of [
    ['en', 'light'],
    ['de', 'dark'],
  ] as const) {
    const { page, errors } = await open(locale, scheme);
    await page.goto((await request(config)).url.href);
    await signIn(page, 'bob');
    await page.waitForSelector('#code');
    assert.deepEqual(await look(page, `totp-${locale}-${scheme}`), []);
    await page.fill('#code', '000000');
    await page.click('button[value=factor]');
    await page.waitForSelector('#problem');
    assert.deepEqual(await look(page, `totp-wrong-${locale}-${scheme}`), []);
    await page.click('button[name=factor][value=recovery]');
    await page.waitForSelector('input[autocapitalize=characters]');
    assert.deepEqual(await look(page, `recovery-${locale}-${scheme}`), []);
    assert.deepEqual(
      errors.filter((one) => !one.includes('400')),
      [],
    );
  }
});

test('the pages of an account: a passkey is made and used; axe finds nothing on any of them', {
  skip: noChromium,
}, async (t) => {
  if (unmounted(t)) return;
  await world.user('dora');
  const { context, page, errors } = await open();
  const authenticator = await authenticatorOf(context, page);
  await page.goto(`${world.issuer}${PAGES}`);
  await signIn(page, 'dora');
  await page.waitForSelector('h1 + .lead');
  assert.deepEqual(await look(page, 'account-empty'), []);
  await page.click('form:has(input[value=SHA1]) button');
  await page.waitForSelector('svg[role=img]');
  assert.deepEqual(await look(page, 'account-app'), []);
  const secret = (await page.innerText('dd code')).replaceAll(' ', '');
  assert.equal(new App(secret).secret.length, 20);
  await page.goto(`${world.issuer}${PAGES}`);
  await page.click('form:has(input[value=passkey]) button');
  await page.waitForSelector('#passkey:not([hidden])');
  assert.deepEqual(await look(page, 'account-passkey'), []);
  await page.click('form:has(#passkey) button');
  // With a passkey enrolled the pages want it, too. They have a name to fill in as the login page has: wait for that one.
  await page.waitForSelector('input[type=password]');
  await signIn(page, 'dora');
  await page.waitForSelector('#passkey:not([hidden])');
  const [made] = await authenticator.credentials();
  assert.deepEqual([made?.rpId, made?.isResidentCredential], ['localhost', true]);
  await page.click('button[value=factor]');
  await page.waitForSelector('form:has(input[value=codes])');
  assert.deepEqual(await look(page, 'account-passkey-added'), []);
  await page.click('form:has(input[value=codes]) button');
  await page.waitForSelector('ol code');
  assert.deepEqual(await look(page, 'account-codes'), []);
  assert.deepEqual(errors, []);
});
