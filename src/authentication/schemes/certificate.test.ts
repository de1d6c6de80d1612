import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Authority, type CertificateParts } from '../../../test/support/pki.ts';
import { ClientCertificate } from '../../gateway/client-certificate.ts';
import { createKey } from '../../identity/keys.ts';
import { TestHolder } from '../binding/testing.ts';
import { settings } from '../settings.ts';
import { all, bearer, gate, KEY_HEADER, OAUTH, type Sent, scheme, TestIssuer, world } from '../testing.ts';

const directory = mkdtempSync(join(tmpdir(), 'portcullis-certificate-'));
after(() => rmSync(directory, { recursive: true }));
const issuer = new TestIssuer();
const jwks = join(directory, 'jwks.json');
writeFileSync(jwks, issuer.set());
const issuers = [{ issuer: issuer.name, jwks, audience: 'clinic' }];

const ca = new Authority('test CA');
const MTLS = scheme({ type: 'mutualTLS', name: 'mtls' });
const shown = (parts: CertificateParts = {}, refused?: string): ClientCertificate =>
  new ClientCertificate(new X509Certificate(ca.issue(parts).cert), refused);
const over = (certificate: ClientCertificate | undefined, sent: Sent = {}): Sent => ({
  ...sent,
  peer: { certificate },
});

/** A world whose clock is that of the certificates. */
function now() {
  const services = world();
  services.clock.time = Date.now();
  return services;
}

const RULES = [
  { dns: 'Billing.Internal', roles: ['service'], claims: { tenant: 7 } },
  { uri: 'spiffe://corp/orders', id: 'orders', roles: ['service'], scopes: ['orders:read'] },
  { email: 'ann@Example.com', roles: ['person'] },
  { cn: 'old machine', roles: ['machine'] },
];

test('a certificate is whose the rules say', async () => {
  const send = gate(now(), [all(MTLS)], { certificates: RULES });
  const who = async (parts: CertificateParts) => {
    const { refusal, exchange } = await send(over(shown(parts)));
    assert.equal(refusal, undefined, JSON.stringify(parts));
    return exchange.principal;
  };
  const billing = await who({ dns: ['other.example', 'billing.internal'] });
  assert.equal(billing?.kind, 'certificate');
  assert.equal(billing.id, 'billing.internal');
  assert.deepEqual([...billing.roles], ['service']);
  assert.deepEqual({ ...billing.claims }, { tenant: 7 });
  assert.equal(billing.credential.binding, 'certificate');
  assert.match(billing.credential.id, /^sha256:[\w-]{43}$/);
  assert.equal((await who({ uri: ['spiffe://corp/orders'] }))?.id, 'orders');
  assert.equal((await who({ email: ['ann@EXAMPLE.com'] }))?.id, 'ann@example.com');
  assert.equal((await who({ cn: 'old machine' }))?.id, 'old machine');
  assert.equal(
    (await who({ dns: ['billing.internal'], uri: ['spiffe://corp/orders'] }))?.id,
    'billing.internal',
    'the first rule',
  );
});

test('by its fingerprint, however that is written', async () => {
  const certificate = shown();
  const hex = Buffer.from(certificate.thumbprint, 'base64url').toString('hex').toUpperCase();
  for (const sha256 of [certificate.thumbprint, hex, (hex.match(/../g) as string[]).join(':')]) {
    const send = gate(now(), [all(MTLS)], { certificates: [{ sha256, id: 'one' }] });
    assert.equal((await send(over(certificate))).exchange.principal?.id, 'one');
    assert.equal((await send(over(shown()))).refusal?.status, 401);
  }
});

test('any name of a kind, where there is one', async () => {
  const send = gate(now(), [all(MTLS)], { certificates: [{ dns: '*', roles: ['device'] }] });
  assert.equal((await send(over(shown({ dns: ['d1.example'] })))).exchange.principal?.id, 'd1.example');
  for (const dns of [[], ['a.example', 'b.example'], ['*.example'], ['*']])
    assert.equal((await send(over(shown({ dns })))).refusal?.status, 401, String(dns));
});

test('names are never patterns', async () => {
  const send = gate(now(), [all(MTLS)], { certificates: RULES });
  for (const parts of [
    { dns: ['*.internal'] },
    { dns: ['*'] },
    { dns: ['billing.internal.'] },
    { dns: ['billing.internal.evil.example'] },
    { dns: ['x-billing.internal'] },
    { dns: ['billing.internal\0.evil.example'] },
    { uri: ['billing.internal'] },
    { uri: ['spiffe://corp/orders/'] },
    { uri: ['spiffe://corp/ORDERS'] },
    { email: ['Ann@example.com'] },
    { email: ['ann@example.com.evil.example'] },
    { cn: 'billing.internal' },
    { cn: 'Old Machine' },
    { cn: 'old machine ' },
    {},
  ])
    assert.equal((await send(over(shown(parts)))).refusal?.code, 'credentials-invalid', JSON.stringify(parts));
});

test('no certificate, or one that was not verified', async () => {
  const send = gate(now(), [all(MTLS)], { certificates: RULES });
  const none = await send(over(undefined));
  assert.equal(none.refusal?.code, 'credentials-missing');
  assert.equal(none.refusal.headers?.['www-authenticate'], 'Certificate realm="portcullis"');
  for (const code of ['CERT_REVOKED', 'SELF_SIGNED_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']) {
    const { refusal } = await send(over(shown({ dns: ['billing.internal'] }, code)));
    assert.equal(refusal?.code, 'credentials-invalid');
    assert.match(String(refusal.evidence?.['reason']), new RegExp(code));
  }
  const headers = {
    'x-client-cert': 'x',
    'client-cert': ':MIIB:',
    'x-forwarded-client-cert': 'Subject="CN=billing";DNS=billing.internal',
    'ssl-client-cert': 'x',
    'x-ssl-client-verify': 'SUCCESS',
  };
  assert.equal((await send({ headers })).refusal?.code, 'credentials-missing', 'no header says who calls');
});

test('a certificate that ends while its connection lives', async () => {
  const services = now();
  const send = gate(services, [all(MTLS)], { certificates: RULES });
  const certificate = shown({ dns: ['billing.internal'], notAfter: Date.now() + 60_000 });
  assert.equal((await send(over(certificate))).refusal, undefined);
  services.clock.pass(61_000);
  assert.match(String((await send(over(certificate))).refusal?.evidence?.['reason']), /expired/);
});

test('beside credentials of the request a certificate is no second one', async () => {
  const services = now();
  const { secret } = createKey(services.store, services.clock, { roles: ['user'] });
  const key = { 'x-api-key': secret };
  const known = shown({ dns: ['billing.internal'] });
  const stranger = shown({ dns: ['unknown.example'] });
  const either = gate(services, [all(MTLS), all(KEY_HEADER)], { certificates: RULES });
  assert.equal((await either(over(known))).exchange.principal?.kind, 'certificate');
  assert.equal((await either(over(known, { headers: key }))).exchange.principal?.kind, 'key');
  assert.equal((await either(over(stranger, { headers: key }))).exchange.principal?.kind, 'key');
  assert.equal((await either({ headers: key })).exchange.principal?.kind, 'key');
  assert.equal((await either(over(stranger))).refusal?.code, 'credentials-invalid');
  const both = gate(services, [all(MTLS, KEY_HEADER)], { certificates: RULES });
  assert.equal((await both(over(known, { headers: key }))).exchange.principal?.id, 'billing.internal');
  assert.equal((await both(over(known))).refusal?.code, 'credentials-missing');
  assert.equal((await both({ headers: key })).refusal?.code, 'credentials-missing');
  assert.equal((await both(over(stranger, { headers: key }))).refusal?.code, 'credentials-invalid');
  const anyone = gate(services, [], { certificates: RULES });
  assert.equal((await anyone(over(known))).exchange.principal?.id, 'billing.internal');
  assert.equal((await anyone(over(stranger))).exchange.anonymous, true);
  const open = gate(services, [all(MTLS), { schemes: [] }], { certificates: RULES });
  assert.equal((await open(over(stranger))).exchange.anonymous, true, 'or anyone');
  const without = gate(services, [all(MTLS)], {});
  assert.equal((await without(over(known))).refusal?.code, 'credentials-invalid', 'no rules, nobody');
});

test('a key alone is refused where a bound credential is asked for, and taken beside a certificate', async () => {
  const services = now();
  const { secret } = createKey(services.store, services.clock, { roles: ['user'] });
  const headers = { 'x-api-key': secret };
  const known = shown({ dns: ['billing.internal'] });
  const single = gate(services, [all(KEY_HEADER)], { certificates: RULES, binding: 'required' });
  assert.equal((await single({ headers })).refusal?.code, 'credential-unbound');
  const both = gate(services, [all(MTLS, KEY_HEADER)], { certificates: RULES, binding: 'certificate' });
  assert.equal((await both(over(known, { headers }))).refusal, undefined);
});

test('certificate-bound tokens (RFC 8705): the certificate of the connection, and no other', async () => {
  const services = now();
  const send = gate(services, [all(OAUTH)], { issuers });
  const x509 = new X509Certificate(ca.issue().cert);
  const mine = new ClientCertificate(x509, undefined);
  const token = issuer.token(issuer.claims(services.clock.now(), { cnf: { 'x5t#S256': mine.thumbprint } }));
  const headers = bearer(token);
  const { refusal, exchange } = await send(over(mine, { headers }));
  assert.equal(refusal, undefined, 'no rule is needed for that');
  assert.equal(exchange.principal?.kind, 'user');
  assert.equal(exchange.principal.credential.binding, 'certificate');
  for (const [what, other] of [
    ['none', undefined],
    ['another', shown()],
    ['the same, revoked', new ClientCertificate(x509, 'CERT_REVOKED')],
  ] as const) {
    const stolen = await send(over(other, { headers }));
    assert.equal(stolen.refusal?.code, 'credentials-invalid', what);
    assert.match(
      stolen.refusal.headers?.['www-authenticate'] ?? '',
      /^Bearer realm="portcullis", error="invalid_token"/,
    );
    assert.equal(stolen.exchange.principal, undefined);
  }
  mine.outdated();
  assert.equal((await send(over(mine, { headers }))).refusal?.code, 'credentials-invalid');
});

test('a token bound in both ways needs both', async () => {
  const services = now();
  const send = gate(services, [all(OAUTH)], { issuers });
  const holder = new TestHolder();
  const mine = shown();
  const cnf = { jkt: holder.jkt, 'x5t#S256': mine.thumbprint };
  const token = issuer.token(issuer.claims(services.clock.now(), { cnf }));
  const headers = () => ({
    authorization: `DPoP ${token}`,
    dpop: holder.proof(token, 'GET', 'https://api.example/patients', services.clock.now()),
  });
  assert.equal((await send(over(mine, { headers: headers() }))).refusal, undefined);
  assert.equal((await send(over(undefined, { headers: headers() }))).refusal?.code, 'credentials-invalid');
  assert.equal((await send(over(mine, { headers: bearer(token) }))).refusal?.code, 'credentials-invalid');
});

test('rules that could not mean what they say are refused at load', () => {
  for (const bad of [
    {},
    { id: 'x' },
    { dns: 'a.example', cn: 'b' },
    { dns: '*.example' },
    { dns: 'a b' },
    { dns: '' },
    { uri: 'spiffe://corp/*' },
    { uri: 'orders' },
    { email: 'ann' },
    { sha256: 'abc' },
    { cn: 'a\0b' },
    { dns: '*', id: 'everyone' },
    { dns: 'a.example', roles: ['no spaces here'] },
    { dns: 'a.example', role: 'x' },
  ])
    assert.equal(settings.safeParse({ certificates: [bad] }).success, false, JSON.stringify(bad));
});
