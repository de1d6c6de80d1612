import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clientFor, get, http, OK, tcp } from './client-fixture.ts';

describe('the end of the scan', () => {
  it('ends what is under way, what waits in line, and what comes after, at once', async () => {
    const started = Promise.withResolvers<void>();
    const server = await tcp((_socket, _request, count) => {
      if (count === 2) started.resolve();
    });
    const { client, stop, seen } = clientFor(server.base, { concurrency: 2, timeout: 60_000, rate: 1_000 });
    const all = Array.from({ length: 10 }, () => client.send(get()));
    all.push(client.raw(['GET / HTTP/1.1\r\n', { pause: 60_000 }, '\r\n']));
    await started.promise;
    stop.abort();
    for (const { answer } of await Promise.all(all)) assert.equal(answer.failure, 'stopped');
    assert.equal((await client.send(get())).answer.failure, 'stopped');
    assert.deepEqual(seen, []);
  });

  it('ends a wait that the API asked for', async () => {
    const answered = Promise.withResolvers<void>();
    const server = await tcp((socket) => {
      socket.write('HTTP/1.1 429 Slow\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n');
      answered.resolve();
    });
    const { client, stop } = clientFor(server.base);
    const waiting = client.send(get());
    await answered.promise;
    setImmediate(() => stop.abort());
    assert.match((await waiting).answer.failure ?? 'none', /stopped/);
  });
});

describe('patience', () => {
  it('waits where the API asks for it, and sends again; notes it once, with the number', async () => {
    const base = await http((request, response) => {
      limited += 1;
      if (limited % 2 === 1) response.writeHead(limited === 1 ? 429 : 503, { 'retry-after': '0' });
      response.end(request.url);
    });
    let limited = 0;
    const { client, seen, notes } = clientFor(base, { concurrency: 1 });
    assert.equal((await client.send(get('/a'))).answer.status, 200);
    assert.equal((await client.send(get('/b'))).answer.status, 200);
    assert.deepEqual(
      seen.map(({ answer, request }) => [request.target, answer.status]),
      [
        ['/a', 429],
        ['/a', 200],
        ['/b', 503],
        ['/b', 200],
      ],
    );
    assert.deepEqual([client.limited, client.sent], [2, 4]);
    client.close();
    client.close();
    assert.deepEqual(notes.length, 1);
    assert.match(notes[0] ?? '', /2 times/);
  });

  it('holds everything back meanwhile, but what is told not to care', async () => {
    const times = new Map<string, number>();
    const base = await http((request, response) => {
      const first = !times.has(request.url ?? '');
      times.set(request.url ?? '', performance.now());
      if (request.url === '/limited' && first) response.writeHead(429, { 'retry-after': '0.4' });
      if (request.url === '/flood') response.writeHead(429, { 'retry-after': '30' });
      response.end();
    });
    const { client, seen } = clientFor(base);
    assert.equal((await client.send(get('/flood'), { patient: false })).answer.status, 429);
    const limited = client.send(get('/limited'));
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    const told = performance.now();
    await Promise.all([limited, client.send(get('/other'))]);
    assert.ok((times.get('/other') ?? 0) - told > 300, 'the other one waited too');
  });

  it('ends after five more tries: then the 429 is the answer', async () => {
    let count = 0;
    const base = await http((_, response) => {
      count++;
      response.writeHead(429, { 'retry-after': '0' }).end();
    });
    const { client } = clientFor(base);
    assert.equal((await client.send(get())).answer.status, 429);
    assert.equal(count, 6);
    await client.send(get());
    assert.equal(count, 7, 'known to be hopeless');
  });
});

describe('being blocked', () => {
  it('is noticed and said once, where what worked before is refused again and again', async () => {
    let open = true;
    const base = await http((request, response) => {
      if (!open) response.writeHead(403);
      response.end(open ? request.url : `blocked, incident ${Math.random()}`);
    });
    const { client, notes } = clientFor(base);
    for (let i = 0; i < 5; i++) await client.send(get(`/${i}`));
    open = false;
    for (let i = 0; i < 40; i++) await client.send(get(`/${i % 8}`));
    assert.match(client.blocked ?? '', /403/);
    assert.equal(notes.length, 1);
    client.unblocked();
    assert.equal(client.blocked, undefined);
    open = true;
    await client.send(get('/0'));
    assert.equal(client.blocked, undefined);
  });

  it('is not believed of an API that refuses what never worked, nor of a flood', async () => {
    const base = await http((request, response) => {
      if (request.url?.startsWith('/no')) response.writeHead(403);
      if (request.headers['x-flood']) response.writeHead(429);
      response.end('x');
    });
    const { client } = clientFor(base);
    for (let i = 0; i < 5; i++) await client.send(get(`/${i}`));
    for (let i = 0; i < 60; i++) await client.send(get(`/no/${i}`));
    for (let i = 0; i < 60; i++) await client.send(get(`/${i % 5}`, [['X-Flood', '1']]), { patient: false });
    assert.equal(client.blocked, undefined);
  });

  it('is seen where the API is gone', async () => {
    const server = await tcp((socket) => void socket.write(OK));
    const { client, notes } = clientFor(server.base);
    await client.send(get());
    await server.close();
    for (let i = 0; i < 12; i++) await client.send(get(`/${i}`));
    assert.match(client.blocked ?? '', /refused/);
    assert.equal(notes.length, 1);
  });
});

describe('the rate', () => {
  it('is never gone over, however many wait', async () => {
    const base = await http((_, response) => void response.end());
    const { client } = clientFor(base, { rate: 200, concurrency: 8 });
    const began = performance.now();
    await Promise.all(Array.from({ length: 100 }, () => client.send(get())));
    const took = performance.now() - began;
    // 99 gaps of 5 ms; what a timer may be early by is let pass.
    assert.ok(took > 490, `${took} ms`);
  });
});

describe('a halt', () => {
  it('sends nothing more, lets what is under way end, and ends with resume', async () => {
    const pending: (() => void)[] = [];
    const base = await http((request, response) => {
      if (request.url === '/slow') pending.push(() => response.end('done'));
      else response.end();
    });
    const { client } = clientFor(base, { concurrency: 1 });
    const slow = client.send(get('/slow'));
    while (pending.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const inLine = client.send(get('/line'));
    client.halt(60_000);
    assert.equal((await client.send(get('/after'))).answer.failure, 'stopped');
    pending[0]?.();
    assert.equal((await slow).answer.text, 'done');
    assert.equal((await inLine).answer.failure, 'stopped');
    client.resume();
    assert.equal((await client.send(get('/again'))).answer.status, 200);
  });

  it('ends what is under way when its grace is over', async () => {
    const started = Promise.withResolvers<void>();
    const server = await tcp(() => started.resolve());
    const { client } = clientFor(server.base, { timeout: 60_000 });
    const slow = client.send(get('/slow'));
    await started.promise;
    client.halt(10);
    assert.equal((await slow).answer.failure, 'stopped');
  });
});
