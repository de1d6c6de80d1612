import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import {
  type IdentityUnderTest,
  identityGate,
  PASSWORD,
  REDIRECT,
  request,
  signIn,
  tokensOf,
} from '../support/identity.ts';
import { cli, lifetime, until } from '../support/program.ts';

const life = lifetime(after);
let world: IdentityUnderTest;

before(async () => {
  world = await identityGate(life, {
    throttling: { address: '10000/s', principal: '10000/s', classes: { partners: '3/m' }, slow: 'off' },
  });
  for (const name of ['ann', 'bob', 'eve'])
    await world.user(name, { roles: ['customer', 'staff'], scopes: ['notes:read'] });
});

const status = async (token: string, path = '/me'): Promise<number> => (await world.call(path, token)).status;
const ok = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await world.gate.cli(...args);
  assert.equal(code, 0, stderr);
  return stdout;
};
const id = (text: string): string => /app_[0-9A-Za-z]{16}/.exec(text)?.[0] ?? '';

test('an application is registered, approved, shown, suspended, approved again and removed', async () => {
  const made = await world.gate.cli(
    'clients',
    'create',
    'Lab',
    '--redirect',
    REDIRECT,
    '--scope',
    'notes:read',
    '--contact',
    'lab@example.org',
  );
  assert.equal(made.code, 0, made.stderr);
  const app = { id: id(made.stdout) };
  const config = await world.configuration(app);
  const early = await world.browser().open((await request(config)).url);
  assert.equal(early.status, 400, 'nothing before it is approved');
  assert.match(early.text, /invalid_client/);
  assert.match(await ok('clients', 'list'), /pending/);
  await ok('clients', 'approve', app.id, '--scope', 'notes:read', '--role', 'customer');
  const tokens = await tokensOf(config, world.browser(), 'ann', {
    scope: 'openid notes:read offline_access',
    prompt: 'consent',
  });
  const told = await world.call('/me', tokens.access_token);
  assert.deepEqual([told.status, told.roles], [200, 'customer'], 'in the roles it was given, not in all of the user’s');
  assert.equal(await status(tokens.access_token, '/staff'), 403);
  await ok('clients', 'suspend', app.id);
  assert.equal(await status(tokens.access_token), 401);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string));
  await ok('clients', 'approve', app.id);
  assert.equal(await status(tokens.access_token), 401, 'what was revoked stays so');
  // A token of the same second as the suspension is void, too: `iat` has whole seconds.
  let fresh = await client.refreshTokenGrant(config, tokens.refresh_token as string);
  await until('a token that was issued after it', async () => {
    if ((await status(fresh.access_token)) === 200) return true;
    fresh = await client.refreshTokenGrant(config, fresh.refresh_token as string);
    return false;
  });
  assert.match(await ok('clients', 'show', app.id), /lab@example\.org/);
  await ok('clients', 'remove', app.id);
  assert.equal(await status(fresh.access_token), 401);
  assert.equal((await world.gate.cli('clients', 'show', app.id)).code, 2);
});

test('grants are listed and withdrawn, by grant, user and application: tokens end at the next request', async () => {
  const [lab, shop] = [world.app({ name: 'Lab', scopes: ['notes:read'] }), world.app({ name: 'Shop' })];
  const [labConfig, shopConfig] = [await world.configuration(lab), await world.configuration(shop)];
  const scope = { scope: 'openid notes:read' };
  const [a, b, c] = [
    await tokensOf(labConfig, world.browser(), 'bob', scope),
    await tokensOf(shopConfig, world.browser(), 'bob'),
    await tokensOf(labConfig, world.browser(), 'eve', scope),
  ];
  const list = JSON.parse(await ok('grants', 'list', '--user', 'bob', '--json')) as {
    id: string;
    clientName: string;
    scopes: string[];
  }[];
  assert.deepEqual(list.map(({ clientName }) => clientName).sort(), ['Lab', 'Shop']);
  assert.deepEqual(list.find(({ clientName }) => clientName === 'Lab')?.scopes, ['openid', 'notes:read']);
  assert.match(await ok('grants', 'list', '--client', lab.id), /bob[\s\S]*eve|eve[\s\S]*bob/);
  await ok('grants', 'revoke', list.find(({ clientName }) => clientName === 'Lab')?.id as string);
  assert.deepEqual(
    [await status(a.access_token), await status(b.access_token), await status(c.access_token)],
    [401, 200, 200],
  );
  await assert.rejects(client.refreshTokenGrant(labConfig, a.refresh_token as string));
  const browser = world.browser();
  const page = await signIn(browser, await browser.open((await request(labConfig, scope)).url), 'bob');
  assert.match(page.text, /Allow Lab\?/, 'the consent was withdrawn, too');
  await ok('grants', 'revoke', '--user', 'bob');
  assert.deepEqual([await status(b.access_token), await status(c.access_token)], [401, 200]);
  await ok('grants', 'revoke', '--client', lab.id);
  assert.equal(await status(c.access_token), 401);
  assert.equal((await world.gate.cli('grants', 'revoke')).code, 2);
  assert.equal((await world.gate.cli('grants', 'revoke', 'none')).code, 2);
});

test('a user who is disabled, whose password changes, or who is removed has no tokens from that moment on', async () => {
  const config = await world.configuration(world.app());
  const browser = world.browser();
  await world.user('fred', { roles: ['customer'] });
  const tokens = await tokensOf(config, browser, 'fred');
  assert.equal(await status(tokens.access_token), 200);
  await ok('users', 'disable', 'fred');
  assert.equal(await status(tokens.access_token), 401);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string));
  await ok('users', 'enable', 'fred');
  assert.equal(await status(tokens.access_token), 200);
  const { code } = await cli(['--config', world.gate.config, 'users', 'password', 'fred'], {
    cwd: world.gate.directory,
    input: 'another horse another staple\n',
  });
  assert.equal(code, 0);
  assert.equal(await status(tokens.access_token), 401);
  await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string));
  const page = await browser.open((await request(config)).url);
  assert.match(page.text, /type="password"/, 'the session has ended, too');
  assert.match((await signIn(browser, page, 'fred', PASSWORD)).text, /do not go together/);
  await ok('users', 'remove', 'fred');
  assert.equal(await status(tokens.access_token), 401);
});

test('an application bound to an address range gets and uses tokens from there only', async () => {
  const robot = { redirectUris: [], grants: ['client_credentials'], proof: 'secret' as const };
  const near = world.app(robot, { roles: ['robot'], ranges: ['127.0.0.0/8', '::1/128'] });
  const { access_token: token } = await client.clientCredentialsGrant(await world.configuration(near), {});
  assert.equal(await status(token), 200);
  await ok('clients', 'approve', near.id, '--range', '192.0.2.0/24');
  assert.equal(await status(token), 401);
  const config = await world.configuration(near);
  await assert.rejects(client.clientCredentialsGrant(config, {}));
});

test('the admin API does the same', async () => {
  const made = await world.gate.admin('POST', '/clients', {
    body: JSON.stringify({ name: 'By admin', proof: 'secret', redirectUris: [], grants: ['client_credentials'] }),
  });
  assert.equal(made.status, 201, made.text);
  const app = made.json<{ id: string; secret: string }>();
  const approve = await world.gate.admin('POST', `/clients/approve/${app.id}`, {
    body: JSON.stringify({ roles: ['robot'], rateClass: 'partners' }),
  });
  assert.equal(approve.status, 200, approve.text);
  const config = await world.configuration(app, client.ClientSecretBasic(app.secret));
  const { access_token: token } = await client.clientCredentialsGrant(config, {});
  assert.equal(await status(token), 200);
  const list = await world.gate.admin('GET', '/clients');
  assert.ok(list.text.includes(app.id) && !list.text.includes(app.secret) && !/"secret":/.test(list.text));
  assert.equal((await world.gate.admin('GET', '/grants')).status, 200);
  assert.equal((await world.gate.admin('POST', '/grants/revoke', { body: '{}' })).status, 400);
  assert.equal((await world.gate.admin('POST', `/clients/suspend/${app.id}`)).status, 200);
  assert.equal(await status(token), 401);
  assert.equal((await world.gate.admin('DELETE', `/clients/${app.id}`)).status, 200);
  assert.equal((await world.gate.admin('GET', `/clients/${app.id}`)).status, 404);
  for (const body of [
    '{"name":""}',
    '{"name":"x","redirectUris":["http://evil.example/"]}',
    '{"name":"x","proof":"jwt"}',
    '[]',
  ])
    assert.equal((await world.gate.admin('POST', '/clients', { body })).status, 400, body);
});

test('an application falls under the rate of its class, whoever it acts for', async () => {
  const app = world.app(
    { redirectUris: [], grants: ['client_credentials'], proof: 'secret' },
    { roles: ['robot'], rateClass: 'partners' },
  );
  const config = await world.configuration(app);
  const answers: number[] = [];
  for (let i = 0; i < 5; i++)
    answers.push(await status((await client.clientCredentialsGrant(config, {})).access_token));
  assert.deepEqual(answers, [200, 200, 200, 429, 429]);
  const other = await world.configuration(
    world.app(
      { redirectUris: [], grants: ['client_credentials'], proof: 'secret' },
      { roles: ['robot'], rateClass: 'unheard-of' },
    ),
  );
  const { access_token: token } = await client.clientCredentialsGrant(other, {});
  for (let i = 0; i < 5; i++) assert.equal(await status(token), 200);
});

test('what happened is on record', async () => {
  for (const event of [
    'identity/login',
    'identity/login-refused',
    'identity/consent',
    'identity/issued',
    'identity/refreshed',
    'identity/refused',
  ]) {
    const stdout = await ok('audit', 'search', '--event', event, '--json');
    assert.ok(stdout.includes(event), event);
  }
});
