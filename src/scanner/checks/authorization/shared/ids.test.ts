import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Identity } from '../../../model/identity.ts';
import { endPaths, isOwnId, itemsIn, nonsenseId, ownerPaths, ownValue } from './ids.ts';

const identity = (ids: Record<string, string[]>): Identity => ({
  name: 'alice',
  role: 'user',
  kind: 'bearer',
  credentials: () => ({ headers: [], query: [], cookies: [] }),
  secret: 'x',
  login: undefined,
  renew: async () => true,
  alive: true,
  own: new Set(Object.values(ids).flat()),
  ownIds: new Map(Object.entries(ids).map(([key, values]) => [key, new Set(values)])),
});
const user = identity({ 'user.id': ['4'], 'user.username': ['alice'] });
const patient = identity({ 'patient.id': ['4'] });

test("a small number is one's own only as a number of that kind", () => {
  assert.ok(isOwnId(patient, 'patient', 4));
  assert.ok(!isOwnId(patient, 'staff', 4));
  assert.ok(!isOwnId(patient, 'invoice', 4));
  assert.ok(isOwnId(patient, 'owner', 4));
  assert.ok(isOwnId(user, 'buyer', 4));
  assert.ok(!isOwnId(user, 'product', 4));
  assert.ok(isOwnId(user, 'anything', 'alice'));
  assert.ok(!isOwnId(user, 'user', 5));
});

test('owners are found by the names of their places, and nobody else is', () => {
  const paths = (json: unknown, as: Identity) => ownerPaths(json, as).map(({ path }) => path);
  assert.deepEqual(paths({ items: [{ id: 4, buyer_id: 4, product_id: 4 }] }, user), ['/items/*/buyer_id']);
  assert.deepEqual(paths({ order: { owner: { id: 4, name: 'A' }, total: 4 } }, user), ['/order/owner/id']);
  assert.deepEqual(paths({ patientId: 4, staffId: 4, minutes: 4 }, patient), ['/patientId']);
  assert.deepEqual(paths({ author: 'alice' }, user), ['/author']);
  assert.deepEqual(paths({ to_user_id: 4 }, user), []);
  assert.deepEqual(
    endPaths({ to_user_id: 4, from_user_id: 9 }, user).map(({ path }) => path),
    ['/to_user_id'],
  );
});

test("values of one's own are of the make of what stands there", () => {
  const both = identity({ 'user.id': ['alice', '4'] });
  assert.equal(ownValue(both, 'user', 'id', 9), 4);
  assert.equal(ownValue(both, 'user', 'id', 'robert'), 'alice');
  assert.equal(ownValue(both, 'user', 'id', '9'), '4');
  assert.equal(ownValue(both, 'user', 'id', undefined), 4);
  assert.equal(ownValue(both, 'order', 'id', 9), undefined);
});

test('nonsense identifiers keep their make', () => {
  const random = () => 0.37;
  assert.equal(typeof nonsenseId(4, random), 'number');
  assert.match(String(nonsenseId('4', random)), /^\d{9}$/);
  assert.match(
    String(nonsenseId('3b5e9a72-1c0d-4f8b-8e24-6d9c41a7e502', random)),
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  );
  assert.match(String(nonsenseId('INV-2026-0002', random)), /^INV-\d{4}-\d{4}$/);
});

test('items are found within envelopes', () => {
  assert.deepEqual(
    [...itemsIn({ data: { items: [{ a: 1 }, { a: 2 }] } })],
    [
      { path: '/data/items', item: { a: 1 } },
      { path: '/data/items', item: { a: 2 } },
    ],
  );
  assert.equal([...itemsIn(Array(5_000).fill(1))].length, 500);
});
