import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../model/check.ts';
import type { ScanPlan, ScanWatch } from '../model/plan.ts';
import { splitOf, stagesOf } from './stages.ts';

const check = (id: string, practice: string): Check => ({ id, practice, group: 'answers' }) as unknown as Check;
const checks = [check('a', 'validate'), check('b', 'throttle'), check('c', 'authorize')];
const options = (only: readonly string[]): ScanPlan['options'] =>
  ({ only, skip: [] }) as unknown as ScanPlan['options'];

test('the checks of limits come last for a gate that was started, and all together for one that runs', () => {
  const ids = (list: readonly Check[]) => list.map(({ id }) => id);
  const started = splitOf(checks, true);
  assert.deepEqual([ids(started.lifted), ids(started.throttled)], [['a', 'c'], ['b']]);
  const running = splitOf(checks, false);
  assert.deepEqual([ids(running.lifted), ids(running.throttled)], [['a', 'b', 'c'], []]);
});

test('phases and counts of both scans go on as those of one', () => {
  const told: string[] = [];
  const watch: ScanWatch = {
    phase: (name, index, total) => told.push(`${index}/${total} ${name}`),
    progress: (done, total, requests, findings) => told.push(`${done}/${total} ${requests} ${findings}`),
    finding: () => undefined,
    note: () => undefined,
  };
  const stages = stagesOf(watch, splitOf(checks, true), options([]));
  stages.starting();
  const first = stages.scan(0);
  first.phase('logging in', 0, 5);
  first.progress(4.5, 5, 70, 2);
  const second = stages.scan(1);
  second.phase('logging in', 0, 4);
  second.progress(1, 4, 5, 1);
  stages.reading();
  assert.deepEqual(told, [
    '0/11 starting the gate',
    '1/11 logging in',
    '5.5/11 70 2',
    '6/11 logging in (rates in force)',
    '7/11 75 3',
    '10/11 reading the audit log',
  ]);
});

test('a second scan that is not begun counts for nothing', () => {
  const total = (only: readonly string[]) => stagesOf({} as ScanWatch, splitOf(checks, true), options(only)).total;
  assert.equal(total(['a']), 2 + 4);
  assert.equal(total(['b']), 2 + 3 + 4);
});
