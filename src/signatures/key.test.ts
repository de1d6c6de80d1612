import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { ALGORITHM_NAMES, ALGORITHMS } from './algorithms.ts';
import { parseComponent } from './component.ts';
import { componentValue } from './component-value.ts';
import { SignatureError } from './error.ts';
import { messageKey, publicJwk, readPrivateKey, readPublicKey, secretKey, thumbprint } from './key.ts';
import type { Message } from './message.ts';
import { type Presented, readSignatures } from './presented.ts';
import { pair, request, signed } from './testing.ts';
import { verifySignature } from './verify.ts';

const _value = (component: string, message: Message): string => componentValue(parseComponent(component), message);
const refused = (work: () => unknown, why: RegExp, label?: string): void => {
  assert.throws(
    work,
    (error: Error) => error instanceof SignatureError && why.test(error.message),
    `${label ?? ''} should be refused: ${why}`,
  );
};
const first = (message: Message): Presented => readSignatures(message)[0] as Presented;
const keys = pair();

test('every algorithm: signs, verifies, and none takes what another one made', () => {
  const secret = secretKey(Buffer.alloc(32, 7));
  const all = [
    ...(['ed25519', 'ecdsa-p256-sha256', 'ecdsa-p384-sha384', 'rsa-pss-sha512'] as const).map((name) => pair(name)),
    { privateKey: secret, publicKey: secret },
  ];
  const { privateKey: rsa, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  all.push({
    privateKey: messageKey(rsa, 'rsa-v1_5-sha256'),
    publicKey: messageKey(publicKey, 'rsa-v1_5-sha256'),
  });
  assert.equal(all.length, ALGORITHM_NAMES.length);
  for (const one of all) {
    const message = signed(request(), one.privateKey, ['@method', '@query']);
    for (const other of all)
      assert.equal(
        verifySignature(message, first(message), other.publicKey),
        one === other,
        other.publicKey.algorithm.name,
      );
    const { signature } = first(message);
    for (const bad of [
      Buffer.alloc(signature.length),
      Buffer.alloc(1),
      signature.subarray(1),
      Buffer.concat([signature, signature]),
    ])
      assert.equal(verifySignature(message, { ...first(message), signature: bad }, one.publicKey), false);
    const { input } = first(message);
    const claims = { ...first(message), parameters: { alg: 'hmac-sha256' }, input };
    assert.equal(
      verifySignature(message, claims, one.publicKey),
      one.publicKey === secret,
      'alg is the key’s, or refused',
    );
  }
});

test('key confusion: a public key is never a shared secret', () => {
  const pem = keys.publicKey.key.export({ type: 'spki', format: 'pem' }) as string;
  refused(() => readPublicKey(pem, 'hmac-sha256'), /not one for hmac/);
  refused(() => messageKey(keys.publicKey.key, 'hmac-sha256'), /not one for hmac/);
  const forged = signed(request(), secretKey(Buffer.from(pem)), ['@method'], {
    created: 1,
    keyid: 'k',
    alg: 'hmac-sha256',
  });
  assert.equal(verifySignature(forged, first(forged), keys.publicKey), false);
  assert.equal(ALGORITHMS.get('hmac-sha256')?.fits(createPublicKey(pem)), false);
});

test('keys: one algorithm each; weak, private and foreign ones are refused', () => {
  const pem = (key: { export(o: object): unknown }, type: string) => key.export({ type, format: 'pem' }) as string;
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const curve = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  refused(() => readPublicKey(pem(small.publicKey, 'spki')), /no algorithm fits/);
  refused(() => readPublicKey(pem(curve.publicKey, 'spki')), /no algorithm fits/);
  refused(() => readPublicKey(pem(ec.privateKey, 'pkcs8')), /private key/);
  refused(() => readPublicKey(JSON.stringify(ec.privateKey.export({ format: 'jwk' }))), /private key/);
  refused(
    () => readPublicKey(JSON.stringify({ ...ec.publicKey.export({ format: 'jwk' }), alg: 'ES384' })),
    /no algorithm/,
  );
  refused(
    () => readPublicKey(JSON.stringify({ ...ec.publicKey.export({ format: 'jwk' }), use: 'enc' })),
    /not for sig/,
  );
  refused(() => readPublicKey('{"kty":"oct","k":"AAAA"}'), /private key/);
  refused(() => readPrivateKey(pem(ec.publicKey, 'spki')), /not a key/);
  refused(() => secretKey(Buffer.alloc(31)), /32 bytes/);
  for (const bad of ['', 'x', '{', '{}', '[]', 'null', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----'])
    refused(() => readPublicKey(bad), /not a/, bad);
  assert.equal(readPublicKey(pem(ec.publicKey, 'spki')).algorithm.name, 'ecdsa-p256-sha256');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  assert.equal(readPublicKey(pem(rsa.publicKey, 'spki')).algorithm.name, 'rsa-pss-sha512', 'PKCS #1 v1.5 only by name');
  const jwk = publicJwk(keys.privateKey);
  assert.equal(jwk.d, undefined);
  assert.equal(thumbprint(jwk), thumbprint(publicJwk(keys.publicKey)));
});
