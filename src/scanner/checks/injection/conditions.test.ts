import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { type Asked, api, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check } from './template-injection.ts';

const PAPERS = [
  { id: 1, title: 'Plan', status: 'draft' },
  { id: 2, title: 'Offer', status: 'final' },
];
const CONTRACT = api({
  '/papers': { get: operation([parameter('query', 'filter', { type: 'string', example: "status == 'draft'" })]) },
});

const papers =
  (holds: (filter: string, paper: (typeof PAPERS)[number]) => boolean) =>
  ({ query }: Asked): Told => {
    const filter = query.get('filter');
    if (filter === null) return { json: PAPERS };
    try {
      return { json: PAPERS.filter((paper) => holds(filter, paper)) };
    } catch {
      return { status: 400, json: { error: 'invalid' } };
    }
  };

test('a filter that is run as a program is found by what it answers', async () => {
  const answer = papers((filter, paper) => Boolean(runInNewContext(filter, { ...paper }, { timeout: 100 })));
  assert.deepEqual(told(await scan(CONTRACT, answer, [check])), [
    'template-injection: GET /papers query parameter filter',
  ]);
});

test('a language of filters that only compares is none, nor is a search for words', async () => {
  const compares = papers((filter, paper) => {
    const [, name, value] = /^(title|status) == '([^']*)'$/.exec(filter) ?? [];
    if (name !== 'title' && name !== 'status') throw new Error('invalid');
    return paper[name] === value;
  });
  assert.deepEqual(told(await scan(CONTRACT, compares, [check])), []);
  const words = papers((filter, paper) => filter.includes(paper.status));
  assert.deepEqual(told(await scan(CONTRACT, words, [check])), []);
});
