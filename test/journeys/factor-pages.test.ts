import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { SoftAuthenticator } from '../../src/identity/factors/testing.ts';
import type { Browser, Page } from '../support/browser.ts';
import { App, factorsOf, optionsOn } from '../support/factors.ts';
import { type IdentityUnderTest, identityGate, signIn } from '../support/identity.ts';
import { lifetime, until } from '../support/program.ts';

// The pages on which users manage their factors, in the real program and without JavaScript but for passkeys.
const PAGES = '/account/factors';
const life = lifetime(after);
let world: IdentityUnderTest;
let mounted = false;
const people = new Map<string, { readonly id: string; readonly name: string }>();

before(async () => {
  world = await identityGate(life, { throttling: { address: '10000/s', principal: '10000/s' } }, { title: 'Clinic' });
  for (const name of ['ann', 'bob', 'carl', 'dora']) people.set(name, { id: await world.user(name), name });
  mounted = (await world.browser().open(PAGES)).status !== 404;
});

const person = (name: string) => people.get(name) as { id: string; name: string };
const unmounted = (t: TestContext): boolean => {
  if (!mounted) t.skip('the server does not serve these pages');
  return !mounted;
};

/** Goes to the pages, signing in where they ask for it. */
async function arrive(browser: Browser, name: string): Promise<Page> {
  const page = await browser.open(PAGES);
  return page.forms[0]?.fields['password'] === undefined ? page : await signIn(browser, page, name);
}

/** Presses the button of the first form that has this action. */
async function press(browser: Browser, page: Page, action: string, fields: Record<string, string> = {}): Promise<Page> {
  const form = page.forms.findIndex((one) => one.fields['action'] === action);
  assert.notEqual(form, -1, `${action} on\n${page.text}`);
  return await browser.submit(page, fields, { form });
}

test('an app is set up, recovery codes are made, and the next login asks for them', async (t) => {
  if (unmounted(t)) return;
  const browser = world.browser();
  const page = await arrive(browser, 'ann');
  assert.equal(page.status, 200, page.text);
  assert.match(page.text, /You have no second step yet/);
  assert.equal(page.url.search, '', 'no code is left in the address bar');
  assert.match(page.headers.get('cache-control') ?? '', /no-store/);
  const offered = await press(browser, page, 'app');
  assert.match(offered.text, /<svg [^>]*role="img" aria-label="[^"]+"/);
  assert.doesNotMatch(offered.text, /<script/);
  const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(offered.text)?.[1] ?? '').replaceAll(' ', '');
  const app = new App(secret);
  const wrong = await press(browser, offered, 'app-confirm', { code: app.code() === '000000' ? '111111' : '000000' });
  assert.equal(wrong.status, 400);
  assert.match(wrong.text, /role="alert"/);
  assert.match(wrong.text, new RegExp(secret.slice(0, 4)), 'the same key is shown again');
  const added = await press(browser, wrong, 'app-confirm', { code: app.code() });
  // The session is of a password only: from now on the second step is asked for here, too.
  assert.match(added.text, /type="password"/);
  factorsOf(world).unspent(person('ann'));
  const step = await signIn(browser, added, 'ann');
  assert.match(step.text, /Enter the code from your app/);
  const inside = await browser.submit(step, { code: app.code() }, { button: 'factor' });
  assert.match(inside.text, /Make recovery codes now/);
  const shown = await press(browser, inside, 'codes');
  const codes = [...shown.text.matchAll(/<li><code>([0-9A-Z-]{14})<\/code>/g)].map(([, code]) => code as string);
  assert.equal(codes.length, 10);
  const other = world.browser();
  const second = await arrive(other, 'ann');
  const choice = await other.submit(second, {}, { form: 1, button: 'recovery' });
  const recovered = await other.submit(choice, { code: codes[0] as string }, { button: 'factor' });
  assert.match(recovered.text, /codes left<\/dt><dd>9/);
  const removed = await press(other, recovered, 'remove');
  assert.match(removed.text, /role="status"/);
});

test('a passkey is added, used, listed and removed', async (t) => {
  if (unmounted(t)) return;
  const browser = world.browser();
  const page = await arrive(browser, 'bob');
  const asked = await press(browser, page, 'passkey');
  assert.match(asked.text, /passkey\.js/);
  const authenticator = new SoftAuthenticator(world.issuer);
  const elsewhere = new SoftAuthenticator('https://evil.example');
  const options = optionsOn<Parameters<SoftAuthenticator['create']>[0]>(asked);
  assert.equal(options.rp.id, 'localhost');
  const stolen = await press(browser, asked, 'passkey-confirm', { response: elsewhere.create(options) });
  assert.equal(stolen.status, 400);
  const again = await press(browser, stolen, 'passkey');
  const response = authenticator.create(optionsOn(again));
  const added = await press(browser, again, 'passkey-confirm', { response, name: '<b>Key</b>' });
  const step = await signIn(browser, added, 'bob');
  const inside = await browser.submit(step, { response: authenticator.get(optionsOn(step)) }, { button: 'factor' });
  assert.match(inside.text, /<h2>&lt;b&gt;Key&lt;\/b&gt;<\/h2>/, 'a name is text');
  const removed = await press(browser, inside, 'remove');
  assert.match(removed.text, /no second step yet/);
  const { stdout } = await until('the events', async () => {
    const found = await world.gate.cli('audit', 'search', '--event', 'identity/factor-removed', '--json');
    return found.stdout.includes('the user') && found;
  });
  assert.match(stdout, /passkey_/);
});

test('who has the password alone changes nothing, and forms of other pages do nothing', async (t) => {
  if (unmounted(t)) return;
  await factorsOf(world).app(person('carl'));
  const thief = world.browser();
  const page = await arrive(thief, 'carl');
  assert.match(page.text, /Enter the code/);
  const direct = await thief.open(PAGES, { method: 'POST', body: new URLSearchParams({ action: 'app', token: 'x' }) });
  assert.doesNotMatch(direct.text, /<svg/);
  const owner = world.browser();
  const own = await arrive(owner, 'dora');
  const { token = '' } = own.forms[0]?.fields ?? {};
  for (const [fields, headers] of [
    [{ action: 'app' }, {}],
    [{ action: 'app', token: 'x'.repeat(43) }, {}],
    [{ action: 'app', token }, { origin: 'https://evil.example' }],
    [{ action: 'app', token }, { 'sec-fetch-site': 'cross-site' }],
    [{ action: 'nonsense', token }, {}],
    [{ action: 'remove', token, id: 'totp_x' }, {}],
  ] as const) {
    const answer = await owner.open(PAGES, { method: 'POST', body: new URLSearchParams(fields), headers });
    assert.match(answer.text, /no second step yet/, JSON.stringify([fields, headers]));
  }
  assert.doesNotMatch((await owner.open(`${PAGES}/app`)).text, /<svg/, 'nothing was begun');
  const german = world.browser({ 'accept-language': 'de' });
  const heading = await arrive(german, 'dora');
  assert.match(heading.text, /<html lang="de">[\s\S]*Anmeldung bei Ihrem Konto/);
});
