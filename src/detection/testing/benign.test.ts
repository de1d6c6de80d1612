import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CLASSES } from '../classes/index.ts';
import { Judge } from '../judge.ts';
import { BENIGN_KINDS, benignRequests, benignValues, codePlaces } from './benign.ts';

const body = { source: 'body', name: '', key: false } as const;

describe('friendly values', () => {
  it('are of many kinds and lengths, and the same for the same seed', () => {
    assert.ok(BENIGN_KINDS.length >= 120);
    const values = benignValues(4000);
    assert.equal(new Set(values.map(({ kind }) => kind)).size, BENIGN_KINDS.length);
    assert.ok(values.filter(({ text }) => text.length > 2000).length > 40);
    assert.ok(values.every(({ text }) => text.isWellFormed()));
    assert.deepEqual(benignValues(500), values.slice(0, 500));
    assert.notDeepEqual(benignValues(500, 1), values.slice(0, 500));
  });

  it('pass, at most 0.02 % of them taken for attacks, with any seed', () => {
    const judge = new Judge(CLASSES, 'default');
    for (const seed of [1, 2, 3]) {
      const values = benignValues(8000, seed);
      const wrong = values.filter(({ text }) => judge.find(text, body) !== undefined);
      assert.ok(wrong.length <= values.length * 0.0002, JSON.stringify(wrong.slice(0, 3)));
    }
  });

  it('pass as whole requests', () => {
    const judge = new Judge(CLASSES, 'default');
    const parts = benignRequests(1500).flat();
    const wrong = parts.filter(({ text, place }) => judge.find(text, place) !== undefined);
    assert.ok(wrong.length <= parts.length * 0.0002, JSON.stringify(wrong.slice(0, 3)));
  });

  it('pass at places of code, where sensitivity is low', () => {
    const judge = new Judge(CLASSES, 'low');
    const wrong = codePlaces(1700).filter(({ text }) => judge.find(text, body) !== undefined);
    assert.deepEqual(wrong.slice(0, 3), []);
  });
});
