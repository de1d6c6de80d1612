import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { clientFor, get, http, OK, tcp } from './client-fixture.ts';

describe('answers', () => {
  it('are read as text and JSON when asked, whatever the media type says', async () => {
    const base = await http((request, response) => {
      response.setHeader('content-type', 'Text/HTML; charset=x');
      response.end(request.url === '/json' ? '\ufeff{"a":[1]}' : '{"a":');
    });
    const { client } = clientFor(base);
    const { answer } = await client.send(get('/json'), { as: 'alice', check: 'mine' });
    assert.deepEqual([answer.mediaType, answer.json], ['text/html', { a: [1] }]);
    assert.equal((await client.send(get('/no'))).answer.json, undefined);
  });

  it('know whose they are', async () => {
    const { client } = clientFor(await http((_, response) => void response.end()), { check: () => 'running' });
    const mine = await client.send(get(), { as: 'alice', check: 'mine' });
    assert.deepEqual([mine.as, mine.check, mine.operation], ['alice', 'mine', undefined]);
    assert.deepEqual((await client.send(get())).check, 'running');
  });

  const text = JSON.stringify({ text: 'x'.repeat(5_000) });
  for (const [coding, bytes] of [
    ['gzip', gzipSync(text)],
    ['X-GZIP', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
    ['gzip, br', brotliCompressSync(gzipSync(text))],
    ['identity', Buffer.from(text)],
  ] as const) {
    it(`are taken out of ${coding}`, async () => {
      const base = await http((_, response) => void response.writeHead(200, { 'content-encoding': coding }).end(bytes));
      const { answer } = await clientFor(base).client.send(get());
      assert.equal(answer.text, text);
      assert.equal(answer.cut, false);
    });
  }

  it('stay as they came where their coding is a lie', async () => {
    for (const coding of ['gzip', 'br', 'zstd', 'deflate', 'utf-8']) {
      const base = await http(
        (_, response) => void response.writeHead(200, { 'content-encoding': coding }).end('plain text'),
      );
      const { answer } = await clientFor(base).client.send(get());
      assert.deepEqual([answer.status, answer.failure, answer.text], [200, undefined, 'plain text'], coding);
    }
  });

  it('that are bombs give their beginning, and those that end early what came', async () => {
    for (const [coding, pack] of [
      ['gzip', gzipSync],
      ['br', brotliCompressSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const bomb = pack(Buffer.alloc(12 * 1024 * 1024, 'a'));
      const base = await http((_, response) => void response.writeHead(200, { 'content-encoding': coding }).end(bomb));
      const { answer } = await clientFor(base).client.send(get());
      assert.deepEqual([answer.body.length, answer.cut, answer.failure], [1024 * 1024, true, undefined], coding);
    }
    const half = gzipSync(Buffer.from(Array.from({ length: 20_000 }, (_, i) => i).join(' ')));
    const base = await http(
      (_, response) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(half.subarray(0, half.length / 2)),
    );
    const { answer } = await clientFor(base).client.send(get());
    assert.equal(answer.text.startsWith('0 1 2 3 4 5'), true);
    assert.equal(answer.cut, true);
  });

  it('that announce a body to HEAD, or to what may be taken for it, cost no deadline', async () => {
    const server = await tcp((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n'));
    const { client } = clientFor(server.base, { timeout: 60_000 });
    for (const request of [
      { method: 'HEAD', target: '/', headers: [] },
      { method: 'head', target: '/', headers: [] },
      get('/', [['X-HTTP-Method-Override', 'HEAD']]),
    ]) {
      const { answer } = await client.send(request);
      assert.deepEqual([answer.status, answer.failure, answer.body.length], [200, undefined, 0]);
    }
  });

  it('that are event streams give what came in a second', async () => {
    const server = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
      const timer = setInterval(() => socket.write('data: x\n\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    const { answer } = await clientFor(server.base, { timeout: 60_000 }).client.send(get());
    assert.deepEqual([answer.status, answer.failure, answer.cut], [200, undefined, true]);
    assert.match(answer.text, /^data: x\n\n/);
  });
});

describe('failures', () => {
  it('are told apart: refused, reset, malformed', async () => {
    const gone = await tcp(() => {});
    await gone.close();
    assert.equal((await clientFor(gone.base).client.send(get())).answer.failure, 'refused');
    const reset = await tcp((socket) => void socket.resetAndDestroy());
    assert.equal((await clientFor(reset.base).client.send(get())).answer.failure, 'reset');
    const nonsense = await tcp((socket) => void socket.write('\0\x01garbage'));
    const { answer } = await clientFor(nonsense.base).client.send(get());
    assert.deepEqual([answer.status, answer.failure, answer.text], [0, 'malformed', '\0\x01garbage']);
  });

  it('by the deadline keep what came, whether nothing, headers or a body that drips', async () => {
    const server = await tcp((socket, request) => {
      const target = request.toString().split(' ')[1];
      if (target === '/nothing') return;
      socket.write('HTTP/1.1 200 OK\r\n');
      if (target === '/head') return;
      socket.write('X: y\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 5);
      socket.on('close', () => clearInterval(timer));
    });
    const { client } = clientFor(server.base, { timeout: 150 });
    const nothing = (await client.send(get('/nothing'))).answer;
    assert.deepEqual([nothing.status, nothing.failure], [0, 'timeout']);
    assert.equal((await client.send(get('/head'))).answer.failure, 'timeout');
    const dripping = (await client.send(get('/drip'))).answer;
    assert.deepEqual([dripping.status, dripping.failure, dripping.headers.get('x')], [200, 'timeout', 'y']);
    assert.match(dripping.text, /^x+$/);
    assert.equal((await client.send(get('/nothing'), { timeout: 20 })).answer.failure, 'timeout');
  });

  it('by size: a stream without end is cut, with its beginning kept', async () => {
    const piece = Buffer.alloc(65_536, 'x');
    const server = await tcp((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = (): void => {
        while (!socket.destroyed && socket.write(piece));
        if (!socket.destroyed) socket.once('drain', more);
      };
      more();
    });
    const { answer } = await clientFor(server.base, { maxBody: 10_000 }).client.send(get());
    assert.deepEqual([answer.failure, answer.body.length, answer.cut, answer.status], ['endless', 10_000, true, 200]);
  });

  it('never come out as a rejection, also where an observer throws', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client, notes } = clientFor(server.base, {
      observe() {
        throw new Error('mine');
      },
    });
    assert.equal((await client.send(get())).answer.status, 200);
    assert.equal((await client.send(get())).answer.status, 200);
    assert.deepEqual(notes, ['an observer of exchanges failed: mine']);
  });
});
