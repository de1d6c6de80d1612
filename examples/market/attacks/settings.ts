import type { Attack } from './target.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** API8 and API9: settings and habits, and what was forgotten. */
export const SETTING_ATTACKS = {
  'cors-any': async (market) => {
    const origin = 'https://evil.example';
    const simple = await market.ask('GET', '/api/shops', { headers: { origin } });
    const preflight = await market.ask('OPTIONS', '/api/users/1', {
      headers: { origin, 'access-control-request-method': 'PATCH' },
    });
    return [simple, preflight].map(({ headers }) => headers.get('access-control-allow-origin') === origin);
  },
  'any-content-type': async (market) => {
    const body = { to_user_id: 7, subject: 'From a form', text: 'of another site' };
    const headers = { 'content-type': 'text/plain' };
    return [(await market.ask('POST', '/api/messages', { as: 'linnea', headers, body })).ok];
  },
  'verbose-errors': async (market) => {
    const { headers, text } = await market.ask('GET', '/api/nothing');
    return [headers.has('x-powered-by'), /node\/\d/.test(headers.get('server') ?? ''), /sqlite\/\d/.test(text)];
  },
  'stack-traces': async (market) => {
    const { status, text } = await market.ask('POST', '/api/session', { headers: JSON_TYPE, raw: '{"login": ' });
    return [status === 500, / at .*input\.ts/.test(text)];
  },
  'server-errors': async (market) => {
    const wrong = await market.ask('POST', '/api/session', { body: { login: 5, password: 'x' } });
    const deep = await market.ask('POST', '/api/orders', { as: 'linnea', body: { items: 7, ship_to: {} } });
    return [wrong.status === 500, deep.status === 500];
  },
  'no-validation': async (market) => {
    const review = await market.ask('POST', '/api/shops/1/products/2/reviews', {
      as: 'linnea',
      body: { rating: 99, text: 'Above all' },
    });
    const product = await market.ask('POST', '/api/shops/1/products', {
      as: 'marta',
      body: { name: 'Thing', category: 'Not One Of Ours!', price_cents: 1_000, stock: 1, colour: 'red' },
    });
    const strange = await market.ask('GET', '/api/shops?colour=red&page=1&page=2');
    return [review.ok, product.ok, strange.ok];
  },
  'cacheable-private': async (market) => {
    const { headers } = await market.ask('GET', '/api/users/5', { as: 'linnea' });
    return [/public/.test(headers.get('cache-control') ?? '')];
  },
  sniffable: async (market) => {
    const { headers } = await market.ask('GET', '/api/files?name=terms.txt');
    return [!headers.has('x-content-type-options'), !headers.has('content-security-policy')];
  },
  'any-method': async (market) => {
    const purged = await market.ask('PURGE', '/api/shops');
    const invented = await market.firstLine('FOO /api/shops HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    return [purged.ok, invented.startsWith('HTTP/1.1 200')];
  },
  'method-override': async (market) => {
    const headers = { 'x-http-method-override': 'DELETE' };
    const add = { name: 'Short-lived', category: 'garden', price_cents: 100, stock: 1 };
    const { json } = await market.ask('POST', '/api/shops/1/products', { as: 'marta', body: add });
    const path = `/api/shops/1/products/${json.data.id}`;
    await market.ask('GET', path, { as: 'marta', headers });
    return [!(await market.ask('GET', path)).ok];
  },
  'debug-route': async (market) => {
    const { text } = await market.ask('GET', '/debug');
    return [text.includes('PAYMENT_SECRET')];
  },
  'old-version': async (market) => {
    const user = await market.ask('GET', '/api/v0/users/2');
    const orders = await market.ask('GET', '/api/v0/admin/users');
    return [user.ok, orders.ok];
  },
} as const satisfies Record<string, Attack>;
