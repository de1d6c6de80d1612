/** A small contract for tests: things with an owner, a search, an upload, a form, and one open operation. */
export const SHOP = {
  openapi: '3.1.0',
  info: { title: 'shop', version: '1' },
  security: [{ key: [] }],
  paths: {
    '/ping': {
      get: { operationId: 'ping', security: [], responses: { 200: json({ $ref: '#/components/schemas/Pong' }) } },
    },
    '/silent': { get: { operationId: 'silent', responses: { 200: json({ $ref: '#/components/schemas/Pong' }) } } },
    '/things': {
      get: {
        operationId: 'listThings',
        parameters: [
          { name: 'q', in: 'query', schema: { type: 'string', maxLength: 200 } },
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
        ],
        responses: { 200: json({ type: 'array', maxItems: 100, items: { $ref: '#/components/schemas/Thing' } }) },
      },
      post: {
        operationId: 'createThing',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewThing' } } },
        },
        responses: { 201: json({ $ref: '#/components/schemas/Thing' }) },
      },
    },
    '/things/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1 } }],
      get: {
        operationId: 'getThing',
        'x-portcullis-owner': { answer: '/owner', equals: 'customer', unless: ['staff'] },
        responses: {
          200: json({ $ref: '#/components/schemas/Thing' }),
          404: json({ $ref: '#/components/schemas/Problem' }),
        },
      },
      delete: {
        operationId: 'deleteThing',
        'x-portcullis-roles': ['staff'],
        responses: { 204: { description: 'gone' } },
      },
    },
    '/customers/{customer}/orders': {
      get: {
        operationId: 'listOrders',
        parameters: [{ name: 'customer', in: 'path', required: true, schema: { type: 'integer' } }],
        'x-portcullis-owner': { path: 'customer', equals: 'customer', unless: ['staff'] },
        responses: { 200: json({ type: 'array', maxItems: 10, items: { type: 'string', maxLength: 20 } }) },
      },
    },
    '/files/{name}': {
      get: {
        operationId: 'getFile',
        parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string', maxLength: 100 } }],
        responses: { 200: { description: 'bytes', content: { 'application/octet-stream': {} } } },
      },
    },
  },
  components: {
    securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    schemas: {
      Pong: { type: 'object', properties: { ok: { type: 'boolean' } } },
      Problem: { type: 'object', properties: { title: { type: 'string', maxLength: 100 } } },
      Thing: {
        type: 'object',
        required: ['id', 'name'],
        properties: {
          id: { type: 'integer', readOnly: true, 'x-portcullis-object': 'thing' },
          name: { type: 'string', maxLength: 100 },
          owner: { type: 'integer' },
          card: { type: 'string', maxLength: 30, 'x-portcullis-sensitive': true, 'x-portcullis-mask': 'last4' },
          margin: { type: 'number', 'x-portcullis-roles': ['staff'] },
          pin: { type: 'string', maxLength: 10, writeOnly: true },
        },
      },
      NewThing: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 100 },
          note: { type: 'string', maxLength: 1000 },
          price: { type: 'number', minimum: 0 },
        },
      },
    },
  },
};

function json(schema: unknown) {
  return { description: 'ok', content: { 'application/json': { schema } } };
}

/** What the shop answers; the second customer's thing is 2. More than the contract names, on purpose. */
export const thing = (id: number): Record<string, unknown> => ({
  id,
  name: `thing ${id}`,
  owner: id,
  card: '4111111111111111',
  margin: 0.42,
  pin: '1234',
  passwordHash: 'should never leave',
});
