import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { clientCredentialsGrant } from 'openid-client';
import { type ForeignIssuer, type ForeignOptions, foreignIssuer, GATE } from '../support/foreign-issuer.ts';
import { type GateUnderTest, startGate, upstream } from '../support/gate.ts';
import { identityGate, RESOURCE } from '../support/identity.ts';
import { lifetime, until } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

// The program in front of the shop, with a server of tokens that is not ours (oidc-provider plays it): what it published is
// found by its name alone, and its signed and opaque tokens work side by side.

const CONTRACT = JSON.stringify({
  ...SHOP,
  security: [{ token: [] }],
  components: { ...SHOP.components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
});

interface Given {
  readonly foreign?: ForeignOptions;
  readonly issuer?: ForeignIssuer;
  readonly settings?: Record<string, unknown>;
  readonly introspection?: Record<string, unknown>;
  readonly files?: Record<string, string>;
}

async function setUp(t: TestContext, given: Given = {}) {
  const life = lifetime((work) => t.after(work));
  const issuer = given.issuer ?? (await foreignIssuer(given.foreign));
  life.after(() => issuer.stop());
  const shop = await upstream(life, (req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(req.url === '/ping' ? '{"ok":true}' : '[]');
  });
  const gate = await startGate(
    life,
    {
      contract: 'openapi.json',
      upstream: shop.url,
      throttling: { address: '10000/s', principal: '10000/s' },
      authorization: { roles: { customer: ['**'] } },
      authentication: {
        issuers: [
          {
            issuer: issuer.url,
            audience: 'shop',
            roles: { from: 'realm_access.roles', map: { 'shop-customers': 'customer' } },
            introspection: {
              client: GATE.id,
              secret: GATE.secret,
              maxAge: '1s',
              ...given.introspection,
            },
            ...given.settings,
          },
        ],
      },
    },
    { 'openapi.json': CONTRACT, ...given.files },
  );
  return { issuer, gate, shop, ask: asker(gate) };
}

const asker =
  (gate: GateUnderTest) =>
  async (token: string, path = '/things') =>
    (await gate.send(path, { headers: { authorization: `Bearer ${token}` } })).status;

test('the name of the issuer is enough: signed and opaque tokens, roles by the map, the other audience refused', async (t) => {
  const { issuer, ask, gate, shop } = await setUp(t, { settings: { typ: 'at+jwt' } });
  const signed = await issuer.token('urn:shop:jwt');
  const opaque = await issuer.token('urn:shop:opaque');
  assert.match(signed, /^eyJ/);
  assert.doesNotMatch(opaque, /\./);
  assert.deepEqual([await ask(signed), await ask(opaque), await ask(signed), await ask(opaque)], [200, 200, 200, 200]);
  assert.equal(issuer.asked.filter((one) => one.endsWith('/token/introspection')).length, 1);
  assert.equal(await ask(await issuer.token('urn:other')), 401, 'a token for another API');
  assert.equal(await ask(`${signed.slice(0, -4)}AAAA`), 401);
  assert.equal(await ask('made-up'), 401);
  const { headers } = shop.seen.at(-1) ?? {};
  assert.equal(headers?.['x-portcullis-roles'], 'customer', 'the issuer’s other roles are nobody’s here');
  assert.equal(headers?.['x-portcullis-principal'], `${issuer.url}|app`);
  const { stdout } = await gate.cli('audit', 'search', '--json', '--principal', `client:${issuer.url}|app`);
  assert.match(stdout, /"scheme":"introspection"/);
  assert.match(stdout, /"scheme":"jwt"/);
  assert.ok(!stdout.includes(opaque), 'the token itself is nowhere on record');
});

test('what the issuer revokes is refused as soon as its last answer is too old', async (t) => {
  const { issuer, ask } = await setUp(t);
  const token = await issuer.token('urn:shop:opaque');
  assert.equal(await ask(token), 200);
  await issuer.revoke(token);
  await until('the revoked token is refused', async () => (await ask(token)) === 401);
});

test('an issuer that goes down and comes back with another key', async (t) => {
  const { issuer, ask } = await setUp(t, { introspection: { maxAge: '10m' } });
  const known = [await issuer.token('urn:shop:jwt'), await issuer.token('urn:shop:opaque')];
  const unknown = await issuer.token('urn:shop:opaque');
  const unseen = await issuer.token('urn:shop:jwt');
  for (const token of known) assert.equal(await ask(token), 200);
  await issuer.stop();
  for (const token of known) assert.equal(await ask(token), 200, 'known tokens go on');
  assert.equal(await ask(unseen), 200, 'so do known keys');
  assert.equal(await ask(unknown), 503, 'of an unknown one nobody can say');
  const again = await foreignIssuer({ port: issuer.port, kid: 'k2' });
  t.after(() => again.stop());
  assert.equal(await ask(await again.token('urn:shop:jwt')), 200, 'a key id that is not known is asked for at once');
  const opaque = await again.token('urn:shop:opaque');
  await until('opaque tokens are asked about again', async () => (await ask(opaque)) === 200);
});

test('an issuer that is down when the gate starts', async (t) => {
  const first = await foreignIssuer();
  t.after(() => first.stop());
  const token = await first.token('urn:shop:jwt');
  await first.stop();
  const { ask, gate } = await setUp(t, { issuer: { ...first, stop: async () => {} } });
  const refused = await gate.send('/things', { headers: { authorization: `Bearer ${token}` } });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers['retry-after']) >= 1);
  assert.equal((await gate.send('/ping')).status, 200, 'everything else is served');
  const { stdout } = await gate.cli('audit', 'search', '--json', '--event', 'authentication/issuer');
  assert.match(stdout, /the metadata of an issuer cannot be had/);
  const online = await gate.cli('check', '--online');
  assert.equal(online.code, 1);
  assert.match(online.stdout, /PROBLEM.*cannot be fetched/);
  const again = await foreignIssuer({ port: first.port });
  t.after(() => again.stop());
  const fresh = await again.token('urn:shop:jwt');
  await until('its tokens are taken without a restart', async () => (await ask(fresh)) === 200);
});

test('check asks an issuer only with --online, and says what it found', async (t) => {
  const { issuer, gate } = await setUp(t);
  await until('the gate has its keys', () => issuer.asked.length >= 2);
  const before = issuer.asked.length;
  await gate.cli('check');
  assert.equal(issuer.asked.length, before);
  const { stdout, stderr } = await gate.cli('check', '--online', '--quiet');
  assert.match(stdout, new RegExp(`issuer ${issuer.url}\n`), stderr);
  assert.match(stdout, /metadata\s+http.*\/realms\/shop\/\.well-known\/openid-configuration/);
  assert.match(stdout, /key set\s+http.*\/jwks \(1 keys\)/);
  assert.match(stdout, /introspection\s+http.*\/token\/introspection/);
  assert.doesNotMatch(stdout, /PROBLEM/);
  gate.configure({
    authentication: {
      issuers: [{ issuer: issuer.url, audience: 'shop', introspection: { client: GATE.id, secret: 'wrong' } }],
    },
  });
  const wrong = await gate.cli('check', '--online', '--json');
  assert.equal(wrong.code, 1);
  const { issuers } = JSON.parse(wrong.stdout) as { issuers: { problems: string[] }[] };
  assert.match(issuers[0]?.problems.join() ?? '', /client id and secret or key are not accepted/);
});

test('the gate proves itself by a key of its own, and believes signed answers only', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { issuer, ask } = await setUp(t, {
    foreign: {
      gate: {
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: 'ES256',
        jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'g1', use: 'sig' }] },
        introspection_signed_response_alg: 'ES256',
      },
    },
    introspection: { method: 'private_key_jwt', secret: undefined, key: 'gate.json', signed: true },
    files: { 'gate.json': JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'g1' }) },
  });
  assert.equal(await ask(await issuer.token('urn:shop:opaque')), 200);
  assert.equal(await ask('made-up'), 401);
});

test('a token in the URL is refused, and whose it was is found in the audit log', async (t) => {
  const { issuer, gate, shop } = await setUp(t);
  const token = await issuer.token('urn:shop:jwt');
  const before = shop.seen.length;
  const answer = await gate.send(`/things?access_token=${token}`);
  assert.equal(answer.status, 400);
  assert.equal(answer.json()['code'], 'credentials-in-url');
  assert.match(String(answer.headers['www-authenticate']), /^Bearer .*error="invalid_request"/);
  assert.equal(shop.seen.length, before);
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { jti: string };
  const { stdout } = await gate.cli('audit', 'search', '--json', '--event', 'authentication/exposed-credential');
  assert.ok(stdout.includes(jti));
  assert.ok(!stdout.includes(token.split('.')[2] ?? token));
});

test('the embedded server of another gate, over https with a CA of its own', async (t) => {
  const life = lifetime((work) => t.after(work));
  const other = await identityGate(life);
  const app = other.app(
    { name: 'Robot', redirectUris: [], grants: ['client_credentials'], scopes: ['notes:read'], proof: 'secret' },
    { roles: ['robot'] },
  );
  const tokens = await clientCredentialsGrant(await other.configuration(app), { resource: RESOURCE });
  const { ask, shop } = await setUp(t, {
    issuer: { url: other.issuer, asked: [], stop: async () => {} } as unknown as ForeignIssuer,
    settings: {
      audience: RESOURCE,
      ca: 'other-ca.pem',
      typ: 'at+jwt',
      introspection: undefined,
      roles: { map: { robot: 'customer' } },
    },
    files: { 'other-ca.pem': other.gate.ca.toString() },
  });
  assert.equal(await ask(tokens.access_token), 200);
  assert.equal(shop.seen.at(-1)?.headers['x-portcullis-principal'], `${other.issuer}|${app.id}`);
  const strange = await setUp(t, {
    issuer: { url: other.issuer, asked: [], stop: async () => {} } as unknown as ForeignIssuer,
    settings: { audience: RESOURCE, introspection: undefined },
  });
  assert.equal(await strange.ask(tokens.access_token), 503, 'without its CA the other gate is nobody');
});
