import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Browser, type Page } from '../../../test/support/browser.ts';
import { Lockout } from '../../authentication/lockout.ts';
import { settings as authentication } from '../../authentication/settings.ts';
import type { AuditEvent, Services } from '../../gateway/services.ts';
import { systemClock } from '../../shared/clock.ts';
import { createCounters } from '../../storage/memory-counters.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { approveClient, createClient } from '../clients.ts';
import { PasswordHashing } from '../password-hashing.ts';
import { createUser } from '../users.ts';
import { type Factor, reaches } from './factor.ts';
import { html } from './html.ts';
import { openServer } from './server.ts';
import { server as serverSettings } from './settings.ts';

const PASSWORD = 'correct horse battery staple';
const REDIRECT = 'https://app.example/callback';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** A second step as simple as can be: the page shows a number that the person types. */
const numbers = (name: string, wanted: (login: Parameters<Factor['asks']>[0]) => boolean, strong = false): Factor => ({
  name,
  label: () => `Use ${name}`,
  asks: (login) => wanted(login) && login.passed.length < 2,
  page: (login) => {
    login.state['number'] ??= 4711;
    return { title: `Step ${name}`, body: html`<label for="n">Number</label><input id="n" name="n">`, button: 'Go' };
  },
  answer: (login, form) =>
    form.get('n') === String(login.state['number'])
      ? { factor: name, amr: ['otp'], phishingResistant: strong, at: systemClock.now() }
      : { text: 'That is another number.', reason: 'wrong number' },
});

async function world(t: TestContext, factors: readonly Factor[], given: Record<string, unknown> = {}) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'portcullis-server-'));
  const events: AuditEvent[] = [];
  const kept = new Map<string, unknown>();
  const services: Services = {
    store: memoryStore(),
    counters: createCounters({ clock: systemClock }),
    outbound: { fetch: () => Promise.reject(new Error('nothing goes out')) } as never,
    clock: systemClock,
    dataDirectory,
    baseDirectory: dataDirectory,
    event: (event) => events.push(event),
    count: () => {},
    keep: <T>(name: string, make: () => T): T => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
  };
  const lockout = new Lockout(authentication.parse({}).lockout, services, async () => {});
  const running = await openServer(
    serverSettings.parse({ enabled: true, port: 0, requestsPerMinute: 10_000, ...given }),
    {
      services,
      guard: lockout,
      callerOf: () => ({ address: '192.0.2.1', group: '192.0.2.1' }),
      tls: undefined,
      factors,
    },
  );
  t.after(() => {
    running.stop();
    running.destroy();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  await createUser(services.store, systemClock, new PasswordHashing(), { name: 'ann', password: PASSWORD });
  const { client } = createClient(services.store, systemClock, { name: 'Lab <b>', redirectUris: [REDIRECT] });
  approveClient(services.store, systemClock, client.id, { own: true });
  const browser = new Browser(running.issuer, fetch);
  const open = (parameters: Record<string, string> = {}): Promise<Page> => {
    const query = new URLSearchParams({
      client_id: client.id,
      redirect_uri: REDIRECT,
      response_type: 'code',
      scope: 'openid',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...parameters,
    });
    return browser.open(`/authorize?${query}`);
  };
  const password = (page: Page) => browser.submit(page, { name: 'ann', password: PASSWORD });
  const claims = async (page: Page): Promise<Record<string, unknown>> => {
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: page.url.searchParams.get('code') ?? '',
      redirect_uri: REDIRECT,
      client_id: client.id,
      code_verifier: VERIFIER,
    });
    const answer = (await (await fetch(`${running.issuer}/token`, { method: 'POST', body })).json()) as {
      access_token: string;
    };
    return JSON.parse(Buffer.from(answer.access_token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
  };
  return { services, events, browser, open, password, claims, issuer: running.issuer };
}

test('a factor is asked after the password, judged, and named in the token', async (t) => {
  const { open, password, browser, claims, events } = await world(t, [numbers('pin', () => true)]);
  const login = await open();
  assert.match(login.text, /Lab &lt;b&gt;/);
  const step = await password(login);
  assert.match(step.text, /Step pin/);
  assert.equal(step.url.pathname.split('/')[1], 'interaction', 'no code before it');
  const wrong = await browser.submit(step, { n: '1' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /That is another number/);
  const back = await browser.submit(wrong, { n: '4711' });
  const token = await claims(back);
  assert.equal(token['acr'], 'urn:portcullis:acr:mfa');
  assert.deepEqual(token['amr'], ['pwd', 'otp', 'mfa']);
  assert.ok(Number(token['auth_time']) > 0);
  assert.deepEqual(
    events.filter(({ event }) => event.startsWith('identity/login')).map(({ event }) => event),
    ['identity/login-refused', 'identity/login'],
  );
});

test('of several factors a person may choose another one', async (t) => {
  const { open, password, browser, claims } = await world(t, [
    numbers('pin', () => true),
    numbers('key', () => true, true),
  ]);
  const step = await password(await open());
  assert.match(step.text, /Use another way/);
  const other = await browser.submit(step, {}, { form: 1, button: 'key' });
  assert.match(other.text, /Step key/);
  assert.equal((await claims(await browser.submit(other, { n: '4711' })))['acr'], 'phr');
});

test('guesses at a factor lock it, however often the password is given rightly in between', async (t) => {
  const { open, password, browser } = await world(t, [numbers('pin', () => true)]);
  let status = 0;
  for (let i = 0; i < 6; i++) {
    browser.cookies.clear();
    status = (await browser.submit(await password(await open()), { n: String(i) })).status;
  }
  assert.equal(status, 429);
});

test('a step cannot be skipped: not by another form, not by a factor that is not asked, not by going on', async (t) => {
  const { open, password, browser } = await world(t, [numbers('pin', () => true), numbers('never', () => false)]);
  const step = await password(await open());
  const form = step.forms[0]!;
  for (const fields of [
    { action: 'allow' },
    { action: 'password', name: 'ann', password: PASSWORD },
    { factor: 'never', n: '4711' },
    { factor: '__proto__', n: '' },
  ]) {
    const body = new URLSearchParams({ ...form.fields, ...(fields as unknown as Record<string, string>) });
    const page = await browser.open(new URL(form.action, step.url), { method: 'POST', body });
    assert.ok(page.status === 200 || page.status === 400, `${page.status}`);
    assert.equal(page.url.pathname.split('/')[1], 'interaction');
  }
  const resumed = await browser.open(step.url.href.replace('/interaction/', '/authorize/'));
  assert.ok(!resumed.url.searchParams.has('code'));
});

test('an application that asks for more than the session has gets a new login, or an error it can read', async (t) => {
  const wants = (login: { acrValues: readonly string[] }) => login.acrValues.includes('urn:portcullis:acr:mfa');
  const { open, password, browser, claims } = await world(t, [numbers('pin', wants)]);
  assert.equal((await claims(await password(await open())))['acr'], 'urn:portcullis:acr:password');
  assert.ok((await open()).url.searchParams.has('code'), 'signed in');
  const more = await open({ acr_values: 'urn:portcullis:acr:mfa' });
  assert.match(more.text, /type="password"/);
  const back = await browser.submit(await password(more), { n: '4711' });
  assert.equal((await claims(back))['acr'], 'urn:portcullis:acr:mfa');
  assert.ok((await open({ acr_values: 'urn:portcullis:acr:mfa' })).url.searchParams.has('code'), 'now it is enough');
  const never = await password(await open({ acr_values: 'phr' }));
  assert.equal(never.url.searchParams.get('error'), 'unmet_authentication_requirements');
  assert.equal(reaches('phr', 'urn:portcullis:acr:mfa'), true);
  assert.equal(reaches('', 'phr'), false);
  assert.equal(reaches('phr', 'unknown'), false);
});

test('max_age asks again when the login is too old', async (t) => {
  const { open, password } = await world(t, []);
  assert.ok((await password(await open())).url.searchParams.has('code'));
  assert.ok((await open({ max_age: '600' })).url.searchParams.has('code'));
  assert.match((await open({ max_age: '0' })).text, /type="password"/);
});

test('one address may ask so often, and no more; keys and metadata are not counted', async (t) => {
  const { issuer } = await world(t, [], { requestsPerMinute: 30 });
  const statuses = async (path: string) => {
    const all: number[] = [];
    for (let i = 0; i < 14; i++)
      all.push((await fetch(`${issuer}${path}`, { method: path === '/jwks' ? 'GET' : 'POST' })).status);
    return all;
  };
  assert.equal((await statuses('/token')).at(-1), 429);
  assert.deepEqual(new Set(await statuses('/jwks')), new Set([200]));
});

test('every page says its language and title, and holds one heading', async (t) => {
  const { open, browser } = await world(t, [numbers('pin', () => true)]);
  const pages = [
    await open(),
    await browser.open('/device'),
    await browser.open('/authorize'),
    await browser.open('/nothing'),
  ];
  for (const page of pages.slice(0, 3)) {
    assert.match(page.text, /<html lang="en">[\s\S]*<title>[^<]+<\/title>/);
    assert.equal(page.text.split('<h1>').length, 2);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(page.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  }
  assert.equal(pages[3]?.status, 404);
});
