import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaAt } from '../../validation/fixture.ts';
import { Verbatim } from '../model/call.ts';
import { judgeOf } from './judge.ts';
import { randomFrom } from './random.ts';
import type { Carried } from './readings.ts';
import { type Tampered, tamperedValues } from './tampered.ts';

const tamper = (schema: unknown, value: unknown, carried: Carried = 'json'): Tampered[] =>
  tamperedValues(schemaAt(schema), value, randomFrom(1, 'test'), 'field', carried);

const strict = (list: readonly Tampered[]): string[] =>
  [...new Set(list.filter((each) => each.strict).map(({ breaks }) => breaks))].sort();
const find = (list: readonly Tampered[], value: unknown): Tampered | undefined =>
  list.find((each) => JSON.stringify(each.value) === JSON.stringify(value));

test('every demand on a number is broken, and said', () => {
  const list = tamper({ type: 'integer', minimum: 1, maximum: 10, multipleOf: 2 }, 4);
  for (const breaks of [
    'minimum',
    'maximum',
    'multipleOf',
    'type fraction',
    'type object',
    'type array',
    'type text',
    'type null',
    'not a number',
  ])
    assert.ok(strict(list).includes(breaks), breaks);
  assert.deepEqual(find(list, 0)?.strict, true);
  assert.equal(strict(tamper({ type: 'number', exclusiveMinimum: 0 }, 1)).includes('exclusiveMinimum'), true);
  assert.equal(strict(tamper({ type: 'integer', format: 'int32' }, 1)).includes('format int32'), true);
});

test('every demand on a text is broken, and said', () => {
  const list = tamper({ type: 'string', minLength: 3, maxLength: 5, pattern: '^[a-c]+$' }, 'abc');
  for (const breaks of ['minLength', 'maxLength', 'pattern ^[a-c]+$', 'type object', 'type array', 'type null'])
    assert.ok(strict(list).includes(breaks), breaks);
  const pattern = list.find(({ breaks }) => breaks.startsWith('pattern'))?.value as string;
  assert.ok(pattern.length >= 3 && pattern.length <= 5);
  assert.ok(strict(tamper({ enum: ['asc', 'desc'] }, 'asc')).includes('enum'));
  assert.equal(tamper({ enum: ['asc', 'desc'] }, 'asc').find(({ breaks }) => breaks === 'enum by case')?.strict, false);
  for (const format of ['date', 'date-time', 'email', 'uuid', 'ipv4', 'uri', 'byte'])
    assert.ok(strict(tamper({ type: 'string', format }, undefined)).includes(`format ${format}`), format);
});

test('containers: missing, extra, too many, repeated', () => {
  const schema = {
    type: 'object',
    required: ['a', 'd', 'i'],
    additionalProperties: false,
    properties: { a: { type: 'string' }, d: { type: 'integer', default: 1 }, i: { type: 'integer', readOnly: true } },
  };
  const list = tamper(schema, { a: 'x', d: 2 });
  assert.equal(find(list, { d: 2 })?.strict, true);
  assert.equal(find(list, { a: 'x' })?.strict, false, 'a property with a default may be missing');
  assert.ok(strict(list).includes('additionalProperties'));
  const open = tamper({ ...schema, additionalProperties: undefined }, { a: 'x', d: 2 });
  assert.equal(open.find(({ breaks }) => breaks === 'additionalProperties')?.strict, false);
  const items = tamper(
    { type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 3, uniqueItems: true },
    [1, 2],
  );
  for (const breaks of ['minItems', 'maxItems', 'uniqueItems', 'type of an item', 'type object'])
    assert.ok(strict(items).includes(breaks), breaks);
});

test('nothing is strict that a reader of good will takes for something valid', () => {
  const json = tamper({ type: 'integer' }, 5);
  assert.equal(find(json, '5')?.strict, false);
  assert.equal(json.find(({ value }) => value instanceof Verbatim && value.text === '1e2')?.strict, false);
  assert.equal(find(tamper({ type: 'boolean' }, true), 'true')?.strict, false);
  assert.equal(find(tamper({ type: 'string' }, 'x'), 12_345)?.strict, false);
  assert.equal(
    strict(tamper({ type: 'string', format: 'no-such-format' }, 'x')).some((each) => each.startsWith('format')),
    false,
  );
  assert.equal(
    tamper({ type: 'string', minLength: 2 }, 'xy').find(({ breaks }) => breaks === 'trailing space')?.strict,
    false,
  );
});

test('as text, what can be read as valid is not strict', () => {
  const text = tamper({ type: 'integer', minimum: 1 }, 5, 'text');
  assert.deepEqual(
    strict(text)
      .filter((each) => each.startsWith('type'))
      .sort(),
    ['type array', 'type fraction', 'type null', 'type object', 'type text'],
  );
  assert.equal(find(text, 0)?.strict, true);
  assert.equal(find(text, '')?.strict, false, 'nothing after the name is not sent');
  assert.equal(find(tamper({ type: 'string' }, 'x', 'text'), '{"a":1}')?.strict, false);
  assert.equal(find(tamper({ type: 'boolean' }, true, 'text'), 'yes')?.strict, false);
  assert.equal(find(tamper({ type: 'boolean' }, true, 'text'), 'maybe')?.strict, true);
  assert.equal(
    find(tamper({ type: 'array', items: { type: 'integer' } }, [1], 'text'), ['no such thing'])?.strict,
    true,
  );
  const list = { type: 'array', items: { type: 'string' }, maxItems: 2 };
  assert.ok(strict(tamper(list, ['a'], 'text')).includes('maxItems'));
  assert.deepEqual(strict(tamper({ type: 'integer' }, 5, 'opaque')), []);
});

test('what the working value breaks itself is not held against others', () => {
  const uuid = { type: 'string', format: 'uuid' };
  assert.ok(strict(tamper(uuid, '6f9619ff-8b86-4011-b42d-00c04fc964ff')).includes('format uuid'));
  assert.equal(strict(tamper(uuid, 'patient-7')).includes('format uuid'), false);
  const schema = {
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'integer' }, b: { type: 'integer' } },
  };
  assert.equal(find(tamper(schema, { a: 'seven', b: 1 }), { a: 'seven' })?.strict, true);
});

test('without a schema, or with one that says nothing, nothing is strict', () => {
  for (const value of ['x', 5, true, null, undefined, { a: 1 }, [1]]) {
    const list = tamperedValues(undefined, value, randomFrom(1, 'x'), 'field');
    assert.ok(list.length > 5);
    assert.deepEqual(strict(list), []);
    assert.deepEqual(strict(tamper({}, value)), []);
  }
});

test('strict values are what the compiled schema forbids; none is the value itself; none is large; none twice', () => {
  const schema = {
    type: 'object',
    required: ['n'],
    properties: { n: { type: 'integer', maximum: 3 }, t: { type: 'string', maxLength: 4 } },
  };
  const value = { n: 1, t: 'ab' };
  const list = tamper(schema, value);
  const keys = new Set<string>();
  for (const each of list) {
    const text = each.value instanceof Verbatim ? each.value.text : (JSON.stringify(each.value) ?? '');
    assert.ok(text.length < 250_000);
    assert.ok(!keys.has(text), text.slice(0, 100));
    keys.add(text);
    assert.notDeepEqual(each.value, value);
    if (each.strict && !(each.value instanceof Verbatim))
      assert.equal(judgeOf(schemaAt(schema)).accepts(each.value), false);
  }
  assert.ok(list.length <= 90);
  assert.deepEqual(tamper(schema, value), list);
  const firstLoose = list.findIndex((each) => !each.strict);
  assert.ok(
    list.slice(firstLoose).every((each) => !each.strict),
    'strict ones come first',
  );
});
