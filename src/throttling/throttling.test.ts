import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Taken } from '../storage/counters.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { end, exchangeFrom, HandClock, operation, principal, roomWith, servicesAt } from './fixtures.ts';
import { settings } from './settings.ts';
import { Slots } from './slots.ts';
import type { Slowdown } from './slowdown.ts';
import { throttling } from './throttling.ts';

const directory = mkdtempSync(join(tmpdir(), 'throttling-'));
after(() => rmSync(directory, { recursive: true }));
const services = (clock = new HandClock()) => servicesAt(mkdtempSync(join(directory, 'd-')), clock);
const noQuota = { day: 'off' };
const state = (s: ReturnType<typeof services>) =>
  s.keep<{ addresses: Slots; callers: Slots; slowdown: Slowdown }>('throttling/state', () => assert.fail('no state'));

describe('settings', () => {
  it('an empty configuration is complete', () => {
    const all = settings.parse({});
    assert.deepEqual(all.slow, { delay: 500, waiting: 256, perCaller: 4 });
    assert.deepEqual(all.quotas, { day: 1_000_000, month: 'off', roles: {} });
  });
  for (const good of ['100/10s', '20/s', '1/31d', '5/m', 'off', { rate: '5/s', burst: 10 }, { rate: '5/s' }]) {
    it(`${JSON.stringify(good)} is a rate`, () => void settings.parse({ principal: good }));
  }
  for (const bad of [
    '',
    '100',
    '0/s',
    '10/0s',
    '5/32d',
    '-1/s',
    '1.5/s',
    '9999999999/s',
    '5/y',
    ' 5/s',
    7,
    { burst: 3 },
    { rate: '5/s', burst: 0 },
    { rate: '5/s', brust: 3 },
  ]) {
    it(`${JSON.stringify(bad)} is none`, () => {
      assert.equal(settings.safeParse({ principal: bad }).success, false);
    });
  }
  it('bounds every number', () => {
    for (const bad of [
      { slow: { delay: '1001ms' } },
      { concurrency: { total: 0 } },
      { quotas: { day: -1 } },
      { quotas: { day: 2 ** 53 } },
      { quotas: { roles: { a: { day: 1.5 } } } },
      { costs: { harmful: 0 } },
    ]) {
      assert.equal(settings.safeParse(bad).success, false, JSON.stringify(bad));
    }
  });
});

describe('rate per address', () => {
  it('admits the burst, then refuses with 429, Retry-After and the fields of the draft', () => {
    const s = services();
    const room = roomWith({ address: { rate: '1/10s', burst: 2 }, quotas: noQuota }, s);
    assert.equal(room.send(exchangeFrom('192.0.2.1')), undefined);
    assert.equal(room.send(exchangeFrom('192.0.2.1')), undefined);
    const refusal = room.send(exchangeFrom('192.0.2.1')) as Refusal;
    assert.equal(refusal.code, 'rate-limited');
    assert.equal(refusal.status, 429);
    assert.equal(refusal.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded');
    assert.deepEqual(refusal.members, { 'violated-policies': ['address'] });
    assert.deepEqual(refusal.headers, {
      'retry-after': '10',
      'ratelimit-policy': '"address";q=2;w=20',
      ratelimit: '"address";r=0;t=20',
    });
    assert.equal(room.send(exchangeFrom('192.0.2.2')), undefined, 'another address is another caller');
    s.clock.pass(10_000);
    assert.equal(room.send(exchangeFrom('::ffff:192.0.2.1')), undefined, 'the same address in another spelling');
    assert.ok(room.send(exchangeFrom('192.0.2.1')));
    assert.equal(s.counted.get('portcullis_throttled_total address'), 2);
  });

  it('attack: rotating addresses within a /64 is one caller', () => {
    const room = roomWith({ address: { rate: '1/h', burst: 5 }, anonymous: 'off', quotas: noQuota }, services());
    let admitted = 0;
    for (let i = 0; i < 1_000; i++) {
      if (room.send(exchangeFrom(`2001:db8:0:1::${i.toString(16)}`)) === undefined) admitted++;
    }
    assert.equal(admitted, 5);
  });

  it('attack: rotating /64s within a /48 gets 8 callers worth', () => {
    const room = roomWith({ address: { rate: '1/h', burst: 5 }, anonymous: 'off', quotas: noQuota }, services());
    let admitted = 0;
    for (let i = 0; i < 1_000; i++) {
      if (room.send(exchangeFrom(`2001:db8:0:${i.toString(16)}::1`)) === undefined) admitted++;
    }
    assert.equal(admitted, 40);
    assert.equal(room.send(exchangeFrom('2001:db8:1:1::1')), undefined, 'another site is not concerned');
  });

  it('attack: a flood of fresh addresses does not give a limited one its rate back', () => {
    const clock = new HandClock();
    const s = servicesAt(directory, clock, createCounters({ clock, maxEntries: 500 }));
    const room = roomWith({ address: { rate: '1/h', burst: 1 }, anonymous: 'off', quotas: noQuota }, s);
    assert.equal(room.send(exchangeFrom('192.0.2.1')), undefined);
    for (let i = 0; i < 5_000; i++) room.send(exchangeFrom(`10.${i >> 8}.${i & 255}.1`));
    assert.equal((room.send(exchangeFrom('192.0.2.1')) as Refusal).code, 'rate-limited');
  });

  it('attack: a clock that jumps backwards frees nobody and locks nobody out for long', () => {
    const s = services();
    const room = roomWith({ address: { rate: '1/s', burst: 1 }, quotas: noQuota }, s);
    room.send(exchangeFrom('192.0.2.1'));
    s.clock.time -= 900;
    s.clock.wall -= 86_400_000 * 40;
    const refusal = room.send(exchangeFrom('192.0.2.1')) as Refusal;
    assert.equal(refusal.headers?.['retry-after'], '1');
    assert.equal(room.send(exchangeFrom('192.0.2.9')), undefined);
  });

  it('stands in front of requests that match no operation too', () => {
    const s = services();
    const given = { address: { rate: '1/h', burst: 2 } };
    const [none, one] = [roomWith(given, s, '(no operation)'), roomWith(given, s)];
    const codes = [none, one, none].map((room) => (room.address(exchangeFrom('192.0.2.1')) as Refusal)?.code);
    assert.deepEqual(codes, [undefined, undefined, 'rate-limited']);
  });
});

describe('rates by identity', () => {
  const slowOff = { slow: 'off', quotas: noQuota, address: 'off' };

  it('a principal has one rate from all its addresses; others have their own', () => {
    const room = roomWith({ ...slowOff, principal: { rate: '1/h', burst: 2 } }, services());
    const codes = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map(
      (address) => (room.send(exchangeFrom(address, principal('a'))) as Refusal | undefined)?.code,
    );
    assert.deepEqual(codes, [undefined, undefined, 'rate-limited']);
    assert.equal(room.send(exchangeFrom('192.0.2.1', principal('b'))), undefined);
    assert.equal(room.send(exchangeFrom('192.0.2.1', principal('a', [], 'user'))), undefined, 'kind is part of who');
  });

  it('tells principals what is left, on every answer', () => {
    const s = services();
    const room = roomWith({ ...slowOff, principal: '100/10s', operation: '5/m', quotas: { day: 50, month: 1000 } }, s);
    const exchange = exchangeFrom('192.0.2.1', principal('a'));
    assert.equal(room.send(exchange), undefined);
    assert.deepEqual(exchange.answerHeaders, {
      'ratelimit-policy': '"principal";q=100;w=10, "operation";q=5;w=60, "day";q=50;w=86400, "month";q=1000;w=2678400',
      ratelimit: `"principal";r=99;t=1, "operation";r=4;t=12, "day";r=49;t=43200, "month";r=999;t=${43_200 + 7 * 86_400}`,
    });
    const stranger = exchangeFrom('192.0.2.1');
    room.send(stranger);
    assert.deepEqual(stranger.answerHeaders, {});
  });

  it('an operation has its own rate for each caller, apart from other operations', () => {
    const s = services();
    const given = { ...slowOff, operation: '2/h', principal: 'off', anonymous: 'off' };
    const login = roomWith(given, s, 'POST /login');
    const other = roomWith(given, s, 'GET /me');
    const codes = [1, 2, 3].map(() => (login.send(exchangeFrom('192.0.2.1')) as Refusal | undefined)?.members);
    assert.deepEqual(codes, [undefined, undefined, { 'violated-policies': ['operation'] }]);
    assert.equal(login.send(exchangeFrom('192.0.2.2')), undefined);
    assert.equal(login.send(exchangeFrom('192.0.2.1', principal('a'))), undefined);
    assert.equal(other.send(exchangeFrom('192.0.2.1')), undefined);
  });

  it('works with counters that answer later', async () => {
    const clock = new HandClock();
    const memory = createCounters({ clock });
    const later = {
      ...memory,
      take: async (...args: Parameters<typeof memory.take>): Promise<Taken> => memory.take(...args),
    };
    const s = servicesAt(directory, clock, later);
    const room = roomWith({ ...slowOff, address: '3/h', principal: { rate: '1/h', burst: 2 }, operation: '2/h' }, s);
    const results: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      const exchange = exchangeFrom('2001:db8::1', principal('a'));
      const refusal = (await room.address(exchange)) ?? (await room.identity(exchange));
      results.push((refusal?.members?.['violated-policies'] as string[] | undefined)?.[0]);
      end(exchange);
    }
    assert.deepEqual(results, [undefined, undefined, 'principal', 'address']);
  });
});

describe('what refused requests cost', () => {
  const given = { slow: 'off', quotas: noQuota, address: 'off', principal: { rate: '10/s', burst: 100 }, bans: 'off' };
  const harmful = refuse('harmful');

  it('a harmful one costs 10, an invalid one 2, any other refusal 1', () => {
    const s = services();
    const room = roomWith(given, s);
    const left = () => {
      const exchange = exchangeFrom('192.0.2.1', principal('a'));
      room.send(exchange);
      return Number(/"principal";r=(\d+)/.exec(exchange.answerHeaders['ratelimit']!)![1]);
    };
    assert.equal(left(), 99);
    room.send(exchangeFrom('192.0.2.1', principal('a')), harmful);
    assert.equal(left(), 88);
    room.send(exchangeFrom('192.0.2.1', principal('a')), refuse('invalid-request'));
    assert.equal(left(), 85);
    room.send(exchangeFrom('192.0.2.1', principal('a')), refuse('not-permitted'));
    assert.equal(left(), 83);
  });

  it('goes into debt, so that an attacker at its limit still pays; the debt is bounded', () => {
    const s = services();
    const room = roomWith(given, s);
    let sent = 0;
    // one request every 100 ms is what the rate allows; a harmful one costs ten times that
    for (let i = 0; i < 1_000; i++) {
      if (room.send(exchangeFrom('192.0.2.1', principal('a')), harmful) === undefined) sent++;
      s.clock.pass(100);
    }
    assert.ok(sent <= 1_100 / 10 + 1, `${sent} harmful requests in 100 s`);
    const other = () => room.send(exchangeFrom('192.0.2.1', principal('b')), harmful);
    let refusal = other();
    for (let i = 0; refusal === undefined; i++) {
      assert.ok(i < 11);
      s.clock.pass(50);
      refusal = other();
    }
    assert.equal((refusal as Refusal).type, 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected');
    s.clock.pass(5 * 10_000);
    assert.equal(room.send(exchangeFrom('192.0.2.1', principal('a'))), undefined);
  });

  it('before a caller is known the address pays', () => {
    const s = services();
    const room = roomWith({ ...given, address: { rate: '1/h', burst: 20 } }, s);
    for (let i = 0; i < 2; i++) {
      const exchange = exchangeFrom('192.0.2.1');
      exchange.anonymous = false;
      assert.equal(room.address(exchange), undefined);
      exchange.refusal = refuse('harmful');
      end(exchange);
    }
    assert.equal((room.address(exchangeFrom('192.0.2.1')) as Refusal).code, 'rate-limited');
  });

  it('what the room itself refuses costs nothing more', () => {
    const s = services();
    const room = roomWith({ ...given, principal: { rate: '1/s', burst: 1 } }, s);
    for (let i = 0; i < 50; i++) room.send(exchangeFrom('192.0.2.1', principal('a')));
    s.clock.pass(1_000);
    assert.equal(room.send(exchangeFrom('192.0.2.1', principal('a'))), undefined);
  });
});

describe('slowing', () => {
  const given = { address: 'off', quotas: noQuota, principal: { rate: '10/s', burst: 1 }, slow: { delay: '250ms' } };

  it('delays a request until its turn, in order, and refuses what would wait too long', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const s = services();
    const room = roomWith(given, s);
    const passed: number[] = [];
    const results = [0, 1, 2, 3].map((i) => {
      const exchange = exchangeFrom('192.0.2.1', principal('a'));
      const result = room.identity(exchange);
      if (result instanceof Promise) result.then(() => passed.push(i));
      return result;
    });
    assert.equal(results[0], undefined);
    assert.ok(results[1] instanceof Promise);
    assert.ok(results[2] instanceof Promise);
    assert.equal((results[3] as Refusal).code, 'rate-limited');
    assert.equal(state(s).slowdown.waiting, 2);
    t.mock.timers.tick(99);
    await Promise.resolve();
    assert.deepEqual(passed, []);
    t.mock.timers.tick(1);
    assert.equal(await results[1], undefined);
    assert.deepEqual(passed, [1]);
    t.mock.timers.tick(100);
    assert.equal(await results[2], undefined);
    assert.deepEqual(passed, [1, 2]);
    assert.equal(state(s).slowdown.waiting, 0);
    assert.equal(s.counted.get('portcullis_slowed_total'), 2);
  });

  it('gives the place back when the client goes away while it waits', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const s = services();
    const room = roomWith(given, s);
    room.send(exchangeFrom('192.0.2.1', principal('a')));
    const exchange = exchangeFrom('192.0.2.1', principal('a'));
    const result = room.identity(exchange);
    assert.ok(result instanceof Promise);
    assert.equal(state(s).slowdown.waiting, 1);
    assert.equal(state(s).callers.total, 1);
    end(exchange);
    assert.equal(state(s).slowdown.waiting, 0);
    assert.equal(state(s).callers.total, 0);
    await result;
    t.mock.timers.tick(1_000);
    assert.equal(state(s).slowdown.waiting, 0, 'given back once');
  });

  it('attack: parallel waits are bounded by caller and in total; beyond, requests are refused at once', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const s = services();
    const room = roomWith(
      {
        ...given,
        principal: { rate: '100/s', burst: 1 },
        slow: { delay: '1s', waiting: 10, perCaller: 3 },
        concurrency: { caller: 1_000 },
      },
      s,
    );
    const waits = (id: string) => {
      let waiting = 0;
      for (let i = 0; i < 200; i++)
        if (room.identity(exchangeFrom('192.0.2.1', principal(id))) instanceof Promise) waiting++;
      return waiting;
    };
    assert.deepEqual(['a', 'b', 'c', 'd', 'e', 'f'].map(waits), [3, 3, 3, 1, 0, 0]);
    assert.equal(state(s).slowdown.waiting, 10);
    t.mock.timers.tick(1_000);
    assert.equal(state(s).slowdown.waiting, 0);
  });

  it('slowing admits no more over time than refusing does', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const admittedWith = async (slow: unknown) => {
      const s = services();
      const room = roomWith({ ...given, slow }, s);
      let admitted = 0;
      for (let ms = 0; ms < 20_000; ms += 10) {
        const exchange = exchangeFrom('192.0.2.1', principal('a'));
        const result = room.identity(exchange);
        if (result === undefined) end(exchange);
        if (result instanceof Promise) result.then(() => end(exchange));
        if (result === undefined || result instanceof Promise) admitted++;
        else end(exchange);
        s.clock.pass(10);
        t.mock.timers.tick(10);
        await Promise.resolve();
      }
      return admitted;
    };
    const refusing = await admittedWith('off');
    const slowing = await admittedWith({ delay: '250ms' });
    assert.ok(refusing >= 200 && refusing <= 201, String(refusing));
    assert.ok(slowing >= refusing && slowing <= refusing + 3, `${slowing} against ${refusing}`);
  });
});

describe('concurrency', () => {
  it('refuses beyond the total with 503 and a jittered Retry-After, and counts down at the end', () => {
    const s = services();
    const room = roomWith({ address: 'off', quotas: noQuota, concurrency: { total: 3 } }, s);
    const held = [1, 2, 3].map((i) => exchangeFrom(`192.0.2.${i}`));
    for (const exchange of held) assert.equal(room.address(exchange), undefined);
    const waits = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const exchange = exchangeFrom('192.0.2.9');
      const refusal = room.send(exchange) as Refusal;
      assert.equal(refusal.code, 'overloaded');
      assert.equal(refusal.status, 503);
      assert.equal(refusal.type, 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity');
      waits.add(refusal.headers!['retry-after']!);
    }
    assert.ok(waits.size > 1 && [...waits].every((w) => Number(w) >= 1 && Number(w) <= 3));
    end(held[0]!);
    assert.equal(room.send(exchangeFrom('192.0.2.9')), undefined);
    for (const exchange of held.slice(1)) end(exchange);
    assert.equal(state(s).addresses.total, 0);
  });

  it('one address, one principal cannot take all', () => {
    const s = services();
    const room = roomWith({ address: 'off', quotas: noQuota, concurrency: { address: 3, caller: 2 } }, s);
    const enter = (address: string, id?: string) => {
      const exchange = exchangeFrom(address, id === undefined ? undefined : principal(id));
      return ((room.address(exchange) ?? room.identity(exchange)) as Refusal | undefined)?.members?.[
        'violated-policies'
      ];
    };
    assert.equal(enter('192.0.2.1', 'a'), undefined);
    assert.equal(enter('192.0.2.2', 'a'), undefined);
    assert.deepEqual(enter('192.0.2.3', 'a'), ['concurrency-caller']);
    assert.equal(enter('192.0.2.1', 'b'), undefined);
    assert.equal(enter('192.0.2.1', 'c'), undefined);
    assert.deepEqual(enter('192.0.2.1', 'd'), ['concurrency-address']);
    assert.deepEqual(enter('2001:db8::1'), undefined);
    assert.deepEqual(enter('2001:db8::2'), undefined);
    assert.deepEqual(enter('2001:db8::3'), ['concurrency-caller'], 'a /64 is one anonymous caller');
  });

  it('keeps a bounded number of idle holders', () => {
    const slots = new Slots();
    const busy = Array.from({ length: 3_000 }, (_, i) => slots.enter(`busy/${i}`, 1)!);
    for (let i = 0; i < 50_000; i++) slots.leave(slots.enter(`idle/${i}`, 1)!);
    assert.ok(slots.holders <= 6_000, String(slots.holders));
    assert.equal(slots.enter('busy/0', 1), undefined);
    for (const holder of busy) slots.leave(holder);
    assert.equal(slots.total, 0);
  });

  it('survives a reload: what is under way still counts', () => {
    const s = services();
    roomWith({ address: 'off', concurrency: { total: 1 }, quotas: noQuota }, s).address(exchangeFrom('192.0.2.1'));
    const reloaded = roomWith({ address: 'off', concurrency: { total: 1 }, quotas: noQuota }, s);
    assert.equal((reloaded.send(exchangeFrom('192.0.2.2')) as Refusal).code, 'overloaded');
  });
});

describe('quotas', () => {
  const given = { address: 'off', principal: 'off', slow: 'off' };
  const drain = (room: ReturnType<typeof roomWith>, id: string, roles: string[] = []) => {
    for (let n = 0; ; n++) if (room.send(exchangeFrom('192.0.2.1', principal(id, roles))) !== undefined) return n;
  };

  it('refuses the request after the last with 429 until the day ends', () => {
    const s = services();
    const room = roomWith({ ...given, quotas: { day: 5 } }, s);
    assert.equal(drain(room, 'a'), 5);
    const refusal = room.send(exchangeFrom('192.0.2.1', principal('a'))) as Refusal;
    assert.equal(refusal.code, 'quota-exceeded');
    assert.deepEqual(refusal.headers, {
      'retry-after': '43200',
      'ratelimit-policy': '"day";q=5;w=86400',
      ratelimit: '"day";r=0;t=43200',
    });
    s.clock.pass(43_200_000 - 1);
    assert.equal(drain(room, 'a'), 0);
    s.clock.pass(1);
    assert.equal(drain(room, 'a'), 5);
  });

  it('a role has its own; of several the largest counts', () => {
    const s = services();
    const quotas = {
      day: 2,
      month: 10,
      roles: { partner: { day: 4 }, staff: { day: 6 }, robot: { day: 'off', month: 'off' } },
    };
    const room = roomWith({ ...given, quotas }, s);
    assert.equal(drain(room, 'a', []), 2);
    assert.equal(drain(room, 'b', ['partner']), 4);
    assert.equal(drain(room, 'c', ['staff', 'partner', 'toString', '__proto__']), 6);
    for (let i = 0; i < 50; i++)
      assert.equal(room.send(exchangeFrom('192.0.2.1', principal('d', ['robot', 'staff']))), undefined);
  });

  it('a quota of 0 admits nothing, and anonymous callers have none', () => {
    const room = roomWith({ ...given, anonymous: 'off', quotas: { day: 0 } }, services());
    assert.equal(drain(room, 'a'), 0);
    assert.equal(room.send(exchangeFrom('192.0.2.1')), undefined);
  });
});

describe('explain and inspect', () => {
  it('says what is in force', () => {
    const policy = {
      settings: settings.parse({ operation: '5/m', quotas: { roles: { partner: { month: 100 } } } }),
      origins: { operation: 'clinic.yaml:4:1 (x-portcullis-limits)' },
    };
    const lines = throttling.explain(policy, operation());
    assert.deepEqual(
      lines.map((line) => `${line.part}: ${line.value} [${line.origin}]`),
      [
        'rate per address: 100 per 1s, burst 200 [default]',
        'rate per anonymous address: 20 per 1s, burst 40 [default]',
        'rate per principal: 50 per 1s, burst 100 [default]',
        'rate of this operation: 5 per 1m, burst 5 [clinic.yaml:4:1 (x-portcullis-limits)]',
        'over the rate: slowed by up to 500ms, then refused (429) [default]',
        'exchanges at once: 1024, 256 per address, 64 per caller [default]',
        'quota per principal: 1000000 a day; partner: 100 a month [default]',
        'cost when refused: invalid 2, harmful 10 [default]',
        'shut out after: 20 harmful within 5m; for 1m growing to 1d [default]',
      ],
    );
  });

  it('says of bans what they are, and whom they spare', () => {
    const line = (bans: unknown) =>
      throttling.explain({ settings: settings.parse({ bans }), origins: {} }, operation()).at(-1)?.value;
    assert.equal(line('off'), 'off: never');
    assert.equal(
      line({
        mode: 'report',
        harmful: 3,
        window: '10m',
        first: '30s',
        max: '1h',
        exempt: ['10.0.0.0/8'],
        shared: ['app'],
      }),
      '3 harmful within 10m; for 30s growing to 1h; reported only; never 10.0.0.0/8; at one address only: app',
    );
  });

  it('names what leaves the gate open or is never reached', () => {
    const rules = (given: object) =>
      throttling.inspect!({ settings: settings.parse(given), origins: {} }, operation()).map((f) => f.rule);
    assert.deepEqual(rules({}), []);
    assert.deepEqual(rules({ address: 'off', principal: 'off' }), [
      'throttling/no-address-rate',
      'throttling/no-principal-rate',
    ]);
    assert.deepEqual(rules({ operation: { rate: '60/s', burst: 100 } }), ['throttling/operation-rate-never-reached']);
    assert.deepEqual(rules({ operation: { rate: '60/s', burst: 10 } }), []);
    assert.deepEqual(rules({ bans: 'off' }), ['throttling/no-bans']);
    assert.deepEqual(rules({ bans: { mode: 'report' } }), []);
  });
});
