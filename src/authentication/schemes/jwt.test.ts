import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { authentication } from '../authentication.ts';
import type { TokenCache } from '../jwt/token-cache.ts';
import { all, BEARER_AUTH, bearer, gate, operation, policy, TestIssuer, type World, world } from '../testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'portcullis-jwt-'));
after(() => rmSync(directory, { recursive: true, force: true }));
// One store for all: nothing here writes to it, and opening one takes longer than a test.
const store = memoryStore();
after(() => store.close());
const issuer = new TestIssuer();
const URL_OF_KEYS = 'https://issuer.example/keys';

function setUp(more: Record<string, unknown> = {}, services: World = world(store)) {
  services.document ??= () => issuer.set();
  const settings = { issuer: issuer.name, jwks: URL_OF_KEYS, audience: 'clinic', clockTolerance: 0, ...more };
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [settings] });
  const claims = (extra: Record<string, unknown> = {}) => issuer.claims(services.clock.now(), extra);
  return {
    services,
    claims,
    send: (token: string, address = '192.0.2.1') => send({ headers: bearer(token), address }),
    /** `in`, or the code and the recorded reason. */
    ask: async (token: string): Promise<string> => {
      // From a new address each time: locks have their own tests.
      const { refusal } = await send({ headers: bearer(token), address: `2001:db8:0:${(nth++).toString(16)}::1` });
      return refusal === undefined ? 'in' : `${refusal.code}: ${refusal.evidence?.['reason']}`;
    },
  };
}
let nth = 1;
const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a good token: principal, roles, scopes, mapped claims', async () => {
  const { send, claims } = setUp({
    audience: ['other', 'clinic'],
    roles: 'realm_access.roles',
    claims: { patientId: 'https://clinic.example/patient', hidden: 'absent' },
  });
  const token = issuer.token(
    claims({
      aud: ['x', 'clinic'],
      scope: 'read write read',
      realm_access: { roles: ['nurse', 7, ''] },
      'https://clinic.example/patient': 42,
      hidden: 'forged',
      jti: 'j-1',
      // A text, so that JSON.parse makes it an own member.
      ...JSON.parse('{"__proto__":{"admin":true}}'),
    }),
  );
  const { refusal, exchange } = await send(token);
  assert.equal(refusal, undefined);
  const { principal } = exchange;
  assert.equal(principal?.kind, 'user');
  assert.equal(principal?.id, 'https://issuer.example|ann');
  assert.deepEqual(principal?.roles, ['nurse']);
  assert.deepEqual(principal?.scopes, ['read', 'write']);
  assert.equal(principal?.claims['patientId'], 42);
  assert.ok(!('hidden' in (principal?.claims ?? {})), 'a mapped name never shows the token’s own claim of that name');
  assert.equal(Object.getPrototypeOf(principal?.claims), null);
  assert.ok(!('admin' in (principal?.claims ?? {})));
  assert.deepEqual(principal?.credential, { scheme: 'jwt', id: 'j-1', binding: 'none' });
});

test('a token for the client itself is a client; one without jti is known by its digest', async () => {
  const { send, claims } = setUp();
  const { exchange } = await send(issuer.token(claims({ sub: 'app', client_id: 'app', scope: ['a'], roles: 'r' })));
  assert.equal(exchange.principal?.kind, 'client');
  assert.deepEqual([exchange.principal?.scopes, exchange.principal?.roles], [['a'], ['r']]);
  assert.match(exchange.principal?.credential.id ?? '', /^sha256:[A-Za-z0-9_-]{43}$/);
});

test('alg none, in every spelling, and without a signature', async () => {
  const { ask, claims } = setUp();
  const good = issuer.token(claims());
  const [, payload, signature] = good.split('.');
  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'null'])
    for (const last of [signature, 'AA'])
      assert.equal(
        await ask(`${b64({ alg, kid: 'k1' })}.${payload}.${last}`),
        'credentials-invalid: alg not supported',
        alg,
      );
  assert.match(await ask(`${b64({ alg: 'none' })}.${payload}.`), /not a compact JWS/);
  assert.match(await ask(`${b64({ alg: ['ES256'], kid: 'k1' })}.${payload}.${signature}`), /no alg/);
  assert.match(await ask(`${b64({ kid: 'k1' })}.${payload}.${signature}`), /no alg/);
});

test('HS256 with the public key as the secret', async () => {
  const { ask, claims } = setUp();
  const secrets = [
    issuer.publicKey.export({ type: 'spki', format: 'pem' }) as string,
    issuer.publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(issuer.jwk),
    JSON.stringify(issuer.publicKey.export({ format: 'jwk' })),
  ];
  for (const secret of secrets) {
    const signed = `${b64({ alg: 'HS256', kid: 'k1' })}.${b64(claims())}`;
    const mac = createHmac('sha256', secret).update(signed).digest('base64url');
    assert.match(await ask(`${signed}.${mac}`), /alg not supported/);
  }
});

test('the key says which algorithm it is for: another one of the same key type is refused', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const services = world(store);
  services.document = () =>
    Buffer.from(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'r', alg: 'PS256' }] }));
  const { ask, claims } = setUp({}, services);
  const signed = (alg: string) => `${b64({ alg, kid: 'r' })}.${b64(claims())}`;
  const rs = sign('sha256', Buffer.from(signed('RS256')), privateKey).toString('base64url');
  assert.match(await ask(`${signed('RS256')}.${rs}`), /no key of the issuer fits/);
  const ps = sign('sha256', Buffer.from(signed('PS256')), { key: privateKey, padding: 6, saltLength: 32 });
  assert.equal(await ask(`${signed('PS256')}.${ps.toString('base64url')}`), 'in');
  const salted = sign('sha256', Buffer.from(signed('PS256')), { key: privateKey, padding: 6, saltLength: 20 });
  assert.match(await ask(`${signed('PS256')}.${salted.toString('base64url')}`), /signature/);
});

test('an algorithm that is not among the issuer’s is refused though the key could', async () => {
  const { ask, claims } = setUp({ algorithms: ['ES384', 'RS256'] });
  assert.match(await ask(issuer.token(claims())), /no key of the issuer fits/);
});

test('jwk, jku, x5u and x5c in the header are never looked at, and nothing is fetched', async (t) => {
  const attacker = new TestIssuer('k1');
  let hits = 0;
  const server = createServer((_, response) => {
    hits++;
    response.end(attacker.set());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const { ask, claims, services } = setUp();
  assert.equal(await ask(issuer.token(claims())), 'in');
  services.fetches.length = 0;
  for (const more of [
    { jwk: attacker.jwk },
    { jku: url },
    { x5u: url },
    { x5c: ['AAAA'] },
    { jwk: attacker.jwk, jku: url, x5u: url },
  ]) {
    const header = { alg: 'ES256', kid: 'k1', ...more };
    assert.match(await ask(attacker.token(claims(), header)), /credentials-invalid: signature/);
    assert.match(await ask(attacker.token(claims(), { ...header, kid: undefined })), /credentials-invalid: signature/);
    assert.equal(await ask(issuer.token(claims(more), header)), 'in', 'and they do no harm in an honest token');
  }
  assert.equal(hits, 0);
  assert.deepEqual(services.fetches, []);
});

test('critical extensions, unencoded payloads and compression are refused', async () => {
  const { ask, claims } = setUp();
  for (const more of [
    { crit: ['exp'] },
    { crit: [] },
    { crit: ['b64'], b64: false },
    { b64: false },
    { b64: true },
    { zip: 'DEF' },
    { enc: 'A128GCM' },
  ])
    assert.match(
      await ask(issuer.token(claims(), { alg: 'ES256', kid: 'k1', ...more })),
      /credentials-invalid: (critical|b64)/,
    );
});

test('signatures: DER, zero, too long, too short, over other bytes', async () => {
  const { ask, claims, send } = setUp();
  const good = issuer.token(claims());
  const last = good.lastIndexOf('.');
  const signed = good.slice(0, last);
  const signature = Buffer.from(good.slice(last + 1), 'base64url');
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const negated = Buffer.concat([signature.subarray(0, 32), minus(order, signature.subarray(32))]);
  const wrong: [string, Buffer][] = [
    ['DER', sign('sha256', Buffer.from(signed), issuer.privateKey)],
    ['zero', Buffer.alloc(64)],
    ['r = 0', Buffer.concat([Buffer.alloc(32), signature.subarray(32)])],
    ['s = 0', Buffer.concat([signature.subarray(0, 32), Buffer.alloc(32)])],
    ['r = n, s = n', Buffer.concat([order, order])],
    ['long', Buffer.concat([signature, Buffer.alloc(1)])],
    ['short', signature.subarray(0, 63)],
    ['SHA-512', sign('sha512', Buffer.from(signed), { key: issuer.privateKey, dsaEncoding: 'ieee-p1363' })],
  ];
  for (const [name, bytes] of wrong)
    assert.match(await ask(`${signed}.${bytes.toString('base64url')}`), /credentials-invalid: signature/, name);
  const [head, , tail] = good.split('.');
  assert.match(await ask(`${head}.${b64(claims({ sub: 'admin' }))}.${tail}`), /signature/);
  // ECDSA has a second valid signature for the same message: the same facts, and the same id to revoke it by.
  const second = await send(`${signed}.${negated.toString('base64url')}`);
  assert.equal(second.exchange.principal?.credential.id, (await send(good)).exchange.principal?.credential.id);
});

function minus(a: Buffer, b: Buffer): Buffer {
  const difference = BigInt(`0x${a.toString('hex')}`) - BigInt(`0x${b.toString('hex')}`);
  return Buffer.from(difference.toString(16).padStart(64, '0'), 'hex');
}

test('times: to the second, and with the tolerance', async () => {
  const { ask, services } = setUp();
  const now = services.clock.now() / 1000;
  const token = (claims: Record<string, unknown>) => issuer.token(issuer.claims(services.clock.now(), claims));
  assert.match(await ask(token({ exp: now - 1 })), /expired/);
  assert.match(await ask(token({ exp: now })), /expired/);
  assert.equal(await ask(token({ exp: now + 1 })), 'in');
  assert.match(await ask(token({ nbf: now + 1 })), /not yet valid/);
  assert.equal(await ask(token({ nbf: now })), 'in');
  assert.match(await ask(token({ iat: now + 1 })), /issued in the future/);
  for (const exp of [undefined, null, '9999999999', true, [], {}])
    assert.match(await ask(token({ exp })), /exp is missing/, String(exp));
  const text = JSON.stringify(issuer.claims(services.clock.now())).replace(/"exp":\d+/, '"exp":1e400');
  assert.match(await ask(issuer.token(text)), /exp is missing/);
  assert.match(await ask(token({ nbf: '0' })), /nbf/);
  const tolerant = setUp({ clockTolerance: 5 });
  assert.equal(await tolerant.ask(token({ exp: now - 4 })), 'in');
  assert.match(await tolerant.ask(token({ exp: now - 5 })), /expired/);
});

test('issuer, audience, subject and type', async () => {
  const { ask, claims } = setUp();
  assert.match(await ask(issuer.token(claims({ iss: 'https://evil.example' }))), /iss is not a configured issuer/);
  for (const iss of [undefined, ['https://issuer.example'], '__proto__', 'https://issuer.example/'])
    assert.match(await ask(issuer.token(claims({ iss }))), /iss/);
  for (const aud of [undefined, 'other', [], ['other'], 'clinic ', { 0: 'clinic' }, [['clinic']], 'clini'])
    assert.match(await ask(issuer.token(claims({ aud }))), /aud/, JSON.stringify(aud));
  for (const sub of [undefined, '', 7, 'a\u0000b', 'a\nb', 'x'.repeat(257)])
    assert.match(await ask(issuer.token(claims({ sub }))), /sub is missing/);
  const typed = (typ: unknown) => issuer.token(claims(), { alg: 'ES256', kid: 'k1', typ });
  for (const typ of ['JWT', 'jwt', 'at+jwt', 'application/at+jwt', undefined])
    assert.equal(await ask(typed(typ)), 'in');
  for (const typ of ['dpop+jwt', 'logout+jwt', 'id_token+jwt', '', 'JOSE'])
    assert.equal(await ask(typed(typ)), 'credentials-invalid: typ', typ);
  assert.match(await ask(typed(1)), /typ is not a string/);
  const access = setUp({ typ: 'at+jwt' });
  const profile = { client_id: 'app', jti: 'j', iat: access.services.clock.now() / 1000 };
  const complete = (more: Record<string, unknown> = {}) =>
    issuer.token(claims({ ...profile, ...more }), { alg: 'ES256', kid: 'k1', typ: 'at+jwt' });
  assert.equal(await access.ask(complete()), 'in');
  for (const name of Object.keys(profile))
    assert.match(await access.ask(complete({ [name]: undefined })), /is missing \(RFC 9068\)/, name);
  assert.equal(await access.ask(typed('JWT')), 'credentials-invalid: typ');
  assert.equal(await access.ask(typed(undefined)), 'credentials-invalid: typ');
});

test('two issuers: one’s key does not sign for the other', async () => {
  const other = new TestIssuer('k1');
  const services = world(store);
  services.document = (url) => (url.includes('other') ? other.set() : issuer.set());
  const send = gate(services, [all(BEARER_AUTH)], {
    issuers: [
      { issuer: issuer.name, jwks: URL_OF_KEYS, audience: 'clinic' },
      { issuer: 'https://other.example', jwks: 'https://other.example/keys', audience: 'clinic' },
    ],
  });
  const ask = async (token: string) => (await send({ headers: bearer(token) })).refusal?.evidence?.['reason'];
  const claims = issuer.claims(services.clock.now());
  assert.equal(await ask(issuer.token(claims)), undefined);
  assert.equal(await ask(other.token({ ...claims, iss: 'https://other.example' })), undefined);
  assert.equal(await ask(other.token(claims)), 'signature');
  assert.equal(await ask(issuer.token({ ...claims, iss: 'https://other.example' })), 'signature');
});

test('one token has one spelling', async () => {
  const { ask, claims, services } = setUp();
  const good = issuer.token(claims());
  assert.equal(await ask(good), 'in');
  const cache = services.keep<TokenCache>('authentication/tokens', () => assert.fail());
  const [head = '', payload = '', tail = ''] = good.split('.');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  // 64 bytes are 86 characters: the last one has four unused bits.
  const unused = [...alphabet].filter((last) => {
    const spelled = tail.slice(0, -1) + last;
    return spelled !== tail && Buffer.from(spelled, 'base64url').equals(Buffer.from(tail, 'base64url'));
  });
  assert.equal(unused.length, 15);
  const spellings = [
    ...unused.map((last) => `${head}.${payload}.${tail.slice(0, -1)}${last}`),
    `${good}=`,
    `${good}==`,
    `${head}=.${payload}.${tail}`,
    `${head} .${payload}.${tail}`,
    `${head}.${payload.slice(0, 8)} ${payload.slice(8)}.${tail}`,
    `${head}.${payload}.${tail.slice(0, 8)}\n${tail.slice(8)}`,
    `${head}.${payload}.${tail}.`,
    `.${good}`,
    `${good}.${tail}`,
    `${head}..${tail}`,
    good
      .replaceAll('-', '+')
      .replaceAll('_', '/')
      .padEnd(good.length + 1, '+'),
    `${good}\u0000`,
    good.replace('e', '\u212f'),
  ];
  for (const spelled of spellings) assert.match(await ask(spelled), /^credentials-invalid/, spelled.slice(-12));
  assert.equal(cache.size, 1);
});

test('duplicate names and other odd JSON, in the header and in the payload', async () => {
  const { ask, claims } = setUp();
  const text = JSON.stringify(claims());
  const header = '{"alg":"ES256","kid":"k1"}';
  assert.equal(await ask(issuer.token(text, header)), 'in');
  for (const odd of [
    `{"sub":"admin",${text.slice(1)}`,
    `{"s\\u0075b":"admin",${text.slice(1)}`,
    `${text.slice(0, -1)},"a":{"b":1,"b":1}}`,
    `${text.slice(0, -1)},"a":[[{"b":1,"b":1}]]}`,
    `\ufeff${text}`,
    `[${text}]`,
    'null',
    '"text"',
    `${text},`,
    `${text}${text}`,
    `${'['.repeat(2000)}${']'.repeat(2000)}`,
  ])
    assert.match(await ask(issuer.token(odd, header)), /not a JSON object with unique names/, odd.slice(0, 30));
  const fine = `${text.slice(0, -1)},"a:b":"c:\\"d:","e":[{"b":1},{"b":2}],"f":"\\\\"}`;
  assert.equal(await ask(issuer.token(fine, header)), 'in');
  const deep = `${text.slice(0, -1)},"deep":${'['.repeat(1000)}${']'.repeat(1000)}}`;
  assert.equal(await ask(issuer.token(deep, header)), 'in');
  assert.match(await ask(issuer.token(text, '{"alg":"none","alg":"ES256","kid":"k1"}')), /header is not a JSON object/);
  const invalid = Buffer.concat([
    Buffer.from(`${text.slice(0, -1)},"a":"`),
    Buffer.from([0xff, 0xc0]),
    Buffer.from('"}'),
  ]);
  const signed = `${Buffer.from(header).toString('base64url')}.${invalid.toString('base64url')}`;
  const signature = sign('sha256', Buffer.from(signed), { key: issuer.privateKey, dsaEncoding: 'ieee-p1363' });
  assert.match(await ask(`${signed}.${signature.toString('base64url')}`), /payload is not a JSON object/);
});

test('key ids are names and nothing more; huge tokens are not even hashed', async () => {
  const { ask, claims } = setUp();
  for (const kid of ['../../etc/passwd', "' OR 1=1 --", '__proto__', 'constructor', 'toString', '\u0000', 'K1', 'k1 '])
    assert.match(await ask(issuer.token(claims(), { alg: 'ES256', kid })), /no key of the issuer fits/, kid);
  for (const kid of [7, null, {}, ['k1'], 'k'.repeat(1025)])
    assert.match(await ask(issuer.token(claims(), { alg: 'ES256', kid })), /kid is not a short string/);
  assert.match(await ask(issuer.token(claims({ big: 'x'.repeat(9000) }))), /not a token/);
  assert.match(await ask(`${'a'.repeat(1_000_000)}.a.a`), /not a token/);
  assert.match(await ask('.'.repeat(8192)), /not a compact JWS/);
});

test('a seen token costs no signature, and ends when it expires', async () => {
  const { send, claims, services } = setUp();
  const token = issuer.token(claims());
  const first = await send(token);
  const second = await send(token);
  assert.equal(second.exchange.principal, first.exchange.principal, 'the same object: nothing was verified again');
  services.clock.pass(599_999);
  assert.equal((await send(token)).exchange.principal, first.exchange.principal);
  services.clock.pass(1);
  const late = await send(token);
  assert.equal(late.refusal?.evidence?.['reason'], 'expired');
  assert.equal(services.keep<TokenCache>('authentication/tokens', () => assert.fail()).size, 0);
});

test('what one plan verified counts nothing under the settings of the next', async () => {
  const services = world(store);
  const before = setUp({}, services);
  const token = issuer.token(before.claims());
  assert.equal(await before.ask(token), 'in');
  const after = setUp({ audience: 'another' }, services);
  assert.match(await after.ask(token), /aud/);
  assert.equal(await before.ask(token), 'in');
});

test('a key that the issuer withdraws is void at the next refresh, with all it had verified', async () => {
  const next = new TestIssuer('k2');
  const { ask, claims, services } = setUp({ refresh: '1m' });
  const token = issuer.token(claims());
  assert.equal(await ask(token), 'in');
  services.document = () => next.set();
  assert.equal(await ask(next.token(claims())), 'in', 'an unknown key id is asked for at once');
  assert.match(await ask(token), /no key of the issuer fits/);
});

test('after a pause, what is long overdue is asked for before it is believed', async () => {
  const next = new TestIssuer('k2');
  const { ask, claims, services } = setUp({ refresh: '1m' });
  const token = issuer.token(claims());
  assert.equal(await ask(token), 'in');
  services.document = () => next.set();
  services.clock.pass(120_000);
  assert.match(await ask(token), /no key of the issuer fits/);
});

test('unknown key ids cause one fetch in 30 seconds, however many come', async () => {
  const { ask, claims, services } = setUp();
  assert.equal(await ask(issuer.token(claims())), 'in');
  services.fetches.length = 0;
  const stranger = (n: number) => issuer.token(claims(), { alg: 'ES256', kid: `x${n}` });
  await Promise.all(Array.from({ length: 50 }, (_, n) => ask(stranger(n))));
  services.clock.pass(29_999);
  await Promise.all(Array.from({ length: 50 }, (_, n) => ask(stranger(n))));
  assert.equal(services.fetches.length, 1);
  services.clock.pass(1);
  await ask(stranger(1));
  assert.equal(services.fetches.length, 2);
});

test('while the issuer is down, known keys work; before the first fetch nobody can say', async () => {
  const services = world(store);
  let down = true;
  services.document = () => {
    if (down) throw new Error('down');
    return issuer.set();
  };
  const { ask, claims, send } = setUp({ refresh: '1m' }, services);
  const early = await send(issuer.token(claims()));
  assert.equal(early.refusal?.code, 'overloaded');
  assert.equal(early.refusal?.status, 503);
  assert.ok(early.refusal?.headers?.['retry-after']);
  assert.ok(services.events.some(({ event }) => event === 'authentication/key-set'));
  const asked = services.fetches.length;
  await send(issuer.token(claims({ jti: '2' })));
  assert.equal(services.fetches.length, asked, 'backs off after a failure');
  down = false;
  services.clock.pass(60_000);
  assert.equal(await ask(issuer.token(claims())), 'in');
  down = true;
  services.clock.pass(300_000);
  assert.equal(await ask(issuer.token(claims())), 'in', 'long overdue, but the known keys go on');
  services.fetches.length = 0;
  for (let i = 0; i < 20; i++) {
    services.clock.pass(1_000);
    assert.equal(await ask(issuer.token(claims({ jti: String(i) }))), 'in');
  }
  assert.ok(services.fetches.length <= 6, `${services.fetches.length} fetches in 20 s of failure`);
});

test('a set from a file: read at load, read again when it changes, kept when it breaks', async () => {
  const file = join(directory, 'keys.json');
  writeFileSync(file, issuer.set());
  const services = world(store);
  Object.assign(services, { baseDirectory: directory });
  const { ask, claims } = setUp({ jwks: 'keys.json' }, services);
  assert.equal(await ask(issuer.token(claims())), 'in');
  assert.deepEqual(services.fetches, []);
  const next = new TestIssuer('k2');
  writeFileSync(file, '{"keys": [');
  services.clock.pass(1_000);
  assert.equal(await ask(issuer.token(claims())), 'in', 'half a file changes nothing');
  writeFileSync(file, next.set());
  utimesSync(file, 1, 1);
  services.clock.pass(2_000);
  assert.equal(await ask(next.token(claims())), 'in');
  assert.match(await ask(issuer.token(claims())), /no key of the issuer fits/);
  rmSync(file);
  services.clock.pass(2_000);
  assert.equal(await ask(next.token(claims())), 'in');
});

test('a key set that cannot be used is found at load, once, and mended by the next load', () => {
  const file = join(directory, 'bad.json');
  const services = world(store);
  Object.assign(services, { baseDirectory: directory });
  const load = () => {
    const one = policy({ issuers: [{ issuer: 'i', jwks: 'bad.json', audience: 'a' }] });
    const findings: string[] = [];
    for (let i = 0; i < 3; i++) {
      try {
        authentication.stages(one, operation([all(BEARER_AUTH)]), services);
      } catch (error) {
        assert.ok(error instanceof LoadError);
        findings.push(...error.findings.map(({ message }) => message));
      }
    }
    return findings;
  };
  assert.equal(load().length, 1);
  for (const text of ['', '{}', '{"keys":{}}', '{"keys":[],"keys":[]}', `{"keys":[${'{},'.repeat(200)}{}]}`]) {
    writeFileSync(file, text);
    assert.match(load().join(), /cannot be read/, text.slice(0, 20));
  }
  writeFileSync(file, JSON.stringify({ keys: [{ kty: 'oct', k: 'AAAA' }] }));
  assert.match(load().join(), /no key that can be used/);
  assert.match(JSON.stringify(services.events), /symmetric key/);
  writeFileSync(file, issuer.set());
  assert.deepEqual(load(), []);
});

test('keys that must not verify anything are left out', async () => {
  const rsa = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
  const { d } = issuer.privateKey.export({ format: 'jwk' });
  const fine = issuer.jwk;
  const bad: Record<string, unknown> = {
    private: { ...fine, d },
    encryption: { ...fine, use: 'enc' },
    'sign only': { ...fine, key_ops: ['sign'] },
    'other alg': { ...fine, alg: 'ES384' },
    'unknown alg': { ...fine, alg: 'XY' },
    'other curve': { ...fine, alg: undefined, crv: 'P-384' },
    'wrong curve name': { ...fine, alg: undefined, crv: 'secp256k1' },
    'off the curve': { ...fine, y: fine['x'] },
    'RSA 1024': rsa(1024),
    'RSA e=1': { ...rsa(2048), e: 'AQ' },
    'RSA e even': { ...rsa(2048), e: 'Ag' },
    'kid a number': { ...fine, kid: 1 },
    'Ed25519 for RS256': { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), alg: 'RS256' },
    null: null,
    text: 'x',
    list: [],
  };
  const services = world(store);
  services.document = () => issuer.set(...Object.values(bad));
  const { ask, claims } = setUp({}, services);
  assert.equal(await ask(issuer.token(claims())), 'in', 'the good one goes on');
  const left = services.events[0]?.evidence?.['left'] as string[];
  assert.equal(left.length, Object.keys(bad).length, left.join('\n'));
  assert.ok(!JSON.stringify(services.events).includes(d as string));
});

test('HMAC with the RSA public key as the secret, and what an RSA signature is not', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const services = world(store);
  services.document = () =>
    Buffer.from(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'r' }] }));
  const { ask, claims } = setUp({}, services);
  const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
  for (const secret of [
    pem,
    pem.trim(),
    publicKey.export({ type: 'pkcs1', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'der' }),
  ])
    for (const alg of ['HS256', 'HS384', 'HS512']) {
      const signed = `${b64({ alg, kid: 'r' })}.${b64(claims())}`;
      const mac = createHmac(alg.replace('HS', 'sha'), secret).update(signed).digest('base64url');
      assert.match(await ask(`${signed}.${mac}`), /alg not supported/);
    }
  const signed = `${b64({ alg: 'RS256', kid: 'r' })}.${b64(claims())}`;
  for (const bytes of [
    Buffer.alloc(256),
    Buffer.alloc(256, 0xff),
    Buffer.alloc(1),
    Buffer.alloc(255),
    Buffer.from([1, ...Buffer.alloc(255)]),
  ])
    assert.match(await ask(`${signed}.${bytes.toString('base64url')}`), /credentials-invalid: signature/);
  assert.match(await ask(`${signed}.`), /not a compact JWS/);
  assert.equal(await ask(`${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`), 'in');
});

test('encrypted tokens are refused before anything of them is opened, however much work they ask for', async () => {
  const { ask } = setUp();
  for (const header of [
    { alg: 'PBES2-HS256+A128KW', p2c: 2_147_483_647, p2s: 'AAAA', enc: 'A128GCM' },
    { alg: 'RSA-OAEP', enc: 'A256GCM', zip: 'DEF' },
    { alg: 'dir', enc: 'A128GCM', epk: { kty: 'EC' } },
  ]) {
    assert.match(await ask(`${b64(header)}.AAAA.AAAA.AAAA.AAAA`), /not a compact JWS/);
    assert.match(await ask(`${b64(header)}..AAAA.AAAA.AAAA`), /not a compact JWS/);
    assert.match(await ask(`${b64(header)}.AAAA.AAAA`), /b64, zip or enc/);
  }
});

test('Ed25519 by both of its names', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const services = world(store);
  services.document = () =>
    Buffer.from(JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'e', alg: 'EdDSA' }] }));
  const { ask, claims } = setUp({}, services);
  for (const alg of ['EdDSA', 'Ed25519']) {
    const signed = `${b64({ alg, kid: 'e' })}.${b64(claims())}`;
    assert.equal(await ask(`${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`), 'in');
  }
});

test('the answer to every bad token is the same', async () => {
  const { send, claims, services } = setUp();
  const attacker = new TestIssuer('k1');
  const answers = new Set<string>();
  for (const token of [
    issuer.token(claims({ exp: services.clock.now() / 1000 - 1 })),
    issuer.token(claims({ aud: 'x' })),
    attacker.token(claims()),
    attacker.token(claims({ iss: 'x' })),
    'a.b.c',
    'garbage',
    'pk_garbage',
  ]) {
    const { refusal } = await send(token);
    const { evidence: _, ...visible } = refusal ?? {};
    answers.add(JSON.stringify(visible));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
});

test('expired tokens lock nobody out, forged ones do', async () => {
  const { send, claims, services } = setUp();
  const expired = issuer.token(claims({ exp: services.clock.now() / 1000 - 1 }));
  for (let i = 0; i < 30; i++) assert.equal((await send(expired)).refusal?.status, 401);
  const forged = new TestIssuer('k1').token(claims());
  const statuses = [];
  for (let i = 0; i < 30; i++) statuses.push((await send(forged)).refusal?.status);
  assert.equal(statuses.indexOf(429), 20);
  assert.equal((await send(issuer.token(claims()))).refusal, undefined, 'a good token passes a locked address');
  assert.equal((await send(forged, '192.0.2.2')).refusal?.status, 401, 'and other addresses are not locked');
});
