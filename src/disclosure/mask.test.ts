import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileMask } from './mask.ts';

const CASES: [annotation: unknown, value: unknown, masked: unknown][] = [
  ['last4', '4111111111111234', '****1234'],
  ['last4', '12345678', '****5678'],
  // More than half would stay.
  ['last4', '1234567', '****'],
  ['last4', '1234', '****'],
  ['last4', '', '****'],
  ['first1', 'Jane', 'J****'],
  ['first1', 'J', '****'],
  ['first2', 'a😀bc', 'a😀****'],
  ['last1', 'ab😀', '****😀'],
  [{ keep: 3 }, 'abcdefgh', '****fgh'],
  [{ keep: 3, from: 'start' }, 'abcdefgh', 'abc****'],
  ['all', 'anything', '****'],
  ['all', 17, '****'],
  ['last4', 1234567890, '****7890'],
  ['all', null, null],
  ['all', true, undefined],
  ['all', { a: 1 }, undefined],
  ['last4', ['12345678'], undefined],
  ['email', 'jane.doe@example.com', 'j****@example.com'],
  ['email', 'j@example.com', '****'],
  ['email', 'password@123!', '****'],
  ['email', 'secret', '****'],
  ['email', 'a@b@secret.example', '****'],
  ['email', 'jane@localhost', '****'],
];

for (const [annotation, value, masked] of CASES)
  test(`mask ${JSON.stringify(annotation)} of ${JSON.stringify(value)}`, () => {
    assert.equal(compileMask(annotation)?.(value), masked);
  });

test('what is no mask is told apart from one', () => {
  for (const annotation of [
    'last0',
    'last17',
    'last-1',
    'lastfour',
    'last4 ',
    'LAST4',
    'none',
    '',
    true,
    null,
    4,
    [],
    {},
    { keep: 0 },
    { keep: 1.5 },
    { keep: '4' },
    { keep: 4, from: 'middle' },
    { keep: 4, form: 'end' },
    { __proto__: { keep: 4 } },
  ])
    assert.equal(compileMask(annotation), undefined, JSON.stringify(annotation));
});

test('property: a mask never leaves more than half, and never tells the length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 1, max: 16 }), (text, keep) => {
      for (const from of ['start', 'end']) {
        const masked = compileMask({ keep, from })?.(text) as string;
        const kept = Array.from(masked).length - 4;
        assert.ok(masked.includes('****') && (kept === 0 || kept === keep));
        assert.ok(kept * 2 <= Array.from(text).length);
        assert.ok(masked.isWellFormed());
      }
    }),
  );
});

test('a long value costs a mask no more than a short one needs', () => {
  const long = `${'a.'.repeat(500_000)}@${'b.'.repeat(500_000)}`;
  assert.equal(compileMask('email')?.(long), '****');
  assert.equal(compileMask('last4')?.(`${long}12345678`), '****5678');
});
