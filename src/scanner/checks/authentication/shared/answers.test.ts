import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanAnswer } from '../../../model/exchange.ts';
import { alike, leavesOf, privateWords, sharedContent } from './answers.ts';

const answer = (json: unknown, status = 200): ScanAnswer => {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  return {
    status,
    failure: undefined,
    headers: new Map(),
    body: Buffer.from(text),
    mediaType: typeof json === 'string' ? 'text/plain' : 'application/json',
    text,
    json: typeof json === 'string' ? undefined : json,
    milliseconds: 1,
  };
};

test('leaves come in order, bounded, however deep the answer is', () => {
  assert.deepEqual(
    leavesOf({ a: [{ user_Id: 1 }, { b: null }], c: 'x' }).map(({ path, word, value }) => [path, word, value]),
    [
      ['/a/*/user_Id', 'userid', 1],
      ['/a/*/b', 'b', null],
      ['/c', 'c', 'x'],
    ],
  );
  let deep: unknown = 1;
  for (let level = 0; level < 50_000; level++) deep = [deep];
  assert.deepEqual(leavesOf(deep), []);
  assert.equal(leavesOf(Array.from({ length: 100_000 }, (_, at) => at)).length, 2_000);
});

test('content is compared value for value, without frames and clocks', () => {
  const hers = answer({ ok: true, data: { id: 7, text: 'milk' }, timestamp: 1 });
  assert.equal(sharedContent(hers, answer({ ok: true, data: { id: 7, text: 'milk' }, timestamp: 2 })), 1);
  assert.equal(sharedContent(hers, answer({ ok: true, data: { id: 8, text: 'milk' } })), 0.5);
  assert.equal(sharedContent(hers, answer({ ok: false, error: 'no' })), 0);
  assert.equal(sharedContent(answer({ ok: true, items: [] }), hers), undefined);
  assert.equal(sharedContent(answer('one'), answer('one')), 1);
  assert.equal(sharedContent(answer('one'), answer('two')), 0);
});

test('answers of one kind are told from others', () => {
  assert.ok(alike(answer({ items: [{ id: 1, name: 'a' }] }), answer({ items: [] })));
  assert.ok(alike(answer({ id: 1, name: 'a' }), answer({ id: 2, name: 'b', email: 'c' })));
  assert.ok(!alike(answer({ id: 1, name: 'a' }), answer({ error: 'no' })));
  assert.ok(!alike(answer({ id: 1 }), answer('<html>log in</html>')));
  assert.ok(!alike(answer({ id: 1 }), answer('')));
});

test('private data is known by its names, where there is a value', () => {
  assert.deepEqual(privateWords(answer({ user: { email: 'a@b.example', phone: null, hasPhone: true, name: 'x' } })), [
    'email',
  ]);
});
