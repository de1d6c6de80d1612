import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../../contract/fixture.ts';
import { isHarmful } from './harm.ts';
import { knownOperations } from './known.ts';
import { answers, api, body, inPath, number, object, open, text } from './testing.ts';

const secret = object({ username: text, password: text });

test('operations of logging in and out, registering and changing passwords are told by names and shapes', async () => {
  const contract = await load(
    api({
      '/auth/login': { post: { ...open, ...body(secret), ...answers(200) } },
      '/token': {
        post: { ...open, ...body(object({ username: text, password: text, grant_type: text })), ...answers(200) },
      },
      '/user/login': {
        get: {
          ...open,
          parameters: [
            { name: 'username', in: 'query', schema: text },
            { name: 'password', in: 'query', schema: text },
          ],
          ...answers(200),
        },
      },
      '/login-history': { get: answers(200) },
      '/logout': { post: answers(204) },
      '/session': { delete: answers(204) },
      '/users/v1/register': {
        post: { ...open, ...body(object({ username: text, password: text, email: text })), ...answers(201) },
      },
      '/users': { post: { ...open, ...body(object({ email: text, password: text })), ...answers(201) } },
      '/staff': { post: { ...body(object({ email: text, password: text })), ...answers(201) } },
      '/users/{username}/password': {
        put: { parameters: [inPath('username', text)], ...body(object({ password: text })), ...answers(204) },
      },
      '/me': { delete: answers(204), get: answers(200) },
      '/reset-password': { post: { ...open, ...body(object({ email: text })), ...answers(204) } },
      '/shipping': { post: { ...body(object({ street: text })), ...answers(201) } },
      '/accounts/{id}/close': { post: { parameters: [inPath('id', number)], ...answers(200) } },
    }),
  );
  const known = knownOperations(contract.operations);
  const keys = (list: readonly { key: string }[]): string[] => list.map(({ key }) => key).sort();
  assert.equal(known.login[0]?.key, 'POST /auth/login');
  assert.deepEqual(keys(known.login), ['GET /user/login', 'POST /auth/login', 'POST /token']);
  assert.deepEqual(keys(known.logout), ['DELETE /session', 'POST /logout']);
  assert.deepEqual(keys(known.register), ['POST /users', 'POST /users/v1/register']);
  assert.deepEqual(keys(known.account), ['DELETE /me', 'POST /reset-password', 'PUT /users/{username}/password']);
});

test('operations that do harm by being called are told by their names, and others are not', async () => {
  const paths = {
    '/createdb': { get: answers(200) },
    '/admin/reset': { get: answers(200), post: answers(200) },
    '/items/deleteAll': { get: answers(200), post: answers(200) },
    '/items': { get: answers(200), post: answers(201), delete: answers(204) },
    '/presets': { get: answers(200), post: answers(201) },
    '/system/shutdown': { post: answers(200) },
    '/reports/cleared': { get: answers(200) },
  };
  const contract = await load(api(paths));
  const harmful = contract.operations.filter(isHarmful).map(({ key }) => key);
  assert.deepEqual(harmful.sort(), [
    'GET /admin/reset',
    'GET /createdb',
    'GET /items/deleteAll',
    'POST /admin/reset',
    'POST /items/deleteAll',
    'POST /system/shutdown',
  ]);
});
