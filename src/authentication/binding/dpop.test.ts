import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, hash, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Refusal } from '../../gateway/refusal.ts';
import { createCounters } from '../../storage/memory-counters.ts';
import { createRelay, shareCounters } from '../../storage/shared-counters.ts';
import { all, BEARER_AUTH, bearer, gate, OAUTH, type Sent, scheme, TestIssuer, type World, world } from '../testing.ts';
import { type ProofParts, TestHolder } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'portcullis-dpop-'));
after(() => rmSync(directory, { recursive: true }));
const issuer = new TestIssuer();
const jwks = join(directory, 'jwks.json');
writeFileSync(jwks, issuer.set());
const holder = new TestHolder();
const URL_ = 'https://api.example/patients';

const given = (more: Record<string, unknown> = {}, ofIssuer: Record<string, unknown> = {}) => ({
  issuers: [{ issuer: issuer.name, jwks, audience: 'clinic', ...ofIssuer }],
  ...more,
});

interface Setting {
  readonly services: World;
  readonly token: string;
  send(
    sent?: Sent & { proof?: string | undefined; token?: string; scheme?: string },
  ): ReturnType<ReturnType<typeof gate>>;
  proof(parts?: ProofParts, url?: string, method?: string): string;
}

/**
 * A gate that takes tokens of the issuer, and a token bound to the holder's key.
 * @param running ms since the gate was started
 */
function setting(
  more: Record<string, unknown> = {},
  claims: Record<string, unknown> = {},
  services = world(),
  running = 120_000,
): Setting {
  const send = gate(services, [all(OAUTH)], given(more));
  services.clock.pass(running);
  const token = issuer.token(issuer.claims(services.clock.now(), { cnf: { jkt: holder.jkt }, ...claims }));
  return {
    services,
    token,
    proof: (parts, url = URL_, method = 'GET') => holder.proof(token, method, url, services.clock.now(), parts),
    send: ({ proof, token: other, scheme: name = 'DPoP', headers = {}, ...sent } = {}) =>
      send({
        ...sent,
        headers: {
          authorization: `${name} ${other ?? token}`,
          ...(proof === undefined ? {} : { dpop: proof }),
          ...headers,
        },
      }),
  };
}

const challengeOf = (refusal: Refusal | undefined): string => refusal?.headers?.['www-authenticate'] ?? '';
const errorOf = (refusal: Refusal | undefined): string | undefined =>
  /DPoP .*?error="([^"]+)"/.exec(challengeOf(refusal))?.[1];

/** Every refused proof is a 401 with a challenge of the scheme's own, and says for the record what was wrong. */
async function refused(sent: ReturnType<Setting['send']>, reason: RegExp, error = 'invalid_dpop_proof'): Promise<void> {
  const { refusal, exchange } = await sent;
  assert.equal(refusal?.code, 'credentials-invalid', String(reason));
  assert.equal(refusal.status, 401);
  assert.equal(errorOf(refusal), error, challengeOf(refusal));
  assert.match(challengeOf(refusal), /^DPoP realm="portcullis", algs="[ A-Z0-9a-z]+", error="/);
  assert.match(String(refusal.evidence?.['reason']), reason);
  assert.equal(exchange.principal, undefined);
}

test('a bound token with a proof is taken, and the principal says how it is bound', async () => {
  const { send, proof } = setting();
  const { refusal, exchange } = await send({ proof: proof() });
  assert.equal(refusal, undefined);
  assert.equal(exchange.principal?.id, `${issuer.name}|ann`);
  assert.equal(exchange.principal?.credential.binding, 'dpop');
  assert.equal(exchange.decisions[0]?.evidence?.['binding'], 'dpop');
});

test('each proof once', async () => {
  const { send, proof, services } = setting();
  const one = proof();
  assert.equal((await send({ proof: one })).refusal, undefined);
  await refused(send({ proof: one }), /used before/);
  services.clock.pass(64_000);
  await refused(send({ proof: one }), /used before/);
  services.clock.pass(2_000);
  await refused(send({ proof: one }), /too old/);
});

test('a proof that was refused for its signature uses up nothing', async () => {
  const { send, proof } = setting();
  const jti = 'shared';
  const stranger = new TestHolder();
  await refused(send({ proof: proof({ claims: { jti }, signer: stranger.privateKey }) }), /signature/);
  assert.equal((await send({ proof: proof({ claims: { jti } }) })).refusal, undefined);
});

test('the identifiers of one client are nothing to another', async () => {
  const services = world();
  const other = new TestHolder();
  const mine = setting({}, {}, services);
  const theirs = setting({}, { cnf: { jkt: other.jkt } }, services);
  assert.equal((await mine.send({ proof: mine.proof({ claims: { jti: 'same' } }) })).refusal, undefined);
  const proof = other.proof(theirs.token, 'GET', URL_, services.clock.now(), { claims: { jti: 'same' } });
  assert.equal((await theirs.send({ proof })).refusal, undefined);
});

test('a proof used at one worker is refused at another', async () => {
  const first = world();
  const second = { ...world(), clock: first.clock };
  const relay = createRelay(createCounters({ clock: first.clock }));
  const worker = (services: World): World => {
    const ears: { primary: (message: unknown) => void; worker: (message: unknown) => void } = {
      primary: () => {},
      worker: () => {},
    };
    const pass = (to: 'primary' | 'worker') => (message: unknown) => {
      setImmediate(() => ears[to](JSON.parse(JSON.stringify(message))));
      return true;
    };
    relay.connect({ send: pass('worker'), onMessage: (listener) => (ears.primary = listener) });
    const counters = shareCounters(createCounters({ clock: first.clock }), {
      send: pass('primary'),
      onMessage: (listener) => (ears.worker = listener),
    });
    after(() => counters.close());
    return { ...services, counters };
  };
  const here = setting({}, {}, worker(first));
  const there = setting({}, {}, worker(second));
  const proof = here.proof();
  const both = await Promise.all([here.send({ proof }), there.send({ proof, token: here.token })]);
  assert.equal(both.filter(({ refusal }) => refusal === undefined).length, 1, 'at the same time: one of the two');
  const next = here.proof();
  assert.equal((await here.send({ proof: next })).refusal, undefined);
  await refused(there.send({ proof: next, token: here.token }), /used before/);
});

test('method, URL and token must be those of the request', async () => {
  const { send, proof } = setting();
  for (const htm of ['POST', 'get', 'GET ', '']) await refused(send({ proof: proof({ claims: { htm } }) }), /htm/);
  for (const ath of [hash('sha256', 'another', 'base64url'), '', `${hash('sha256', setting().token, 'base64')}`])
    await refused(send({ proof: proof({ claims: { ath } }) }), /ath/);
  for (const name of ['jti', 'htm', 'htu', 'iat', 'ath'])
    await refused(send({ proof: proof({ claims: { [name]: undefined } }) }), new RegExp(name));
  for (const name of ['jti', 'htm', 'htu', 'ath'])
    await refused(send({ proof: proof({ claims: { [name]: [] } }) }), new RegExp(name));
  await refused(send({ proof: proof({ claims: { jti: 'x'.repeat(257) } }) }), /jti/);
  await refused(send({ proof: proof({ claims: { iat: '1' } }) }), /iat/);
});

test('htu: what means the same URL is taken', async () => {
  const { send, proof } = setting();
  for (const url of [
    URL_,
    'HTTPS://API.Example/patients',
    'https://api.example:443/patients',
    'https://api.example:/patients',
    'https://api.example:0443/patients',
    'https://api.example/%70atients',
    'https://api.example/patients?page=2',
    'https://api.example/patients#x',
  ])
    assert.equal((await send({ proof: proof({}, url) })).refusal, undefined, url);
  const path = '/a%20b/%C3%BC';
  for (const url of ['https://api.example/a%20b/%c3%bc', 'https://api.example/%61%20b/%C3%bc'])
    assert.equal((await send({ path, proof: proof({}, url) })).refusal, undefined, url);
  const authority = 'api.example:8443';
  assert.equal((await send({ authority, proof: proof({}, 'https://api.example:8443/patients') })).refusal, undefined);
});

test('htu: what means another URL is refused', async () => {
  const { send, proof } = setting();
  for (const url of [
    'http://api.example/patients',
    'http://api.example:443/patients',
    'https://api.example:8443/patients',
    'https://api.example:80/patients',
    'https://api.example/Patients',
    'https://api.example/patients/',
    'https://api.example//patients',
    'https://api.example/x/../patients',
    'https://api.example/./patients',
    'https://api.example/patients%2f',
    'https://api.example/patients%00',
    'https://api.example/patients;x',
    'https://api.example\\patients',
    'https:\\\\api.example\\patients',
    'https:/api.example/patients',
    'https:api.example/patients',
    ' https://api.example/patients',
    'https://api.example/patients\t',
    'https://api\t.example/patients',
    'https://user@api.example/patients',
    'https://evil.example@api.example/patients',
    'https://api.example@evil.example/patients',
    'https://api.example./patients',
    'https://api.example.evil.example/patients',
    'https://evil.example/patients',
    'https://api.example:99999999/patients',
    'https://api.example?/patients',
    'https://api.example#/patients',
    'https://',
    '//api.example/patients',
    '/patients',
    'api.example/patients',
    '',
    `https://api.example/${'a'.repeat(500)}`,
  ])
    await refused(send({ proof: proof({}, url) }), /htu/);
  await refused(send({ authority: 'api.example:8443', proof: proof() }), /htu/);
});

test('a proof made for another server does not come in by naming that server in Host', async () => {
  const { send, proof } = setting();
  const evil = proof({}, 'https://evil.example/patients');
  await refused(send({ authority: 'evil.example', proof: evil }), /htu/);
  const plain = { secure: false, tls: undefined, standsFor: undefined };
  const known = setting({ dpop: { origins: ['https://API.example:443'] } });
  assert.equal((await known.send({ peer: plain, proof: known.proof() })).refusal, undefined, 'TLS ended elsewhere');
  await refused(
    known.send({ authority: 'evil.example', proof: known.proof({}, 'https://evil.example/patients') }),
    /htu/,
  );
  await refused(known.send({ peer: plain, proof: known.proof({}, 'http://api.example/patients') }), /htu/);
});

test('time: neither old nor from the future', async () => {
  const { send, proof, services } = setting();
  const now = services.clock.now() / 1000;
  for (const iat of [now + 6, now + 1e9, now - 66, 0, -1])
    await refused(send({ proof: proof({ claims: { iat } }) }), /future|too old/);
  for (const iat of [now + 4, now, now - 64])
    assert.equal((await send({ proof: proof({ claims: { iat } }) })).refusal, undefined, String(iat - now));
  const strict = setting({ dpop: { maxAge: '1s', clockTolerance: 0 } });
  await refused(strict.send({ proof: strict.proof({ claims: { iat: now - 2 } }) }), /too old/);
});

test('what may have been used before a restart is not taken after it', async () => {
  const { send, proof, services } = setting({}, {}, world(), 10_000);
  const iat = services.clock.now() / 1000;
  for (const before of [11, 60]) await refused(send({ proof: proof({ claims: { iat: iat - before } }) }), /older than/);
  assert.equal((await send({ proof: proof({ claims: { iat: iat - 10 } }) })).refusal, undefined);
});

test('the key must be the one the token is bound to', async () => {
  const { send, token, services } = setting();
  const thief = new TestHolder();
  const proof = thief.proof(token, 'GET', URL_, services.clock.now());
  await refused(send({ proof }), /another key/, 'invalid_token');
});

test('a bound token is not a bearer token', async () => {
  const { send, proof, token, services } = setting();
  await refused(send({ scheme: 'Bearer' }), /bound to a key/, 'invalid_token');
  await refused(send({ scheme: 'bearer', proof: proof() }), /bound to a key/, 'invalid_token');
  await refused(send({}), /no proof/);
  const header = scheme({ type: 'apiKey', in: 'header', parameter: 'authorization' });
  const bare = await gate(services, [all(header)], given())({ headers: { authorization: token, dpop: proof() } });
  assert.equal(bare.refusal?.status, 401, 'nor without the name of a scheme');
});

test('a bearer token is not a bound one', async () => {
  const { send, services } = setting();
  const token = issuer.token(issuer.claims(services.clock.now()));
  const proof = holder.proof(token, 'GET', URL_, services.clock.now());
  await refused(send({ token, proof }), /not bound/, 'invalid_token');
  assert.equal(
    (await send({ token, scheme: 'Bearer', proof })).refusal,
    undefined,
    'a proof nobody asked for is nothing',
  );
});

test('a key of the gate is no token with a proof', async () => {
  const { send, proof } = setting();
  const { refusal } = await send({ token: 'pk_000000000000000000000000000000000000', proof: proof() });
  assert.equal(refusal?.status, 401);
});

test('a token that is wrong in itself is told apart from a wrong proof', async () => {
  const { send, proof, services } = setting();
  const expired = issuer.token(issuer.claims(services.clock.now(), { cnf: { jkt: holder.jkt }, exp: 1 }));
  const { refusal } = await send({ token: expired, proof: proof() });
  assert.equal(errorOf(refusal), 'invalid_token');
});

test('cnf that cannot be checked is no licence', async () => {
  const { send, proof, services } = setting();
  for (const cnf of [
    {},
    [],
    'x',
    null,
    1,
    { jwk: holder.jwk },
    { kid: 'k' },
    { jkt: 1 },
    { jkt: '' },
    { jkt: `${holder.jkt}=` },
    { 'x5t#S256': 'x' },
    { jkt: holder.jkt, 'x5t#S256': null },
  ]) {
    const token = issuer.token(issuer.claims(services.clock.now(), { cnf }));
    for (const name of ['Bearer', 'DPoP'])
      assert.equal((await send({ token, scheme: name, proof: proof() })).refusal?.status, 401, JSON.stringify(cnf));
  }
});

test('form of the proof: type, algorithm, key', async () => {
  const { send, proof, token, services } = setting();
  const now = services.clock.now();
  for (const typ of ['JWT', 'at+jwt', undefined, '', 'dpop', 1])
    await refused(send({ proof: proof({ header: { typ } }) }), /typ/);
  for (const alg of ['none', 'HS256', 'HS512', 'None', 'RS1', 'ECDH-ES', undefined, 1])
    await refused(send({ proof: proof({ header: { alg } }) }), /alg/);
  for (const alg of ['ES384', 'RS256', 'EdDSA'])
    await refused(send({ proof: proof({ header: { alg } }) }), /jwk|alg|signature/);
  for (const jwk of [
    undefined,
    null,
    'x',
    [],
    {},
    { kty: 'EC' },
    { kty: 'oct', k: 'AAAA' },
    { kty: '__proto__' },
    { kty: 'constructor' },
  ])
    await refused(send({ proof: proof({ header: { jwk } }) }), /jwk/);
  for (const crit of [[], ['exp']]) await refused(send({ proof: proof({ header: { crit } }) }), /critical/);
  await refused(send({ proof: proof({ header: { b64: false } }) }), /b64/);
  const unsigned = proof({ header: { alg: 'none' } }).replace(/[^.]+$/, '');
  await refused(send({ proof: unsigned }), /not usable/);
  // The public key as the secret of an HMAC: what the sender of a stolen proof could make without any key.
  const body = Buffer.from(
    JSON.stringify({ jti: 'x', htm: 'GET', htu: URL_, iat: now / 1000, ath: hash('sha256', token, 'base64url') }),
  );
  for (const jwk of [holder.jwk, { kty: 'oct', k: 'c2VjcmV0' }]) {
    const signed = `${Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg: 'HS256', jwk })).toString('base64url')}.${body.toString('base64url')}`;
    const mac = createHmac('sha256', JSON.stringify(holder.jwk)).update(signed).digest('base64url');
    await refused(send({ proof: `${signed}.${mac}` }), /alg/);
  }
});

test('algorithms are those of the settings in force', async () => {
  const before = setting({});
  assert.equal((await before.send({ proof: before.proof() })).refusal, undefined);
  const narrow = setting({ dpop: { algorithms: ['PS256'] } }, {}, before.services, 0);
  await refused(narrow.send({ proof: narrow.proof() }), /alg of the proof/);
});

test('a proof that holds its private key is refused, and so is one with several spellings', async () => {
  const { send, proof } = setting();
  const jwk = holder.privateKey.export({ format: 'jwk' });
  const first = await send({ proof: proof({ header: { jwk } }) });
  assert.match(String(first.refusal?.evidence?.['reason']), /private key/);
  assert.ok(!JSON.stringify(first.refusal).includes(String(jwk['d'])), 'and is told to nobody');
  assert.equal((await send({ proof: proof() })).refusal, undefined, 'now the key is known');
  await refused(send({ proof: proof({ header: { jwk } }) }), /private key/);
  const good = proof();
  for (const spelled of [
    `${good}=`,
    ` ${good}`,
    good.replace('.', '..'),
    `${good}, ${proof()}`,
    good.replace('.', '. '),
  ])
    await refused(send({ proof: spelled }), /not usable/);
  const twice = Buffer.from(`{"typ":"dpop+jwt","alg":"ES256","alg":"ES256","jwk":${JSON.stringify(holder.jwk)}}`);
  await refused(send({ proof: good.replace(/^[^.]+/, twice.toString('base64url')) }), /unique names/);
});

test('a jwk with more in it', async () => {
  const { send, proof } = setting();
  for (const more of [
    { kid: 'a' },
    { use: 'sig' },
    { alg: 'ES256' },
    { key_ops: ['verify'], ext: true },
    { x5u: 'https://evil.example/' },
  ])
    assert.equal((await send({ proof: proof({ header: { jwk: { ...holder.jwk, ...more } } }) })).refusal, undefined);
  for (const more of [
    { use: 'enc' },
    { alg: 'ES384' },
    { alg: 'HS256' },
    { key_ops: ['sign'] },
    { k: 'AAAA' },
    { p: 'AAAA' },
  ])
    await refused(send({ proof: proof({ header: { jwk: { ...holder.jwk, ...more } } }) }), /jwk/);
  await refused(send({ proof: proof({ header: { jwk: { ...holder.jwk, pad: 'x'.repeat(5000) } } }) }), /too long/);
});

test('keys that are too small, too large or on no curve', async () => {
  const services = world();
  const attempt = async (
    jwk: Record<string, unknown>,
    jkt: string,
    privateKey: Parameters<typeof sign>[2],
    alg: string,
  ) => {
    const { send, token } = setting({}, { cnf: { jkt } }, services);
    const head = Buffer.from(JSON.stringify({ typ: 'dpop+jwt', alg, jwk })).toString('base64url');
    const claims = {
      jti: `${alg}${jkt}`,
      htm: 'GET',
      htu: URL_,
      iat: services.clock.now() / 1000,
      ath: hash('sha256', token, 'base64url'),
    };
    const signed = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
    return send({ proof: `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}` });
  };
  const { thumbprintOf } = await import('./proof-key.ts');
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwk = small.publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
  await refused(attempt(jwk, thumbprintOf(jwk) as string, small.privateKey, 'RS256'), /1024 bits/);
  const odd = { ...holder.jwk, x: 'A'.repeat(43) };
  await refused(attempt(odd, thumbprintOf(odd) as string, holder.privateKey, 'ES256'), /not a valid public key/);
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const good = rsa.publicKey.export({ format: 'jwk' }) as Record<string, unknown>;
  assert.equal((await attempt(good, thumbprintOf(good) as string, rsa.privateKey, 'RS256')).refusal, undefined);
});

test('a nonce of the gate, where it asks for one', async () => {
  const services = world();
  const { send, proof } = setting({ dpop: { nonce: 'required', nonceLifetime: '2m' } }, {}, services);
  const fresh = async (): Promise<string> => {
    const { refusal } = await send({ proof: proof() });
    assert.equal(errorOf(refusal), 'use_dpop_nonce');
    return refusal?.headers?.['dpop-nonce'] ?? '';
  };
  const nonce = await fresh();
  assert.match(nonce, /^[A-Za-z0-9_-]{24}$/);
  const first = await send({ proof: proof({ claims: { nonce } }) });
  assert.equal(first.refusal, undefined);
  assert.equal(first.exchange.answerHeaders['dpop-nonce'], undefined);
  for (const wrong of [undefined, '', 'x', nonce.slice(1), `${nonce}x`])
    await refused(send({ proof: proof({ claims: { nonce: wrong } }) }), /nonce/, 'use_dpop_nonce');
  await refused(send({ proof: proof({ claims: { nonce: [nonce] } }) }), /nonce/);
  services.clock.pass(60_000);
  const second = await send({ proof: proof({ claims: { nonce } }) });
  assert.equal(second.refusal, undefined, 'one that is about to end');
  const next = second.exchange.answerHeaders['dpop-nonce'];
  assert.ok(next !== undefined && next !== nonce, 'comes with its successor');
  services.clock.pass(60_000);
  await refused(send({ proof: proof({ claims: { nonce } }) }), /nonce/, 'use_dpop_nonce');
  assert.equal((await send({ proof: proof({ claims: { nonce: next } }) })).refusal, undefined);
  // Another gate on the same store has the same nonces; one on another store has its own.
  const sibling = setting(
    { dpop: { nonce: 'required', nonceLifetime: '2m' } },
    {},
    { ...world(), store: services.store, clock: services.clock },
    0,
  );
  assert.equal((await sibling.send({ proof: sibling.proof({ claims: { nonce: next } }) })).refusal, undefined);
  const foreign = setting(
    { dpop: { nonce: 'required', nonceLifetime: '2m' } },
    {},
    { ...world(), clock: services.clock },
    0,
  );
  await refused(foreign.send({ proof: foreign.proof({ claims: { nonce: next } }) }), /nonce/, 'use_dpop_nonce');
});

test('binding may be asked for by operation, issuer or role', async () => {
  const services = world();
  const bearerToken = (roles: string[]) =>
    bearer(issuer.token(issuer.claims(services.clock.now(), { roles, azp: 'app' })));
  const bound = setting({}, { roles: ['admin'] }, services);
  const boundHeaders = () => ({ authorization: `DPoP ${bound.token}`, dpop: bound.proof() });
  const cases: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['operation', { binding: 'dpop' }, {}],
    ['operation', { binding: 'required' }, {}],
    ['issuer', {}, { binding: 'dpop' }],
    ['role', { roleBinding: { admin: 'dpop' } }, {}],
    ['client', { clientBinding: { app: 'dpop' } }, {}],
  ];
  for (const [what, more, ofIssuer] of cases) {
    const send = gate(services, [all(BEARER_AUTH)], given(more, ofIssuer));
    const { refusal, exchange } = await send({ headers: bearerToken(['admin']) });
    assert.equal(refusal?.code, 'credential-unbound', what);
    assert.equal(refusal.status, 401);
    assert.match(challengeOf(refusal), /DPoP realm="portcullis", algs="ES256/);
    assert.equal(exchange.principal, undefined);
    assert.equal((await send({ headers: boundHeaders() })).refusal, undefined, what);
  }
  const roles = gate(services, [all(BEARER_AUTH)], given({ roleBinding: { admin: 'dpop' } }));
  assert.equal((await roles({ headers: bearerToken(['guest']) })).refusal, undefined);
  const certificate = gate(services, [all(BEARER_AUTH)], given({ binding: 'certificate' }));
  assert.equal((await certificate({ headers: boundHeaders() })).refusal?.code, 'credential-unbound');
});

test('nobody fills memory with identifiers: proofs beyond what is kept evict none that matters for long', async () => {
  const services = world();
  const small = createCounters({ clock: services.clock, maxEntries: 64 });
  const { send, proof } = setting({}, {}, { ...services, counters: small });
  const first = proof();
  assert.equal((await send({ proof: first })).refusal, undefined);
  for (let i = 0; i < 200; i++) await send({ proof: proof() });
  assert.ok(small.size().marks <= 64);
  await refused(send({ proof: first }), /used before/);
});
