import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatFindings } from '../../src/cli/findings.ts';
import { planWithoutServing } from '../../src/cli/inspect.ts';
import { composeConfiguration } from '../../src/config/load.ts';
import { type Finding, LoadError } from '../../src/shared/finding.ts';
import { scratch } from '../support/program.ts';

// Promise 12: what cannot be enforced is an error or warning at load that names the place; nothing is silently not enforced.

interface Contract {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, Record<string, Record<string, unknown>>>;
  components: Record<string, Record<string, unknown>>;
  [more: string]: unknown;
}

const base = (): Contract => ({
  openapi: '3.1.0',
  info: { title: 'honest', version: '1' },
  security: [{ key: [] }],
  paths: {
    '/a/{id}': {
      get: {
        operationId: 'get',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int32' } }],
        responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'boolean' } } } } },
      },
      post: {
        operationId: 'post',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', format: 'int32' } }],
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Body' } } } },
        responses: { 204: { description: 'ok' } },
      },
    },
  },
  components: {
    securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    schemas: {
      Body: { type: 'object', additionalProperties: false, properties: { a: { type: 'integer', format: 'int32' } } },
    },
  },
});

async function findings(
  t: TestContext,
  contract: Contract,
  more: Record<string, unknown> = {},
): Promise<readonly Finding[]> {
  const directory = scratch(t);
  const file = join(directory, 'openapi.json');
  writeFileSync(file, JSON.stringify(contract, null, 2));
  try {
    const configuration = composeConfiguration(
      { contract: file, upstream: 'http://127.0.0.1:9', authorization: { roles: { everything: ['**'] } }, ...more },
      { file: undefined, directory, placeOf: () => undefined },
    );
    return (await planWithoutServing(configuration)).findings;
  } catch (error) {
    if (error instanceof LoadError) return error.findings;
    throw error;
  }
}

test('a contract that can be enforced whole has no finding', async (t) => {
  assert.equal(formatFindings(await findings(t, base())), '');
});

const schema = (value: unknown) => (contract: Contract) => {
  (contract.components['schemas'] as Record<string, unknown>)['Body'] = {
    type: 'object',
    additionalProperties: false,
    properties: { a: value },
  };
};
const get = (contract: Contract): Record<string, unknown> =>
  contract.paths['/a/{id}']?.['get'] as Record<string, unknown>;
const parameter = (value: object) => (contract: Contract) => {
  (get(contract)['parameters'] as unknown[]).push(value);
};
const scheme = (value: object) => (contract: Contract) => {
  (contract.components['securitySchemes'] as Record<string, unknown>)['key'] = value;
};

/** What the contract asks for, and what the finding must speak of. */
const UNENFORCED: [string, (contract: Contract) => void, RegExp][] = [
  [
    'an extension with a typo',
    (c) => {
      get(c)['x-portcullis-onwer'] = { path: 'id', equals: 'customer' };
    },
    /x-portcullis-onwer/,
  ],
  [
    'an extension that has no effect where it stands',
    (c) => {
      (c['info'] as Record<string, unknown>)['x-portcullis-roles'] = ['admin'];
    },
    /x-portcullis-roles/,
  ],
  [
    'an extension with a wrong value',
    (c) => {
      get(c)['x-portcullis-owner'] = { pfad: 'id' };
    },
    /x-portcullis-owner/,
  ],
  [
    'an owner rule for a parameter that is not there',
    (c) => {
      get(c)['x-portcullis-owner'] = { path: 'customer', equals: 'customer' };
    },
    /customer/,
  ],
  ['a pattern that is no regular expression', schema({ type: 'string', maxLength: 9, pattern: '(' }), /pattern/],
  ['a pattern of another dialect', schema({ type: 'string', maxLength: 9, pattern: '^(?i)a\\Z$' }), /pattern/],
  ['a format nobody knows', schema({ type: 'string', maxLength: 9, format: 'iban-of-mars' }), /iban-of-mars/],
  ['a type nobody knows', schema({ type: 'strng' }), /strng|type/],
  ['a keyword with a typo', schema({ type: 'string', maxLenght: 9 }), /maxLen|unbounded|length/i],
  ['a wrong value of a keyword', schema({ type: 'string', maxLength: '9' }), /maxLength/],
  [
    'a dialect nobody knows',
    (c) => {
      c['jsonSchemaDialect'] = 'https://example.org/dialect';
    },
    /dialect/i,
  ],
  ['a $ref to nowhere', schema({ $ref: '#/components/schemas/None' }), /None/],
  [
    'a $ref with siblings in 3.0',
    (c) => {
      c.openapi = '3.0.3';
      (c.components['schemas'] as Record<string, unknown>)['S'] = { type: 'string', maxLength: 5 };
      schema({ $ref: '#/components/schemas/S', maxLength: 1 })(c);
    },
    /\$ref|sibling/i,
  ],
  [
    'a header that is decided elsewhere',
    parameter({ name: 'Authorization', in: 'header', required: true, schema: { type: 'string', maxLength: 9 } }),
    /Authorization/i,
  ],
  [
    'a cookie as deepObject',
    parameter({ name: 'c', in: 'cookie', style: 'deepObject', schema: { type: 'object' } }),
    /deepObject|style/,
  ],
  [
    'a path parameter without declaration',
    (c) => {
      c.paths['/b/{x}'] = { get: { responses: { 204: { description: 'ok' } } } };
    },
    /\bx\b/,
  ],
  [
    'a path parameter that is not in the path',
    parameter({ name: 'y', in: 'path', required: true, schema: { type: 'integer' } }),
    /\by\b/,
  ],
  [
    'a parameter twice',
    parameter({ name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 5 } }),
    /id/,
  ],
  [
    'an operationId twice',
    (c) => {
      (c.paths['/a/{id}']?.['post'] as Record<string, unknown>)['operationId'] = 'get';
    },
    /operationId|get/,
  ],
  [
    'two paths that are one',
    (c) => {
      c.paths['/a/{other}'] = {
        delete: {
          parameters: [{ name: 'other', in: 'path', required: true, schema: { type: 'integer' } }],
          responses: { 204: { description: 'ok' } },
        },
      };
    },
    /\{other\}|\{id\}/,
  ],
  [
    'a method that is not one',
    (c) => {
      (c.paths['/a/{id}'] as Record<string, unknown>)['fetch'] = { responses: {} };
    },
    /fetch/,
  ],
  [
    'a security scheme that is not there',
    (c) => {
      c['security'] = [{ kee: [] }];
    },
    /kee/,
  ],
  ['a security scheme of an unknown type', scheme({ type: 'magic' }), /magic/],
  ['a security scheme of an unknown HTTP scheme', scheme({ type: 'http', scheme: 'digest' }), /digest/],
  ['mutual TLS', scheme({ type: 'mutualTLS' }), /mutualTLS/i],
  [
    'tokens without an issuer',
    scheme({ type: 'openIdConnect', openIdConnectUrl: 'https://login.example/.well-known/openid-configuration' }),
    /issuer/,
  ],
  [
    'no security at all',
    (c) => {
      delete c['security'];
    },
    /security/,
  ],
  [
    'no responses',
    (c) => {
      get(c)['responses'] = {};
    },
    /response/,
  ],
  [
    'an answer without schema',
    (c) => {
      get(c)['responses'] = { 200: { description: 'ok', content: { 'application/json': {} } } };
    },
    /schema/,
  ],
  [
    'a body without schema',
    (c) => {
      (c.paths['/a/{id}']?.['post'] as Record<string, unknown>)['requestBody'] = {
        content: { 'application/json': {} },
      };
    },
    /schema/,
  ],
  [
    'a body of XML',
    (c) => {
      (c.paths['/a/{id}']?.['post'] as Record<string, unknown>)['requestBody'] = {
        content: { 'application/xml': { schema: { type: 'object', properties: { a: { type: 'integer' } } } } },
      };
    },
    /xml/,
  ],
  ['an unbounded string', schema({ type: 'string' }), /unbounded|maxLength/],
  ['an unbounded array', schema({ type: 'array', items: { type: 'integer' } }), /unbounded|maxItems/],
  ['a free-form object', schema({ type: 'object' }), /free|additionalProperties|propert/i],
  [
    'webhooks',
    (c) => {
      c['webhooks'] = { ping: { post: { responses: { 200: { description: 'ok' } } } } };
    },
    /webhook/i,
  ],
  [
    'callbacks',
    (c) => {
      get(c)['callbacks'] = {
        done: { '{$request.query.url}': { post: { responses: { 200: { description: 'ok' } } } } },
      };
    },
    /callback/i,
  ],
];

for (const [name, change, pattern] of UNENFORCED) {
  test(`said at load: ${name}`, async (t) => {
    const contract = base();
    change(contract);
    const found = await findings(t, contract);
    const fitting = found.filter((one) => pattern.test(`${one.rule} ${one.message}`));
    assert.ok(fitting.length > 0, `nothing said of it; all that was said:\n${formatFindings(found)}`);
    const lines = JSON.stringify(contract, null, 2).split('\n').length;
    for (const one of fitting) {
      assert.ok(one.mend.length > 5, one.rule);
      if (one.place !== undefined) assert.ok(one.place.line >= 1 && one.place.line <= lines);
    }
    assert.ok(
      fitting.some((one) => one.place !== undefined),
      'with its place',
    );
  });
}

const CONFIGURED: [string, Record<string, unknown>, RegExp][] = [
  [
    'an owner rule for a claim on a body that is not there',
    { operations: { get: { authorization: { owner: { body: '/a', equals: 'id' } } } } },
    /owner|body/,
  ],
  ['a role for an operation that is not there', { authorization: { roles: { nurse: ['gett'] } } }, /gett/],
  ['a tag that is not there', { authorization: { roles: { nurse: ['tag:none'] } } }, /none/],
  [
    'an exception of detection for a place that is not there',
    { detection: { exceptions: [{ operation: 'gett', class: 'sql-injection', reason: 'it is only a test of it' }] } },
    /gett/,
  ],
  ['authentication switched off', { authentication: 'none' }, /authentication/],
  ['disclosure switched off', { disclosure: 'off' }, /disclosure/],
  ['detection switched off', { detection: 'off' }, /detection/],
  ['upstream certificates not verified', { encryption: { upstream: { verify: false } } }, /verif/],
];

for (const [name, more, pattern] of CONFIGURED) {
  test(`said at load: ${name}`, async (t) => {
    const found = await findings(t, base(), more);
    assert.ok(
      found.some((one) => pattern.test(`${one.rule} ${one.message}`)),
      `nothing said of it; all that was said:\n${formatFindings(found)}`,
    );
  });
}
