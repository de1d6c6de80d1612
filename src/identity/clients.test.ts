import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { systemClock } from '../shared/clock.ts';
import { memoryStore } from '../storage/memory-store.ts';
import { IdentityError } from './attributes.ts';
import {
  approveClient,
  createClient,
  findClient,
  isSecretOf,
  type NewClient,
  removeClient,
  suspendClient,
} from './clients.ts';
import { listRevocations } from './revocations.ts';

const REDIRECT = 'https://app.example/callback';
const make = (given: Partial<NewClient> = {}) => {
  const store = memoryStore();
  return { store, ...createClient(store, systemClock, { name: 'Lab', redirectUris: [REDIRECT], ...given }) };
};
const input = (error: unknown) => error instanceof IdentityError && error.code === 'input';

test('a secret is made here, shown once, and kept as a digest only', () => {
  const { store, client, secret } = make({ proof: 'secret' });
  const record = findClient(store, client.id);
  assert.match(secret ?? '', /^pcs_[0-9A-Za-z]{43}$/);
  assert.ok(!JSON.stringify(record).includes(secret as string));
  assert.ok(isSecretOf(record?.secret as string, secret as string));
  for (const wrong of ['', `${secret}x`, (secret as string).slice(1)])
    assert.ok(!isSecretOf(record?.secret as string, wrong));
  assert.ok(!('secret' in client));
  assert.equal(client.state, 'pending');
});

test('redirect URIs that lead elsewhere, or could, are not taken', () => {
  for (const uri of [
    'http://app.example/',
    'https://u:p@app.example/',
    'https://app.example/#x',
    'https://*.example/',
    'app://x',
    'javascript:alert(1)',
    'data:text/html,x',
    '/callback',
    '',
    'https://app.example/ x',
    'https://app.example\\x',
    `https://app.example/${'x'.repeat(3000)}`,
  ])
    assert.throws(() => make({ redirectUris: [uri] }), input, uri);
  for (const uri of [REDIRECT, 'http://127.0.0.1:3000/cb', 'http://localhost/cb', 'com.example.app:/cb'])
    make({ redirectUris: [uri] });
});

test('what does not go together is not taken', () => {
  assert.throws(() => make({ redirectUris: [] }), input);
  assert.throws(() => make({ grants: ['client_credentials'] }), input, 'without a proof');
  assert.throws(() => make({ grants: ['refresh_token'] }), input);
  assert.throws(() => make({ grants: ['password'] }), input);
  assert.throws(() => make({ grants: [] }), input);
  assert.throws(() => make({ name: '' }), input);
  assert.throws(() => make({ name: 'Lab\nX' }), input);
  assert.throws(() => make({ proof: 'private_key_jwt' }), input);
  assert.throws(() => make({ proof: 'client_secret_jwt' as never }), input);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = (key: typeof publicKey) => key.export({ format: 'jwk' });
  assert.throws(() => make({ proof: 'private_key_jwt', keys: [jwk(privateKey)] }), /private key/);
  assert.throws(() => make({ proof: 'private_key_jwt', keys: [{ kty: 'oct', k: 'AAAA' }] }), input);
  make({ proof: 'private_key_jwt', keys: [jwk(publicKey)] });
});

test('approval says what it may, suspension and removal revoke', () => {
  const { store, client } = make();
  assert.throws(() => approveClient(store, systemClock, client.id, { ranges: ['10.0.0.0/99'] }), input);
  assert.throws(() => approveClient(store, systemClock, client.id, { roles: ['two words'] }), input);
  assert.throws(() => approveClient(store, systemClock, client.id, { rateClass: 'a b' }), input);
  assert.throws(
    () => approveClient(store, systemClock, 'app_none', {}),
    (error: IdentityError) => error.code === 'unknown',
  );
  const approved = approveClient(store, systemClock, client.id, {
    scopes: ['a'],
    ranges: ['10.0.0.0/8'],
    rateClass: 'gold',
  });
  assert.deepEqual(
    [approved.state, approved.scopes, approved.ranges, approved.rateClass],
    ['approved', ['a'], ['10.0.0.0/8'], 'gold'],
  );
  assert.equal(suspendClient(store, systemClock, client.id, 'test').state, 'suspended');
  assert.deepEqual(
    listRevocations(store, systemClock).map(({ kind, subject }) => [kind, subject]),
    [['client', client.id]],
  );
  removeClient(store, systemClock, client.id, 'test');
  assert.equal(findClient(store, client.id), undefined);
});
