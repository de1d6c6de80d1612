import assert from 'node:assert/strict';
import { test } from 'node:test';
import { issuer, takesJwt, takesOpaque } from './settings.ts';

const problems = (given: Record<string, unknown>): string[] => {
  const result = issuer.safeParse({ issuer: 'https://login.example', audience: 'a', ...given });
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
};
const introspection = { client: 'gate', secret: 's' };

test('a URL is enough; what is no URL needs its key set or metadata named', () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ issuer: 'http://127.0.0.1:1/a' }), []);
  for (const name of [
    'login',
    'http://login.example',
    'https://login.example?a',
    'https://u:p@login.example',
    'https://x#y',
  ]) {
    assert.match(problems({ issuer: name }).join(), /issuer: is no https URL/, name);
    assert.deepEqual(problems({ issuer: name, jwks: 'keys.json' }), []);
    assert.deepEqual(problems({ issuer: name, metadata: 'https://x.example/m' }), []);
    assert.match(problems({ issuer: name, jwks: 'keys.json', introspection }).join(), /issuer: is no https URL/);
    const url = 'https://x.example/i';
    assert.deepEqual(problems({ issuer: name, jwks: 'keys.json', introspection: { ...introspection, url } }), []);
    assert.deepEqual(problems({ issuer: name, tokens: 'opaque', introspection: { ...introspection, url } }), []);
  }
});

test('which tokens: what contradicts itself is refused', () => {
  assert.match(problems({ tokens: 'opaque' }).join(), /needs introspection/);
  assert.match(problems({ tokens: 'any' }).join(), /needs introspection/);
  assert.match(problems({ tokens: 'jwt', introspection }).join(), /nobody is asked/);
  const kinds = (given: Record<string, unknown>) => {
    const settings = issuer.parse({ issuer: 'https://login.example', audience: 'a', ...given });
    return [takesJwt(settings), takesOpaque(settings)];
  };
  assert.deepEqual(kinds({}), [true, false]);
  assert.deepEqual(kinds({ introspection }), [true, true]);
  assert.deepEqual(kinds({ introspection, tokens: 'opaque' }), [false, true]);
});

test('how the gate proves itself: one way, whole', () => {
  const ways = (given: Record<string, unknown>) => problems({ introspection: { client: 'g', ...given } }).join();
  assert.equal(ways({ secretFile: 'f' }), '');
  assert.equal(ways({ method: 'private_key_jwt', key: 'k.pem' }), '');
  assert.match(ways({}), /needs either secret or secretFile/);
  assert.match(ways({ secret: 's', secretFile: 'f' }), /needs either/);
  assert.match(ways({ secret: 's', key: 'k.pem' }), /a key is for private_key_jwt/);
  assert.match(ways({ method: 'private_key_jwt' }), /needs the file/);
  assert.match(ways({ method: 'private_key_jwt', key: 'k', secret: 's' }), /has a key and no secret/);
  assert.match(ways({ secret: 's', match: '(' }), /not a pattern/);
  assert.match(ways({ secret: 's', url: 'http://login.example/i' }), /https URL/);
});
