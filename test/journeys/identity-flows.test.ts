import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SignJWT } from 'jose';
import * as client from 'openid-client';
import {
  arrive,
  type IdentityUnderTest,
  identityGate,
  REDIRECT,
  RESOURCE,
  request,
  signIn,
  tokensOf,
} from '../support/identity.ts';
import { lifetime } from '../support/program.ts';

const life = lifetime(after);
let world: IdentityUnderTest;
/** Whatever could be used by whoever finds it. */
const secrets: string[] = [];

before(async () => {
  world = await identityGate(life, { throttling: { address: '10000/s', principal: '10000/s' } });
  await world.user('ann', { roles: ['customer'], scopes: ['notes:read'], claims: { customer: 7 } });
  await world.user('bob', { roles: ['customer', 'staff'], scopes: ['notes:read', 'notes:write'] });
});

const status = async (token: string, path = '/me'): Promise<number> => (await world.call(path, token)).status;

test('authorization code with PKCE: sign in, consent, tokens, and the API is called through the gate', async () => {
  const app = world.app({ scopes: ['notes:read', 'notes:write'] });
  const config = await world.configuration(app);
  const browser = world.browser();
  const { url, verifier, state, nonce } = await request(config, { scope: 'openid profile notes:read notes:write' });
  const login = await browser.open(url);
  assert.match(login.text, /to continue to Lab/);
  assert.match(login.headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'self'/);
  const consent = await signIn(browser, login, 'ANN');
  assert.match(consent.text, /Allow Lab\?/);
  assert.match(consent.text, /notes:read/);
  assert.doesNotMatch(consent.text, /notes:write/, 'what ann does not have cannot be given');
  const back = await browser.submit(consent, {}, { button: 'allow' });
  assert.equal(back.url.searchParams.get('iss'), world.issuer);
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await client.authorizationCodeGrant(config, back.url, checks);
  secrets.push(back.url.searchParams.get('code') as string, tokens.access_token, tokens.refresh_token as string);
  for (const { value } of browser.cookies.values()) secrets.push(value);
  assert.equal(tokens.expires_in, 600);
  assert.equal(tokens.claims()?.['preferred_username'], 'ann');
  assert.match(tokens.scope ?? '', /notes:read/);
  const me = await world.call('/me', tokens.access_token);
  assert.deepEqual([me.status, me.roles, me.scopes], [200, 'customer', 'notes:read']);
  assert.match(me.who ?? '', /user_[0-9A-Za-z]{16}$/);
  assert.doesNotMatch(me.who ?? '', /localhost/, 'the same principal as by password');
  assert.equal(await status(tokens.access_token, '/notes'), 200);
  assert.equal((await world.call('/notes', tokens.access_token, 'POST')).status, 403);
  assert.equal(await status(tokens.id_token as string), 401, 'an ID token is no access token');
  const header = JSON.parse(Buffer.from(tokens.access_token.split('.')[0] as string, 'base64url').toString()) as object;
  assert.deepEqual({ ...header, kid: '' }, { alg: 'ES256', typ: 'at+jwt', kid: '' });
});

test('refresh: each use gives a new token; one that is used again ends the whole family, the access tokens included', async () => {
  const config = await world.configuration(world.app({ scopes: ['notes:read'] }));
  const first = await tokensOf(config, world.browser(), 'ann', { scope: 'openid notes:read' });
  const second = await client.refreshTokenGrant(config, first.refresh_token as string);
  assert.notEqual(second.refresh_token, first.refresh_token);
  secrets.push(first.refresh_token as string, second.refresh_token as string);
  assert.deepEqual([await status(first.access_token), await status(second.access_token)], [200, 200]);
  await assert.rejects(
    client.refreshTokenGrant(config, first.refresh_token as string),
    /invalid_grant|unexpected HTTP|server responded/,
  );
  assert.deepEqual([await status(first.access_token), await status(second.access_token)], [401, 401]);
  await assert.rejects(client.refreshTokenGrant(config, second.refresh_token as string));
  const { stdout } = await world.gate.cli('audit', 'search', '--event', 'identity/reused', '--json');
  assert.match(stdout, /identity\/reused/);
});

test('client credentials: by secret in either place and by a signed assertion, in the roles it was given', async () => {
  const grants = ['client_credentials'];
  const robot = { name: 'Robot', redirectUris: [], grants, scopes: ['notes:read'] };
  const app = world.app({ ...robot, proof: 'secret' }, { roles: ['robot'] });
  for (const auth of [client.ClientSecretBasic(app.secret), client.ClientSecretPost(app.secret)]) {
    const config = await world.configuration(app, auth);
    const tokens = await client.clientCredentialsGrant(config, { scope: 'notes:read notes:write', resource: RESOURCE });
    const told = await world.call('/notes', tokens.access_token);
    assert.deepEqual([told.status, told.roles, told.scopes], [200, 'robot', 'notes:read']);
    assert.equal(tokens.refresh_token, undefined);
    assert.equal((await world.call('/notes', tokens.access_token, 'POST')).status, 403);
  }
  secrets.push(app.secret as string);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }];
  const signing = world.app({ ...robot, proof: 'private_key_jwt', keys }, { roles: ['robot'] });
  const jwk = privateKey.export({ format: 'jwk' });
  const key = await crypto.subtle.importKey('jwk', jwk as never, { name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
  ]);
  const config = await world.configuration(signing, client.PrivateKeyJwt({ key, kid: 'k1' }));
  assert.equal(await status((await client.clientCredentialsGrant(config, {})).access_token), 200);
  const assertion = await new SignJWT({ jti: 'once' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(signing.id)
    .setSubject(signing.id)
    .setAudience(world.issuer)
    .setExpirationTime('1m')
    .sign(privateKey);
  const body = {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
  const send = async () =>
    (await world.fetch(`${world.issuer}/token`, { method: 'POST', body: new URLSearchParams(body) })).status;
  const sent = await Promise.all([send(), send(), send(), send()]);
  assert.equal(sent.filter((one) => one === 200).length, 1, 'an assertion is good once');
  const stranger = await world.configuration(app, client.ClientSecretBasic('pcs_wrong'));
  await assert.rejects(
    client.clientCredentialsGrant(stranger, {}),
    (error: { status?: number }) => error.status === 401,
  );
});

test('device flow: the code is entered, checked and confirmed in a browser, and the device gets its tokens', async () => {
  const config = await world.configuration(
    world.app({ name: 'TV', redirectUris: [], grants: ['device_code', 'refresh_token'], scopes: ['notes:read'] }),
  );
  const started = await client.initiateDeviceAuthorization(config, {
    scope: 'openid offline_access notes:read',
    resource: RESOURCE,
  });
  const polling = client.pollDeviceAuthorizationGrant(config, { ...started, interval: 0.2 });
  const browser = world.browser();
  const empty = await browser.open(started.verification_uri);
  const wrong = await browser.submit(empty, { user_code: 'BCDF-GHJK' });
  assert.match(wrong.text, /aria-invalid="true" aria-describedby="problem"/);
  const filled = await browser.open(started.verification_uri_complete as string);
  assert.doesNotMatch(filled.text, /<script/);
  const confirm = await browser.submit(filled, {});
  assert.match(confirm.text, new RegExp(started.user_code));
  assert.match(confirm.text, /TV wants to be connected/);
  const login = await browser.submit(confirm, {});
  const consent = await signIn(browser, login, 'ann');
  const done = await browser.submit(consent, {}, { button: 'allow' });
  assert.match(done.text, /Your device is connected/);
  const tokens = await polling;
  assert.equal(await status(tokens.access_token, '/notes'), 200);
  assert.ok(tokens.refresh_token);
});

test('pushed requests, resource indicators, and a request for another resource', async () => {
  const app = world.app({ proof: 'secret', scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const verifier = client.randomPKCECodeVerifier();
  const parameters = {
    redirect_uri: REDIRECT,
    scope: 'notes:read',
    resource: RESOURCE,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  };
  const url = await client.buildAuthorizationUrlWithPAR(config, parameters);
  assert.match(url.searchParams.get('request_uri') ?? '', /^urn:ietf:params:oauth:request_uri:/);
  assert.equal(url.searchParams.get('redirect_uri'), null);
  const back = await arrive(world.browser(), url, 'ann');
  const tokens = await client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier });
  assert.equal(await status(tokens.access_token, '/notes'), 200);
  await assert.rejects(
    client.buildAuthorizationUrlWithPAR(config, { ...parameters, resource: 'https://other.example/' }),
    (error: { error?: string }) => error.error === 'invalid_target',
  );
});

test('revocation and introspection, of one’s own tokens only', async () => {
  const app = world.app({ proof: 'secret', scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const other = await world.configuration(world.app({ proof: 'secret' }));
  const tokens = await tokensOf(config, world.browser(), 'ann', { scope: 'openid notes:read' });
  const told = await client.tokenIntrospection(config, tokens.access_token);
  assert.deepEqual([told.active, told.client_id, told.aud, told.scope], [true, app.id, RESOURCE, 'notes:read']);
  assert.equal((await client.tokenIntrospection(config, tokens.refresh_token as string)).active, true);
  assert.deepEqual(await client.tokenIntrospection(other, tokens.access_token), { active: false });
  await client.tokenRevocation(other, tokens.access_token);
  assert.equal(await status(tokens.access_token), 200, 'a stranger cannot revoke it');
  await client.tokenRevocation(config, tokens.access_token);
  assert.equal(await status(tokens.access_token), 401);
  assert.deepEqual(await client.tokenIntrospection(config, tokens.access_token), { active: false });
  const next = await client.refreshTokenGrant(config, tokens.refresh_token as string);
  assert.equal(await status(next.access_token), 200, 'one token was revoked, not the grant');
  await client.tokenRevocation(config, next.refresh_token as string, { token_type_hint: 'refresh_token' });
  assert.equal(await status(next.access_token), 401, 'the grant went, and all that came from it');
  await assert.rejects(client.refreshTokenGrant(config, next.refresh_token as string));
});

test('logout at the application’s wish: asked, then session and tokens are over', async () => {
  const goodbye = 'https://app.example/goodbye';
  const app = world.app({ scopes: ['notes:read'], logoutUris: [goodbye] });
  const config = await world.configuration(app);
  const browser = world.browser();
  const tokens = await tokensOf(config, browser, 'ann', { scope: 'openid notes:read' });
  const end = client.buildEndSessionUrl(config, {
    post_logout_redirect_uri: goodbye,
    id_token_hint: tokens.id_token as string,
  });
  const ask = await browser.open(end);
  assert.match(ask.text, /Sign out\?/);
  assert.equal(await status(tokens.access_token), 200);
  const left = await browser.submit(ask, {}, { button: 'yes' });
  assert.equal(left.url.href, goodbye);
  assert.equal(await status(tokens.access_token), 401);
  const again = await browser.open((await request(config)).url);
  assert.match(again.text, /type="password"/);
});

test('consent is remembered, own applications do not ask, prompt=none is answered without a page', async () => {
  const app = world.app({ scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const asks = async (parameters: Record<string, string>): Promise<boolean> => {
    const browser = world.browser();
    const page = await signIn(browser, await browser.open((await request(config, parameters)).url), 'bob');
    if (page.status !== 0) await browser.submit(page, {}, { button: 'allow' });
    return page.status !== 0;
  };
  assert.equal(await asks({ scope: 'openid' }), true);
  assert.equal(await asks({ scope: 'openid' }), false);
  assert.equal(await asks({ scope: 'openid notes:read' }), true, 'more than before');
  assert.equal(await asks({ scope: 'openid', prompt: 'consent' }), true);
  const own = await world.configuration(world.app({ scopes: ['notes:read'] }, { own: true }));
  const browser = world.browser();
  const page = await signIn(
    browser,
    await browser.open((await request(own, { scope: 'openid notes:read' })).url),
    'bob',
  );
  assert.ok(page.url.searchParams.has('code'));
  const silent = await browser.open((await request(own, { prompt: 'none' })).url);
  assert.ok(silent.url.searchParams.has('code'));
  const stranger = await world.browser().open((await request(own, { prompt: 'none' })).url);
  assert.equal(stranger.url.searchParams.get('error'), 'login_required');
  const refusing = world.browser();
  const refused = await refusing.submit(await refusing.open((await request(own)).url), {}, { button: 'cancel' });
  assert.equal(refused.url.searchParams.get('error'), 'access_denied');
});

test('tokens bound to a key (DPoP) are good with a proof only', async () => {
  const app = world.app({ proof: 'secret', scopes: ['notes:read'] });
  const config = await world.configuration(app);
  const keys = await client.randomDPoPKeyPair('ES256');
  const handle = client.getDPoPHandle(config, keys);
  const { url, verifier, state } = await request(config, { scope: 'openid notes:read' });
  const back = await arrive(world.browser(), url, 'ann');
  const tokens = await client.authorizationCodeGrant(
    config,
    back,
    { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: url.searchParams.get('nonce') as string },
    undefined,
    { DPoP: handle },
  );
  assert.equal(tokens.token_type, 'dpop');
  assert.equal(await status(tokens.access_token), 401, 'as a bearer');
  const target = new URL(`https://localhost:${world.gate.port}/notes`);
  const answer = await client.fetchProtectedResource(config, tokens.access_token, target, 'GET', undefined, undefined, {
    DPoP: handle,
  });
  assert.equal(answer.status, 200);
});

test('the pages speak the reader’s language, and work without a script', async () => {
  const config = await world.configuration(world.app());
  const german = await world
    .browser({ 'accept-language': 'fr;q=1, de-CH;q=0.8, en;q=0.5' })
    .open((await request(config)).url);
  assert.match(german.text, /<html lang="de">[\s\S]*Anmelden/);
  const asked = await world
    .browser({ 'accept-language': 'en' })
    .open((await request(config, { ui_locales: 'xx de' })).url);
  assert.match(asked.text, /<html lang="de">/);
  assert.doesNotMatch(german.text, /<script|<style|style=|onclick/);
  for (const field of ['name', 'password']) {
    assert.match(german.text, new RegExp(`<label for="${field}">`));
    assert.match(german.text, new RegExp(`<input id="${field}"`));
  }
  const style = await world.fetch(`${world.issuer}/assets/style.css`);
  assert.match(style.headers.get('content-type') ?? '', /^text\/css/);
});

test('nothing that could be used stands in the data directory, the log or what was printed', async () => {
  assert.ok(secrets.length > 8);
  const data = join(world.gate.directory, 'data');
  const files = readdirSync(data, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(join(data, name)).isFile(),
  );
  for (const name of files) {
    const text = readFileSync(join(data, name), 'latin1');
    for (const secret of secrets) assert.ok(!text.includes(secret), `${name} holds ${secret.slice(0, 8)}...`);
  }
  for (const secret of secrets) assert.ok(!(world.gate.program.stdout + world.gate.program.stderr).includes(secret));
  assert.equal(statSync(join(data, 'identity', 'keys.json')).mode & 0o777, 0o600);
  assert.doesNotMatch(readFileSync(join(data, 'identity', 'jwks.json'), 'utf8'), /"d"/);
});
