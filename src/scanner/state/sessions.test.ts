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

const login = {
  post: { ...open, ...body(object({ username: text, password: text })), ...answers(200, object({ token: text })) },
};
const note = object({ id: number, text });
const notes = {
  '/notes': {
    get: answers(200, { type: 'array', items: note }),
    post: { ...body(object({ text })), ...answers(201, note) },
  },
  '/notes/{id}': { parameters: [inPath('id', number)], get: answers(200, note), delete: answers(204) },
};

/** Notes behind whatever `who` takes. */
function notebook(who: (asked: Asked) => string | undefined, enter: (name: string) => Answered) {
  const list = new Map<number, { id: number; text: string; by: string }>();
  let next = 1;
  const answer = (asked: Asked): Answered => {
    const { path, method, body: sent } = asked;
    if (path[0] === 'login') {
      return sent?.password === `pw-${sent?.username}`
        ? enter(String(sent?.username))
        : { status: 401, json: { error: 'no' } };
    }
    const name = who(asked);
    if (name === undefined) return { status: 401, json: { error: 'log in' } };
    if (path.length === 1 && method === 'GET') return { json: [...list.values()].filter(({ by }) => by === name) };
    if (path.length === 1) {
      const one = { id: next++, text: String(sent?.text), by: name };
      list.set(one.id, one);
      return { status: 201, json: { id: one.id, text: one.text } };
    }
    const one = list.get(Number(path[1]));
    if (!one || one.by !== name) return { status: 404, json: { error: 'not found' } };
    if (method === 'DELETE') list.delete(one.id);
    return method === 'DELETE' ? { status: 204 } : { json: { id: one.id, text: one.text } };
  };
  return { answer, list };
}
const everywhere = ['GET /notes', 'POST /notes', 'GET /notes/{id}', 'DELETE /notes/{id}'];

test('a cookie session with a CSRF token that is sent back twice', async () => {
  const sessions = new Map<string, { name: string; csrf: string }>();
  const { answer, list } = notebook(
    ({ headers, method }) => {
      const session = sessions.get(/\bsid=([^;]+)/.exec(headers.cookie ?? '')?.[1] ?? '');
      if (!session) return undefined;
      const changes = method !== 'GET';
      return changes &&
        (headers['x-xsrf-token'] !== session.csrf || !headers.cookie?.includes(`XSRF-TOKEN=${session.csrf}`))
        ? undefined
        : session.name;
    },
    (name) => {
      const id = `s${sessions.size}-${name}`;
      sessions.set(id, { name, csrf: `csrf-of-${id}` });
      return {
        json: { welcome: name },
        headers: { 'set-cookie': [`sid=${id}; HttpOnly; Path=/`, `XSRF-TOKEN=csrf-of-${id}; Path=/`] },
      };
    },
  );
  const contract = api({ '/login': login, ...notes }, { session: { type: 'apiKey', in: 'cookie', name: 'sid' } });
  await inWorld(
    { contract, answer, identities: [logins('ann', 'ann', 'pw-ann'), logins('bob', 'bob', 'pw-bob')] },
    async (world) => {
      await world.state.login();
      await world.state.explore();
      for (const key of everywhere)
        assert.deepEqual(world.able(key), ['ann', 'bob'], `${key}: ${world.state.why(world.operation(key))}`);
      assert.equal(world.state.identities[0]?.secret, 's0-ann');
      await world.state.cleanUp();
      assert.equal(list.size, 0);
    },
  );
});

test('a token that dies is renewed, and what was tried with the old one is tried again', async () => {
  const uses = new Map<string, number>();
  let given = 0;
  const { answer } = notebook(
    ({ headers }) => {
      const token = /^Bearer (token-\d+-(\w+))$/.exec(headers.authorization ?? '');
      if (!token) return undefined;
      const count = (uses.get(token[1]!) ?? 0) + 1;
      uses.set(token[1]!, count);
      return count > 7 ? undefined : token[2];
    },
    (name) => ({ json: { token: `token-${++given}-${name}` } }),
  );
  await inWorld(
    {
      contract: api({ '/login': login, ...notes }),
      answer,
      identities: [logins('ann', 'ann', 'pw-ann')],
      register: false,
    },
    async (world) => {
      const { state } = world;
      await state.login();
      await state.explore();
      for (const key of everywhere)
        assert.deepEqual(world.able(key), ['ann'], `${key}: ${state.why(world.operation(key))}`);
      const [ann] = state.identities;
      const before = given;
      for (let round = 0; round < 20; round++) {
        const sample = await state.sample(world.operation('GET /notes'), ann);
        assert.equal(state.outcome(await state.send(sample!.call, ann)), 'success');
      }
      assert.ok(given > before, 'it was renewed on the way');
      assert.equal(ann?.alive, true);
      assert.deepEqual(world.notes, []);
    },
  );
});

test('a 401 that only one call gets does not cost a renewal', async () => {
  let given = 0;
  const { answer } = notebook(
    ({ headers, path }) =>
      path[0] === 'vault' ? undefined : /^Bearer token-\d+-(\w+)$/.exec(headers.authorization ?? '')?.[1],
    (name) => ({ json: { token: `token-${++given}-${name}` } }),
  );
  const contract = api({ '/login': login, '/vault': { get: answers(200) }, ...notes });
  await inWorld(
    { contract, answer, identities: [logins('ann', 'ann', 'pw-ann')], register: false },
    async ({ state, operation }) => {
      await state.login();
      await state.explore();
      const [ann] = state.identities;
      const before = given;
      const call = { operation: operation('GET /vault'), values: new Map(), body: undefined };
      for (let round = 0; round < 5; round++) assert.equal((await state.send(call, ann)).answer.status, 401);
      assert.equal(given, before);
    },
  );
});

test('a login that dies in the middle is said, and the rest goes on', async () => {
  let open = true;
  const { answer } = notebook(
    ({ headers }) =>
      open || !/ann/.test(headers.authorization ?? '')
        ? /^Bearer token-(\w+)$/.exec(headers.authorization ?? '')?.[1]
        : undefined,
    (name) =>
      open || name !== 'ann'
        ? { json: { token: `token-${name}` } }
        : { status: 403, json: { error: 'account locked' } },
  );
  await inWorld(
    {
      contract: api({ '/login': login, ...notes }),
      answer,
      identities: [logins('ann', 'ann', 'pw-ann'), logins('bob', 'bob', 'pw-bob')],
    },
    async (world) => {
      const { state } = world;
      await state.login();
      await state.explore();
      open = false;
      const [ann, bob] = state.identities;
      const sample = await state.sample(world.operation('GET /notes'), ann);
      for (let round = 0; round < 4; round++) assert.equal((await state.send(sample!.call, ann)).answer.status, 401);
      assert.equal(ann?.alive, false);
      assert.match(state.fate('ann') ?? '', /cannot log in any more: POST \/login answers 403/);
      assert.equal(world.notes.length, 1);
      assert.equal(
        state.outcome(await state.send((await state.sample(world.operation('GET /notes'), bob))!.call, bob)),
        'success',
      );
    },
  );
});

test('credentials that are given: bearer, key where the contract says, Basic; one that is refused is dead', async () => {
  const { answer } = notebook(
    ({ headers, query }) => {
      if (headers.authorization === 'Bearer given-token') return 'ann';
      if (query.get('api_key') === 'given-key') return 'bob';
      return headers.authorization === `Basic ${Buffer.from('cid:pw:x').toString('base64')}` ? 'cid' : undefined;
    },
    () => ({ status: 401 }),
  );
  const schemes = {
    token: { type: 'http', scheme: 'bearer' },
    key: { type: 'apiKey', in: 'query', name: 'api_key' },
    basic: { type: 'http', scheme: 'basic' },
  };
  const identities = [
    { name: 'ann', bearer: { token: 'given-token' } },
    { name: 'bob', key: { value: 'given-key' } },
    { name: 'cid', basic: { username: 'cid', password: 'pw:x' } },
    { name: 'old', bearer: { token: 'old-token' } },
  ];
  await inWorld({ contract: api(notes, schemes), answer, identities }, async (world) => {
    await world.state.login();
    await world.state.explore();
    for (const key of everywhere) assert.deepEqual(world.able(key), ['ann', 'bob', 'cid'], key);
    assert.equal(world.state.fate('old'), 'its credential is refused wherever it was tried');
    assert.deepEqual(
      world.state.identities.map(({ alive }) => alive),
      [true, true, true, false],
    );
  });
});

test('OAuth client credentials, with Basic or in the body', async () => {
  for (const inBody of [false, true]) {
    let given = 0;
    const { answer } = notebook(
      ({ headers }) => (headers.authorization === `Bearer oauth-token-${given}` ? 'app' : undefined),
      () => ({ status: 404 }),
    );
    const withToken = (asked: Asked): Answered => {
      if (asked.path[0] !== 'oauth') return answer(asked);
      const { headers, body: sent } = asked;
      const basic = headers.authorization === `Basic ${Buffer.from('app:s%26cret').toString('base64')}`;
      const right = inBody ? sent?.client_id === 'app' && sent?.client_secret === 's&cret' : basic;
      return right && sent?.grant_type === 'client_credentials' && sent.scope === 'notes'
        ? { json: { access_token: `oauth-token-${++given}`, token_type: 'Bearer', expires_in: 600 } }
        : { status: 401, json: { error: 'invalid_client' } };
    };
    const identities = [
      { name: 'app', oauth: { tokenUrl: '/oauth/token', clientId: 'app', clientSecret: 's&cret', scope: 'notes' } },
    ];
    await inWorld({ contract: api(notes), answer: withToken, identities, register: false }, async (world) => {
      await world.state.login();
      await world.state.explore();
      for (const key of everywhere) assert.deepEqual(world.able(key), ['app'], key);
      assert.equal(await world.state.identities[0]?.renew(), true);
      assert.equal(world.state.identities[0]?.secret, 'oauth-token-2');
    });
  }
});
