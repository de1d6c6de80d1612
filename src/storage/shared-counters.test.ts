import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { systemClock } from '../shared/clock.ts';
import { createCounters } from './memory-counters.ts';
import { type Channel, createRelay, type IpcEnd, ipcChannel, shareCounters } from './shared-counters.ts';

const HOUR = 3_600_000;
const limit = { count: 10, window: HOUR, burst: 10 };
const clock = { now: () => 0, monotonic: () => 0 };
/** Turns of the event loop: enough for every message under way. */
const settle = async () => {
  for (let i = 0; i < 5; i++) await new Promise<void>((resolve) => setImmediate(resolve));
};

/** A pair of channel ends; messages go through JSON and arrive later, in order, as over a pipe. */
function pipe(): { a: Channel; b: Channel; stop: (stopped: boolean) => void } {
  const listeners: [((m: unknown) => void)[], ((m: unknown) => void)[]] = [[], []];
  let stopped = false;
  const end = (own: 0 | 1): Channel => ({
    send(message) {
      if (stopped && own === 0) return false;
      const text = JSON.stringify(message);
      queueMicrotask(() => {
        for (const listener of listeners[own === 0 ? 1 : 0]) listener(JSON.parse(text));
      });
      return true;
    },
    onMessage: (listener) => void listeners[own].push(listener),
  });
  const a = end(0);
  const b = end(1);
  return {
    a,
    b,
    stop: (value) => {
      stopped = value;
    },
  };
}

function house(workers: number) {
  const copy = createCounters({ clock });
  const relay = createRelay(copy);
  const start = () => {
    const { a, b, stop } = pipe();
    const disconnect = relay.connect(a);
    return { ...shareCounters(createCounters({ clock }), b), disconnect, stop };
  };
  return { copy, start, workers: Array.from({ length: workers }, start) };
}

describe('shared counters', () => {
  it('a rate is one for all workers', async () => {
    const { workers } = house(3);
    const [a, b, c] = workers as [(typeof workers)[0], (typeof workers)[0], (typeof workers)[0]];
    for (let i = 0; i < 10; i++) assert.ok(a.take('k', limit).allowed);
    a.flush();
    await settle();
    assert.equal(b.take('k', limit).allowed, false);
    assert.equal(c.take('k', limit).allowed, false);
  });

  it('overshoots by at most (W-1) bursts, and pays it back', async () => {
    let time = 0;
    const moving = { now: () => time, monotonic: () => time };
    const relay = createRelay(createCounters({ clock: moving }));
    const workers = Array.from({ length: 4 }, () => {
      const { a, b } = pipe();
      relay.connect(a);
      return shareCounters(createCounters({ clock: moving }), b);
    });
    await settle();
    let admitted = 0;
    const fast = { count: 10, window: 1_000, burst: 10 };
    const attack = () => {
      for (const worker of workers) for (let i = 0; i < 50; i++) if (worker.take('k', fast).allowed) admitted++;
    };
    attack();
    assert.equal(admitted, 40);
    for (let second = 0; second < 10; second++) {
      for (const worker of workers) worker.flush();
      await settle();
      time += 1_000;
      if (second < 3) {
        attack();
        assert.equal(admitted, 40, 'in debt');
      }
    }
    assert.equal(workers[0]!.take('k', fast, 0).remaining, 10);
  });

  it('counts, locks and forgetting reach everybody', async () => {
    const { workers, copy } = house(3);
    for (const worker of workers) {
      worker.add('failures', 2, HOUR);
      worker.flush();
    }
    await settle();
    for (const worker of workers) assert.equal(worker.get('failures'), 6);
    assert.equal(copy.get('failures'), 6);
    workers[1]!.forget('failures');
    workers[1]!.add('failures', 1, HOUR);
    workers[1]!.flush();
    await settle();
    for (const worker of workers) assert.equal(worker.get('failures'), 1);
  });

  it('a mark is given to one worker only, even when all ask in the same instant', async () => {
    const { workers } = house(8);
    const answers = await Promise.all(workers.map((worker) => worker.once('jti', HOUR)));
    assert.equal(answers.filter((first) => first).length, 1);
    assert.deepEqual(
      await Promise.all(workers.map((worker) => worker.once('jti', HOUR))),
      answers.map(() => false),
    );
    workers[0]!.forget('jti');
    assert.equal(await workers[0]!.once('jti', HOUR), true);
  });

  it('thousands of claims in one turn are all answered', async () => {
    const { workers } = house(2);
    const answers = await Promise.all(
      Array.from({ length: 5_000 }, (_, i) => Promise.all(workers.map((worker) => worker.once(`jti/${i}`, HOUR)))),
    );
    for (const pair of answers) assert.equal(pair.filter((first) => first).length, 1);
  });

  it('a mark counts as seen when the primary does not answer', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
    const silent: Channel = { send: () => true, onMessage: () => {} };
    const shared = shareCounters(createCounters({ clock }), silent);
    const started = performance.now();
    const answer = shared.once('jti', HOUR);
    t.mock.method(performance, 'now', () => started + 2_000);
    t.mock.timers.tick(2_000);
    assert.equal(await answer, false);
    await shared.ready;
    shared.close();
    assert.equal(await shared.once('other', HOUR), false);
  });

  it('a restarted worker starts from a snapshot, and nothing is counted twice', async () => {
    const { workers, start } = house(2);
    await Promise.all(workers.map((worker) => worker.ready));
    for (let i = 0; i < 7; i++) workers[0]!.take('k', limit);
    for (let i = 0; i < 5_000; i++) workers[0]!.add(`c/${i}`, 1, HOUR);
    workers[0]!.add('failures', 5, HOUR);
    workers[0]!.flush();
    workers[1]!.disconnect();
    const reborn = start();
    workers[0]!.add('failures', 1, HOUR);
    workers[0]!.flush();
    await reborn.ready;
    await settle();
    assert.equal(reborn.get('failures'), 6);
    assert.equal(reborn.get('c/4999'), 1);
    assert.equal(reborn.take('k', limit, 0).remaining, 3);
  });

  it('what a stuck worker could not take is gathered and told later', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { workers } = house(2);
    await settle();
    workers[1]!.stop(true);
    for (let i = 0; i < 5; i++) {
      workers[0]!.add('failures', 1, HOUR);
      workers[0]!.flush();
      await settle();
    }
    assert.equal(workers[1]!.get('failures'), 0);
    workers[1]!.stop(false);
    t.mock.timers.tick(25);
    await settle();
    assert.equal(workers[1]!.get('failures'), 5);
  });

  it('messages of others and of the wrong shape are passed over', async () => {
    const { a, b } = pipe();
    const copy = createCounters({ clock });
    createRelay(copy).connect(a);
    const listeners: ((m: unknown) => void)[] = [];
    shareCounters(createCounters({ clock }), { send: () => true, onMessage: (l) => void listeners.push(l) });
    const junk = [
      null,
      1,
      'x',
      {},
      { counters: 'batch' },
      { counters: 'batch', forget: [1], rates: ['k'], counts: [{}, 1, 1] },
      { counters: 'batch', forget: [], rates: ['k', 'x', null], counts: ['k', 'x', 1, 'k', 1, -1] },
      { counters: 'claim' },
      { counters: 'claimed' },
      { counters: 'claim', claims: [1, 2, 3] },
    ];
    for (const message of junk) {
      b.send(message);
      for (const listener of listeners) listener(message);
    }
    await settle();
    assert.equal(copy.get('k'), 0);
    assert.ok(copy.take('k', limit, 10).allowed);
  });
});

describe('shared counters over real processes', () => {
  const ask = async (child: ChildProcess, order: string, key: string, times = 1): Promise<unknown> => {
    const answer = (async () => {
      for (;;) {
        const [message] = (await once(child, 'message')) as [{ answer?: unknown }];
        if (message.answer !== undefined) return message.answer;
      }
    })();
    child.send({ order, key, times });
    return answer;
  };

  it('limits, locks and replays hold over three children, and over one that comes later', async (t) => {
    const relay = createRelay(createCounters({ clock: systemClock }));
    const children: ChildProcess[] = [];
    t.after(() => {
      for (const child of children) child.kill();
    });
    const start = async () => {
      const child = fork(new URL('./counters-child.fixture.ts', import.meta.url));
      children.push(child);
      const disconnect = relay.connect(ipcChannel(child as IpcEnd));
      child.once('exit', disconnect);
      await ask(child, 'get', 'nothing');
      return child;
    };
    const [a, b, c] = await Promise.all([start(), start(), start()]);
    /** Asks until the charge has arrived: bounded by the test's own time limit, no luck involved. */
    const until = async (child: ChildProcess, order: string, key: string, wanted: unknown, times = 1) => {
      for (;;) if ((await ask(child, order, key, times)) === wanted) return;
    };

    assert.equal(await ask(a, 'take', 'k', 20), 10);
    await until(b, 'take', 'k', 0, 0);
    await ask(a, 'add', 'arrived', 1);
    await until(b, 'get', 'arrived', 1);
    await until(c, 'get', 'arrived', 1);
    assert.equal(await ask(b, 'take', 'k', 20), 0, 'told before "arrived" was');
    assert.equal(await ask(c, 'take', 'k', 20), 0);

    const firsts = await Promise.all([a, b, c].map((child) => ask(child, 'once', 'jti')));
    assert.equal(firsts.filter((first) => first === true).length, 1);

    c.kill('SIGKILL');
    await once(c, 'exit');
    const d = await start();
    assert.equal(await ask(d, 'get', 'arrived'), 1);
    assert.equal(await ask(d, 'take', 'k', 20), 0);
    assert.equal(await ask(d, 'once', 'jti'), false);
  });
});
