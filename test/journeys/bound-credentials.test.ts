import assert from 'node:assert/strict';
import { connect as connectHttp2, type OutgoingHttpHeaders } from 'node:http2';
import { after, before, test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { Agent, type RequestInit, fetch as undiciFetch } from 'undici';
import { TestHolder } from '../../src/authentication/binding/testing.ts';
import { TestIssuer } from '../../src/authentication/testing.ts';
import { type GateUnderTest, startGate, type Upstream, upstream } from '../support/gate.ts';
import { lifetime } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

/** The shop, for callers with tokens: creating is for bound ones only. */
const CONTRACT = {
  ...SHOP,
  security: [{ token: [] }],
  paths: {
    ...SHOP.paths,
    '/things': {
      get: SHOP.paths['/things'].get,
      post: { ...SHOP.paths['/things'].post, 'x-portcullis-binding': 'dpop' },
    },
  },
  components: { ...SHOP.components, securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
};

const life = lifetime(after);
const issuer = new TestIssuer();
const holder = new TestHolder();
let gate: GateUnderTest;
let shop: Upstream;
let agent: Agent;

const configuration = (dpop: Record<string, unknown> = {}) => ({
  contract: 'openapi.json',
  upstream: shop.url,
  authorization: { roles: { customer: ['**'], admin: ['**'] } },
  throttling: { address: '10000/s', principal: '10000/s', anonymous: '10000/s', slow: 'off' },
  authentication: {
    issuers: [{ issuer: issuer.name, jwks: 'jwks.json', audience: 'clinic' }],
    roleBinding: { admin: 'dpop' },
    dpop,
  },
});
const FILES = { 'openapi.json': JSON.stringify(CONTRACT), 'jwks.json': issuer.set().toString() };

before(async () => {
  shop = await upstream(life, (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('[]');
  });
  gate = await startGate(life, configuration(), FILES);
  agent = new Agent({ connect: { ca: gate.ca } });
  life.after(() => agent.destroy());
});

const claims = (more: Record<string, unknown> = {}) => issuer.claims(Date.now(), { roles: ['customer'], ...more });
const boundTo = (jkt: string, more = {}): string => issuer.token(claims({ cnf: { jkt }, ...more }));
const urlOf = (path: string, at = gate): string => `https://localhost:${at.port}${path}`;
const headersOf = (token: string, path = '/things', method = 'GET', parts = {}, at = gate) => ({
  authorization: `DPoP ${token}`,
  dpop: holder.proof(token, method, urlOf(path, at), Date.now(), parts),
});

/** A client that is not ours. */
async function client(at: GateUnderTest) {
  const keys = await oauth.generateKeyPair('ES256', { extractable: true });
  const dpop = oauth.DPoP({}, keys);
  const own = new Agent({ connect: { ca: at.ca } });
  life.after(() => own.destroy());
  return {
    jkt: await dpop.calculateThumbprint(),
    call: (token: string, method: string, path: string, body?: string) =>
      oauth.protectedResourceRequest(
        token,
        method,
        new URL(urlOf(path, at)),
        new Headers(body === undefined ? {} : { 'content-type': 'application/json' }),
        body,
        {
          DPoP: dpop,
          [oauth.customFetch]: (url, init) =>
            undiciFetch(url, { ...(init as RequestInit), dispatcher: own }) as unknown as Promise<Response>,
        },
      ),
  };
}

test('a client of the standard calls with a bound token; the proof goes no further than the gate', async () => {
  const { jkt, call } = await client(gate);
  const token = boundTo(jkt);
  for (let i = 0; i < 3; i++) assert.equal((await call(token, 'GET', `/things?limit=${i + 1}`)).status, 200);
  const last = shop.seen.at(-1);
  assert.equal(last?.headers['x-portcullis-principal'], `${issuer.name}|ann`);
  assert.equal(last.headers['dpop'], undefined);
  assert.equal(last.headers['authorization'], undefined);
  const { stdout } = await gate.cli('audit', 'search', '--operation', 'listThings', '--json');
  assert.match(stdout, /"binding":"dpop"/);
});

test('where bound credentials are asked for, a bearer token is refused and told how', async () => {
  const body = JSON.stringify({ name: 'lamp' });
  const json = { 'content-type': 'application/json' };
  const bearer = { authorization: `Bearer ${issuer.token(claims())}` };
  assert.equal((await gate.send('/things', { headers: bearer })).status, 200);
  const refused = await gate.send('/things', { method: 'POST', headers: { ...bearer, ...json }, body });
  assert.equal(refused.status, 401);
  assert.equal(refused.json()['code'], 'credential-unbound');
  assert.match(refused.headers['www-authenticate'] ?? '', /DPoP realm="portcullis", algs="ES256 /);
  const admin = { authorization: `Bearer ${issuer.token(claims({ roles: ['admin'] }))}` };
  assert.equal((await gate.send('/things', { headers: admin })).json()['code'], 'credential-unbound', 'by role');
  const { jkt, call } = await client(gate);
  assert.notEqual((await call(boundTo(jkt, { roles: ['admin'] }), 'POST', '/things', body)).status, 401);
});

test('a stolen bound token is of no use: not as a bearer, not with another key, not with a used proof', async () => {
  const token = boundTo(holder.jkt);
  const proof = headersOf(token);
  assert.equal((await gate.send('/things', { headers: proof })).status, 200);
  const thief = new TestHolder();
  const attempts: [string, Record<string, string>, RegExp][] = [
    ['replayed', proof, /error="invalid_dpop_proof", error_description="the proof was used before/],
    ['as a bearer', { authorization: `Bearer ${token}` }, /DPoP .*error="invalid_token"/],
    ['without a proof', { authorization: `DPoP ${token}` }, /error="invalid_dpop_proof"/],
    [
      'with another key',
      { ...proof, dpop: thief.proof(token, 'GET', urlOf('/things'), Date.now()) },
      /error="invalid_token"/,
    ],
    ['for another path', headersOf(token, '/ping'), /htu/],
    ['for another method', headersOf(token, '/things', 'DELETE'), /htm/],
    [
      'for http',
      { ...proof, dpop: holder.proof(token, 'GET', urlOf('/things').replace('s:', ':'), Date.now()) },
      /htu/,
    ],
    ['for another port', { ...proof, dpop: holder.proof(token, 'GET', 'https://localhost/things', Date.now()) }, /htu/],
    ['for another token', { ...headersOf(boundTo(holder.jkt)), authorization: `DPoP ${token}` }, /ath/],
  ];
  for (const [what, headers, challenge] of attempts) {
    const { status, headers: answer } = await gate.send('/things', { headers });
    assert.equal(status, 401, what);
    assert.match(answer['www-authenticate'] ?? '', challenge, what);
  }
  const evil = holder.proof(token, 'GET', 'https://evil.example/things', Date.now());
  const confused = await gate.send('/things', { headers: { ...proof, dpop: evil, host: 'evil.example' } });
  assert.equal(confused.status, 401, 'a proof made for another server, with its name in Host');
  const numeric = holder.proof(token, 'GET', `https://127.0.0.1:${gate.port}/things`, Date.now());
  const address = { ...proof, dpop: numeric, host: `127.0.0.1:${gate.port}` };
  assert.equal((await gate.send('/things', { headers: address })).status, 200, 'a name of its own');
});

test('one proof, not two, over HTTP/1.1 and HTTP/2', async () => {
  const token = boundTo(holder.jkt);
  const one = headersOf(token);
  const two = { authorization: one.authorization, dpop: [one.dpop, headersOf(token).dpop] };
  const { status, json } = await gate.send('/things', { headers: two });
  assert.deepEqual([status, json()['code']], [400, 'ambiguous-request']);
  assert.equal((await gate.send('/things', { headers: { ...one, dpop: two.dpop.join(', ') } })).status, 401);

  const session = connectHttp2(`https://localhost:${gate.port}`, { ca: gate.ca });
  life.after(() => session.destroy());
  const over2 = (headers: OutgoingHttpHeaders) =>
    new Promise<number>((resolve, reject) => {
      const stream = session.request({ ':path': '/things', ...headers });
      stream.on('response', (answer) => resolve(Number(answer[':status'])));
      stream.on('error', reject);
      stream.resume();
      stream.end();
    });
  assert.equal(await over2(headersOf(token)), 200);
  assert.equal(await over2(headersOf(token)), 200, 'a second stream of the connection');
  assert.equal(await over2(one), 200, 'whatever was refused above has used nothing up');
  assert.equal(await over2(one), 401);
  assert.equal(await over2({ ...one, dpop: two.dpop }), 400);
});

test('a proof used at one worker is refused at the other', async () => {
  const workers = await startGate(life, configuration(), FILES, ['--workers', '2']);
  const token = boundTo(holder.jkt);
  for (let round = 0; round < 5; round++) {
    const headers = headersOf(token, '/things', 'GET', {}, workers);
    const statuses = await Promise.all(
      Array.from({ length: 12 }, async () => (await workers.send('/things', { headers })).status),
    );
    assert.equal(statuses.filter((status) => status === 200).length, 1, String(statuses));
    assert.equal(statuses.filter((status) => status === 401).length, 11);
  }
});

test('nonces: asked for, given, renewed; the client of the standard follows', async () => {
  const strict = await startGate(life, configuration({ nonce: 'required', nonceLifetime: '2s' }), FILES, [
    '--workers',
    '2',
  ]);
  const { jkt, call } = await client(strict);
  const token = boundTo(jkt);
  const first = await call(token, 'GET', '/things').then(
    (answer) => answer,
    (error: unknown) => error as oauth.WWWAuthenticateChallengeError,
  );
  assert.ok(first instanceof oauth.WWWAuthenticateChallengeError);
  assert.equal(first.cause[0]?.parameters.error, 'use_dpop_nonce');
  assert.ok(oauth.isDPoPNonceError(first));
  let answered = 0;
  for (let i = 0; i < 20; i++)
    await call(token, 'GET', '/things').then(
      (answer) => (answered += answer.status === 200 ? 1 : 0),
      (error: unknown) => assert.ok(oauth.isDPoPNonceError(error), 'at worst a nonce that has just ended'),
    );
  assert.ok(answered >= 18, String(answered));
});
