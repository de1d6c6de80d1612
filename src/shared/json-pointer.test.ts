import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { media, operation, response } from './fixture.ts';
import { escapeStep, parsePointer } from './json-pointer.ts';
import { isWithoutContract } from './without-contract.ts';

test('pointers of RFC 6901 are split and unescaped', () => {
  assert.deepEqual(parsePointer(''), []);
  assert.deepEqual(parsePointer('/'), ['']);
  assert.deepEqual(parsePointer('/a~1b/m~0n/*/~01'), ['a/b', 'm~n', '*', '~1']);
});

test('what is no pointer, or too long, is told apart', () => {
  for (const text of ['a', 'a/b', '/~', '/~2', '#/a', '/a'.repeat(21)])
    assert.equal(parsePointer(text), undefined, text);
});

test('property: what is escaped is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 20 }), (steps) => {
      assert.deepEqual(parsePointer(steps.map((step) => `/${escapeStep(step)}`).join('')), steps);
    }),
  );
});

test('a path of a contract that looks like that of no contract is judged by its contract', () => {
  const anything = [response('default', [media('*/*')])];
  assert.equal(isWithoutContract(operation('GET /*', { responses: anything })), true);
  assert.equal(isWithoutContract(operation('GET /**', { responses: anything, operationId: 'all' })), false);
  assert.equal(isWithoutContract(operation('GET /**', { responses: anything, security: [] })), false);
  assert.equal(isWithoutContract(operation('GET /*', { responses: [response('200', [media('*/*', {})])] })), false);
  assert.equal(isWithoutContract(operation('GET /a', { responses: anything })), false);
});
