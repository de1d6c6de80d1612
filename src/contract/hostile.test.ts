import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LoadError } from '../shared/finding.ts';
import { api, findingsOf, load, ok, operation, refusal, route, rulesOf } from './fixture.ts';

const body = (schema: unknown): object => ({ ...ok, requestBody: { content: { 'application/json': { schema } } } });

test('names of prototypes, everywhere a name can stand', async () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'];
  // JSON text, since an object literal would set the prototype.
  const each = (make: (name: string) => string): string =>
    `{${names.map((name) => `"${name}": ${make(name)}`).join(',')}}`;
  const contract = await load(
    Buffer.from(`{
    "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
    "security": [{"__proto__": [], "constructor": ["toString"]}],
    "paths": {${names
      .map(
        (name) => `"/${name}/{${name}}": {"post": {
          "operationId": "${name}", "tags": ["${name}"],
          "parameters": [
            {"name": "${name}", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/${name}"}},
            {"name": "${name}", "in": "query", "schema": {"type": "boolean"}}],
          "requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": ${each(() => '{"type": "boolean"}')}}, "encoding": ${each(() => '{"contentType": "text/plain"}')}}}},
          "responses": {"204": {"description": "d", "headers": ${each(() => '{"schema": {"type": "boolean"}}')}}}}}`,
      )
      .join(',')}},
    "components": {"schemas": ${each(() => '{"type": "boolean"}')}, "securitySchemes": ${each((name) => `{"type": "apiKey", "in": "query", "name": "${name}"}`)}}}`),
  );
  assert.equal(contract.operations.length, names.length);
  for (const name of names) {
    const one = operation(contract, `POST /${name}/{${name}}`);
    assert.deepEqual(route(contract, 'POST', `/${name}/7`), [one.key, '7']);
    assert.deepEqual(
      one.parameters.map((p) => [p.in, p.name]),
      [
        ['path', name],
        ['query', name],
      ],
    );
    assert.deepEqual([...one.body!.content[0]!.encoding.keys()], names);
    assert.deepEqual(
      one.responses[0]!.headers.map((header) => header.name),
      names.map((n) => n.toLowerCase()),
    );
    assert.deepEqual(
      one.security?.[0]?.schemes.map(({ scheme }) => scheme.parameter),
      ['__proto__', 'constructor'],
    );
  }
  assert.equal(({} as Record<string, unknown>)['type'], undefined);
  // What is not declared is not found on a prototype.
  for (const name of names) {
    assert.deepEqual(
      rulesOf(
        await refusal(
          load(api({ '/': { post: body({ $ref: `#/components/schemas/${name}` }) } }, { components: { schemas: {} } })),
        ),
      ),
      ['unresolved-ref'],
    );
    assert.deepEqual(
      rulesOf(await refusal(load(api({ '/': { get: { ...ok, security: [JSON.parse(`{"${name}": []}`)] } } })))),
      ['unknown-security-scheme'],
    );
  }
});

test('chains and circles of references of every length', async () => {
  const chain = (length: number): object =>
    Object.fromEntries(
      Array.from({ length }, (_, i) => [
        `S${i}`,
        i + 1 < length ? { $ref: `#/components/schemas/S${i + 1}` } : { type: 'boolean' },
      ]),
    );
  const of = (schemas: object): object =>
    api({ '/': { post: body({ $ref: '#/components/schemas/S0' }) } }, { components: { schemas } });
  assert.equal((await load(of(chain(50)))).operations.length, 1);
  assert.deepEqual(rulesOf(await refusal(load(of(chain(10_000))))), ['circular-ref']);
  const circle = { ...chain(10_000), S9999: { $ref: '#/components/schemas/S0' } };
  assert.ok(rulesOf(await refusal(load(of(circle)))).includes('circular-ref'));
  const deep = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [
      `S${i}`,
      { type: 'array', maxItems: 1, items: { $ref: `#/components/schemas/S${(i + 1) % 10_000}` } },
    ]),
  );
  assert.equal((await load(of(deep))).operations.length, 1);
  const all = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [
      `S${i}`,
      { allOf: Array(20).fill({ $ref: `#/components/schemas/S${(i + 1) % 300}` }) },
    ]),
  );
  assert.equal((await load(of(all))).operations.length, 1);
  for (const self of [{ $ref: '#' }, { $ref: '' }, { type: 'object', properties: { a: { $ref: '#' } } }]) {
    // `#` is the document: an object, though no schema; it must end, one way or the other.
    await load(api({ '/': { post: body(self) } })).catch((error) => assert.ok(error instanceof LoadError));
  }
  for (const key of ['parameters', 'responses', 'requestBodies']) {
    const use = {
      parameters: { parameters: [{ $ref: '#/components/parameters/x' }] },
      responses: { responses: { 200: { $ref: '#/components/responses/x' } } },
      requestBodies: { requestBody: { $ref: '#/components/requestBodies/x' } },
    }[key];
    const findings = await refusal(
      load(
        api({ '/': { post: { ...ok, ...use } } }, { components: { [key]: { x: { $ref: `#/components/${key}/x` } } } }),
      ),
    );
    assert.deepEqual(rulesOf(findings), ['circular-ref'], key);
  }
});

/** A contract of many operations over shared schemas that refer to each other in circles. */
function large(operations: number): object {
  const paths: Record<string, object> = {};
  const parameters = [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int32' } }];
  for (let i = 0; i < operations / 2; i++) {
    const post = body({ $ref: `#/components/schemas/S${i % 500}` });
    paths[`/r${i}/{id}`] = { get: { ...ok, parameters, operationId: `get${i}` }, post: { ...post, parameters } };
  }
  const schemas: Record<string, object> = {};
  for (let i = 0; i < 500; i++) {
    const next = { $ref: `#/components/schemas/S${(i * 7 + 1) % 500}` };
    schemas[`S${i}`] = { type: 'object', properties: { next, name: { type: 'string' } } };
  }
  return api(paths, { components: { schemas } });
}

test('ten thousand operations cost ten times what a thousand do, as JSON and as YAML', async () => {
  const asYaml = (document: object): string => JSON.stringify(document).replace(/"\/r/g, '\n"/r');
  for (const form of [(document: object) => document, asYaml]) {
    const time = async (operations: number): Promise<number> => {
      const given = form(large(operations));
      const started = performance.now();
      const contract = await load(given);
      const spent = performance.now() - started;
      assert.equal(contract.operations.length, operations);
      const last = operations / 2 - 1;
      assert.deepEqual(route(contract, 'POST', `/r${last}/7`), [`POST /r${last}/{id}`, '7']);
      return spent;
    };
    const few = Math.min(await time(1_000), await time(1_000), await time(1_000));
    // Quadratic costs would be a hundred times as much.
    assert.ok((await time(10_000)) < few * 40);
  }
});

test('aliases share, and what they share is walked once', async () => {
  const lines = [
    'openapi: 3.1.0',
    'info: {title: t, version: "1"}',
    'x: ',
    '  - &a0 {type: object, properties: {s: {type: string}}}',
  ];
  for (let i = 1; i <= 10; i++)
    lines.push(`  - &a${i} {type: object, properties: {l: *a${i - 1}, r: *a${i - 1}, m: *a${i - 1}}}`);
  lines.push(
    'paths:',
    '  /:',
    '    post:',
    '      requestBody: {content: {application/json: {schema: *a10}}}',
    '      responses: {204: {description: d}}',
  );
  const contract = await load(lines.join('\n'));
  assert.equal(contract.operations.length, 1);
  assert.ok(findingsOf(contract, 'unbounded-string').length >= 1);
});

test('any document gives a contract or a LoadError', async () => {
  const seed = {
    openapi: '3.1.0',
    info: { title: 't', version: '1' },
    servers: [{ url: '/v1' }],
    security: [{ key: [] }],
    paths: {
      '/a/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: {
          operationId: 'a',
          tags: ['t'],
          parameters: [{ $ref: '#/components/parameters/p' }],
          responses: {
            200: {
              description: 'd',
              headers: { H: { schema: {} } },
              content: { 'application/json': { schema: { $ref: '#/components/schemas/S' } } },
            },
          },
        },
        post: {
          requestBody: {
            content: { 'multipart/form-data': { schema: { type: 'object' }, encoding: { a: { headers: {} } } } },
          },
          security: [{}],
          responses: {},
        },
      },
    },
    components: {
      parameters: { p: { name: 'p', in: 'query', schema: { allOf: [{ type: 'string' }] } } },
      schemas: {
        S: { oneOf: [{ $ref: '#/components/schemas/S' }], discriminator: { propertyName: 'k', mapping: { a: 'S' } } },
      },
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'k' } },
    },
  };
  const swagger = {
    swagger: '2.0',
    info: { title: 't', version: '1' },
    basePath: '/v1',
    consumes: ['application/json'],
    securityDefinitions: { b: { type: 'basic' } },
    security: [{ b: [] }],
    paths: {
      '/a/{id}': {
        parameters: [{ name: 'id', in: 'path', type: 'string', required: true }],
        post: {
          parameters: [
            { name: 'f', in: 'formData', type: 'file' },
            { name: 'b', in: 'body', schema: { $ref: '#/definitions/S' } },
          ],
          responses: { 200: { description: 'd', schema: { type: 'file' } } },
        },
      },
    },
    definitions: { S: { type: 'object', properties: { a: { $ref: '#/definitions/S' } } } },
  };
  const junk = fc.constantFrom<unknown>(
    null,
    0,
    1,
    '',
    'x',
    '#',
    '#/',
    true,
    [],
    {},
    [null],
    [[]],
    { $ref: '#' },
    { $ref: 1 },
    { $ref: '#/paths' },
    { a: null },
    { type: 7 },
    ['get'],
    '/{',
    -1,
    'query',
    'path',
    { $ref: '#/components/parameters/p' },
    { '/a/{id}': {} },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<object>(seed, swagger),
      fc.array(fc.tuple(fc.nat(), junk), { minLength: 1, maxLength: 3 }),
      async (base, changes) => {
        const document = structuredClone(base) as unknown;
        for (const [where, value] of changes) replaceSomewhere(document, where, structuredClone(value));
        try {
          await load(document as object);
        } catch (error) {
          assert.ok(error instanceof LoadError, String((error as Error).stack));
          for (const { message, mend, place } of error.findings)
            assert.ok(message && mend && place, JSON.stringify(error.findings));
        }
      },
    ),
    { numRuns: 500 },
  );
});

/** Puts a value in the place of the n-th value of a tree. */
function replaceSomewhere(root: unknown, index: number, value: unknown): void {
  const slots: [Record<string, unknown>, string][] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      slots.push([node as Record<string, unknown>, key]);
      walk((node as Record<string, unknown>)[key]);
    }
  };
  walk(root);
  const slot = slots[index % slots.length];
  if (slot) slot[0][slot[1]] = value;
}
