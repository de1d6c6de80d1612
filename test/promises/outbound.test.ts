import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startGate, upstream } from '../support/gate.ts';
import { cli, lifetime, scratch } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

// Promise 9: what documents and tokens can steer goes through the guarded client; nothing on this machine is asked.
const life = lifetime(after);
/** What came to a server that nobody should ask. */
const asked: string[] = [];
let trap: string;

before(async () => {
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`);
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"type":"object","keys":[]}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  life.after(() => server.close().closeAllConnections());
  trap = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});

test('a $ref in a contract cannot reach this machine, in any spelling', async (t) => {
  const directory = scratch(t);
  const [, port] = trap.split(':');
  const spellings = [
    `http://${trap}/s.json`,
    `http://localhost:${port}/s.json`,
    `http://2130706433:${port}/s.json`,
    `http://0x7f.1:${port}/s.json`,
    `http://[::1]:${port}/s.json`,
    `http://[::ffff:127.0.0.1]:${port}/s.json`,
    `http://0.0.0.0:${port}/s.json`,
    `https://${trap}/s.json`,
    `//${trap}/s.json`,
    `file:///etc/passwd`,
    `../../../../../../etc/passwd`,
    '/etc/passwd',
  ];
  const results = await Promise.all(
    spellings.map((ref, i) => {
      const contract = structuredClone(SHOP) as unknown as { components: { schemas: Record<string, unknown> } };
      contract.components.schemas['Pong'] = { $ref: ref };
      writeFileSync(join(directory, `${i}.json`), JSON.stringify(contract, null, 2));
      return cli(['check', `${i}.json`], { cwd: directory });
    }),
  );
  for (const [i, { code, stdout, stderr }] of results.entries()) {
    assert.equal(code, 2, `${spellings[i]}: ${stdout}`);
    assert.match(stderr, new RegExp(`${i}\\.json:\\d+:\\d+: `), String(spellings[i]));
    assert.doesNotMatch(stderr + stdout, /root:/, 'no file of this machine is shown');
  }
  assert.deepEqual(asked, []);
});

test('a contract that the operator fetched cannot lead on to this machine', async (t) => {
  const directory = scratch(t);
  const contract = structuredClone(SHOP) as unknown as { components: { schemas: Record<string, unknown> } };
  contract.components.schemas['Pong'] = { $ref: `http://${trap}/s.json` };
  const source = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(contract));
  });
  await new Promise<void>((done) => source.listen(0, '127.0.0.1', done));
  t.after(() => source.close().closeAllConnections());
  const { port } = source.address() as AddressInfo;
  const { code } = await cli(['check', `http://127.0.0.1:${port}/openapi.json`], { cwd: directory });
  assert.equal(code, 2);
  assert.deepEqual(asked, []);
});

test('addresses that a contract merely mentions are not asked', async (t) => {
  const directory = scratch(t);
  const contract = {
    ...SHOP,
    servers: [{ url: `http://${trap}/` }],
    externalDocs: { url: `http://${trap}/docs` },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    components: {
      ...SHOP.components,
      securitySchemes: {
        ...SHOP.components.securitySchemes,
        oidc: { type: 'openIdConnect', openIdConnectUrl: `http://${trap}/.well-known/openid-configuration` },
        oauth: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: `http://${trap}/token`, scopes: {} } } },
      },
    },
  };
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(contract, null, 2));
  await cli(['check', 'openapi.json'], { cwd: directory });
  assert.deepEqual(asked, []);
});

test('a token cannot say where its key is to be fetched', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', use: 'sig' };
  const shop = await upstream(life, (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('[]');
  });
  const issuer = `http://${trap}/`;
  const gate = await startGate(
    life,
    {
      contract: 'openapi.json',
      upstream: shop.url,
      authentication: {
        issuers: [{ issuer: 'https://login.example', jwks: 'jwks.json', audience: 'shop' }],
        lockout: { address: { failures: 10_000 } },
      },
      authorization: { roles: { customer: ['**'] } },
    },
    {
      'openapi.json': JSON.stringify({
        ...SHOP,
        security: [{ token: [] }],
        components: { ...SHOP.components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      }),
      'jwks.json': JSON.stringify({ keys: [{ ...jwk, kid: 'ours' }] }),
    },
  );
  const token = (header: object, claims: object = {}): string => {
    const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const signed = `${encode({ alg: 'EdDSA', ...header })}.${encode({ iss: 'https://login.example', aud: 'shop', sub: 'anna', roles: ['customer'], exp: now + 300, iat: now, ...claims })}`;
    return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
  };
  const ask = async (sent: string) =>
    (await gate.send('/things', { headers: { authorization: `Bearer ${sent}` } })).status;
  assert.equal(await ask(token({ kid: 'ours' })), 200, 'a good token passes');
  const evil = generateKeyPairSync('ed25519');
  const evilJwk = evil.publicKey.export({ format: 'jwk' });
  const tokens = [
    token({ kid: `http://${trap}/kid` }),
    token({ kid: 'unknown', jku: `http://${trap}/jku` }),
    token({ kid: 'unknown', x5u: `http://${trap}/x5u` }),
    token({ kid: 'unknown', jku: `https://${trap}/jku`, jwk: evilJwk }),
    token({ kid: 'ours' }, { iss: issuer }),
    token({ kid: 'ours' }, { iss: `http://${trap}` }),
  ];
  for (const one of tokens) assert.equal(await ask(one), 401);
  // A good signature with an address beside it may pass or not; nothing may be asked either way.
  await ask(token({ kid: 'ours', jku: `http://${trap}/jku` }));
  assert.deepEqual(asked, []);
});

test('a redirect of the API is not followed by the gate', async (t) => {
  const api = await upstream(t, (_req, res) => {
    res.writeHead(307, { location: `http://${trap}/internal` });
    res.end();
  });
  const own = lifetime((work) => t.after(work));
  const gate = await startGate(
    own,
    { contract: 'openapi.json', upstream: api.url, authentication: 'public' },
    { 'openapi.json': JSON.stringify(SHOP) },
  );
  const answer = await gate.send('/ping');
  assert.equal(answer.status, 502);
  assert.doesNotMatch(answer.text + JSON.stringify(answer.headers), /127\.0\.0\.1/);
  assert.deepEqual(asked, []);
});
