import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { afterEach, describe, it } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { issueServer, makeCa } from '../../encryption/x509.ts';
import { type TcpServer, tcpServer } from '../testing/tcp-server.ts';
import { type ClientOptions, createClient, type ScannerClient } from './client.ts';
import { Dialer, isLoopback } from './dial.ts';
import { Life, Stop } from './life.ts';

const times = { notBefore: Date.now() - 60_000, notAfter: Date.now() + 86_400_000 };
const ca = makeCa('Scan test CA', ['localhost', '127.0.0.1'], times);
const issued = issueServer('Scan test CA', createPrivateKey(ca.key), ['localhost', '127.0.0.1'], times);
const material: TlsOptions = { cert: issued.certificate, key: issued.key };
const GET = { method: 'GET', target: '/', headers: [] };
const ended: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function serve(options: TlsOptions = {}): Promise<TcpServer> {
  const server = await tcpServer((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'), {
    ...material,
    ALPNProtocols: ['h2', 'http/1.1'],
    ...options,
  });
  ended.push(() => server.close());
  return server;
}

function clientFor(base: URL, options: Partial<ClientOptions> = {}): { client: ScannerClient; notes: string[] } {
  const notes: string[] = [];
  const client = createClient({
    base,
    concurrency: 2,
    timeout: 5_000,
    signal: new AbortController().signal,
    observe() {},
    note: (text) => void notes.push(text),
    ...options,
  });
  ended.push(() => client.close());
  return { client, notes };
}

describe('TLS', () => {
  it('is spoken to a loopback host whoever issued its certificate, and its facts are told', async () => {
    const server = await serve();
    const { client } = clientFor(server.base);
    assert.equal(client.tls(), undefined);
    assert.equal((await client.send(GET)).answer.text, 'ok');
    assert.equal((await client.send(GET)).answer.text, 'ok');
    assert.equal(server.connections, 1);
    assert.equal((await client.send(GET, { fresh: true })).answer.text, 'ok');
    const facts = client.tls();
    assert.deepEqual([facts?.protocol, facts?.alpn], ['TLSv1.3', 'http/1.1']);
    assert.match(facts?.cipher.standardName ?? '', /^TLS_/);
    assert.match(facts?.authorizationError ?? '', /UNABLE_TO_|SELF_SIGNED/);
    assert.deepEqual([...(facts?.certificate?.names ?? [])].sort(), ['DNS:localhost', 'IP Address:127.0.0.1']);
    assert.match(facts?.certificate?.issuer ?? '', /Scan test CA/);
    assert.equal(Math.floor((facts?.certificate?.notAfter ?? 0) / 1_000), Math.floor(times.notAfter / 1_000));
    assert.equal(facts?.certificate?.selfSigned, false);
  });

  it('carries raw messages too', async () => {
    const { client } = clientFor((await serve()).base);
    assert.equal((await client.raw('GET / HTTP/1.1\r\n\r\n')).answer.text, 'ok');
  });

  it('that fails is said to have failed: plain HTTP where TLS is asked for, and the other way round', async () => {
    const plain = await tcpServer((socket) => void socket.end('HTTP/1.1 400 Bad\r\n\r\n'));
    ended.push(() => plain.close());
    const base = new URL(plain.base.href.replace('http:', 'https:'));
    const { client } = clientFor(base, { timeout: 500 });
    assert.match((await client.send(GET)).answer.failure ?? '', /tls|timeout/);
    const secure = await serve();
    const wrong = clientFor(new URL(secure.base.href.replace('https:', 'http:')));
    assert.match((await wrong.client.send(GET)).answer.failure ?? '', /malformed|reset/);
    const trial = await client.handshake({});
    assert.match('failure' in trial ? trial.failure : 'none', /rejected|timeout/);
  });

  it('with another host wants a certificate that is trusted, and sends nothing before it has seen one', async () => {
    const server = await serve();
    // A name that is no loopback one by itself, of the same machine.
    const dialed = async (options: {
      ca?: string;
      insecure?: boolean;
      name?: string;
    }): Promise<{ ok: boolean; notes: string[]; error: string | undefined }> => {
      const notes: string[] = [];
      const stop = new Stop(new AbortController().signal);
      const base = new URL(`https://${options.name ?? '0.0.0.0'}:${server.port}`);
      const dialer = new Dialer({
        base,
        ca: options.ca,
        insecure: options.insecure,
        stop,
        note: (text) => void notes.push(text),
      });
      const socket = await dialer.dial(new Life());
      const ok = !('failure' in socket);
      if (!('failure' in socket)) socket.destroy();
      else assert.equal(socket.failure, 'tls');
      return { ok, notes, error: dialer.facts?.authorizationError };
    };
    const untrusted = await dialed({});
    assert.equal(untrusted.ok, false);
    assert.match(untrusted.notes[0] ?? '', /not trusted .*--ca.*--insecure/);
    const otherName = await dialed({ ca: ca.certificate });
    assert.deepEqual([otherName.ok, otherName.error], [false, 'ERR_TLS_CERT_ALTNAME_INVALID']);
    assert.equal((await dialed({ insecure: true })).ok, true);
    const trusted = clientFor(server.base, { ca: ca.certificate });
    await trusted.client.send(GET);
    assert.equal(trusted.client.tls()?.authorizationError, undefined);
    assert.equal(Buffer.concat(server.received).includes('GET'), true);
    assert.equal(server.received.filter((bytes) => bytes.length > 0).length, 1);
  });

  it('of old protocols is spoken, and each protocol can be tried alone', async () => {
    const old = await serve({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' });
    const { client } = clientFor(old.base);
    assert.equal((await client.send(GET)).answer.text, 'ok');
    assert.equal(client.tls()?.protocol, 'TLSv1.1');
    const trial = await client.handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1' });
    assert.equal('facts' in trial && trial.facts.protocol, 'TLSv1');

    const modern = clientFor((await serve({ minVersion: 'TLSv1.2' })).base).client;
    const refused = await modern.handshake({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    assert.equal('failure' in refused && refused.failure, 'rejected');
    const none = await modern.handshake({ ciphers: 'NO-SUCH-CIPHER' });
    assert.equal('failure' in none && none.failure, 'own');
    const two = await modern.handshake({ maxVersion: 'TLSv1.2', alpn: ['h2'] });
    assert.deepEqual('facts' in two && [two.facts.protocol, two.facts.alpn], ['TLSv1.2', 'h2']);
  });
});

it('tells loopback hosts from others by their names alone', () => {
  for (const host of ['localhost', 'api.localhost', '127.0.0.1', '127.9.9.9', '[::1]', '[::ffff:127.0.0.1]']) {
    assert.equal(isLoopback(new URL(`http://${host}`)), true, host);
  }
  for (const host of ['localhost.example', '10.0.0.1', '128.0.0.1', '[::2]', 'api.example', '0.0.0.0']) {
    assert.equal(isLoopback(new URL(`http://${host}`)), false, host);
  }
});
