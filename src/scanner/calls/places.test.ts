import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaType, operation, parameter, takes } from '../../validation/fixture.ts';
import type { Call } from '../model/call.ts';
import { placesOf, put } from './places.ts';
import { valueAt } from './put.ts';

const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: {
    id: { type: 'integer', readOnly: true },
    name: { type: 'string', maxLength: 5 },
    address: { $ref: '#/$defs/address' },
    tags: { type: 'array', items: { type: 'string' } },
    pet: {
      oneOf: [
        { required: ['bark'], properties: { bark: { type: 'integer' } } },
        { properties: { meow: { type: 'string' } } },
      ],
    },
  },
  $defs: { address: { type: 'object', properties: { street: { type: 'string' }, up: { $ref: '#/$defs/address' } } } },
};

const call = (value: unknown, schema: unknown = SCHEMA): Call => ({
  operation: operation({
    template: '/x/{id}',
    parameters: [
      parameter({ name: 'id', in: 'path' }),
      parameter({ name: 'filter[state]', schema: { type: 'string' } }),
    ],
    body: takes(true, mediaType('application/json', schema)),
  }),
  values: new Map<string, unknown>([
    ['path:id', 7],
    ['query:more', 'x'],
  ]),
  body: value === undefined ? undefined : { type: 'application/json', value },
});

test('parameters, sent or not, and every value of the body with its schema', () => {
  const places = placesOf(call({ name: 'n', address: { street: 's', up: {} }, tags: ['a', 'b'], more: 1 }));
  assert.deepEqual(
    places.map(({ in: where, name, word, required, value, schema }) => [
      `${where}:${name}`,
      word,
      required,
      value !== undefined,
      schema !== undefined,
    ]),
    [
      ['path:id', 'id', true, true, false],
      ['query:filter[state]', 'state', false, false, true],
      ['query:more', 'more', false, true, false],
      ['body:', '', true, true, true],
      ['body:/id', 'id', false, false, true],
      ['body:/name', 'name', true, true, true],
      ['body:/address', 'address', false, true, true],
      ['body:/address/street', 'street', false, true, true],
      ['body:/address/up', 'up', false, true, true],
      ['body:/address/up/street', 'street', false, false, true],
      ['body:/address/up/up', 'up', false, false, true],
      ['body:/tags', 'tags', false, true, true],
      ['body:/tags/0', 'tags', false, true, true],
      ['body:/pet', 'pet', false, false, true],
      ['body:/more', 'more', false, true, false],
    ],
  );
  assert.equal(places.find(({ name }) => name === '/id')?.readOnly, true);
  assert.equal('readOnly' in (places.find(({ name }) => name === '/name') ?? {}), false);
  assert.deepEqual(places.find(({ name }) => name === '/name')?.schema?.schema, SCHEMA.properties.name);
});

test('of branches, those that the value is of', () => {
  const names = (value: unknown): string[] =>
    placesOf(call(value))
      .map(({ name }) => name)
      .filter((name) => name.startsWith('/pet/'));
  assert.deepEqual(names({ name: 'n', pet: { bark: 1 } }), ['/pet/bark', '/pet/meow']);
  assert.deepEqual(names({ name: 'n', pet: { meow: 'm' } }), ['/pet/meow']);
});

test('schemas that hold together are one schema', () => {
  const schema = { allOf: [{ properties: { n: { minimum: 1 } } }, { properties: { n: { type: 'integer' } } }] };
  const place = placesOf(call({ n: 3 }, schema)).find(({ name }) => name === '/n');
  assert.ok(place?.schema);
  assert.deepEqual((place.schema.schema as { allOf: unknown[] }).allOf.length, 2);
});

test('a body that is not sent has its first level as places', () => {
  const names = placesOf(call(undefined))
    .filter(({ in: where }) => where === 'body')
    .map(({ name }) => name);
  assert.deepEqual(names, ['', '/id', '/name', '/address', '/tags', '/pet']);
});

test('at most 200 places of a body; what is sent goes first, the order stays', () => {
  const properties = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const places = placesOf(call({ p399: 'x', p5: 'y' }, { type: 'object', properties })).filter(
    ({ in: where }) => where === 'body',
  );
  assert.equal(places.length, 200);
  assert.deepEqual(
    places.filter(({ value }) => value !== undefined).map(({ name }) => name),
    ['', '/p5', '/p399'],
  );
});

test('put makes a new call and shares what it does not change', () => {
  const before = call({ name: 'n', address: { street: 's' }, tags: ['a', 'b'] });
  const frozen = JSON.stringify([...before.values, before.body]);
  const after = put(before, { in: 'body', name: '/address/street' }, 't');
  assert.deepEqual(after.body?.value, { name: 'n', address: { street: 't' }, tags: ['a', 'b'] });
  const tags = { in: 'body', name: '/tags' };
  assert.equal(valueAt(after, tags), valueAt(before, tags));
  assert.equal(put(before, { in: 'query', name: 'q' }, 1).values.get('query:q'), 1);
  assert.equal(put(before, { in: 'path', name: 'id' }, undefined).values.has('path:id'), false);
  assert.equal(JSON.stringify([...before.values, before.body]), frozen);
});

test('put takes out, makes parents, and knows arrays and odd names', () => {
  const body = (value: unknown, name: string, put_: unknown): unknown =>
    put(call(value), { in: 'body', name }, put_).body?.value;
  assert.deepEqual(body({ a: 1, b: 2 }, '/a', undefined), { b: 2 });
  assert.deepEqual(body({ l: [1, 2, 3] }, '/l/1', undefined), { l: [1, 3] });
  assert.deepEqual(body({ l: [1] }, '/l/-', 2), { l: [1, 2] });
  assert.deepEqual(body({}, '/a/0/b', 1), { a: [{ b: 1 }] });
  assert.deepEqual(body({ a: 'text' }, '/a/b', 1), { a: { b: 1 } });
  assert.deepEqual(body({ 'x/y~': 1 }, '/x~1y~0', 2), { 'x/y~': 2 });
  assert.deepEqual(body({ a: 1 }, '', [1]), [1]);
  assert.deepEqual(body(undefined, '/a', 1), { a: 1 });
  assert.equal(put(call({ a: 1 }), { in: 'body', name: '' }, undefined).body, undefined);
  assert.deepEqual(body({ a: 1 }, '/b/c', undefined), { a: 1 });
  const odd = body({}, '/__proto__', { polluted: 1 }) as Record<string, unknown>;
  assert.deepEqual(Object.keys(odd), ['__proto__']);
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  assert.deepEqual(
    valueAt(put(call({}), { in: 'body', name: '/__proto__/x' }, 1), { in: 'body', name: '/__proto__/x' }),
    1,
  );
});
