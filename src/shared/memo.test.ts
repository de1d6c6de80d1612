import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Memo } from './memo.ts';

it('makes one value for each object and text', () => {
  const memo = new Memo<{ readonly n: number }>();
  const [a, b] = [{}, {}];
  let made = 0;
  const make = () => ({ n: ++made });
  const first = memo.get(a, 'x', make);
  assert.equal(memo.get(a, 'x', make), first);
  assert.notEqual(memo.get(a, 'y', make), first);
  assert.notEqual(memo.get(b, 'x', make), first);
  assert.equal(made, 3);
});
