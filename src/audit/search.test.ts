import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuse } from '../gateway/refusal.ts';
import { hasher } from './address.ts';
import { compileFilter, type Filter } from './filter.ts';
import { exchange, open, peer, temporaryDirectory } from './fixture.ts';
import { readSigningKey } from './keys.ts';
import { listLogs } from './logs.ts';
import { positionOf } from './position.ts';
import { type Found, findExchange, search } from './search.ts';
import { tail } from './tail.ts';

const quiet = { complain: () => {} };

async function all(directory: string, filter: Filter): Promise<Found[]> {
  const found: Found[] = [];
  const key = readSigningKey(directory);
  for await (const one of search(listLogs(directory), compileFilter(filter, key && hasher(key.seed)), quiet))
    found.push(one);
  return found;
}

/** Two slots, ten days, one exchange a minute each, in small segments. */
async function twoLogs(directory: string): Promise<number> {
  const begin = Date.parse('2026-11-01T00:00:00Z');
  for (const slot of ['0', '1']) {
    const log = await open(directory, { slot, settings: { segmentBytes: 40_000, keep: '0s' } });
    for (let i = 0; i < 500; i++) {
      const one = exchange(i % 40, {}, peer, begin + i * 60_000 + Number(slot) * 30_000);
      if (i % 50 === 7) one.refusal = refuse(i % 100 === 7 ? 'harmful' : 'not-permitted');
      const recorded = log.record(one);
      if (i % 20 === 19) await recorded;
    }
    await log.close();
  }
  return begin;
}

test('who saw patient 17: all of it, from every slot, merged by time', async (t) => {
  const directory = temporaryDirectory(t);
  await twoLogs(directory);
  const found = await all(directory, { object: 'patient:17' });
  assert.equal(found.length, 26);
  assert.ok(found.every(({ record }) => record.disclosed?.objects?.includes('patient:17')));
  assert.deepEqual(new Set(found.map(({ log }) => log.slot)), new Set(['0', '1']));
  const times = found.map(({ record }) => record.time);
  assert.deepEqual(times, times.toSorted());
});

test('each condition finds what it says, together they must all hold', async (t) => {
  const directory = temporaryDirectory(t);
  const begin = await twoLogs(directory);
  const count = async (filter: Filter) => (await all(directory, filter)).length;
  assert.equal(await count({ outcome: 'allowed' }), 980);
  assert.equal(await count({ outcome: 'refused' }), 20);
  assert.equal(await count({ outcome: 'harmful' }), 10);
  assert.equal(await count({ outcome: 'not-permitted' }), 10);
  assert.equal(await count({ outcome: '403' }), 20);
  assert.equal(await count({ operation: 'getPatient' }), 1000);
  assert.equal(await count({ operation: 'GET /patients/{id}', outcome: '200' }), 980);
  assert.equal(await count({ operation: '/patients/{id}' }), 1000);
  assert.equal(await count({ operation: '/patients' }), 0);
  const nurse = await count({ principal: 'nurse-3' });
  assert.ok(nurse > 100 && nurse < 200);
  assert.equal(await count({ principal: 'key:nurse-3' }), nurse);
  assert.equal(await count({ principal: 'user:nurse-3' }), 0);
  assert.equal(await count({ credential: 'cred-3' }), nurse);
  assert.equal(await count({ address: '203.0.113.7' }), 1000);
  assert.equal(await count({ address: '203.0.113.0/24' }), 1000);
  assert.equal(await count({ address: '203.0.112.0/24' }), 0);
  assert.equal(await count({ since: begin + 60_000, until: begin + 120_000 }), 3);
  assert.equal(await count({ event: 'audit/opened' }), 2);
  assert.ok((await count({ event: '*' })) > 10);
  assert.throws(() => compileFilter({ address: 'somewhere' }, undefined), RangeError);
  for (const outcome of ['allowed', 'failed', 'rate-limited', 'client-gone', '100', '599'])
    assert.ok(compileFilter({ outcome }, undefined), outcome);
  const wrong = { harmfull: 'harmful', rate_limited: 'rate-limited', '99': '', '600': '', '': '', toString: '' };
  for (const [outcome, meant] of Object.entries(wrong))
    assert.throws(
      () => compileFilter({ outcome }, undefined),
      (error) =>
        error instanceof RangeError && error.message.endsWith(meant ? `did you mean ${meant}?` : 'of a refusal'),
      outcome,
    );
});

test('segments outside of the time asked for are not opened', async (t) => {
  const directory = temporaryDirectory(t);
  const begin = await twoLogs(directory);
  // What is unreadable in them is not complained of: they were never read.
  const [log] = listLogs(directory);
  const complaints: string[] = [];
  appendFileSync(join(log!.directory, 'segments/000000000000.jsonl'), 'no record\n');
  const run = async (filter: Filter) => {
    complaints.length = 0;
    let count = 0;
    for await (const _ of search([log!], compileFilter(filter, undefined), { complain: (m) => complaints.push(m) }))
      count++;
    return count;
  };
  assert.equal(await run({ since: begin + 400 * 60_000, until: begin + 402 * 60_000 }), 3);
  assert.ok(complaints.length === 1, 'only the damaged segment, which has lost its seal, was opened in vain');
});

test('a record whose list of objects was cut is found as perhaps', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  const big = exchange(1);
  for (let i = 0; i < 10_010; i++) big.disclosed.objects.push(`patient:${i + 100_000}`);
  await log.record(big);
  await log.close();
  assert.deepEqual(
    (await all(directory, { object: 'patient:777' })).map(({ verdict }) => verdict),
    ['perhaps'],
  );
  assert.deepEqual(
    (await all(directory, { object: 'patient:1' })).map(({ verdict }) => verdict),
    ['yes'],
  );
});

test('a hashed address is found by whoever may read the key', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { clientAddress: 'hashed' } });
  await log.record(exchange(1, {}, { ...peer }));
  await log.close();
  assert.equal((await all(directory, { address: '203.0.113.7' })).length, 1);
  assert.equal((await all(directory, { address: '203.0.113.8' })).length, 0);
});

test('an exchange is found by its id, with its place in the tree proven', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 40_000 } });
  const ids: string[] = [];
  for (let i = 0; i < 700; i++) {
    const one = exchange(i);
    ids.push(one.id);
    await log.record(one);
  }
  const find = (id: string) => findExchange(listLogs(directory), compileFilter({ id }, undefined), quiet);
  await log.checkpoint();
  const late = exchange(1);
  await log.record(late);
  for (const id of [ids[0]!, ids[333]!, ids[699]!]) {
    const found = await find(id);
    assert.equal(found?.record.id, id);
    const position = await positionOf(found!);
    assert.equal(position.state, 'proven');
    assert.ok(position.proof!.length > 2);
  }
  assert.equal((await positionOf((await find(late.id))!)).state, 'unsigned');
  assert.equal(await find('nobody'), undefined);
  await log.close();
});

test('tail shows the last, follows over segments and slots, and ends when told', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 4096 } });
  t.after(() => log.close());
  for (let i = 0; i < 30; i++) await log.record(exchange(i));
  const stop = new AbortController();
  const filter = compileFilter({ operation: 'getPatient' }, undefined);
  const paths: (string | undefined)[] = [];
  const wanted = 3 + 40 + 1;
  const more = async () => {
    for (let i = 100; i < 140; i++) await log.record(exchange(i));
    const other = await open(directory, { slot: '1' });
    await other.record(exchange(999));
    await other.close();
  };
  const following = (async () => {
    const found = tail(() => listLogs(directory), filter, {
      last: 3,
      follow: true,
      signal: stop.signal,
      every: 5,
      ...quiet,
    });
    for await (const { record } of found) {
      paths.push(record.request?.path);
      if (paths.length === 3) void more();
      if (paths.length === wanted) stop.abort();
    }
  })();
  await following;
  assert.deepEqual(paths.slice(0, 3), ['/patients/27', '/patients/28', '/patients/29']);
  assert.deepEqual(
    new Set(paths.slice(3)),
    new Set([...Array.from({ length: 40 }, (_, i) => `/patients/${100 + i}`), '/patients/999']),
  );
});
