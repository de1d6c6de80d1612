import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Answer } from './answer.ts';
import { deeperThan } from './depth.ts';

const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

describe('the depth of JSON', () => {
  it('is counted to the bracket', () => {
    assert.equal(deeperThan(nested(10), 10), false);
    assert.equal(deeperThan(nested(11), 10), true);
    assert.equal(deeperThan(`${'{"a":'.repeat(11)}1${'}'.repeat(11)}`, 10), true);
  });

  it('is none within texts, whatever is quoted in them', () => {
    for (const text of [nested(50), `\\"${nested(50)}`, `\\\\\\"${nested(50)}`, `"${nested(50)}`])
      assert.equal(deeperThan(JSON.stringify([text, 'b'.repeat(50)]), 10), false, text);
    assert.equal(deeperThan(`["\\\\",${nested(11)}]`, 10), true);
    assert.equal(deeperThan(`["never closed ${nested(50)}`, 10), false);
  });

  it('of an answer is borne, or the answer reads as none', () => {
    const read = (text: string): unknown => new Answer({ status: 200, body: Buffer.from(text), milliseconds: 1 }).json;
    assert.ok(Array.isArray(read(nested(200))));
    assert.equal(read(nested(201)), undefined);
    assert.equal(read(nested(100_000)), undefined);
  });
});
