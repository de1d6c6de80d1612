import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { after, before, test } from 'node:test';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

const life = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;
let key: string;

before(async () => {
  ({ gate, shop } = await shopGate(life, {
    throttling: { address: '100000/s', principal: '100000/s', anonymous: '100000/s' },
    listen: { streams: 50, bodyTimeout: '1s' },
  }));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
});

async function session(): Promise<ClientHttp2Session> {
  const client = connect(`https://127.0.0.1:${gate.port}`, { ca: gate.ca, servername: 'localhost' });
  client.on('error', () => {});
  // How many streams it may open a client knows only then.
  await once(client, 'remoteSettings');
  life.after(() => client.destroy());
  return client;
}

interface Got {
  status: number;
  headers: Record<string, unknown>;
  text: string;
  /** Set where the stream was reset. */
  error?: string;
}

function ask(client: ClientHttp2Session, headers: OutgoingHttpHeaders, body?: string): Promise<Got> {
  return new Promise((resolve) => {
    const got: Got = { status: 0, headers: {}, text: '' };
    let stream: ClientHttp2Stream;
    try {
      stream = client.request(
        { ':authority': 'localhost', ':scheme': 'https', ...headers },
        { endStream: body === undefined },
      );
    } catch (error) {
      resolve({ ...got, error: (error as NodeJS.ErrnoException).code ?? 'thrown' });
      return;
    }
    stream.setEncoding('utf8');
    stream.on('response', (answer) => {
      got.status = Number(answer[':status']);
      got.headers = answer;
    });
    stream.on('data', (text: string) => {
      got.text += text;
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      got.error = error.code ?? error.message;
    });
    stream.on('close', () => resolve(got));
    if (body !== undefined) stream.end(body);
  });
}

test('GET and POST are judged and served like over HTTP/1.1', async () => {
  const client = await session();
  assert.equal(client.alpnProtocol, 'h2');
  assert.deepEqual(JSON.parse((await ask(client, { ':path': '/ping' })).text), { ok: true });
  assert.equal((await ask(client, { ':path': '/things' })).status, 401);
  const own = await ask(client, { ':path': '/things/1', 'x-api-key': key });
  assert.equal(own.status, 200);
  assert.doesNotMatch(own.text, /passwordHash|margin|4111111111111111/);
  assert.equal((await ask(client, { ':path': '/things/2', 'x-api-key': key })).status, 404);
  const made = await ask(
    client,
    { ':path': '/things', ':method': 'POST', 'x-api-key': key, 'content-type': 'application/json' },
    '{"name":"a"}',
  );
  assert.equal(made.status, 201);
  assert.equal(shop.seen.at(-1)?.body, '{"name":"a"}');
  assert.equal(shop.seen.at(-1)?.headers['x-portcullis-roles'], 'customer');
  const refused = await ask(
    client,
    { ':path': '/things', ':method': 'POST', 'x-api-key': key, 'content-type': 'application/json' },
    '{"name":"a","owner":2}',
  );
  assert.equal(refused.status, 400);
  const harmful = await ask(client, {
    ':path': `/things?q=${encodeURIComponent("' OR '1'='1' --")}`,
    'x-api-key': key,
  });
  assert.equal(harmful.status, 403);
  assert.equal((await ask(client, { ':path': '/things/1', ':method': 'HEAD', 'x-api-key': key })).status, 405);
});

const SMUGGLED: [string, OutgoingHttpHeaders][] = [
  ['host and :authority that differ', { ':path': '/ping', host: 'evil.example' }],
  ['userinfo in :authority', { ':path': '/ping', ':authority': 'evil@localhost' }],
  ['a path in :authority', { ':path': '/ping', ':authority': 'localhost/x' }],
  ['no path', { ':path': '' }],
  ['an asterisk', { ':path': '*', ':method': 'OPTIONS' }],
  ['another origin as path', { ':path': 'https://evil.example/ping' }],
  ['a request hidden in the path', { ':path': '/ping HTTP/1.1\r\nHost: evil' }],
  ['dot segments', { ':path': '/things/../ping' }],
  ['an encoded slash', { ':path': '/things%2f1' }],
  ['two of one singleton', { ':path': '/ping', authorization: ['Bearer a', 'Bearer b'] as unknown as string }],
  ['two spellings', { ':path': '/ping', 'x-user': 'a', x_user: 'b' }],
  ['both framings', { ':path': '/things', ':method': 'POST', 'transfer-encoding': 'chunked' }],
  ['connection headers', { ':path': '/ping', connection: 'x-api-key' }],
  ['keep-alive', { ':path': '/ping', 'keep-alive': 'timeout=5' }],
  ['an upgrade', { ':path': '/ping', upgrade: 'h2c' }],
  ['te other than trailers', { ':path': '/ping', te: 'gzip' }],
  ['a lower-case method', { ':path': '/ping', ':method': 'get' }],
  ['a method with a space', { ':path': '/ping', ':method': 'GET /x' }],
  ['CONNECT', { ':method': 'CONNECT', ':authority': 'localhost:22', ':scheme': undefined as unknown as string }],
];

for (const [name, headers] of SMUGGLED) {
  test(`refused, and nothing forwarded: ${name}`, async () => {
    const client = await session();
    const before = shop.seen.length;
    const got = await ask(client, headers);
    assert.ok(got.error !== undefined || (got.status >= 400 && got.status < 600), `${got.status} ${got.text}`);
    if (got.error === undefined) assert.notEqual(got.status, 503, got.text);
    assert.equal(shop.seen.length, before);
    client.destroy();
    assert.equal((await gate.send('/ping')).status, 200);
  });
}

test('te: trailers and a host that agrees are no offence; hop-by-hop goes no further', async () => {
  const client = await session();
  const got = await ask(client, { ':path': '/ping', te: 'trailers', host: 'localhost' });
  assert.equal(got.status, 200);
  const sent = shop.seen.at(-1);
  assert.equal(sent?.headers['te'], undefined);
  assert.equal(sent?.rawHeaders.filter((name) => name.toLowerCase() === 'host').length, 1);
});

test('a hundred requests at once over one connection', async () => {
  const client = await session();
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => ask(client, { ':path': i % 2 ? '/ping' : '/things', 'x-api-key': key })),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(new Set(answers.map(({ headers }) => headers['x-exchange-id'])).size, 100);
});

test('rapid reset: the connection is ended, others are served', async () => {
  const client = await session();
  let closed = false;
  client.on('close', () => {
    closed = true;
  });
  const friend = await session();
  for (let round = 0; round < 40 && !closed; round++) {
    for (let i = 0; i < 100; i++) {
      if (client.destroyed || client.closed) break;
      const stream = client.request({ ':path': '/things', ':authority': 'localhost', 'x-api-key': key });
      stream.on('error', () => {});
      stream.close(constants.NGHTTP2_CANCEL);
    }
    assert.equal((await ask(friend, { ':path': '/ping' })).status, 200, 'a friend is served meanwhile');
  }
  await until('the connection to be ended', () => closed);
  assert.equal((await gate.send('/ping')).status, 200);
  await until('nothing to be running', async () =>
    /^portcullis_exchanges_running 0$/m.test((await gate.admin('GET', '/metrics')).text),
  );
});

test('a huge header list is refused', async () => {
  const client = await session();
  const before = shop.seen.length;
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-h${i}`, 'a'.repeat(20)]));
  const got = await ask(client, { ':path': '/ping', ...many });
  assert.ok(got.error !== undefined || got.status === 431, `${got.status}`);
  const large = await ask(await session(), { ':path': '/ping', 'x-large': 'a'.repeat(60_000) });
  assert.ok(large.error !== undefined || large.status === 431, `${large.status}`);
  // The same short field again and again costs the sender a byte each (HPACK), the receiver its whole length.
  const bomb = await session();
  const crumbs = await ask(bomb, {
    ':path': '/ping',
    cookie: Array.from({ length: 4000 }, () => `a=${'b'.repeat(100)}`) as unknown as string,
  });
  assert.ok(crumbs.error !== undefined || crumbs.status === 431, `${crumbs.status}`);
  assert.equal(shop.seen.length, before);
});

test('a body that never ends is ended, and the API never sees it', async () => {
  const client = await session();
  const before = shop.seen.length;
  const stream = client.request({
    ':path': '/things',
    ':method': 'POST',
    ':authority': 'localhost',
    'x-api-key': key,
    'content-type': 'application/json',
  });
  stream.on('error', () => {});
  stream.write('{"name":"');
  const drip = setInterval(() => stream.destroyed || stream.write('a'), 100);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  clearInterval(drip);
  assert.equal(headers[':status'], 408);
  assert.equal(shop.seen.length, before);
  stream.close();
});

test('a length that does not fit the body', async () => {
  const before = shop.seen.length;
  for (const length of ['5', '500']) {
    const client = await session();
    const got = await ask(
      client,
      {
        ':path': '/things',
        ':method': 'POST',
        'x-api-key': key,
        'content-type': 'application/json',
        'content-length': length,
      },
      '{"name":"a"}',
    );
    assert.ok(got.status === 0 || got.status >= 400, `${length}: ${got.status}`);
    client.destroy();
  }
  assert.equal(shop.seen.length, before);
});

test('a client that goes away with its streams open', async () => {
  const client = await session();
  for (let i = 0; i < 20; i++)
    client.request({ ':path': '/files/x', ':authority': 'localhost', 'x-api-key': key }).on('error', () => {});
  await until('some to be forwarded', () => shop.seen.some(({ url }) => url === '/files/x'));
  client.destroy();
  await until('nothing to be running', async () =>
    /^portcullis_exchanges_running 0$/m.test((await gate.admin('GET', '/metrics')).text),
  );
  assert.equal((await gate.send('/ping')).status, 200);
});

test('a stream comes through whole over HTTP/2', async () => {
  const client = await session();
  const stream = client.request({ ':path': '/files/x', ':authority': 'localhost', 'x-api-key': key });
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
  });
  await once(stream, 'end');
  assert.equal(length, 500_000);
});

test('SIGTERM ends a session that is open and idle', async () => {
  const client = await session();
  assert.equal((await ask(client, { ':path': '/ping' })).status, 200);
  const gone = new Promise((resolve) => client.on('close', resolve));
  const started = performance.now();
  assert.equal(await gate.program.stop(), 0);
  await gone;
  assert.ok(performance.now() - started < 15_000, 'without waiting for the drain time of an idle connection');
  const { code, stdout } = await gate.cli('audit', 'search', '--event', 'gateway/crashed');
  assert.deepEqual([code, stdout], [0, '']);
});
