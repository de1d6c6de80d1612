import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { connect as tlsConnect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { type GateUnderTest, rawUpstream, startGate } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';

// An API that is down, broken or hostile must not hurt the gate, its callers, or what it keeps secret.

const ok = { type: 'object', properties: { ok: { type: 'boolean' } } };
const json = { description: 'ok', content: { 'application/json': { schema: ok } } };
const CONTRACT = {
  openapi: '3.1.0',
  info: { title: 'moods', version: '1' },
  paths: {
    '/m/{mood}': {
      parameters: [
        {
          name: 'mood',
          in: 'path',
          required: true,
          schema: { type: 'string', maxLength: 40, pattern: '^[a-z0-9-]+$' },
        },
      ],
      get: {
        operationId: 'get',
        responses: { 200: json, 302: { description: 'moved' }, 204: { description: 'none' } },
      },
      head: { operationId: 'head', responses: { 200: { description: 'ok' } } },
      post: { operationId: 'post', responses: { 200: json } },
    },
    '/f/{mood}': {
      get: {
        operationId: 'file',
        parameters: [
          {
            name: 'mood',
            in: 'path',
            required: true,
            schema: { type: 'string', maxLength: 40, pattern: '^[a-z0-9-]+$' },
          },
        ],
        responses: { 200: { description: 'bytes', content: { 'application/octet-stream': {} } } },
      },
    },
  },
};

const life = lifetime(after);
let gate: GateUnderTest;
/** Requests by mood. */
const asked = new Map<string, string[]>();
const closed: string[] = [];

const body = (text: string, type = 'application/json', status = '200 OK', more = ''): string =>
  `HTTP/1.1 ${status}\r\nContent-Type: ${type}\r\n${more}Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

const MOODS: Record<string, (socket: Socket) => void> = {
  fine: (socket) => socket.write(body('{"ok":true,"secret":"tr0ub4dor"}')),
  reset: (socket) => socket.resetAndDestroy(),
  closes: (socket) => socket.end(),
  garbage: (socket) => socket.write('SSH-2.0-OpenSSH_9.6 tr0ub4dor\r\n\r\n'),
  half: (socket) =>
    socket.end('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"ok":true'),
  endless: (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', more);
    more();
  },
  silent: () => {},
  stalls: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'),
  html: (socket) => socket.write(body('<h1>tr0ub4dor</h1>', 'text/html')),
  untyped: (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{"s":"tr0ub4d"}'),
  'two-types': (socket) =>
    socket.write(body('{"s":"tr0ub4dor"}', 'application/json', '200 OK', 'Content-Type: text/html\r\n')),
  'huge-headers': (socket) => socket.write(body('{}', 'application/json', '200 OK', `X-A: ${'a'.repeat(200_000)}\r\n`)),
  'many-headers': (socket) => socket.write(body('{}', 'application/json', '200 OK', 'X-A: a\r\n'.repeat(50_000))),
  trace: (socket) => socket.write(body('Error: tr0ub4dor\n    at /srv/app/db.js:17', 'text/plain', '500 Oops')),
  'trace-json': (socket) =>
    socket.write(body('{"ok":true,"stack":"at /srv/tr0ub4dor"}', 'application/json', '500 Oops')),
  busy: (socket) => socket.write(body('tr0ub4dor', 'text/plain', '503 Busy', 'Retry-After: 7\r\n')),
  teapot: (socket) => socket.write(body('{"hint":"tr0ub4dor"}', 'application/json', '418 Teapot')),
  created: (socket) => socket.write(body('{"hint":"tr0ub4dor"}', 'application/json', '201 Created')),
  moved: (socket) =>
    socket.write('HTTP/1.1 302 Found\r\nLocation: https://evil.example/?tr0ub4dor\r\nContent-Length: 0\r\n\r\n'),
  slashes: (socket) =>
    socket.write('HTTP/1.1 302 Found\r\nLocation: //evil.example/tr0ub4dor\r\nContent-Length: 0\r\n\r\n'),
  home: (socket) => socket.write('HTTP/1.1 302 Found\r\nLocation: /m/fine\r\nContent-Length: 0\r\n\r\n'),
  cookie: (socket) =>
    socket.write(
      body(
        '{"ok":true}',
        'application/json',
        '200 OK',
        'Set-Cookie: sid=tr0ub4dor\r\nX-Powered-By: tr0ub4dor\r\nServer: tr0ub4dor\r\nX-Debug: tr0ub4dor\r\n',
      ),
    ),
  hints: (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nLink: </tr0ub4dor>\r\n\r\n${body('{"ok":true}')}`),
  switch: (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\ntr0ub4dor'),
  'two-lengths': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nContent-Length: 2\r\n\r\n{"ok":true}',
    ),
  'both-framings': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"ok":true}\r\n0\r\n\r\n',
    ),
  'bad-chunk': (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n',
    ),
  gzip: (socket) => {
    const packed = gzipSync('{"ok":true,"secret":"tr0ub4dor"}');
    socket.write(
      `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: ${packed.length}\r\n\r\n`,
    );
    socket.write(packed);
  },
  'not-json': (socket) => socket.write(body('{"ok":tr0ub4dor')),
  twice: (socket) => socket.write(body('{"ok":true,"ok":false}')),
  utf16: (socket) => socket.write(body('{"s":"tr0ub4dor"}', 'application/json; charset=utf-16')),
  deep: (socket) => socket.write(body('['.repeat(200_000))),
  text: (socket) => socket.write(body('"tr0ub4dor"')),
  trailers: (socket) =>
    socket.write(
      'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\nb\r\n{"ok":true}\r\n0\r\nX-T: tr0ub4dor\r\nSet-Cookie: a=tr0ub4dor\r\n\r\n',
    ),
  none: (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  'head-body': (socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n'),
  unchanged: (socket) => socket.write('HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'),
};

before(async () => {
  const api = await rawUpstream(life, (socket, text) => {
    const mood = /^\w+ \/[mf]\/([a-z0-9-]+)/.exec(text)?.[1] ?? '';
    asked.set(mood, [...(asked.get(mood) ?? []), text]);
    socket.once('close', () => closed.push(mood));
    MOODS[mood]?.(socket);
  });
  gate = await startGate(
    life,
    {
      contract: 'openapi.json',
      upstream: api.url,
      authentication: 'public',
      throttling: { address: '10000/s', anonymous: '10000/s' },
      forwarding: { timeout: '500ms', idleTimeout: '500ms' },
      disclosure: { maxAnswer: 1_000_000 },
    },
    { 'openapi.json': JSON.stringify(CONTRACT) },
  );
});

const clean = (answer: { text: string; headers: object }): void => {
  assert.doesNotMatch(answer.text + JSON.stringify(answer.headers), /tr0ub4d|at \/srv|evil\.example/);
};

const EXPECTED: [string, number, string?][] = [
  ['fine', 200],
  ['closes', 502, 'upstream-malformed'],
  ['garbage', 502, 'upstream-malformed'],
  ['half', 502, 'upstream-malformed'],
  ['endless', 502, 'answer-too-large'],
  ['silent', 504, 'upstream-timeout'],
  ['stalls', 504, 'upstream-timeout'],
  ['html', 502, 'answer-undeclared'],
  ['untyped', 502],
  ['two-types', 502],
  ['huge-headers', 502, 'upstream-malformed'],
  ['many-headers', 502, 'upstream-malformed'],
  ['trace', 502, 'upstream-failed'],
  ['trace-json', 502, 'upstream-failed'],
  ['busy', 503, 'upstream-failed'],
  ['teapot', 418, 'upstream-refused'],
  ['created', 502, 'answer-undeclared'],
  ['moved', 302],
  ['slashes', 302],
  ['home', 302],
  ['cookie', 200],
  ['hints', 200],
  ['switch', 502],
  ['two-lengths', 502, 'upstream-malformed'],
  ['both-framings', 502, 'upstream-malformed'],
  ['bad-chunk', 502, 'upstream-malformed'],
  ['not-json', 502],
  ['deep', 502],
  ['trailers', 200],
  ['none', 204],
];

for (const [mood, status, code] of EXPECTED) {
  test(`an API that is ${mood}: ${status}`, async () => {
    const answer = await gate.send(`/m/${mood}`);
    assert.equal(answer.status, status, answer.text);
    clean(answer);
    if (status >= 400) {
      assert.equal(answer.headers['content-type'], 'application/problem+json');
      assert.equal(answer.json()['exchange'], answer.headers['x-exchange-id']);
      if (code !== undefined) assert.equal(answer.json()['code'], code);
    } else if (status === 200) assert.deepEqual(answer.json(), { ok: true });
    for (const gone of ['set-cookie', 'server', 'x-powered-by', 'x-debug', 'x-t', 'trailer', 'link'])
      assert.equal(answer.headers[gone], undefined, gone);
    if (mood === 'home') assert.equal(answer.headers['location'], '/m/fine');
    if (mood === 'moved' || mood === 'slashes') assert.equal(answer.headers['location'], undefined);
    if (mood === 'busy') assert.equal(answer.headers['retry-after'], '7');
    assert.equal((await gate.send('/m/fine')).status, 200, 'the next one is served');
  });
}

test('an answer that can be read in two ways leaves in one', async () => {
  assert.match((await gate.send('/m/twice')).text, /^\{"ok":(true|false)\}$/);
  const utf16 = await gate.send('/m/utf16');
  clean(utf16);
  assert.doesNotMatch(String(utf16.headers['content-type']), /utf-16/);
});

const SHAPES = ['"tr0ub4dor"', '["tr0ub4dor"]', '{"ok":{"secret":"tr0ub4dor"}}', '{"ok":[{"a":"tr0ub4dor"}]}'];
for (const shape of SHAPES) {
  test(`a value of another type than the contract says does not leave: ${shape}`, async () => {
    MOODS['shape'] = (socket) => socket.write(body(shape));
    clean(await gate.send('/m/shape'));
  });
}

test('a plain value of another type at a place the contract names is recorded', async () => {
  MOODS['shape'] = (socket) => socket.write(body('{"ok":"yes"}'));
  const answer = await gate.send('/m/shape');
  const { stdout } = await gate.cli('audit', 'show', String(answer.headers['x-exchange-id']));
  assert.match(stdout, /the answer breaks the contract/);
});

test('an answer in a coding nobody asked for is not passed on unjudged', async () => {
  const answer = await gate.send('/m/gzip');
  assert.match(asked.get('gzip')?.[0] ?? '', /\r\naccept-encoding: identity\r\n/i);
  clean(answer);
  if (answer.status === 200) assert.deepEqual(answer.json(), { ok: true });
  else assert.equal(answer.status, 502);
});

test('an answer that is too large or not wanted any more is not read on', async () => {
  await gate.send('/m/endless');
  await until('the connection to be ended', () => closed.includes('endless'));
});

test('what broke is sent once more if it is safe, and never if it is not', async () => {
  asked.delete('reset');
  assert.equal((await gate.send('/m/reset')).status, 502);
  assert.equal(asked.get('reset')?.length, 2);
  asked.delete('reset');
  assert.equal((await gate.send('/m/reset', { method: 'POST' })).status, 502);
  assert.equal(asked.get('reset')?.length, 1);
});

test('bytes after an answer are not taken for the answer to the next request', async () => {
  MOODS['poison'] = (socket) => socket.write(body('{"ok":true}') + body('{"ok":false}'));
  for (let i = 0; i < 10; i++) {
    assert.equal((await gate.send('/m/poison')).text, '{"ok":true}');
    assert.equal((await gate.send('/m/fine')).text, '{"ok":true}');
  }
});

test('HEAD has no body, and 304 only answers a condition', async () => {
  const head = await gate.send('/m/head-body', { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  assert.equal((await gate.send('/m/fine', { method: 'HEAD' })).text, '');
  assert.equal((await gate.send('/m/unchanged')).status, 502);
  assert.equal((await gate.send('/m/unchanged', { headers: { 'if-none-match': '"a"' } })).status, 304);
  const refused = await gate.send('/m/silent', { method: 'HEAD' });
  assert.deepEqual([refused.status, refused.text], [504, '']);
});

test('a large file comes through byte for byte', async () => {
  const size = 20_000_000;
  const bytes = Buffer.alloc(size);
  for (let i = 0; i < size; i += 4) bytes.writeUInt32LE((i * 2654435761) >>> 0, i);
  MOODS['large'] = (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: ${size}\r\n\r\n`);
    socket.write(bytes);
  };
  const hash = createHash('sha256');
  let length = 0;
  await new Promise<void>((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port: gate.port,
        servername: 'localhost',
        ca: gate.ca,
        path: '/f/large',
        headers: { host: 'localhost' },
        agent: false,
      },
      (res) => {
        assert.equal(res.statusCode, 200);
        res.on('data', (chunk: Buffer) => {
          length += chunk.length;
          hash.update(chunk);
        });
        res.on('end', resolve);
        res.on('error', reject);
      },
    );
    req.on('error', reject);
    req.end();
  });
  assert.equal(length, size);
  assert.equal(hash.digest('hex'), createHash('sha256').update(bytes).digest('hex'));
});

test('a client that does not read holds the API back instead of filling the memory', async () => {
  let written = 0;
  let waiting: () => void = () => {};
  const full = new Promise<void>((resolve) => {
    waiting = resolve;
  });
  MOODS['flood'] = (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\n');
    const chunk = Buffer.alloc(65_536);
    const more = (): void => {
      while (written < 500_000_000) {
        written += chunk.length;
        if (!socket.write(chunk)) break;
      }
      setTimeout(waiting, 1000).unref();
    };
    socket.on('drain', more);
    more();
  };
  const socket = tlsConnect({
    host: '127.0.0.1',
    port: gate.port,
    servername: 'localhost',
    ca: gate.ca,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.pause();
  socket.write('GET /f/flood HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await full;
  assert.ok(written < 60_000_000, `${written} bytes were taken for a client that read none`);
  socket.destroy();
  await until('the API to be told', () => closed.includes('flood'));
});

test('a client that goes away in the middle: the API is let go, and it is recorded', async () => {
  MOODS['slow'] = () => {};
  gate.configure({ forwarding: { timeout: '1m', idleTimeout: '1m' } });
  await until('the longer timeout', async () => (await gate.admin('POST', '/reload')).status === 200);
  const socket = tlsConnect({
    host: '127.0.0.1',
    port: gate.port,
    servername: 'localhost',
    ca: gate.ca,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  socket.write('GET /m/slow HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await until('the request to arrive', () => asked.has('slow'));
  socket.destroy();
  await until('the API to be let go', () => closed.includes('slow'));
  await until('the record', async () =>
    (await gate.cli('audit', 'search', '--outcome', 'client-gone')).stdout.includes('/m/slow'),
  );
  assert.match((await gate.admin('GET', '/metrics')).text, /^portcullis_exchanges_running 0$/m);
});

test('two targets, one of them down: every request is served', async () => {
  const free = createNetServer();
  await new Promise<void>((done) => free.listen(0, '127.0.0.1', done));
  const dead = `http://127.0.0.1:${(free.address() as AddressInfo).port}`;
  await new Promise((done) => free.close(done));
  let served = 0;
  const live = createServer((_req, res) => {
    served++;
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"ok":true}');
  });
  await new Promise<void>((done) => live.listen(0, '127.0.0.1', done));
  life.after(() => live.close().closeAllConnections());
  gate.configure({ upstream: [dead, `http://127.0.0.1:${(live.address() as AddressInfo).port}`] });
  assert.equal((await gate.admin('POST', '/reload')).status, 200);
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, i) => gate.send('/m/any', { method: i % 3 ? 'GET' : 'POST' })),
  );
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
  assert.equal(served, 30, 'each exactly once');
  assert.equal((await gate.admin('GET', '/readyz', { token: null })).status, 200);
});

test('the log is whole after all this', async () => {
  assert.equal(await gate.program.stop(), 0);
  const { code, stdout } = await gate.cli('audit', 'verify');
  assert.equal(code, 0, stdout);
  const { stdout: events } = await gate.cli('audit', 'search', '--event', 'gateway/crashed');
  assert.equal(events, '', 'nothing crashed');
});
