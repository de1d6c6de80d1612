import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestField } from '../../signatures/digest.ts';

import { type Sending, setUp } from './testing.ts';

test('the body is verified as it comes, before it is decoded', async () => {
  const { send } = setUp();
  const body = Buffer.from('{"name":"ann"}');
  const headers = { 'content-type': 'application/json' };
  const read = async (sending: Sending) => {
    const { refusal, exchange: one } = await send({ headers, body, ...sending });
    assert.equal(refusal, undefined);
    return one.readBody(1000);
  };
  assert.deepEqual(await read({}), body);
  const altered = await read({ sent: Buffer.from('{"name":"eve"}') });
  assert.ok(!Buffer.isBuffer(altered) && altered.code === 'content-altered' && altered.status === 400);
  const zipped = gzipSync(body);
  const coded = { headers: { ...headers, 'content-encoding': 'gzip' }, body: zipped };
  assert.deepEqual(await read(coded), zipped, 'the digest is that of the encoded bytes');
  const decoded = await read({ ...coded, sent: body });
  assert.ok(!Buffer.isBuffer(decoded));
  // A body that is gone is an altered one, though nobody would read it.
  const { refusal } = await send({ headers, body, sent: Buffer.alloc(0) });
  assert.equal(refusal?.code, 'content-altered');
});

test('digests: weak ones alone are none, each that is there must be right, unsigned ones too', async () => {
  const { send } = setUp({ signatures: { digest: 'optional' } });
  const body = Buffer.from('{}');
  const after = async (digests: Record<string, string>) => {
    const { refusal, exchange: one } = await send({ body, alter: (headers) => void Object.assign(headers, digests) });
    if (refusal !== undefined) return refusal.code;
    const bytes = await one.readBody(1000);
    return Buffer.isBuffer(bytes) ? 'in' : bytes.code;
  };
  const good = digestField(body);
  assert.equal(await after({ 'repr-digest': good }), 'in');
  assert.equal(await after({ 'repr-digest': digestField('x') }), 'content-altered');
  assert.equal(await after({ 'repr-digest': good, 'content-range': 'bytes 0-1/2' }), 'credentials-invalid');
  assert.equal(await after({ 'repr-digest': 'md5=:AA==:' }), 'credentials-invalid');
  assert.equal(await after({ 'content-digest': 'md5=:mZFLkyvTelC5g8XnyQrpOw==:' }), 'credentials-invalid');
});
