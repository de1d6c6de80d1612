import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Authority, type CertificateParts, CLIENT_AUTH, SERVER_AUTH } from '../../test/support/pki.ts';
import { readNames } from './certificate-names.ts';
import { ClientCertificate } from './client-certificate.ts';

const ca = new Authority('test CA');
const certificate = (parts: CertificateParts): X509Certificate => new X509Certificate(ca.issue(parts).cert);
const namesOf = (parts: CertificateParts) => readNames(certificate(parts).raw);
const now = Date.now();
const problem = (parts: CertificateParts, refused?: string, at = now) =>
  new ClientCertificate(certificate(parts), refused).problem(at);

test('names, each by its kind and as a whole', () => {
  assert.deepEqual(
    namesOf({
      cn: 'Billing, Inc. / CN=admin',
      dns: ['Billing.Internal', 'b.example'],
      uri: ['spiffe://corp/billing'],
      email: ['Ann@Example.COM'],
    }),
    {
      cn: 'Billing, Inc. / CN=admin',
      dns: ['billing.internal', 'b.example'],
      uri: ['spiffe://corp/billing'],
      email: ['Ann@example.com'],
    },
  );
  assert.deepEqual(namesOf({ cn: 'x' }), { cn: 'x', dns: [], uri: [], email: [] });
});

test('a name that pretends to be two is one', () => {
  const names = namesOf({ dns: ['a.example,DNS:admin.example'], uri: ['https://a/,email:root@example.org'] });
  assert.deepEqual(names?.dns, ['a.example,dns:admin.example']);
  assert.deepEqual(names?.email, []);
});

test('a certificate with a name that can be read in two ways says nothing', () => {
  for (const odd of ['admin.example\0.evil.example', 'a b', '', 'a\nb', 'ä.example', '\x7f']) {
    assert.equal(namesOf({ dns: ['good.example', odd] }), undefined, JSON.stringify(odd));
    assert.equal(namesOf({ uri: [odd] }), undefined, JSON.stringify(odd));
    assert.equal(namesOf({ email: [odd] }), undefined, JSON.stringify(odd));
  }
  assert.equal(namesOf({ cn: 'admin\0evil' }), undefined);
  assert.match(problem({ dns: ['admin.example\0.evil.example'] }) ?? '', /one way/);
});

test('DER that is none gives no names, and never throws', () => {
  const raw = certificate({ dns: ['a.example'], uri: ['urn:x'] }).raw;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(raw.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.nat(raw.length),
      (edits, cut) => {
        const bytes = Buffer.from(raw.subarray(0, cut));
        for (const [at, value] of edits) if (at < bytes.length) bytes[at] = value;
        readNames(bytes);
      },
    ),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => readNames(Buffer.from(bytes)) === undefined));
});

test('what proves nothing: not verified, for something else, out of its time', () => {
  assert.equal(problem({}), undefined);
  assert.match(problem({}, 'CERT_REVOKED') ?? '', /not verified \(CERT_REVOKED\)/);
  assert.equal(problem({ purposes: null }), undefined, 'for any purpose');
  assert.equal(problem({ purposes: [SERVER_AUTH, CLIENT_AUTH] }), undefined);
  assert.match(problem({ purposes: [SERVER_AUTH] }) ?? '', /not for clients/);
  const times = { notBefore: now - 60_000, notAfter: now + 60_000 };
  assert.equal(problem(times), undefined);
  assert.match(problem(times, undefined, now + 61_000) ?? '', /expired/);
  assert.match(problem(times, undefined, now - 61_000) ?? '', /not valid yet/);
  assert.match(new ClientCertificate(new X509Certificate(ca.cert), undefined).problem(now) ?? '', /that of a CA/);
});

test('what was verified before the CAs or lists changed is verified no more', () => {
  const shown = new ClientCertificate(certificate({}), undefined);
  shown.outdated();
  assert.match(shown.problem(now) ?? '', /has changed/);
});
