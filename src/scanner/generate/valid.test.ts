import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../contract/model.ts';
import { FORMATS } from '../../contract/schema/formats/formats.ts';
import { schemaAt } from '../../validation/fixture.ts';
import { judgeOf } from './judge.ts';
import { randomFrom } from './random.ts';
import { bestValue, type ValueHints, validValue } from './valid.ts';

/** Makes values by several seeds, plain and edge, little and much: each must be valid. */
function always(schema: unknown, hints: ValueHints = {}, dialect: Dialect = '2020-12'): unknown[] {
  const at = schemaAt(schema, dialect);
  const made: unknown[] = [];
  for (let seed = 0; seed < 12; seed++) {
    for (const variety of ['plain', 'edge'] as const) {
      const fill = seed % 2 === 0 ? 'required' : 'all';
      const value = validValue(at, randomFrom(seed, 'test'), { variety, fill, ...hints });
      assert.notEqual(value, undefined, `${JSON.stringify(schema)} seed ${seed} ${variety} ${fill}`);
      assert.deepEqual(judgeOf(at).violations(value), []);
      made.push(value);
    }
  }
  return made;
}

const plain = (schema: unknown, word = ''): unknown => validValue(schemaAt(schema), randomFrom(1, 'test'), { word });

test('numbers within bounds, multiples and formats', () => {
  always({ type: 'integer', minimum: 5, maximum: 5 });
  always({ type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 7 });
  always({ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.001 });
  always({ type: 'number', multipleOf: 0.01, minimum: 0.07, maximum: 0.35 });
  always({ type: 'integer', multipleOf: 7, minimum: 1000 });
  always({ type: 'integer', format: 'int8', maximum: -100 });
  always({ type: 'number', minimum: -1e9, maximum: -1e8 });
  always({ type: 'integer', minimum: 5, exclusiveMinimum: true, maximum: 6 }, {}, 'openapi-3.0');
});

test('texts of every format that the compiler enforces', () => {
  for (const format of FORMATS.keys()) always({ type: 'string', format });
  always({ type: 'string', format: 'email', maxLength: 30 });
});

test('texts by pattern, with lengths', () => {
  always({ type: 'string', pattern: '^[A-Z]{2}\\d{4,6}(-x)?$' });
  always({ type: 'string', pattern: '^(?:a|b){3}\\w*$', minLength: 40, maxLength: 41 });
  always({ type: 'string', pattern: '^\\p{Lu}[^\\s<>]+$' });
  always({ type: 'string', pattern: '(foo|bar)' });
  always({ type: 'string', pattern: '^(?=.*\\d)(?=.*[a-z])[a-z\\d]{8,}$' });
  always({ type: 'string', pattern: '^(\\w)x\\1$' });
  always({ type: 'string', pattern: '^https://[a-z]+\\.example/' }, { word: 'url' });
  always({ type: 'string', minLength: 300, maxLength: 300 });
  always({ type: 'string', minLength: 2, maxLength: 2 }, { word: 'email' });
});

test('containers: tuples, unique items, counts, maps, names', () => {
  always({ type: 'array', items: { type: 'integer', minimum: 1, maximum: 3 }, minItems: 3, uniqueItems: true });
  always({ type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 });
  always({ type: 'array', contains: { const: 'x' }, items: { type: 'string' } });
  always({ type: 'object', minProperties: 3, additionalProperties: { type: 'integer' } });
  always({
    type: 'object',
    minProperties: 2,
    patternProperties: { '^x-[a-z]{4}$': { type: 'boolean' } },
    additionalProperties: false,
  });
  always({ type: 'object', propertyNames: { pattern: '^[A-Z]{3}$' }, minProperties: 1 });
  always({
    type: 'object',
    required: ['a'],
    maxProperties: 1,
    properties: { a: { type: 'string' }, b: { type: 'string' } },
  });
  always({ type: 'object', properties: { a: {}, b: {} }, dependentRequired: { a: ['b', 'c'] }, required: ['a'] });
});

test('composition: allOf, branches, not, conditions, unevaluated', () => {
  always({
    allOf: [
      { type: 'object', required: ['n'], properties: { n: { type: 'integer', minimum: 5 } } },
      { properties: { n: { maximum: 6 } } },
    ],
  });
  always({
    oneOf: [
      { type: 'integer', minimum: 3 },
      { type: 'integer', maximum: 5 },
    ],
  });
  always({
    oneOf: [{ required: ['a'] }, { required: ['b'] }],
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string' } },
  });
  always({ type: 'string', enum: ['a', 'b', 'c'], not: { enum: ['a', 'b'] } });
  always({
    type: 'object',
    required: ['kind'],
    properties: { kind: { enum: ['x', 'y'] } },
    if: { properties: { kind: { const: 'x' } } },
    then: { required: ['x'] },
    else: { required: ['y'] },
  });
  always({ allOf: [{ properties: { a: { type: 'integer' } } }], unevaluatedProperties: false, type: 'object' });
  always({ anyOf: [{ type: 'null' }, { type: 'object', required: ['z'], properties: { z: { const: 1 } } }] });
});

test('discriminators name the branch that is taken', () => {
  const schema = {
    oneOf: [{ $ref: '#/$defs/Cat' }, { $ref: '#/$defs/Dog' }],
    discriminator: { propertyName: 'kind', mapping: { meow: '#/$defs/Cat', woof: '#/$defs/Dog' } },
    $defs: {
      Cat: {
        type: 'object',
        required: ['kind', 'lives'],
        properties: { kind: { type: 'string' }, lives: { type: 'integer' } },
      },
      Dog: {
        type: 'object',
        required: ['kind', 'breed'],
        properties: { kind: { type: 'string' }, breed: { type: 'string' } },
      },
    },
  };
  for (const value of always(schema) as { kind: string; lives?: number }[])
    assert.equal(value.kind, value.lives === undefined ? 'woof' : 'meow');
});

test('circles end: lists are empty, optional parts are left out, null where it may be', () => {
  const tree = {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        required: ['name', 'children'],
        properties: {
          name: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/node' } },
          parent: { $ref: '#/$defs/node' },
        },
      },
    },
  };
  for (const value of always(tree, { fill: 'all' }) as { children: unknown[] }[]) assert.deepEqual(value.children, []);
  always({
    $ref: '#/$defs/n',
    $defs: {
      n: {
        type: 'object',
        required: ['next'],
        properties: { next: { oneOf: [{ $ref: '#/$defs/n' }, { type: 'null' }] } },
      },
    },
  });
  const endless = schemaAt({
    $ref: '#/$defs/n',
    $defs: { n: { type: 'object', required: ['next'], properties: { next: { $ref: '#/$defs/n' } } } },
  });
  assert.equal(validValue(endless, randomFrom(1, 'x')), undefined);
});

test('readOnly is not sent, nullable is no reason for null', () => {
  const value = plain({
    type: 'object',
    required: ['id', 'name'],
    properties: { id: { type: 'integer', readOnly: true }, name: { type: ['null', 'string'] } },
  }) as object;
  assert.deepEqual(Object.keys(value), ['name']);
  assert.equal(typeof (value as { name: unknown }).name, 'string');
});

test('examples go first where they are valid; what must be unique is made so', () => {
  assert.equal(plain({ type: 'string', example: 'ACME-1' }, 'partner'), 'ACME-1');
  assert.equal(plain({ type: 'integer', default: 20, maximum: 10 }) === 20, false);
  assert.equal(plain({ enum: ['b', 'a'] }), 'b');
  const schema = {
    type: 'object',
    example: { email: 'jo@x.example', age: 41 },
    properties: { email: { type: 'string' }, age: { type: 'integer' } },
  };
  const made = plain(schema) as { email: string; age: number };
  assert.match(made.email, /^jo\.\w{6}@x\.example$/);
  assert.equal(made.age, 41);
  assert.notEqual(
    validValue(schemaAt({ type: 'string', example: 'ACME-1' }), randomFrom(1, 'x'), { examples: false }),
    'ACME-1',
  );
});

test('names say what schemas do not', () => {
  const text = (word: string): string => plain({ type: 'string' }, word) as string;
  assert.match(text('contactEmail'), /^sam\.\w+@mail\.example$/);
  assert.match(text('zip_code'), /^\d{5}$/);
  assert.match(text('callbackUrl'), /^https:\/\/www\.example\.com\//);
  assert.equal(text('country'), 'US');
  assert.match(text('birthDate'), /^(19\d\d|2000)-/);
  assert.match(plain({ type: 'string', format: 'date' }, 'birthDate') as string, /^(19\d\d|2000)-/);
  const year = plain({ type: 'integer' }, 'year') as number;
  assert.ok(year > 2000);
  assert.equal(plain({ type: 'integer' }, 'pageSize'), 10);
});

test('the same numbers give the same value, others another', () => {
  const at = schemaAt({
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'string' }, b: { type: 'string', format: 'uuid' } },
  });
  const one = validValue(at, randomFrom(5, 'k'));
  assert.deepEqual(validValue(at, randomFrom(5, 'k')), one);
  assert.notDeepEqual(validValue(at, randomFrom(6, 'k')), one);
});

test('what cannot be is undefined, and what comes closest is given on demand', () => {
  const at = schemaAt({
    type: 'object',
    required: ['a', 'b'],
    properties: { a: { type: 'integer' }, b: { type: 'integer', minimum: 2, maximum: 1 } },
  });
  assert.equal(validValue(at, randomFrom(1, 'k')), undefined);
  const { value, valid } = bestValue(at, randomFrom(1, 'k'));
  assert.equal(valid, false);
  assert.equal(typeof (value as { a: unknown }).a, 'number');
  assert.equal(validValue(schemaAt(false), randomFrom(1, 'k')), undefined);
});

test('names from outside do no harm', () => {
  const schema = JSON.parse(
    '{"type":"object","required":["__proto__","constructor"],"properties":{"__proto__":{"type":"integer"},"constructor":{"type":"string"}}}',
  );
  const value = plain(schema) as Record<string, unknown>;
  assert.deepEqual(Object.keys(value).sort(), ['__proto__', 'constructor']);
});

test('patterns that go round for nothing are given up', () => {
  const at = schemaAt({ type: 'string', pattern: '^(?:(?:a?){1000}){1000}$' });
  const value = validValue(at, randomFrom(1, 'k'));
  assert.ok(value === undefined || judgeOf(at).accepts(value));
});

test('wide and branching schemas stay within bounds', () => {
  const properties = Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`p${i}`, { $ref: '#/$defs/deep' }]));
  const deep = {
    oneOf: [
      { type: 'object', required: ['x'], properties: { x: { $ref: '#/$defs/deep' }, y: { $ref: '#/$defs/deep' } } },
      { type: 'string' },
    ],
  };
  const at = schemaAt({ type: 'object', properties, $defs: { deep } });
  assert.ok(validValue(at, randomFrom(1, 'k'), { fill: 'all' }));
});
