import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { memoryStore } from '../../storage/memory-store.ts';
import { all, BEARER_AUTH, bearer, gate, TestIssuer, world } from '../testing.ts';

const store = memoryStore();
after(() => store.close());
const issuer = new TestIssuer();

function setUp(more: Record<string, unknown> = {}) {
  const services = world(store);
  services.document = () => issuer.set();
  const settings = {
    issuer: issuer.name,
    jwks: 'https://issuer.example/keys',
    audience: 'clinic',
    clockTolerance: 0,
    ...more,
  };
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [settings] });
  return {
    services,
    claims: (extra: Record<string, unknown> = {}) => issuer.claims(services.clock.now(), extra),
    send: (token: string) => send({ headers: bearer(token) }),
    ask: async (token: string): Promise<string> => {
      const { refusal } = await send({ headers: bearer(token) });
      return refusal === undefined ? 'in' : `${refusal.code}: ${refusal.evidence?.['reason']}`;
    },
  };
}

test('how old a token may be, however late it expires', async () => {
  const { ask, services, claims } = setUp({ maxAge: '5m' });
  const now = services.clock.now() / 1000;
  assert.match(await ask(issuer.token(claims())), /iat is missing/);
  assert.match(await ask(issuer.token(claims({ iat: now - 300 }))), /older than maxAge/);
  const token = issuer.token(claims({ iat: now - 299 }));
  assert.equal(await ask(token), 'in');
  assert.equal(await ask(token), 'in');
  services.clock.pass(1_000);
  assert.match(await ask(token), /older than maxAge/, 'though it was seen before');
});

test('other tokens of the same issuer: for the application, for new tokens, of ended sessions', async () => {
  const { ask, claims } = setUp();
  assert.match(await ask(issuer.token(claims({ at_hash: 'AAAA' }))), /an ID token/);
  assert.match(await ask(issuer.token(claims({ c_hash: 'AAAA' }))), /an ID token/);
  assert.match(await ask(issuer.token(claims({ events: {} }))), /a security event/);
  for (const typ of ['ID', 'Refresh', 'Offline', 'Logout'])
    assert.match(await ask(issuer.token(claims({ typ }))), /not an access token/);
  assert.match(await ask(issuer.token(claims({ token_use: 'id' }))), /not an access token/);
  assert.equal(await ask(issuer.token(claims({ typ: 'Bearer', token_use: 'access' }))), 'in');
});

test('roles and scopes of the issuer get the names they have here; what is not listed is nobody’s', async () => {
  const principal = async (more: Record<string, unknown>, extra: Record<string, unknown>) => {
    const { send, claims } = setUp(more);
    const { exchange } = await send(issuer.token(claims(extra)));
    return { roles: exchange.principal?.roles, scopes: exchange.principal?.scopes };
  };
  const groups = ['6f2a', 'nobody', '__proto__', 'constructor'];
  const map = { '6f2a': 'doctor', admins: ['admin', 'staff'] };
  assert.deepEqual((await principal({ roles: { from: 'groups', map } }, { groups })).roles, ['doctor']);
  assert.deepEqual((await principal({ roles: { map } }, { roles: 'admins' })).roles, ['admin', 'staff']);
  assert.deepEqual(
    (await principal({ roles: { from: 'groups', map, others: 'keep' } }, { groups: ['6f2a', 'x'] })).roles,
    ['doctor', 'x'],
  );
  const from = ['realm_access.roles', ['resource_access', 'my.api', 'roles']];
  const keycloak = { realm_access: { roles: ['a'] }, resource_access: { 'my.api': { roles: ['b', 'a'] } } };
  assert.deepEqual((await principal({ roles: { from } }, keycloak)).roles, ['a', 'b']);
  assert.deepEqual(
    (await principal({ scopes: { from: ['scp', 'permissions'] } }, { scp: 'read write', permissions: ['x:y'] })).scopes,
    ['read', 'write', 'x:y'],
  );
  assert.deepEqual(
    (await principal({ scopes: { map: { 'api.read': 'read' } } }, { scope: 'api.read openid' })).scopes,
    ['read'],
  );
});
