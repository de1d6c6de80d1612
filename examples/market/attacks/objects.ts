import { type Attack, IDS } from './target.ts';

const ORDER = {
  items: [{ product_id: 7, quantity: 1 }],
  ship_to: { name: 'X', street: 'Y 1', city: 'Z', postcode: '1210 QX' },
};

/** API1, API3 and API5: objects, properties and functions of others. */
export const OBJECT_ATTACKS = {
  'bola-read': async (market) => {
    const as = 'ximena';
    const paths = ['/api/users/2', '/api/users/2/wallet', '/api/orders/3', '/api/orders/3/invoice'];
    const answers = paths.map(async (path) => (await market.ask('GET', path, { as })).ok);
    return Promise.all(answers);
  },
  'bola-change': async (market) => {
    const body = { display_name: 'Changed by another' };
    const user = await market.ask('PATCH', '/api/users/5', { as: 'ximena', body });
    const product = await market.ask('PATCH', '/api/shops/1/products/3', { as: 'dmitri', body: { price_cents: 1 } });
    return [user.ok, product.ok];
  },
  'bola-delete': async (market) => {
    const review = await market.ask('DELETE', '/api/shops/1/products/1/reviews/2', { as: 'ximena' });
    const product = await market.ask('DELETE', '/api/shops/1/products/6', { as: 'dmitri' });
    return [review.ok, product.ok];
  },
  'bola-list': async (market) => {
    const orders = await market.ask('GET', '/api/orders', { as: 'ximena' });
    const messages = await market.ask('GET', '/api/messages', { as: 'ximena' });
    const others = (items: { buyer_id?: number; to_user_id?: number }[]) =>
      items.some((item) => (item.buyer_id ?? item.to_user_id) !== IDS.ximena);
    return [others(orders.json.data.items), others(messages.json.data.items)];
  },
  'missing-role': async (market) => {
    const list = await market.ask('GET', '/api/admin/users', { as: 'ximena' });
    const raise = await market.ask('PATCH', '/api/admin/users/6', { as: 'ximena', body: { role: 'seller' } });
    return [list.ok, raise.ok];
  },
  'mass-assignment': async (market) => {
    const as = 'ximena';
    const change = { display_name: 'Ximena Duarte', role: 'seller', balance_cents: 99_000_000 };
    await market.ask('PATCH', '/api/users/3', { as, body: change });
    const user = await market.ask('GET', '/api/users/3', { as });
    const wallet = await market.ask('GET', '/api/users/3/wallet', { as });
    const fresh = { login: 'raised_1', password: 'long-enough-1', email: 'raised@new.example', display_name: 'R' };
    await market.ask('POST', '/api/users', { body: { ...fresh, role: 'admin' } });
    const body = { login: fresh.login, password: fresh.password };
    const signedIn = await market.ask('POST', '/api/session', { body });
    return [
      user.json.data.role === 'seller',
      wallet.json.data.balance_cents === 99_000_000,
      signedIn.json.data?.user.role === 'admin',
    ];
  },
  'client-price': async (market) => {
    const items = [{ product_id: 7, quantity: 1, price_cents: 1 }];
    const order = await market.ask('POST', '/api/orders', { as: 'ximena', body: { ...ORDER, items } });
    return [order.json.data?.total_cents === 1];
  },
  'over-sharing': async (market) => {
    const own = await market.ask('GET', '/api/users/5', { as: 'linnea' });
    const shops = await market.ask('GET', '/api/shops');
    const product = await market.ask('GET', '/api/shops/1/products/1');
    const reviews = await market.ask('GET', '/api/shops/1/products/1/reviews');
    return [
      own.text.includes('$argon2id$') && own.text.includes('981-44-0561'),
      shops.text.includes('GB82WEST'),
      product.text.includes('cost_cents'),
      reviews.text.includes('noor@mail.market.example'),
    ];
  },
} as const satisfies Record<string, Attack>;

export { ORDER };
