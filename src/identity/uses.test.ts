import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { memoryStore } from '../storage/memory-store.ts';
import { unusedFor } from './key-use.ts';
import { readLastUses, UseLedger, usesFile } from './uses.ts';

const DAY = 86_400_000;

function setUp(t: { after(work: () => void): void }) {
  const directory = mkdtempSync(`${tmpdir()}/portcullis-uses-`);
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const clock = { time: 1_000_000_000_000, now: () => clock.time, monotonic: () => clock.time };
  const open = () => new UseLedger(usesFile(directory), clock, (reason) => assert.fail(reason));
  return { directory, clock, open };
}

test('a last use is written late, at most once a minute, and not by changing the store', (t) => {
  const { directory, clock, open } = setUp(t);
  const store = memoryStore();
  const version = store.version();
  const ledger = open();
  const use = (network: string) => ledger.used('key_1', { at: clock.now(), network });
  use('192.0.2.0/24');
  ledger.flush();
  assert.equal(readLastUses(directory).uses.size, 0, 'not at once');
  clock.time += 1_000;
  ledger.flush();
  assert.equal(readLastUses(directory).uses.get('key_1')?.network, '192.0.2.0/24');
  for (let i = 0; i < 50; i++) {
    clock.time += 1_000;
    use('198.51.100.0/24');
    ledger.flush();
  }
  assert.equal(readLastUses(directory).uses.get('key_1')?.network, '192.0.2.0/24', 'its minute is not over');
  clock.time += 15_000;
  ledger.flush();
  assert.equal(readLastUses(directory).uses.get('key_1')?.network, '198.51.100.0/24');
  assert.equal(store.version(), version);
  store.close();
  ledger.close();
  assert.equal(statSync(usesFile(directory)).mode & 0o077, 0);
});

test('two workers: the later use wins, habits are merged, and closing loses nothing', (t) => {
  const { directory, clock, open } = setUp(t);
  const [one, two] = [open(), open()];
  const habits = (network: string) => ({
    first: clock.now(),
    pace: 1,
    networks: new Map([[network, { first: clock.now(), last: clock.now() }]]),
    software: new Map(),
  });
  one.used('key_1', { at: clock.now() + 10, network: 'late' });
  two.used('key_1', { at: clock.now(), network: 'early' });
  one.note('ann', habits('a'), true);
  two.note('ann', habits('b'), true);
  one.close();
  two.close();
  assert.equal(readLastUses(directory).uses.get('key_1')?.network, 'late');
  const third = open();
  assert.deepEqual([...(third.habits('ann')?.networks.keys() ?? [])].sort(), ['a', 'b']);
  third.close();
});

test('networks of one caller are bounded, the oldest go', (t) => {
  const { clock, open } = setUp(t);
  const ledger = open();
  for (let i = 0; i < 100; i++) {
    clock.time += 1;
    const sighting = { first: clock.now(), last: clock.now() };
    ledger.note('ann', { first: 0, pace: 0, networks: new Map([[`n${i}`, sighting]]), software: new Map() }, true);
    ledger.flush(true);
  }
  const kept = [...(ledger.habits('ann')?.networks.keys() ?? [])];
  assert.equal(kept.length, 32);
  assert.ok(kept.includes('n99') && !kept.includes('n0'));
  ledger.close();
});

test('unused: since it was made, last used, or uses are noted at all', () => {
  const now = 200 * DAY;
  const use = (at: number) => ({ at, network: 'x' });
  assert.equal(unusedFor({ created: 0 }, use(190 * DAY), 0, now), 10 * DAY);
  assert.equal(unusedFor({ created: 0 }, undefined, 0, now), 200 * DAY);
  assert.equal(unusedFor({ created: 150 * DAY }, undefined, 0, now), 50 * DAY);
  assert.equal(unusedFor({ created: 0 }, undefined, 195 * DAY, now), 5 * DAY, 'nothing is known of the time before');
  assert.equal(unusedFor({ created: 0 }, undefined, undefined, now), 0);
});
