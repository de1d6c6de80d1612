import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { documentsFrom } from '../contract/documents.ts';
import { schemaAt } from './fixture.ts';
import { ARRAY, BOOLEAN, INTEGER, NULL, NUMBER, OBJECT, STRING, shapeOf } from './shape.ts';

const types = (schema: unknown, dialect?: Parameters<typeof schemaAt>[1]): number => {
  const shape = shapeOf(schemaAt(schema, dialect));
  return shape.stated ? shape.types : 0;
};

describe('the shape of a schema', () => {
  it('takes types from wherever they are said', () => {
    assert.equal(types({ type: 'integer' }), INTEGER);
    assert.equal(types({ type: ['string', 'null'] }), STRING | NULL);
    assert.equal(types({ type: 'string', nullable: true }, 'openapi-3.0'), STRING | NULL);
    assert.equal(types({ type: 'string', nullable: true }), STRING);
    assert.equal(types({ enum: [1, 'a', true] }), INTEGER | STRING | BOOLEAN);
    assert.equal(types({ const: null }), NULL);
    assert.equal(types({ allOf: [{ type: ['number', 'string'] }, { type: 'integer' }] }), INTEGER);
    assert.equal(types({ oneOf: [{ type: 'integer' }, { type: 'array', items: {} }] }), INTEGER | ARRAY);
    assert.equal(types({ anyOf: [{ type: 'integer' }, {}] }), 0);
    assert.equal(types({ properties: { a: {} } }), OBJECT);
    assert.equal(types({ type: 'number' }), NUMBER | INTEGER);
    for (const schema of [{}, true, false, null, 7, [], { type: 'nonsense' }]) assert.equal(types(schema), 0);
  });

  it('follows references, and ends where they do not', () => {
    const schema = {
      $ref: '#/$defs/a',
      $defs: {
        a: { allOf: [{ $ref: '#/$defs/b' }, { $ref: '#/$defs/a' }] },
        b: { type: 'object', properties: { x: { $ref: '#/$defs/c' } } },
        c: { type: 'integer' },
      },
    };
    const documents = documentsFrom(schema, 'test:refs', '2020-12');
    const shape = shapeOf({ schema, uri: 'test:refs#', dialect: '2020-12', documents });
    assert.equal(shape.types, OBJECT);
    assert.equal(shapeOf(shape.properties.get('x')).types, INTEGER);
    // Nine to the power of twenty-four references, were they not counted: this would not come back.
    const bomb = { $ref: '#/$defs/a', $defs: { a: { anyOf: Array(9).fill({ $ref: '#/$defs/a' }) } } };
    shapeOf({
      schema: bomb,
      uri: 'test:bomb#',
      dialect: '2020-12',
      documents: documentsFrom(bomb, 'test:bomb', '2020-12'),
    });
  });

  it('knows bytes from text', () => {
    assert.ok(shapeOf(schemaAt({ type: 'string', format: 'binary' })).binary);
    assert.ok(shapeOf(schemaAt({ contentMediaType: 'image/png' })).binary);
    assert.ok(shapeOf(schemaAt({ type: 'file' }, 'swagger-2.0')).binary);
    assert.ok(!shapeOf(schemaAt({ type: 'string', contentEncoding: 'base64', contentMediaType: 'image/png' })).binary);
  });
});
