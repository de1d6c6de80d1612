import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ScanRequest } from '../model/exchange.ts';
import { createClient } from './client.ts';
import { clientFor, get, http, OK, tcp } from './client-fixture.ts';

describe('what is sent', () => {
  const exact: readonly [name: string, request: ScanRequest, bytes: string][] = [
    [
      'a GET',
      get('/x?y=1', [['A', 'b']]),
      'GET /x?y=1 HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nA: b\r\n\r\n',
    ],
    [
      'dots and raw quotes',
      get('/a/../b/%2e%2e/./"\'<>'),
      'GET /a/../b/%2e%2e/./"\'<> HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\n\r\n',
    ],
    [
      'a method of its own',
      { method: 'FoO', target: '*', headers: [] },
      'FoO * HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\n\r\n',
    ],
    [
      'a POST without a body',
      { method: 'POST', target: '/', headers: [] },
      'POST / HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      'a body on GET',
      { ...get(), body: 'ü' },
      'GET / HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nContent-Length: 2\r\n\r\nü',
    ],
    [
      'repeated headers in order',
      get('/', [
        ['x', '1'],
        ['HOST', 'a'],
        ['X', ''],
        ['x', '2'],
        ['user-agent', 'u'],
      ]),
      'GET / HTTP/1.1\r\nx: 1\r\nHOST: a\r\nX:\r\nx: 2\r\nuser-agent: u\r\n\r\n',
    ],
    [
      'line ends within a value',
      get('/', [['x', 'a\r\nInjected: 1']]),
      'GET / HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nx: a\r\nInjected: 1\r\n\r\n',
    ],
    [
      'own framing',
      { method: 'POST', target: '/', headers: [['Transfer-Encoding', 'chunked']], body: '0\r\n\r\n' },
      'POST / HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    [
      'text beyond ASCII as UTF-8',
      get('/ü', [['x', '€']]),
      'GET /ü HTTP/1.1\r\nHost: <host>\r\nUser-Agent: portcullis-scan\r\nx: €\r\n\r\n',
    ],
  ];
  for (const [name, request, bytes] of exact) {
    it(`is exactly the request: ${name}`, async () => {
      const requests: Buffer[] = [];
      const server = await tcp((socket, received) => {
        requests.push(received);
        socket.write(OK);
      });
      const { client } = clientFor(server.base);
      const { answer } = await client.send(request);
      assert.deepEqual([answer.status, answer.failure, answer.text], [200, undefined, 'ok']);
      assert.equal(requests[0]?.toString(), bytes.replace('<host>', server.base.host));
    });
  }

  it('sends bodies of some mebibytes whole, and stops where the answer comes before', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client } = clientFor(server.base);
    const body = new Uint8Array(3 * 1024 * 1024).fill(120);
    const { answer } = await client.send({ method: 'POST', target: '/', headers: [], body });
    assert.equal(answer.status, 200);
    assert.equal(server.received[0]?.toString('latin1').endsWith('x'.repeat(1_000)), true);
    const impatient = await http((request, response) => {
      response.writeHead(413, { connection: 'close' }).end('too much');
      request.resume();
    });
    const early = await clientFor(impatient).client.send({
      method: 'POST',
      target: '/',
      headers: [],
      body: new Uint8Array(30 * 1024 * 1024),
    });
    assert.ok(early.answer.status === 413 || early.answer.failure === 'reset');
  });
});

describe('connections', () => {
  it('are used again, one exchange after the other, and never more at once than was said', async () => {
    let open = 0;
    let most = 0;
    const base = await http((_, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end('x');
      }, 5);
    });
    const { client, seen } = clientFor(base, { concurrency: 3 });
    await Promise.all(Array.from({ length: 60 }, (_, i) => client.send(get(`/${i}`))));
    assert.equal(most, 3);
    assert.equal(client.sent, 60);
    assert.deepEqual(
      seen.map(({ id }) => id).sort((a, b) => a - b),
      Array.from({ length: 60 }, (_, i) => i + 1),
    );
    assert.deepEqual(
      seen.sort((a, b) => a.id - b.id).map(({ request }) => request.target),
      Array.from({ length: 60 }, (_, i) => `/${i}`),
    );
  });

  it('are as few as will do', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client } = clientFor(server.base);
    for (let i = 0; i < 10; i++) await client.send(get());
    assert.equal(server.connections, 1);
    await client.send(get(), { fresh: true });
    assert.equal(server.connections, 2);
    await client.send(get());
    assert.equal(server.connections, 2);
  });

  it('are not shared with requests whose end is in doubt', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client } = clientFor(server.base);
    for (const odd of [
      { method: 'POST', target: '/', headers: [['Content-Length', '1']], body: 'abc' },
      { ...get(), body: 'GET /smuggled HTTP/1.1\r\n\r\n' },
      get('/', [['x', 'a\r\n\r\nGET /smuggled HTTP/1.1']]),
      get('/a b'),
    ] as ScanRequest[]) {
      const before = server.connections;
      await client.send(odd);
      await client.send(get('/after'));
      assert.equal(server.connections - before, before === 0 ? 2 : 1);
    }
    for (const bytes of server.received) assert.doesNotMatch(bytes.toString(), /smuggled.*\/after|\/after.*smuggled/s);
  });

  it('that died between two exchanges are replaced without a word, for what may be sent twice', async () => {
    const server = await tcp((socket, _, __, nth) => {
      if (nth === 1) socket.write(OK);
      else socket.destroy();
    });
    const { client, seen } = clientFor(server.base);
    await client.send(get());
    assert.equal((await client.send(get())).answer.status, 200);
    assert.equal(server.connections, 2);
    const post = { method: 'POST', target: '/', headers: [], body: 'x' };
    assert.equal((await client.send(post)).answer.status, 200, 'once bitten: on a new connection');
    assert.equal(seen.length, 3);
  });

  it('that die by a POST are not tried again', async () => {
    const server = await tcp((socket, request, _, nth) => {
      if (nth > 1 && request.toString().startsWith('POST')) socket.destroy();
      else socket.write(OK);
    });
    const { client } = clientFor(server.base);
    await client.send(get());
    assert.equal((await client.send({ method: 'POST', target: '/', headers: [], body: 'x' })).answer.failure, 'reset');
    assert.equal(server.received.join('').match(/POST/g)?.length, 1);
  });

  it('with bytes nobody asked for are not used again', async () => {
    const server = await tcp((socket, _, count) => {
      socket.write(OK);
      if (count === 1) setImmediate(() => socket.write('HTTP/1.1 500 Poison\r\nContent-Length: 0\r\n\r\n'));
    });
    const { client } = clientFor(server.base);
    await client.send(get());
    for (let i = 0; i < 20; i++) assert.equal((await client.send(get())).answer.status, 200);
  });
});

describe('the host lock', () => {
  it('follows no redirect, and calls no other host whatever target and Host header say', async () => {
    let called = 0;
    const other = await tcp(() => void called++);
    const server = await tcp((socket) => {
      socket.write(
        `HTTP/1.1 302 Found\r\nLocation: ${other.base.href}\r\nContent-Length: 0\r\nRefresh: 0;url=${other.base.href}\r\nAlt-Svc: h2="127.0.0.1:${other.port}"\r\n\r\n`,
      );
    });
    const { client } = clientFor(server.base);
    for (const request of [
      get('/'),
      get(other.base.href),
      get(`//${other.base.host}/`),
      get('/', [['Host', other.base.host]]),
      get(`@${other.base.host}/`),
      { method: 'CONNECT', target: other.base.host, headers: [] },
    ]) {
      const { answer } = await client.send(request);
      assert.deepEqual([answer.status, answer.headers.get('location')], [302, other.base.href]);
    }
    await client.raw(`GET ${other.base.href} HTTP/1.1\r\nHost: ${other.base.host}\r\n\r\n`);
    assert.equal(called, 0);
    assert.equal(other.connections, 0);
  });

  it('refuses other protocols, and numbers without sense', () => {
    const options = { concurrency: 1, timeout: 1, signal: new AbortController().signal, observe() {}, note() {} };
    assert.throws(() => createClient({ ...options, base: new URL('ftp://a.example') }), TypeError);
    const base = new URL('http://a.example');
    for (const wrong of [{ concurrency: 0 }, { timeout: 0 }, { rate: 0 }, { rate: Number.NaN }]) {
      assert.throws(() => createClient({ ...options, base, ...wrong }), TypeError);
    }
  });
});

describe('raw messages', () => {
  it('are written as they are, with pauses, on a connection of their own', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client, seen } = clientFor(server.base);
    const { answer, request } = await client.raw(
      ['GET /x HTTP/1.1\r\nHost: a\r\n', { pause: 60 }, new Uint8Array([88, 58, 32, 255]), '\r\n\r\n'],
      { check: 'slow' },
    );
    assert.equal(answer.status, 200);
    assert.ok(answer.milliseconds >= 55, `${answer.milliseconds}`);
    assert.deepEqual(server.received[0], Buffer.from('GET /x HTTP/1.1\r\nHost: a\r\nX: \xff\r\n\r\n', 'latin1'));
    assert.deepEqual([request.method, request.target, request.headers[0]], ['GET', '/x', ['Host', 'a']]);
    assert.equal(seen[0]?.check, 'slow');
    await client.raw('GET / HTTP/1.1\r\n\r\n');
    assert.equal(server.connections, 2);
  });

  it('end with the answer, the deadline or the connection, whatever is left to write', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client } = clientFor(server.base, { timeout: 60_000 });
    assert.equal((await client.raw(['GET / HTTP/1.1\r\n\r\n', { pause: 50_000 }, 'more'])).answer.status, 200);
    assert.equal(
      (await client.raw(['GET / HT', { pause: 50_000 }, 'more'], { timeout: 50 })).answer.failure,
      'timeout',
    );
    const closing = await http(() => {});
    assert.equal((await clientFor(closing).client.raw('\x16\x03\x01nonsense\r\n\r\n')).answer.status, 400);
  });
});
