import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataUrls, readMetadata, trustOf } from './metadata.ts';

const document = (more: Record<string, unknown> = {}) =>
  Buffer.from(JSON.stringify({ issuer: 'https://login.example/a', jwks_uri: 'https://login.example/keys', ...more }));
const read = (bytes: Buffer) => readMetadata(bytes, 'https://login.example/a', 'https://login.example/x');

test('where the metadata of an issuer can be, with and without a path', () => {
  assert.deepEqual(metadataUrls('https://login.example'), [
    'https://login.example/.well-known/openid-configuration',
    'https://login.example/.well-known/oauth-authorization-server',
  ]);
  // RFC 8414, section 3.1; the slash at the end is left out (OpenID Connect Discovery, section 4).
  for (const issuer of ['https://login.example/realms/clinic', 'https://login.example/realms/clinic/'])
    assert.deepEqual(metadataUrls(issuer), [
      'https://login.example/realms/clinic/.well-known/openid-configuration',
      'https://login.example/.well-known/oauth-authorization-server/realms/clinic',
    ]);
  assert.deepEqual(metadataUrls('https://login.example/'), metadataUrls('https://login.example'));
  for (const other of [
    'login',
    'http://login.example',
    'https://login.example?a=b',
    'https://u:p@login.example',
    'ftp://x',
  ])
    assert.deepEqual(metadataUrls(other), [], other);
});

test('a document is used only where its issuer is the same, character by character', () => {
  assert.equal(typeof read(document()), 'object');
  for (const issuer of [
    'https://login.example/a/',
    'https://LOGIN.example/a',
    'https://login.example:443/a',
    'https://evil.example',
    undefined,
    ['https://login.example/a'],
  ])
    assert.match(String(read(document({ issuer }))), /its issuer is/);
  const odd = read(document({ issuer: 'x"\n\u001b[31m: good' }));
  assert.match(String(odd), /"x\?\?\?\[31m: good"/, 'nothing of it can pass for more text');
});

test('endpoints are https URLs, or http ones of this machine; a strange document is none', () => {
  const found = read(
    document({
      introspection_endpoint: 'http://127.0.0.1:1/i',
      introspection_endpoint_auth_methods_supported: ['a', 1],
    }),
  );
  assert.deepEqual(found, {
    url: 'https://login.example/x',
    jwks: 'https://login.example/keys',
    introspection: 'http://127.0.0.1:1/i',
    methods: ['a'],
  });
  for (const wrong of [
    'http://login.example/keys',
    'file:///etc/passwd',
    '/keys',
    7,
    null,
    'https://u:p@x/',
    'https://x/#a',
    `https://x/${'a'.repeat(2000)}`,
  ]) {
    assert.match(String(read(document({ jwks_uri: wrong }))), /its jwks_uri/);
    assert.match(String(read(document({ introspection_endpoint: wrong }))), /its introspection_endpoint/);
  }
  for (const text of [
    '',
    '[]',
    'null',
    '<html>',
    '{"issuer":"https://login.example/a","issuer":"https://login.example/a"}',
  ])
    assert.match(String(read(Buffer.from(text))), /not a JSON object/);
});

test('what only the document names must be public; the origins that the operator named need not', () => {
  const named = ['https://login.internal/a', undefined, 'not a URL'];
  assert.deepEqual(trustOf('https://login.internal/keys', named), { allowPrivate: true, allowPlain: false });
  assert.deepEqual(trustOf('https://login.internal:8443/keys', named), { allowPrivate: false, allowPlain: false });
  assert.deepEqual(trustOf('https://other.internal/keys', named), { allowPrivate: false, allowPlain: false });
  assert.deepEqual(trustOf('http://127.0.0.1:9/keys', ['http://127.0.0.1:9']), {
    allowPrivate: true,
    allowPlain: true,
  });
  assert.deepEqual(trustOf('http://127.0.0.1:9/keys', ['http://127.0.0.1:8']), {
    allowPrivate: false,
    allowPlain: false,
  });
});
