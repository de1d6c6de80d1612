import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../contract/fixture.ts';
import type { Operation } from '../../contract/model.ts';
import { Resources } from './resources.ts';
import { answers, api, body, inPath, number, object, text } from './testing.ts';

const order = object({ id: number, customerId: number });
const contract = await load(
  api(
    {
      '/v1/customers': {
        get: answers(200, { type: 'array', items: object({ id: number }) }),
        post: { ...body(object({ email: text })), ...answers(201, object({ id: number })) },
      },
      '/v1/customers/{customerId}': { get: { parameters: [inPath('customerId', number)], ...answers(200) } },
      '/v1/customers/{customerId}/order-items/{itemId}': {
        get: { parameters: [inPath('customerId', number), inPath('itemId', number)], ...answers(200) },
      },
      '/v1/orders': {
        get: answers(200, object({ content: { type: 'array', items: { $ref: '#/components/schemas/OrderSummary' } } })),
        post: {
          ...body(object({ customer_id: number, billingCustomerId: number, owner: text, note: text })),
          ...answers(201, { $ref: '#/components/schemas/Order' }),
        },
      },
      '/v1/orders/{id}': {
        parameters: [inPath('id', number)],
        get: answers(200, { $ref: '#/components/schemas/Order' }),
        put: { ...body(order), ...answers(200) },
      },
      '/v1/orders/{id}/cancel': { post: { parameters: [inPath('id', number)], ...answers(200) } },
      '/v1/orders/{id}/payments': {
        post: { parameters: [inPath('id', number)], ...answers(200, { $ref: '#/components/schemas/Order' }) },
      },
      '/v1/orders/{id}/notes': {
        post: {
          parameters: [inPath('id', number)],
          ...body(object({ text })),
          ...answers(201, object({ id: number, text })),
        },
      },
      '/v1/orders/{id}/photo': { parameters: [inPath('id', number)], get: answers(200), put: answers(204) },
      '/v1/orders/search': {
        post: { ...body(object({ text })), ...answers(200, { $ref: '#/components/schemas/Order' }) },
      },
      '/v1/books/v1/{book_title}': { get: { parameters: [inPath('book_title', text)], ...answers(200) } },
      '/v1/me': { get: answers(200, object({ id: number })) },
      '/v1/files': {
        get: {
          parameters: [
            { name: 'name', in: 'query', required: true, schema: text },
            { name: 'orderId', in: 'query', schema: number },
            { name: 'limit', in: 'query', schema: number },
          ],
          ...answers(200),
        },
      },
      '/v1/weather/{city}': { get: { parameters: [inPath('city', text)], ...answers(200) } },
    },
    undefined,
    { Order: order, OrderSummary: order },
  ),
);
const resources = new Resources(contract, contract.operations);
const operation = (key: string): Operation => contract.operations.find((one) => one.key === key)!;
const path = (key: string): string[] =>
  resources.path(operation(key)).map(({ kind, property }) => `${kind}.${property}`);
const points = (key: string, place: string, name: string, schema?: object): string | undefined => {
  const at = schema && { schema, uri: 'test:#', dialect: '2020-12' as const, documents: contract.documents };
  const found = resources.reference(operation(key), place, name, at, true);
  return found && `${found.kind}.${found.property}`;
};

test('parameters of paths name things by what stands before them', () => {
  assert.deepEqual(path('GET /v1/customers/{customerId}'), ['customer.id']);
  assert.deepEqual(path('GET /v1/customers/{customerId}/order-items/{itemId}'), ['customer.id', 'orderitem.id']);
  assert.deepEqual(path('GET /v1/orders/{id}'), ['order.id']);
  assert.deepEqual(path('GET /v1/books/v1/{book_title}'), ['book.title']);
  assert.deepEqual(path('GET /v1/weather/{city}'), ['city.id']);
});

test('values elsewhere point at things by their names', () => {
  assert.equal(points('POST /v1/orders', 'body', '/customer_id'), 'customer.id');
  assert.equal(points('POST /v1/orders', 'body', '/billingCustomerId'), 'customer.id');
  assert.equal(points('POST /v1/orders', 'body', '/customer/id'), 'customer.id');
  assert.equal(points('POST /v1/orders', 'body', '/note', text), undefined);
  assert.equal(points('POST /v1/orders', 'body', '/note', number), 'note.id');
  assert.equal(points('GET /v1/files', 'query', 'orderId'), 'order.id');
  assert.equal(points('GET /v1/files', 'query', 'name'), 'file.name');
  assert.equal(points('GET /v1/files', 'query', 'limit'), undefined);
});

test('answers are about the things of their schema or path', () => {
  assert.equal(resources.answers(operation('GET /v1/orders')), 'order');
  assert.equal(resources.answers(operation('GET /v1/customers')), 'customer');
  assert.equal(resources.answers(operation('POST /v1/orders/{id}/payments')), 'order');
  assert.equal(resources.answers(operation('GET /v1/me')), 'self');
});

test('making a thing, doing something to it, and looking for it are told apart', () => {
  const makes = (key: string): string | undefined => resources.makes(operation(key));
  assert.equal(makes('POST /v1/orders'), 'order');
  assert.equal(makes('POST /v1/customers'), 'customer');
  assert.equal(makes('POST /v1/orders/{id}/notes'), 'note');
  for (const key of ['POST /v1/orders/search', 'POST /v1/orders/{id}/cancel', 'POST /v1/orders/{id}/payments'])
    assert.equal(makes(key), undefined, key);
  for (const key of ['POST /v1/orders/{id}/cancel', 'POST /v1/orders/{id}/payments'])
    assert.equal(resources.isDeed(operation(key)), true, key);
  for (const key of ['POST /v1/orders', 'POST /v1/orders/{id}/notes', 'PUT /v1/orders/{id}/photo'])
    assert.equal(resources.isDeed(operation(key)), false, key);
});

test('a Location or link is the thing that its path names; other hosts name nothing', () => {
  const base = new URL('http://api.example/');
  assert.deepEqual(resources.route('/v1/orders/7', base)?.values, ['7']);
  assert.deepEqual(resources.route('http://api.example/v1/customers/3?x=1', base)?.values, ['3']);
  for (const url of ['http://elsewhere.example/v1/orders/7', '/v1/nothing/7', 'http://%zz', '/v1/orders/%E0%A4%A'])
    assert.equal(resources.route(url, base), undefined, url);
});
