import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as httpsRequest } from 'node:https';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import type { Page } from '../support/browser.ts';
import {
  arrive,
  type IdentityUnderTest,
  identityGate,
  PASSWORD,
  REDIRECT,
  request,
  signIn,
  tokensOf,
} from '../support/identity.ts';
import { lifetime } from '../support/program.ts';

const life = lifetime(after);
let world: IdentityUnderTest;

before(async () => {
  world = await identityGate(life, { throttling: { address: '10000/s', principal: '10000/s' } });
  for (const name of ['ann', 'bob', 'carl']) await world.user(name, { roles: ['customer'], scopes: ['notes:read'] });
});

const status = async (token: string): Promise<number> => (await world.call('/me', token)).status;
const post = async (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  await world.fetch(`${world.issuer}${path}`, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    redirect: 'manual',
  });
const errorOf = async (answer: Response): Promise<string> => ((await answer.json()) as { error: string }).error;

/** An answer to an authorization request that was changed on its way. */
async function asked(app: { id: string }, change: Record<string, string | undefined>): Promise<Page> {
  const { url } = await request(await world.configuration(app));
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  return await world.browser().open(url);
}

test('PKCE cannot be left out, weakened, or answered with another verifier', async () => {
  for (const app of [world.app(), world.app({ proof: 'secret' })]) {
    for (const change of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: 'plain' },
      { code_challenge_method: undefined },
      { code_challenge: 'short' },
    ]) {
      const answer = await asked(app, change);
      assert.equal(answer.url.searchParams.get('error'), 'invalid_request', JSON.stringify(change));
    }
  }
  const app = world.app();
  const config = await world.configuration(app);
  const { url } = await request(config);
  const code = (await arrive(world.browser(), url, 'ann')).searchParams.get('code') as string;
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, client_id: app.id };
  for (const verifier of [{}, { code_verifier: client.randomPKCECodeVerifier() }, { code_verifier: '' }])
    assert.equal(await errorOf(await post('/token', { ...grant, ...(verifier as object) })), 'invalid_grant');
});

test('a code is good once; when it comes again, what was issued for it is void', async () => {
  const app = world.app({ scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const { url, verifier } = await request(config);
  const code = (await arrive(world.browser(), url, 'ann')).searchParams.get('code') as string;
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    client_id: app.id,
    code_verifier: verifier,
  };
  const tokens = (await (await post('/token', grant)).json()) as { access_token: string; refresh_token: string };
  assert.equal(await status(tokens.access_token), 200);
  assert.equal(await errorOf(await post('/token', grant)), 'invalid_grant');
  assert.equal(await status(tokens.access_token), 401);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token));
});

test('of many who bring the same code or refresh token at the same moment at most one gets anything', async () => {
  const app = world.app({ scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const { url, verifier } = await request(config);
  const code = (await arrive(world.browser(), url, 'ann')).searchParams.get('code') as string;
  const grant = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    client_id: app.id,
    code_verifier: verifier,
  };
  const answers = await Promise.all(Array.from({ length: 8 }, () => post('/token', grant)));
  assert.ok(answers.filter(({ status }) => status === 200).length <= 1);
  const { refresh_token: token } = await tokensOf(config, world.browser(), 'ann');
  const refresh = { grant_type: 'refresh_token', refresh_token: token as string, client_id: app.id };
  const refreshed = await Promise.all(Array.from({ length: 8 }, () => post('/token', refresh)));
  const won = refreshed.filter(({ status }) => status === 200);
  assert.ok(won.length <= 1);
  for (const answer of won) {
    const { access_token: access } = (await answer.json()) as { access_token: string };
    assert.equal(await status(access), 401, 'and that family has ended');
  }
});

test('codes and tokens of one application are nothing to another', async () => {
  const [mine, other] = [world.app(), world.app()];
  const config = await world.configuration(mine);
  const { url, verifier } = await request(config);
  const code = (await arrive(world.browser(), url, 'ann')).searchParams.get('code') as string;
  const grant = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT, code_verifier: verifier };
  assert.equal(await errorOf(await post('/token', { ...grant, client_id: other.id })), 'invalid_grant');
  const { refresh_token: token } = await tokensOf(config, world.browser(), 'ann');
  const refresh = { grant_type: 'refresh_token', refresh_token: token as string };
  assert.equal(await errorOf(await post('/token', { ...refresh, client_id: other.id })), 'invalid_grant');
  assert.equal((await post('/token', { ...refresh, client_id: mine.id })).status, 200);
});

test('redirect URIs are compared character by character; a wrong one is answered here, never there', async () => {
  const app = world.app({ redirectUris: [REDIRECT, 'http://127.0.0.1/done'] });
  for (const uri of [
    'https://evil.example/callback',
    `${REDIRECT}/`,
    `${REDIRECT}/../evil`,
    `${REDIRECT}?next=https://evil.example`,
    `${REDIRECT}#x`,
    'https://app.example/CALLBACK',
    'https://app.example:443/callback',
    'https://app.example:444/callback',
    'https://app.example@evil.example/callback',
    'https://app.example.evil.example/callback',
    'http://app.example/callback',
    'https://app.example\\@evil.example/callback',
    '//app.example/callback',
    'javascript:alert(1)',
    'https://app.example/%63allback',
    'http://127.0.0.1/done/../x',
    'http://127.0.0.2/done',
    '',
  ]) {
    const page = await asked(app, { redirect_uri: uri });
    assert.deepEqual([page.status, page.url.origin], [400, world.issuer], uri);
    if (uri.length > 5) assert.doesNotMatch(page.text, /<a |http-equiv="refresh"|<script/);
  }
  assert.equal((await asked(app, { redirect_uri: undefined })).status, 400);
});

test('nothing but codes in the query: no implicit, no hybrid, no password grant, no registration, no other modes', async () => {
  const app = world.app();
  for (const type of ['token', 'id_token', 'code token', 'code id_token', 'none'])
    assert.ok(
      !/(?:access_token|id_token|code)=/.test(
        (await asked(app, { response_type: type })).url.href.split('?')[1] ?? '',
      ) || (await asked(app, { response_type: type })).status === 400,
      type,
    );
  for (const mode of ['fragment', 'form_post', 'web_message', 'jwt']) {
    const answer = await asked(app, { response_mode: mode });
    assert.ok(!answer.url.searchParams.has('code') && !answer.text.includes('type="password"'), mode);
  }
  const password = { grant_type: 'password', username: 'ann', password: PASSWORD, client_id: app.id };
  assert.equal(await errorOf(await post('/token', password)), 'unsupported_grant_type');
  for (const path of ['/reg', '/register', '/registration', '/userinfo', '/me', '/interaction', '/interaction/x/abort'])
    assert.notEqual((await post(path, {})).status, 200, path);
  const metadata = (await (await world.fetch(`${world.issuer}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >;
  assert.equal(metadata['registration_endpoint'], undefined);
  assert.deepEqual(metadata['response_types_supported'], ['code']);
  assert.deepEqual(metadata['code_challenge_methods_supported'], ['S256']);
  assert.equal(metadata['authorization_response_iss_parameter_supported'], true);
});

test('an answer that names another issuer is not taken by a client (mix-up)', async () => {
  const config = await world.configuration(world.app());
  const { url, verifier, state } = await request(config);
  const back = await arrive(world.browser(), url, 'ann');
  assert.equal(back.searchParams.get('iss'), world.issuer);
  back.searchParams.set('iss', 'https://evil.example');
  await assert.rejects(
    client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState: state }),
  );
});

test('tokens for another resource are neither issued nor taken', async () => {
  const answer = await asked(world.app(), { resource: 'https://other.example/' });
  assert.equal(answer.url.searchParams.get('error'), 'invalid_target');
  const app = world.app({ proof: 'secret', redirectUris: [], grants: ['client_credentials'] }, { roles: ['robot'] });
  const config = await world.configuration(app);
  await assert.rejects(
    client.clientCredentialsGrant(config, { resource: 'https://other.example/' }),
    (error: { error?: string }) => error.error === 'invalid_target',
  );
  const { access_token: token } = await client.clientCredentialsGrant(config, {});
  const [header, payload, signature] = token.split('.') as [string, string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const forged = Buffer.from(JSON.stringify({ ...claims, roles: ['staff'] })).toString('base64url');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
  for (const bad of [
    `${header}.${forged}.${signature}`,
    `${none}.${payload}.`,
    `${header}.${payload}.${randomBytes(64).toString('base64url')}`,
  ])
    assert.equal(await status(bad), 401);
});

test('who exists cannot be told from the page: unknown, disabled and wrong password get the same answer', async () => {
  await world.user('dora');
  assert.equal((await world.gate.cli('users', 'disable', 'dora')).code, 0);
  const config = await world.configuration(world.app());
  const shapes = new Set<string>();
  for (const [name, password] of [
    ['nobody', PASSWORD],
    ['dora', PASSWORD],
    ['bob', 'wrong but long enough'],
    ['\u0000', 'x'],
    ['x'.repeat(200), 'y'],
  ] as const) {
    const browser = world.browser();
    const page = await signIn(browser, await browser.open((await request(config)).url), name, password);
    assert.equal(page.status, 400);
    shapes.add(page.text.replace(/value="[^"]*"|\/interaction\/[\w-]+/g, '').replace(' autofocus', ''));
  }
  assert.equal(shapes.size, 1);
});

test('guessing locks: then the right password does not help either, and the page says how long', async () => {
  const config = await world.configuration(world.app());
  const browser = world.browser();
  let page = await browser.open((await request(config)).url);
  for (let i = 0; i < 5; i++) page = await signIn(browser, page, 'carl', `not the password ${i}`);
  page = await signIn(browser, page, 'carl');
  assert.equal(page.status, 429);
  assert.ok(Number(page.headers.get('retry-after')) > 0);
  assert.match(page.text, /too many attempts/);
  const unknown = world.browser();
  page = await unknown.open((await request(config)).url);
  for (let i = 0; i < 6; i++) page = await signIn(unknown, page, 'nobody.at.all', `not the password ${i}`);
  assert.equal(page.status, 429, 'of a name that nobody has, too');
  const { stdout } = await world.gate.cli('audit', 'search', '--event', 'identity/login-refused', '--json');
  assert.doesNotMatch(stdout, /nobody\.at\.all|not the password/);
});

test('forms are taken from the page that showed them only', async () => {
  const config = await world.configuration(world.app());
  const browser = world.browser();
  const page = await browser.open((await request(config)).url);
  const form = page.forms[0]!;
  const fields = { ...form.fields, name: 'ann', password: PASSWORD, action: 'password' };
  const send = async (change: Record<string, string>, headers: Record<string, string> = {}, from = browser) =>
    await from.open(new URL(form.action, page.url), {
      method: 'POST',
      body: new URLSearchParams({ ...fields, ...change }),
      headers,
    });
  assert.equal((await send({ token: '' })).status, 400);
  assert.equal((await send({ token: `${fields['token' as never]}x` })).status, 400);
  assert.equal((await send({}, { origin: 'https://evil.example' })).status, 400);
  assert.equal((await send({}, { 'sec-fetch-site': 'cross-site' })).status, 400);
  assert.equal((await send({}, {}, world.browser())).status, 400, 'another browser, without the cookie');
  const other = world.browser();
  await other.open((await request(config)).url);
  assert.equal((await send({}, {}, other)).status, 400, 'a browser with an interaction of its own');
  assert.match((await send({}, { origin: world.issuer })).text, /Allow Lab/);
});

test('the server answers under its own name only, and believes no forwarded one', async () => {
  const port = Number(new URL(world.issuer).port);
  const get = async (headers: Record<string, string>): Promise<{ status: number; text: string }> =>
    await new Promise((resolve, reject) => {
      const req = httpsRequest(
        {
          host: '127.0.0.1',
          port,
          servername: 'localhost',
          ca: world.gate.ca,
          path: '/.well-known/openid-configuration',
          headers,
          agent: false,
        },
        (res) => {
          let text = '';
          res.on('data', (chunk: Buffer) => (text += chunk.toString()));
          res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
        },
      );
      req.on('error', reject);
      req.end();
    });
  const host = `localhost:${port}`;
  assert.equal((await get({ host: 'evil.example' })).status, 421);
  assert.equal((await get({ host: `127.0.0.1:${port}` })).status, 421);
  const believed = await get({
    host,
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    forwarded: 'host=evil.example',
  });
  assert.equal(believed.status, 200);
  assert.doesNotMatch(believed.text, /evil/);
  const metadata = JSON.parse(believed.text) as Record<string, unknown>;
  for (const [name, value] of Object.entries(metadata))
    if (name.endsWith('_endpoint') || name === 'jwks_uri')
      assert.ok(String(value).startsWith(`${world.issuer}/`), name);
});

test('cookies are this origin’s alone, signed, and no script reads them', async () => {
  const config = await world.configuration(world.app());
  const { url } = await request(config);
  const answer = await world.fetch(url.href, { redirect: 'manual' });
  const lines = answer.headers.getSetCookie();
  assert.ok(lines.length >= 2);
  for (const line of lines) {
    assert.match(line, /^__(?:Host|Secure)-/);
    assert.match(line, /; secure/i);
    assert.match(line, /; httponly/i);
    assert.match(line, /; samesite=lax/i);
  }
});
