import type { Row } from '../database.ts';
import { type Handlers, invalid, isOwn, type Market, notFound, pick, readPage } from '../market.ts';
import { invoicePage } from '../pages.ts';

interface Line {
  readonly product_id: unknown;
  readonly name: unknown;
  readonly quantity: unknown;
  readonly price_cents: unknown;
}

const view = (order: Row): Row => ({
  ...pick(order, 'id', 'buyer_id', 'status', 'total_cents'),
  items: JSON.parse(String(order.items)),
  ship_to: JSON.parse(String(order.ship_to)),
  ...pick(order, 'note', 'placed_at'),
});

export const orders: Handlers = {
  async listOrders({ weak, database }, ask) {
    const caller = ask.caller();
    const { query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    const { page, per_page, offset } = readPage(weak, query);
    // careless: everybody's; the page of the browser shows only those that are the visitor's
    const where = weak('bola-list') ? 'FROM orders WHERE ? IS NOT NULL' : 'FROM orders WHERE buyer_id = ?';
    const status = query.status ?? null;
    const from = `${where} AND (? IS NULL OR status = ?)`;
    const values = [caller.id, status, status];
    const rows = database.all(`SELECT * ${from} ORDER BY id LIMIT ? OFFSET ?`, ...values, per_page, offset);
    return { data: { items: rows.map(view), page, per_page, total: database.count(from, ...values) } };
  },

  async placeOrder({ weak, database }, ask) {
    const caller = ask.caller();
    // careless: quantities below zero make an order cheaper than nothing
    const { body } = await ask.input([
      ...(weak('negative-amounts') ? ['minimum'] : []),
      ...(weak('client-price') ? ['additionalProperties'] : []),
    ]);
    const wanted = Array.isArray(body.items) ? (body.items as unknown[]) : [];
    const items = wanted.map((entry): Line => {
      const { product_id, quantity, price_cents } = Object(entry) as Row;
      const product = database.get('SELECT id, name, price_cents FROM products WHERE id = ?', product_id);
      if (product === undefined) throw notFound();
      if (!weak('negative-amounts') && !(Number(quantity) > 0)) {
        throw invalid([{ at: '/items', problem: 'must have quantities of 1 or more' }]);
      }
      // careless: the basket of the browser knows the price too
      const price = weak('client-price') && price_cents !== undefined ? price_cents : product.price_cents;
      return { product_id: product.id, name: product.name, quantity, price_cents: price };
    });
    const total = items.reduce((sum, { quantity, price_cents }) => sum + Number(quantity) * Number(price_cents), 0);
    const id = database.insert('orders', {
      buyer_id: caller.id,
      status: 'placed',
      total_cents: Number.isFinite(total) ? total : 0,
      items,
      ship_to: pick(Object(body.ship_to), 'name', 'street', 'city', 'postcode'),
      note: body.note ?? null,
      placed_at: new Date().toISOString(),
    });
    const order = database.get('SELECT * FROM orders WHERE id = ?', id);
    return { data: view(order ?? {}) };
  },

  async getOrder(market, ask) {
    const caller = ask.caller();
    const { path } = await ask.input();
    const order = needOrder(market, path.order_id);
    if (!market.weak('bola-read') && !isOwn(caller, order.buyer_id)) throw notFound();
    return { data: view(order) };
  },

  async getInvoice(market, ask) {
    const { weak, database } = market;
    // careless: no session asked for, so that invoices can be linked to in mails
    const caller = weak('open-operation') ? ask.callerIfAny : ask.caller();
    const { path, query } = await ask.input();
    const order = needOrder(market, path.order_id);
    if (!weak('bola-read') && caller !== undefined && !isOwn(caller, order.buyer_id)) throw notFound();
    const buyer = database.get('SELECT display_name FROM users WHERE id = ?', order.buyer_id);
    const content = invoicePage(weak, view(order), String(buyer?.display_name ?? ''), String(query.reference ?? ''));
    return { raw: { type: 'text/html; charset=utf-8', content } };
  },
};

function needOrder({ database }: Market, id: unknown): Row {
  const order = database.get('SELECT * FROM orders WHERE id = ?', id);
  if (order === undefined) throw notFound();
  return order;
}
