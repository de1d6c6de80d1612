import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { loadContract } from '../../src/contract/contract.ts';
import type { Contract, Operation } from '../../src/contract/model.ts';
import { compileSchema } from '../../src/contract/schema/compile.ts';
import { createOutbound } from '../../src/outbound/guarded.ts';
import { buildCall } from '../../src/scanner/calls/build.ts';
import { placesOf } from '../../src/scanner/calls/places.ts';
import { put } from '../../src/scanner/calls/put.ts';
import { render } from '../../src/scanner/calls/render.ts';
import { tamperedAt } from '../../src/scanner/calls/tampering.ts';
import { randomFrom } from '../../src/scanner/generate/random.ts';
import type { Call } from '../../src/scanner/model/call.ts';
import { type Answer, type AskOptions, IDS, Target, type User } from './attacks/target.ts';
import { CONTRACT_FILE } from './contract.ts';
import { listenMarket, type RunningMarket, withMarket } from './testing.ts';
import { ALL_WEAKNESSES, type Weakness } from './weaknesses.ts';

let contract: Contract;
before(async () => {
  contract = await loadContract(CONTRACT_FILE, { outbound: createOutbound(), extensions: [] });
});

const operation = (id: string): Operation => {
  const found = contract.operations.find(({ operationId }) => operationId === id);
  assert.ok(found, id);
  return found;
};

/** What is wrong with an answer by the gate's own reading of the contract. `closed`: undeclared properties too. */
function answerViolations(of: Operation, answer: Answer, closed: boolean): unknown[] {
  const response = of.responses.find(({ status }) => status === String(answer.status));
  if (response === undefined) return [`${of.key} does not declare ${answer.status}`];
  const type = answer.headers.get('content-type')?.replace(/;.*/, '') ?? '';
  if (response.content.length === 0) return answer.text === '' ? [] : ['a body that is not declared'];
  const media = response.content.find((each) => each.type === type);
  if (media === undefined) return [`${of.key} does not declare ${type}`];
  if (media.schema === undefined || !/json/.test(type)) return [];
  const compiled = compileSchema(media.schema, { direction: 'response', undeclared: closed ? 'refuse' : 'allow' });
  return [...(compiled.validate(answer.json) ?? [])];
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
  'base64',
);
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One good call of each operation, in an order in which they can work. */
async function everyOperation(market: Target, closed: boolean): Promise<void> {
  const reached = new Set<string>();
  const call = async (id: string, path: string, options: AskOptions = {}): Promise<Answer> => {
    const answer = await market.ask(operation(id).method, path, options);
    assert.ok(answer.ok || answer.status === 302, `${id}: ${answer.status} ${answer.text.slice(0, 300)}`);
    assert.deepEqual(answerViolations(operation(id), answer, closed), [], id);
    reached.add(id);
    return answer;
  };
  const as = 'tobias';
  const login = { login: 'fresh_one', password: 'long-enough-77' };
  await call('register', '/api/users', {
    body: { ...login, email: 'fresh@new.example', display_name: 'F', phone: null },
  });
  const { json } = await call('signIn', '/api/session', { body: login });
  const key: string = json.data.session.key;
  await call('currentSession', '/api/session', { headers: { cookie: `a=b; market_session=${key}` } });
  await call('getUser', '/api/users/2', { as });
  await call('getUser', '/api/users/2', { as: 'greta' });
  await call('changeUser', '/api/users/2', { as, body: { phone: '+1 555 0199', display_name: 'Tobias L' } });
  await call('putAvatar', '/api/users/2/avatar', {
    as,
    headers: { 'content-type': 'image/png' },
    raw: new Uint8Array(PNG),
  });
  await call('getAvatar', '/api/users/2/avatar', { as: 'noor' });
  await call('transfer', '/api/users/2/wallet/transfers', {
    as,
    body: { to_user_id: 1, amount_cents: 250, reference: 'lunch-2026-11' },
  });
  await call('redeemCoupon', '/api/users/2/wallet/coupons', { as, headers: FORM, raw: 'code=SPRING-05' });
  const purse = await call('getWallet', '/api/users/2/wallet', { as });
  assert.equal(purse.json.data.balance_cents, 5_000_000 - 250 + 200);
  assert.equal((await call('listCoupons', '/api/coupons?page=2&per_page=20')).json.data.items.length, 10);
  await call('checkCoupon', '/api/coupons/check', { as, body: { code: 'SPRING-05' } });
  await call('listShops', '/api/shops', { headers: { 'x-campaign': 'newsletter' } });
  const list = await call('listProducts', '/api/shops/1/products?search=POT&category=garden&sort=-price_cents');
  assert.deepEqual(list.json.data.total, 1);
  const add = { name: 'Rake', category: 'tools', price_cents: 2_000, stock: 3 };
  const added = await call('addProduct', '/api/shops/1/products', { as: 'marta', body: add });
  const product = `/api/shops/1/products/${added.json.data.id}`;
  await call('changeProduct', product, { as: 'marta', body: { price_cents: 1_900 } });
  assert.equal((await call('getProduct', product)).json.data.price_cents, 1_900);
  await call('importProducts', '/api/shops/1/products/import', {
    as: 'marta',
    body: { url: 'https://feeds.market.example/garden.json' },
  });
  const written = await call('writeReview', `${product}/reviews`, { as, body: { rating: 4, text: 'It rakes.' } });
  await call('listReviews', `${product}/reviews`);
  await call('removeReview', `${product}/reviews/${written.json.data.id}`, { as });
  await call('removeProduct', product, { as: 'marta' });
  const ship_to = { name: 'T', street: 'S 1', city: 'B', postcode: '1210 QX' };
  const order = { items: [{ product_id: 1, quantity: 2 }], ship_to, note: '<b>&' };
  const placed = await call('placeOrder', '/api/orders', { as, body: order });
  await call('listOrders', '/api/orders?status=placed', { as });
  await call('getOrder', `/api/orders/${placed.json.data.id}`, { as });
  await call('getInvoice', `/api/orders/${placed.json.data.id}/invoice?reference=7%22`, { as });
  await call('sendMessage', '/api/messages', { as, body: { to_user_id: 7, subject: 'Hello', text: 'There' } });
  await call('listMessages', '/api/messages?box=sent', { as });
  await call('getFile', '/api/files?name=sizes.txt');
  const led = await call('go', '/api/go?to=/shops');
  assert.equal(led.headers.get('location'), '/shops');
  await call('adminListUsers', '/api/admin/users?per_page=50', { as: 'greta' });
  await call('adminChangeUser', '/api/admin/users/6', { as: 'greta', body: { active: true, role: 'buyer' } });
  await call('signOut', '/api/session', { key });
  assert.equal((await market.ask('GET', '/api/session', { key })).code, closed ? 'not_signed_in' : undefined);
  assert.deepEqual(
    contract.operations.map(({ operationId }) => operationId).filter((id) => !reached.has(id ?? '')),
    [],
    'operations without a call',
  );
}

/** What makes good requests be answered otherwise than the contract says: the weakness itself. */
const BREAKS_ANSWERS: readonly Weakness[] = ['trusts-suppliers'];

describe('the contract', () => {
  test('is kept to the letter by the careful market', () => withMarket([], (market) => everyOperation(market, true)));

  test('is kept by the careless one, which only says more', () =>
    withMarket(
      ALL_WEAKNESSES.filter((name) => !BREAKS_ANSWERS.includes(name)),
      (market) => everyOperation(market, false),
    ));

  test('says of every operation whether it needs a session', () =>
    withMarket([], async (market) => {
      for (const one of contract.operations) {
        const open = one.security?.length === 0;
        const path = one.template.replace(/\{\w+\}/g, '4711');
        const { status, code } = await market.ask(one.method, path);
        assert.ok(status === 200, one.key);
        assert.equal(code === 'not_signed_in', !open, `${one.key}: ${code}`);
      }
    }));
});

describe('the careful market checks what the contract says', () => {
  let running: RunningMarket;
  const keys = new Map<User, string>();
  before(async () => {
    // The limits are measured elsewhere.
    running = await listenMarket(['no-rate-limits']);
    const market = new Target(running.base);
    for (const user of ['noor', 'marta', 'greta'] as const) keys.set(user, await market.key(user));
  });
  after(() => running.stop());

  /** The user who may call an operation. */
  const whoMay = (one: Operation): User =>
    one.tags.includes('admin') ? 'greta' : one.key.includes('/products') && one.method !== 'GET' ? 'marta' : 'noor';

  async function send(call: Call): Promise<Answer> {
    const who = whoMay(call.operation);
    const request = render(call, undefined, new URL(running.base));
    const headers = new Headers(request.headers.map(([name, value]) => [name, value]));
    headers.set('x-session', keys.get(who) ?? '');
    const market = new Target(running.base);
    const raw = typeof request.body === 'string' ? request.body : request.body && new Uint8Array(request.body);
    const options: AskOptions = { headers: Object.fromEntries(headers), ...(raw === undefined ? {} : { raw }) };
    return market.ask(request.method, request.target, options);
  }

  /** A call with the ids of things that are there. */
  function goodCall(one: Operation, seed: number): Call {
    const known = new Map<string, unknown>([
      ['user_id', one.operationId === 'adminChangeUser' ? 11 : IDS[whoMay(one)]],
      ['shop_id', 1],
      ['product_id', 1],
      ['review_id', 1],
      ['order_id', 1],
      ['to_user_id', 2],
      ['url', 'https://feeds.market.example/garden.json'],
      ['to', '/shops'],
    ]);
    return buildCall(one, ({ word }) => known.get(word), { random: randomFrom(seed, one.key), fill: 'all' });
  }

  /** Sent last or never: what ends the session, and what takes away what the others need. */
  const spared = new Set(['signOut', 'removeProduct', 'removeReview', 'adminChangeUser', 'signIn']);

  test('accepts what it allows', async () => {
    for (const one of contract.operations) {
      if (spared.has(one.operationId ?? '') || one.operationId === 'putAvatar') continue;
      for (let seed = 1; seed <= 6; seed += 1) {
        const call = goodCall(one, seed);
        const { status, code, text } = await send(call);
        assert.ok(
          code === undefined || ['not_found', 'conflict', 'sign_in_failed'].includes(code),
          `${one.key}: ${text}`,
        );
        assert.ok(status === 200 || status === 302, `${one.key}: ${status}`);
      }
    }
  });

  test('refuses what it forbids, at every place', async () => {
    let tried = 0;
    for (const one of contract.operations) {
      const call = goodCall(one, 1);
      const random = randomFrom(2, one.key);
      for (const place of placesOf(call)) {
        for (const { value, breaks, strict } of tamperedAt(call, place, random)) {
          if (!strict) continue;
          const { status, ok, code, text } = await send(put(call, place, value));
          // A path that lacks a segment is another path.
          if (place.in === 'path' && (status === 404 || status === 405)) continue;
          const what = `${one.key} ${place.in} ${place.name}: ${breaks}: ${status} ${text.slice(0, 200)}`;
          assert.ok(status === 200 && !ok, what);
          assert.ok(['invalid', 'too_large', 'unsupported_type'].includes(code ?? ''), what);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 300, `only ${tried}`);
  });
});
