import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryStore } from '../../storage/memory-store.ts';
import { HandClock } from '../fixtures.ts';
import { addBan, BanError, findBans, liftBans, listBans } from './administration.ts';
import { type Ban, keyOf, newBanId } from './ban.ts';
import { changeBans, MAX_BY_HAND } from './records.ts';

const HOUR = 3_600_000;

function desk() {
  const store = memoryStore();
  const clock = new HandClock();
  const add = (who: string, span = HOUR, reason = 'a test') => addBan(store, clock, { who, span, reason }, 'op');
  const refused = (work: () => unknown, code: string, message: RegExp): void =>
    assert.throws(work, (error) => error instanceof BanError && error.code === code && message.test(error.message));
  return { store, clock, add, refused };
}

test('who is banned is understood in all usual spellings, and kept in one', () => {
  const { add } = desk();
  const spellings: [string, string, string][] = [
    ['192.0.2.7', 'address', '192.0.2.7'],
    ['192.0.2.7/32', 'address', '192.0.2.7'],
    ['::ffff:192.0.2.7', 'address', '192.0.2.7'],
    ['192.0.2.7/24', 'address', '192.0.2.0/24'],
    ['2001:db8::5', 'address', '2001:db8::/64'],
    ['2001:DB8:0:0:1::5/128', 'address', '2001:db8::/64'],
    ['2001:db8::/48', 'address', '2001:db8::/48'],
    [' key_abc ', 'principal', 'key:key_abc'],
    ['key:key_abc', 'principal', 'key:key_abc'],
    ['user_abc', 'principal', 'user:user_abc'],
    ['user:https://login.example|ann', 'principal', 'user:https://login.example|ann'],
  ];
  for (const [who, kind, subject] of spellings)
    assert.deepEqual([add(who).kind, add(who).subject], [kind, subject], who);
});

test('what is no name of anybody, or of too many, is refused with the mend', () => {
  const { add, refused } = desk();
  for (const who of ['', 'ann', '10.0.0', '10.0.0.0/33', 'robot:1', 'key:', 'ban_0123456789ab', '10.0.0.1 or 1=1'])
    refused(() => add(who), 'input', /Name an address/);
  refused(() => add('0.0.0.0/0'), 'input', /too wide/);
  refused(() => add('10.0.0.0/7'), 'input', /at least 8 bits/);
  refused(() => add('2000::/3'), 'input', /too wide/);
  refused(() => add('192.0.2.7', 0), 'input', /a second/);
  refused(() => add('192.0.2.7', Number.NaN), 'input', /a second/);
  refused(() => add('192.0.2.7', HOUR, '  '), 'input', /reason/);
  refused(() => add('192.0.2.7', HOUR, 'x'.repeat(201)), 'input', /200/);
});

test('a ban is found by id and by subject, and lifted by either', () => {
  const { store, clock, add, refused } = desk();
  const [one, two] = [add('192.0.2.7'), add('key_abc')];
  assert.deepEqual(findBans(store, clock, one.id)[0]?.subject, '192.0.2.7');
  assert.deepEqual(findBans(store, clock, '192.0.2.7/32')[0]?.id, one.id);
  refused(() => findBans(store, clock, '192.0.2.8'), 'unknown', /There is no ban of 192\.0\.2\.8/);
  refused(() => liftBans(store, clock, 'ban_000000000000', 'op'), 'unknown', /no ban/);
  liftBans(store, clock, two.id, 'op');
  assert.deepEqual(
    listBans(store, clock).map(({ id }) => id),
    [one.id],
  );
  add('192.0.2.0/24');
  refused(() => liftBans(store, clock, '192.0.2.9', 'op'), 'unknown', /192\.0\.2\.0\/24 holds it/);
  assert.equal(liftBans(store, clock, undefined, 'op').length, 2);
  assert.deepEqual(listBans(store, clock), []);
});

test('a second ban of the same subject takes the place of the first; one that is over is not shown', () => {
  const { store, clock, add } = desk();
  add('192.0.2.7');
  const second = add('192.0.2.7', 2 * HOUR);
  assert.deepEqual(listBans(store, clock), [second]);
  clock.pass(2 * HOUR);
  assert.deepEqual(listBans(store, clock), []);
});

test('by hand there is a most, and what is there can still be changed', () => {
  const { store, clock, add, refused } = desk();
  add('user:brief', 1_000);
  clock.pass(1_000);
  const target = { kind: 'principal', subject: 'user:bad', covers: 'all' } as const;
  const byHarm: Ban = {
    ...target,
    id: newBanId(),
    by: 'harm',
    cause: [],
    count: 1,
    since: 0,
    until: 9e14,
    forget: 9e14,
  };
  changeBans(store, (changes) => changes.put(keyOf(byHarm), byHarm));
  for (let i = 0; i < MAX_BY_HAND; i++) add(`user:${i}`);
  refused(() => add('user:more'), 'full', /1000 bans by hand/);
  assert.equal(add('user:7', 2 * HOUR).subject, 'user:7');
});
