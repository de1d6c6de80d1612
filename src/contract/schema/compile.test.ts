import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { compileSchema, inspectSchema } from './compile.ts';
import { compileFrom, schemaAt } from './testing.ts';

const messages = (load: () => unknown): string[] => {
  try {
    load();
  } catch (error) {
    assert.ok(error instanceof LoadError, String(error));
    return error.findings.map((finding) => finding.rule);
  }
  return [];
};

describe('violations', () => {
  it('say where and what, and never repeat the value', () => {
    const compiled = compileFrom({
      type: 'object',
      required: ['a'],
      properties: {
        'x/y~z': { type: 'array', items: { type: 'string', maxLength: 3 } },
        n: { multipleOf: 0.01, maximum: 5 },
        e: { enum: ['p', 'q'] },
      },
      additionalProperties: false,
    });
    const found = compiled.validate({
      'x/y~z': ['ok', 'topsecret'],
      n: 7.001,
      e: 'topsecret',
      topsecret_: 'topsecret',
    })!;
    assert.deepEqual(found.map(({ pointer, keyword }) => [pointer, keyword]).sort(), [
      ['/a', 'required'],
      ['/e', 'enum'],
      ['/n', 'maximum'],
      ['/n', 'multipleOf'],
      ['/topsecret_', 'additionalProperties'],
      ['/x~1y~0z/1', 'maxLength'],
    ]);
    assert.ok(found.every(({ detail }) => !detail.includes('topsecret')));
  });

  it('are capped, however many there are', () => {
    const compiled = compileFrom({ items: { type: 'string' } });
    const many = Array.from({ length: 100_000 }, () => 1);
    assert.equal(compiled.validate(many)!.length, 20);
    assert.equal(compileFrom({ items: { type: 'string' } }, { maxViolations: 3 }).validate(many)!.length, 3);
  });

  it('shorten names that came from outside', () => {
    const compiled = compileFrom({ additionalProperties: false });
    const [only] = compiled.validate({ ['x'.repeat(1_000_000)]: 1 })!;
    assert.ok(only!.pointer.length < 200);
  });

  it('name the branch that can be meant', () => {
    const compiled = compileFrom({ anyOf: [{ type: 'null' }, { type: 'object', required: ['a'] }] });
    assert.deepEqual(compiled.validate({}), [{ pointer: '/a', keyword: 'required', detail: 'is required' }]);
    assert.equal(compiled.validate(4)![0]!.keyword, 'anyOf');
  });
});

describe('undeclared: refuse', () => {
  const refuse = { direction: 'request', undeclared: 'refuse' } as const;

  it('refuses what no applicable schema names', () => {
    const compiled = compileFrom(
      { allOf: [{ properties: { a: {} } }], properties: { b: { properties: { c: {} } } } },
      refuse,
    );
    assert.equal(compiled.validate({ a: 1, b: { c: 1 } }), undefined);
    assert.deepEqual(
      compiled.validate({ a: 1, b: { c: 1, d: 1 }, e: 1 })!.map(({ pointer }) => pointer),
      ['/b/d', '/e'],
    );
  });

  it('leaves free what is free, and open what says so', () => {
    assert.equal(compileFrom({ type: 'object' }, refuse).validate({ a: 1 }), undefined);
    assert.equal(
      compileFrom({ properties: { a: {} }, additionalProperties: true }, refuse).validate({ b: 1 }),
      undefined,
    );
    const typed = compileFrom({ properties: { a: {} }, additionalProperties: { type: 'integer' } }, refuse);
    assert.equal(typed.validate({ b: 1 }), undefined);
    assert.ok(typed.validate({ b: 'x' }));
  });

  it('tells of the undeclared beside what is invalid', () => {
    const compiled = compileFrom({ properties: { a: { type: 'string' } } }, refuse);
    assert.deepEqual(
      compiled.validate({ a: 1, b: 2 })!.map(({ keyword }) => keyword),
      ['type', 'undeclared'],
    );
  });
});

describe('values that attack', () => {
  it('are not read through their prototype', () => {
    const compiled = compileFrom({
      type: 'object',
      required: ['constructor', 'toString', '__proto__', 'hasOwnProperty'],
    });
    assert.equal(compiled.validate({})!.length, 4);
    const own = JSON.parse('{"constructor":1,"toString":1,"__proto__":1,"hasOwnProperty":1}');
    assert.equal(compiled.validate(own), undefined);
    assert.equal(compiled.validate(Object.assign(Object.create(null), { a: 1 }))!.length, 4);
  });

  it('may not be deeper than 512, and never overflow the stack', () => {
    const tree = compileFrom({
      $id: 'http://x.test/tree',
      properties: { n: { $ref: '#' }, v: { enum: [[1]] } },
      items: { $ref: '#' },
    });
    const nest = (depth: number): unknown => {
      let value: unknown = {};
      for (let i = 0; i < depth; i++) value = i % 2 ? { n: value } : [value];
      return value;
    };
    assert.equal(tree.validate(nest(500)), undefined);
    for (const depth of [600, 200_000]) {
      assert.equal(tree.validate(nest(depth))![0]!.keyword, 'size');
      assert.equal(tree.cut(nest(depth)).value, undefined);
    }
    const unique = compileFrom({ uniqueItems: true });
    assert.equal(unique.validate([nest(200_000), nest(200_000)])![0]!.keyword, 'size');
    const negated = compileFrom({
      $id: 'http://x.test/n',
      not: { not: { $ref: '#/$defs/t' } },
      $defs: { t: { properties: { n: { $ref: '#/$defs/t' } }, items: { $ref: '#/$defs/t' } } },
    });
    assert.ok(negated.validate(nest(5_000)));
  });

  it('cost no more than their size by schemas that branch at every level', () => {
    const branch = (name: string): unknown => ({
      properties: { c: { $ref: '#/$defs/n' }, k: { const: name } },
      required: ['k'],
    });
    const shapes: unknown[] = [
      { oneOf: [branch('a'), branch('b'), branch('c')] },
      { anyOf: [branch('x'), branch('y'), branch('b')] },
      { allOf: [{ properties: { c: { $ref: '#/$defs/n' } } }, { properties: { c: { $ref: '#/$defs/n' } } }] },
      { properties: { k: {}, c: { $ref: '#/$defs/n' } }, patternProperties: { '^c': { $ref: '#/$defs/n' } } },
      {
        if: branch('a'),
        then: { properties: { c: { $ref: '#/$defs/n' } } },
        else: { properties: { c: { $ref: '#/$defs/n' } } },
      },
      { anyOf: [branch('a'), branch('b')], unevaluatedProperties: false },
      { not: { not: { properties: { c: { $ref: '#/$defs/n' } } } }, properties: { k: {}, c: { $ref: '#/$defs/n' } } },
      { oneOf: [branch('a'), { ...(branch('b') as object), unevaluatedProperties: false }] },
    ];
    for (const shape of shapes) {
      let value: Record<string, unknown> = { k: 'b' };
      for (let i = 0; i < 120; i++) value = { k: 'b', c: value };
      const raw = { $ref: '#/$defs/n', $defs: { n: { properties: { k: {} }, ...(shape as object) } } };
      // By doubling at each level these would not end.
      assert.equal(compileFrom(raw).validate(value), undefined, JSON.stringify(shape));
      assert.equal(compileFrom(raw, { undeclared: 'refuse' }).validate(value), undefined, JSON.stringify(shape));
      const cut = compileFrom(raw, { direction: 'response', undeclared: 'strip' }).cut(value);
      assert.equal(cut.removed.length, 0);
      let wrong: unknown = { k: 5, extra: 1 };
      for (let i = 0; i < 120; i++) wrong = { k: 'b', c: wrong };
      compileFrom(raw, { undeclared: 'refuse' }).validate(wrong);
      compileFrom(raw, { direction: 'response', undeclared: 'strip' }).cut(wrong);
    }
  });

  it('cost no more than their size by uniqueItems, at every level', () => {
    const compiled = compileFrom({ $id: 'http://x.test/u', uniqueItems: true, items: { $ref: '#' } });
    const wide = Array.from({ length: 30_000 }, (_, i) => [i, [i]]);
    assert.equal(compiled.validate(wide), undefined);
    assert.ok(compiled.validate([...wide, [7, [7]]]));
    let deep: unknown = [];
    for (let i = 0; i < 400; i++) deep = [i, deep];
    assert.equal(compiled.validate(deep), undefined);
    assert.ok(
      compileFrom({ uniqueItems: true }).validate([
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ]),
    );
    assert.equal(
      compileFrom({ uniqueItems: true }).validate([1, true, '1', [1], 0, false, null, 'null', {}]),
      undefined,
    );
  });

  it('are bytes only where the contract says so', () => {
    const file = compileFrom({ type: 'string', format: 'binary', maxLength: 5 });
    assert.equal(file.validate(new Uint8Array(100)), undefined);
    assert.ok(compileFrom({ type: 'string' }).validate(new Uint8Array(1)));
  });
});

describe('contracts that attack', () => {
  it('do not get text into code', () => {
    const evil = '"];globalThis.__injected=1;//';
    const more = `\`\${globalThis.__injected=1}\`\u2028');globalThis.__injected=1;('`;
    for (const text of [evil, more, '*/globalThis.__injected=1/*', '\\";globalThis.__injected=1//']) {
      const schema = {
        type: 'object',
        required: [text, `${text}2`],
        properties: { [text]: { const: text }, e: { enum: [text, 1, 2, 3, 4, text.length] } },
        patternProperties: { [text.replace(/[^\w"]/g, '')]: {} },
        dependentRequired: { [text]: [text] },
        dependentSchemas: { [text]: { minProperties: 1 } },
        oneOf: [{ $ref: `#/$defs/${encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))}` }],
        discriminator: { propertyName: text },
        $defs: { [text]: { properties: { [text]: {} } } },
        format: text,
        unevaluatedProperties: false,
      };
      for (const undeclared of ['refuse', 'strip', 'allow'] as const) {
        const compiled = compileFrom(schema, { undeclared });
        assert.ok(compiled.validate({ [text]: 1 }));
        compiled.cut({ [text]: text, [`${text}2`]: 1, x: 1 });
      }
    }
    assert.equal((globalThis as Record<string, unknown>)['__injected'], undefined);
  });

  it('with circles are compiled; those that say nothing are refused', () => {
    const rule = 'schema/endless-reference';
    assert.deepEqual([...new Set(messages(() => compileFrom({ $ref: '#' })))], [rule]);
    assert.ok(
      messages(() =>
        compileFrom({ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }),
      ).includes(rule),
    );
    assert.deepEqual(
      messages(() => compileFrom({ $id: 'http://x.test/s', anyOf: [{ $ref: '#' }, { type: 'string' }] })),
      [rule],
    );
    assert.deepEqual(
      messages(() => compileFrom({ $id: 'http://x.test/s', not: { $ref: '#' } })),
      [rule],
    );
  });

  it('in which a base lists its subtypes demand each part once', () => {
    const raw = {
      $ref: '#/$defs/pet',
      $defs: {
        pet: {
          type: 'object',
          required: ['kind'],
          properties: { kind: { type: 'string' } },
          oneOf: [{ $ref: '#/$defs/cat' }, { $ref: '#/$defs/dog' }],
        },
        cat: { allOf: [{ $ref: '#/$defs/pet' }], properties: { kind: { const: 'cat' }, lives: { type: 'integer' } } },
        dog: { allOf: [{ $ref: '#/$defs/pet' }], properties: { kind: { const: 'dog' }, tricks: { type: 'integer' } } },
      },
    };
    const pet = compileFrom(raw, { undeclared: 'refuse' });
    assert.equal(pet.validate({ kind: 'cat', lives: 9 }), undefined);
    assert.ok(pet.validate({ kind: 'cat', lives: 'nine' }));
    assert.ok(pet.validate({ kind: 'cat', tricks: 1 }));
    assert.ok(pet.validate({ kind: 'bird' }));
    const cat = compileFrom(raw, { undeclared: 'refuse' }, '2020-12', '/$defs/cat');
    assert.equal(cat.validate({ kind: 'cat', lives: 9 }), undefined);
    assert.ok(cat.validate({ kind: 'dog', tricks: 1 }));
  });

  it('of very many or very deep schemas load', () => {
    let deep: unknown = { type: 'string' };
    for (let i = 0; i < 400; i++) deep = { properties: { a: deep } };
    assert.equal(compileFrom(deep).validate({ a: {} }), undefined);
    const $defs: Record<string, unknown> = { d0: { type: 'string' } };
    for (let i = 1; i < 5_000; i++) $defs[`d${i}`] = { allOf: [{ $ref: `#/$defs/d${i - 1}` }], description: 'x' };
    const chain = compileFrom({ $ref: '#/$defs/d4999', $defs });
    // As deep in references as this is too much for a stack: refused, not thrown.
    assert.ok(chain.validate(5));
  });
});

describe('defects of a schema', () => {
  it('are errors where something would not be enforced', () => {
    const cases: [unknown, string, ('draft-07' | 'draft-04' | 'openapi-3.0')?][] = [
      [{ $ref: '#/nowhere' }, 'schema/unresolved-reference'],
      [{ $ref: 'http://elsewhere.test/x.json' }, 'schema/unresolved-reference'],
      [{ properties: { a: 5 } }, 'schema/no-schema'],
      [{ type: 'any' }, 'schema/malformed-keyword'],
      [{ minLength: -1 }, 'schema/malformed-keyword'],
      [{ maximum: '5' }, 'schema/malformed-keyword'],
      [{ required: true }, 'schema/malformed-keyword'],
      [{ items: [{}] }, 'schema/malformed-keyword'],
      [{ exclusiveMinimum: true, minimum: 1 }, 'schema/malformed-keyword'],
      [{ pattern: '(' }, 'schema/malformed-pattern'],
      [{ patternProperties: { '[': {} } }, 'schema/malformed-pattern'],
      [{ $schema: 'http://elsewhere.test/dialect' }, 'schema/unknown-dialect'],
      [{ $recursiveRef: '#' }, 'schema/unsupported-keyword'],
      [{ prefixItems: [{}] }, 'schema/unsupported-keyword', 'draft-07'],
      [{ const: 1 }, 'schema/unsupported-keyword', 'draft-04'],
    ];
    for (const [schema, rule, dialect] of cases)
      assert.deepEqual(
        messages(() => compileFrom(schema, {}, dialect)),
        [rule],
        JSON.stringify(schema),
      );
  });

  it('come with their place', () => {
    const at = schemaAt({ properties: { 'a b': { minimum: 'x' } } });
    assert.throws(
      () => compileSchema(at, { direction: 'none', undeclared: 'allow' }),
      (error: LoadError) => error.findings[0]!.place!.pointer === '/properties/a b/minimum',
    );
  });

  it('are warnings where what is written is read otherwise', () => {
    const rules = (schema: unknown, dialect?: 'openapi-3.0' | 'draft-07'): string[] =>
      inspectSchema(schemaAt(schema, dialect)).map((finding) => `${finding.severity} ${finding.rule}`);
    assert.deepEqual(rules({ format: 'colour' }), ['warning schema/unknown-format']);
    assert.deepEqual(rules({ maxLenght: 5 }), ['warning schema/unknown-keyword']);
    assert.match(inspectSchema(schemaAt({ maxLenght: 5 }))[0]!.mend, /maxLength/);
    assert.deepEqual(rules({ nullable: true }), ['warning schema/ignored-keyword']);
    assert.deepEqual(rules({ $ref: '#/definitions/a', minLength: 1, definitions: { a: {} } }, 'draft-07'), [
      'warning schema/beside-reference',
    ]);
    assert.deepEqual(rules({ type: 'string', const: 'x' }, 'openapi-3.0'), ['warning schema/later-keyword']);
    assert.deepEqual(rules({ type: 'string', enum: ['a'], nullable: true }, 'openapi-3.0'), [
      'warning schema/nullable-enum',
    ]);
    assert.deepEqual(rules({ pattern: '^(a+)\\1$' }), ['warning schema/costly-pattern']);
    assert.deepEqual(rules({ pattern: '^(a+)\\1$', maxLength: 100 }), []);
    assert.deepEqual(rules({ title: 't', example: 1, 'x-any': 1, $comment: 'c', deprecated: true }), []);
  });

  it('are reported once where several schemas share them', () => {
    const root = { a: { $ref: '#/$defs/f' }, b: { $ref: '#/$defs/f' }, $defs: { f: { format: 'colour' } } };
    const a = schemaAt(root, '2020-12', '/a');
    const b = { ...schemaAt(root, '2020-12', '/b'), documents: a.documents };
    const seen = new Set<object>();
    assert.equal(inspectSchema(a, seen).length, 1);
    assert.equal(inspectSchema(b, seen).length, 0);
  });
});

describe('programs', () => {
  it('share what they compiled: a second schema of the documents sees the same', () => {
    const root = {
      $defs: {
        a: { properties: { n: { $ref: '#/$defs/b' } } },
        b: { type: 'object', properties: { m: { $ref: '#/$defs/a' } } },
      },
    };
    const a = schemaAt(root, '2020-12', '/$defs/a');
    const b = { ...schemaAt(root, '2020-12', '/$defs/b'), documents: a.documents };
    const options = { direction: 'request', undeclared: 'refuse' } as const;
    const first = compileSchema(a, options);
    const second = compileSchema(b, options);
    for (let i = 0; i < 2; i++) {
      assert.equal(first.validate({ n: { m: { n: {} } } }), undefined);
      assert.equal(second.validate({ m: { n: { m: {} } } }), undefined);
      assert.equal(first.validate({ n: { m: { n: { x: 1 } } } })![0]!.pointer, '/n/m/n/x');
      assert.equal(second.validate({ m: { n: 5 } })![0]!.pointer, '/m/n');
    }
  });

  it('keep formats of one option apart from those of another', () => {
    const at = schemaAt({ format: 'date' });
    assert.ok(compileSchema(at, { direction: 'none', undeclared: 'allow' }).validate('x'));
    assert.equal(
      compileSchema(at, { direction: 'none', undeclared: 'allow', formats: 'annotate' }).validate('x'),
      undefined,
    );
  });
});
