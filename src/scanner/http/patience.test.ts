import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Exchange } from '../model/exchange.ts';
import { Answer } from './answer.ts';
import { askedWait, isLimited, MAX_REPEATS, MAX_WAIT, Patience } from './patience.ts';

const NOW = Date.UTC(2030, 0, 1, 12, 0, 0);
const answer = (status: number, headers: Record<string, string> = {}): Answer =>
  new Answer({ status, headers: new Map(Object.entries(headers)), milliseconds: 1 });
const exchange = (given: Answer, target = '/a?b=1'): Exchange => ({
  id: 1,
  request: { method: 'GET', target, headers: [] },
  answer: given,
  operation: undefined,
  as: undefined,
  check: '',
});

describe('what an answer asks to wait', () => {
  const cases: readonly [headers: Record<string, string>, milliseconds: number | undefined][] = [
    [{ 'retry-after': '3' }, 3_000],
    [{ 'retry-after': ' 0 ' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after': 'Tue, 01 Jan 2030 12:00:07 GMT' }, 7_000],
    [{ 'retry-after': 'Tue, 01 Jan 2030 11:00:00 GMT' }, 0],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '99999999999999999' }, undefined],
    [{ 'ratelimit-reset': '12' }, 12_000],
    [{ 'x-ratelimit-reset': String(NOW / 1_000 + 9) }, 9_000],
    [{ 'x-rate-limit-reset': String(NOW + 4_000) }, 4_000],
    [{ 'x-ratelimit-reset': String(NOW / 1_000 - 9) }, 0],
    [{ ratelimit: '"default";r=0;t=8' }, 8_000],
    [{ ratelimit: 'limit=10, remaining=0, reset=6' }, 6_000],
    [{ 'retry-after': 'soon', 'ratelimit-reset': '2' }, 2_000],
    [{}, undefined],
  ];
  for (const [headers, milliseconds] of cases) {
    it(`is ${milliseconds} ms by ${JSON.stringify(headers)}`, () => {
      assert.equal(askedWait(answer(429, headers), NOW), milliseconds);
    });
  }

  it('is asked for by 429, and by 503 only where it names a time', () => {
    assert.equal(isLimited(answer(429)), true);
    assert.equal(isLimited(answer(503)), false);
    assert.equal(isLimited(answer(503, { 'retry-after': '1' })), true);
    assert.equal(isLimited(answer(200, { 'retry-after': '1' })), false);
  });
});

describe('patience', () => {
  it('grows where no time is named, ends after five, and is not tried at the same place for a minute', () => {
    let now = NOW;
    const patience = new Patience(() => now);
    const waits = Array.from({ length: MAX_REPEATS + 1 }, (_, repeats) =>
      patience.wait(exchange(answer(429)), repeats),
    );
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, undefined]);
    assert.equal(patience.limited, MAX_REPEATS);
    assert.equal(patience.wait(exchange(answer(429), '/a?c=2'), 0), undefined);
    assert.equal(patience.wait(exchange(answer(429), '/other'), 0), 500);
    now += 61_000;
    assert.equal(patience.wait(exchange(answer(429)), 0), 500);
  });

  it('waits half a minute at most, and for a lockout only once', () => {
    const patience = new Patience(() => NOW);
    const lockout = exchange(answer(429, { 'retry-after': '900' }));
    assert.deepEqual([patience.wait(lockout, 0), patience.wait(lockout, 1)], [MAX_WAIT, undefined]);
    const minute = exchange(answer(429, { 'retry-after': '50' }), '/b');
    const rest = exchange(answer(429, { 'retry-after': '20' }), '/b');
    assert.deepEqual([patience.wait(minute, 0), patience.wait(rest, 1)], [MAX_WAIT, 20_000]);
  });

  it('is at its end after three that stayed limited in a row, until one gets through', () => {
    const patience = new Patience(() => NOW);
    for (const target of ['/1', '/2', '/3'])
      assert.equal(patience.wait(exchange(answer(429), target), MAX_REPEATS), undefined);
    assert.equal(patience.wait(exchange(answer(429), '/4'), 0), undefined);
    assert.equal(patience.wait(exchange(answer(200), '/5'), 0), undefined);
    assert.equal(patience.wait(exchange(answer(429), '/4'), 0), 500);
  });
});
