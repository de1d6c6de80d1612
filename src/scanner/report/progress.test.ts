import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { finding, HOSTILE, objectCheck, report } from './fixture.ts';
import { canRedraw, createProgress } from './progress.ts';
import { columnsOf } from './visible.ts';

/** An output that keeps what was written, and a clock that goes when it is told to. */
function setUp(given: { live: boolean; columns?: number }) {
  const written: string[] = [];
  const clock = { now: 0 };
  const output = { write: (text: string) => written.push(text), columns: given.columns };
  const progress = createProgress(output, { live: given.live, colours: false, now: () => clock.now });
  return { written, clock, output, progress };
}

const [first] = report().findings as [ReturnType<typeof finding>];

test('live: one line, redrawn at most ten times a second', () => {
  const { written, clock, progress } = setUp({ live: true, columns: 100 });
  progress.phase('injection', 4, 10);
  written.length = 0;
  for (let i = 0; i < 1_000; i++) {
    clock.now += 1;
    progress.progress(4.5, 10, i, 2);
  }
  assert.ok(written.length <= 10, `${written.length} drawings in a second`);
  const line = stripVTControlCharacters(written.at(-1) as string);
  assert.match(line, /^\r█+░+ {2}45% 5\/10 injection +\d+\/s {2}\d+ requests {2}2 findings$/);
  assert.match(line, /\b(9\d\d|1,?0\d\d)\/s/, 'a thousand requests in a second');
  progress.close();
});

test('live: the line is as wide as the terminal at most, however narrow and whatever the phase', () => {
  for (const columns of [20, 30, 41, 60, 80, 200]) {
    const { written, progress } = setUp({ live: true, columns });
    progress.phase('名前の長い検査 with a very long name that does not fit anywhere near', 0, 3);
    progress.progress(0.5, 3, 123_456, 2_000);
    progress.finding(first);
    progress.note('n'.repeat(500));
    for (const text of written)
      for (const line of stripVTControlCharacters(text).split(/[\r\n]/))
        assert.ok(columnsOf(line) < Math.max(21, columns), `${columns}: ${line}`);
    progress.close();
  }
});

test('live: the cursor is hidden and given back once, and nothing is drawn behind that', () => {
  const { written, clock, progress } = setUp({ live: true });
  const listeners = process.listenerCount('exit');
  assert.ok(written.join('').includes('\x1b[?25l'));
  progress.close();
  assert.equal(process.listenerCount('exit'), listeners - 1);
  const count = written.length;
  assert.ok(written.at(-1)?.endsWith('\x1b[?25h'));
  clock.now += 1_000;
  progress.progress(1, 2, 3, 4);
  progress.phase('late', 1, 2);
  progress.note('late');
  progress.finding(first);
  progress.close();
  assert.equal(written.length, count);
});

test('live: findings stand above the line; hostile names do nothing', () => {
  const { written, progress } = setUp({ live: true, columns: 120 });
  progress.finding(first);
  assert.ok(written.some((text) => /critical {7}sql-injection, GET \/patients, query parameter search\n$/.test(text)));
  progress.phase(HOSTILE, 1, 2);
  progress.note(HOSTILE);
  progress.finding(finding({ check: objectCheck, places: [{ operation: HOSTILE, place: HOSTILE, message: HOSTILE }] }));
  progress.close();
  for (const text of written)
    assert.ok(!/[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/.test(text.replace(/\x1b\[(2K|\?25[lh])/g, '')));
});

test('live: thousands of findings are not all told', () => {
  const { written, progress } = setUp({ live: true });
  for (let i = 0; i < 2_000; i++) progress.finding(first);
  progress.close();
  const text = written.join('');
  assert.ok((text.match(/sql-injection/g)?.length ?? 0) <= 50);
  assert.match(text, /stand in the report/);
});

test('plain: a line for each phase, no control characters, a sign of life in long ones', () => {
  const { written, clock, progress } = setUp({ live: false });
  progress.phase('logging in', 0, 3);
  for (let i = 0; i < 100; i++) progress.progress(0, 3, i, 0);
  progress.phase('SQL injection', 1, 3);
  clock.now += 31_000;
  progress.progress(1, 3, 4_200, 1);
  progress.progress(1, 3, 4_201, 1);
  progress.finding(first);
  progress.note(HOSTILE);
  progress.close();
  const text = written.join('');
  assert.match(
    text,
    /^phase 1\/3: logging in\nphase 2\/3: SQL injection\n {2}4,200 requests, 1 finding so far\n {2}found: critical sql-injection, GET \/patients, query parameter search\n/,
  );
  assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(text));
  assert.ok(!/^\s*::/m.test(text));
});

test('a line is redrawn on terminals only, and not in CI', () => {
  assert.equal(canRedraw({ isTTY: true }, {}), true);
  assert.equal(canRedraw({ isTTY: true }, { CI: 'true' }), false);
  assert.equal(canRedraw({ isTTY: true }, { CI: 'false' }), true);
  assert.equal(canRedraw({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(canRedraw({}, {}), false);
});
