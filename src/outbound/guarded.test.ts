import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createOutbound } from './guarded.ts';
import { OutboundError, type OutboundOptions } from './outbound.ts';

const named: OutboundOptions = { allowPrivate: true, allowPlain: true };
const servers: { close(): unknown }[] = [];
after(() => {
  for (const server of servers) server.close();
});

function serve(listener: RequestListener): Promise<string> {
  return new Promise((done) => {
    const server: Server = createServer(listener).listen(0, '127.0.0.1', () => {
      servers.push({
        close() {
          server.closeAllConnections();
          server.close();
        },
      });
      done(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

const refused = (code: OutboundError['code']) => (error: unknown) => {
  assert.ok(error instanceof OutboundError, String(error));
  assert.equal(error.code, code, error.message);
  return true;
};

test('fetches what the operator named, asks for no coding and says what it takes', async () => {
  let seen: unknown;
  const url = await serve((request, response) => {
    seen = { path: request.url, accept: request.headers.accept, coding: request.headers['accept-encoding'] };
    response.setHeader('Content-Type', 'Application/JSON; charset=utf-8').end('{"a":1}');
  });
  const answer = await createOutbound().fetch(`${url}/x?y=1`, { ...named, accept: 'application/json' });
  assert.equal(answer.status, 200);
  assert.equal(answer.mediaType, 'application/json');
  assert.equal(answer.body.toString(), '{"a":1}');
  assert.deepEqual(seen, { path: '/x?y=1', accept: 'application/json', coding: 'identity' });
});

test('schemes and credentials in URLs', async () => {
  const outbound = createOutbound();
  for (const url of ['http://example.com/', 'ftp://example.com/', 'file:///etc/passwd', 'data:,x', 'javascript:1']) {
    await assert.rejects(outbound.fetch(url), refused('scheme'), url);
  }
  for (const url of [
    '',
    'example.com',
    '//example.com',
    'https://',
    'https://u:p@example.com/',
    `https://h/${'a'.repeat(9_000)}`,
  ]) {
    await assert.rejects(outbound.fetch(url), refused('url'), url);
  }
  await assert.rejects(outbound.fetch('https://secretuser:secretpass@example.com/?token=t0psecret'), (error: Error) => {
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

test('a document may not name a private address, in no spelling', async () => {
  let asked = 0;
  const outbound = createOutbound({
    resolve: async (host) => {
      asked++;
      return host === 'mixed.test'
        ? [
            { address: '8.8.8.8', family: 4 },
            { address: '10.0.0.1', family: 4 },
          ]
        : [{ address: '127.0.0.1', family: 4 }];
    },
  });
  const hosts = [
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '127.1',
    '0177.0.0.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '169.254.169.254',
    '0',
    '[fe80::1]',
    '１２７.0.0.1',
    '127.0.0.1.',
    'localhost',
    'rebind.test',
    'mixed.test',
    '100.100.100.200',
  ];
  for (const host of hosts) await assert.rejects(outbound.fetch(`https://${host}/`), refused('address'), host);
  assert.equal(asked, 3);
});

test('the checked address is the one connected to: a second answer of the name server is never asked for', async () => {
  let hits = 0;
  const url = await serve((_request, response) => {
    hits++;
    response.end('here');
  });
  let asked = 0;
  const outbound = createOutbound({
    resolve: async () => {
      asked++;
      return [{ address: '127.0.0.1', family: 4 }];
    },
  });
  const answer = await outbound.fetch(`http://name.invalid:${new URL(url).port}/`, named);
  assert.equal(answer.body.toString(), 'here');
  assert.deepEqual({ asked, hits }, { asked: 1, hits: 1 });
});

test('redirects, failures and codings are refused', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else if (request.url === '/gzip') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'));
    else response.writeHead(500).end();
  });
  const outbound = createOutbound();
  await assert.rejects(outbound.fetch(`${url}/away`, named), refused('redirect'));
  await assert.rejects(outbound.fetch(`${url}/gzip`, named), refused('network'));
  await assert.rejects(outbound.fetch(`${url}/broken`, named), refused('status'));
});

test('size counts real bytes, announced or not', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/announced') response.setHeader('content-length', 2_000).end('x'.repeat(2_000));
    else {
      response.write('x'.repeat(900));
      response.end('x'.repeat(900));
    }
  });
  const outbound = createOutbound();
  await assert.rejects(outbound.fetch(`${url}/announced`, { ...named, maxBytes: 1_000 }), refused('size'));
  await assert.rejects(outbound.fetch(`${url}/chunked`, { ...named, maxBytes: 1_000 }), refused('size'));
  assert.equal((await outbound.fetch(`${url}/chunked`, { ...named, maxBytes: 1_800 })).body.length, 1_800);
});

test('the deadline holds for names, heads and slow bodies', async () => {
  const url = await serve((request, response) => {
    if (request.url === '/slow-body') {
      const drip = setInterval(() => response.write('.'), 5);
      response.on('close', () => clearInterval(drip));
    }
  });
  const outbound = createOutbound();
  await assert.rejects(outbound.fetch(`${url}/slow-body`, { ...named, timeout: 100 }), refused('timeout'));
  await assert.rejects(outbound.fetch(`${url}/no-head`, { ...named, timeout: 100 }), refused('timeout'));
  const nameless = createOutbound({ resolve: () => new Promise(() => {}) });
  await assert.rejects(nameless.fetch('https://never.test/', { timeout: 50 }), refused('timeout'));
});

test('a flood of slow requests waits in a bounded line, and the line moves on', async () => {
  let hang = true;
  const url = await serve((_request, response) => {
    if (!hang) response.end('ok');
  });
  const outbound = createOutbound();
  const many = Array.from({ length: 400 }, () =>
    outbound.fetch(url, { ...named, timeout: 150 }).catch((error: unknown) => error),
  );
  const codes = (await Promise.all(many)).map((error) => (error as OutboundError).code);
  assert.equal(codes.filter((code) => code === 'network').length, 400 - 16 - 256);
  hang = false;
  assert.equal((await outbound.fetch(url, named)).body.toString(), 'ok');
});

test('garbage, an unknown certificate and a closed port are errors with a name', async () => {
  const garbage = createTcp((socket) => socket.end('SSH-2.0-x\r\n')).listen(0, '127.0.0.1');
  servers.push(garbage);
  await new Promise((done) => garbage.once('listening', done));
  const { port } = garbage.address() as AddressInfo;
  await assert.rejects(createOutbound().fetch(`http://127.0.0.1:${port}/`, named), refused('network'));
  await assert.rejects(createOutbound().fetch(`https://127.0.0.1:${port}/`, named), refused('network'));
  await assert.rejects(createOutbound().fetch('http://127.0.0.1:1/', named), refused('network'));
});

test('allowed hosts', async () => {
  const outbound = createOutbound({
    allowHosts: ['api.example.com', '*.trusted.test'],
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
  });
  // Not on the list: refused before the name is resolved. On it: the address is still judged.
  for (const host of ['evil.test', 'trusted.test', 'xtrusted.test', 'api.example.com.evil.test']) {
    await assert.rejects(outbound.fetch(`https://${host}/`), /list of allowed hosts/, host);
  }
  for (const host of ['API.example.com', 'a.trusted.test', 'a.b.trusted.test.']) {
    await assert.rejects(outbound.fetch(`https://${host}/`), /private, loopback/, host);
  }
});

test('proxies of the environment are not used', async () => {
  const before = process.env['https_proxy'];
  process.env['http_proxy'] = process.env['https_proxy'] = 'http://127.0.0.1:1';
  try {
    const url = await serve((_request, response) => response.end('direct'));
    assert.equal((await createOutbound().fetch(url, named)).body.toString(), 'direct');
  } finally {
    delete process.env['http_proxy'];
    if (before === undefined) delete process.env['https_proxy'];
    else process.env['https_proxy'] = before;
  }
});
