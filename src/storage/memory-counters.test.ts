import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { RateLimit } from './counters.ts';
import { createCounters } from './memory-counters.ts';

const clockAt = (start = 1_000) => {
  let time = start;
  return {
    now: () => time,
    monotonic: () => time,
    set: (to: number) => {
      time = to;
    },
    pass: (ms: number) => {
      time += ms;
    },
  };
};
const rate = (count: number, window: number, burst = count): RateLimit => ({ count, window, burst });

describe('take', () => {
  it('admits exactly the burst at once, then one an emission interval', () => {
    const clock = clockAt();
    const counters = createCounters({ clock });
    const limit = rate(10, 1_000, 3);
    const taken = [1, 2, 3, 4].map(() => counters.take('k', limit));
    assert.deepEqual(
      taken.map((t) => [t.allowed, t.remaining]),
      [
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ],
    );
    assert.ok(Math.abs(taken[3]!.retryAfter - 100) < 0.001);
    assert.equal(taken[2]!.resetAfter, 300);
    clock.pass(99);
    assert.equal(counters.take('k', limit).allowed, false);
    clock.pass(1);
    assert.equal(counters.take('k', limit).allowed, true);
    assert.equal(counters.take('k', limit).allowed, false);
  });

  it('loses nothing to rounding: any burst of any rate is admitted whole and not one more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 86_400_000 }),
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        (count, window, burst, start) => {
          // below 1 us an interval, slack and interval are of one size; nobody asks for a million a second
          fc.pre(window / count > 0.001);
          const counters = createCounters({ clock: clockAt(start) });
          for (let i = 0; i < burst; i++) assert.ok(counters.take('k', rate(count, window, burst)).allowed);
          assert.equal(counters.take('k', rate(count, window, burst)).allowed, false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never admits more than burst + rate * time, whatever the timing', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 400 }), { maxLength: 200 }), (gaps) => {
        const clock = clockAt(0);
        const counters = createCounters({ clock });
        const limit = rate(7, 1_000, 5);
        let admitted = 0;
        let elapsed = 0;
        for (const gap of gaps) {
          clock.pass(gap);
          elapsed += gap;
          if (counters.take('k', limit).allowed) admitted++;
          assert.ok(admitted <= 5 + (elapsed * 7) / 1_000 + 1e-6);
        }
      }),
    );
  });

  it('charges nothing when it refuses, and says when the same cost would pass', () => {
    const clock = clockAt();
    const counters = createCounters({ clock });
    const limit = rate(10, 1_000, 10);
    assert.equal(counters.take('k', limit, 8).remaining, 2);
    const refused = counters.take('k', limit, 5);
    assert.equal(refused.allowed, false);
    assert.equal(refused.remaining, 2);
    clock.pass(refused.retryAfter);
    assert.equal(counters.take('k', limit, 5).allowed, true);
    assert.equal(counters.take('k', limit, 11).retryAfter, Number.POSITIVE_INFINITY);
  });

  it('refuses what is no limit or no cost, and gives nothing back for a negative cost', () => {
    const counters = createCounters({ clock: clockAt() });
    for (const bad of [rate(0, 1_000, 1), rate(1, 1_000, 0), rate(Number.NaN, 1, 1), rate(1, Number.NaN, 1)]) {
      assert.equal(counters.take('bad', bad).allowed, false);
    }
    const limit = rate(1, 1_000, 1);
    assert.equal(counters.take('k', limit, Number.NaN).allowed, false);
    assert.equal(counters.take('k', limit, Number.POSITIVE_INFINITY).allowed, false);
    counters.take('k', limit);
    assert.equal(counters.take('k', limit, -5).allowed, true);
    assert.equal(counters.take('k', limit).allowed, false);
  });

  it('a clock that jumps backwards frees nobody', () => {
    const clock = clockAt(10_000);
    const counters = createCounters({ clock });
    const limit = rate(1, 1_000, 1);
    assert.ok(counters.take('k', limit).allowed);
    clock.set(0);
    assert.equal(counters.take('k', limit).allowed, false);
    assert.equal(counters.take('other', limit).allowed, true);
    clock.set(11_000);
    assert.equal(counters.take('k', limit).allowed, true);
  });
});

describe('add, get, forget, once', () => {
  it('forgets a count a window after its last change', () => {
    const clock = clockAt();
    const counters = createCounters({ clock });
    assert.equal(counters.add('f', 1, 100), 1);
    clock.pass(99);
    assert.equal(counters.add('f', 1, 100), 2);
    clock.pass(99);
    assert.equal(counters.get('f'), 2);
    clock.pass(1);
    assert.equal(counters.get('f'), 0);
    assert.equal(counters.add('f', 1, 100), 1);
    counters.forget('f');
    assert.equal(counters.get('f'), 0);
  });

  it('saturates instead of overflowing', () => {
    const counters = createCounters({ clock: clockAt() });
    for (let i = 0; i < 3; i++) counters.add('f', Number.MAX_SAFE_INTEGER, 100);
    assert.equal(counters.get('f'), Number.MAX_SAFE_INTEGER);
    assert.equal(counters.add('g', Number.NaN, 100), 0);
    assert.equal(counters.get('g'), 0);
  });

  it('knows a replay until its window ends', () => {
    const clock = clockAt();
    const counters = createCounters({ clock });
    assert.equal(counters.once('jti', 50), true);
    assert.equal(counters.once('jti', 50), false);
    clock.pass(50);
    assert.equal(counters.once('jti', 50), true);
  });
});

describe('a full table', () => {
  const victim = rate(10, 60_000, 10);

  it('a flood of fresh keys resets no rate, no lock and no mark', () => {
    const clock = clockAt();
    const counters = createCounters({ clock, maxEntries: 1_000 });
    for (let i = 0; i < 10; i++) counters.take('victim', victim);
    counters.add('lock', 20, 900_000);
    counters.once('jti', 900_000);
    for (let i = 0; i < 20_000; i++) {
      counters.take(`flood/${i}`, rate(100, 1_000, 200));
      counters.add(`flood/${i}`, 1, 900_000);
      counters.once(`flood/${i}`, 1_800_000);
      clock.pass(0.01);
    }
    assert.equal(counters.take('victim', victim).allowed, false);
    assert.ok(counters.get('lock') >= 20);
    assert.equal(counters.once('jti', 900_000), false);
    const { rates, counts, marks } = counters.size();
    assert.ok(rates <= 1_000 && counts <= 1_000 && marks <= 1_000);
  });

  it('nor does a flood of keys that are as hot as the victim, though they push it out', () => {
    const counters = createCounters({ clock: clockAt(), maxEntries: 100 });
    const keys = Array.from({ length: 5_000 }, (_, i) => `hot/${i}`);
    for (const key of keys) while (counters.take(key, victim).allowed);
    // Nearly all: one whose sketch cells others have filled is refused at once and never stored.
    assert.ok(counters.size().evicted >= 4_000);
    for (const key of keys) assert.equal(counters.take(key, victim).allowed, false, key);
  });

  it('nor does cycling through more failing accounts than fit: no count ever goes down', () => {
    const counters = createCounters({ clock: clockAt(), maxEntries: 100 });
    for (let round = 1; round <= 5; round++) {
      for (let i = 0; i < 1_000; i++) assert.ok(counters.add(`account/${i}`, 1, 900_000) >= round);
    }
  });

  it('newcomers pay little for it', () => {
    const clock = clockAt();
    const counters = createCounters({ clock, maxEntries: 1_000 });
    for (let i = 0; i < 11_000; i++) counters.once(`jti/${i}`, 900_000);
    let false_ = 0;
    for (let i = 0; i < 10_000; i++) if (!counters.once(`fresh/${i}`, 1)) false_++;
    assert.ok(false_ < 60, `${false_} of 10,000 fresh marks taken for replays`);
    for (let i = 0; i < 11_000; i++) counters.take(`flood/${i}`, rate(1, 3_600_000, 1));
    clock.pass(1);
    let spent = 0;
    for (let i = 0; i < 1_000; i++) {
      const taken = counters.take(`newcomer/${i}`, rate(100, 1_000, 200));
      if (!taken.allowed) {
        spent++;
        assert.ok(taken.retryAfter <= 2_000, 'an empty bucket at worst');
      }
    }
    assert.ok(spent < 20, `${spent} of 1,000 newcomers started empty`);
  });

  it('a newcomer that collides with evicted debts of hours waits one burst at worst', () => {
    const counters = createCounters({ clock: clockAt(), maxEntries: 100 });
    for (let i = 0; i < 80_000; i++) counters.take(`flood/${i}`, rate(1, 3_600_000, 1));
    let collided = 0;
    for (let i = 0; i < 500; i++) {
      const taken = counters.take(`newcomer/${i}`, rate(100, 1_000, 200));
      if (taken.allowed) continue;
      collided++;
      assert.ok(taken.retryAfter <= 10.001 && taken.resetAfter <= 2_000);
    }
    assert.ok(collided > 10, `${collided} collided`);
  });

  it('forgets what was evicted when told to', () => {
    const counters = createCounters({ clock: clockAt(), maxEntries: 8 });
    for (let i = 0; i < 200; i++) counters.add(`account/${i}`, 3, 900_000);
    counters.forget('account/0');
    assert.equal(counters.get('account/0'), 0);
    assert.equal(counters.add('account/0', 1, 900_000), 1);
  });

  it('gives room back as entries die, without timers', () => {
    const clock = clockAt();
    const counters = createCounters({ clock, maxEntries: 10_000 });
    for (let i = 0; i < 10_000; i++) counters.once(`a/${i}`, 10);
    clock.pass(11);
    for (let i = 0; i < 9_999; i++) counters.once(`b/${i}`, 10);
    clock.pass(11);
    for (let i = 0; i < 9_999; i++) counters.once(`c/${i}`, 10);
    assert.equal(counters.size().evicted, 0);
    assert.ok(counters.size().marks <= 10_000);
  });

  it('keeps long keys short and apart', () => {
    const counters = createCounters({ clock: clockAt() });
    const long = 'x'.repeat(10_000);
    assert.equal(counters.once(`${long}1`, 100), true);
    assert.equal(counters.once(`${long}2`, 100), true);
    assert.equal(counters.once(`${long}1`, 100), false);
    counters.add(long, 1, 100);
    assert.ok((counters.snapshot().counts[0] as string).length <= 128);
  });
});
