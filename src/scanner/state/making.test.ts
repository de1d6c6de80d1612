import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCall } from '../calls/build.ts';
import { put } from '../calls/put.ts';
import { type Answered, answers, api, body, inPath, inWorld, number, object, open, text } from './testing.ts';

const thing = object({ id: number, name: text });
const item = (paths: object): object => ({ ...open, ...paths });

/** Whether one POST of this answer counts as making things of `/things`. */
async function makes(path: string, answered: Answered, sent: object): Promise<boolean> {
  const contract = api(
    {
      '/things': { get: item(answers(200, { type: 'array', items: thing })) },
      '/things/{id}': {
        parameters: [inPath('id', number)],
        get: item(answers(200, thing)),
        delete: item(answers(204)),
      },
      [path]: {
        ...(path === '/things' ? { get: item(answers(200, { type: 'array', items: thing })) } : {}),
        post: item({
          ...body(object(Object.fromEntries(Object.keys(sent).map((name) => [name, {}])))),
          ...answers(200, { $ref: '#/components/schemas/Thing' }),
        }),
      },
    },
    {},
    { Thing: thing },
  );
  let made = false;
  let armed = false;
  await inWorld(
    {
      contract,
      answer: ({ method, path: asked }) =>
        method === 'POST'
          ? armed
            ? answered
            : { status: 400 }
          : asked.length === 1
            ? { json: [{ id: 3, name: 'old' }] }
            : { json: { id: 3, name: 'old' } },
    },
    async ({ state, operation }) => {
      await state.explore();
      armed = true;
      const call = put(
        buildCall(operation(`POST ${path}`), () => undefined),
        { in: 'body', name: '' },
        sent,
      );
      await state.send(call, null);
      made = [3, 77].some((id) =>
        state.mayTry({
          operation: operation('DELETE /things/{id}'),
          values: new Map([['path:id', id]]),
          body: undefined,
        }),
      );
    },
  );
  return made;
}

test('what counts as made is new beyond doubt', async () => {
  const name = 'Probe 1';
  assert.equal(await makes('/things', { status: 201, json: { id: 77, name } }, { name }), true, '201');
  assert.equal(await makes('/things', { status: 200, json: { id: 77, name } }, { name }), true, 'an echo');
  assert.equal(await makes('/things', { status: 200, json: { id: 77 } }, { name }), true, 'an id and no more');
  assert.equal(
    await makes('/things', { status: 204, headers: { location: '/things/77' } }, { name }),
    true,
    'a Location',
  );
  assert.equal(await makes('/things', { status: 201, text: '', headers: { location: '/things/77' } }, { name }), true);
});

test('what may have been there before does not count as made', async () => {
  const name = 'Probe 1';
  assert.equal(await makes('/things', { status: 200, json: { id: 3, name } }, { name }), false, 'seen before');
  assert.equal(
    await makes('/things', { status: 201, json: { id: 3, name } }, { name }),
    false,
    'seen before, whatever it says',
  );
  assert.equal(
    await makes('/things', { status: 200, json: { id: 77, name: 'something else', a: 1, b: 2 } }, { name }),
    false,
    'no echo',
  );
  assert.equal(await makes('/things', { status: 200, json: [{ id: 77, name }] }, { name }), false, 'a list');
  assert.equal(await makes('/things/search', { status: 200, json: { id: 77, name } }, { name }), false, 'a search');
  assert.equal(
    await makes('/carts', { status: 201, json: { id: 77, name } }, { thingId: 77 }),
    false,
    'put into a cart',
  );
  assert.equal(await makes('/things', { status: 200, json: { error: 'no', id: 77 } }, { name }), false, 'an error');
  assert.equal(await makes('/things', { status: 400, json: { id: 77, name } }, { name }), false, 'a refusal');
});
