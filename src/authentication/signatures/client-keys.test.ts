import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { type MessageKey, messageKey, publicJwk, secretKey } from '../../signatures/key.ts';
import { policy } from '../testing.ts';

import { pem, SIGNED, setUp } from './testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
after(() => rmSync(directory, { recursive: true, force: true }));

test('keys from files, secrets and key sets; each with its own algorithm', async () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
  const secret = Buffer.from('a secret of thirty-two bytes, ok!');
  writeFileSync(join(directory, 'ec.pem'), pem(ec.publicKey));
  writeFileSync(join(directory, 'rsa.pem'), pem(rsa.publicKey));
  writeFileSync(join(directory, 'mac.txt'), `${secret}\n`);
  const kid = (key: KeyObject, name: string) => ({ ...publicJwk(messageKey(key)), kid: name });
  const foreign = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'r256', alg: 'PS256' };
  writeFileSync(join(directory, 'set.json'), JSON.stringify({ keys: [kid(p384.publicKey, 's1'), foreign] }));
  const signatures = {
    keys: [
      { id: 'e', file: 'ec.pem', roles: ['a'] },
      { id: 'r', file: 'rsa.pem', principal: 'user:rita' },
      { id: 'm', secret: 'mac.txt' },
    ],
    sets: [{ source: 'set.json', roles: ['partner'] }],
  };
  const { send } = setUp({ signatures }, [SIGNED], directory);
  const as = async (key: MessageKey, keyId: string) => {
    const { reason, exchange: one } = await send({ signing: { key, keyId } });
    return reason ?? `${one.principal?.kind}:${one.principal?.id} ${one.principal?.roles}`;
  };
  assert.equal(await as(messageKey(ec.privateKey), 'e'), 'key:e a');
  assert.equal(await as(messageKey(rsa.privateKey, 'rsa-pss-sha512'), 'r'), 'user:rita ');
  assert.equal(
    await as(messageKey(rsa.privateKey, 'rsa-v1_5-sha256'), 'r'),
    'signature',
    'not another algorithm of the key',
  );
  assert.equal(await as(secretKey(secret), 'm'), 'key:m ');
  assert.equal(await as(messageKey(p384.privateKey), 's1'), 'key:set.json|s1 partner');
  assert.match(await as(messageKey(rsa.privateKey, 'rsa-pss-sha512'), 'r256'), /alg of the key/);
  // Key confusion: the public key, which everyone has, as a shared secret.
  assert.equal(await as(secretKey(Buffer.from(pem(ec.publicKey))), 'e'), 'signature');
});

test('keys that cannot be used are found at load', () => {
  const load = (signatures: Record<string, unknown>): string => {
    try {
      setUp({ signatures }, [SIGNED], directory);
    } catch (error) {
      assert.ok(error instanceof LoadError, String(error));
      return error.message;
    }
    return '';
  };
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(join(directory, 'private.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  writeFileSync(join(directory, 'short.txt'), 'short');
  assert.match(load({ keys: [{ id: 'a', file: 'none.pem' }] }), /ENOENT/);
  assert.match(load({ keys: [{ id: 'a', file: 'private.pem' }] }), /private key/);
  assert.match(load({ keys: [{ id: 'a', secret: 'short.txt' }] }), /32 bytes/);
  assert.match(load({ sets: [{ source: 'none.json' }] }), /cannot be read/);
});

test('settings: a component that means nothing is an error, and so is a key twice', () => {
  for (const signatures of [
    { components: ['@nothing'] },
    { components: ['X-Upper'] },
    { components: ['"@path";req'] },
    { components: [] },
    { keys: [{ id: 'a' }] },
    { keys: [{ id: 'a', file: 'x', secret: 'y' }] },
    {
      keys: [
        { id: 'a', file: 'x' },
        { id: 'a', file: 'y' },
      ],
    },
    { sets: [{ source: 'http://issuer.example/keys' }] },
  ])
    assert.throws(() => policy({ signatures }), JSON.stringify(signatures));
});
