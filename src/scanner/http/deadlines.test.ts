import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Operation } from '../../contract/model.ts';
import type { Exchange, Failure } from '../model/exchange.ts';
import { Answer } from './answer.ts';
import { Deadlines } from './deadlines.ts';

const operation = (key: string): Operation => ({ key }) as Operation;
const slow = operation('GET /slow');
const quick = operation('GET /quick');

const ended = (failure: Failure | undefined, of?: Operation, raw = false): Exchange => ({
  id: 1,
  request: { method: 'GET', target: '/', headers: [], ...(raw ? { raw: 'x' } : {}) },
  answer: new Answer({ status: failure ? 0 : 200, failure, milliseconds: 1 }),
  operation: of,
  as: undefined,
  check: '',
});

describe('deadlines', () => {
  it('are shorter for an operation that let one pass, until it answers', () => {
    const deadlines = new Deadlines(10_000);
    assert.equal(deadlines.of(slow, undefined), 10_000);
    deadlines.see(ended('timeout', slow));
    assert.equal(deadlines.of(slow, undefined), 2_500);
    assert.equal(deadlines.of(quick, undefined), 10_000);
    deadlines.see(ended(undefined, slow));
    assert.equal(deadlines.of(slow, undefined), 10_000);
  });

  it('that a request asks for itself are kept: a delay may be what it waits for', () => {
    const deadlines = new Deadlines(10_000);
    deadlines.see(ended('timeout', slow));
    assert.equal(deadlines.of(slow, 8_000), 8_000);
  });

  it('are shorter for all when nothing answers any more, and whole again after one answer', () => {
    const deadlines = new Deadlines(10_000);
    for (let i = 0; i < 8; i++) deadlines.see(ended('timeout', operation(`GET /${i}`)));
    assert.equal(deadlines.of(quick, undefined), 2_500);
    assert.equal(deadlines.of(undefined, 8_000), 2_000);
    deadlines.see(ended(undefined, quick));
    assert.equal(deadlines.of(undefined, 8_000), 8_000);
  });

  it('never fall under a second, and raw messages count for nothing', () => {
    const deadlines = new Deadlines(1_200);
    deadlines.see(ended('timeout', slow));
    assert.equal(deadlines.of(slow, undefined), 1_000);
    const others = new Deadlines(800);
    for (let i = 0; i < 20; i++) others.see(ended('timeout', slow, true));
    assert.equal(others.of(slow, undefined), 800);
  });
});
