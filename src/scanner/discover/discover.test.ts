import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { discovered, Recorder } from './testing.ts';

type Answering = (
  request: IncomingMessage,
  path: string,
  say: (status: number, body?: unknown, headers?: Record<string, string>) => void,
) => void;

/** A little server on loopback; ends with the test. @returns its URL */
async function serve(t: { after(work: () => void): void }, answering: Answering): Promise<string> {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume();
    answering(request, (request.url ?? '/').split('?', 1)[0] as string, (status, body, headers = {}) => {
      const isText = typeof body === 'string';
      response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
      response.end(body === undefined ? undefined : isText ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const PRODUCTS = [
  { id: 7, title: 'Rain', _links: { self: { href: '/v1/products/7' }, chapters: { href: '/v1/products/7/chapters' } } },
  { id: 9, title: 'Snow', _links: { self: { href: '/v1/products/9' } } },
];

/** Products below /v1, readable by anyone, written by those with a token. */
const library: Answering = ({ method, headers }, path, say) => {
  const product = PRODUCTS.find(({ id }) => path === `/v1/products/${id}`);
  const allow = path === '/v1/products' ? 'GET, POST' : product ? 'GET, PATCH, DELETE' : undefined;
  if (method === 'OPTIONS' && allow !== undefined) return say(204, undefined, { allow });
  if (path === '/v1/products' && method === 'GET') return say(200, { data: PRODUCTS });
  if (product && method === 'GET') return say(200, product);
  if (path === '/v1/products/7/chapters' && method === 'GET') return say(200, [{ id: 1, text: 'It rained.' }]);
  if (path === '/v1/me')
    return headers.authorization === 'Bearer good-token-1'
      ? say(200, { id: 3, passwordHash: 'x' })
      : say(401, { error: 'who are you' });
  return say(404, { error: 'not found', path });
};

test('identifiers of a list lead to things, links to their parts, Allow to the methods', async (t) => {
  const url = await serve(t, library);
  const { operations, document, asked } = await discovered(url, {
    identities: [{ name: 'a', bearer: { token: 'good-token-1' } }],
  });
  assert.deepEqual(operations, [
    'DELETE /v1/products/{}',
    'GET /v1/me',
    'GET /v1/products',
    'GET /v1/products/{}',
    'GET /v1/products/{}/chapters',
    'PATCH /v1/products/{}',
    'POST /v1/products',
  ]);
  const { paths, components } = document as { paths: Record<string, Record<string, unknown>>; components: object };
  assert.deepEqual(paths['/v1/products/{productId}']?.['parameters'], [
    { name: 'productId', in: 'path', required: true, schema: { type: 'integer', minimum: 0 } },
  ]);
  assert.deepEqual(
    (paths['/v1/products']?.['get'] as { security: unknown } | undefined)?.security,
    [],
    'it worked without a credential',
  );
  assert.equal(
    (paths['/v1/me']?.['get'] as { security?: unknown } | undefined)?.security,
    undefined,
    'it did not: the default holds',
  );
  assert.deepEqual(components, { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } });
  assert.ok(!JSON.stringify(document).includes('passwordHash'), 'what no answer should hold is not declared');
  assert.ok(!JSON.stringify(document).includes('good-token'));
  assert.ok(
    asked.every((one) => /^(?:GET|OPTIONS|PROPFIND) /.test(one)),
    'nothing is changed',
  );
});

test('the same API gives the same document', async (t) => {
  const url = await serve(t, library);
  assert.deepEqual((await discovered(url)).document, (await discovered(url)).document);
});

test('a page that answers everything is no API', async (t) => {
  const page: Answering = (_, path, say) => say(200, `<!doctype html><title>App</title><p>You are at ${path}</p>`);
  assert.deepEqual((await discovered(await serve(t, page))).operations, []);
  const echo: Answering = (_, path, say) => say(200, { path, time: Date.now() });
  assert.deepEqual((await discovered(await serve(t, echo))).operations, []);
  const shut: Answering = (_, __, say) => say(401, { error: 'who are you' });
  assert.deepEqual((await discovered(await serve(t, shut))).operations, []);
});

test('a pattern that takes any prefix is not found under each of them', async (t) => {
  const any: Answering = (_, path, say) =>
    /^(?:\/\w+\/\w+)?\/users$/.test(path) ? say(200, [{ id: 1 }]) : say(404, {});
  const { operations } = await discovered(await serve(t, any));
  assert.deepEqual(operations, ['GET /users']);
});

test('where nothing answers without a credential, the one that was given is used', async (t) => {
  const url = await serve(t, (request, path, say) => {
    if (request.headers['x-api-key'] !== 'k-123456') return say(401, { error: 'key' });
    return path === '/orders'
      ? say(200, [{ id: 'o-4711', total: 3 }])
      : path === '/orders/o-4711'
        ? say(200, { id: 'o-4711', total: 3 })
        : say(404, { error: 'nothing' });
  });
  const { operations, document } = await discovered(url, { identities: [{ name: 'a', key: { value: 'k-123456' } }] });
  assert.deepEqual(operations, ['GET /orders', 'GET /orders/{}']);
  assert.match(JSON.stringify(document), /"type":"apiKey","in":"header","name":"X-API-Key"/);
});

test('a contract that is published is used, wherever the index page says it stands', async (t) => {
  const contract = {
    openapi: '3.0.3',
    info: { title: 'Own', version: '4' },
    servers: [{ url: '../v2' }],
    paths: { '/a': { get: { responses: { 200: { description: 'ok' } } } } },
  };
  const url = await serve(t, (_, path, say) =>
    path === '/'
      ? say(200, '<p>Docs</p>', { link: '</spec/v2/api.json>; rel="service-desc"' })
      : path === '/spec/v2/api.json'
        ? say(200, contract)
        : say(404, {}),
  );
  const { document, published, notes, operations } = await discovered(url);
  assert.equal(published, '/spec/v2/api.json');
  assert.equal((document as typeof contract).info.title, 'Own');
  assert.deepEqual(operations, ['GET /spec/v2/a']);
  assert.match(notes.join('\n'), /publishes its contract at \/spec\/v2\/api\.json/);
});

test('forms and scripts of the index page; paths that may end something are not asked', async (t) => {
  const index =
    '<a href="/logout">Out</a><a href="https://elsewhere.example/x">X</a><form method="post" action="/signup"><input name="email"><input type=password name=secret></form><script src="/app.js"></script>';
  const url = await serve(t, ({ method }, path, say) => {
    if (path === '/') return say(200, `<html>${index}</html>`);
    if (path === '/app.js')
      return say(200, 'fetch("/backend/gadgets"); fetch("/backend/gadgets/:id")', {
        'content-type': 'text/javascript',
      });
    if (path === '/backend/gadgets/11') return say(200, { id: 11 });
    return path === '/backend/gadgets' && method === 'GET' ? say(200, [{ id: 11 }]) : say(404, {});
  });
  const { operations, asked, document } = await discovered(url);
  assert.deepEqual(operations, ['GET /backend/gadgets', 'GET /backend/gadgets/{}', 'POST /signup']);
  assert.ok(!asked.some((one) => one.includes('logout') && !one.includes('/logout/')), 'logout was asked');
  assert.match(JSON.stringify(document), /application\/x-www-form-urlencoded.*"email".*"secret"/);
});

test('a login is found by its path, and the name of its field by logging in', async (t) => {
  const url = await serve(t, (request, path, say) => {
    if (path === '/api/auth/login') {
      if (request.method !== 'POST') return say(405, { error: 'POST only' }, { allow: 'POST' });
      let text = '';
      request
        .on('data', (chunk) => (text += chunk))
        .on('end', () => {
          const { email, password } = JSON.parse(text || '{}') as Record<string, string>;
          return email === 'ann' && password === 'pw-ann-1'
            ? say(200, { accessToken: 'tok-abcdefgh1' })
            : say(401, { error: 'wrong credentials' });
        });
      return;
    }
    if (path !== '/api/orders') return say(404, { error: 'nothing here' });
    return request.headers.authorization === 'Bearer tok-abcdefgh1'
      ? say(200, [{ id: 1 }])
      : say(401, { error: 'not signed in' });
  });
  const { operations, document } = await discovered(url, {
    identities: [{ name: 'ann', login: { username: 'ann', password: 'pw-ann-1' } }],
  });
  assert.deepEqual(operations, ['GET /api/orders', 'POST /api/auth/login']);
  const { paths } = document as {
    paths: Record<string, Record<string, { responses: object; requestBody: object; security?: unknown }>>;
  };
  assert.match(JSON.stringify(paths['/api/auth/login']?.['post']?.requestBody), /"email".*"password"/);
  assert.deepEqual(paths['/api/auth/login']?.['post']?.security, []);
  assert.match(JSON.stringify(paths['/api/orders']?.['get']?.responses), /"200".*"id"/);
  assert.ok(!JSON.stringify(document).includes('pw-ann'));
});

test('a HAR file: paths with identifiers, bodies of all samples, how credentials are carried, no value of any', async (t) => {
  const url = await serve(t, (_, path, say) =>
    path.startsWith('/things') ? say(200, { slug: path.split('/')[2], note: 'private words' }) : say(404, {}),
  );
  const recorder = new Recorder(url);
  const headers = { 'X-Auth-Token': 'very-secret-token' };
  await recorder.call('GET', '/things/blue-hat?page=2&api_key=hush-hush', { headers });
  await recorder.call('GET', '/things/red-scarf?page=3', { headers });
  await recorder.call('POST', '/things', {
    headers,
    json: { name: 'a', born: '2020-02-03', mail: 'a@b.example', size: 4 },
  });
  await recorder.call('POST', '/things', { headers, json: { name: 'b', born: '2021-12-31', size: 4.5 } });
  await recorder.call('GET', '/app.css', {});
  const { document, operations } = await discovered(url, { har: recorder.har() });
  assert.deepEqual(operations, ['GET /things/{}', 'POST /things']);
  const text = JSON.stringify(document);
  for (const value of ['very-secret', 'hush-hush', 'private words', 'blue-hat', '2020', 'b.example'])
    assert.ok(!text.includes(value), value);
  const { paths } = document as {
    paths: Record<
      string,
      Record<string, { parameters: object; requestBody: { content: Record<string, { schema: object }> } }>
    >;
  };
  assert.deepEqual(paths['/things']?.['post']?.requestBody.content['application/json']?.schema, {
    type: 'object',
    properties: {
      name: { type: 'string' },
      born: { type: 'string', format: 'date' },
      mail: { type: 'string', format: 'email' },
      size: { type: 'number' },
    },
    required: ['name', 'born', 'size'],
  });
  assert.match(text, /"in":"query","schema":\{"type":"integer"\}/);
  assert.match(text, /"type":"apiKey","in":"header","name":"X-Auth-Token"/i);
});

test('what is no HAR file, and one of another host, are said', async (t) => {
  const url = await serve(t, (_, __, say) => say(404, {}));
  await assert.rejects(discovered(url, { har: { text: '<html>', file: 'a.har' } }), /--har a\.har: not JSON/);
  await assert.rejects(discovered(url, { har: { text: '{"log":{}}', file: 'a.har' } }), /log\.entries is missing/);
  const other = {
    log: { entries: [{ request: { method: 'GET', url: 'https://other.example/a' } }, null, { request: 7 }] },
  };
  const { notes } = await discovered(url, { har: { text: JSON.stringify(other), file: 'a.har' } });
  assert.match(notes.join('\n'), /no request of an API .*only of other\.example/);
});

test('a host that hangs, breaks off or limits: it ends, within its requests', async (t) => {
  const broken = await serve(t, (request) => void request.socket.destroy());
  assert.deepEqual((await discovered(broken, { most: 60 })).operations, []);
  const mute = await serve(t, () => undefined);
  assert.ok((await discovered(mute, { most: 8, timeout: 100 })).asked.length <= 8);
  const endless = await serve(t, (request, path, say) =>
    say(200, { next: `${path}/${request.url?.length}a`, id: path.length }),
  );
  const found = await discovered(endless, { most: 100 });
  assert.ok(found.requests <= 100, String(found.requests));
});
