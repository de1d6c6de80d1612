import assert from 'node:assert/strict';
import { createHmac, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { freshClaims, hmacToken, ownKey, readJwt, signedToken } from './jwt.ts';
import { commonSecrets } from './secrets.ts';

test('a token is taken apart, and what is none is not', () => {
  const token = hmacToken({ alg: 'HS256', typ: 'JWT' }, { sub: 'noor', exp: 1 }, 'secret');
  const jwt = readJwt(token);
  assert.deepEqual(
    [jwt?.header, jwt?.claims],
    [
      { alg: 'HS256', typ: 'JWT' },
      { sub: 'noor', exp: 1 },
    ],
  );
  assert.equal(jwt?.signature, createHmac('sha256', 'secret').update(`${jwt?.head}.${jwt?.body}`).digest('base64url'));
  assert.ok(Number(freshClaims(jwt!)['exp']) > Date.now() / 1000);
  for (const none of [
    undefined,
    '',
    'a.b',
    'a.b.c',
    'not-a-token',
    `${btoa('[1]')}.${btoa('{}')}.x`,
    'x'.repeat(50_000),
  ]) {
    assert.equal(readJwt(none), undefined);
  }
});

test('tokens are signed as their header says', async () => {
  for (const wanted of ['RS256', 'PS384', 'ES256', 'ES384', 'ES512', 'EdDSA']) {
    const { key, jwk, algorithm } = await ownKey(wanted);
    assert.equal(algorithm, wanted);
    const [head, body, signature] = signedToken({ alg: algorithm }, { sub: 'x' }, key).split('.');
    const verifier = createPublicKey({ key: jwk, format: 'jwk' });
    const how = wanted.startsWith('ES')
      ? { key: verifier, dsaEncoding: 'ieee-p1363' as const }
      : wanted.startsWith('PS')
        ? { key: verifier, padding: 6, saltLength: -2 }
        : verifier;
    const digest = wanted === 'EdDSA' ? null : `sha${wanted.slice(2)}`;
    assert.ok(verify(digest, Buffer.from(`${head}.${body}`), how, Buffer.from(signature ?? '', 'base64url')), wanted);
  }
});

test('common secrets come once or a few times, likely ones first, words of the API too', () => {
  const list = [...commonSecrets(['Clinic API', 'https://clinic.example'])];
  assert.ok(list.length > 1_000 && list.length < 6_000, String(list.length));
  assert.ok(list.indexOf('secret') < 20);
  for (const secret of ['', 'changeme', 'SECRET', 'password123', 'clinic-secret', 'your-256-bit-secret'])
    assert.ok(list.includes(secret), secret);
});
