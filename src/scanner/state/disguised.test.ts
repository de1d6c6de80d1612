import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Answered,
  type Asked,
  answers,
  api,
  body,
  inPath,
  inWorld,
  logins,
  number,
  object,
  open,
  text,
} from './testing.ts';

/** An API of the old school: everything is 200, errors too; ids are numbers; the token goes into X-Auth-Token. */
function ledger() {
  const users = new Map([
    ['ann@example.com', 'pw-ann'],
    ['bob@example.com', 'pw-bob'],
  ]);
  const entries = [
    { no: 1, user: 'ann@example.com', amount: 10, state: 'open' },
    { no: 2, user: 'bob@example.com', amount: 20, state: 'open' },
  ];
  const fail = (msg: string): Answered => ({ json: { rc: 1, msg, data: null } });
  const answer = ({ method, path, headers, body: sent }: Asked): Answered => {
    const [, area, id] = path;
    if (area === 'login') {
      const right = users.get(String(sent?.email)) === sent?.password && sent?.password !== undefined;
      return right
        ? { json: { rc: 0, msg: 'fine', data: { sessionToken: `session-${sent?.email}` } } }
        : { json: { success: false, msg: 'That did not match.' } };
    }
    const user = /^session-(.+)$/.exec(String(headers['x-auth-token'] ?? ''))?.[1];
    if (!user || !users.has(user)) return fail('Who goes there?');
    if (area === 'profile') return { json: { rc: 0, msg: 'fine', data: { email: user } } };
    if (area !== 'entries') return fail('Nothing of the kind.');
    if (id === undefined && method === 'GET')
      return { json: { rc: 0, msg: 'fine', data: entries.filter((entry) => entry.user === user) } };
    if (id === undefined) {
      const entry = { no: entries.length + 1, user, amount: Number(sent?.amount), state: 'open' };
      entries.push(entry);
      return { json: { rc: 0, msg: 'fine', data: entry } };
    }
    const entry = entries.find(({ no, user: whose }) => String(no) === id && whose === user);
    return entry
      ? { json: { rc: 0, msg: 'fine', data: entry } }
      : { json: { rc: 4, msg: 'No such entry here.', data: null } };
  };
  return { answer, entries };
}

const entry = object({ no: number, user: text, amount: number, state: text });
const wrapped = (data: object): object => object({ rc: { type: 'integer' }, msg: text, data });
const contract = api(
  {
    '/api/login': {
      post: {
        ...open,
        ...body(object({ email: text, password: text })),
        ...answers(200, wrapped(object({ sessionToken: text }))),
      },
    },
    '/api/profile': { get: answers(200, wrapped(object({ email: text }))) },
    '/api/entries': {
      get: answers(200, wrapped({ type: 'array', items: entry })),
      post: { ...body(object({ amount: number })), ...answers(200, wrapped(entry)) },
    },
    '/api/entries/{no}': { get: { parameters: [inPath('no', number)], ...answers(200, wrapped(entry)) } },
  },
  { session: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
);
const identities = [
  logins('ann', 'ann@example.com', 'pw-ann', 'user'),
  logins('bob', 'bob@example.com', 'pw-bob', 'user'),
];

test('an API that answers errors with 200: logins, samples and outcomes are understood', async () => {
  const { answer } = ledger();
  await inWorld({ contract, answer, identities }, async ({ state, able, operation, sampleOf }) => {
    await state.login();
    await state.explore();
    for (const key of ['GET /api/profile', 'GET /api/entries', 'POST /api/entries', 'GET /api/entries/{no}']) {
      assert.deepEqual(able(key).sort(), ['ann', 'bob'], `${key}: ${state.why(operation(key))}`);
    }
    assert.equal(sampleOf('GET /api/entries/{no}', 'bob')?.call.values.get('path:no'), 2);
    // nothing about `Who goes there?` says what it means: it was learned by asking without a credential
    const sample = sampleOf('GET /api/entries', 'ann')!;
    assert.equal(state.outcome(await state.send(sample.call, null)), 'unauthenticated');
    assert.equal(state.outcome(await state.send(sample.call, sample.as)), 'success');
    const item = sampleOf('GET /api/entries/{no}', 'ann')!;
    const nothing = await state.send({ ...item.call, values: new Map([['path:no', 4711]]) }, item.as);
    assert.equal(state.outcome(nothing), 'missing');
    const made = await state.send(sampleOf('POST /api/entries', 'ann')!.call, item.as);
    assert.equal(state.outcome(made), 'success');
    const things = state.objects(operation('GET /api/entries/{no}'));
    assert.ok(
      things.some(({ madeBy }) => madeBy === 'ann') &&
        things.some(({ value, madeBy }) => value === 1 && madeBy === undefined),
    );
  });
});

test('a login that answers 200 with an error is no login, and is said', async () => {
  const { answer } = ledger();
  await inWorld(
    { contract, answer, identities: [logins('eve', 'eve@example.com', 'wrong')], register: false },
    async ({ state, notes }) => {
      await state.login();
      assert.equal(state.identities[0]?.alive, false);
      assert.match(state.fate('eve') ?? '', /cannot log in: POST \/api\/login/);
      assert.equal(notes.length, 1);
      await state.explore();
    },
  );
});
