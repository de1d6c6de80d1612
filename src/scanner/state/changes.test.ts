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
  logins,
  object,
  open,
  text,
} from './testing.ts';

const UUID = { type: 'string', format: 'uuid' };
const mail = { type: 'string', format: 'email', maxLength: 100 };
const account = object({ id: UUID, username: text, email: mail, city: text });
const coupon = object({
  id: UUID,
  code: text,
  percent: { type: 'integer', minimum: 1, maximum: 90 },
  spent: { type: 'boolean' },
});

/** Accounts by uuid with a unique e-mail, coupons with a unique code that are answered with a Location only. */
function shop() {
  const ids = {
    ann: '0b9f6d1e-52a4-4c37-9a58-3d1e7c0f2b64',
    bob: '7c1d3f52-8e0b-4a96-b7d4-9f2a6e5c8b31',
    old: 'e4a2b7c9-1f36-4d58-8b0a-6c9d3e7f5a12',
  };
  const accounts = new Map([
    [ids.ann, { id: ids.ann, username: 'ann', email: 'ann@example.com', city: 'Lyon', password: 'pw-ann' }],
    [ids.bob, { id: ids.bob, username: 'bob', email: 'bob@example.com', city: 'Porto', password: 'pw-bob' }],
  ]);
  const coupons = new Map([[ids.old, { id: ids.old, code: 'SUMMER', percent: 10, spent: false, by: 'ann' }]]);
  const history: string[] = [];
  let count = 0;
  const shown = ({ id, username, email, city }: { id: string; username: string; email: string; city: string }) => ({
    id,
    username,
    email,
    city,
  });
  const answer = ({ method, path, headers, body: sent }: Asked): Answered => {
    if (path[0] === 'login') {
      const found = [...accounts.values()].find(
        ({ username, password }) => username === sent?.username && password === sent?.password,
      );
      return found ? { json: { access_token: `token-of-${found.id}` } } : { status: 401, json: { error: 'no' } };
    }
    const me = accounts.get(headers.authorization?.slice('Bearer token-of-'.length) ?? '');
    if (!me) return { status: 401, json: { error: 'log in' } };
    if (path[0] === 'me') {
      if (method === 'GET') return { json: shown(me) };
      history.push(`${me.username} ${JSON.stringify(sent)}`);
      const taken = [...accounts.values()].some((other) => other !== me && other.email === sent?.email);
      if (taken) return { status: 409, json: { error: 'email is taken' } };
      Object.assign(me, sent);
      return { json: shown(me) };
    }
    if (path[0] === 'accounts') {
      const found = accounts.get(path[1] ?? '');
      if (path.length === 1) return { json: [shown(me)] };
      if (!found || found !== me) return { status: 404, json: { error: 'no such account' } };
      if (method === 'GET') return { json: shown(found) };
      history.push(`${method} account ${me.username} ${JSON.stringify(sent)}`);
      if (method === 'DELETE') accounts.delete(found.id);
      else Object.assign(found, sent);
      return method === 'DELETE' ? { status: 204 } : { json: shown(found) };
    }
    if (path.length === 1 && method === 'GET')
      return { json: { coupons: [...coupons.values()].map(({ by: _, ...one }) => one) } };
    if (path.length === 1) {
      if ([...coupons.values()].some(({ code }) => code === sent?.code))
        return { status: 409, json: { error: 'there is a coupon of that code already' } };
      const id = `00000000-0000-4000-8000-${String(++count).padStart(12, '0')}`;
      coupons.set(id, { id, code: String(sent?.code), percent: Number(sent?.percent), spent: false, by: me.username });
      return { status: 201, headers: { location: `/coupons/${id}` } };
    }
    const found = coupons.get(path[1] ?? '');
    if (!found) return { status: 404, json: { error: 'no such coupon' } };
    if (path[2] === 'redeem') {
      if (found.spent) return { status: 409, json: { error: 'it was redeemed' } };
      if (found.id === ids.old) history.push('redeemed an old one');
      found.spent = true;
      return { json: { id: found.id, code: found.code, percent: found.percent, spent: true } };
    }
    if (method === 'DELETE' && found.id === ids.old) history.push('deleted an old one');
    if (method === 'DELETE') coupons.delete(found.id);
    if (method === 'DELETE') return { status: 204 };
    const { by: _, ...one } = found;
    return { json: one };
  };
  return { answer, accounts, coupons, history, ids };
}

const change = object({ email: mail, city: text, username: text, password: text }, []);
const contract = api({
  '/login': {
    post: {
      ...open,
      ...body(object({ username: text, password: text })),
      ...answers(200, object({ access_token: text })),
    },
  },
  '/me': { get: answers(200, account), patch: { ...body(change), ...answers(200, account) }, delete: answers(204) },
  '/accounts': { get: answers(200, { type: 'array', items: account }) },
  '/accounts/{accountId}': {
    parameters: [inPath('accountId', UUID)],
    get: answers(200, account),
    put: { ...body(object({ email: mail, city: text })), ...answers(200, account) },
    delete: answers(204),
  },
  '/coupons': {
    get: answers(200, object({ coupons: { type: 'array', items: coupon } })),
    post: { ...body(object({ code: text, percent: { type: 'integer', minimum: 1, maximum: 90 } })), ...answers(201) },
  },
  '/coupons/{id}': { parameters: [inPath('id', UUID)], get: answers(200, coupon), delete: answers(204) },
  '/coupons/{id}/redeem': { parameters: [inPath('id', UUID)], post: answers(200, coupon) },
});
const identities = [logins('ann', 'ann', 'pw-ann', 'user'), logins('bob', 'bob', 'pw-bob', 'user')];
const both = ['ann', 'bob'];

test('own things are changed to what they are; accounts stay alive; what is used up is made for it', async () => {
  const { answer, accounts, coupons, history, ids } = shop();
  const before = JSON.stringify([...accounts]);
  await inWorld({ contract, answer, identities }, async ({ state, able, operation, notes }) => {
    await state.login();
    await state.explore();
    for (const key of [
      'GET /me',
      'PATCH /me',
      'GET /accounts/{accountId}',
      'PUT /accounts/{accountId}',
      'POST /coupons',
      'GET /coupons/{id}',
      'DELETE /coupons/{id}',
      'POST /coupons/{id}/redeem',
    ]) {
      assert.deepEqual(able(key), both, `${key}: ${state.why(operation(key))}`);
    }
    assert.equal(JSON.stringify([...accounts]), before);
    assert.ok(history.length > 0 && history.every((line) => !/password|DELETE|old one/.test(line)), history.join('\n'));
    assert.deepEqual(able('DELETE /accounts/{accountId}'), []);
    assert.match(state.why(operation('DELETE /me')) ?? '', /never called by chance/);

    const [ann, bob] = state.identities;
    const may = (key: string, values: Record<string, string>, sent?: object): boolean =>
      state.mayTry({
        operation: operation(key),
        values: new Map(Object.entries(values)),
        body: sent && { type: 'application/json', value: sent },
      });
    const own = { 'path:accountId': ids.ann };
    assert.equal(may('PUT /accounts/{accountId}', own, { city: 'Nice' }), true, 'it can be put back');
    assert.equal(may('PUT /accounts/{accountId}', own, { password: 'x' }), false, 'it would lock ann out');
    assert.equal(may('PATCH /me', {}, { city: 'Nice' }), true);
    assert.equal(may('DELETE /accounts/{accountId}', own), false);
    assert.equal(may('DELETE /me', {}), false);
    assert.equal(may('DELETE /coupons/{id}', { 'path:id': ids.old }), false);
    assert.equal(may('POST /coupons/{id}/redeem', { 'path:id': ids.old }), false);
    assert.equal(may('GET /coupons/{id}', { 'path:id': ids.old }), true);
    assert.equal(may('POST /coupons', {}, { code: 'X', percent: 3 }), true);

    // each prepared call works once, and on something of the scan's own
    for (const key of [
      'POST /coupons',
      'POST /coupons/{id}/redeem',
      'DELETE /coupons/{id}',
      'PATCH /me',
      'PUT /accounts/{accountId}',
    ]) {
      for (const as of [ann!, bob!, ann!]) {
        const call = await state.prepare(operation(key), as);
        assert.ok(call && state.mayTry(call), key);
        assert.equal(state.outcome(await state.send(call, as)), 'success', key);
      }
    }
    assert.equal(await state.prepare(operation('DELETE /me'), ann!), undefined);

    // what a check changed is put back
    for (const [key, as, id] of [
      ['/me', bob, ids.bob],
      ['/accounts/{accountId}', ann, ids.ann],
    ] as const) {
      const get = await state.sample(operation(`GET ${key}`), as);
      const changing = operation(`${key === '/me' ? 'PATCH' : 'PUT'} ${key}`);
      const call = buildCall(
        changing,
        (place) =>
          place.in === 'path'
            ? id
            : place.word === 'city'
              ? 'Elsewhere'
              : place.word === 'email'
                ? `${as?.name}2@example.com`
                : undefined,
        { fill: 'required' },
      );
      const changed = {
        ...call,
        body: { type: 'application/json', value: { city: 'Elsewhere', email: `${as?.name}2@example.com` } },
      };
      assert.equal((await state.send(changed, as)).answer.status, 200);
      assert.equal(accounts.get(id)?.city, 'Elsewhere');
      await state.restore(get!);
      assert.equal(JSON.stringify([...accounts]), before, key);
      await state.send(changed, as);
      await state.restore({ ...get!, call: changed });
      assert.equal(JSON.stringify([...accounts]), before, key);
    }
    await state.cleanUp();
    assert.deepEqual([...coupons.keys()], [ids.old]);
    assert.deepEqual(notes, []);
  });
});
