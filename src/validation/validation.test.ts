import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Operation } from '../contract/model.ts';
import type { Services } from '../gateway/services.ts';
import { exchangeOf, mediaType, operation, parameter, takes } from './fixture.ts';
import { settings } from './settings.ts';
import { validation } from './validation.ts';

const policy = { settings: settings.parse({}), origins: { maxBody: 'portcullis.yaml:3:5' } };
const services = {} as Services;
const rules = (given: Partial<Operation>): string[] =>
  (validation.inspect?.(policy, operation(given)) ?? [])
    .map((each) => each.rule)
    .filter((rule) => rule !== 'validation/files-unscanned');

describe('the room', () => {
  it('has settings that stand without being written, and every key may be set for one operation', () => {
    assert.equal(policy.settings.undeclaredParameters, 'refuse');
    assert.equal(policy.settings.maxBody, 1024 * 1024);
    assert.deepEqual([...validation.perOperation].sort(), Object.keys(settings.shape).sort());
    for (const [name, schema] of Object.entries(settings.shape)) assert.ok(schema.description, name);
    assert.ok(!settings.safeParse({ maxBodi: 1 }).success);
    for (const key of Object.values(validation.extensions)) assert.ok(key in settings.shape);
  });

  it('has both stages, and they work together', async () => {
    const given = operation({
      parameters: [parameter({ name: 'q', schema: { type: 'integer' } })],
      body: takes(true, mediaType('application/json', { type: 'array', items: { type: 'integer' } })),
    });
    const stages = validation.stages(policy, given, services);
    const exchange = exchangeOf({ query: 'q=1', headers: { 'content-type': 'application/json' }, body: '[1]' });
    assert.equal(await stages['validate-parameters']?.(exchange), undefined);
    assert.equal(await stages['validate-body']?.(exchange), undefined);
    assert.equal(exchange.parameters?.query['q'], 1);
    assert.deepEqual(exchange.body?.value, [1]);
  });

  it('explains what is in force and from where', () => {
    const given = operation({ body: takes(true, mediaType('application/json')) });
    const lines = validation.explain(policy, given);
    assert.deepEqual(
      lines.find((each) => each.part === 'body size'),
      { part: 'body size', value: 'up to 1 MiB, uploads 10 MiB', origin: 'portcullis.yaml:3:5' },
    );
    assert.match(
      validation
        .explain(policy, operation())
        .map((each) => each.value)
        .join(),
      /none; refused/,
    );
    const free = validation.explain(policy, operation({ template: '/**', body: takes(false, mediaType('*/*')) }));
    assert.equal(free.find((each) => each.part === 'undeclared query parameters')?.origin, 'contract: none');
  });

  it('tells at load what it cannot enforce', () => {
    const object = { type: 'object', properties: { a: { type: 'string' } } };
    assert.deepEqual(rules({ body: takes(true, mediaType('application/xml', object)) }), [
      'validation/xml-not-enforced',
    ]);
    assert.deepEqual(rules({ body: takes(true, mediaType('application/x-thing', object)) }), [
      'validation/schema-not-enforced',
    ]);
    assert.deepEqual(rules({ body: takes(true, mediaType('multipart/related', object)) }), ['validation/no-reader']);
    assert.deepEqual(rules({ body: takes(true, mediaType('*/*', object)) }), ['validation/range-not-enforced']);
    assert.deepEqual(rules({ body: takes(true, mediaType('application/octet-stream', { type: 'string' })) }), []);
    assert.deepEqual(rules({ body: takes(true, mediaType('application/*+json', object)) }), []);
    const audio = ['audio/a', 'audio/b', 'audio/c', 'audio/d', 'application/soap+xml'].map((type) =>
      mediaType(type, object),
    );
    assert.deepEqual(rules({ body: takes(true, ...audio) }), [
      'validation/xml-not-enforced',
      'validation/schema-not-enforced',
    ]);
    const header = parameter({ in: 'header', name: 'x-a', required: true, schema: { type: 'string' } });
    assert.deepEqual(
      rules({ body: takes(true, mediaType('multipart/form-data', object, { a: { headers: [header] } })) }),
      ['validation/part-header'],
    );
    const nested = parameter({ style: 'deepObject', schema: { type: 'object', properties: { a: object } } });
    assert.deepEqual(rules({ parameters: [nested] }), ['validation/style-undefined']);
    assert.deepEqual(rules({ parameters: [parameter({ contentType: 'text/csv', schema: object })] }), [
      'validation/parameter-content',
    ]);
    assert.deepEqual(
      rules({
        body: takes(
          true,
          mediaType('application/json', object),
          mediaType('image/*', { type: 'string', format: 'binary' }),
        ),
      }),
      [],
    );
    assert.ok(
      validation
        .inspect?.(policy, operation({ parameters: [nested] }))
        .every((each) => each.operation === 'POST /things' && each.mend),
    );
  });
});
