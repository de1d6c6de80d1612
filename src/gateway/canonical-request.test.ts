import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalRequest, type RawRequest } from './canonical-request.ts';

const limits = { maxTarget: 8192, maxHeaders: 100 };
const raw = (headers: string[], more: Partial<RawRequest> = {}): RawRequest => ({
  method: 'GET',
  version: '1.1',
  target: '/a',
  rawHeaders: ['Host', 'api.example', ...headers],
  secure: true,
  ...more,
});
const accepted = (request: RawRequest) => {
  const result = canonicalRequest(request, limits);
  assert.ok('request' in result, JSON.stringify(result));
  return result;
};
const code = (request: RawRequest): string | undefined => {
  const result = canonicalRequest(request, limits);
  return 'request' in result ? undefined : result.code;
};

test('headers: lower case, lists joined, no prototype', () => {
  const { request } = accepted(
    raw(['Accept', 'a/b', 'ACCEPT', 'c/d', 'Cookie', 'a=1', 'Cookie', 'b=2', '__proto__', 'x']),
  );
  assert.equal(request.headers['accept'], 'a/b, c/d');
  assert.equal(request.headers['cookie'], 'a=1; b=2');
  for (const inherited of ['constructor', 'toString', 'hasOwnProperty'])
    assert.equal(request.headers[inherited], undefined);
  assert.ok(Object.hasOwn(request.headers, '__proto__'));
});

for (const name of [
  'Host',
  'Authorization',
  'Content-Type',
  'Content-Length',
  'Transfer-Encoding',
  'X-API-Key',
  'Origin',
  'Expect',
]) {
  test(`${name} twice is refused, the same or not`, () => {
    assert.equal(code(raw([name, 'x', name.toLowerCase(), 'x'])), 'ambiguous-request');
    assert.equal(code(raw([name, 'x', name.toUpperCase(), 'y'])), 'ambiguous-request');
  });
}

for (const host of [
  'a, b',
  'a,b',
  '',
  'a/b',
  'user@a',
  'a b',
  'a:99999',
  'a:b',
  'a:',
  '[::1',
  'a\\b',
  'a?b',
  'a#b',
  '.a',
  'a..b',
  '%61',
]) {
  test(`Host ${JSON.stringify(host)} is refused`, () => {
    assert.equal(code(raw([], { rawHeaders: ['Host', host] })), 'ambiguous-request');
  });
}

test('good hosts', () => {
  for (const host of [
    'localhost',
    'localhost:8443',
    '127.0.0.1:1',
    '[::1]:8443',
    'API.example.',
    'a_b.example',
    'xn--a.example',
  ]) {
    accepted(raw([], { rawHeaders: ['Host', host] }));
  }
  assert.equal(code(raw([], { rawHeaders: [] })), 'ambiguous-request', 'none at all');
});

test('absolute-form says what Host says, or is refused', () => {
  assert.equal(accepted(raw([], { target: 'https://api.example/b?c=1' })).request.path, '/b');
  assert.equal(accepted(raw([], { target: 'https://api.example' })).request.path, '/');
  for (const target of [
    'https://evil/x',
    'http://api.example/x',
    'https://api.example@evil/x',
    '*',
    'evil:80',
    'https://',
    'a',
  ]) {
    assert.equal(code(raw([], { target })), 'ambiguous-request', target);
  }
});

test(':authority and Host must agree', () => {
  assert.equal(code(raw([], { authority: 'evil.example' })), 'ambiguous-request');
  accepted(raw([], { authority: 'API.example' }));
});

test('framing in two ways is refused', () => {
  assert.equal(code(raw(['Content-Length', '3', 'Transfer-Encoding', 'chunked'])), 'ambiguous-request');
  assert.equal(code(raw(['Transfer-Encoding', 'gzip, chunked'])), 'ambiguous-request');
  assert.equal(code(raw(['Transfer-Encoding', 'identity'])), 'ambiguous-request');
});

test('what only the gate may say is gone in every spelling', () => {
  const { request, forwardedFor } = accepted(
    raw([
      'X-Forwarded-For',
      '1.2.3.4',
      'X_Forwarded_User',
      'root',
      'x-portcullis-principal',
      'root',
      'X_PORTCULLIS_ROLES',
      'admin',
      'Forwarded',
      'for=x',
      'X-Real-IP',
      'x',
      'X-Original-URL',
      '/admin',
      'X-Rewrite-URL',
      '/admin',
      'X-HTTP-Method-Override',
      'DELETE',
      'x-portcullis_kind',
      'root',
      'Proxy',
      'http://evil',
      'X-Kept',
      'yes',
    ]),
  );
  assert.deepEqual(Object.keys(request.headers).sort(), ['host', 'x-kept']);
  assert.equal(forwardedFor, '1.2.3.4', 'handed back apart, for trusted proxies');
});

test('two spellings of one header are refused', () => {
  assert.equal(code(raw(['X-User', 'a', 'X_User', 'b'])), 'ambiguous-request');
});

test('hop-by-hop headers go, and those that Connection names; framing and Host cannot be named away', () => {
  const { request } = accepted(
    raw([
      'Connection',
      'close, X-Secret, host, content-type',
      'X-Secret',
      '1',
      'TE',
      'trailers',
      'Upgrade',
      'h2c',
      'Content-Type',
      'a/b',
      'Keep-Alive',
      '5',
    ]),
  );
  assert.deepEqual(Object.keys(request.headers).sort(), ['content-type', 'host']);
});

test('limits and malformed parts', () => {
  assert.equal(code(raw([], { target: `/${'a'.repeat(9000)}` })), 'uri-too-long');
  assert.equal(code(raw(Array.from({ length: 220 }, (_, i) => `x-${i}`))), 'headers-too-large');
  assert.equal(code(raw(['X-A', 'a\x01b'])), 'malformed-request');
  for (const method of ['get', 'G', 'FOO BAR', ''])
    assert.equal(code(raw([], { method })), 'malformed-request', method);
});

test('the query is kept as sent, the fragment is refused', () => {
  assert.equal(accepted(raw([], { target: '/a?b=%41&c' })).request.query, 'b=%41&c');
  assert.equal(code(raw([], { target: '/a?b#c' })), 'path-not-canonical');
  assert.equal(code(raw([], { target: '/a#c' })), 'path-not-canonical');
});
