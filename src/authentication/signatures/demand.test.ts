import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { createKey } from '../../identity/keys.ts';
import { addSigningKey } from '../../identity/signing-keys.ts';
import { messageKey } from '../../signatures/key.ts';
import { authentication } from '../authentication.ts';
import { all, exchange, KEY_HEADER, operation, policy } from '../testing.ts';

import { pem, SIGNED, setUp } from './testing.ts';

test('beside a credential: only a key of the same caller will do', async () => {
  const { services, send } = setUp({ signature: 'required' }, [all(KEY_HEADER)]);
  const mine = createKey(services.store, services.clock, { roles: ['nurse'] });
  const theirs = createKey(services.store, services.clock, { roles: ['nurse'] });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const { id } = addSigningKey(services.store, services.clock, {
    publicKey: pem(publicKey),
    principal: `key:${mine.key.id}`,
  });
  const signing = { key: messageKey(privateKey), keyId: id };
  const withKey = (secret: string) => ({ 'x-api-key': secret });
  const good = await send({ headers: withKey(mine.secret), signing });
  assert.equal(good.refusal, undefined);
  assert.equal(good.exchange.principal?.credential.scheme, 'key', 'the credential says who calls');
  assert.equal(good.exchange.decisions.length, 2);
  const stolen = await send({ headers: withKey(theirs.secret), signing });
  assert.equal(stolen.refusal?.code, 'signature-invalid');
  assert.match(stolen.reason ?? '', /not one of this caller/);
  const alone = await send({ signing });
  assert.equal(
    alone.refusal?.code,
    'credentials-missing',
    'a signature is no credential where the contract names none',
  );
  const bare = exchange({ headers: withKey(mine.secret) });
  const stage = authentication.stages(policy({ signature: 'required' }), operation([all(KEY_HEADER)]), services)
    .authenticate!;
  const missing = await stage(bare);
  assert.equal(missing?.code, 'signature-missing');
  assert.equal(missing?.status, 401);
  assert.match(missing?.headers?.['accept-signature'] ?? '', /"x-api-key"/);
  // Cross-scheme reuse: a signature that was made for another credential of the same caller does not cover this one.
  const moved = await send({ signing, alter: (headers) => void (headers['x-api-key'] = mine.secret) });
  assert.match(moved.reason ?? '', /not covered: "x-api-key"/);
  const swapped = await send({
    headers: withKey(mine.secret),
    signing,
    alter: (headers) => void (headers['x-api-key'] = theirs.secret),
  });
  assert.equal(swapped.reason, 'signature');
});

test('demanded of a role', async () => {
  const { services, send } = setUp({ signatures: { roles: ['partner'] } }, [all(KEY_HEADER)]);
  const partner = createKey(services.store, services.clock, { roles: ['partner'] });
  const nurse = createKey(services.store, services.clock, { roles: ['nurse'] });
  const stage = authentication.stages(
    policy({ signatures: { roles: ['partner'] } }),
    operation([all(KEY_HEADER)]),
    services,
  ).authenticate!;
  assert.equal(await stage(exchange({ headers: { 'x-api-key': nurse.secret } })), undefined);
  const refusal = await stage(exchange({ headers: { 'x-api-key': partner.secret } }));
  assert.equal(refusal?.code, 'signature-missing');
  assert.equal((await send({ headers: { 'x-api-key': nurse.secret } })).refusal, undefined, 'nobody looks at it');
});

test('a public operation that must be signed: whoever signs is the caller', async () => {
  const { send, id, judge } = setUp({ access: 'public', signature: 'required' }, []);
  const { refusal, exchange: one } = await send();
  assert.equal(refusal, undefined);
  assert.equal(one.principal?.id, id);
  assert.equal(one.anonymous, false);
  assert.equal((await judge(exchange()))?.code, 'signature-missing');
});

test('where authentication is off, a demand that nothing enforces is told', () => {
  const rules = (given: Record<string, unknown>) =>
    (authentication.inspect?.(policy(given), operation([SIGNED])) ?? []).map(({ rule }) => rule);
  assert.deepEqual(rules({ access: 'none', signature: 'required' }), [
    'authentication/off',
    'authentication/signature-off',
  ]);
  assert.deepEqual(rules({ access: 'none' }), ['authentication/off']);
  assert.deepEqual(rules({ signature: 'required' }), []);
});
