import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { guessable } from './predictable.ts';

const now = Date.now();
const around = { username: 'noor', began: now - 1_000, ended: now };
const causeOf = (values: readonly string[]): string | undefined => guessable(values, around)?.cause;
const digest = (algorithm: string, text: string): string => createHash(algorithm).update(text).digest('hex');

test('counters are seen, whatever stands around them', () => {
  assert.equal(causeOf(['41', '42', '43']), 'counted up');
  assert.equal(causeOf(['sess-0099', 'sess-0100', 'sess-0101']), 'counted up');
  assert.equal(causeOf(['000000000000000a', '000000000000000b', '000000000000000c']), 'counted up');
  assert.equal(causeOf(['7', '8', '9'].map((end) => `00000000-0000-4000-8000-00000000000${end}`)), 'counted up');
  assert.equal(causeOf(['user:1:7', 'user:1:8', 'user:1:9'].map((text) => btoa(text))), 'counted up');
});

test('clocks and digests of what is known are seen', () => {
  const second = Math.floor(now / 1000);
  assert.equal(causeOf([`${now - 900}`, `${now - 500}`, `${now - 1}`]), 'made of the time');
  assert.equal(causeOf(['5', '6', '7'].map((number) => digest('md5', number))), 'digest of what is known');
  assert.equal(
    causeOf([second - 1, second, second + 1].map((at) => digest('sha256', `noor:${at}`))),
    'digest of what is known',
  );
  assert.equal(causeOf(Array(3).fill(digest('sha1', 'noor'))), 'digest of what is known');
  assert.equal(causeOf(Array(3).fill(btoa('noor'))), 'made of the user name');
});

test('too little chance is seen', () => {
  assert.equal(causeOf(['830164', '018846', '559013', '274410']), 'little chance');
});

test('what is random is left alone, and so is what stays the same', () => {
  for (let round = 0; round < 200; round++) {
    const random = (make: () => string): string[] => Array.from({ length: 3 }, make);
    assert.equal(causeOf(random(() => randomUUID())), undefined);
    assert.equal(causeOf(random(() => randomBytes(16).toString('hex'))), undefined);
    assert.equal(causeOf(random(() => randomBytes(16).toString('base64url'))), undefined);
    assert.equal(causeOf(random(() => `sess_${randomBytes(12).toString('hex')}.v1`)), undefined);
  }
  assert.equal(causeOf(Array(3).fill('a-key-that-never-changes-0123456789')), undefined);
  assert.equal(causeOf(['1', '2']), undefined);
});
