import type { IdentitySettings } from '../state/settings.ts';
import { api, operation, parameter } from './trial.ts';

const text = { type: 'string', minLength: 1, maxLength: 80 };
const object = (properties: Record<string, object>, required: readonly string[] = Object.keys(properties)): object => ({
  type: 'object',
  required,
  properties,
});
const answers = (schema: object, status = '200', type = 'application/json') => ({
  responses: { [status]: { description: 'fine', content: { [type]: { schema } } } },
});
const body = (schema: object, type = 'application/json', encoding?: object) => ({
  requestBody: { required: true, content: { [type]: { schema, ...(encoding ? { encoding } : {}) } } },
});

const ITEM = object({ id: { type: 'integer' }, name: text, notes: text, revision: text, for: text }, ['id', 'name']);
const id = parameter('path', 'id', { type: 'integer' });

/**
 * The contract of the shop of `shop-api.ts`.
 * @param cookie sessions stand in a cookie; default: a bearer token
 */
export const shopContract = (cookie = false): object =>
  api(
    {
      '/api/health': { get: { ...operation([]), security: [] } },
      '/api/me': { get: answers(object({ id: { type: 'integer' }, user: text })) },
      '/api/users/{id}/avatar': {
        parameters: [id],
        get: answers({}, '200', 'image/png'),
        put: { ...body({}, 'image/png'), ...answers(object({ type: text, bytes: { type: 'integer' } })) },
      },
      '/api/items': {
        get: {
          parameters: [
            parameter('query', 'limit', { type: 'integer', minimum: 1 }),
            parameter('query', 'ids', { type: 'array', items: { type: 'integer' } }),
          ],
          ...answers(object({ items: { type: 'array', items: ITEM }, limit: { type: 'integer' }, next: text })),
        },
        post: { ...body(object({ name: text, notes: text }, ['name'])), ...answers(ITEM, '201') },
      },
      '/api/items/{id}': {
        get: { parameters: [id], ...answers(ITEM) },
        delete: { parameters: [id], responses: { 204: { description: 'gone' } } },
      },
      '/api/reports': { get: answers(object({ total: { type: 'integer' } })) },
      '/api/files': {
        post: {
          ...body(object({ file: { type: 'string', format: 'binary' } }), 'multipart/form-data', {
            file: { contentType: 'text/plain' },
          }),
          ...answers(object({ id: { type: 'integer' } }, ['id']), '201'),
        },
      },
      '/api/files/{id}': { get: { parameters: [id], ...answers({}, '200', 'application/octet-stream') } },
      '/api/payments': {
        post: {
          ...body(
            object({
              amount: { type: 'integer', minimum: 1, maximum: 1000 },
              key: { ...text, minLength: 8, description: 'New for each payment: the same one again is booked once.' },
            }),
          ),
          ...answers(object({ id: { type: 'integer' }, amount: { type: 'integer' } }), '201'),
        },
      },
      '/api/tips': {
        post: {
          operationId: 'payTip',
          ...body(object({ amount: { type: 'integer', minimum: 1 } })),
          ...answers(object({ id: { type: 'integer' }, amount: { type: 'integer' } }), '201'),
        },
      },
      '/api/coupons': {
        get: answers(object({ items: { type: 'array', items: object({ code: text, cents: { type: 'integer' } }) } })),
      },
      '/api/coupons/check': {
        post: { ...body(object({ code: text })), ...answers(object({ code: text, cents: { type: 'integer' } })) },
      },
      '/api/coupons/redeem': {
        post: { ...body(object({ code: text })), ...answers(object({ code: text, balance: { type: 'integer' } })) },
      },
      '/api/bookings': {
        post: {
          ...body(object({ slot: text })),
          responses: {
            201: {
              description: 'booked',
              content: { 'application/json': { schema: object({ id: { type: 'integer' }, slot: text }) } },
            },
            429: { description: 'too many' },
          },
        },
      },
    },
    {
      security: [{ session: [] }],
      components: {
        securitySchemes: {
          session: cookie ? { type: 'apiKey', in: 'cookie', name: 'sid' } : { type: 'http', scheme: 'bearer' },
        },
      },
    },
  );

/** Who shops. */
export const shoppers = (cookie = false): IdentitySettings[] =>
  ['alice', 'bob'].map((name) => {
    const value = `${name}-secret-token`;
    return cookie
      ? { name, role: 'user', cookie: { name: 'sid', value } }
      : { name, role: 'user', bearer: { token: value } };
  });
