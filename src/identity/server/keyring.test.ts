import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { memoryStore } from '../../storage/memory-store.ts';
import { jwksFile, keepKeys } from './keyring.ts';

const DAY = 86_400_000;
const MINUTE = 60_000;
const settings = { rotate: 90 * DAY, accessToken: 10 * MINUTE };

function world(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-keys-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { time: Date.UTC(2030, 0, 1) };
  const store = memoryStore();
  const read = () => keepKeys(directory, store, { now: () => clock.time, monotonic: () => clock.time }, settings);
  const published = () =>
    (JSON.parse(readFileSync(jwksFile(directory), 'utf8')) as { keys: Record<string, string>[] }).keys;
  return { directory, clock, read, published };
}

test('keys are made once, kept in a file that others cannot read, and published without their private half', (t) => {
  const { directory, read, published } = world(t);
  const ring = read();
  assert.equal(read().text, ring.text);
  assert.equal(statSync(join(directory, 'identity', 'keys.json')).mode & 0o777, 0o600);
  assert.deepEqual(
    published().map((key) => [key['kid'], key['alg'], key['d']]),
    [[ring.signing[0]?.['kid'], 'ES256', undefined]],
  );
});

test('a successor is published before it signs; the old key stays until what it signed has expired', (t) => {
  const { clock, read, published } = world(t);
  const first = read().signing[0]?.['kid'];
  clock.time += settings.rotate;
  const meanwhile = read();
  assert.equal(meanwhile.signing[0]?.['kid'], first, 'still the old one');
  assert.equal(published().length, 2);
  const next = meanwhile.signing[1]?.['kid'];
  clock.time += 30 * MINUTE;
  assert.deepEqual(
    read().signing.map((key) => key['kid']),
    [next, first],
  );
  clock.time += settings.accessToken;
  assert.equal(published().length, 2);
  assert.equal(read().signing.length, 2);
  clock.time += 60 * MINUTE;
  assert.deepEqual(
    read().signing.map((key) => key['kid']),
    [next],
  );
  assert.equal(published().length, 1);
  assert.equal(read().cookies.length, 2, 'the cookies’ key was renewed beside it');
});

test('a damaged file is said, and not replaced', (t) => {
  const { directory, read } = world(t);
  const ring = read();
  const file = join(directory, 'identity', 'keys.json');
  writeFileSync(file, '{"version":1,');
  assert.throws(read, /damaged/);
  assert.equal(readFileSync(file, 'utf8'), '{"version":1,');
  assert.equal(ring.seal.length, 32);
});
