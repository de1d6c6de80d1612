import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestHolder } from '../binding/testing.ts';
import { askingGate, SECRET, TOKEN } from './asking-gate.ts';
import { fakeIssuer } from './fake-issuer.ts';

test('an opaque token: principal, roles, scopes and claims as the issuer says', async (t) => {
  const { send, issuer, claims } = await askingGate(t, {
    issuer: { roles: { from: 'groups', map: { g1: 'nurse' } }, claims: { patientId: 'patient' } },
  });
  issuer.knows({
    [TOKEN]: claims({
      iss: issuer.url,
      groups: ['g1', 'g2'],
      scope: 'read write',
      patient: 7,
      client_id: 'app',
      jti: 'j-7',
    }),
  });
  const { refusal, exchange } = await send(TOKEN);
  assert.equal(refusal, undefined);
  const { principal } = exchange;
  assert.deepEqual(
    [principal?.kind, principal?.id, principal?.roles, principal?.scopes, principal?.claims['patientId']],
    ['user', `${issuer.url}|ann`, ['nurse'], ['read', 'write'], 7],
  );
  assert.deepEqual(principal?.credential, { scheme: 'introspection', id: 'j-7', binding: 'none' });
  assert.ok(!('active' in (principal?.claims ?? {})));
  const question = issuer.asked.find(({ path }) => path === '/introspect');
  assert.equal(question?.method, 'POST');
  assert.deepEqual(
    [...(question?.form ?? [])],
    [
      ['token', TOKEN],
      ['token_type_hint', 'access_token'],
    ],
  );
  // RFC 6749, section 2.3.1: form-encoded, then joined.
  const sent = Buffer.from(question?.headers.authorization?.split(' ')[1] ?? '', 'base64').toString();
  assert.equal(sent, 'gate:s3cret%3A+of+the+gate');
});

test('a token that is its own id is not put on record by it', async (t) => {
  const { send, issuer, claims } = await askingGate(t);
  issuer.knows({ [TOKEN]: claims({ jti: TOKEN }) });
  const { exchange } = await send(TOKEN);
  assert.match(exchange.principal?.credential.id ?? '', /^sha256:/);
  assert.ok(!JSON.stringify([exchange.principal, exchange.decisions]).includes(TOKEN));
});

test('a token of a client for itself', async (t) => {
  const { send, issuer, claims } = await askingGate(t);
  issuer.knows({ [TOKEN]: claims({ sub: undefined, client_id: 'app' }) });
  const { principal } = (await send(TOKEN)).exchange;
  assert.deepEqual([principal?.kind, principal?.id], ['client', `${issuer.url}|app`]);
});

test('asked once while the answer is believed, and never beyond exp', async (t) => {
  const { ask, issuer, claims, services } = await askingGate(t, { introspection: { maxAge: '60s' } });
  const exp = services.clock.now() / 1000 + 90;
  issuer.knows({ [TOKEN]: claims({ exp }) });
  const count = () => issuer.count('/introspect');
  assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => ask())), new Array(20).fill('in'));
  assert.equal(count(), 1, 'twenty at once are one question');
  services.clock.pass(59_999);
  assert.deepEqual([await ask(), count()], ['in', 1]);
  services.clock.pass(1);
  assert.deepEqual([await ask(), count()], ['in', 2]);
  services.clock.pass(30_000);
  issuer.knows({});
  assert.match(await ask(), /credentials-invalid: the token is no longer good/, 'exp is the end');
  assert.equal(count(), 3);
});

test('what is not good is believed for a short time only, and a token that once was good counts as no guess', async (t) => {
  const { ask, send, issuer, claims, services } = await askingGate(t, {
    introspection: { refusedFor: '10s', maxAge: '1s' },
  });
  issuer.knows({});
  assert.match(await ask(), /no issuer knows the token/);
  assert.match(await ask(), /no issuer knows the token/);
  assert.equal(issuer.count('/introspect'), 1);
  services.clock.pass(10_000);
  issuer.knows({ [TOKEN]: claims() });
  assert.equal(await ask(), 'in');
  issuer.knows({});
  services.clock.pass(1_000);
  for (let i = 0; i < 30; i++) assert.equal((await send(TOKEN)).refusal?.status, 401);
  for (let i = 0; i < 20; i++) await send(`guess-${i}`);
  const asked = issuer.count('/introspect');
  assert.equal((await send('guess-20')).refusal?.status, 429);
  assert.equal(issuer.count('/introspect'), asked, 'whoever guesses does not keep the issuer busy');
});

test('active is about the token, not about this gate: issuer, audience, times and kind are judged here', async (t) => {
  const { ask, issuer, claims, services } = await askingGate(t);
  const now = services.clock.now() / 1000;
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ iss: 'https://evil.example' }, /: iss$/],
    [{ iss: null }, /: iss$/],
    [{ aud: 'other' }, /: aud$/],
    [{ aud: [] }, /: aud$/],
    [{ aud: undefined }, /: aud$/],
    [{ exp: now - 1 }, /: expired$/],
    [{ exp: String(now + 60) }, /exp is missing/],
    [{ nbf: now + 60 }, /nbf/],
    [{ iat: now + 60 }, /iat/],
    [{ sub: undefined }, /sub is missing/],
    [{ sub: 'a\nb' }, /sub is missing/],
    [{ token_type: 'refresh_token' }, /token_type/],
    [{ token_type: 7 }, /token_type/],
    [{ token_use: 'refresh_token' }, /token_use/],
    [{ typ: 'ID' }, /typ/],
    [{ cnf: { other: 1 } }, /cnf/],
  ];
  for (const [i, [more, reason]] of wrong.entries()) {
    issuer.knows({ [`t${i}`]: claims(more) });
    assert.match(await ask(`t${i}`), reason, JSON.stringify(more));
  }
  issuer.knows({ good: claims({ exp: undefined }) });
  assert.equal(await ask('good'), 'in', 'exp may be absent: it is asked again soon');
});

test('a token without an audience, where the operator takes it', async (t) => {
  const { ask, issuer, claims } = await askingGate(t, { introspection: { withoutAudience: 'accept' } });
  issuer.knows({
    a: claims({ aud: undefined }),
    b: claims({ aud: undefined, token_type: undefined }),
    c: claims({ aud: 'other' }),
  });
  assert.equal(await ask('a'), 'in');
  assert.match(await ask('b'), /neither aud nor token_type/, 'a refresh token looks like this');
  assert.match(await ask('c'), /aud/);
});

test('a token that is bound to a key is not taken as a bearer token', async (t) => {
  const { ask, issuer, claims } = await askingGate(t);
  issuer.knows({
    [TOKEN]: claims({ token_type: 'DPoP', cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } }),
  });
  assert.match(await ask(), /^credentials-invalid: the token is bound to a key/);
});

test('signed tokens and opaque ones of one issuer, side by side; each by its form', async (t) => {
  const { ask, issuer, claims, services } = await askingGate(t);
  issuer.knows({ [TOKEN]: claims(), 'a.b.c': claims() });
  const signed = issuer.keys.token(issuer.keys.claims(services.clock.now(), { iss: issuer.url }));
  assert.equal(await ask(signed), 'in');
  assert.equal(issuer.count('/introspect'), 0);
  assert.equal(await ask(), 'in');
  assert.equal(await ask('a.b.c'), 'in', 'dots alone make no JWT');
  const before = issuer.count('/introspect');
  for (const spelled of [`${signed}=`, signed.replace('.', '=.'), `${signed.slice(0, -2)}`, `${signed}.`, `${signed} `])
    assert.match(await ask(spelled), /^credentials-invalid/, spelled.slice(-10));
  assert.equal(issuer.count('/introspect'), before + 1, 'of these only the one with another dot is asked about');
});

test('signed tokens that are asked about, however they are signed: only their own issuer sees them', async (t) => {
  const other = await fakeIssuer(t);
  other.publish();
  const { ask, issuer, claims, services } = await askingGate(t, {
    issuer: { tokens: 'opaque' },
    others: [{ issuer: other.url, audience: 'clinic', introspection: { client: 'gate', secret: SECRET } }],
  });
  const token = issuer.keys.token(issuer.keys.claims(services.clock.now(), { iss: issuer.url }), { alg: 'HS256' });
  issuer.knows({ [token]: claims() });
  assert.deepEqual([await ask(token), await ask(token)], ['in', 'in']);
  assert.equal(issuer.count('/introspect'), 1);
  assert.equal(issuer.count('/keys'), 0);
  const stranger = issuer.keys.token({ iss: 'https://evil.example' });
  assert.match(await ask(stranger), /iss is not a configured issuer/);
  assert.equal(other.count('/introspect'), 0);
});

test('malformed tokens are not asked about', async (t) => {
  const { ask, issuer } = await askingGate(t);
  for (const token of ['a b', 'a\u0000', 'a,b', 'é', '=', 'a=b', 'x'.repeat(8193), '{}'])
    assert.match(await ask(token), /not a token/);
  assert.equal(issuer.count('/introspect'), 0);
});

test('a token that is bound to a key, with a proof of it', async (t) => {
  const { issuer, claims, services, stage } = await askingGate(t);
  const holder = new TestHolder();
  issuer.knows({ [TOKEN]: claims({ token_type: 'DPoP', cnf: { jkt: holder.jkt } }) });
  const send = async (by: TestHolder) => {
    const dpop = by.proof(TOKEN, 'GET', 'https://api.example/patients', services.clock.now());
    return (await stage({ headers: { authorization: `DPoP ${TOKEN}`, dpop } })).refusal?.evidence?.['reason'] ?? 'in';
  };
  assert.equal(await send(holder), 'in');
  assert.match(String(await send(new TestHolder())), /bound to another key/);
});
