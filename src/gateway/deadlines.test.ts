import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Deadlines } from './deadlines.ts';

describe('deadlines', () => {
  it('runs what is due, in order, and nothing that was cleared', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    context.mock.method(performance, 'now', () => now);
    const pass = (ms: number): void => {
      now += ms;
      context.mock.timers.tick(ms);
    };
    const ran: string[] = [];
    const deadlines = new Deadlines(160);
    deadlines.set(() => ran.push('a'));
    const b = deadlines.set(() => ran.push('b'));
    pass(100);
    deadlines.set(() => ran.push('c'));
    const d = deadlines.set(() => ran.push('d'));
    deadlines.clear(b);
    deadlines.clear(d);
    pass(70);
    assert.deepEqual(ran, ['a']);
    pass(100);
    assert.deepEqual(ran, ['a', 'c']);
    // The list is empty: the next one arms the timer anew.
    deadlines.set(() => ran.push('e'));
    pass(170);
    assert.deepEqual(ran, ['a', 'c', 'e']);
  });

  it('lets what has run set the next, and clears the only, the first and the last', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    let now = 0;
    context.mock.method(performance, 'now', () => now);
    const deadlines = new Deadlines(16);
    let runs = 0;
    const again = (): void => {
      if (++runs < 3) deadlines.set(again);
    };
    deadlines.set(again);
    for (let i = 0; i < 10; i++) {
      now += 17;
      context.mock.timers.tick(17);
    }
    assert.equal(runs, 3);
    const list = [1, 2, 3].map(() => deadlines.set(() => assert.fail('was cleared')));
    for (const i of [0, 2, 1]) deadlines.clear(list[i] as (typeof list)[0]);
    deadlines.clear(deadlines.set(() => assert.fail('was cleared')));
    now += 100;
    context.mock.timers.tick(100);
  });
});
