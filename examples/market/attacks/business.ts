import { ORDER } from './objects.ts';
import type { Attack, Target, User } from './target.ts';

const redeem = (market: Target, as: User, id: number, code: string) =>
  market.ask('POST', `/api/users/${id}/wallet/coupons`, {
    as,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    raw: new URLSearchParams({ code }).toString(),
  });

const transfer = (market: Target, amount_cents: number, reference: string) =>
  market.ask('POST', '/api/users/1/wallet/transfers', {
    as: 'noor',
    body: { to_user_id: 2, amount_cents, reference },
  });

/** API4 and API6: how much, and flows of the business. */
export const BUSINESS_ATTACKS = {
  'unlimited-pages': async (market) => {
    const coupons = await market.ask('GET', '/api/coupons?per_page=1000000');
    const orders = await market.ask('GET', '/api/orders?per_page=51', { as: 'noor' });
    return [coupons.ok, orders.ok];
  },
  'no-rate-limits': async (market) => {
    const body = { to_user_id: 7, subject: 'Hello', text: 'Again' };
    let limited = false;
    let last = await market.ask('GET', '/api/messages', { as: 'tobias' });
    const said = last.headers.has('ratelimit') || last.headers.has('ratelimit-policy');
    for (let i = 0; i < 120 && !limited; i += 1) {
      last = await market.ask('POST', '/api/messages', { as: 'tobias', body });
      limited = last.status === 429 && last.headers.has('retry-after') && last.code === 'slow_down';
    }
    return [!said, !limited];
  },
  'no-body-limits': async (market) => {
    const body = { login: 'noor', password: 'x'.repeat(200_000) };
    const { code } = await market.ask('POST', '/api/session', { body });
    return [code === 'sign_in_failed'];
  },
  'coupon-reuse': async (market) => {
    const first = await redeem(market, 'noor', 1, 'SPRING-01');
    const second = await redeem(market, 'noor', 1, 'SPRING-01');
    return [first.ok && second.ok];
  },
  'coupon-race': async (market) => {
    await market.key('tobias');
    const all = await Promise.all(Array.from({ length: 8 }, () => redeem(market, 'tobias', 2, 'SPRING-02')));
    return [all.filter(({ ok }) => ok).length > 1];
  },
  'replayed-transfer': async (market) => {
    const first = await transfer(market, 150, 'only-once-0001');
    const second = await transfer(market, 150, 'only-once-0001');
    return [first.ok && second.ok];
  },
  'negative-amounts': async (market) => {
    const taken = await transfer(market, -500, 'below-zero-0001');
    const items = [
      { product_id: 7, quantity: 1 },
      { product_id: 9, quantity: -9 },
    ];
    const order = await market.ask('POST', '/api/orders', { as: 'noor', body: { ...ORDER, items } });
    return [taken.ok, order.ok && order.json.data.total_cents < 0];
  },
  'trusts-suppliers': async (market) => {
    const body = { url: 'https://feeds.market.example/garden.json' };
    const { json } = await market.ask('POST', '/api/shops/1/products/import', { as: 'marta', body });
    const products = json.data.products as { price_cents: number; name: string }[];
    return [products.some(({ price_cents }) => price_cents < 0), products.some(({ name }) => name.includes('<b>'))];
  },
} as const satisfies Record<string, Attack>;
