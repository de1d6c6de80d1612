import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCall } from '../calls/build.ts';
import {
  type Answered,
  type Asked,
  answers,
  api,
  body,
  inPath,
  inWorld,
  json,
  logins,
  number,
  object,
  open,
  text,
} from './testing.ts';

/** Shops with products: nested numeric ids, each shop of one seller; a bearer token from a login. */
function shops() {
  const users = new Map([
    ['ann', { password: 'pw-ann', role: 'seller' }],
    ['bob', { password: 'pw-bob', role: 'seller' }],
    ['root', { password: 'pw-root', role: 'admin' }],
  ]);
  const shopsById = new Map([
    [1, { id: 1, owner: 'ann', name: 'Anns tea' }],
    [2, { id: 2, owner: 'bob', name: 'Bobs books' }],
  ]);
  const products = new Map([
    [10, { id: 10, shopId: 1, name: 'Green tea', price: 5 }],
    [20, { id: 20, shopId: 2, name: 'A book', price: 9 }],
  ]);
  let next = 100;
  /** Products that were changed or taken away though they were there before. */
  const harmed: number[] = [];
  const answer = ({ method, path, headers, body: sent }: Asked): Answered => {
    if (path[0] === 'login') {
      const user = users.get(String(sent?.username));
      return user && user.password === sent?.password
        ? { json: { token: `token-of-${sent.username}`, expires: 900 } }
        : { status: 401, json: { error: 'wrong user name or password' } };
    }
    const name = /^Bearer token-of-(\w+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    const user = users.get(name);
    if (!user) return { status: 401, json: { error: 'log in first' } };
    if (path[0] !== 'shops') return { status: 404, json: { error: 'not found' } };
    const mine = (shop: { owner: string }): boolean => user.role === 'admin' || shop.owner === name;
    if (path.length === 1) return { json: [...shopsById.values()].filter(mine) };
    const shop = shopsById.get(Number(path[1]));
    if (!shop) return { status: 404, json: { error: 'no such shop' } };
    if (!mine(shop)) return { status: 403, json: { error: 'not your shop' } };
    if (path.length === 2) return { json: shop };
    if (path[2] !== 'products') return { status: 404, json: { error: 'not found' } };
    if (path.length === 3 && method === 'GET')
      return { json: { items: [...products.values()].filter(({ shopId }) => shopId === shop.id) } };
    if (path.length === 3) {
      if (typeof sent?.name !== 'string' || !(Number(sent.price) >= 1))
        return { status: 422, json: { errors: [{ field: 'price', message: 'must be 1 or more' }] } };
      const product = { id: next++, shopId: shop.id, name: sent.name, price: Number(sent.price) };
      products.set(product.id, product);
      return { status: 201, json: product };
    }
    const product = products.get(Number(path[3]));
    if (!product || product.shopId !== shop.id) return { status: 404, json: { error: 'no such product' } };
    if (method === 'GET') return { json: product };
    if (product.id < 100) harmed.push(product.id);
    if (method === 'DELETE') {
      products.delete(product.id);
      return { status: 204 };
    }
    Object.assign(product, sent);
    return { json: product };
  };
  return { answer, products, harmed };
}

const product = object({ id: number, shopId: number, name: text, price: number });
const contract = api({
  '/login': {
    post: {
      ...open,
      ...body(object({ username: text, password: text })),
      ...answers(200, object({ token: text, expires: number })),
    },
  },
  '/shops': { get: answers(200, { type: 'array', items: object({ id: number, owner: text, name: text }) }) },
  '/shops/{shopId}': {
    get: { parameters: [inPath('shopId', number)], ...answers(200, object({ id: number, owner: text, name: text })) },
  },
  '/shops/{shopId}/products': {
    parameters: [inPath('shopId', number)],
    get: answers(200, object({ items: { type: 'array', items: product } })),
    post: { ...body(object({ name: text, price: { type: 'integer', minimum: 0 } })), ...answers(201, product) },
  },
  '/shops/{shopId}/products/{productId}': {
    parameters: [inPath('shopId', number), inPath('productId', number)],
    get: answers(200, product),
    put: { requestBody: { required: true, ...json(object({ name: text, price: number })) }, ...answers(200, product) },
    delete: answers(204),
  },
});
const identities = [
  logins('ann', 'ann', 'pw-ann', 'seller'),
  logins('bob', 'bob', 'pw-bob', 'seller'),
  logins('root', 'root', 'pw-root', 'admin'),
];
const ITEM = '/shops/{shopId}/products/{productId}';

test('nested ids: each identity gets samples of its own things, and nothing that was there is changed', async () => {
  const { answer, products, harmed } = shops();
  await inWorld({ contract, answer, identities }, async ({ state, able, sampleOf, operation, notes, client }) => {
    await state.login();
    await state.explore();
    for (const key of [
      'GET /shops',
      'GET /shops/{shopId}',
      'GET /shops/{shopId}/products',
      'POST /shops/{shopId}/products',
      `GET ${ITEM}`,
      `PUT ${ITEM}`,
      `DELETE ${ITEM}`,
    ]) {
      assert.deepEqual(able(key).sort(), ['ann', 'bob', 'root'], `${key}: ${state.why(operation(key))}`);
    }
    assert.equal(sampleOf('GET /shops/{shopId}', 'ann')?.call.values.get('path:shopId'), 1);
    assert.equal(sampleOf('GET /shops/{shopId}', 'bob')?.call.values.get('path:shopId'), 2);
    assert.deepEqual(harmed, []);

    const known = state.objects(operation(`GET ${ITEM}`)).filter(({ place }) => place === 'path:productId');
    const tea = known.find(({ value }) => value === 10);
    assert.deepEqual([...(tea?.seenBy ?? [])].sort(), ['ann', 'root']);
    assert.equal(tea?.madeBy, undefined);
    assert.equal(tea?.beside?.get('path:shopId'), 1);
    assert.ok(known.some(({ madeBy }) => madeBy === 'bob'));
    const shop = state.objects(operation('GET /shops/{shopId}')).find(({ value }) => value === 2);
    assert.equal(shop?.owner, 'bob');

    // deleting uses a thing up: each time another one
    const [ann] = state.identities;
    for (let round = 0; round < 2; round++) {
      const call = await state.prepare(operation(`DELETE ${ITEM}`), ann!);
      assert.ok(call && state.mayTry(call));
      const exchange = await state.send(call, ann);
      assert.equal(state.outcome(exchange), 'success');
      assert.equal(state.mayTry(call), false, 'it is gone');
    }
    const before = buildCall(operation(`DELETE ${ITEM}`), ({ name }) => (name === 'shopId' ? 1 : 10));
    assert.equal(state.mayTry(before), false, 'it was there before');
    assert.equal(state.mayTry({ ...before, operation: operation(`GET ${ITEM}`) }), true);

    const sent = client.sent;
    await state.cleanUp();
    assert.ok(client.sent > sent);
    assert.deepEqual([...products.keys()], [10, 20]);
    assert.deepEqual(notes, []);
  });
});

test('a sample is tried again when what it names was changed or taken away', async () => {
  const { answer, products } = shops();
  await inWorld({ contract, answer, identities }, async ({ state, operation, asked }) => {
    await state.login();
    await state.explore();
    const [ann] = state.identities;
    const get = operation(`GET ${ITEM}`);
    const sample = await state.sample(get, ann);
    const id = Number(sample?.call.values.get('path:productId'));
    const count = asked.length;
    assert.equal(await state.sample(get, ann), sample);
    assert.equal(asked.length, count, 'nothing happened: nothing is asked');

    // as if a check had deleted it
    const product = products.get(id)!;
    products.set(id, { ...product, id });
    const made = await state.prepare(operation(`DELETE ${ITEM}`), ann!);
    assert.ok(made);
    const exchange = await state.send({ ...made, values: new Map(sample!.call.values) }, ann);
    assert.equal(exchange.answer.status, 204);
    const other = await state.sample(get, ann);
    assert.ok(other && other !== sample);
    assert.notEqual(other.call.values.get('path:productId'), id);
    assert.equal(state.outcome(other.exchange), 'success');
  });
});

test('with --destructive, what was there before may be changed and deleted', async () => {
  const { answer } = shops();
  await inWorld({ contract, answer, identities, destructive: true }, async ({ state, operation }) => {
    await state.login();
    await state.explore();
    assert.equal(
      state.mayTry(buildCall(operation(`DELETE ${ITEM}`), ({ name }) => (name === 'shopId' ? 1 : 10))),
      true,
    );
  });
});

test('exploring asks the same in the same order each time', async () => {
  const runs: string[][] = [];
  for (let run = 0; run < 2; run++) {
    const { answer } = shops();
    await inWorld({ contract, answer, identities }, async ({ state, asked }) => {
      await state.login();
      await state.explore();
      runs.push([...asked].sort());
    });
  }
  assert.deepEqual(runs[0], runs[1]);
});
