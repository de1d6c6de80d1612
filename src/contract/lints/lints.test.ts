import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, findingsOf, load, ok, refusal, rulesOf } from '../fixture.ts';
import type { Contract } from '../model.ts';

/** A contract whose only body, or only answer, has this schema; nothing else in it is weak. */
const withBody = (schema: unknown, components: object = {}, openapi = '3.1.0'): Promise<Contract> =>
  load(
    api(
      { '/a': { post: { ...ok, requestBody: { content: { 'application/json': { schema } } } } } },
      { ...secured, openapi, components: { ...secured.components, schemas: components } },
    ),
  );
const withAnswer = (schema: unknown): Promise<Contract> =>
  load(
    api(
      { '/a': { get: { responses: { 200: { description: 'd', content: { 'application/json': { schema } } } } } } },
      secured,
    ),
  );
const secured = {
  security: [{ key: [] }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'k' } } },
};
const rules = async (loading: Promise<Contract>): Promise<string[]> => rulesOf((await loading).findings);

test('bounded values are no findings', async () => {
  const fine = [
    { type: 'string', maxLength: 5 },
    { type: 'string', enum: ['a'] },
    { type: 'string', format: 'uuid' },
    { type: 'string', pattern: '^a$' },
    { const: 'x' },
    { type: 'array', maxItems: 3, items: { type: 'boolean' } },
    { type: 'integer', minimum: 1, maximum: 5 },
    { type: 'integer', format: 'int32' },
    { type: 'object', properties: { a: { type: 'boolean' } } },
    { type: 'object', additionalProperties: { type: 'boolean' } },
    { type: 'object', additionalProperties: false },
    { allOf: [{ type: 'string' }, { maxLength: 5 }] },
    { type: 'string', allOf: [{ $ref: '#/components/schemas/Short' }] },
    { type: 'object', oneOf: [{ properties: { a: { type: 'boolean' } } }] },
    true,
  ];
  for (const schema of fine)
    assert.deepEqual(await rules(withBody(schema, { Short: { maxLength: 5 } })), [], JSON.stringify(schema));
});

test('what leaves the gate blind is found, at its place', async () => {
  const weak: [unknown, string][] = [
    [{ type: 'string' }, 'unbounded-string'],
    [{ type: ['string', 'null'] }, 'unbounded-string'],
    [{ type: 'string', format: 'uri' }, 'unbounded-string'],
    [{ type: 'array', items: { type: 'boolean' } }, 'unbounded-array'],
    [{ type: 'integer' }, 'unbounded-number'],
    [{ type: 'object' }, 'free-form-object'],
    [{ type: 'object', additionalProperties: true }, 'free-form-object'],
    [{ type: 'object', properties: {} }, 'free-form-object'],
    [{}, 'untyped-schema'],
    [{ description: 'anything' }, 'untyped-schema'],
    [{ $ref: '#/components/schemas/Long' }, 'unbounded-string'],
    [{ oneOf: [{ type: 'string' }, { type: 'boolean' }] }, 'unbounded-string'],
    [{ type: 'object', properties: { a: { $ref: '#/components/schemas/Long' } } }, 'unbounded-string'],
  ];
  for (const [schema, rule] of weak) {
    const contract = await withBody(schema, { Long: { type: 'string' } });
    assert.deepEqual(rulesOf(contract.findings), [rule], JSON.stringify(schema));
    const [finding] = contract.findings;
    assert.deepEqual([finding?.severity, finding?.operation], ['weakness', 'POST /a']);
    if (JSON.stringify(schema).includes('Long')) assert.equal(finding?.place?.pointer, '/components/schemas/Long');
  }
});

test('answers: what may leave unnamed counts, length does not', async () => {
  assert.deepEqual(await rules(withAnswer({ type: 'string' })), []);
  assert.deepEqual(await rules(withAnswer({ type: 'array', items: { type: 'object' } })), ['free-form-object']);
  assert.deepEqual(await rules(withAnswer({})), ['untyped-schema']);
});

test('each place once, however often it is used', async () => {
  const shared = { $ref: '#/components/schemas/Long' };
  const contract = await withBody(
    { type: 'object', properties: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`p${i}`, shared])) },
    { Long: { type: 'string' } },
  );
  assert.equal(findingsOf(contract, 'unbounded-string').length, 1);
});

test('operations, servers and credentials', async () => {
  const contract = await load(
    api(
      {
        '/open': { get: { ...ok, security: [] } },
        '/optional': { get: { ...ok, security: [{}, { key: [] }] } },
        '/silent': { get: ok },
        '/bare': { get: { security: [{ key: [] }], responses: { 200: { description: 'd' } } } },
        '/loose': {
          get: {
            security: [{ key: [] }],
            responses: { '2XX': { description: 'd', content: { 'application/json': {} } } },
          },
        },
        '/none': { get: { security: [{ key: [] }], responses: { 404: { description: 'd' } } } },
        '/moved': { get: { security: [{ key: [] }], responses: { 302: { description: 'd' } } } },
      },
      {
        security: undefined,
        servers: [
          { url: 'http://api.example.com' },
          { url: 'https://api.example.com' },
          { url: 'http://localhost:3000' },
          { url: 'http://127.0.0.1/' },
        ],
        components: { securitySchemes: { key: { type: 'apiKey', in: 'query', name: 'k' } } },
      },
    ),
  );
  const keys = (rule: string): (string | undefined)[] => findingsOf(contract, rule).map((finding) => finding.operation);
  assert.deepEqual(keys('no-security'), ['GET /open', 'GET /optional', 'GET /silent']);
  assert.deepEqual(keys('no-response-schema'), ['GET /bare', 'GET /loose', 'GET /none']);
  assert.equal(findingsOf(contract, 'plain-http-server').length, 1);
  assert.equal(findingsOf(contract, 'credential-in-query').length, 1);
});

test('a body without a schema, where its values have names', async () => {
  const blind = async (...types: string[]): Promise<string[]> => {
    const content = Object.fromEntries(types.map((type) => [type, {}]));
    return await rules(load(api({ '/a': { post: { ...ok, requestBody: { content } } } }, secured)));
  };
  for (const type of ['application/json', 'text/json', 'application/vnd.a+json', 'multipart/form-data', '*/*'])
    assert.deepEqual(await blind('image/png', type), ['no-request-schema'], type);
  assert.deepEqual(await blind('image/png', 'application/octet-stream', 'text/plain'), []);
});

test('what an older version ignores beside a $ref is told of', async () => {
  const schema = { $ref: '#/components/schemas/Short', maxLength: 1, 'x-portcullis-sensitive': true };
  const old = await withBody(schema, { Short: { type: 'string', maxLength: 5 } }, '3.0.0');
  assert.match(findingsOf(old, 'ref-siblings')[0]!.message, /maxLength, x-portcullis-sensitive/);
  assert.deepEqual(await rules(withBody(schema, { Short: { type: 'string', maxLength: 5 } })), []);
});

test('discriminators that cannot work', async () => {
  const pet = { type: 'object', properties: { kind: { type: 'string', maxLength: 9 } } };
  const of = (discriminator: unknown): Promise<string[]> =>
    rules(withBody({ oneOf: [{ $ref: '#/components/schemas/Pet' }], discriminator }, { Pet: pet }));
  assert.deepEqual(await of({ propertyName: 'kind', mapping: { a: 'Pet', b: '#/components/schemas/Pet' } }), []);
  assert.deepEqual(await of({ mapping: {} }), ['discriminator']);
  assert.deepEqual(await of({ propertyName: 'kind', mapping: { a: 'Cat' } }), ['discriminator']);
});

test('references in circles: alone an error, over a value none, over allOf for the compiler to judge', async () => {
  const S = '#/components/schemas/';
  const circle = await refusal(withBody({ $ref: `${S}A` }, { A: { $ref: `${S}B` }, B: { $ref: `${S}A` } }));
  assert.deepEqual(rulesOf(circle), ['circular-ref']);
  assert.deepEqual(rulesOf(await refusal(withBody({ $ref: `${S}A` }, { A: { $ref: `${S}A` } }))), ['circular-ref']);
  const tree = { type: 'object', properties: { left: { $ref: `${S}Tree` }, right: { $ref: `${S}Tree` } } };
  assert.deepEqual(await rules(withBody({ $ref: `${S}Tree` }, { Tree: tree })), []);
  const parent = {
    Parent: { type: 'object', properties: { a: { type: 'boolean' } }, oneOf: [{ $ref: `${S}Child` }] },
    Child: { allOf: [{ $ref: `${S}Parent` }, { properties: { b: { type: 'boolean' } } }] },
  };
  assert.deepEqual(await rules(withBody({ $ref: `${S}Parent` }, parent)), []);
});

test('references that lead nowhere: an error where needed, a warning where not', async () => {
  const nowhere = { type: 'object', properties: { a: { $ref: '#/components/schemas/Nope' } } };
  const findings = await refusal(withBody({ $ref: '#/components/schemas/A' }, { A: nowhere }));
  assert.deepEqual(
    findings.map(({ rule, place }) => [rule, place?.pointer]),
    [['contract/unresolved-ref', '/components/schemas/A/properties/a/$ref']],
  );
  const unused = await withBody({ type: 'boolean' }, { A: nowhere });
  assert.deepEqual(
    unused.findings.map(({ rule, severity }) => [rule, severity]),
    [['contract/unresolved-ref', 'warning']],
  );
});

test('findings are bounded, and the rest is counted', async () => {
  const properties = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`p${i}`, { type: 'string' }]));
  const found = findingsOf(await withBody({ type: 'object', properties }), 'unbounded-string');
  assert.equal(found.length, 501);
  assert.match(found.at(-1)!.message, /1500 more/);
});
