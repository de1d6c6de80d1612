import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identitySettings, unnamedIdentitySettings, wayOf } from './settings.ts';

test('an identity proves itself in exactly one way', () => {
  const good = [
    { name: 'a', bearer: { token: 'x' } },
    { name: 'a', role: 'r', key: { value: 'x', in: 'query', name: 'api_key' } },
    { name: 'a', basic: { username: 'u', password: 'p' } },
    { name: 'a', cookie: { name: 'sid', value: 'x' } },
    {
      name: 'a',
      login: {
        username: 'u',
        password: 'p',
        fields: { username: '/user/email' },
        body: { realm: 'x' },
        token: '/t',
        send: 'X-Auth',
      },
    },
    { name: 'a', oauth: { tokenUrl: '/token', clientId: 'i', clientSecret: 's' } },
  ];
  assert.deepEqual(
    good.map((one) => wayOf(identitySettings.parse(one))),
    ['bearer', 'key', 'basic', 'cookie', 'login', 'oauth'],
  );
  assert.equal(unnamedIdentitySettings.safeParse({ role: 'r', bearer: { token: 'x' } }).success, true);
});

test('what cannot be meant is refused', () => {
  const bad = [
    {},
    { name: 'a' },
    { name: 'a', bearer: { token: 'x' }, key: { value: 'y' } },
    { name: 'a b', bearer: { token: 'x' } },
    { name: 'a', bearer: { token: 'x\r\nX: y' } },
    { name: 'a', basic: { username: 'a:b', password: 'p' } },
    { name: 'a', key: { value: 'x', name: 'bad name' } },
    { name: 'a', bearer: { token: 'x', extra: 1 } },
    { name: 'a', bearer: { token: '' } },
  ];
  for (const one of bad) assert.equal(identitySettings.safeParse(one).success, false, JSON.stringify(one));
});
