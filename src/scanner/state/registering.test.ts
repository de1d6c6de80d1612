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
  object,
  open,
  text,
  type WorldOptions,
} from './testing.ts';

/** Books by title and users by name, as teaching APIs have them: nothing answers with an id, and anybody registers. */
function library() {
  const users = new Map([['root', { password: 'toor', email: 'root@example.com' }]]);
  const books = new Map([['Dune', { user: 'root', secret: 'sand' }]]);
  const removed: string[] = [];
  const answer = ({ method, path, headers, body: sent }: Asked): Answered => {
    const [area, , ...rest] = path;
    const failed = (status: number, message: string): Answered => ({ status, json: { status: 'fail', message } });
    if (area === 'createdb') {
      users.clear();
      return { json: { message: 'Database populated.' } };
    }
    if (area === 'users' && rest[0] === 'register') {
      const { username, password, email } = sent ?? {};
      if (typeof username !== 'string' || typeof password !== 'string' || !/.@./.test(String(email)))
        return failed(400, 'username, password and email are required');
      if (password.length < 8 || !/\d/.test(password))
        return failed(400, 'password: at least 8 characters with a digit');
      if (users.has(username)) return failed(400, 'User already exists. Please log in.');
      users.set(username, { password, email: String(email) });
      return { json: { status: 'success', message: 'Successfully registered. Login to receive an auth token.' } };
    }
    if (area === 'users' && rest[0] === 'login') {
      const user = users.get(String(sent?.username));
      return user && user.password === sent?.password
        ? { json: { status: 'success', message: 'Successfully logged in.', auth_token: `token-of-${sent.username}` } }
        : { json: { status: 'fail', message: 'Username or Password Incorrect!' } };
    }
    const name = /^Bearer token-of-(\w+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!users.has(name)) return failed(401, 'Invalid token. Please log in again.');
    if (area === 'me') return { json: { status: 'success', data: { username: name, email: users.get(name)?.email } } };
    if (area === 'users' && rest.length === 1) {
      const user = users.get(rest[0]!);
      if (method === 'DELETE') {
        if (name !== 'root') return failed(403, 'Only admins may delete users.');
        removed.push(rest[0]!);
        users.delete(rest[0]!);
        return { json: { status: 'success', message: 'User deleted.' } };
      }
      return user ? { json: { username: rest[0], email: user.email } } : failed(404, 'User not found');
    }
    if (area === 'users') return { json: { users: [...users].map(([username, { email }]) => ({ username, email })) } };
    if (area !== 'books') return failed(404, 'Not found');
    if (rest.length === 0 && method === 'GET')
      return { json: { Books: [...books].map(([book_title, { user }]) => ({ book_title, user })) } };
    if (rest.length === 0) {
      if (typeof sent?.book_title !== 'string' || books.has(sent.book_title))
        return failed(400, 'Book already exists!');
      books.set(sent.book_title, { user: name, secret: String(sent.secret) });
      return { json: { status: 'success', message: 'Book has been added.' } };
    }
    const book = books.get(rest[0]!);
    return book && book.user === name
      ? { json: { book_title: rest[0], secret: book.secret, owner: name } }
      : failed(404, 'Book not found!');
  };
  return { answer, users, books, removed };
}

const user = object({ username: text, email: { type: 'string', format: 'email' } });
const contract = api({
  '/createdb': { get: { ...open, ...answers(200) } },
  '/me': { get: answers(200, object({ status: text, data: user })) },
  '/users/v1': { get: answers(200, object({ users: { type: 'array', items: user } })) },
  '/users/v1/register': {
    post: {
      ...open,
      ...body(object({ username: text, password: text, email: text }, ['username', 'password'])),
      ...answers(200),
    },
  },
  '/users/v1/login': {
    post: {
      ...open,
      ...body(object({ username: text, password: text })),
      ...answers(200, object({ auth_token: text })),
    },
  },
  '/users/v1/{username}': { parameters: [inPath('username', text)], get: answers(200, user), delete: answers(200) },
  '/users/v1/{username}/password': {
    put: { parameters: [inPath('username', text)], ...body(object({ password: text })), ...answers(204) },
  },
  '/books/v1': {
    get: answers(200, object({ Books: { type: 'array', items: object({ book_title: text, user: text }) } })),
    post: { ...body(object({ book_title: text, secret: text })), ...answers(200) },
  },
  '/books/v1/{book_title}': {
    get: {
      parameters: [inPath('book_title', text)],
      ...answers(200, object({ book_title: text, secret: text, owner: text })),
    },
  },
});

test('without an identity, two accounts are registered; everything is tried as them, and nothing is reset', async () => {
  const { answer, users, books, removed } = library();
  await inWorld({ contract, answer }, async ({ state, able, operation, sampleOf, asked }) => {
    await state.login();
    assert.deepEqual(
      state.identities.map(({ name, kind, alive, role }) => ({ name, kind, alive, role })),
      [
        { name: 'registered-1', kind: 'login', alive: true, role: undefined },
        { name: 'registered-2', kind: 'login', alive: true, role: undefined },
      ],
    );
    assert.equal(users.size, 3);
    await state.explore();
    const pair = ['registered-1', 'registered-2'];
    for (const key of [
      'GET /me',
      'GET /users/v1',
      'GET /users/v1/{username}',
      'GET /books/v1',
      'POST /books/v1',
      'GET /books/v1/{book_title}',
    ]) {
      assert.deepEqual(able(key), pair, `${key}: ${state.why(operation(key))}`);
    }
    for (const { name, own, login } of state.identities) {
      assert.ok(login && own.has(login.username), name);
      assert.equal(sampleOf('GET /users/v1/{username}', name)?.call.values.get('path:username'), login.username);
      const titles = state.objects(operation('GET /books/v1/{book_title}')).filter(({ madeBy }) => madeBy === name);
      assert.ok(titles.length > 0 && titles.every(({ owner }) => owner === undefined || owner === name));
    }
    assert.equal(
      asked.some((one) => one === 'GET /createdb' || one.endsWith('/password')),
      false,
    );
    assert.match(state.why(operation('GET /createdb')) ?? '', /needs --destructive/);
    assert.match(state.why(operation('PUT /users/v1/{username}/password')) ?? '', /never called by chance/);
    assert.deepEqual(
      state.known.register.map(({ key }) => key),
      ['POST /users/v1/register'],
    );
    assert.equal(able('POST /users/v1/register').length, 1);
    // an account of an identity is never deleted but in the end
    const [first] = state.identities;
    const own = {
      operation: operation('DELETE /users/v1/{username}'),
      values: new Map([['path:username', first!.login!.username]]),
      body: undefined,
    };
    assert.equal(state.mayTry(own), false);
    assert.deepEqual(removed, []);
    const fresh = await state.prepare(operation('POST /books/v1'), first!);
    assert.equal(state.outcome(await state.send(fresh!, first)), 'success');
    assert.ok(books.size >= 4);
  });
});

test('with an admin who may delete, accounts and books are taken away again', async () => {
  const { answer, users } = library();
  await inWorld(
    { contract, answer, identities: [logins('root', 'root', 'toor', 'admin')] },
    async ({ state, able, operation, notes }) => {
      await state.login();
      assert.equal(state.identities.length, 3);
      await state.explore();
      assert.deepEqual(
        able('DELETE /users/v1/{username}'),
        ['root'],
        state.why(operation('DELETE /users/v1/{username}')) ?? '',
      );
      await state.cleanUp();
      assert.deepEqual([...users.keys()], ['root']);
      assert.match(
        notes.join('\n'),
        /left at the API: \d+ of kind 'book' that the scan made; the contract has no operation that deletes them/,
      );
    },
  );
});

test('nobody is registered where that is not wished; where there are peers, one account that nobody uses', async () => {
  const cases: [Partial<WorldOptions>, number, number][] = [
    [{ register: false }, 1, 0],
    [{ identities: [logins('a', 'root', 'toor', 'r'), logins('b', 'root', 'toor', 'r')] }, 2, 2],
  ];
  for (const [options, accounts, identities] of cases) {
    const { answer, users } = library();
    await inWorld({ contract, answer, ...options }, async ({ state }) => {
      await state.login();
      assert.equal(users.size, accounts);
      assert.equal(state.identities.length, identities);
    });
  }
});
