import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Refusal, refuse } from '../../gateway/refusal.ts';
import { end, HandClock, principal, servicesAt } from '../fixtures.ts';
import { settings } from '../settings.ts';
import { ann, bob, few, gate, HERE, MINUTE } from './fixtures.ts';

// The room with a clock that is moved by hand: who is shut out, and for how long.

describe('who does harm again and again', () => {
  it('is shut out as principal, wherever it calls from; others at the same address are served', () => {
    const g = gate();
    assert.equal(g.harm(3, HERE, ann), undefined, 'three are refused for themselves');
    assert.equal(g.good(HERE, ann), 'banned');
    assert.equal(g.good('198.51.100.9', ann), 'banned');
    assert.equal(g.good(HERE, bob), undefined);
    assert.equal(g.good(HERE), undefined);
    assert.equal(g.good(HERE, principal('ann')), undefined, 'a key of the same name is another principal');
  });

  it('is told when to come back, and nothing else', () => {
    const g = gate();
    g.harm(3, HERE, ann);
    const refusal = g.room.send(g.make(HERE, ann)) as Refusal;
    const { evidence, ...told } = refusal;
    assert.deepEqual(told, {
      code: 'banned',
      status: 429,
      title: 'Not served for now',
      judgement: undefined,
      type: 'https://iana.org/assignments/http-problem-types#abnormal-usage-detected',
      detail: 'Come back in 60 s.',
      headers: { 'retry-after': '60' },
    });
    assert.match(String(evidence?.['ban']), /^ban_[0-9a-f]{12}$/);
    assert.deepEqual(evidence?.['cause'], ['1', '1', '1'], 'the exchanges that did it');
    assert.equal(evidence?.['until'], '2026-11-23T12:01:00.000Z');
  });

  it('is out for growing spans; a day of peace is forgiven', () => {
    const g = gate();
    const spans: number[] = [];
    for (let i = 0; i < 6; i++) {
      g.harm(3, HERE, ann);
      const { headers } = g.room.send(g.make(HERE, ann)) as Refusal;
      const wait = Number(headers?.['retry-after']);
      spans.push(wait);
      g.clock.pass(wait * 1_000 - 1);
      assert.equal(g.good(HERE, ann), 'banned', 'up to the last moment');
      g.clock.pass(1);
      assert.equal(g.good(HERE, ann), undefined);
    }
    assert.deepEqual(spans, [60, 240, 960, 3_600, 3_600, 3_600]);
    g.clock.pass(120 * MINUTE - 1);
    g.harm(3, HERE, ann);
    assert.equal((g.room.send(g.make(HERE, ann)) as Refusal).headers?.['retry-after'], '3600', 'not forgotten yet');
    g.clock.pass(60 * MINUTE + 120 * MINUTE);
    g.harm(3, HERE, ann);
    assert.equal((g.room.send(g.make(HERE, ann)) as Refusal).headers?.['retry-after'], '60', 'forgotten');
  });

  it('a ban does not grow while one knocks at the door', () => {
    const g = gate();
    g.harm(3, HERE, ann);
    for (let i = 0; i < 59; i++) {
      assert.equal(g.good(HERE, ann), 'banned');
      g.clock.pass(1_000);
    }
    g.clock.pass(1_000);
    assert.equal(g.good(HERE, ann), undefined);
  });

  it('harm is forgotten evenly over the window: now and then is never too often', () => {
    const g = gate();
    for (let i = 0; i < 200; i++) {
      assert.equal(g.harm(1, HERE, ann), undefined);
      g.clock.pass(MINUTE);
    }
    assert.equal(g.good(HERE, ann), undefined);
  });

  it('with the defaults: a scanner is out within a minute, a few strange texts are not', () => {
    const scanner = gate({});
    let sent = 0;
    for (; scanner.harm(1, HERE) === undefined && sent < 100; sent++) scanner.clock.pass(2_000);
    assert.ok(sent >= 20 && sent <= 25, `${sent} at 30 a minute`);
    const office = gate({});
    for (let i = 0; i < 15; i++) office.harm(1, HERE);
    assert.equal(office.good(HERE), undefined);
  });

  it('what is only wrong adds to harm, and is none alone', () => {
    const wrong = { ...few, invalid: 0.5, failed: 0.5 };
    const g = gate(wrong);
    assert.equal(g.harm(500, HERE, ann, {}, 'invalid-request'), undefined);
    assert.equal(g.good(HERE, ann), undefined, 'a broken client is no attacker');
    g.harm(1, HERE, ann);
    assert.equal(g.harm(2, HERE, ann, {}, 'invalid-request'), undefined);
    assert.equal(g.good(HERE, ann), undefined, 'one and two halves are two');
    g.harm(1, HERE, ann, {}, 'invalid-request');
    assert.equal(g.good(HERE, ann), 'banned', 'there is no room for a third');

    const h = gate(wrong);
    h.harm(1, HERE);
    for (let i = 0; i < 4; i++) {
      const exchange = h.make(HERE);
      h.room.address(exchange);
      exchange.refusal = refuse('credentials-invalid');
      end(exchange);
    }
    assert.equal(h.good(HERE), 'banned');
    const off = gate({ ...few, invalid: 0 });
    off.harm(2, HERE, ann);
    off.harm(100, HERE, ann, {}, 'invalid-request');
    assert.equal(off.good(HERE, ann), undefined);
    assert.equal(off.harm(100, HERE, bob, {}, 'not-permitted'), undefined, 'nor what is only refused');
  });

  it('who drops the credential is a stranger with a count of its own, and who takes another key too', () => {
    const g = gate();
    g.harm(3, HERE, ann);
    assert.equal(g.good(HERE), undefined);
    g.harm(3, HERE);
    assert.equal(g.good(HERE), 'banned');
    assert.equal(g.good(HERE, ann), 'banned');
  });
});

describe('modes', () => {
  it('report: nobody is shut out, what would be is recorded; switching to it frees those it had banned', () => {
    const services = servicesAt('');
    gate(few, services).harm(3, HERE, bob);
    const g = gate({ ...few, mode: 'report' }, services);
    assert.equal(g.good(HERE, bob), undefined);
    g.harm(7, HERE, ann);
    assert.equal(g.good(HERE, ann), undefined);
    assert.deepEqual(
      g.events.filter(({ event }) => event === 'throttling/would-ban').map(({ evidence }) => evidence?.['subject']),
      ['user:ann', 'user:ann'],
    );
  });

  it('off: nothing is counted and nothing is kept', () => {
    const g = gate('off');
    g.harm(100, HERE, ann);
    g.harm(100, HERE);
    assert.deepEqual([g.good(HERE, ann), g.good(HERE)], [undefined, undefined]);
    assert.throws(() => g.keeper(), /no keeper/);
  });

  it('is recorded and counted, once for each ban', () => {
    const g = gate();
    g.harm(3, HERE, ann);
    g.harm(3, HERE);
    g.keeper().flush();
    g.keeper().flush();
    assert.deepEqual(
      g.events.map(({ event, note }) => [event, note]),
      [
        ['throttling/banned', 'principal user:ann is shut out for 1m'],
        ['throttling/banned', 'address 192.0.2.1, strangers only is shut out for 1m'],
      ],
    );
    assert.equal(g.counted.get('portcullis_bans_total'), 2);
    g.good(HERE, ann);
    assert.equal(g.counted.get('portcullis_throttled_total banned'), 1);
  });
});

describe('settings of bans', () => {
  it('are complete where nothing is said, and bounded', () => {
    const { bans } = settings.parse({});
    assert.deepEqual(bans, {
      mode: 'enforce',
      harmful: 20,
      window: 300_000,
      invalid: 0.1,
      failed: 0,
      first: 60_000,
      factor: 4,
      max: 86_400_000,
      forget: 86_400_000,
      principals: 5,
      shared: [],
      exempt: [],
    });
    for (const bad of [
      'on',
      { harmful: 0 },
      { invalid: 1.1 },
      { invalid: -1 },
      { factor: 0.5 },
      { first: '2d' },
      { max: '32d' },
      { principals: 1 },
      { exempt: ['10.0.0.0/33'] },
      { exempt: ['role:'] },
      { exempt: ['scanner'] },
      { exemt: [] },
    ])
      assert.equal(settings.safeParse({ bans: bad }).success, false, JSON.stringify(bad));
  });

  it('hold from the first harmful request on where it is so set', () => {
    const g = gate({ ...few, harmful: 1, window: '1s' });
    g.harm(1, HERE, ann);
    assert.equal(g.good(HERE, ann), 'banned');
  });
});

describe('a clock that jumps', () => {
  it('frees nobody and holds nobody for longer', () => {
    const clock = new HandClock();
    const g = gate(few, servicesAt('', clock));
    g.harm(3, HERE, ann);
    clock.wall -= 86_400_000 * 40;
    assert.equal(g.good(HERE, ann), 'banned');
    clock.wall += 86_400_000 * 80;
    assert.equal(g.good(HERE, ann), 'banned');
    clock.wall = Date.UTC(2020, 0, 1);
    clock.pass(MINUTE);
    assert.equal(g.good(HERE, ann), undefined);
  });
});
