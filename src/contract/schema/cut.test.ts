import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { REMOVED } from './compiled.ts';
import { compileFrom } from './testing.ts';

const strip = { direction: 'response', undeclared: 'strip' } as const;

describe('cut', () => {
  const person = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      tags: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } },
      free: { type: 'object' },
    },
  };

  it('hands back the value itself where nothing is to be removed', () => {
    const value = { name: 'a', tags: [{ id: 1 }], free: { anything: [1] } };
    const cut = compileFrom(person, strip).cut(value);
    assert.equal(cut.value, value);
    assert.deepEqual(cut.removed, []);
    assert.equal(cut.violations, undefined);
  });

  it('removes what no schema names, at every depth, and says where', () => {
    const cut = compileFrom(person, strip).cut({ name: 'a', hash: 'x', tags: [{ id: 1, s: 1 }, { s: 2 }] });
    assert.deepEqual(cut.value, { name: 'a', tags: [{ id: 1 }, {}] });
    assert.deepEqual([...cut.removed].sort(), ['/hash', '/tags/*/s']);
    assert.equal(cut.violations, undefined);
  });

  it('leaves __proto__ and toString to the contract like any other name', () => {
    const value = JSON.parse('{"name":"a","__proto__":{"admin":true},"toString":1,"constructor":2}');
    assert.deepEqual(compileFrom(person, strip).cut(value).value, { name: 'a' });
    const named = compileFrom({ properties: JSON.parse('{"__proto__":{"type":"object"},"z":{}}') }, strip);
    const kept = named.cut(JSON.parse('{"__proto__":{"admin":true},"evil":1}')).value as object;
    assert.equal(JSON.stringify(kept), '{"__proto__":{"admin":true}}');
    assert.equal((kept as Record<string, unknown>)['admin'], undefined);
  });

  it('counts what allOf, $ref and the branch that holds name', () => {
    const schema = {
      allOf: [{ $ref: '#/$defs/base' }, { properties: { b: {} } }],
      oneOf: [
        { properties: { kind: { const: 'x' }, x: {} }, required: ['kind'] },
        { properties: { kind: { const: 'y' }, y: {} }, required: ['kind'] },
      ],
      $defs: { base: { properties: { a: {} } } },
    };
    const cut = compileFrom(schema, strip).cut({ a: 1, b: 2, kind: 'y', x: 3, y: 4, z: 5 });
    assert.deepEqual(cut.value, { a: 1, b: 2, kind: 'y', y: 4 });
    assert.deepEqual([...cut.removed].sort(), ['/x', '/z']);
  });

  it('joins what several schemas name inside of one property', () => {
    const schema = {
      allOf: [
        { properties: { meta: { type: 'object', properties: { a: {} } } } },
        { properties: { meta: { properties: { b: {} } } } },
      ],
    };
    assert.deepEqual(compileFrom(schema, strip).cut({ meta: { a: 1, b: 2, c: 3 } }).value, { meta: { a: 1, b: 2 } });
  });

  it('lets nothing more out when the value is invalid', () => {
    const compiled = compileFrom(person, strip);
    const cut = compiled.cut({ name: 5, tags: { secret: 1 }, hash: 'x' });
    assert.deepEqual(cut.value, { name: 5 });
    assert.ok(cut.violations);
    assert.deepEqual(compiled.cut([{ secret: 1 }]).value, undefined);
    assert.deepEqual(compiled.cut([{ secret: 1 }]).removed, ['']);
    const closed = compileFrom({ type: 'object', properties: { a: {} }, additionalProperties: false }, strip);
    assert.deepEqual(closed.cut({ a: 1, b: 2 }).value, { a: 1 });
    const wrong = compileFrom({ properties: { a: { type: 'string' } }, unevaluatedProperties: false }, strip);
    assert.deepEqual(wrong.cut({ a: { deep: 'secret' }, b: 1 }).value, {});
  });

  it('counts all branches where none holds', () => {
    const schema = {
      oneOf: [
        { type: 'object', required: ['k'], properties: { k: { const: 1 }, a: { type: 'string' } } },
        { type: 'object', required: ['k'], properties: { k: { const: 2 }, b: { type: 'string' } } },
      ],
    };
    assert.deepEqual(compileFrom(schema, strip).cut({ k: 3, a: 'x', b: 'y', c: 'z' }).value, { k: 3, a: 'x', b: 'y' });
  });

  it('does not let an array through where only properties are named, nor an object where only items are', () => {
    const object = compileFrom({ properties: { a: {} } }, strip);
    assert.equal(object.cut([{ secret: 1 }]).value, undefined);
    const array = compileFrom({ items: { properties: { a: {} } } }, strip);
    assert.equal(array.cut({ secret: 1 }).value, undefined);
    assert.deepEqual(array.cut([{ a: 1, secret: 1 }]).value, [{ a: 1 }]);
  });

  it('removes writeOnly from responses and does not ask for it', () => {
    const schema = {
      type: 'object',
      required: ['id', 'password'],
      properties: { id: {}, password: { $ref: '#/$defs/p' } },
      $defs: { p: { type: 'string', writeOnly: true } },
    };
    const cut = compileFrom(schema, strip).cut({ id: 1, password: 'x' });
    assert.deepEqual(cut, { value: { id: 1 }, violations: undefined, removed: ['/password'] });
    assert.equal(compileFrom(schema, strip).validate({ id: 1 }), undefined);
    assert.ok(compileFrom(schema).validate({ id: 1 }));
    const allow = compileFrom(schema, { direction: 'response', undeclared: 'allow' });
    assert.deepEqual(allow.cut({ id: 1, password: 'x', more: 1 }).value, { id: 1, more: 1 });
  });

  it('excuses a locked property where required and properties stand apart', () => {
    const schema = {
      allOf: [{ properties: { id: { readOnly: true } } }, { required: ['id', 'n'] }],
      properties: { n: {} },
    };
    const request = compileFrom(schema, { direction: 'request', undeclared: 'refuse' });
    assert.equal(request.validate({ n: 1 }), undefined);
    assert.deepEqual(request.validate({ n: 1, id: 2 }), [
      { pointer: '/id', keyword: 'readOnly', detail: 'may not be sent' },
    ]);
    assert.deepEqual(compileFrom(schema, { direction: 'request', undeclared: 'strip' }).cut({ n: 1, id: 2 }).value, {
      n: 1,
    });
  });

  it('hands values to rules after all that is below them was cut', () => {
    const schema = {
      type: 'object',
      properties: {
        ssn: { type: 'string', 'x-rule': 'mask' },
        inner: { type: 'object', 'x-rule': 'see', properties: { a: {} } },
        gone: { $ref: '#/$defs/gone', 'x-rule': 'drop' },
        list: { type: 'array', items: { type: 'integer', 'x-rule': 'odd' } },
      },
      $defs: { gone: { type: 'string' } },
    };
    const seen: unknown[] = [];
    const compiled = compileFrom<string>(schema, { ...strip, annotate: (one) => one['x-rule'] as string | undefined });
    const cut = compiled.cut({ ssn: '123', inner: { a: 1, z: 2 }, gone: 'x', list: [1, 2, 3] }, (rule, value) => {
      if (rule === 'mask') return '***';
      if (rule === 'drop') return REMOVED;
      if (rule === 'odd') return (value as number) % 2 ? REMOVED : value;
      seen.push(value);
      return value;
    });
    assert.deepEqual(cut.value, { ssn: '***', inner: { a: 1 }, list: [2] });
    assert.deepEqual(seen, [{ a: 1 }]);
    assert.deepEqual([...cut.removed].sort(), ['/gone', '/inner/z', '/list/*']);
  });

  it('finds rules in branches that another branch hides', () => {
    const schema = { anyOf: [{ properties: { a: {} } }, { properties: { a: { 'x-rule': 1 } } }] };
    const compiled = compileFrom<number>(schema, { ...strip, annotate: (one) => one['x-rule'] as number | undefined });
    assert.deepEqual(compiled.cut({ a: 'secret' }, () => '*').value, { a: '*' });
  });

  it('keeps the place of items whose schema depends on it', () => {
    const schema = { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false };
    assert.deepEqual(compileFrom(schema, strip).cut([{ secret: 1 }, 2]).value, [null, 2]);
  });

  it('lists at most 100 pointers, each once and bounded', () => {
    const value = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`.padEnd(5_000, 'x'), i]));
    const { removed } = compileFrom({ type: 'object', properties: { a: {} } }, strip).cut(value);
    assert.equal(removed.length, 100);
    assert.ok(removed.every((pointer) => pointer.length < 200));
  });
});

// Random schemas and values, judged by a reading of the rules that shares no code with the compiler.

type Raw = boolean | { [keyword: string]: unknown };
const NAMES = ['a', 'b', 'c', '__proto__', 'toString'];
const name = fc.constantFrom(...NAMES);
const own = (entries: [string, unknown][]): Record<string, unknown> => {
  const made: Record<string, unknown> = {};
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
  return made;
};

const { schema } = fc.letrec<{ schema: Raw }>((tie) => {
  const map = fc.array(fc.tuple(name, tie('schema')), { maxLength: 3 }).map(own);
  const list = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
  return {
    schema: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<Raw>(
        {},
        true,
        { type: 'string' },
        { type: 'integer' },
        { $ref: '#/$defs/d' },
        { type: 'object' },
        { const: 1 },
        { maxProperties: 2 },
        { required: ['a'] },
      ),
      fc
        .record(
          {
            type: fc.constantFrom('object', 'array', ['object', 'null'], ['array', 'object']),
            properties: map,
            patternProperties: fc.constant({ '^[ab]$': { type: 'integer' } }),
            additionalProperties: fc.oneof(fc.constant(false), tie('schema')),
            unevaluatedProperties: fc.oneof(fc.constant(false), tie('schema')),
            items: tie('schema'),
            prefixItems: list,
            allOf: list,
            anyOf: list,
            oneOf: list,
            not: tie('schema'),
            if: tie('schema'),
            then: tie('schema'),
            else: tie('schema'),
            dependentSchemas: map,
            required: fc.array(name, { maxLength: 1 }),
          },
          { requiredKeys: [] },
        )
        .map((all) => Object.fromEntries(Object.entries(all).filter((_, i) => i % 3 !== 2))),
    ) as fc.Arbitrary<Raw>,
  };
});

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, 1, 2, 'x', true),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.array(fc.tuple(fc.oneof(name, fc.constant('z')), tie('value')), { maxLength: 4 }).map(own),
  ),
}));

interface Member {
  readonly raw: { [keyword: string]: unknown };
  readonly branch: boolean;
}

class Judge {
  readonly root: { [keyword: string]: unknown };
  readonly all: boolean;
  readonly #known = new Map<unknown, (value: unknown) => boolean>();

  /** @param all every branch counts: more than the rules ever allow. */
  constructor(root: { [keyword: string]: unknown }, all: boolean) {
    this.root = root;
    this.all = all;
  }

  holds(schema: Raw, value: unknown): boolean {
    if (typeof schema === 'boolean') return schema;
    let known = this.#known.get(schema);
    if (!known) {
      const compiled = compileFrom({ $defs: this.root['$defs'], allOf: [schema] });
      known = (one) => compiled.validate(one) === undefined;
      this.#known.set(schema, known);
    }
    return known(value);
  }

  /** Schemas that apply to a value, the given one first; those of branches marked. */
  members(schema: Raw, value: unknown, branch = false): Member[] {
    if (typeof schema === 'boolean') return [{ raw: {}, branch }];
    const found: Member[] = [{ raw: schema, branch }];
    const add = (one: unknown, doubtful: boolean): void => {
      if (one !== undefined) found.push(...this.members(one as Raw, value, branch || doubtful));
    };
    if (schema['$ref']) add((this.root['$defs'] as Record<string, Raw>)['d'], false);
    for (const one of (schema['allOf'] as Raw[]) ?? []) add(one, false);
    for (const keyword of ['anyOf', 'oneOf'])
      for (const one of (schema[keyword] as Raw[]) ?? []) if (this.all || this.holds(one, value)) add(one, true);
    if (schema['if'] !== undefined) {
      const holds = this.holds(schema['if'] as Raw, value);
      if (this.all || holds) {
        add(schema['if'], true);
        add(schema['then'], true);
      }
      if (this.all || !holds) add(schema['else'], true);
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, one] of Object.entries((schema['dependentSchemas'] as object) ?? {}))
        if (this.all || Object.hasOwn(value, key)) add(one, true);
    return found;
  }

  /** Pointers of what no schema names. */
  undeclared(schemas: Member[], value: unknown, pointer = ''): string[] {
    if (typeof value !== 'object' || value === null) return [];
    const members = schemas.flatMap((one) => this.members(one.raw as Raw, value, one.branch));
    // Where every branch counts, only what stands outside of branches surely makes a place that has names.
    const speaks = members.some((m) => !(this.all && m.branch) && (names(m.raw) || others(m.raw)));
    const kinds = !this.all;
    if (Array.isArray(value)) {
      if (kinds && speaks && !members.some((m) => ofArrays(m.raw))) return [pointer];
      return value.flatMap((item, i) => {
        const below: Member[] = [];
        for (const { raw, branch } of members) {
          const one = ((raw['prefixItems'] as Raw[]) ?? [])[i] ?? raw['items'];
          if (one !== undefined) below.push({ raw: one as Member['raw'], branch });
        }
        return this.undeclared(below, item, `${pointer}/*`);
      });
    }
    if (kinds && members.some((m) => ofArrays(m.raw)) && !members.some((m) => ofObjects(m.raw))) return [pointer];
    return Object.keys(value).flatMap((key) => {
      const below: Member[] = [];
      for (const { raw, branch } of members) {
        const add = (one: unknown): number => below.push({ raw: one as Member['raw'], branch });
        const properties = (raw['properties'] as Record<string, Raw>) ?? {};
        const own = Object.hasOwn(properties, key);
        const matched = raw['patternProperties'] !== undefined && /^[ab]$/.test(key);
        if (own) add(properties[key]);
        if (matched) add({ type: 'integer' });
        const more = raw['additionalProperties'];
        if (!own && !matched && more !== undefined && more !== false) add(more);
      }
      const other = below.length > 0;
      if (!other || this.all)
        for (const { raw, branch } of members) {
          const rest = raw['unevaluatedProperties'];
          if (rest !== undefined && rest !== false) below.push({ raw: rest as Member['raw'], branch: branch || other });
        }
      const here = `${pointer}/${key}`;
      if (below.length === 0) return speaks ? [here] : [];
      return this.undeclared(below, (value as Record<string, unknown>)[key], here);
    });
  }
}

const names = (raw: Member['raw']): boolean =>
  Object.keys((raw['properties'] as object) ?? {}).length > 0 || raw['patternProperties'] !== undefined;
const others = (raw: Member['raw']): boolean =>
  raw['additionalProperties'] !== undefined || raw['unevaluatedProperties'] !== undefined;
const types = (raw: Member['raw']): unknown[] => [raw['type']].flat();
const ofArrays = (raw: Member['raw']): boolean =>
  types(raw).includes('array') || raw['items'] !== undefined || raw['prefixItems'] !== undefined;
const ofObjects = (raw: Member['raw']): boolean =>
  types(raw).includes('object') || names(raw) || others(raw) || ((raw['required'] as string[]) ?? []).length > 0;
const undeclared = (raw: object, value: unknown, all: boolean): string[] =>
  new Judge(raw as Member['raw'], all).undeclared([{ raw: raw as Member['raw'], branch: false }], value);

const root = fc
  .tuple(schema, schema)
  .map(([one, d]) => ({ ...(typeof one === 'boolean' ? { allOf: [one] } : one), $defs: { d } }));
const usable = (raw: object): boolean => {
  try {
    compileFrom(raw);
    return true;
  } catch {
    return false; // a schema that is part of itself
  }
};
const loops = (raw: { $defs: { d: Raw } }): boolean => JSON.stringify(raw.$defs.d).includes('$ref');
const runs = { numRuns: Number(process.env['PORTCULLIS_FUZZ'] ?? 120) };

describe('cut, whatever the schema and the value', () => {
  it('keeps what is declared and nothing else of valid values; is done after one cut', () => {
    fc.assert(
      fc.property(root, fc.array(value, { minLength: 1, maxLength: 6 }), (raw, values) => {
        fc.pre(!loops(raw) && usable(raw));
        const plain = compileFrom(raw);
        const compiled = compileFrom(raw, strip);
        const refusing = compileFrom(raw, { direction: 'none', undeclared: 'refuse' });
        for (const one of values) {
          const text = JSON.stringify(one);
          const valid = plain.validate(one) === undefined;
          assert.equal(compiled.validate(one) === undefined, valid);
          const cut = compiled.cut(JSON.parse(text));
          assert.equal(cut.violations === undefined, valid);
          const exact = undeclared(raw, one, false);
          if (valid) {
            assert.equal(refusing.validate(one) === undefined, exact.length === 0, 'refuse');
            assert.equal(cut.removed.length === 0, exact.length === 0, `removed ${cut.removed} for ${exact}`);
            if (exact.length === 0) assert.equal(JSON.stringify(cut.value), text);
          } else assert.notEqual(refusing.validate(one), undefined);
          assert.deepEqual(undeclared(raw, cut.value, !valid), [], 'undeclared left');
          if (cut.value === undefined) continue;
          const again = compiled.cut(JSON.parse(JSON.stringify(cut.value)));
          assert.equal(JSON.stringify(again.value), JSON.stringify(cut.value), 'idempotent');
          assert.deepEqual(again.removed, []);
        }
      }),
      runs,
    );
  });
});
