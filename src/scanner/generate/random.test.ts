import assert from 'node:assert/strict';
import { test } from 'node:test';
import { between, digits, letters, oneOf, randomFrom, token } from './random.ts';

const take = (random: () => number, count: number): number[] => Array.from({ length: count }, random);

test('seed and key give the stream, and nothing else does', () => {
  assert.deepEqual(take(randomFrom(7, 'a'), 20), take(randomFrom(7, 'a'), 20));
  const streams = [
    randomFrom(7, 'a'),
    randomFrom(8, 'a'),
    randomFrom(7, 'b'),
    randomFrom(7, ''),
    randomFrom(7 + 2 ** 40, 'a'),
  ];
  assert.equal(new Set(streams.map((random) => take(random, 3).join())).size, streams.length);
});

test('numbers are in [0, 1) and spread evenly, over one stream and over first numbers of many', () => {
  const random = randomFrom(1, 'spread');
  for (const numbers of [take(random, 20_000), Array.from({ length: 20_000 }, (_, i) => randomFrom(1, `key ${i}`)())]) {
    const bins = new Array<number>(10).fill(0);
    for (const each of numbers) {
      assert.ok(each >= 0 && each < 1);
      bins[Math.floor(each * 10)]!++;
    }
    for (const bin of bins) assert.ok(bin > 1_800 && bin < 2_200, bins.join());
  }
});

test('helpers stay within their bounds', () => {
  const random = randomFrom(3, 'x');
  const seen = new Set(Array.from({ length: 200 }, () => between(random, 3, 6)));
  assert.deepEqual([...seen].sort(), [3, 4, 5, 6]);
  assert.equal(oneOf(random, ['a']), 'a');
  assert.match(letters(random, 8), /^[a-z]{8}$/);
  assert.match(token(random, 8), /^[a-z][a-z0-9]{7}$/);
  assert.match(digits(random, 3), /^\d{3}$/);
});
