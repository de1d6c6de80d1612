import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type GateUnderTest, startGate, upstream } from '../support/gate.ts';
import { cli, lifetime } from '../support/program.ts';
import { SHOP, thing } from '../support/shop.ts';

// Promise 6: no secret in a log, a record, an error or an argument list, wherever it was put.
const PASSWORD = 'correct-horse-battery-staple-7';
const PROOF = 'proof-of-the-gate-4711-secret';
const life = lifetime(after);
let gate: GateUnderTest;
let key: string;
let token: string;
const answers: string[] = [];

before(async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const shop = await upstream(life, (req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(/^\/things\/\d/.test(req.url ?? '') ? thing(1) : []));
  });
  process.env['PORTCULLIS_TEST_PROOF'] = PROOF;
  life.after(() => delete process.env['PORTCULLIS_TEST_PROOF']);
  const components = {
    ...SHOP.components,
    securitySchemes: {
      ...SHOP.components.securitySchemes,
      basic: { type: 'http', scheme: 'basic' },
      token: { type: 'http', scheme: 'bearer' },
    },
  };
  gate = await startGate(
    life,
    {
      contract: 'openapi.json',
      upstream: shop.url,
      forwarding: { headers: { 'x-proof': `\${PORTCULLIS_TEST_PROOF}` } },
      authentication: {
        issuers: [{ issuer: 'https://login.example', jwks: 'jwks.json', audience: 'shop' }],
        lockout: { address: { failures: 10_000 }, account: { failures: 10_000 } },
      },
      authorization: { roles: { customer: ['**'] } },
      audit: { queryValues: ['q'] },
      throttling: { address: '10000/s', principal: '10000/s', anonymous: '10000/s' },
    },
    {
      'openapi.json': JSON.stringify({ ...SHOP, security: [{ key: [] }, { basic: [] }, { token: [] }], components }),
      'jwks.json': JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'EdDSA', kid: 'a' }] }),
    },
  );
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
  const made = await cli(['--config', gate.config, 'users', 'create', 'anna', '--role', 'customer'], {
    cwd: gate.directory,
    input: `${PASSWORD}\n`,
  });
  assert.equal(made.code, 0, made.stderr);
  assert.ok(!`${made.stdout}${made.stderr}`.includes(PASSWORD));
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: 'EdDSA', kid: 'a' })}.${encode({ iss: 'https://login.example', aud: 'shop', sub: 'anna', roles: ['customer'], exp: now + 300, iat: now })}`;
  token = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
});

const basic = (): string => Buffer.from(`anna:${PASSWORD}`).toString('base64');
const send = async (
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
): Promise<number> => {
  const answer = await gate.send(path, { headers, method, body });
  answers.push(answer.text + JSON.stringify(answer.headers));
  return answer.status;
};

test('each is taken where it belongs', async () => {
  assert.equal(await send('/things', { 'x-api-key': key }), 200);
  assert.equal(await send('/things', { authorization: `Basic ${basic()}` }), 200);
  assert.equal(await send('/things', { authorization: `Bearer ${token}` }), 200);
});

test('and sent in every odd place', async () => {
  const broken = { key: `${key.slice(0, -1)}!`, token: `${token}x` };
  for (const secret of [key, token, PASSWORD, basic(), broken.key, broken.token]) {
    const encoded = encodeURIComponent(secret);
    // Paths, hosts, user agents, names of parameters and properties and (because the operator said so) the value of `q`
    // are recorded as they are: what has the form of a key or a token is masked even there.
    if (/^(pk_|ey)/.test(secret)) {
      await send(`/things?q=${encoded}`, { 'x-api-key': key });
      // The name of a property stands in the answer to the one who sent it (a pointer), and nowhere else.
      await gate.send('/things', {
        method: 'POST',
        headers: { 'x-api-key': key, 'content-type': 'application/json' },
        body: JSON.stringify({ [secret]: secret }),
      });
      await send(`/things?${encoded}=1`);
      await send('/things', { 'user-agent': `client ${secret}` });
      await send(`/things/1//${encoded}`);
      answers.push(await gate.raw(`GET /ping HTTP/1.1\r\nHost: ${secret}\r\nConnection: close\r\n\r\n`));
      await send(`/files/${encoded}`, { 'x-api-key': key });
      await send(`/${encoded}`);
      await send(`/things/${encoded}`, { 'x-api-key': key });
    }
    await send(`/things?api_key=${encoded}`);
    await send(`/things?limit=${encoded}`, { 'x-api-key': key });
    await send('/things', { cookie: `sid=${secret}` });
    await send('/things', { referer: `https://app.example/?token=${encoded}` });
    await send('/things', { authorization: secret });
    await send('/things', { authorization: `Bearer ${secret}` });
    await send('/things', { authorization: `Basic ${secret}` });
    await send('/things', { authorization: `Digest ${secret}` });
    await send('/things', { 'x-api-key': secret });
    await send('/things', { 'x-api-key': key, authorization: `Bearer ${secret}` });
    await send('/things', { 'x-portcullis-principal': secret, 'x-forwarded-for': secret, 'x-request-id': secret });
    for (const body of [
      JSON.stringify({ name: 1, password: secret }),
      `{"name":"${secret}`,
      JSON.stringify({ name: 'a', price: secret }),
    ])
      await send('/things', { 'x-api-key': key, 'content-type': 'application/json' }, 'POST', body);
    await send('/things', { 'x-api-key': key, 'content-type': secret.slice(0, 60) }, 'POST', 'x');
    for (const bytes of [
      `GET /ping HTTP/1.1\r\nHost: anna:${secret}@localhost\r\nConnection: close\r\n\r\n`,
      `GET https://anna:${secret}@localhost/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      `${secret} /ping HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /ping HTTP/1.1\r\nHost: localhost\r\n${secret}\r\n\r\n`,
      `GET /ping HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${secret}\r\nAuthorization: Bearer ${secret}\r\nConnection: close\r\n\r\n`,
      `GET /ping?k=${encoded} HTTP/9.9\r\nHost: localhost\r\n\r\n`,
    ])
      answers.push(await gate.raw(bytes, { until: /\r\n\r\n\{.*\}$/s }));
  }
});

test('configuration that holds one does not show it', async () => {
  for (const args of [
    ['check'],
    ['check', '--json'],
    ['explain', '**'],
    ['explain', '**', '--json'],
    ['keys', 'list'],
    ['users', 'list'],
  ]) {
    const { stdout, stderr } = await gate.cli(...args);
    answers.push(stdout, stderr);
  }
  answers.push((await gate.admin('GET', '/metrics')).text, (await gate.admin('GET', '/keys')).text);
});

test('an argument list holds none', { skip: process.platform === 'linux' ? false : 'reads /proc' }, () => {
  const { pid } = gate.program.child;
  assert.doesNotMatch(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), /pk_|secret|token=/);
});

test('none of them is found in an answer, in what was printed, or in any file', async (t) => {
  assert.equal(await gate.program.stop(), 0);
  const { stdout } = await gate.cli('audit', 'search', '--json', '--limit', '0');
  assert.ok(stdout.split('\n').length > 150, 'the exchanges were recorded');
  const adminToken = readFileSync(join(gate.directory, 'data', 'admin.token'), 'utf8').trim();
  const signature = token.split('.')[2] as string;
  const secrets = Object.entries({
    key,
    token,
    signature,
    password: PASSWORD,
    basic: basic(),
    proof: PROOF,
    adminToken,
  });
  const places: [string, string][] = [
    ['an answer', answers.join('\n')],
    ['what the gate printed', gate.program.stdout + gate.program.stderr],
    ['audit search', stdout],
  ];
  const data = join(gate.directory, 'data');
  for (const entry of readdirSync(data, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && entry.name !== 'admin.token') {
      const file = join(entry.parentPath, entry.name);
      places.push([file.slice(data.length), readFileSync(file, 'latin1')]);
    }
  assert.ok(places.length > 6);
  for (const [name, secret] of secrets)
    await t.test(name, () => {
      const found = places.flatMap(([place, text]) => {
        const at = text.indexOf(secret);
        return at < 0 ? [] : `${place}: ${text.slice(Math.max(0, at - 300), at + 80)}`;
      });
      assert.deepEqual(found, []);
    });
});
