import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { memoryStore } from '../../storage/memory-store.ts';
import { Records } from './records.ts';
import { Seal } from './seal.ts';

const clockAt = (time: number) => ({ time, now: () => clock.time, monotonic: () => clock.time });
const clock = { time: 0 };

function world() {
  clock.time = Date.UTC(2030, 0, 1);
  const store = memoryStore();
  const seal = new Seal(randomBytes(32));
  return { store, seal, records: new Records(store, clockAt(0), seal) };
}

test('a record is found by its secret until it ends, and stands in the store under another name, unreadable', () => {
  const { store, records } = world();
  const name = records.nameOf('Code', 'the-secret');
  records.put('Code', name, { user: 'ann' }, clock.time + 1000);
  assert.deepEqual(records.get('Code', name)?.value, { user: 'ann' });
  const text = JSON.stringify(store.list('identity.server.Code'));
  assert.doesNotMatch(text, /the-secret|ann/);
  clock.time += 1000;
  assert.equal(records.get('Code', name), undefined);
});

test('a sealed record cannot be put in another’s place, changed, or read with another key', () => {
  const seal = new Seal(Buffer.alloc(32, 1));
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), fc.string(), (value, name, other) => {
      const closed = seal.close(name, value);
      assert.deepEqual(seal.open(name, closed), JSON.parse(JSON.stringify(value)));
      if (other !== name) assert.equal(seal.open(other, closed), undefined);
      const bytes = Buffer.from(closed, 'base64');
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
      assert.equal(seal.open(name, bytes.toString('base64')), undefined);
      assert.equal(new Seal(Buffer.alloc(32, 2)).open(name, closed), undefined);
    }),
    { numRuns: 100 },
  );
  assert.equal(seal.open('x', ''), undefined);
  assert.equal(seal.open('x', 'AAAA'), undefined);
});

test('exactly one of several uses gets true, and a used record stays used when it is written anew', () => {
  const { records } = world();
  records.put('Code', 'n', {}, clock.time + 1000);
  assert.deepEqual([records.consume('Code', 'n'), records.consume('Code', 'n')], [true, false]);
  assert.equal(records.consume('Code', 'none'), false);
  assert.ok(records.get('Code', 'n')?.record.consumed);
});

test('the sweep takes out what has ended, leaves what was given more time, and comes to an end after a long rest', async () => {
  const { store, records } = world();
  await records.sweep();
  for (let i = 0; i < 450; i++) records.put('Code', `n${i}`, {}, clock.time + 60_000);
  records.put('Code', 'longer', {}, clock.time + 60_000);
  records.put('Code', 'longer', {}, clock.time + 86_400_000);
  assert.equal(await records.sweep(), 0, 'nothing has ended yet');
  clock.time += 25 * 60_000;
  assert.equal(await records.sweep(), 450);
  assert.deepEqual(
    store.list('identity.server.Code').map(({ id }) => id),
    ['longer'],
  );
  clock.time += 400 * 86_400_000;
  assert.equal(await records.sweep(), 1);
  assert.deepEqual(store.list('identity.server.Code'), []);
});
