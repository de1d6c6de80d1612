// Everybody and everything in here is made up. The passwords stand in README.md.
import type { Role } from './market.ts';

interface Target {
  insert(table: string, record: Record<string, unknown>): number;
}

const ARGON2ID = '$argon2id$v=19$m=19456,t=2,p=1$';

/** Argon2id salt and digest of the passwords. */
// biome-ignore format: a table is read by rows
const HASHES: ReadonlyMap<string, string> = new Map([
  ['noor', 'M51LHLiXIWPMHkBzvBb2EQ$WDZCZkKDb1b3NHFYjMsBCTxZ4GUslW1IlyH80cUn8n0'],
  ['tobias', 'xGDCW3NPA8Vl1NZB2Z915w$CysYRZNsoQRLrZhPwCGvLb7o3DqeWGJ4zBzD1Z0L114'],
  ['ximena', 'jF28Q3pZ2bXJALhrtdxAYQ$OlMtFSQj8mIwpAOpAtYx9Ji/Jp0jQJGZNrc4QlDDKOQ'],
  ['kofi', 'uzZmvG2E1tFtV7cu61c6aA$KncRZfYGZvqinH9OJfbQP3v04/DInP3tfBuE5w2SUP8'],
  ['linnea', 'USIvnFiRw2McZ6oRu+L+dw$Id3RYqM639SK3pVxasy8L9hrzSsxOKi36X7iNHxbFY8'],
  ['hiro', 'jvkUFrPTb5KnOZ60AE5fWw$f+hzN5mwxw/7MGUIySRHxBaNNfxxFdBeeMQouXeBYaU'],
  ['marta', '2yoSe+wLyi9cgjCBGEBTIg$eL3+J0RPcpYEUDs1PrRm/uN2bGjZjHE6x+p6qDzf7v0'],
  ['dmitri', 'Xtvo2IBwHMwmPgUlN9aqIg$H/iX9CqYT2hH03JI9e2KYaqzPp/zvcwtzAPEibxIeB0'],
  ['aisha', '2D57qmKYok4vzDWqhjHdgg$4XpWtXUa6fDZP0eao0MAcAOBRjRnIOU2VF+hH+2Qk94'],
  ['greta', '1vdDTzSIVJ5gyJVUzIDWjg$nmAhO2eGkGdIMXIPSlZXU1siUwLBDPpI5q6Lae6I5eM'],
  ['oskar', 'pCJnvh/tlHzXbwVtJarc3w$hznQcZ7QqYzYNznrJP3yUd9STJkhQTosWFG7sslbcjY'],
]);

// login, role, name, phone, tax number
// biome-ignore format: a table is read by rows
const USERS: readonly (readonly [string, Role, string, string | null, string])[] = [
  ['noor', 'buyer', 'Noor el Amrani', '+1 555 0101', '981-44-0102'],
  ['tobias', 'buyer', 'Tobias Lind', '+1 555 0102', '981-44-0233'],
  ['ximena', 'buyer', 'Ximena Duarte', null, '981-44-0347'],
  ['kofi', 'buyer', 'Kofi Mensah', '+1 555 0104', '981-44-0459'],
  ['linnea', 'buyer', 'Linnea Berg', '+1 555 0105', '981-44-0561'],
  ['hiro', 'buyer', 'Hiro Okabe', null, '981-44-0678'],
  ['marta', 'seller', 'Marta Kilnova', '+1 555 0107', '981-44-0782'],
  ['dmitri', 'seller', 'Dmitri Anders', '+1 555 0108', '981-44-0894'],
  ['aisha', 'seller', 'Aisha Rahmani', '+1 555 0109', '981-44-0905'],
  ['greta', 'admin', 'Greta Solheim', '+1 555 0110', '981-44-1016'],
  ['oskar', 'admin', 'Oskar Winter', '+1 555 0111', '981-44-1127'],
];

// seller, name, description, account (numbers that banks print in their manuals)
// biome-ignore format: a table is read by rows
const SHOPS = [
  [7, 'Green Corner', 'Pots, seeds and patience', 'GB82WEST12345698765432'],
  [8, 'Lamp and Shade', 'Light for small rooms', 'DE89370400440532013000'],
  [9, 'Spice Drawer', 'Whole, ground and mixed', 'FR1420041010050500013M02606'],
] as const;

// shop, name, description, category, price, stock, cost
// biome-ignore format: a table is read by rows
const PRODUCTS = [
  [1, 'Terracotta pot', 'Twelve centimetres, with a saucer', 'garden', 850, 120, 310],
  [1, 'Basil seeds', 'Two hundred seeds, sow from March', 'garden', 290, 900, 40],
  [1, 'Watering can', 'Five litres, zinc', 'garden', 2_450, 60, 1_100],
  [1, 'Hand trowel', 'Ash handle', 'tools', 1_290, 85, 520],
  [1, 'Twine', 'Jute, fifty metres', 'tools', 480, 300, 150],
  [1, 'Wooden crate', 'For apples or records', 'storage', 1_650, 40, 700],
  [2, 'Desk lamp', 'Brass, with a green shade', 'lamps', 6_900, 25, 3_050],
  [2, 'Paper shade', 'Forty centimetres', 'shades', 1_900, 70, 450],
  [2, 'Night light', 'Sleeps when you do', 'lamps', 1_450, 140, 530],
  [2, 'Textile cable', 'Three metres, red', 'parts', 990, 200, 260],
  [3, 'Black cumin', 'Fifty grams, whole', 'whole', 420, 500, 120],
  [3, 'Smoked paprika', 'Hundred grams, ground', 'ground', 560, 450, 170],
  [3, 'Garam masala', 'Mixed on Mondays', 'mixed', 640, 320, 210],
  [3, 'Star anise', 'Thirty grams, whole', 'whole', 510, 260, 190],
] as const;

// product, author, rating, text
// biome-ignore format: a table is read by rows
const REVIEWS = [
  [1, 1, 5, 'Sturdy, and the saucer fits.'],
  [1, 2, 4, 'Good pot, slow post.'],
  [2, 3, 5, 'Nearly all of them came up.'],
  [7, 2, 5, 'My desk looks like a library.'],
  [9, 4, 3, 'Bright for a night light.'],
  [11, 1, 5, 'Smells like the real thing.'],
  [13, 5, 4, 'I would mix it on Sundays.'],
] as const;

// buyer, status, [product, quantity], note
// biome-ignore format: a table is read by rows
const ORDERS: readonly (readonly [number, string, readonly (readonly [number, number])[], string | null])[] = [
  [1, 'shipped', [[1, 2], [2, 1]], 'Leave it with the neighbour on the left'],
  [1, 'placed', [[11, 3]], null],
  [2, 'paid', [[7, 1]], 'A present, no prices please'],
  [2, 'placed', [[4, 1], [5, 2]], null],
  [3, 'shipped', [[2, 4]], null],
  [4, 'paid', [[9, 2]], 'The bell is broken, knock'],
  [5, 'placed', [[13, 1]], null],
  [7, 'placed', [[8, 1]], 'For the shop window'],
];

// from, to, subject, text
// biome-ignore format: a table is read by rows
const MESSAGES = [
  [1, 7, 'Saucer', 'Does the pot come with a saucer?'],
  [7, 1, 'Re: Saucer', 'It does, in the same colour.'],
  [2, 8, 'Shade', 'Is the shade glass or metal?'],
  [8, 2, 'Re: Shade', 'Glass, and a little uneven.'],
  [3, 1, 'Seeds', 'Shall we share a packet of basil?'],
  [5, 9, 'Mixing', 'What is in the garam masala?'],
  [10, 2, 'Your address', 'Please look whether the street is right.'],
] as const;

/** One pixel: what everybody looks like at first. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);

const START = Date.parse('2026-09-01T08:00:00Z');
const HOUR = 3_600_000;

/** Fills an empty market. */
export function seed(target: Target): void {
  let hours = 0;
  const time = (): string => new Date(START + (hours += 5) * HOUR).toISOString();
  for (const [login, role, display_name, phone, tax_number] of USERS) {
    const balance_cents = role === 'buyer' ? 5_000_000 : 1_250_000;
    const user_id = target.insert('users', {
      login,
      password_hash: ARGON2ID + HASHES.get(login),
      role,
      email: `${login}@mail.market.example`,
      display_name,
      phone,
      tax_number,
      balance_cents,
      active: 1,
      avatar: PIXEL,
      avatar_type: 'image/png',
      created_at: time(),
    });
    target.insert('wallet_entries', { user_id, kind: 'opening', amount_cents: balance_cents, made_at: time() });
  }
  for (const [seller_id, name, description, payout_account] of SHOPS) {
    target.insert('shops', { seller_id, name, description, payout_account });
  }
  for (const [shop_id, name, description, category, price_cents, stock, cost_cents] of PRODUCTS) {
    const supplier_note = `reorder below ${stock / 10}`;
    target.insert('products', {
      shop_id,
      name,
      description,
      category,
      price_cents,
      stock,
      cost_cents,
      supplier_note,
    });
  }
  for (const [product_id, author_id, rating, text] of REVIEWS) {
    target.insert('reviews', { product_id, author_id, rating, text, written_at: time() });
  }
  for (const [buyer_id, status, lines, note] of ORDERS) {
    const items = lines.map(([product_id, quantity]) => {
      const [, name, , , price_cents] = PRODUCTS[product_id - 1]!;
      return { product_id, name, quantity, price_cents };
    });
    target.insert('orders', {
      buyer_id,
      status,
      total_cents: items.reduce((sum, { quantity, price_cents }) => sum + quantity * price_cents, 0),
      items,
      ship_to: {
        name: USERS[buyer_id - 1]![2],
        street: `${buyer_id * 7} Quay Street`,
        city: 'Brill',
        postcode: '1210 QX',
      },
      note,
      placed_at: time(),
    });
  }
  for (const [from_user_id, to_user_id, subject, text] of MESSAGES) {
    target.insert('messages', { from_user_id, to_user_id, subject, text, sent_at: time() });
  }
  for (const code of ['newsletter', 'autumn', 'friends']) target.insert('campaigns', { code, visits: 0 });
}

/** The coupons of these days. */
export const COUPONS = Array.from({ length: 30 }, (_, index) => ({
  code: `SPRING-${String(index + 1).padStart(2, '0')}`,
  label: `Spring coupon ${index + 1}`,
  value_cents: 100 + 25 * index,
  until: '2099-12-31',
}));
