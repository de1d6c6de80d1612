import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { schemaAt } from '../shared/fixture.ts';
import { isTight } from './pinned.ts';
import { SEARCH_ALL, searchTree } from './search-tree.ts';

const tree = (schema: unknown) => searchTree(schemaAt(schema));

describe('search tree', () => {
  it('pins what cannot carry an attack', () => {
    for (const schema of [
      { type: 'integer' },
      { type: ['boolean', 'null'] },
      { enum: ['a'] },
      { const: 'a' },
      { type: 'string', format: 'uuid' },
      { type: 'string', format: 'date-time' },
      { type: 'string', maxLength: 2 },
      { type: 'string', pattern: '^[A-Z]{2}-\\d+$' },
      { $ref: '#/$defs/a', $defs: { a: { enum: [1] } } },
      { allOf: [{ type: 'string' }, { enum: ['a'] }] },
      { oneOf: [{ enum: ['a'] }, { type: 'integer' }] },
    ])
      assert.equal(tree(schema).pinned, true, JSON.stringify(schema));
  });

  it('searches all else', () => {
    for (const schema of [
      true,
      {},
      { type: 'string' },
      { type: 'string', format: 'email' },
      { type: 'string', format: 'uri' },
      { type: 'string', maxLength: 3 },
      { type: 'string', pattern: '[A-Z]' },
      { type: 'string', pattern: '^[^<]*$' },
      { anyOf: [{ enum: ['a'] }, { type: 'string' }] },
      { oneOf: [{ enum: ['a'] }, true] },
      { not: { enum: ['a'] } },
      { $ref: '#/nowhere' },
      { $ref: '#' },
    ])
      assert.equal(tree(schema).pinned, false, JSON.stringify(schema));
  });

  it('knows tight patterns from those that only look so', () => {
    for (const good of ['^\\d+$', '^[a-z0-9_-]{1,20}$', '^(a|b)$', '^(?:[A-F0-9]{2}:){5}[A-F0-9]{2}$'])
      assert.ok(isTight(good), good);
    for (const bad of [
      '\\d+',
      '^\\d+',
      '\\d+$',
      '^.*$',
      '^\\w+\\s\\w+$',
      '^a$|b',
      '^\\S+$',
      "^[a-z']+$",
      '^(',
      '^[a-z/]+$',
      '^\\p{L}+$',
    ])
      assert.ok(!isTight(bad), bad);
  });

  it('goes into properties, items and circles', () => {
    const root = tree({
      type: 'object',
      properties: {
        a: { enum: ['x'] },
        b: { type: 'string' },
        self: { $ref: '#' },
        list: { type: 'array', prefixItems: [{ enum: ['x'] }], items: { type: 'string' } },
      },
      additionalProperties: { type: 'integer' },
    });
    assert.equal(root.property('a').pinned, true);
    assert.equal(root.property('b').pinned, false);
    assert.equal(root.property('zzz').pinned, true);
    assert.equal(root.declares('a'), true);
    assert.equal(root.declares('zzz'), false);
    assert.equal(root.declares('toString'), false);
    assert.equal(root.property('toString').pinned, true);
    assert.equal(root.property('list').item(0).pinned, true);
    assert.equal(root.property('list').item(1).pinned, false);
    assert.equal(root.property('list').item(99).pinned, false);
    let node = root;
    for (let i = 0; i < 200; i++) node = node.property('self');
    assert.equal(node.property('a').pinned, true);
    assert.equal(node.property('b').pinned, false);
  });

  it('does not grow with what a caller sends', () => {
    const root = tree({
      allOf: [{ $ref: '#/$defs/n' }],
      $defs: {
        n: { properties: { l: { anyOf: [{ $ref: '#/$defs/n' }, { $ref: '#/$defs/m' }] } } },
        m: { properties: { l: { $ref: '#/$defs/n' } } },
      },
    });
    let node = root;
    for (let i = 0; i < 100_000; i++) node = node.property('l');
    assert.equal(node.pinned, false);
  });

  it('does not count keywords beside a $ref where the dialect does not', () => {
    const at = {
      ...schemaAt({ $ref: '#/$defs/s', enum: ['a'], $defs: { s: { type: 'string' } } }),
      dialect: 'openapi-3.0' as const,
    };
    assert.equal(searchTree(at).pinned, false);
    assert.equal(searchTree(undefined), SEARCH_ALL);
  });
});
