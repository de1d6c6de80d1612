import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCounters } from '../storage/memory-counters.ts';
import { type Attempt, addressGroup, Locked, Lockout, spanOf } from './lockout.ts';
import { settings } from './settings.ts';
import { FakeClock } from './testing.ts';

const rules = settings.parse({}).lockout;

function setUp(asynchronous = false) {
  const clock = new FakeClock();
  const inner = createCounters({ clock });
  // As counters shared over a network are: every answer comes later.
  const later = async <T>(value: T): Promise<T> => {
    await new Promise((resolve) => setImmediate(resolve));
    return value;
  };
  const counters = asynchronous
    ? {
        take: (key: string, limit: never) => later(inner.take(key, limit)),
        add: (key: string, by: number, window: number) => later(inner.add(key, by, window)),
        get: (key: string) => later(inner.get(key)),
        forget: (key: string) => later(inner.forget(key)),
        once: (key: string, window: number) => later(inner.once(key, window)),
      }
    : inner;
  const waited: number[] = [];
  const events: string[] = [];
  const release: (() => void)[] = [];
  const lockout = new Lockout(rules, { counters, event: ({ event }) => events.push(event) }, (span) => {
    waited.push(span);
    return new Promise<void>((resolve) => release.push(resolve));
  });
  const attempt = (account: string, group: string) => lockout.attempt(account, group, undefined);
  return { clock, lockout, attempt, waited, release, events, inner };
}

test('spans grow by the factor up to the longest', () => {
  assert.deepEqual(
    [5, 6, 7, 11, 12, 13, 1000, 1e9].map((failures) => spanOf(rules.account, failures) / 1000),
    [30, 60, 120, 1920, 3600, 3600, 3600, 3600],
  );
  assert.equal(spanOf({ ...rules.account, factor: 1 }, 1000), 30_000);
});

test('addresses: IPv4 each, IPv6 by /64, anything else together', () => {
  assert.equal(addressGroup('192.0.2.1'), '192.0.2.1');
  assert.equal(addressGroup('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressGroup('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(addressGroup('2001:db8:1:2::'), '2001:db8:1:2::/64');
  assert.equal(addressGroup(''), 'unknown');
});

for (const asynchronous of [false, true]) {
  test(`attempts at once are counted before they are judged${asynchronous ? ', with counters that answer later' : ''}`, async () => {
    const { attempt } = setUp(asynchronous);
    const taken = await Promise.all(Array.from({ length: 200 }, () => attempt('ann', 'a')));
    assert.equal(taken.filter((one) => !(one instanceof Locked)).length, 5);
    const late = await attempt('ann', 'a');
    assert.ok(late instanceof Locked);
    assert.equal(late.retryAfter, 30, 'those who were too late did not make the lock longer');
  });
}

test('an attempt that was not judged leaves no trace', async () => {
  const { attempt, inner } = setUp();
  for (let i = 0; i < 50; i++) {
    const one = await attempt('ann', 'a');
    assert.ok(!(one instanceof Locked), String(i));
    await one.withdrawn();
  }
  assert.equal(inner.get('authentication/address/a'), 0);
});

test('an account that fails from many addresses is slowed for new ones, within bounds, and never for known ones', async () => {
  const { attempt, waited, release } = setUp();
  const owner = (await attempt('ann', 'home')) as Attempt;
  await owner.succeeded();
  for (let i = 0; i < 20; i++) assert.ok(!((await attempt('ann', `a${i}`)) instanceof Locked));
  assert.deepEqual(waited, []);
  const slowed = [1, 2, 3, 4].map((i) => attempt('ann', `b${i}`));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(waited, [250, 500, 1000, 2000]);
  const fifth = await attempt('ann', 'b5');
  assert.ok(fifth instanceof Locked && fifth.retryAfter === 5);
  const known = await attempt('ann', 'home');
  assert.ok(!(known instanceof Locked), 'the owner’s address is neither slowed nor locked');
  assert.ok(!((await attempt('bob', 'b5')) instanceof Locked), 'nor is another account');
  for (const go of release) go();
  for (const one of await Promise.all(slowed)) assert.ok(!(one instanceof Locked));
  // A refusal for want of room is no failure of whoever was refused.
  const again = attempt('ann', 'b5');
  await new Promise((resolve) => setImmediate(resolve));
  for (const go of release) go();
  assert.ok(!((await again) instanceof Locked));
  assert.ok(Math.max(...waited) <= 5_000);
});

test('failures are forgotten after the window, and a lock is remembered beyond its end', async () => {
  const { attempt, clock } = setUp();
  for (let i = 0; i < 4; i++) await attempt('ann', 'a');
  clock.pass(900_000);
  for (let i = 0; i < 5; i++) assert.ok(!((await attempt('ann', 'a')) instanceof Locked));
  assert.ok((await attempt('ann', 'a')) instanceof Locked);
  clock.pass(30_000 + 899_000);
  assert.ok(!((await attempt('ann', 'a')) instanceof Locked));
  const locked = await attempt('ann', 'a');
  assert.ok(locked instanceof Locked);
  assert.equal(locked.retryAfter, 60);
});

test('names of any length and content take the same room', async () => {
  const { attempt, inner } = setUp();
  for (const name of ['x'.repeat(1_000_000), '../..', '__proto__', 'a/b\u0000']) await attempt(name, 'a');
  const { counts } = inner.snapshot();
  for (let i = 0; i < counts.length; i += 3) assert.ok(String(counts[i]).length < 100);
});

test('attack: one password at many accounts from many addresses is locked, with growing spans', async () => {
  const { lockout, clock, events } = setUp();
  const spray = (i: number, password = 'Summer of 2026!!') =>
    lockout.attempt(`user${i}`, `198.51.${i}.7`, undefined, password);
  for (let i = 0; i < 10; i++) assert.ok(!((await spray(i)) instanceof Locked), String(i));
  const locked = await spray(10);
  assert.ok(locked instanceof Locked && locked.retryAfter === 30);
  assert.ok(!((await spray(11, 'another password')) instanceof Locked));
  assert.ok(events.includes('authentication/locked'));
  clock.pass(30_000);
  assert.ok(!((await spray(12)) instanceof Locked));
  const again = await spray(13);
  assert.ok(again instanceof Locked && again.retryAfter === 60, 'longer each time');
});

test('attack: a sprayed password does not lock out its owner where the owner has signed in before', async () => {
  const { lockout } = setUp();
  const password = 'Summer of 2026!!';
  const owner = (await lockout.attempt('ann', '192.0.2.1', 'ann', password)) as Attempt;
  await owner.succeeded();
  for (let i = 0; i < 30; i++) await lockout.attempt(`user${i}`, `198.51.${i}.7`, undefined, password);
  assert.ok((await lockout.attempt('ann', '203.0.113.9', 'ann', password)) instanceof Locked, 'from elsewhere it is');
  const home = await lockout.attempt('ann', '192.0.2.1', 'ann', password);
  assert.ok(!(home instanceof Locked));
});

test('the same wrong password over and over at one account is no spraying, nor is a password that is right', async () => {
  const { lockout, inner } = setUp();
  for (let i = 0; i < 20; i++) await lockout.attempt('ann', `198.51.${i}.7`, undefined, 'mistyped');
  for (let i = 0; i < 40; i++) {
    const first = (await lockout.attempt(
      `new${i}`,
      `203.0.${i}.7`,
      `new${i}`,
      'the password for newcomers',
    )) as Attempt;
    await first.succeeded();
  }
  assert.ok(!((await lockout.attempt('bob', '198.51.200.7', undefined, 'mistyped')) instanceof Locked));
  assert.ok(
    !((await lockout.attempt('eve', '198.51.201.7', undefined, 'the password for newcomers')) instanceof Locked),
  );
  assert.ok(!JSON.stringify(inner.snapshot()).includes('mistyped'));
});

test('attack: a whole network of addresses, each below its own limit, is locked; its known users are not', async () => {
  const { lockout } = setUp();
  const resident = (await lockout.attempt('ann', '198.51.100.200', 'ann', 'right')) as Attempt;
  await resident.succeeded();
  let taken = 0;
  for (let i = 0; i < 300; i++) {
    const one = await lockout.attempt(`user${i}`, `198.51.100.${i % 150}`, undefined, `guess ${i}`);
    if (!(one instanceof Locked)) taken++;
  }
  assert.equal(taken, 100);
  assert.ok((await lockout.attempt('bob', '198.51.100.201', 'bob', 'right')) instanceof Locked);
  assert.ok(!((await lockout.attempt('ann', '198.51.100.200', 'ann', 'right')) instanceof Locked));
  assert.ok(
    !((await lockout.attempt('bob', '198.51.101.1', 'bob', 'right')) instanceof Locked),
    'next door is another',
  );
});

test('attack: strangers behind the owner’s own address do not lock the owner out by failing at other accounts', async () => {
  const { lockout } = setUp();
  const owner = (await lockout.attempt('ann', '192.0.2.1', 'ann', 'right')) as Attempt;
  await owner.succeeded();
  for (let i = 0; i < 60; i++) await lockout.attempt(`user${i}`, '192.0.2.1', undefined, `guess ${i}`);
  assert.ok((await lockout.attempt('bob', '192.0.2.1', 'bob', 'right')) instanceof Locked);
  for (let i = 0; i < 10; i++) {
    const again = await lockout.attempt('ann', '192.0.2.1', 'ann', 'right');
    assert.ok(!(again instanceof Locked));
    await again.succeeded();
  }
});
