import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalPath, checkQuery, NotCanonical } from './canonical-path.ts';

test('a plain path is itself', () => {
  assert.deepEqual(canonicalPath('/patients/17'), { path: '/patients/17', segments: ['patients', '17'] });
  assert.deepEqual(canonicalPath('/'), { path: '/', segments: [''] });
  assert.deepEqual(canonicalPath('/a/'), { path: '/a/', segments: ['a', ''] });
});

test('one spelling is left of many', () => {
  for (const spelling of ['/%61dmin', '/adm%69n', '/admin']) assert.equal(canonicalPath(spelling).path, '/admin');
  assert.equal(canonicalPath('/%c3%a4').path, '/%C3%A4');
  assert.equal(canonicalPath('/a%2Cb').path, '/a,b');
  assert.equal(canonicalPath('/x%20y').path, '/x%20y');
  assert.equal(canonicalPath('/%25').path, '/%25');
  assert.equal(canonicalPath('/%252e%252e').path, '/%252e%252e', 'decoded once, never twice');
});

const refused = [
  '//evil/x',
  '/a//b',
  '/a/../b',
  '/a/%2e%2e/b',
  '/a/.%2E/b',
  '/./a',
  '/a/..',
  '/a/..;/b',
  '/a/..;x=1/b',
  '/.;/a',
  '/a%2fb',
  '/a%2Fb',
  '/a%5cb',
  '/a\\b',
  '/a%00b',
  '/a\0b',
  '/a%0d%0ab',
  '/%c0%af',
  '/%ff',
  '/%ed%a0%80',
  '/%',
  '/%4',
  '/%zz',
  '/a b',
  '/a#b',
  '/a"b',
  '/<script>',
  '/ä',
  '/a%7f',
  '/a^b',
  '/a|b',
  '/a{b}',
];
for (const path of refused) {
  test(`refused: ${JSON.stringify(path)}`, () => {
    assert.throws(() => canonicalPath(path), NotCanonical);
  });
}

test('dots inside of names are names', () => {
  for (const path of ['/a.b', '/...', '/.well-known/x', '/a..b', '/..a']) assert.equal(canonicalPath(path).path, path);
});

test('whatever is accepted is stable, has no dangerous segment, and decodes to its segments', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'/.%2eE5cfF;aB0~ ä\\'), maxLength: 40 }), (text) => {
      let canonical: ReturnType<typeof canonicalPath>;
      try {
        canonical = canonicalPath(`/${text}`);
      } catch (error) {
        assert.ok(error instanceof NotCanonical);
        return;
      }
      assert.equal(canonicalPath(canonical.path).path, canonical.path);
      assert.deepEqual(canonical.path.slice(1).split('/').map(decodeURIComponent), canonical.segments);
      for (const segment of canonical.segments) assert.ok(!/^\.{1,2}(;|$)|[/\\\0]/.test(segment), segment);
    }),
    { numRuns: 2000 },
  );
});

test('a query is printable ASCII with whole UTF-8 sequences', () => {
  for (const good of ['a=1&b=%C3%A4', 'q=+', '']) checkQuery(good);
  for (const bad of ['a=%ff', 'a=%', 'a= b', 'a=ä', 'a=\x01', 'a#b', 'a=%c3']) {
    assert.throws(() => checkQuery(bad), NotCanonical, bad);
  }
});
