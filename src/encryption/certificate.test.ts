import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import type { AuditEvent } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { type CertificateKeeper, keepCertificate } from './certificate.ts';
import { settings } from './settings.ts';
import { tlsOptions } from './tls.ts';
import { issueServer, makeCa } from './x509.ts';

const DAY = 86_400_000;
const root = mkdtempSync(join(tmpdir(), 'certificate-'));
after(() => rmSync(root, { recursive: true }));

function house(start = Date.now()) {
  const directory = mkdtempSync(join(root, 'd-'));
  const events: AuditEvent[] = [];
  const clock = { wall: start, now: () => clock.wall, monotonic: () => 0 };
  const services = {
    dataDirectory: directory,
    baseDirectory: directory,
    clock,
    event: (event: AuditEvent) => void events.push(event),
  };
  return { directory, events, clock, services, names: () => events.map((event) => event.event) };
}
type House = ReturnType<typeof house>;
const keep = (t: TestContext, h: House, given: object): CertificateKeeper => {
  const keeper = keepCertificate(settings.parse({ certificate: given }).certificate, h.services);
  t.after(() => keeper.close());
  return keeper;
};
const mode = (file: string) => statSync(file).mode & 0o777;
const posix = process.platform !== 'win32';

describe('the development certificate', () => {
  it('is made on the first start, private keys for nobody else, and found on the second', (t) => {
    const h = house();
    const keeper = keep(t, h, { development: {} });
    const tls = join(h.directory, 'tls');
    assert.deepEqual(readdirSync(tls).sort(), ['ca-key.pem', 'ca.pem', 'server.pem']);
    if (posix) {
      assert.equal(mode(tls), 0o700);
      assert.equal(mode(join(tls, 'ca-key.pem')), 0o600);
      assert.equal(mode(join(tls, 'server.pem')), 0o600);
    }
    assert.equal(keeper.caFile, join(tls, 'ca.pem'));
    assert.ok(!readFileSync(keeper.caFile!, 'utf8').includes('PRIVATE'));
    assert.equal(keep(t, h, { development: {} }).current.cert, keeper.current.cert);
    assert.deepEqual(h.names(), ['encryption/certificate-made']);
    assert.ok(Math.abs(keeper.notAfter - h.clock.wall - 90 * DAY) < 2_000);
  });

  it('is renewed 30 days before it ends, under the same CA, while the gate runs', (t) => {
    const h = house();
    const keeper = keep(t, h, { development: {} });
    const ca = readFileSync(keeper.caFile!, 'utf8');
    const first = keeper.current.cert;
    const seen: string[] = [];
    keeper.onChange(({ cert }) => seen.push(cert));
    h.clock.wall += 59 * DAY;
    assert.equal(keeper.check(), false);
    h.clock.wall += 2 * DAY;
    assert.equal(keeper.check(), true);
    assert.notEqual(keeper.current.cert, first);
    assert.deepEqual(seen, [keeper.current.cert]);
    assert.equal(readFileSync(keeper.caFile!, 'utf8'), ca);
    assert.ok(new X509Certificate(keeper.current.cert).verify(new X509Certificate(ca).publicKey));
    assert.equal(h.names().at(-1), 'encryption/certificate-renewed');
  });

  it('gets further names: inside the CA’s constraints by a new certificate, outside by a new CA that is told of', (t) => {
    const h = house();
    const ca = readFileSync(keep(t, h, { development: {} }).caFile!, 'utf8');
    const inside = keep(t, h, { development: { names: ['app.localhost'] } });
    assert.equal(readFileSync(inside.caFile!, 'utf8'), ca);
    const outside = keep(t, h, { development: { names: ['api.test', '10.1.2.3'] } });
    assert.notEqual(readFileSync(outside.caFile!, 'utf8'), ca);
    const certificate = new X509Certificate(outside.current.cert);
    assert.equal(certificate.checkHost('api.test'), 'api.test');
    assert.equal(certificate.checkIP('10.1.2.3'), '10.1.2.3');
    assert.match(h.events.find((event) => event.event === 'encryption/ca-replaced')!.note, /api\.test/);
  });

  it('a CA about to end is replaced, and so is what it signed', (t) => {
    const h = house();
    keep(t, h, { development: {} });
    h.clock.wall += (5 * 365 - 29) * DAY;
    const keeper = keep(t, h, { development: {} });
    const ca = new X509Certificate(readFileSync(keeper.caFile!));
    assert.ok(ca.validToDate.getTime() > h.clock.wall + 1_000 * DAY);
    assert.ok(new X509Certificate(keeper.current.cert).verify(ca.publicKey));
  });

  it('damaged files are made anew; a key that others could read is closed and told of', { skip: !posix }, (t) => {
    const h = house();
    const keeper = keep(t, h, { development: {} });
    const tls = join(h.directory, 'tls');
    chmodSync(join(tls, 'server.pem'), 0o644);
    keep(t, h, { development: {} });
    assert.equal(mode(join(tls, 'server.pem')), 0o600);
    assert.equal(h.names().at(-1), 'encryption/key-readable');
    writeFileSync(join(tls, 'server.pem'), 'rubbish');
    const again = keep(t, h, { development: {} });
    assert.notEqual(again.current.cert, keeper.current.cert);
    assert.equal(mode(join(tls, 'server.pem')), 0o600);
    writeFileSync(join(tls, 'ca-key.pem'), readFileSync(join(tls, 'ca-key.pem'), 'utf8').slice(0, 300));
    keep(t, h, { development: {} });
    assert.match(h.events.find((event) => event.event === 'encryption/ca-replaced')!.note, /damaged/);
    rmSync(join(tls, 'ca.pem'));
    assert.ok(statSync(keep(t, h, { development: {} }).caFile!).isFile());
  });

  it('says what is wrong with a directory it cannot use', (t) => {
    const h = house();
    writeFileSync(join(h.directory, 'tls'), 'a file');
    assert.throws(
      () => keep(t, h, { development: {} }),
      (error) => error instanceof LoadError && /tls/.test(error.message),
    );
  });
});

/** A CA of one's own, and certificates by it in files. */
function own(h: House, { from = h.clock.wall - DAY, to = h.clock.wall + 90 * DAY, names = ['localhost'] } = {}) {
  const ca = makeCa('Own CA', ['localhost'], { notBefore: from, notAfter: to + DAY });
  const issued = issueServer('Own CA', createPrivateKey(ca.key), names, { notBefore: from, notAfter: to });
  return { ca: ca.certificate, ...issued };
}
const given = { files: { certificate: 'x.pem', key: 'y.pem' } };
/** Writes a file as renewal tools do: beside it, then renamed. */
const put = (h: House, name: string, text: string) => {
  writeFileSync(join(h.directory, `${name}.new`), text, { mode: 0o600 });
  renameSync(join(h.directory, `${name}.new`), join(h.directory, name));
};
const putPair = (h: House, pair: { certificate: string; key: string }) => {
  put(h, 'x.pem', pair.certificate);
  put(h, 'y.pem', pair.key);
};

describe('certificate files', () => {
  const refused = (h: House, t: TestContext, pattern: RegExp) =>
    assert.throws(
      () => keep(t, h, given),
      (error) => error instanceof LoadError && pattern.test(error.message) && /mend: /.test(error.message),
    );

  it('refuses at the start what cannot serve, naming file and mend', (t) => {
    const h = house();
    refused(h, t, /x\.pem: the certificate cannot be read \(ENOENT\)/);
    const [one, two] = [own(h), own(h)];
    putPair(h, { certificate: one.certificate, key: two.key });
    refused(h, t, /y\.pem: the key does not belong to the certificate in .*x\.pem/);
    putPair(h, own(h, { from: h.clock.wall - 10 * DAY, to: h.clock.wall - DAY }));
    refused(h, t, /x\.pem: the certificate ended on /);
    putPair(h, own(h, { from: h.clock.wall + DAY }));
    refused(h, t, /x\.pem: the certificate begins on /);
    putPair(h, { certificate: 'nothing', key: one.key });
    refused(h, t, /x\.pem: holds no certificate/);
    putPair(h, { certificate: one.certificate.replace('MII', 'AAA'), key: one.key });
    refused(h, t, /x\.pem: certificate 1 cannot be parsed/);
    putPair(h, { certificate: one.certificate, key: 'nothing' });
    refused(h, t, /y\.pem: holds no private key/);
    const locked = createPrivateKey(one.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase: 'x',
    });
    putPair(h, { certificate: one.certificate, key: locked as string });
    refused(h, t, /y\.pem: the key is encrypted/);
    putPair(h, { certificate: one.certificate + two.certificate, key: one.key });
    refused(h, t, /certificate 2 of the chain did not issue certificate 1/);
    putPair(h, { certificate: one.certificate + one.ca, key: one.key });
    assert.equal(keep(t, h, given).findings.length, 0);
  });

  it('never says anything of the key', (t) => {
    const h = house();
    putPair(h, { certificate: own(h).certificate, key: own(h).key });
    const secret = readFileSync(join(h.directory, 'y.pem'), 'utf8').split('\n')[1]!;
    assert.throws(
      () => keep(t, h, given),
      (error) => !(error as Error).message.includes(secret),
    );
  });

  it('warns of one that ends soon and of a key that all can read', { skip: !posix }, (t) => {
    const h = house();
    putPair(h, own(h, { to: h.clock.wall + 3 * DAY }));
    chmodSync(join(h.directory, 'y.pem'), 0o644);
    assert.deepEqual(
      keep(t, h, given).findings.map((finding) => finding.rule),
      ['encryption/ends-soon', 'encryption/key-readable'],
    );
  });

  it('follows a change, but never to a bad pair; a half-written one is one event, not many', (t) => {
    const h = house();
    const [old, fresh] = [own(h), own(h)];
    putPair(h, old);
    const keeper = keep(t, h, given);
    put(h, 'x.pem', fresh.certificate);
    assert.equal(keeper.check(), false);
    assert.equal(keeper.check(), false);
    assert.equal(keeper.current.cert, old.certificate);
    assert.deepEqual(h.names(), ['encryption/certificate-refused']);
    assert.match(h.events[0]!.note, /y\.pem: the key does not belong/);
    put(h, 'y.pem', fresh.key);
    assert.equal(keeper.check(), true);
    assert.equal(keeper.current.key, fresh.key);
    assert.equal(keeper.check(), false);
    putPair(h, own(h, { from: h.clock.wall - 9 * DAY, to: h.clock.wall - DAY }));
    assert.equal(keeper.check(), false);
    rmSync(join(h.directory, 'x.pem'));
    assert.equal(keeper.check(), false);
    assert.equal(keeper.current.cert, fresh.certificate);
  });

  it('notices by itself: a rename in place, and a link to another directory swapped as in a cluster', async (t) => {
    const h = house();
    putPair(h, own(h));
    const keeper = keep(t, h, given);
    const changed = () => new Promise<void>((resolve) => keeper.onChange(() => resolve()));
    const hold = setInterval(() => {}, 1_000);
    t.after(() => clearInterval(hold));
    const next = changed();
    const fresh = own(h);
    putPair(h, fresh);
    await next;
    assert.equal(keeper.current.cert, fresh.certificate);
  });
});

describe('hot swap', () => {
  it('new connections get the new certificate, old ones stay open', async (t) => {
    const h = house();
    const [old, fresh] = [own(h), own(h)];
    putPair(h, old);
    const keeper = keep(t, h, given);
    const server = createSecureServer(
      { ...tlsOptions(settings.parse({}), keeper.current), allowHTTP1: true } as object,
      (_req, res) => {
        res.end('here');
      },
    );
    keeper.onChange((material) => server.setSecureContext(tlsOptions(settings.parse({}), material)));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const open = async (ca: string): Promise<TLSSocket> => {
      const { port } = server.address() as AddressInfo;
      const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] });
      t.after(() => socket.destroy());
      await once(socket, 'secureConnect');
      return socket;
    };
    t.after(() => server.close());
    const get = async (socket: TLSSocket): Promise<string> => {
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      let text = '';
      while (!text.includes('here')) text += String((await once(socket, 'data'))[0]);
      return text;
    };
    const before = await open(old.ca);
    assert.match(await get(before), /200 OK/);
    putPair(h, fresh);
    assert.equal(keeper.check(), true);
    const after_ = await open(fresh.ca);
    assert.match(await get(after_), /200 OK/);
    assert.match(await get(before), /200 OK/);
    await assert.rejects(open(old.ca));
  });
});

describe('several that start at once', () => {
  it('end up with one CA and with certificates by it', async () => {
    const h = house();
    const script = `
      import { developmentCertificate } from ${JSON.stringify(new URL('./development-ca.ts', import.meta.url).href)};
      const clock = { now: () => Date.now(), monotonic: () => 0 };
      const { cert } = developmentCertificate({ dataDirectory: ${JSON.stringify(h.directory)}, names: [], clock, event: () => {} });
      process.stdout.write(cert);`;
    const made = await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let text = '';
        child.stdout.on('data', (part) => void (text += part));
        await once(child, 'close');
        return text;
      }),
    );
    const tls = join(h.directory, 'tls');
    const ca = new X509Certificate(readFileSync(join(tls, 'ca.pem')));
    for (const cert of made) assert.ok(new X509Certificate(cert).verify(ca.publicKey));
    assert.deepEqual(readdirSync(tls).sort(), ['ca-key.pem', 'ca.pem', 'server.pem']);
  });
});
