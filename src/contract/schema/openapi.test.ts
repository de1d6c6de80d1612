import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileSchema, inspectSchema } from './compile.ts';
import type { CompiledSchema } from './compiled.ts';
import { compileFrom, schemaAt } from './testing.ts';

const valid = (compiled: CompiledSchema, value: unknown): boolean => compiled.validate(value) === undefined;

describe('OpenAPI 3.0', () => {
  const compile = (schema: unknown): CompiledSchema => compileFrom(schema, {}, 'openapi-3.0');

  it('takes null beside the type where nullable says so, and only there', () => {
    assert.ok(valid(compile({ type: 'string', nullable: true }), null));
    assert.ok(!valid(compile({ type: 'string' }), null));
    assert.ok(!valid(compile({ type: 'string', nullable: false }), null));
    assert.ok(!valid(compile({ type: 'string', nullable: true, enum: ['a'] }), null));
    assert.ok(valid(compile({ type: 'string', nullable: true, enum: ['a', null] }), null));
  });

  it('reads exclusiveMinimum as a word on minimum', () => {
    const compiled = compile({ minimum: 5, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false });
    assert.deepEqual(
      [5, 5.1, 9, 9.1].map((value) => valid(compiled, value)),
      [false, true, true, false],
    );
  });

  it('reads nothing beside $ref, but for the rules of the gate', () => {
    const root = {
      components: {
        schemas: {
          A: { type: 'string' },
          B: { properties: { a: { $ref: '#/components/schemas/A', maxLength: 1, 'x-r': 7 } } },
        },
      },
      openapi: '3.0.3',
    };
    const at = schemaAt(root, 'openapi-3.0', '/components/schemas/B');
    assert.ok(valid(compileSchema(at, { direction: 'none', undeclared: 'allow' }), { a: 'long' }));
    assert.equal(inspectSchema(at)[0]!.rule, 'schema/beside-reference');
    const ruled = compileSchema<number>(at, {
      direction: 'response',
      undeclared: 'strip',
      annotate: (one) => one['x-r'] as number | undefined,
    });
    assert.deepEqual(ruled.cut({ a: 'x' }, (rule) => rule).value, { a: 7 });
  });

  it('knows its formats', () => {
    const cases: [object, unknown, boolean][] = [
      [{ type: 'integer', format: 'int32' }, 2 ** 31 - 1, true],
      [{ type: 'integer', format: 'int32' }, 2 ** 31, false],
      [{ type: 'integer', format: 'int32' }, -(2 ** 31), true],
      [{ type: 'integer', format: 'int64' }, 2 ** 63, false],
      [{ type: 'string', format: 'int64' }, '9223372036854775807', true],
      [{ type: 'string', format: 'int64' }, '9223372036854775808', false],
      [{ type: 'string', format: 'int64' }, '1e5', false],
      [{ type: 'number', format: 'float' }, 3.5e38, false],
      [{ type: 'number', format: 'double' }, 1e300, true],
      [{ type: 'string', format: 'byte' }, 'aGk=', true],
      [{ type: 'string', format: 'byte' }, 'aGk', false],
      [{ type: 'string', format: 'password' }, 'anything', true],
      [{ type: 'number' }, Number.POSITIVE_INFINITY, false],
    ];
    for (const [schema, value, expected] of cases)
      assert.equal(valid(compile(schema), value), expected, JSON.stringify([schema, value]));
  });
});

describe('Swagger 2.0', () => {
  it('has files, x-nullable, and a discriminator that is a name', () => {
    const file = compileFrom({ type: 'file' }, {}, 'swagger-2.0');
    assert.ok(valid(file, 'text') && valid(file, new Uint8Array(3)) && !valid(file, 5));
    assert.ok(valid(compileFrom({ type: 'integer', 'x-nullable': true }, {}, 'swagger-2.0'), null));
  });
});

const pets = (base: object, extra: object = {}): unknown => ({
  openapi: '3.1.0',
  components: {
    schemas: {
      Pet: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } }, ...base },
      Cat: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { lives: { type: 'integer' } } }] },
      Lion: {
        allOf: [
          { $ref: '#/components/schemas/Cat' },
          { properties: { mane: { type: 'boolean' } }, required: ['mane'] },
        ],
      },
      Dog: { allOf: [{ $ref: '#/components/schemas/Pet' }, { properties: { bark: { type: 'string' } } }] },
      ...extra,
    },
  },
});

describe('discriminator', () => {
  for (const dialect of ['2020-12', 'openapi-3.0', 'swagger-2.0'] as const) {
    it(`finds the subtypes that refer to a base by allOf (${dialect})`, () => {
      const root = pets({ discriminator: dialect === 'swagger-2.0' ? 'kind' : { propertyName: 'kind' } });
      const pet = compileFrom(root, { direction: 'request', undeclared: 'refuse' }, dialect, '/components/schemas/Pet');
      assert.ok(valid(pet, { kind: 'Cat', lives: 9 }));
      assert.ok(valid(pet, { kind: 'Lion', lives: 9, mane: true }));
      assert.ok(!valid(pet, { kind: 'Lion', lives: 9 }), 'what the subtype requires');
      assert.ok(!valid(pet, { kind: 'Cat', lives: 'x' }), 'what the subtype says');
      assert.ok(!valid(pet, { kind: 'Dog', lives: 9 }), 'what another subtype names');
      assert.ok(!valid(pet, { lives: 9 }), 'what the base requires');
      const cut = compileFrom(root, { direction: 'response', undeclared: 'strip' }, dialect, '/components/schemas/Pet');
      assert.deepEqual(cut.cut({ kind: 'Dog', lives: 9, bark: 'w', hash: 1 }).value, { kind: 'Dog', bark: 'w' });
    });
  }

  const union = (discriminator: object, keyword = 'oneOf'): unknown => ({
    openapi: '3.1.0',
    components: {
      schemas: {
        Any: { [keyword]: [{ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }], discriminator },
        A: { type: 'object', required: ['t'], properties: { t: { type: 'string' }, a: { type: 'integer' } } },
        B: { type: 'object', required: ['t', 'b'], properties: { t: { type: 'string' }, b: { type: 'integer' } } },
      },
    },
  });
  const any = (discriminator: object, keyword?: string): CompiledSchema =>
    compileFrom(union(discriminator, keyword), {}, '2020-12', '/components/schemas/Any');

  it('never makes invalid values valid', () => {
    const plain = compileFrom({ ...(union({}) as object) }, {}, '2020-12', '/components/schemas/Any/oneOf/0');
    assert.ok(plain);
    const oneOf = any({ propertyName: 't' });
    // Both branches take it: one of must fail, whatever the discriminator says.
    assert.ok(!valid(oneOf, { t: 'A', a: 1, b: 1 }));
    assert.ok(valid(oneOf, { t: 'A', a: 1 }));
    assert.ok(!valid(oneOf, { t: 'B', a: 1 }), 'A holds, but B is named');
    assert.ok(!valid(oneOf, { t: 'C', a: 1 }), 'names no alternative');
    assert.ok(!valid(oneOf, { a: 1 }));
    const anyOf = any({ propertyName: 't' }, 'anyOf');
    assert.ok(valid(anyOf, { t: 'B', b: 1 }) && !valid(anyOf, { t: 'B', b: 'x' }));
  });

  it('follows a mapping, by name and by reference', () => {
    const mapped = any({ propertyName: 't', mapping: { first: '#/components/schemas/A', second: 'B' } }, 'anyOf');
    assert.ok(valid(mapped, { t: 'first' }) && valid(mapped, { t: 'second', b: 1 }) && valid(mapped, { t: 'B', b: 1 }));
    assert.ok(!valid(mapped, { t: 'second' }));
    const fallback = any({ propertyName: 't', defaultMapping: 'B' }, 'anyOf');
    assert.ok(valid(fallback, { t: 'other', b: 1 }) && !valid(fallback, { t: 'other' }));
  });

  it('tells what is wrong by the schema that is named', () => {
    const found = any({ propertyName: 't' }).validate({ t: 'B', b: 'x' })!;
    assert.deepEqual(
      found.map(({ pointer }) => pointer),
      ['/b'],
    );
  });

  it('leaves the names of other properties alone', () => {
    const own = any({ propertyName: '__proto__' });
    assert.ok(valid(own, { t: 'A' }));
    assert.ok(valid(any({ propertyName: 'toString' }), { t: 'A' }));
  });
});

describe('$schema inside of a contract', () => {
  it('switches the dialect of its resource', () => {
    const root = {
      openapi: '3.1.0',
      components: {
        schemas: {
          Old: {
            $id: 'http://x.test/old',
            $schema: 'http://json-schema.org/draft-07/schema#',
            items: [{ type: 'string' }],
            additionalItems: false,
          },
          New: { properties: { old: { $ref: '#/components/schemas/Old' } } },
        },
      },
    };
    const compiled = compileFrom(root, {}, '2020-12', '/components/schemas/New');
    assert.ok(valid(compiled, { old: ['a'] }) && !valid(compiled, { old: ['a', 1] }) && !valid(compiled, { old: [1] }));
  });
});

describe('multipleOf', () => {
  it('is exact for decimals and large numbers', () => {
    const cases: [number, number, boolean][] = [
      [0.3, 0.1, true],
      [19.99, 0.01, true],
      [19.999, 0.01, false],
      [4.35, 0.05, true],
      [1e308, 0.123456789, false],
      [1e300, 0.5, true],
      [2 ** 53 + 2, 2, true],
      [1e21, 3, false],
      [0, 0.1, true],
      [-0.7, 0.1, true],
      [1.1, 1, false],
      [1e-7, 1e-8, true],
      [1.5e-8, 1e-8, false],
    ];
    for (const [value, multipleOf, expected] of cases)
      assert.equal(valid(compileFrom({ multipleOf }), value), expected, `${value} of ${multipleOf}`);
  });
});
