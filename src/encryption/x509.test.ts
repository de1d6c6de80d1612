import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { integer, oid, time, tlv } from './der.ts';
import { isFor, issueServer, makeCa, mayIssueFor } from './x509.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('DER', () => {
  it('lengths are in the shortest form', () => {
    assert.equal(hex(tlv(4, Buffer.alloc(127)).subarray(0, 2)), '047f');
    assert.equal(hex(tlv(4, Buffer.alloc(128)).subarray(0, 3)), '048180');
    assert.equal(hex(tlv(4, Buffer.alloc(256)).subarray(0, 4)), '04820100');
    assert.equal(hex(tlv(4, Buffer.alloc(65_536)).subarray(0, 5)), '0483010000');
  });
  it('integers are positive and shortest', () => {
    assert.equal(hex(integer(Buffer.from('00', 'hex'))), '020100');
    assert.equal(hex(integer(Buffer.from('7f', 'hex'))), '02017f');
    assert.equal(hex(integer(Buffer.from('80', 'hex'))), '02020080');
    assert.equal(hex(integer(Buffer.from('000001', 'hex'))), '020101');
  });
  it('object identifiers of X.690 and RFC 5480', () => {
    assert.equal(hex(oid('2.999.3')), '0603883703');
    assert.equal(hex(oid('1.2.840.10045.4.3.2')), '06082a8648ce3d040302');
  });
  it('years from 2050 on are written in full', () => {
    assert.equal(time(Date.UTC(2049, 11, 31, 23, 59, 59)).toString('latin1'), '\x17\x0d491231235959Z');
    assert.equal(time(Date.UTC(2050, 0, 1)).toString('latin1'), '\x18\x0f20500101000000Z');
  });
});

const now = Date.now();
const times = { notBefore: now - 60_000, notAfter: now + 86_400_000 };
const directory = mkdtempSync(join(tmpdir(), 'x509-'));
after(() => rmSync(directory, { recursive: true }));
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** What OpenSSL says about a server certificate under a CA. */
function verify(ca: string, server: string, ...more: string[]): string {
  const [caFile, file] = [join(directory, 'ca.pem'), join(directory, 'server.pem')];
  writeFileSync(caFile, ca);
  writeFileSync(file, server);
  const args = ['verify', '-x509_strict', '-purpose', 'sslserver', ...more, '-CAfile', caFile, file];
  const { status, stdout, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  return status === 0 ? 'OK' : `${stdout}${stderr}`;
}

describe('certificates', () => {
  const names = ['localhost', '127.0.0.1', '::1', 'api.test'];
  const ca = makeCa('Test CA', names, times);
  const caKey = createPrivateKey(ca.key);

  it('node reads what was written', () => {
    const server = new X509Certificate(issueServer('Test CA', caKey, names, times).certificate);
    const root = new X509Certificate(ca.certificate);
    assert.equal(root.ca, true);
    assert.equal(server.ca, false);
    assert.equal(
      server.subjectAltName,
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:api.test',
    );
    assert.ok(server.verify(root.publicKey));
    assert.ok(server.checkIssued(root));
    assert.equal(server.checkIP('::1'), '::1');
    assert.equal(Math.floor(times.notAfter / 1_000) * 1_000, server.validToDate.getTime());
  });

  it('OpenSSL in strict mode accepts it for its names, and for no other', { skip: !hasOpenssl && 'no openssl' }, () => {
    const server = issueServer('Test CA', caKey, names, times).certificate;
    assert.equal(verify(ca.certificate, server, '-verify_hostname', 'localhost'), 'OK');
    assert.equal(verify(ca.certificate, server, '-verify_ip', '127.0.0.1'), 'OK');
    assert.equal(verify(ca.certificate, server, '-verify_ip', '::1'), 'OK');
    assert.match(verify(ca.certificate, server, '-verify_hostname', 'evil.test'), /hostname mismatch/i);
  });

  it('attack: with the CA key stolen, other names are refused by the constraints', {
    skip: !hasOpenssl && 'no openssl',
  }, () => {
    for (const name of ['evil.test', 'localhost.evil.test', 'notlocalhost', '192.0.2.1', '2001:db8::1']) {
      const forged = issueServer('Test CA', caKey, [name], times).certificate;
      assert.match(verify(ca.certificate, forged), /permitted subtree violation/, name);
    }
    const further = issueServer('Test CA', caKey, ['app.localhost', '127.9.9.9'], times).certificate;
    assert.equal(verify(ca.certificate, further), 'OK');
  });

  it('attack: the server key cannot sign for anybody', { skip: !hasOpenssl && 'no openssl' }, () => {
    const server = issueServer('Test CA', caKey, names, times);
    const below = issueServer('Portcullis development server', createPrivateKey(server.key), ['localhost'], times);
    const [caFile, middle, file] = ['ca', 'middle', 'leaf'].map((name) => join(directory, `${name}.pem`)) as [
      string,
      string,
      string,
    ];
    writeFileSync(caFile, ca.certificate);
    writeFileSync(middle, server.certificate);
    writeFileSync(file, below.certificate);
    const { status } = spawnSync('openssl', ['verify', '-CAfile', caFile, '-untrusted', middle, file]);
    assert.notEqual(status, 0);
  });

  it('OpenSSL parses every certificate that can be asked for', { skip: !hasOpenssl && 'no openssl' }, () => {
    const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
    fc.assert(
      fc.property(fc.array(fc.oneof(label, fc.ipV4(), fc.ipV6()), { minLength: 1, maxLength: 20 }), (some) => {
        const made = makeCa('x', some, times);
        const text = execFileSync('openssl', ['x509', '-noout', '-text'], {
          input: made.certificate,
          encoding: 'utf8',
        });
        assert.match(text, /Name Constraints: critical/);
        const read = new X509Certificate(made.certificate);
        for (const name of some) assert.ok(mayIssueFor(read, name), name);
      }),
      { numRuns: 20 },
    );
  });

  it('knows what it may sign for, and what a certificate is for', () => {
    const root = new X509Certificate(ca.certificate);
    for (const name of [...names, 'www.api.test', '*.api.test', '127.3.4.5']) assert.ok(mayIssueFor(root, name), name);
    for (const name of ['test', 'host', 'evil.test', 'xapi.test', '10.0.0.1', '::2'])
      assert.ok(!mayIssueFor(root, name), name);
    const server = new X509Certificate(issueServer('Test CA', caKey, names, times).certificate);
    assert.ok(isFor(server, names));
    assert.ok(!isFor(server, names.slice(1)));
    assert.ok(!isFor(server, [...names, 'x.test']));
  });
});
