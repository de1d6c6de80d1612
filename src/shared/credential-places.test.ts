import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation, SecurityScheme } from '../contract/model.ts';
import { credentialPlaces, withoutCookies, withoutParameters } from './credential-places.ts';

const place = { file: 'api.yaml', line: 1, column: 1 };
const apiKey = (where: 'header' | 'cookie' | 'query', parameter: string): SecurityScheme => ({
  name: parameter,
  type: 'apiKey',
  in: where,
  parameter,
  place,
});
const operation = (...schemes: SecurityScheme[]): Operation =>
  ({ security: [{ schemes: schemes.map((scheme) => ({ scheme, scopes: [] })) }] }) as unknown as Operation;

test('the places of an operation: those the gate knows, and its contract’s', () => {
  assert.deepEqual(credentialPlaces({ security: undefined } as Operation), {
    headers: ['authorization', 'proxy-authorization', 'x-api-key', 'signature', 'signature-input', 'dpop'],
    cookies: [],
    query: [],
  });
  const places = credentialPlaces(operation(apiKey('header', 'X-Token'), apiKey('query', 'api_key')), [
    apiKey('cookie', 'session'),
    { name: 'b', type: 'http', scheme: 'basic', place },
  ]);
  assert.deepEqual(places.headers, [
    'authorization',
    'proxy-authorization',
    'x-api-key',
    'signature',
    'signature-input',
    'dpop',
    'x-token',
  ]);
  assert.deepEqual(places.cookies, ['session']);
  assert.deepEqual(places.query, ['api_key']);
});

test('a parameter goes however its name is spelled; the rest stays to the letter', () => {
  const names = new Set(['api_key', 'a b']);
  for (const [query, left] of [
    ['', ''],
    ['api_key=1', ''],
    ['x=%41&api_key=1&y=+', 'x=%41&y=+'],
    ['api%5Fkey=1&x', 'x'],
    ['%61pi_key=1&api_key=2&x', 'x'],
    ['a+b=1&a%20b=2&x', 'x'],
    ['api_key&x', 'x'],
    ['API_KEY=1', 'API_KEY=1'],
    ['api_key2=1&x=api_key', 'api_key2=1&x=api_key'],
    ['%zz=1&api_key=1', '%zz=1'],
  ] as const)
    assert.equal(withoutParameters(query, names), left, query);
});

test('a cookie goes, the others stay', () => {
  const names = new Set(['session']);
  assert.equal(withoutCookies('a=1; session=x; b=2', names), 'a=1; b=2');
  assert.equal(withoutCookies('session=x', names), '');
  assert.equal(withoutCookies('session=x;session=y;  a=1', names), 'a=1');
  assert.equal(withoutCookies('Session=x; sessions=y; session', names), 'Session=x; sessions=y');
});

test('what is left never holds a parameter of that name as URLSearchParams reads it', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('k', '%6B', '%6b', '=', '&', '+', '%', 'x') }), (query) => {
      const left = new URLSearchParams(withoutParameters(query, new Set(['k', 'kk'])));
      assert.ok(!left.has('k') && !left.has('kk'), query);
    }),
  );
});
