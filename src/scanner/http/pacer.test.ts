import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pacer } from './pacer.ts';

/** Time that passes only by sleeping, each time a little too long. */
function fake(late: number): { now: number; sleep(milliseconds: number): Promise<void> } {
  const time = {
    now: 1_000,
    sleep(milliseconds: number): Promise<void> {
      time.now += milliseconds + late;
      return Promise.resolve();
    },
  };
  return time;
}

/** When `count` requests go that are asked for one after the other. */
async function moments(rate: number, count: number, late = 0, idleAt = -1): Promise<number[]> {
  const time = fake(late);
  const pacer = new Pacer(rate, time.sleep, () => time.now);
  const at: number[] = [];
  for (let i = 0; i < count; i++) {
    if (i === idleAt) time.now += 5_000;
    await pacer.turn();
    at.push(time.now);
  }
  return at;
}

describe('the pace', () => {
  it('is even, from the first request on', async () => {
    const at = await moments(500, 1_000);
    for (let i = 1; i < at.length; i++) assert.ok(Math.abs((at[i] as number) - (at[i - 1] as number) - 2) < 1e-6);
  });

  it('holds in every second although timers are late', async () => {
    for (const [rate, late] of [
      [500, 1],
      [100, 9],
      [37, 20],
      [3, 24],
    ] as const) {
      const at = await moments(rate, rate * 10, late);
      const start = at[0] as number;
      for (let second = 0; second < 9; second++) {
        const count = at.filter((time) => time >= start + second * 1_000 && time < start + (second + 1) * 1_000).length;
        assert.ok(
          Math.abs(count - rate) <= 1 + (late * rate) / 1_000,
          `${rate}/s, ${late} ms late: ${count} in second ${second}`,
        );
      }
    }
  });

  it('saves nothing up while nobody asks', async () => {
    const at = await moments(100, 20, 0, 10);
    for (let i = 11; i < 20; i++) assert.ok((at[i] as number) - (at[i - 1] as number) > 9.9);
  });

  it('gives those who ask at once their turns in order', async () => {
    const waits: number[] = [];
    const pacer = new Pacer(
      10,
      async (milliseconds) => void waits.push(milliseconds),
      () => 0,
    );
    await Promise.all([pacer.turn(), pacer.turn(), pacer.turn()]);
    assert.deepEqual(waits, [100, 200]);
  });
});
