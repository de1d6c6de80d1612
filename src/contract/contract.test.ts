import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, findingsOf, load, ok, operation, refusal, route, rulesOf } from './fixture.ts';
import type { Contract } from './model.ts';

const info = { title: 'Clinic', version: '1.2' };

test('a contract in normal form', async () => {
  const contract = await load(`
openapi: 3.1.0
info: {title: Clinic, version: '1.2'}
servers: [{url: 'https://{env}.example.com/{base}/', variables: {env: {default: api}, base: {default: v1}}}]
security: [{key: []}, {oauth: [read], mtls: []}]
x-portcullis-limits: {rate: 1}
paths:
  /patients/{id}:
    x-portcullis-limits: {rate: 2}
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      - {name: X-Trace, in: header, schema: {type: string}}
      - {name: q, in: query, schema: {type: integer}}
    get:
      operationId: readPatient
      tags: [patients]
      summary: Reads one
      deprecated: true
      x-portcullis-owner: {path: id}
      parameters:
        - {name: q, in: query, style: pipeDelimited, schema: {type: array}, allowReserved: true}
        - {name: session, in: cookie, schema: {type: string}}
        - {name: filter, in: query, content: {Application/JSON; charset=utf-8: {schema: {type: object}}}}
        - {$ref: '#/components/parameters/page'}
      responses:
        200:
          description: fine
          headers: {X-Count: {required: true, schema: {type: integer}}, Content-Type: {schema: {type: string}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Patient'}}}
        4xx: {description: bad}
        default: {$ref: '#/components/responses/problem'}
    put:
      security: []
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: {type: object, properties: {photo: {type: string}}}
            encoding:
              photo: {contentType: image/png, headers: {X-Part: {schema: {type: string}}}}
      responses: {204: {description: done}}
components:
  parameters: {page: {name: page, in: query, schema: {type: integer}}}
  responses: {problem: {description: p, content: {application/problem+json: {schema: {type: object}}}}}
  schemas: {Patient: {type: object, properties: {name: {type: string}}}}
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    oauth: {type: oauth2, flows: {}}
    mtls: {type: mutualTLS}
`);
  assert.deepEqual([contract.version, contract.title, contract.apiVersion], ['3.1', 'Clinic', '1.2']);
  assert.deepEqual(
    contract.operations.map(({ key }) => key),
    ['GET /v1/patients/{id}', 'PUT /v1/patients/{id}'],
  );
  const get = operation(contract, 'GET /v1/patients/{id}');
  assert.deepEqual(
    get.parameters.map((p) => [p.in, p.name, p.style, p.explode, p.required, p.contentType]),
    [
      ['path', 'id', 'simple', false, true, undefined],
      ['header', 'x-trace', 'simple', false, false, undefined],
      ['query', 'q', 'pipeDelimited', false, false, undefined],
      ['cookie', 'session', 'form', true, false, undefined],
      ['query', 'filter', 'form', true, false, 'application/json'],
      ['query', 'page', 'form', true, false, undefined],
    ],
  );
  assert.equal(get.parameters[2]!.allowReserved, true);
  assert.deepEqual(
    [get.operationId, get.tags, get.summary, get.deprecated],
    ['readPatient', ['patients'], 'Reads one', true],
  );
  assert.deepEqual(
    get.responses.map((r) => [r.status, r.content.map((c) => c.type)]),
    [
      ['200', ['application/json']],
      ['4XX', []],
      ['default', ['application/problem+json']],
    ],
  );
  assert.deepEqual(
    get.responses[0]!.headers.map((h) => [h.name, h.required]),
    [['x-count', true]],
  );
  assert.deepEqual(
    get.security?.map(({ schemes }) => schemes.map(({ scheme, scopes }) => [scheme.name, scheme.type, ...scopes])),
    [
      [['key', 'apiKey']],
      [
        ['oauth', 'oauth2', 'read'],
        ['mtls', 'mutualTLS'],
      ],
    ],
  );
  assert.equal(get.security?.[0]?.schemes[0]?.scheme.parameter, 'x-api-key');
  assert.deepEqual(
    [...get.extensions].map(([name, { value }]) => [name, JSON.stringify(value)]),
    [
      ['x-portcullis-limits', '{"rate":2}'],
      ['x-portcullis-owner', '{"path":"id"}'],
    ],
  );
  assert.equal(get.extensions.get('x-portcullis-owner')?.place.line, 19);
  const schema = get.responses[0]!.content[0]!.schema!;
  assert.equal(schema.dialect, '2020-12');
  const patient = schema.documents.resolve((schema.schema as { $ref: string }).$ref, schema.uri)!;
  assert.deepEqual(
    [contract.documents.place(patient.uri).line, contract.documents.place(patient.uri).pointer],
    [45, '/components/schemas/Patient'],
  );
  const put = operation(contract, 'PUT /v1/patients/{id}');
  assert.deepEqual(put.security, []);
  const photo = put.body?.content[0]?.encoding.get('photo');
  assert.deepEqual([put.body?.required, photo?.contentType, photo?.headers[0]?.name], [true, 'image/png', 'x-part']);
  assert.deepEqual(route(contract, 'GET', '/v1/patients/7'), ['GET /v1/patients/{id}', '7']);
  assert.deepEqual(route(contract, 'HEAD', '/v1/patients/7'), ['GET', 'PUT']);
  assert.ok(Object.isFrozen(get) && Object.isFrozen(get.parameters) && Object.isFrozen(get.parameters[0]));
});

test('Swagger 2.0 in normal form', async () => {
  const contract = await load({
    swagger: '2.0',
    info,
    basePath: '/api/',
    consumes: ['application/json'],
    produces: ['application/json', 'text/csv; charset=utf-8'],
    securityDefinitions: {
      basic: { type: 'basic' },
      'x-key': { type: 'apiKey', in: 'query', name: 'k' },
      o: { type: 'oauth2' },
    },
    security: [{ basic: [] }],
    parameters: { body: { name: 'b', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } } },
    definitions: { Pet: { type: 'object', properties: { name: { type: 'string', maxLength: 3 } } } },
    paths: {
      '/pets/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, type: 'integer', format: 'int64', description: 'x' }],
        put: {
          parameters: [
            { $ref: '#/parameters/body' },
            { name: 'tags', in: 'query', type: 'array', items: { type: 'string' }, collectionFormat: 'multi' },
            { name: 'ids', in: 'query', type: 'array', items: { type: 'string' } },
            { name: 'X-Ids', in: 'header', type: 'array', items: { type: 'string' }, collectionFormat: 'tsv' },
          ],
          responses: { 200: { description: 'd', schema: { $ref: '#/definitions/Pet' } }, 404: { description: 'none' } },
          security: [{ 'x-key': [] }],
        },
        post: {
          consumes: ['multipart/form-data', 'application/x-www-form-urlencoded'],
          produces: ['image/png'],
          parameters: [
            { name: 'photo', in: 'formData', type: 'file', required: true },
            { name: 'note', in: 'formData', type: 'string', maxLength: 9 },
            { name: 'list', in: 'formData', type: 'array', items: { type: 'string' }, collectionFormat: 'pipes' },
          ],
          responses: { 200: { description: 'd', schema: { type: 'file' } } },
        },
      },
    },
  });
  assert.equal(contract.version, '2.0');
  const put = operation(contract, 'PUT /api/pets/{id}');
  assert.deepEqual(
    put.parameters.map((p) => [p.in, p.name, p.style, p.explode, JSON.stringify(p.schema?.schema)]),
    [
      ['path', 'id', 'simple', false, '{"type":"integer","format":"int64"}'],
      ['query', 'tags', 'form', true, '{"type":"array","items":{"type":"string"}}'],
      ['query', 'ids', 'form', false, '{"type":"array","items":{"type":"string"}}'],
      ['header', 'x-ids', 'tabDelimited', false, '{"type":"array","items":{"type":"string"}}'],
    ],
  );
  assert.equal(put.parameters[0]!.schema!.dialect, 'swagger-2.0');
  assert.deepEqual([put.body?.required, put.body?.content.map(({ type }) => type)], [true, ['application/json']]);
  assert.deepEqual(
    put.responses.map(({ status, content }) => [status, content.map(({ type }) => type)]),
    [
      ['200', ['application/json', 'text/csv']],
      ['404', []],
    ],
  );
  assert.equal(put.security?.[0]?.schemes[0]?.scheme.name, 'x-key');
  const post = operation(contract, 'POST /api/pets/{id}');
  assert.deepEqual(
    post.body?.content.map(({ type }) => type),
    ['multipart/form-data'],
  );
  const form = post.body!.content[0]!;
  assert.deepEqual(JSON.parse(JSON.stringify(form.schema?.schema)), {
    type: 'object',
    properties: {
      photo: { type: 'string', format: 'binary' },
      note: { type: 'string', maxLength: 9 },
      list: { type: 'array', items: { type: 'string' } },
    },
    required: ['photo'],
  });
  assert.equal(form.encoding.get('list')?.style, 'pipeDelimited');
  const note = form.schema!.documents.resolve('#/properties/note', form.schema!.uri)!;
  assert.deepEqual(JSON.parse(JSON.stringify(note.value)), { type: 'string', maxLength: 9 });
  assert.match(contract.documents.place(note.uri).pointer!, /\/post\/parameters\/1$/);
  assert.deepEqual(
    post.responses[0]!.content.map(({ type, schema }) => [type, JSON.stringify(schema?.schema)]),
    [['image/png', '{"type":"string","format":"binary"}']],
  );
  assert.equal(post.security?.[0]?.schemes[0]?.scheme.scheme, 'basic');
});

test('OpenAPI 3.2: query, querystring, cookie style; what is not served is said', async () => {
  const contract = await load(
    api(
      {
        '/find': {
          query: {
            ...ok,
            parameters: [
              {
                name: 'q',
                in: 'querystring',
                content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
              },
              { name: 'c', in: 'cookie', style: 'cookie', schema: { type: 'string' } },
            ],
          },
          additionalOperations: { PURGE: ok, GET: ok },
          get: {
            responses: {
              200: { description: 'd', content: { 'application/jsonl': { itemSchema: { type: 'object' } } } },
            },
          },
          trace: ok,
        },
      },
      { openapi: '3.2.0', webhooks: { w: {} } },
    ),
  );
  assert.deepEqual(contract.operations.map(({ key }) => key).sort(), ['GET /find', 'QUERY /find']);
  const [first, second] = operation(contract, 'QUERY /find').parameters;
  assert.deepEqual(
    [first?.in, first?.contentType, second?.style, second?.explode],
    ['querystring', 'application/x-www-form-urlencoded', 'cookie', true],
  );
  assert.equal(findingsOf(contract, 'method-refused').length, 2);
  assert.equal(findingsOf(contract, 'trace-refused')[0]?.operation, 'TRACE /find');
  assert.match(findingsOf(contract, 'unenforced')[0]!.message, /itemSchema/);
  assert.match(findingsOf(contract, 'not-served')[0]!.message, /webhooks/);
  for (const method of ['TRACE', 'PURGE']) assert.deepEqual(route(contract, method, '/find'), ['GET', 'QUERY']);
});

test('base paths: nearest level, first server, configuration over all', async () => {
  const paths = {
    '/a': { get: ok, servers: [{ url: '/item' }], post: { ...ok, servers: [{ url: 'https://h/op/' }] } },
    '/b': { get: ok },
  };
  const keys = async (rest: object, options = {}): Promise<string[]> =>
    (await load(api(paths, rest), options)).operations.map(({ key }) => key);
  assert.deepEqual(await keys({ servers: [{ url: 'https://h/v1' }, { url: 'https://h/v1/' }] }), [
    'GET /item/a',
    'POST /op/a',
    'GET /v1/b',
  ]);
  assert.deepEqual(await keys({}), ['GET /item/a', 'POST /op/a', 'GET /b']);
  assert.deepEqual(await keys({}, { basePath: '/gate/' }), ['GET /gate/a', 'POST /gate/a', 'GET /gate/b']);
  assert.deepEqual(await keys({}, { basePath: '/' }), ['GET /a', 'POST /a', 'GET /b']);
  const several = await load(api({ '/b': { get: ok } }, { servers: [{ url: '/v1' }, { url: '/v2' }] }));
  assert.equal(findingsOf(several, 'several-base-paths').length, 1);
  assert.equal(several.operations[0]?.key, 'GET /v1/b');
  const variable = await load(api({ '/b': { get: ok } }, { servers: [{ url: 'https://{region}.h/{v}' }] }));
  assert.equal(findingsOf(variable, 'server-variable').length, 1);
});

test('path parameters and templates meet by name', async () => {
  const contract = await load(
    api({
      '/a/{x}/{+rest}/{id*}': {
        get: {
          ...ok,
          parameters: [
            { name: 'x', in: 'path', schema: { type: 'string' } },
            { name: 'rest', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'gone', in: 'path', required: true, schema: {} },
          ],
        },
      },
      'b/{y}.json': { get: ok },
    }),
  );
  const a = operation(contract, 'GET /a/{x}/{rest}/{id}');
  assert.deepEqual(
    a.parameters.map(({ name, required }) => [name, required]),
    [
      ['x', true],
      ['rest', true],
      ['id', true],
    ],
  );
  assert.deepEqual(
    operation(contract, 'GET /b/{y}.json').parameters.map(({ name }) => name),
    ['y'],
  );
  const rules = rulesOf(contract.findings);
  for (const rule of [
    'optional-path-parameter',
    'template-operator',
    'undeclared-path-parameter',
    'unused-path-parameter',
    'relative-path',
  ]) {
    assert.ok(rules.includes(rule), rule);
  }
});

test('equivalent templates are one path; the same method twice is refused', async () => {
  const merged = await load(api({ '/a/{x}': { get: ok }, '/a/{y}': { post: ok } }));
  assert.equal(findingsOf(merged, 'equivalent-templates').length, 1);
  assert.deepEqual(route(merged, 'POST', '/a/1'), ['POST /a/{y}', '1']);
  assert.deepEqual(route(merged, 'PUT', '/a/1'), ['GET', 'POST']);
  const findings = await refusal(load(api({ '/a/{x}': { get: ok }, '/a/{y}': { get: ok } })));
  assert.deepEqual(rulesOf(findings), ['ambiguous-operations']);
  assert.match(findings[0]!.message, /GET \/a\/\{y\}.*GET \/a\/\{x\}/);
});

test('security fails closed', async () => {
  const closed = async (security: unknown, schemes: object): Promise<unknown> =>
    (
      await load(
        api({ '/': { get: { ...ok, security } } }, { components: { securitySchemes: schemes }, security: undefined }),
      )
    ).operations[0]!.security;
  const key = { type: 'apiKey', in: 'header', name: 'k' };
  assert.equal(await closed(undefined, {}), undefined);
  assert.deepEqual(await closed([], {}), []);
  // A scheme nobody can enforce: the alternative goes, and the last one to go leaves the operation closed, not open.
  assert.equal(await closed([{ hmac: [] }], { hmac: { type: 'hmac' } }), undefined);
  assert.equal(await closed([{ key: [], hmac: [] }], { key, hmac: { type: 'hmac' } }), undefined);
  assert.equal(((await closed([{ hmac: [] }, { key: [] }], { key, hmac: { type: 'hmac' } })) as unknown[]).length, 1);
  assert.equal(await closed([null], {}), undefined);
  assert.deepEqual(rulesOf(await refusal(closed([{ kye: [] }], { key }))), ['unknown-security-scheme']);
  assert.match((await refusal(closed([{ kye: [] }], { key })))[0]!.mend, /'key'/);
  assert.deepEqual(rulesOf(await refusal(closed({ key: [] }, { key }))), ['wrong-type']);
  assert.deepEqual(rulesOf(await refusal(closed([{ key: 'all' }], { key }))), ['wrong-type']);
  assert.deepEqual(rulesOf(await refusal(closed([{ key: [] }], { key: { type: 'apiKey', in: 'body', name: 'k' } }))), [
    'incomplete-security-scheme',
  ]);
  // `security:` with nothing behind it is not `security: []`.
  const empty = await load(
    'openapi: 3.0.0\ninfo: {title: t, version: "1"}\npaths:\n  /:\n    get:\n      security:\n      responses: {204: {description: d}}\n',
  );
  assert.equal(empty.operations[0]?.security, undefined);
  assert.equal(findingsOf(empty, 'empty-field').length, 1);
});

test('path items may refer to others; circles are refused', async () => {
  const contract = await load(
    api(
      { '/a': { $ref: '#/components/pathItems/shared', post: ok }, '/b': { $ref: '#/paths/~1a' } },
      { components: { pathItems: { shared: { get: ok, post: { ...ok, operationId: 'theirs' } } } } },
    ),
  );
  assert.deepEqual(
    contract.operations.map(({ key, operationId }) => [key, operationId]),
    [
      ['GET /a', undefined],
      ['POST /a', undefined],
      ['GET /b', undefined],
      ['POST /b', undefined],
    ],
  );
  assert.ok(findingsOf(contract, 'ref-siblings').length > 0);
  const circle = await refusal(load(api({ '/a': { $ref: '#/paths/~1b' }, '/b': { $ref: '#/paths/~1a' } })));
  assert.ok(rulesOf(circle).includes('circular-ref'));
});

test('all errors are told at once, each with its place', async () => {
  const findings = await refusal(
    load(`openapi: 3.0.3
info: {title: t, version: '1'}
paths:
  /a:
    get:
      parameters:
        - name: x
        - {name: y, in: body}
        - $ref: '#/components/parameters/none'
      responses: [1]
  /{b: {get: {responses: {204: {description: d}}}}
`),
  );
  assert.deepEqual(
    findings.map(({ rule, place }) => [rule.replace('contract/', ''), place?.line, place?.column]),
    [
      ['incomplete-parameter', 7, 11],
      ['unknown-location', 8, 21],
      ['unresolved-ref', 9, 11],
      ['wrong-type', 10, 7],
      ['bad-template', 11, 3],
    ].sort(
      (a, b) =>
        findings.findIndex((f) => f.rule.endsWith(String(a[0]))) -
        findings.findIndex((f) => f.rule.endsWith(String(b[0]))),
    ),
  );
});

test('typos in field names and extensions are told of, with the nearest right name', async () => {
  const contract = await load(
    api({
      '/a': {
        get: {
          ...ok,
          'x-portcullis-onwer': {},
          'x-portcullis-sensitive': true,
          'x-other': 1,
          parameters: [
            {
              name: 'a',
              in: 'query',
              requird: true,
              schema: { type: 'string', maxLength: 1, 'x-portcullis-sensitiv': true },
            },
          ],
        },
      },
    }),
    { extensions: ['x-portcullis-owner'] },
  );
  assert.match(findingsOf(contract, 'unknown-field')[0]!.mend, /'required'/);
  const mends = findingsOf(contract, 'unknown-extension').map(({ mend }) => mend);
  assert.deepEqual(
    mends.map((mend) => /'(.+?)'/.exec(mend)?.[1]),
    ['x-portcullis-owner', 'x-portcullis-sensitive'],
  );
  assert.equal(findingsOf(contract, 'misplaced-extension').length, 1);
});

test('extensions take effect from the document and the path item down, and are told of where they do not', async () => {
  const name = 'x-portcullis-roles';
  const get = { ...ok, responses: { ...ok.responses, [name]: ['r'] } };
  const contract = await load(
    api(
      { [name]: ['p'], '/a': { get }, '/b': { [name]: ['item'], get: ok } },
      {
        [name]: ['document'],
        info: { title: 't', version: '1', [name]: ['i'] },
        tags: [{ name: 't', [name]: ['t'] }],
        servers: [{ url: '/', [name]: ['s'] }],
      },
    ),
    { extensions: [name] },
  );
  assert.deepEqual(
    contract.operations.map(({ extensions }) => extensions.get(name)?.value),
    [['document'], ['item']],
  );
  assert.deepEqual(
    findingsOf(contract, 'misplaced-extension').map(({ place }) => place?.pointer),
    ['/info', '/paths', '/tags/0', '/servers/0', '/paths/~1a/get/responses'].map((at) => `${at}/${name}`),
  );
});

test('a dialect of the document that nobody knows', async () => {
  const of = (jsonSchemaDialect: unknown): Promise<Contract> => load(api({ '/a': { get: ok } }, { jsonSchemaDialect }));
  const [finding, ...more] = findingsOf(await of('https://example.org/dialect'), 'unknown-dialect');
  assert.deepEqual([finding?.place?.pointer, more.length], ['/jsonSchemaDialect', 0]);
  assert.match(finding!.mend, /draft-07/);
  for (const known of [
    'https://json-schema.org/draft/2020-12/schema',
    'https://spec.openapis.org/oas/3.1/dialect/base',
  ])
    assert.deepEqual(findingsOf(await of(known), 'unknown-dialect'), []);
  assert.deepEqual(rulesOf(await refusal(of(7))), ['wrong-type']);
});

test('versions', async () => {
  for (const openapi of ['3.0.0', '3.0.4', '3.1.1', '3.2.0', '3.1.0-rc0', '3.1']) {
    assert.equal((await load(api({}, { openapi }))).version, openapi.slice(0, 3));
  }
  for (const version of [
    { openapi: '4.0.0' },
    { openapi: '2.0' },
    { openapi: 3.1 },
    { openapi: '3.10' },
    { swagger: '1.2' },
    {},
  ]) {
    const given = { info, paths: {}, ...version };
    assert.deepEqual(rulesOf(await refusal(load(given))), ['version']);
  }
  assert.deepEqual(rulesOf(await refusal(load({ openapi: '3.0.0', swagger: '2.0', paths: {} }))), ['version']);
  for (const given of [[], 'x', 7, null]) assert.ok((await refusal(load(JSON.stringify(given)))).length > 0);
});

test('paths no request can have are left out; where none is left, the contract is refused', async () => {
  const some = await load(api({ '/a#x=1': { get: ok }, '/a?x=1': { get: ok }, '/b': { get: ok } }));
  assert.deepEqual(
    some.operations.map(({ key }) => key),
    ['GET /b'],
  );
  assert.equal(findingsOf(some, 'unservable-path').length, 2);
  const none = await refusal(load(api({ '/#Action=A': { post: ok } })));
  assert.deepEqual(rulesOf(none), ['no-operations']);
  assert.match(none[0]!.message, /#Action=A/);
});

test('operation ids, parameters and media types given twice', async () => {
  const contract = await load(
    api({
      '/a': {
        get: {
          ...ok,
          operationId: 'same',
          parameters: [
            { name: 'q', in: 'query', schema: { type: 'integer' } },
            { name: 'q', in: 'query', schema: { type: 'string' } },
          ],
        },
        post: {
          ...ok,
          operationId: 'same',
          requestBody: {
            content: { 'text/plain': { schema: { type: 'string' } }, 'Text/Plain; charset=utf-8': {}, plain: {} },
          },
        },
      },
    }),
  );
  const rules = rulesOf(contract.findings);
  for (const rule of ['duplicate-operation-id', 'duplicate-parameter', 'duplicate-media-type', 'bad-media-type'])
    assert.ok(rules.includes(rule), rule);
  assert.equal((operation(contract, 'GET /a').parameters[0]!.schema!.schema as { type: string }).type, 'integer');
  assert.deepEqual(
    operation(contract, 'POST /a').body?.content.map(({ type }) => type),
    ['text/plain'],
  );
});
