import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { shopGate } from '../support/shop-gate.ts';

// Promise 5: everything read has a cap of real bytes, everything awaited a deadline.
const endings: (() => unknown)[] = [];
let gate: GateUnderTest;
let shop: Upstream;
let key: string;

before(async () => {
  ({ gate, shop } = await shopGate(
    { after: (work) => endings.push(work) },
    {
      listen: { headersTimeout: '1s', bodyTimeout: '1s', idleTimeout: '2s', connectionsPerAddress: 40 },
      throttling: { address: '10000/s', principal: '10000/s' },
    },
  ));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
});
after(async () => {
  for (const end of endings.reverse()) await end();
});

test('a body over the cap: 413, declared or not', async () => {
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const big = JSON.stringify({ name: 'a'.repeat(2 * 1024 * 1024) });
  assert.equal((await gate.send('/things', { method: 'POST', headers, body: big })).status, 413);
  const chunked = await gate.raw(
    `POST /things HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${'10000\r\n'}${'a'.repeat(65_536)}\r\n`.padEnd(
      10,
    ) + `${'10000\r\n'}${'a'.repeat(65_536)}\r\n`.repeat(20),
    { until: /\r\n\r\n\{/ },
  );
  assert.match(chunked, /^HTTP\/1\.1 413 /);
});

test('a compressed bomb is stopped by what it unpacks to', async () => {
  const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
  const answer = await gate.send('/things', {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body,
  });
  assert.equal(answer.status, 413);
});

test('too long a target: 414; too many or too large headers: 431', async () => {
  assert.equal((await gate.send(`/things?q=${'a'.repeat(9000)}`, { headers: { 'x-api-key': key } })).status, 414);
  const many = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`x-h${i}`, '1']));
  assert.equal((await gate.send('/ping', { headers: many })).status, 431);
  assert.equal((await gate.send('/ping', { headers: { 'x-large': 'a'.repeat(20_000) } })).status, 431);
});

const open = async (): Promise<TLSSocket> => {
  const socket = tlsConnect({
    host: '127.0.0.1',
    port: gate.port,
    servername: 'localhost',
    ca: gate.ca,
    ALPNProtocols: ['http/1.1'],
  });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
};

test('slow headers are ended', async () => {
  const socket = await open();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  socket.write('GET /ping HTTP/1.1\r\nHost: localhost\r\nX-A: ');
  const drip = setInterval(() => socket.write('a'), 100);
  await once(socket, 'close');
  clearInterval(drip);
  assert.match(text, /^(HTTP\/1\.1 408 |$)/);
});

test('a slow body is ended, and the API never sees it', async () => {
  const before = shop.seen.length;
  const socket = await open();
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  socket.write(
    `POST /things HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{`,
  );
  const drip = setInterval(() => socket.write(' '), 100);
  await once(socket, 'close');
  clearInterval(drip);
  assert.match(text, /^HTTP\/1\.1 408 /);
  assert.equal(shop.seen.length, before);
});

test('idle connections are ended', async () => {
  const socket = await open();
  socket.resume();
  await once(socket, 'close');
});

test('connections from one address are capped', async () => {
  const sockets: TLSSocket[] = [];
  let refused = 0;
  for (let i = 0; i < 60; i++) {
    const socket = tlsConnect({ host: '127.0.0.1', port: gate.port, servername: 'localhost', ca: gate.ca });
    socket.on('error', () => {});
    const established = await Promise.race([
      once(socket, 'secureConnect').then(
        () => true,
        () => false,
      ),
      once(socket, 'close').then(() => false),
    ]);
    if (established) sockets.push(socket);
    else refused++;
  }
  assert.ok(refused >= 15 && sockets.length <= 40, `${sockets.length} held, ${refused} refused`);
  for (const socket of sockets) socket.destroy();
});
