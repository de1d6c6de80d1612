import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MarkTable } from './mark-table.ts';

test('does what a map would do, whatever the order', () => {
  const key = fc.integer({ min: 0, max: 300 }).map(String);
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('once' as const), key, window: fc.integer({ min: 1, max: 50 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), key, window: fc.constant(0) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('pass' as const), key, window: fc.integer({ min: 1, max: 30 }) }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2_000 }), (steps) => {
      const table = new MarkTable(10_000);
      const model = new Map<string, number>();
      let now = 1;
      for (const { do: what, key: name, window } of steps) {
        if (what === 'pass') now += window;
        else if (what === 'forget') {
          table.forget(name);
          model.delete(name);
        } else {
          const fresh = (model.get(name) ?? 0) <= now;
          assert.equal(table.once(name, now + window, now), fresh);
          if (fresh) model.set(name, now + window);
        }
      }
    }),
  );
});

test('grows, keeps every mark for its time, and gives room back', () => {
  const table = new MarkTable(50_000);
  for (let i = 0; i < 40_000; i++) assert.equal(table.once(`a/${i}`, 100, 0), true);
  for (let i = 0; i < 40_000; i++) assert.equal(table.once(`a/${i}`, 100, 99), false);
  for (let round = 1; round < 10; round++)
    for (let i = 0; i < 40_000; i++) assert.equal(table.once(`${round}/${i}`, round * 100 + 100, round * 100), true);
  assert.equal(table.evicted, 0);
  assert.ok(table.size <= 50_000);
});

test('a full table forgets none before its time', () => {
  const table = new MarkTable(1_000);
  for (let i = 0; i < 3_000; i++) table.once(`a/${i}`, 1_000 + i, 0);
  assert.ok(table.size <= 1_000);
  assert.ok(table.evicted > 1_500);
  for (let i = 0; i < 3_000; i++) assert.equal(table.once(`a/${i}`, 10_000, 999), false, String(i));
});

test('a long run of proofs at the rate of a busy gate is taken whole', () => {
  const table = new MarkTable(750_000);
  // 5,000 a second for three minutes, each kept for a minute: far more than the 100,000 that objects would have cost.
  let refused = 0;
  for (let i = 0; i < 900_000; i++) if (!table.once(`authentication/proof/${i}`, i / 5 + 65_000, i / 5)) refused++;
  assert.equal(refused, 0);
  assert.equal(table.evicted, 0);
});
