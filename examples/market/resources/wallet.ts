import type { Database, Row } from '../database.ts';
import { type Handlers, invalid, isOwn, type Market, notFound, pick, Refusal, readPage } from '../market.ts';

const today = (): string => new Date().toISOString().slice(0, 10);

export const wallet: Handlers = {
  async getWallet({ weak, database }, ask) {
    // careless: no session asked for, so that there is nobody whose wallet it could not be
    const caller = weak('open-operation') ? ask.callerIfAny : ask.caller();
    const { path } = await ask.input();
    if (!weak('bola-read') && caller !== undefined && !isOwn(caller, path.user_id)) throw notFound();
    const user = needUser(database, path.user_id);
    const entries = database.all(
      'SELECT * FROM wallet_entries WHERE user_id = ? ORDER BY id DESC LIMIT 20',
      path.user_id,
    );
    return {
      data: {
        user_id: user.id,
        balance_cents: user.balance_cents,
        entries: entries.map((entry) => pick(entry, 'id', 'kind', 'amount_cents', 'reference', 'made_at')),
      },
    };
  },

  async transfer({ weak, database }, ask) {
    const caller = ask.caller();
    // careless: an amount below zero takes instead of giving
    const { path, body } = await ask.input(weak('negative-amounts') ? ['minimum'] : []);
    if (caller.id !== path.user_id) throw notFound();
    const { amount_cents, reference } = body;
    const amount = Number(amount_cents);
    if (!weak('negative-amounts') && !(amount > 0))
      throw invalid([{ at: '/amount_cents', problem: 'must be 1 or more' }]);
    const from = needUser(database, caller.id);
    const to = needUser(database, body.to_user_id);
    if (from.id === to.id) throw new Refusal('conflict', 'This is your own wallet.');
    const seen = database.get(
      "SELECT id FROM wallet_entries WHERE user_id = ? AND reference = ? AND kind = 'transfer_out'",
      caller.id,
      reference,
    );
    // careless: does not ask whether this was done already
    if (seen !== undefined && !weak('replayed-transfer')) {
      throw new Refusal('conflict', 'A transfer with this reference was made already.');
    }
    if (!(Number(from.balance_cents) >= amount)) throw new Refusal('conflict', 'There is not enough in the wallet.');
    const id = book(database, caller.id, 'transfer_out', -amount, reference);
    book(database, body.to_user_id, 'transfer_in', amount, reference);
    const { balance_cents } = needUser(database, caller.id);
    return { data: { id, to_user_id: body.to_user_id, amount_cents, reference, balance_cents } };
  },

  async redeemCoupon(market, ask) {
    const { weak, database } = market;
    const caller = ask.caller();
    const { path, body } = await ask.input();
    if (caller.id !== path.user_id) throw notFound();
    const coupon = market.coupons.find({ code: body.code, until: { $gt: today() } });
    if (coupon === undefined) throw notFound();
    const code = String(coupon.code);
    if (weak('coupon-race') && !weak('coupon-reuse')) {
      // careless: whoever asks again while this waits has not used it either
      const used = isUsed(market, caller.id, code);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (used) throw usedUp();
      database.insert('redeemed', { user_id: caller.id, code });
    } else if (!weak('coupon-reuse')) {
      // Careful: looking and writing it down are one step.
      if (isUsed(market, caller.id, code)) throw usedUp();
      database.insert('redeemed', { user_id: caller.id, code });
    }
    book(database, caller.id, 'coupon', Number(coupon.value_cents), code);
    const { balance_cents } = needUser(database, caller.id);
    return { data: { code, value_cents: coupon.value_cents, balance_cents } };
  },

  async listCoupons({ weak, coupons }, ask) {
    const { query } = await ask.input(weak('unlimited-pages') ? ['maximum'] : []);
    const { page, per_page, offset } = readPage(weak, query);
    const all = coupons.all({ until: { $gt: today() } });
    const items = all.slice(offset, offset + per_page).map((each) => pick(each, 'code', 'label', 'value_cents'));
    return { data: { items, page, per_page, total: all.length } };
  },

  async checkCoupon({ weak, coupons }, ask) {
    ask.caller();
    // careless: a code need not be text, and what it is then, the store decides
    const { body } = await ask.input(weak('nosql-operators') ? ['type'] : []);
    const code = weak('nosql-operators') ? body.code : String(body.code);
    const coupon = coupons.find({ code, until: { $gt: today() } });
    if (coupon === undefined) throw notFound();
    return { data: pick(coupon, 'code', 'label', 'value_cents') };
  },
};

const usedUp = (): Refusal => new Refusal('conflict', 'You have used this coupon.');

const isUsed = ({ database }: Market, userId: number, code: string): boolean =>
  database.get('SELECT code FROM redeemed WHERE user_id = ? AND code = ?', userId, code) !== undefined;

function needUser(database: Database, id: unknown): Row {
  const user = database.get('SELECT id, balance_cents FROM users WHERE id = ? AND active = 1', id);
  if (user === undefined) throw notFound();
  return user;
}

function book(database: Database, user_id: unknown, kind: string, amount_cents: number, reference: unknown): number {
  const made_at = new Date().toISOString();
  const id = database.insert('wallet_entries', { user_id, kind, amount_cents, reference, made_at });
  database.run('UPDATE users SET balance_cents = balance_cents + ? WHERE id = ?', amount_cents, user_id);
  return id;
}
