import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { load } from '../../contract/fixture.ts';
import { createClient } from '../http/client.ts';
import { createState } from './state.ts';
import { type Answered, answers, api, body, inPath, inWorld, logins, number, object, open, text } from './testing.ts';

const thing = object({ id: number, name: text });
const paths = {
  '/login': {
    post: { ...open, ...body(object({ username: text, password: text })), ...answers(200, object({ token: text })) },
  },
  '/register': { post: { ...open, ...body(object({ username: text, password: text })), ...answers(201) } },
  '/me': { get: answers(200, thing) },
  '/things': {
    get: answers(200, { type: 'array', items: thing }),
    post: { ...body(object({ name: text })), ...answers(201, thing) },
  },
  '/things/{id}': {
    parameters: [inPath('id', number)],
    get: answers(200, thing),
    put: { ...body(object({ name: text })), ...answers(200) },
    delete: answers(204),
  },
  '/things/{id}/cancel': { post: { parameters: [inPath('id', number)], ...answers(200) } },
};

test('nonsense, garbage and hostile JSON never make it throw', async () => {
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const kinds: Answered[] = [
    { json: null },
    { json: 7 },
    { json: 'x' },
    { json: { __proto__: 1, constructor: { id: 3 }, id: { id: { id: 1 } }, token: 'toString12' } },
    {
      text: '{"__proto__":{"id":1},"id":1,"hasOwnProperty":2,"token":"abcdefgh","items":[{"id":2}]}',
      headers: { 'content-type': 'application/json' },
    },
    { text: deep, headers: { 'content-type': 'application/json' } },
    { text: '\u0000\uffff<<<', headers: { 'content-type': 'nonsense' } },
    { status: 201, json: { id: 1 }, headers: { location: 'http://%zz/things/%E0%A4%A' } },
    { status: 201, json: { id: 1 }, headers: { location: '//evil.example/things/1' } },
    { status: 302, headers: { location: '/login' } },
    { status: 500, json: { error: 'x'.repeat(50_000) } },
    { status: 204 },
    { json: Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`k${index}`, { id: index }])) },
    { json: Array.from({ length: 5_000 }, (_, id) => ({ id, name: `n${id}`, userId: id })) },
  ];
  for (const kind of kinds) {
    await inWorld(
      { contract: api(paths), answer: () => kind, identities: [logins('a', 'a', 'b')] },
      async ({ state, contract, operation }) => {
        await state.login();
        await state.explore();
        for (const one of contract.operations) {
          for (const sample of state.samples(one)) {
            assert.equal(typeof state.outcome(sample.exchange), 'string');
            await state.restore(sample);
            if (sample.as) await state.prepare(one, sample.as);
          }
          assert.ok(state.objects(one).length <= 500);
          state.why(one);
        }
        assert.equal(
          state.mayTry({
            operation: operation('DELETE /things/{id}'),
            values: new Map([['path:id', 424_242]]),
            body: undefined,
          }),
          false,
        );
        await state.cleanUp();
      },
    );
  }
});

test('an API that changes its mind with every answer', async () => {
  let turn = 0;
  const statuses = [200, 401, 404, 500, 201, 403, 429, 400, 302, 204, 409];
  await inWorld(
    {
      contract: api(paths),
      answer: () => ({
        status: statuses[turn++ % statuses.length]!,
        json: { id: turn % 5, token: `token-${turn}-x`, error: turn % 2 ? 'no' : null },
      }),
      identities: [logins('a', 'a', 'b'), logins('b', 'b', 'c')],
      timeout: 2_000,
    },
    async ({ state }) => {
      await state.login();
      await state.explore();
      await state.cleanUp();
    },
  );
});

test('an API that never answers: exploring ends soon, and says why', async () => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const stop = new AbortController();
  const notes: string[] = [];
  const base = new URL(`http://127.0.0.1:${address.port}/`);
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`/list${index}`, { get: { ...open, ...answers(200) } }]),
  );
  const contract = await load(api(many));
  const client = createClient({
    base,
    concurrency: 4,
    timeout: 40,
    signal: stop.signal,
    note: () => {},
    observe: () => {},
  });
  const state = createState({
    client,
    contract,
    operations: contract.operations,
    identities: [],
    base,
    signal: stop.signal,
    scan: { seed: 1, destructive: false, concurrency: 4, timeout: 40 },
    note: (text) => notes.push(text),
  });
  await state.login();
  await state.explore();
  assert.ok(client.sent <= 40, `${client.sent} requests`);
  assert.match(notes.join('\n'), /did not answer 12 calls in a row/);
  assert.match(state.why(contract.operations[0]!) ?? '', /no answer|does not answer/);
  assert.equal(await state.answers(), false);
  stop.abort();
  client.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test('the end of the scan ends exploring at once', async () => {
  const stop = new AbortController();
  await inWorld({ contract: api(paths), answer: () => ({ json: [] }) }, async ({ contract, client }) => {
    stop.abort();
    const before = client.sent;
    const state = createState({
      client,
      contract,
      operations: contract.operations,
      identities: [],
      base: new URL('http://127.0.0.1:1/'),
      signal: stop.signal,
      register: true,
      scan: { seed: 1, destructive: false, concurrency: 4, timeout: 1_000 },
      note: () => {},
    });
    await state.login();
    await state.explore();
    assert.equal(client.sent, before);
  });
});
