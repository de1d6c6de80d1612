import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { memoryStore } from '../storage/memory-store.ts';
import { IdentityError } from './attributes.ts';
import { digestOf, isWellFormed, KEY_PATTERN, newSecret } from './key-format.ts';
import { createKey, findKey, keyIdOf, listKeys, revokeKey, rotateKey } from './keys.ts';
import { BASE62, randomBase62 } from './random.ts';

const HOUR = 3_600_000;
const current = { time: Date.UTC(2030, 0, 1), now: () => current.time, monotonic: () => 0 };
const fresh = () => ({ store: memoryStore() });
const fails = (code: IdentityError['code']) => (error: unknown) =>
  error instanceof IdentityError && error.code === code;

test('a key has a fixed form, and its checksum catches every single slip', () => {
  for (let i = 0; i < 50; i++) {
    const secret = newSecret();
    assert.match(secret, /^pk_[0-9A-Za-z]{38}$/);
    assert.match(secret, KEY_PATTERN);
    assert.ok(isWellFormed(secret));
    for (let at = 0; at < secret.length; at++) {
      const other = BASE62[(BASE62.indexOf(secret[at] as string) + 1 + i) % 62] as string;
      if (other === secret[at]) continue;
      assert.ok(!isWellFormed(secret.slice(0, at) + other + secret.slice(at + 1)), `slip at ${at}`);
    }
    for (let at = 3; at < secret.length - 1; at++) {
      if (secret[at] === secret[at + 1]) continue;
      const swapped = `${secret.slice(0, at)}${secret[at + 1]}${secret[at]}${secret.slice(at + 2)}`;
      assert.ok(!isWellFormed(swapped), `swap at ${at}`);
    }
    assert.ok(!isWellFormed(`${secret} `) && !isWellFormed(`${secret}\n`) && !isWellFormed(secret.toUpperCase()));
  }
  for (const text of ['', 'pk_', `pk_${'0'.repeat(38)}`, 'pk_\u0661'.padEnd(41, '0')])
    assert.ok(!isWellFormed(text), text);
});

test('every character of base62 is drawn, and about equally often', () => {
  const counts = new Map<string, number>();
  for (const letter of randomBase62(62_000)) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  assert.equal(counts.size, 62);
  // 1000 expected, standard deviation 31.4: seven of them is less likely than a failing machine.
  for (const [letter, count] of counts) assert.ok(Math.abs(count - 1000) < 220, `${letter}: ${count}`);
});

test('the store holds a digest and never the key', () => {
  const { store } = fresh();
  const { key, secret } = createKey(store, current, { roles: ['nurse'], claims: { patientId: 1 }, note: 'ward 3' });
  const everything = JSON.stringify([...store.list('identity.keys'), ...store.list('identity.key-digests')]);
  assert.ok(!everything.includes(secret) && !everything.includes(secret.slice(3, 20)));
  assert.equal(digestOf(secret), hash('sha256', secret, 'base64url'));
  assert.match(key.id, /^key_[0-9A-Za-z]{16}$/);
  assert.ok(!('digest' in key));
  assert.equal(findKey(store, digestOf(secret))?.id, key.id);
  assert.equal(keyIdOf(store, secret), key.id);
  assert.equal(keyIdOf(store, newSecret()), undefined);
});

test('an index that points at another key proves nothing', () => {
  const { store } = fresh();
  const { key } = createKey(store, current, {});
  const other = digestOf(newSecret());
  store.put('identity.key-digests', other, { key: key.id });
  assert.equal(findKey(store, other), undefined);
});

test('rotation makes another credential of the same principal; the old one ends after the overlap', () => {
  const { store } = fresh();
  const given = { roles: ['a'], scopes: ['s'], claims: { x: 1 }, note: 'n', expires: current.time + 90 * 24 * HOUR };
  const first = createKey(store, current, given);
  current.time += HOUR;
  const second = rotateKey(store, current, first.key.id, { overlap: 2 * HOUR });
  assert.notEqual(second.secret, first.secret);
  assert.equal(second.key.principal, first.key.id);
  assert.equal(second.key.rotatedFrom, first.key.id);
  assert.deepEqual(
    [second.key.roles, second.key.scopes, second.key.claims, second.key.note],
    [['a'], ['s'], { x: 1 }, 'n'],
  );
  assert.equal(second.key.expires, current.time + 90 * 24 * HOUR);
  assert.equal(second.old.expires, current.time + 2 * HOUR);
  const third = rotateKey(store, current, second.key.id, { overlap: 0 });
  assert.equal(third.key.principal, first.key.id);
  assert.equal(third.old.state, 'expired');
  assert.throws(() => rotateKey(store, current, first.key.id, { overlap: 0 }), /already rotated.*successor/);
  assert.throws(() => rotateKey(store, current, 'key_none', { overlap: 0 }), fails('unknown'));
  revokeKey(store, current, third.key.id);
  assert.throws(() => rotateKey(store, current, third.key.id, { overlap: 0 }), fails('state'));
});

test('an overlap never prolongs a key that would end sooner', () => {
  const { store } = fresh();
  const { key } = createKey(store, current, { expires: current.time + HOUR });
  assert.equal(rotateKey(store, current, key.id, { overlap: 24 * HOUR }).old.expires, key.expires);
});

test('revoking ends a key for good and keeps its first time', () => {
  const { store } = fresh();
  const { key } = createKey(store, current, {});
  const first = revokeKey(store, current, key.id);
  assert.equal(first.state, 'revoked');
  current.time += HOUR;
  assert.equal(revokeKey(store, current, key.id).revoked, first.revoked);
  assert.deepEqual(
    listKeys(store, current).map(({ state }) => state),
    ['revoked'],
  );
});

test('a secret given in place of an id is not repeated in the error', () => {
  const { store } = fresh();
  const secret = newSecret();
  for (const use of [
    () => revokeKey(store, current, secret),
    () => rotateKey(store, current, secret, { overlap: 0 }),
    () => revokeKey(store, current, 'key_\u001b[2J'),
  ]) {
    assert.throws(use, (error: Error) => !error.message.includes(secret) && !error.message.includes('\u001b'));
  }
});

test('attributes that are none are refused', () => {
  const { store } = fresh();
  const make = (given: object) => () => createKey(store, current, given);
  for (const given of [
    { roles: ['a b'] },
    { roles: [''] },
    { roles: ['x\n'] },
    { roles: Array.from({ length: 101 }, (_, i) => `r${i}`) },
    { scopes: ['a b'] },
    { scopes: ['"'] },
    { claims: { 'a b': 1 } },
    { claims: { a: 'x'.repeat(9000) } },
    { note: 'two\nlines' },
    { note: 'x'.repeat(501) },
    { expires: current.time },
    { expires: Number.NaN },
  ])
    assert.throws(make(given), fails('input'), JSON.stringify(given).slice(0, 60));
  assert.equal(listKeys(store, current).length, 0);
  assert.deepEqual(createKey(store, current, { roles: ['a', 'a', 'Ärztin'] }).key.roles, ['a', 'Ärztin']);
});
