/** The bench's contract: `operations` operations of which two are asked, and the rest stand beside them. */
export function benchContract(operations: number): string {
  const item = {
    type: 'object',
    required: ['id', 'name', 'email', 'status', 'created', 'address', 'tags', 'lines', 'note'],
    properties: {
      id: { type: 'integer', minimum: 1 },
      name: { type: 'string', maxLength: 100 },
      email: { type: 'string', format: 'email', maxLength: 100 },
      status: { type: 'string', enum: ['new', 'open', 'closed'] },
      created: { type: 'string', format: 'date-time' },
      address: {
        type: 'object',
        properties: {
          street: { type: 'string', maxLength: 100 },
          city: { type: 'string', maxLength: 100 },
          zip: { type: 'string', maxLength: 20 },
          country: { type: 'string', pattern: '^[A-Z]{2}$' },
        },
      },
      tags: { type: 'array', maxItems: 20, items: { type: 'string', maxLength: 40 } },
      lines: {
        type: 'array',
        maxItems: 50,
        items: {
          type: 'object',
          required: ['sku', 'quantity', 'price'],
          properties: {
            sku: { type: 'string', maxLength: 40 },
            quantity: { type: 'integer', minimum: 1, maximum: 1000 },
            price: { type: 'number', minimum: 0 },
            text: { type: 'string', maxLength: 200 },
          },
        },
      },
      note: { type: 'string', maxLength: 1000 },
    },
  };
  const { id: _id, created: _created, ...writable } = item.properties;
  const newItem = { type: 'object', required: ['name', 'email', 'lines'], properties: writable };
  const answer = (schema: unknown) => ({
    '200': { description: 'ok', content: { 'application/json': { schema } } },
  });
  const paths: Record<string, unknown> = {
    '/items/{id}': {
      get: {
        operationId: 'getItem',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'integer', minimum: 1, maximum: 1_000_000 } },
        ],
        responses: answer({ $ref: '#/components/schemas/Item' }),
      },
    },
    '/items': {
      post: {
        operationId: 'createItem',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NewItem' } } },
        },
        responses: answer({ $ref: '#/components/schemas/Item' }),
      },
    },
  };
  for (let i = 0; i + 2 < operations; i++) {
    paths[`/other${i % 100}/things${Math.floor(i / 100)}/{thing}`] = {
      get: {
        operationId: `other${i}`,
        parameters: [{ name: 'thing', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } }],
        responses: answer({ $ref: '#/components/schemas/Item' }),
      },
    };
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'bench', version: '1' },
    security: [{ key: [] }],
    paths,
    components: {
      securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
      schemas: { Item: item, NewItem: newItem },
    },
  });
}

/** About 1 KB of JSON: what the upstream answers to everything. */
export const ANSWER = JSON.stringify({
  id: 4711,
  name: 'Rosalind Okonkwo-Brightwater',
  email: 'rosalind@example.org',
  status: 'open',
  created: '2026-03-01T09:30:00Z',
  address: { street: '14 Lower Harbour Lane', city: 'Port Ellery', zip: 'PE4 7QT', country: 'GB' },
  tags: ['wholesale', 'priority', 'north-west', 'seasonal'],
  lines: Array.from({ length: 4 }, (_, i) => ({
    sku: `SKU-${1000 + i}-BLUE`,
    quantity: 3 + i,
    price: 12.5 + i,
    text: 'Enamelled steel mug, speckled, with a cork lid, packed in pairs',
  })),
  note: `Deliver to the side entrance between nine and noon; the bell is broken, please knock. ${'The driver knows the way. '.repeat(6)}`.trim(),
});

/** About 500 bytes of JSON with six free-text fields. */
export const BODY = JSON.stringify({
  name: 'Rosalind Okonkwo-Brightwater',
  email: 'rosalind@example.org',
  status: 'new',
  address: { street: '14 Lower Harbour Lane', city: 'Port Ellery', zip: 'PE4 7QT', country: 'GB' },
  tags: ['wholesale', 'priority'],
  lines: [
    { sku: 'SKU-1000-BLUE', quantity: 3, price: 12.5, text: 'Enamelled steel mug, speckled' },
    { sku: 'SKU-1001-GREY', quantity: 1, price: 49, text: 'Kettle with a long spout' },
  ],
  note: 'Deliver to the side entrance between nine and noon; the bell is broken, please knock.',
});
