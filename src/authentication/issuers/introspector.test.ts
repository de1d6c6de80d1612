import assert from 'node:assert/strict';
import { generateKeyPairSync, verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { authentication } from '../authentication.ts';
import { all, BEARER_AUTH, operation, policy } from '../testing.ts';
import { askingGate, SECRET, TOKEN } from './asking-gate.ts';
import { fakeIssuer, worldWithNetwork } from './fake-issuer.ts';

test('answers that are none: nothing is known then, which is neither yes nor no', async (t) => {
  for (const [type, text] of [
    ['application/json', ''],
    ['application/json', '[]'],
    ['application/json', '{"active":"true"}'],
    ['application/json', '{"active":1}'],
    ['application/json', '{}'],
    ['application/json', '{"active":false,"active":true}'],
    ['application/json', `{"active":true,"x":"${'x'.repeat(70_000)}"}`],
    ['text/html', '{"active":true}'],
    ['application/token-introspection+jwt', 'a.b.c'],
  ] as const) {
    const { ask, issuer } = await askingGate(t);
    issuer.json('/introspect', text, type);
    assert.match(await ask(), /^overloaded/, text.slice(0, 40));
  }
  for (const status of [204, 301, 307, 401, 403, 404, 429, 500, 503]) {
    const { ask, send, issuer } = await askingGate(t);
    issuer.paths.set('/introspect', (_, response) =>
      response.writeHead(status, { location: `${issuer.url}/introspect` }).end(),
    );
    assert.match(await ask(), /^overloaded/, String(status));
    assert.ok(Number((await send('other')).refusal?.headers?.['retry-after']) >= 1);
    assert.equal(issuer.count('/introspect'), 2, 'no redirect is followed');
  }
});

test('400 is no, and nobody can have the issuer left alone by it', async (t) => {
  const { ask, issuer, claims, services } = await askingGate(t);
  issuer.paths.set('/introspect', (_, response) => response.writeHead(400).end());
  for (let i = 0; i < 10; i++) assert.match(await ask(`t${i}`), /no issuer knows the token/);
  assert.equal(services.events.filter(({ note }) => /answers 400/.test(note)).length, 1);
  issuer.knows({ [TOKEN]: claims() });
  assert.equal(await ask(), 'in');
});

test('an issuer that is down: known tokens go on for a while, unknown ones are refused and it is left alone', async (t) => {
  const { ask, send, issuer, claims, services } = await askingGate(t, {
    introspection: { maxAge: '1m', whileDown: '5m' },
  });
  issuer.knows({ [TOKEN]: claims(), short: claims({ exp: services.clock.now() / 1000 + 70 }) });
  assert.deepEqual([await ask(), await ask('short')], ['in', 'in']);
  issuer.down = true;
  services.clock.pass(60_000);
  assert.deepEqual([await ask(), await ask('short')], ['in', 'in']);
  const refused = await send('unknown');
  assert.deepEqual([refused.refusal?.code, refused.refusal?.status], ['overloaded', 503]);
  assert.ok(refused.refusal?.headers?.['retry-after']);
  assert.ok(services.events.some(({ note }) => note === 'an issuer does not answer about tokens'));
  const knocks = issuer.knocks;
  for (let i = 0; i < 50; i++) await ask(`unknown-${i}`);
  assert.equal(issuer.knocks, knocks, 'after three failures nobody knocks for a while');
  services.clock.pass(10_000);
  assert.match(await ask('short'), /^overloaded/, 'exp is the end, answer or not');
  assert.equal(await ask(), 'in');
  services.clock.pass(289_999);
  assert.equal(await ask(), 'in');
  services.clock.pass(1);
  assert.match(await ask(), /^overloaded/);
  issuer.down = false;
  issuer.knows({ [TOKEN]: claims() });
  services.clock.pass(31_000);
  assert.equal(await ask(), 'in');
  assert.ok(services.events.some(({ note }) => note === 'an issuer answers about tokens again'));
});

test('down at the start: metadata and endpoint are tried again', async (t) => {
  const issuer = await fakeIssuer(t);
  issuer.down = true;
  const { ask, claims, services } = await askingGate(t, { asked: issuer });
  assert.match(await ask(), /^overloaded/);
  issuer.publish();
  issuer.down = false;
  issuer.knows({ [TOKEN]: claims() });
  services.clock.pass(60_000);
  assert.equal(await ask(), 'in');
});

test('few questions at once; the others wait in a bounded line, and one address cannot fill it', async (t) => {
  const { ask, issuer, claims } = await askingGate(t);
  let open = 0;
  let most = 0;
  const held: (() => void)[] = [];
  issuer.paths.set('/introspect', (_, response) => {
    most = Math.max(most, ++open);
    held.push(() => {
      open--;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ active: true, ...claims() }));
    });
  });
  const waiting = Array.from({ length: 60 }, (_, i) => ask(`t${i}`, '192.0.2.7'));
  const others = Array.from({ length: 20 }, (_, i) => ask(`o${i}`));
  let over = false;
  const answers = Promise.all([...waiting, ...others]).finally(() => {
    over = true;
  });
  while (!over) {
    for (const answer of held.splice(0)) answer();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const all = await answers;
  assert.ok(most <= 8, `${most} questions at once`);
  assert.equal(all.slice(0, 60).filter((one) => one === 'in').length, 32);
  assert.ok(all.slice(60).every((one) => one === 'in'));
});

test('a slow issuer has a deadline', async (t) => {
  const { ask, issuer } = await askingGate(t, { introspection: { timeout: '100ms' } });
  issuer.paths.set('/introspect', () => undefined);
  assert.match(await ask(), /^overloaded: .*took longer than 100 ms/);
});

test('several issuers: by pattern one only, else in turn; who is down makes it unknown', async (t) => {
  const [a, b] = [await fakeIssuer(t), await fakeIssuer(t)];
  for (const one of [a, b]) one.publish();
  const other = (introspection: Record<string, unknown>) => ({
    issuer: b.url,
    audience: 'clinic',
    introspection: { client: 'gate', secret: SECRET, ...introspection },
  });
  const byPattern = await askingGate(t, {
    asked: a,
    introspection: { match: '^aa_' },
    others: [other({ match: '^bb_' })],
  });
  const { claims } = byPattern;
  a.knows({ aa_1: claims({ sub: 'of a' }), bb_2: claims() });
  b.knows({ bb_1: claims({ sub: 'of b' }) });
  assert.equal((await byPattern.send('aa_1')).exchange.principal?.id, `${a.url}|of a`);
  assert.equal((await byPattern.send('bb_1')).exchange.principal?.id, `${b.url}|of b`);
  assert.match(await byPattern.ask('bb_2'), /no issuer knows/, 'b does not, and a is not asked');
  assert.match(await byPattern.ask('cc_1'), /of no kind that is accepted/);
  assert.deepEqual([a.count('/introspect'), b.count('/introspect')], [1, 2]);

  const inTurn = await askingGate(t, { asked: a, others: [other({})] });
  a.knows({});
  b.knows({ x1: claims() });
  assert.equal(await inTurn.ask('x1'), 'in');
  assert.match(await inTurn.ask('x2'), /no issuer knows/);
  a.down = true;
  b.knows({ x3: claims() });
  assert.equal(await inTurn.ask('x3'), 'in');
  assert.match(await inTurn.ask('x4'), /^overloaded/, 'a might have known it');
});

test('the next plan judges what is remembered by its own settings, and asks nobody again', async (t) => {
  const first = await askingGate(t);
  const { issuer, services } = first;
  issuer.knows({ [TOKEN]: first.claims({ groups: ['g'] }) });
  assert.equal(await first.ask(), 'in');
  const mapped = await askingGate(t, { asked: issuer, services, issuer: { roles: 'groups' } });
  assert.deepEqual((await mapped.send(TOKEN)).exchange.principal?.roles, ['g']);
  const other = await askingGate(t, { asked: issuer, services, issuer: { audience: 'another' } });
  assert.match(await other.ask(), /aud/);
  assert.equal(await first.ask(), 'in');
  assert.equal(issuer.count('/introspect'), 1);
  const elsewhere = await askingGate(t, { asked: issuer, services, introspection: { secret: 'another' } });
  assert.equal(await elsewhere.ask(), 'in');
  assert.equal(issuer.count('/introspect'), 2, 'asked in another way: another fact');
});

test('signed answers (RFC 9701), and nothing else in their place', async (t) => {
  const { ask, issuer, claims, services } = await askingGate(t, { introspection: { signed: true } });
  const now = services.clock.now() / 1000;
  const answer = (more: Record<string, unknown> = {}, header: Record<string, unknown> = {}) =>
    issuer.keys.token(
      { iss: issuer.url, aud: 'gate', iat: now, token_introspection: { active: true, ...claims() }, ...more },
      { alg: 'ES256', kid: 'k1', typ: 'token-introspection+jwt', ...header },
    );
  const type = 'application/token-introspection+jwt';
  issuer.json('/introspect', answer(), type);
  assert.equal(await ask(), 'in');
  assert.equal(issuer.asked.find(({ path }) => path === '/introspect')?.headers.accept, type);
  issuer.json('/introspect', answer({ token_introspection: { active: false } }), type);
  assert.match(await ask('t0'), /no issuer knows/);
  const wrong: [string, string, RegExp][] = [
    [JSON.stringify({ active: true, ...claims() }), 'application/json', /not signed/],
    [answer({}, { typ: 'at+jwt' }), type, /another typ/],
    [answer({}, { typ: undefined }), type, /another typ/],
    [answer({}, { alg: 'none' }), type, /alg not supported/],
    [answer({}, { kid: 'k2' }), type, /signature/],
    [`${answer().slice(0, -6)}AAAAAA`, type, /signature|canonical/],
    [answer({ iss: 'https://evil.example' }), type, /another issuer/],
    [answer({ aud: 'other' }), type, /another client/],
    [answer({ iat: now - 61 }), type, /another time/],
    [answer({ iat: now + 60 }), type, /another time/],
    [answer({ iat: undefined }), type, /another time/],
    [answer({ token_introspection: undefined }), type, /no token_introspection/],
    [answer({ token_introspection: {} }), type, /does not say/],
  ];
  for (const [i, [text, media, reason]] of wrong.entries()) {
    issuer.json('/introspect', text, media);
    assert.match(await ask(`w${i}`), reason);
    // So that the failures before do not have the issuer left alone.
    issuer.json('/introspect', answer(), type);
    assert.equal(await ask(`good${i}`), 'in');
  }
});

test('ways to prove oneself: in the form, by a file that changes, by a private key', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-introspection-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(join(directory, 'secret'), 'first\n');
  writeFileSync(join(directory, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'key.json'), JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid: 'g1' }));
  const services = worldWithNetwork(t);
  Object.assign(services, { baseDirectory: directory });
  const asked = async (introspection: Record<string, unknown>) => {
    const { issuer, ask, claims } = await askingGate(t, {
      services,
      introspection: { secret: undefined, ...introspection },
    });
    issuer.knows({ t1: claims(), t2: claims() });
    return {
      issuer,
      ask: async (token: string) => {
        await ask(token);
        return issuer.asked.at(-1);
      },
    };
  };
  const post = await asked({ method: 'client_secret_post', secretFile: 'secret' });
  const sent = await post.ask('t1');
  assert.deepEqual([sent?.form.get('client_id'), sent?.form.get('client_secret')], ['gate', 'first']);
  assert.equal(sent?.headers.authorization, undefined);
  writeFileSync(join(directory, 'secret'), 'second-one');
  assert.equal((await post.ask('t2'))?.form.get('client_secret'), 'second-one');
  for (const key of ['key.pem', 'key.json']) {
    const { issuer, ask } = await asked({ method: 'private_key_jwt', key });
    const question = await ask('t1');
    const [head = '', payload = '', signature = ''] = (question?.form.get('client_assertion') ?? '').split('.');
    const good = verify(
      'sha256',
      Buffer.from(`${head}.${payload}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    assert.ok(good);
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    assert.deepEqual([claims.iss, claims.sub, claims.aud, claims.exp - claims.iat], ['gate', 'gate', issuer.url, 60]);
    const second = JSON.parse(
      Buffer.from((await ask('t2'))?.form.get('client_assertion')?.split('.')[1] ?? '', 'base64url').toString(),
    );
    assert.notEqual(second.jti, claims.jti);
  }
});

test('what cannot be used is found at load, without a secret in the message', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-introspection-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const services = worldWithNetwork(t);
  Object.assign(services, { baseDirectory: directory });
  writeFileSync(join(directory, 'bad.pem'), '-----BEGIN PRIVATE KEY-----\nhush-hush\n-----END PRIVATE KEY-----\n');
  writeFileSync(join(directory, 'empty'), '\n');
  const load = (introspection: Record<string, unknown>): string => {
    const given = {
      issuers: [{ issuer: 'https://i.example', audience: 'a', introspection: { client: 'g', ...introspection } }],
    };
    try {
      authentication.stages(policy(given), operation([all(BEARER_AUTH)]), services);
      return 'loaded';
    } catch (error) {
      assert.ok(error instanceof LoadError, String(error));
      return error.message;
    }
  };
  assert.match(load({ secretFile: 'none' }), /secretFile: the file none cannot be used \(ENOENT\)/);
  assert.match(load({ secretFile: 'empty' }), /empty/);
  assert.match(load({ method: 'private_key_jwt', key: 'none.pem' }), /ENOENT/);
  const message = load({ method: 'private_key_jwt', key: 'bad.pem' });
  assert.match(message, /not a private key/);
  assert.ok(!message.includes('hush'));
});
