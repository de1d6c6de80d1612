import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Answer } from '../http/answer.ts';
import type { Exchange, Failure } from '../model/exchange.ts';
import { Presence } from './presence.ts';
import { steadinessOf } from './steadiness.ts';

const answer = (failure: Failure | undefined, status = failure ? 0 : 200): Exchange['answer'] =>
  new Answer({ status, failure, milliseconds: 1 });
const request = { method: 'GET', target: '/', headers: [] };

/** @param asked what is answered when it is asked whether anybody is there, one after the other; the last for ever */
function presence(...asked: (Failure | undefined)[]) {
  const notes: string[] = [];
  const pauses: number[] = [];
  let count = 0;
  const one = new Presence({
    ask: () => Promise.resolve(answer(asked[Math.min(count++, asked.length - 1)])),
    pause: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    note: (text) => void notes.push(text),
  });
  const misses = (number: number, failure: Failure = 'reset', raw = false): void => {
    for (let i = 0; i < number; i++)
      one.answered({ answer: answer(failure), request: raw ? { ...request, raw: 'x' } : request });
  };
  return { one, notes, pauses, misses, asked: () => count };
}

describe('whether anybody is there', () => {
  it('is not asked for some failures, nor for those that raw messages bring about', async () => {
    const { one, misses, asked } = presence('reset');
    misses(11);
    one.answered({ answer: answer(undefined), request });
    misses(11);
    misses(50, 'timeout', true);
    assert.equal(one.doubtful, false);
    assert.equal(await one.here(), true);
    assert.equal(asked(), 0);
  });

  it('is asked once for all who wait, and forgotten when it answers', async () => {
    const { one, misses, asked, notes } = presence(undefined);
    misses(12);
    assert.deepEqual(await Promise.all([one.here(), one.here(), one.here()]), [true, true, true]);
    assert.equal(asked(), 1);
    assert.equal(one.doubtful, false);
    assert.deepEqual(notes, []);
  });

  it('is waited for through a restart', async () => {
    const { one, misses, pauses } = presence('refused', 'refused', undefined);
    misses(12, 'refused');
    assert.equal(await one.here(), true);
    assert.equal(pauses.length, 2);
  });

  it('is given up after growing pauses, once and for all, with the reason', async () => {
    const { one, misses, pauses, notes, asked } = presence('refused');
    misses(12, 'refused');
    assert.equal(await one.here(), false);
    assert.ok(pauses.length > 1 && pauses.every((pause, i) => i === 0 || pause > (pauses[i - 1] as number)));
    assert.match(one.gone ?? '', /refused/);
    assert.equal(notes.length, 1);
    const before = asked();
    assert.equal(await one.here(), false);
    assert.equal(asked(), before);
  });

  it('an answer that never ends does not say so, one with any status does', async () => {
    const { one, misses } = presence(undefined);
    misses(11);
    one.answered({ answer: answer('timeout', 200), request });
    assert.equal(one.doubtful, true);
    one.answered({ answer: answer(undefined, 500), request });
    assert.equal(one.doubtful, false);
  });
});

describe('steadiness', () => {
  const read = (bodies: readonly string[], statuses: readonly number[] = [200]) => {
    let at = 0;
    return (): Promise<Exchange> => {
      const status = statuses[at % statuses.length] as number;
      const body = Buffer.from(bodies[at % bodies.length] as string);
      at++;
      return Promise.resolve({
        id: at,
        request,
        answer: new Answer({ status, body, milliseconds: 1 }),
        operation: undefined,
        as: undefined,
        check: '',
      });
    };
  };

  it('is whole where only values differ', async () => {
    const { times, differed } = await steadinessOf([read(['{"at":1,"items":[]}', '{"items":[1,2],"at":2}'])]);
    assert.deepEqual([times, differed], [1, 0]);
  });

  it('is the less, the more often the same is answered otherwise', async () => {
    const steady = Array.from({ length: 7 }, () => read(['{"a":1}']));
    const once = await steadinessOf([...steady, read(['{"a":1}'], [200, 500, 200, 200, 200])]);
    const often = await steadinessOf([read(['{}'], [200, 404]), read(['{"a":1}', '[]'])]);
    assert.ok(once.times > 1 && once.times < often.times, `${once.times}, ${often.times}`);
  });

  it('is taken for granted where nothing can be asked', async () => {
    assert.deepEqual(await steadinessOf([]), { differed: 0, asked: 0, times: 1 });
  });
});
