import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fitsDigests, readDigests } from '../../src/signatures/digest.ts';
import { type MessageKey, readPublicKey, secretKey } from '../../src/signatures/key.ts';
import { fieldsOf, type Message, requestTo } from '../../src/signatures/message.ts';
import { readSignatures } from '../../src/signatures/presented.ts';
import { verifySignature } from '../../src/signatures/verify.ts';
import { vectors } from '../support/vectors.ts';

const file = join(vectors, 'http-message-signatures', 'rfc9421-b2.json');
const skip = existsSync(file) ? false : `no vectors at ${file}`;

interface Vector {
  readonly id: string;
  readonly alg: string;
  readonly keyid: string;
  readonly message: {
    readonly method?: string;
    readonly url?: string;
    readonly status?: number;
    readonly headers: Readonly<Record<string, string>>;
  };
}
interface Vectors {
  readonly keys: Readonly<Record<string, string>>;
  readonly sharedSecretB64: string;
  readonly cases: readonly Vector[];
}

const read = (): Vectors => JSON.parse(readFileSync(file, 'utf8')) as Vectors;

function messageOf({ method, url, status, headers }: Vector['message'], change: Record<string, string> = {}): Message {
  const field = fieldsOf(Object.entries({ ...headers, ...change }));
  return url === undefined ? { status: status as number, field } : requestTo(new URL(url), method as string, field);
}

function keyOf({ keys, sharedSecretB64 }: Vectors, { keyid, alg }: Vector): MessageKey {
  const pem = keys[keyid];
  return pem === undefined ? secretKey(Buffer.from(sharedSecretB64, 'base64')) : readPublicKey(pem, alg);
}

test('RFC 9421, B.2.1 to B.2.6: each verifies, and with one byte changed none does', { skip }, () => {
  const all = read();
  const ids: string[] = [];
  for (const one of all.cases) {
    const message = messageOf(one.message);
    const [presented, ...more] = readSignatures(message);
    assert.ok(presented !== undefined && more.length === 0, one.id);
    assert.equal(presented.parameters.keyid, one.keyid);
    assert.equal(verifySignature(message, presented, keyOf(all, one)), true, one.id);
    for (const i of [0, presented.signature.length >> 1, presented.signature.length - 1]) {
      const signature: Buffer = Buffer.from(presented.signature);
      signature[i] = (signature[i] as number) ^ 1;
      assert.equal(
        verifySignature(message, { ...presented, signature }, keyOf(all, one)),
        false,
        `${one.id} byte ${i}`,
      );
    }
    const covered = presented.components.find(({ name }) => !name.startsWith('@'));
    if (covered !== undefined) {
      const altered = messageOf(one.message, { [covered.name]: `${one.message.headers[covered.name]}1` });
      assert.equal(verifySignature(altered, presented, keyOf(all, one)), false, `${one.id} ${covered.name}`);
    }
    ids.push(one.id);
  }
  assert.deepEqual(ids, ['B.2.1', 'B.2.2', 'B.2.3', 'B.2.4', 'B.2.5', 'B.2.6']);
});

test('RFC 9421, B.2: the digests are those of the bodies that the appendix shows', { skip }, () => {
  for (const { message } of read().cases) {
    const body = message.status === undefined ? '{"hello": "world"}' : '{"message": "good dog"}';
    const expected = readDigests('Content-Digest', message.headers['content-digest'] as string);
    assert.equal(fitsDigests(expected, body), true);
    assert.equal(fitsDigests(expected, `${body} `), false);
  }
});
