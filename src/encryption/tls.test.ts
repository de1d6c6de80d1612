import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectHttp2, createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import { LoadError } from '../shared/finding.ts';
import { encryption } from './encryption.ts';
import { hstsAppliesTo, hstsValue } from './hsts.ts';
import { settings } from './settings.ts';
import { inspectTls, newTicketKeys, tlsOptions, upstreamTls } from './tls.ts';
import { issueServer, makeCa } from './x509.ts';

const times = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 86_400_000 };
const ca = makeCa('TLS test CA', ['localhost', '127.0.0.1'], times);
const issued = issueServer('TLS test CA', createPrivateKey(ca.key), ['localhost', '127.0.0.1'], times);
const material = { cert: issued.certificate, key: issued.key };

describe('the TLS listener', () => {
  const server = createSecureServer(
    { ...tlsOptions(settings.parse({}), material), allowHTTP1: true } as object,
    (req, res) => {
      res.end(req.httpVersion);
    },
  );
  let port = 0;
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    server.on('sessionError', () => {});
  });
  after(() => void server.close());

  /** A handshake. @returns what was negotiated; throws what the client saw. */
  const handshake = async (options: ConnectionOptions = {}): Promise<TLSSocket> => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.certificate, ...options });
    await once(socket, 'secureConnect');
    socket.destroy();
    return socket;
  };
  const old: ConnectionOptions = { ciphers: 'ALL:@SECLEVEL=0' };

  it('speaks 1.3 and 1.2', async () => {
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = connect({
        port,
        host: '127.0.0.1',
        servername: 'localhost',
        ca: ca.certificate,
        minVersion: version,
        maxVersion: version,
      });
      await once(socket, 'secureConnect');
      assert.equal(socket.getProtocol(), version);
      assert.equal(socket.authorized, true);
      socket.destroy();
    }
  });

  it('refuses 1.1 and 1.0', async () => {
    for (const version of ['TLSv1.1', 'TLSv1'] as const) {
      await assert.rejects(handshake({ ...old, minVersion: version, maxVersion: version }), /alert protocol version/i);
    }
  });

  it('refuses TLS 1.2 without forward secrecy or authenticated encryption', async () => {
    for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'NULL-SHA256']) {
      await assert.rejects(
        handshake({ ciphers: `${ciphers}:@SECLEVEL=0`, maxVersion: 'TLSv1.2' }),
        /handshake failure/i,
        ciphers,
      );
    }
    await handshake({ ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' });
  });

  it('agrees on the post-quantum hybrid where the client can, and on X25519 where not', async () => {
    const group = async (ecdhCurve: string): Promise<unknown> => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.certificate, ecdhCurve });
      await once(socket, 'secureConnect');
      const info = socket.getEphemeralKeyInfo() as { name?: string };
      socket.destroy();
      return info.name;
    };
    assert.equal(await group('X25519'), 'X25519');
    await handshake({ ecdhCurve: 'X25519MLKEM768' });
    await assert.rejects(handshake({ ecdhCurve: 'secp521r1' }), /handshake failure/i);
  });

  it('speaks HTTP/2 and HTTP/1.1 as the client prefers', async () => {
    const session = connectHttp2(`https://localhost:${port}`, {
      ca: ca.certificate,
      lookup: (_h, _o, done) => done(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    assert.equal(
      await new Promise((resolve) => {
        const stream = session.request({ ':path': '/' });
        let text = '';
        stream
          .setEncoding('utf8')
          .on('data', (part) => void (text += part))
          .on('end', () => resolve(text));
      }),
      '2.0',
    );
    assert.equal(session.alpnProtocol, 'h2');
    session.close();
    assert.equal((await handshake({ ALPNProtocols: ['http/1.1'] })).alpnProtocol, 'http/1.1');
  });

  it('is believed by who trusts the CA, for its names, and by nobody else', async () => {
    await assert.rejects(handshake({ ca: undefined }), /verify|self.signed|unable/i);
    await assert.rejects(handshake({ servername: 'evil.test' }), /altnames/i);
    await handshake();
  });

  it('does not renegotiate', async () => {
    const socket = connect({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: ca.certificate,
      maxVersion: 'TLSv1.2',
    });
    await once(socket, 'secureConnect');
    const outcome = await new Promise<string>((resolve) => {
      socket.once('error', (error) => resolve(error.message));
      socket.once('close', () => resolve('closed'));
      socket.renegotiate({ rejectUnauthorized: true }, (error) =>
        resolve(error === null ? 'renegotiated' : error.message),
      );
    });
    socket.destroy();
    assert.notEqual(outcome, 'renegotiated');
  });

  it('only 1.3 where the setting says so', () => {
    assert.equal(tlsOptions(settings.parse({ minVersion: 'TLSv1.3' }), material).minVersion, 'TLSv1.3');
    assert.equal(settings.safeParse({ minVersion: 'TLSv1.1' }).success, false);
  });
});

describe('session tickets', () => {
  it('are taken by another process with the same keys, and by none without', async (t) => {
    const keys = newTicketKeys();
    const start = async (ticketKeys: Buffer | undefined) => {
      const server = createServer(
        tlsOptions(settings.parse({}), material, ticketKeys),
        (socket) => void socket.end('x'),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.after(() => server.close());
      return (server.address() as AddressInfo).port;
    };
    const [one, two, stranger] = [await start(keys), await start(keys), await start(undefined)];
    const visit = async (port: number, session?: Buffer): Promise<{ reused: boolean; session: Buffer | undefined }> => {
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca: ca.certificate, session });
      let ticket: Buffer | undefined;
      socket.on('session', (next) => {
        ticket = next;
      });
      socket.resume();
      await once(socket, 'secureConnect');
      const reused = socket.isSessionReused();
      await once(socket, 'close');
      return { reused, session: ticket };
    };
    const first = await visit(one);
    assert.equal(first.reused, false);
    assert.equal((await visit(two, first.session)).reused, true);
    assert.equal((await visit(stranger, first.session)).reused, false);
  });
});

describe('TLS towards the API', () => {
  const directory = mkdtempSync(join(tmpdir(), 'upstream-'));
  after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'ca.pem'), ca.certificate);
  writeFileSync(join(directory, 'c.pem'), issued.certificate);
  writeFileSync(join(directory, 'k.pem'), issued.key);
  writeFileSync(join(directory, 'other.pem'), makeCa('x', ['a'], times).key);
  const read = (upstream: object) => upstreamTls(settings.parse({ upstream }).upstream, directory);

  it('verifies unless told not to, and says so then', () => {
    assert.deepEqual(read({}), { minVersion: 'TLSv1.2', rejectUnauthorized: true });
    assert.equal(read({ verify: false }).rejectUnauthorized, false);
    const all = settings.parse({ upstream: { verify: false }, plainHttp: { port: 0, answer: 'redirect' } });
    assert.deepEqual(
      inspectTls(all, '--tls-keylog=x').map((finding) => finding.rule),
      ['encryption/upstream-not-verified', 'encryption/plain-redirect', 'encryption/keylog'],
    );
    assert.deepEqual(inspectTls(settings.parse({}), ''), []);
  });

  it('verifies although the environment says not to', async (t) => {
    const server = createServer(tlsOptions(settings.parse({}), material), (socket) => void socket.end());
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const script = `
      import { connect } from 'node:tls';
      import { upstreamTls } from ${JSON.stringify(new URL('./tls.ts', import.meta.url).href)};
      const socket = connect({ port: ${port}, host: '127.0.0.1', ...upstreamTls({ verify: true }, '/') });
      socket.on('secureConnect', () => { console.log('believed'); process.exit(); });
      socket.on('error', (error) => { console.log(error.code); process.exit(); });`;
    const { promise, resolve } = Promise.withResolvers<string>();
    const { spawn } = await import('node:child_process');
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      env: { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.once('data', (text) => resolve(String(text).trim()));
    assert.match(await promise, /UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET/);
  });

  it('reads CA and client certificate, and names what it cannot', () => {
    assert.deepEqual(read({ ca: 'ca.pem', certificate: 'c.pem', key: 'k.pem', servername: 'api.test' }), {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ca: ca.certificate,
      cert: issued.certificate,
      key: issued.key,
      servername: 'api.test',
    });
    const fails = (upstream: object, pattern: RegExp) =>
      assert.throws(
        () => read(upstream),
        (error) => error instanceof LoadError && pattern.test(error.message),
      );
    fails({ ca: 'none.pem' }, /none\.pem: encryption\.upstream\.ca cannot be read \(ENOENT\)/);
    fails({ ca: 'k.pem' }, /k\.pem: encryption\.upstream\.ca is no such PEM file/);
    fails({ certificate: 'c.pem', key: 'other.pem' }, /does not belong/);
    assert.equal(settings.safeParse({ upstream: { certificate: 'c.pem' } }).success, false);
  });
});

describe('HSTS', () => {
  it('says a year by default', () => {
    assert.equal(hstsValue(settings.parse({}).hsts), 'max-age=31536000');
    assert.equal(
      hstsValue(settings.parse({ hsts: { includeSubDomains: true, preload: true } }).hsts),
      'max-age=31536000; includeSubDomains; preload',
    );
    assert.equal(hstsValue(settings.parse({ hsts: 'off' }).hsts), undefined);
  });
  it('is not for localhost and addresses', () => {
    for (const host of ['localhost', 'app.localhost', '127.0.0.1', '::1', '[::1]', '192.0.2.1'])
      assert.equal(hstsAppliesTo(host), false, host);
    for (const host of ['api.test', 'localhost.test', 'xlocalhost']) assert.equal(hstsAppliesTo(host), true, host);
  });
});

describe('the room', () => {
  it('an empty configuration is complete, and explained', () => {
    const lines = encryption.explain({ settings: settings.parse({}), origins: {} }, undefined as never);
    assert.deepEqual(
      lines.map((line) => `${line.part}: ${line.value}`),
      [
        'certificate: development, for localhost',
        'TLS to the client: 1.2 or later',
        'client certificates: not asked for',
        'HSTS: max-age=31536000',
        'plain HTTP: no listener',
        'TLS to the API: verified, public CAs',
      ],
    );
  });
  for (const bad of [
    { certificate: {} },
    { certificate: { files: { certificate: 'x' } } },
    { certificate: { development: { names: ['a b'] } } },
    { certificate: { development: { names: ['-a'] } } },
    { certificate: { development: {}, files: { certificate: 'x', key: 'y' } } },
    { plainHttp: 'on' },
    { plainHttp: { port: 70_000 } },
    { upstream: { rejectUnauthorized: false } },
  ]) {
    it(`refuses ${JSON.stringify(bad)}`, () => assert.equal(settings.safeParse(bad).success, false));
  }
  it('curl, where there is one, believes the server with the CA file', {
    skip: spawnSync('curl', ['--version']).status !== 0 && 'no curl',
  }, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'curl-'));
    t.after(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'ca.pem'), ca.certificate);
    const server = createSecureServer(
      { ...tlsOptions(settings.parse({}), material), allowHTTP1: true } as object,
      (_req, res) => void res.end('hello'),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { spawn } = await import('node:child_process');
    const run = async (...args: string[]): Promise<string> => {
      const child = spawn('curl', [
        '-s',
        '--resolve',
        `localhost:${port}:127.0.0.1`,
        ...args,
        `https://localhost:${port}/`,
      ]);
      let text = '';
      child.stdout.on('data', (part) => void (text += part));
      const [code] = await once(child, 'close');
      return code === 0 ? text : `exit ${code}`;
    };
    assert.equal(await run('--cacert', join(directory, 'ca.pem')), 'hello');
    assert.equal(await run(), 'exit 60');
  });
});
