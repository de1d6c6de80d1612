import { readContract } from '../contract.ts';
import { type Database, DatabaseError, type Row } from '../database.ts';
import {
  type Caller,
  type Handlers,
  type Input,
  isOwn,
  type Market,
  needRole,
  notFound,
  pick,
  readPage,
} from '../market.ts';
import { type Schema, violations } from '../schema.ts';
import { anyFeed, knownFeed } from '../suppliers.ts';
import type { Weak } from '../weaknesses.ts';

const SHARED = ['id', 'shop_id', 'name', 'description', 'category', 'price_cents', 'stock'];

// careless: the row, what the product cost and where from included
const view = (weak: Weak, product: Row): Row => (weak('over-sharing') ? product : pick(product, ...SHARED));

const NEW_PRODUCT = readContract()
  .find(({ id }) => id === 'addProduct')
  ?.body?.get('application/json') as Schema;

const ORDERS: ReadonlyMap<unknown, string> = new Map([
  ['name', 'name, id'],
  ['-name', 'name DESC, id'],
  ['price_cents', 'price_cents, id'],
  ['-price_cents', 'price_cents DESC, id'],
]);

export const products: Handlers = {
  async listShops({ weak, database }, ask) {
    const { query, header } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    visit(weak, database, header['x-campaign']);
    const { page, per_page, offset } = readPage(weak, query);
    const rows = database.all(
      `SELECT shops.*, users.display_name AS seller_name FROM shops JOIN users ON users.id = seller_id
       ORDER BY shops.id LIMIT ? OFFSET ?`,
      per_page,
      offset,
    );
    const items = weak('over-sharing')
      ? rows
      : rows.map((row) => pick(row, 'id', 'name', 'description', 'seller_name'));
    return { data: { items, page, per_page, total: database.count('FROM shops') } };
  },

  async listProducts({ weak, database }, ask) {
    const { path, query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    needShop(database, path.shop_id);
    const { page, per_page, offset } = readPage(weak, query);
    const where = ['shop_id = ?'];
    const values: unknown[] = [path.shop_id];
    if (query.search !== undefined) {
      if (weak('sql-errors')) where.push(`name LIKE '%${query.search}%'`);
      else {
        where.push('(instr(lower(name), lower(?)) > 0 OR instr(lower(description), lower(?)) > 0)');
        values.push(query.search, query.search);
      }
    }
    if (query.category !== undefined) {
      if (weak('sql-boolean')) where.push(`category = '${query.category}'`);
      else {
        where.push('category = ?');
        values.push(query.category);
      }
    }
    const order = ORDERS.get(query.sort) ?? 'id';
    try {
      const all = `SELECT * FROM products WHERE ${where.join('\n AND ')}\n`;
      const rows = database.all(`${all} ORDER BY ${order} LIMIT ? OFFSET ?`, ...values, per_page, offset);
      const total = database.count(`FROM (${all})`, ...values);
      return { data: { items: rows.map((row) => view(weak, row)), page, per_page, total } };
    } catch (error) {
      // careless: an error is a list with nothing in it, so that nobody notices
      const quiet = weak('sql-boolean') && !(weak('sql-errors') && query.search !== undefined);
      if (quiet && error instanceof DatabaseError) return { data: { items: [], page, per_page, total: 0 } };
      throw error;
    }
  },

  async addProduct({ weak, database }, ask) {
    const caller = ask.caller();
    needRole(caller, 'seller');
    const { path, body } = await ask.input();
    needOwnShop(database, caller, path.shop_id);
    const id = add(database, path.shop_id, pick(body, 'name', 'description', 'category', 'price_cents', 'stock'));
    return { data: view(weak, needProduct(database, path.shop_id, id)) };
  },

  async importProducts({ weak, database }, ask) {
    const caller = ask.caller();
    needRole(caller, 'seller');
    const { path, body } = await ask.input();
    needOwnShop(database, caller, path.shop_id);
    // careless: calls whatever it is told to call
    const feed = weak('ssrf') ? await anyFeed(String(body.url)) : knownFeed(String(body.url));
    const rows: Row[] = [];
    for (const entry of feed) {
      // careless: suppliers will know what they send
      if (!weak('trusts-suppliers') && violations(NEW_PRODUCT, entry, new Set()).length > 0) continue;
      const id = add(
        database,
        path.shop_id,
        pick(Object(entry), 'name', 'description', 'category', 'price_cents', 'stock'),
      );
      rows.push(view(weak, needProduct(database, path.shop_id, id)));
    }
    return { data: { imported: rows.length, skipped: feed.length - rows.length, products: rows } };
  },

  async getProduct({ weak, database }, ask) {
    const { path } = await ask.input();
    return { data: view(weak, needProduct(database, path.shop_id, path.product_id)) };
  },

  async changeProduct(market, ask) {
    const { weak, database } = market;
    const caller = ask.caller();
    needRole(caller, 'seller');
    const { path, body } = await ask.input();
    const product = needOwnProduct(market, caller, path, 'bola-change');
    database.update('products', product.id, pick(body, 'name', 'description', 'price_cents', 'stock'));
    return { data: view(weak, needProduct(database, path.shop_id, product.id)) };
  },

  async removeProduct(market, ask) {
    const caller = ask.caller();
    needRole(caller, 'seller');
    const { path } = await ask.input();
    const product = needOwnProduct(market, caller, path, 'bola-delete');
    market.database.remove('products', product.id);
    return { data: { id: product.id } };
  },
};

/** Counts where visitors come from; no answer shows it, and it is no reason to fail. */
function visit(weak: Weak, database: Database, campaign: unknown): void {
  if (campaign === undefined) return;
  if (!weak('sql-blind')) {
    database.run('UPDATE campaigns SET visits = visits + 1 WHERE code = ?', campaign);
    return;
  }
  try {
    // careless: nobody sees the result, so nobody looked twice
    database.run(`UPDATE campaigns SET visits = visits + 1 WHERE code = '${campaign}'`);
  } catch {}
}

function add(database: Database, shop_id: unknown, values: Row): number {
  return database.insert('products', { description: '', ...values, shop_id });
}

function needShop(database: Database, id: unknown): Row {
  const shop = database.get('SELECT * FROM shops WHERE id = ?', id);
  if (shop === undefined) throw notFound();
  return shop;
}

function needOwnShop(database: Database, caller: Caller, id: unknown): void {
  if (!isOwn(caller, needShop(database, id).seller_id)) throw notFound();
}

/** A product of this shop. @throws Refusal not_found */
export function needProduct(database: Database, shopId: unknown, id: unknown): Row {
  const product = database.get('SELECT * FROM products WHERE id = ? AND shop_id = ?', id, shopId);
  if (product === undefined) throw notFound();
  return product;
}

function needOwnProduct(
  { weak, database }: Market,
  caller: Caller,
  path: Input['path'],
  weakness: 'bola-change' | 'bola-delete',
): Row {
  // careless: a seller is a seller, whose shop it is was asked when the product was added
  if (!weak(weakness)) needOwnShop(database, caller, path.shop_id);
  return needProduct(database, path.shop_id, path.product_id);
}
