import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { RequestSigning } from '../../client/sign-request.ts';
import type { Refusal } from '../../gateway/refusal.ts';
import { addSigningKey, revokeSigningKey } from '../../identity/signing-keys.ts';
import { messageKey, secretKey } from '../../signatures/key.ts';
import { exchange, type World, world } from '../testing.ts';

import { pem, type Sending, setUp } from './testing.ts';

test('a signed request says who calls', async () => {
  const { send, id } = setUp();
  const { refusal, exchange: one } = await send({ query: 'a=1' });
  assert.equal(refusal, undefined);
  assert.deepEqual(
    [one.principal?.kind, one.principal?.id, one.principal?.roles, one.principal?.credential.scheme],
    ['key', id, ['nurse'], 'signature'],
  );
  assert.equal(one.signedAs, 'sig');
});

test('without one: 401 with what is wanted', async () => {
  const { judge } = setUp({ signatures: { tag: 'clinic' } });
  const refusal = await judge(exchange());
  assert.equal(refusal?.status, 401);
  assert.equal(refusal?.headers?.['www-authenticate'], 'Signature realm="portcullis"');
  // A body may follow for all the fixture says: its digest is asked for.
  assert.match(
    refusal?.headers?.['accept-signature'] ?? '',
    /^sig=\("@method" "@authority" "@path" "@query" "content-digest"\);created;keyid;nonce="[\w-]+";tag="clinic"$/,
  );
  const other = await judge(exchange());
  assert.notEqual(
    refusal?.headers?.['accept-signature'],
    other?.headers?.['accept-signature'],
    'a nonce is never offered twice',
  );
});

test('a request is taken once: by one gate, and by all workers that share counters', async () => {
  const { make, judge, services, stageOf } = setUp();
  const one = make();
  assert.equal(await judge(one), undefined);
  const again = exchange({ headers: { ...one.request.headers } });
  again.source = { present: false, read: async () => Buffer.alloc(0) };
  const refused = await judge(again);
  assert.equal(refused?.status, 401);
  assert.match(String(refused?.evidence?.['reason']), /nonce was used before/);
  const worker: World = { ...world(services.store), clock: services.clock, counters: services.counters };
  const third = exchange({ headers: { ...one.request.headers } });
  third.source = again.source;
  assert.match(String((await stageOf({}, worker)(third))?.evidence?.['reason']), /nonce was used before/);
});

test('a nonce stays used for as long as its signature is good', async () => {
  const { make, judge, services } = setUp({ signatures: { maxAge: '5m', clockTolerance: '30s' } });
  const one = make();
  assert.equal(await judge(one), undefined);
  const replay = () => {
    const copy = exchange({ headers: { ...one.request.headers } });
    copy.source = { present: false, read: async () => Buffer.alloc(0) };
    return judge(copy);
  };
  services.clock.pass(329_999);
  assert.match(String((await replay())?.evidence?.['reason']), /used before/);
  services.clock.pass(1);
  assert.match(String((await replay())?.evidence?.['reason']), /too long ago/);
});

test('of a hundred copies at once one is taken', async () => {
  const { make, judge } = setUp();
  const { headers } = make().request;
  const all = await Promise.all(
    Array.from({ length: 100 }, () => {
      const copy = exchange({ headers: { ...headers } });
      copy.source = { present: false, read: async () => Buffer.alloc(0) };
      return judge(copy);
    }),
  );
  assert.equal(all.filter((refusal) => refusal === undefined).length, 1);
});

test('a stranger cannot use up the nonce of another one', async () => {
  const { send } = setUp();
  const forged = await send({ signing: { nonce: 'n', key: messageKey(generateKeyPairSync('ed25519').privateKey) } });
  assert.equal(forged.reason, 'signature');
  assert.equal((await send({ signing: { nonce: 'n' } })).refusal, undefined);
  assert.match((await send({ signing: { nonce: 'n' } })).reason ?? '', /used before/);
});

test('what was signed before the gate started is not taken: its nonces are forgotten', async () => {
  const { send, services } = setUp();
  const { reason } = await send({ signing: { now: services.clock.now() - 1000 } });
  assert.match(reason ?? '', /before the start/);
});

test('too little covered, too old, too new, unnamed: told, and no guess', async () => {
  const { send, services } = setUp();
  services.clock.pass(600_000);
  const strip = (component: string) => (headers: Record<string, string>) => {
    headers['signature-input'] = (headers['signature-input'] as string).replace(` "${component}"`, '');
  };
  const replaced = (from: RegExp, to: string) => (headers: Record<string, string>) => {
    headers['signature-input'] = (headers['signature-input'] as string).replace(from, to);
  };
  const now = services.clock.now();
  const body = Buffer.from('{}');
  const type = { 'content-type': 'application/json' };
  for (const [sending, why] of [
    [{ alter: strip('@authority') }, /not covered: "@authority"/],
    [{ alter: strip('@query'), query: 'a=1' }, /not covered: "@query"/],
    [{ alter: strip('@path') }, /not covered: "@path"/],
    [{ alter: replaced(/ "@query"/, ' "@query-param";name="a"'), query: 'a=1' }, /not covered: "@query"/],
    [{ alter: strip('content-digest'), body, headers: type }, /not covered: "content-digest"/],
    [{ alter: strip('content-type'), body, headers: type }, /not covered: "content-type"/],
    [
      { alter: (headers: Record<string, string>) => (headers['authorization'] = 'Bearer x') },
      /not covered: "authorization"/,
    ],
    [{ signing: { now: now - 330_000 } }, /too long ago/],
    [{ signing: { now: now + 31_000 } }, /in the future/],
    [{ signing: { now: now - 100_000, expires: 60 } }, /has expired/],
    [{ signing: { nonce: '' } }, /nonce is empty/],
    [{ alter: replaced(/;nonce="[^"]*"/, '') }, /nonce is missing/],
    [{ alter: replaced(/;keyid="[^"]*"/, '') }, /keyid is missing/],
    [{ alter: replaced(/;created=\d+/, '') }, /created is missing/],
    [{ alter: replaced(/;created/, ';x=1;created') }, /unknown parameter/],
    [{ alter: replaced(/"@method"/, '"@method";req') }, /not covered: "@method"/],
    [{ alter: (headers: Record<string, string>) => void delete headers['signature'] }, /Signature is missing/],
    [
      { alter: (headers: Record<string, string>) => void delete headers['signature-input'] },
      /Signature-Input is missing/,
    ],
    [{ alter: (headers: Record<string, string>) => (headers['signature'] += `, ${headers['signature']}`) }, /twice/],
    [
      { alter: (headers: Record<string, string>) => (headers['signature-input'] += `, ${headers['signature-input']}`) },
      /twice/,
    ],
    [{ alter: (headers: Record<string, string>) => (headers['signature'] = 'sig=::') }, /empty/],
    [{ alter: replaced(/"@query"/, '"@query" "x-none"') }, /no field x-none/],
    [{ alter: replaced(/"@query"/, '"@query" "host";bs') }, /no field host|bs is not supported/],
  ] as const) {
    for (let i = 0; i < 3; i++) {
      const { refusal, reason } = await send(sending as Sending);
      assert.equal(refusal?.status, 401, String(why));
      assert.equal(refusal?.code, 'credentials-invalid');
      assert.match(reason ?? '', why);
      assert.match(refusal?.detail ?? '', new RegExp(why.source, 'i'), 'the caller is told');
      assert.match(refusal?.headers?.['accept-signature'] ?? '', /^sig=\(/);
    }
  }
  assert.equal((await send()).refusal, undefined, 'and the address is not locked');
});

test('what only the key could tell is one answer', async () => {
  const { send, services, id } = setUp();
  const other = messageKey(generateKeyPairSync('ed25519').privateKey);
  const revoked = addSigningKey(services.store, services.clock, {
    publicKey: pem(generateKeyPairSync('ed25519').publicKey),
  });
  revokeSigningKey(services.store, services.clock, revoked.id);
  const answers = new Set<string>();
  for (const [signing, why] of [
    [{ keyId: 'unknown' }, /no key of this keyid/],
    [{ keyId: '__proto__' }, /no key of this keyid/],
    [{ keyId: "x' OR 1=1 --" }, /no key of this keyid/],
    [{ keyId: '../../etc/passwd' }, /no key of this keyid/],
    [{ keyId: revoked.id }, /revoked/],
    [{ key: other }, /^signature$/],
    [{ key: secretKey(Buffer.from(id.padEnd(32, 'x'))) }, /^signature$/],
  ] as const) {
    const { refusal, reason } = await send({ signing });
    assert.match(reason ?? '', why);
    const { evidence: _, headers, ...seen } = refusal as Refusal;
    answers.add(JSON.stringify({ ...seen, names: Object.keys(headers ?? {}) }));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
});

test('alg must be that of the key, and forged ones lock their address', async () => {
  const { send } = setUp();
  const claim = (headers: Record<string, string>) => {
    headers['signature-input'] += ';alg="hmac-sha256"';
  };
  assert.match((await send({ alter: claim })).reason ?? '', /alg is not/);
  const statuses = [];
  for (let i = 0; i < 25; i++)
    statuses.push((await send({ signing: { keyId: 'unknown' }, address: '198.51.100.9' })).refusal?.status);
  assert.equal(statuses.indexOf(429), 20);
  assert.equal((await send({ address: '198.51.100.9' })).refusal, undefined, 'a good one passes a locked address');
});

test('a tag keeps signatures for others apart; several for this gate must all be good, and of one caller', async () => {
  const { send, make, key, id, services } = setUp({ signatures: { tag: 'clinic' } });
  assert.match((await send()).reason ?? '', /no signature has the tag/);
  assert.match((await send({ signing: { tag: 'shop' } })).reason ?? '', /no signature has the tag/);
  const mixed = (second: Partial<RequestSigning>) => {
    const other = make({ signing: { tag: 'clinic', ...second } }).request.headers;
    return send({
      signing: { tag: 'clinic' },
      alter: (headers) => {
        headers['signature-input'] += `, ${(other['signature-input'] as string).replace('sig=', 'two=')}`;
        headers['signature'] += `, ${(other['signature'] as string).replace('sig=', 'two=')}`;
      },
    });
  };
  assert.equal((await mixed({ tag: 'proxy', keyId: 'unknown' })).refusal, undefined, 'another one’s is not looked at');
  assert.equal((await mixed({ keyId: 'unknown' })).reason, 'no key of this keyid');
  assert.equal((await mixed({ key, keyId: id })).refusal, undefined);
  const bob = generateKeyPairSync('ed25519');
  const { id: bobs } = addSigningKey(services.store, services.clock, { publicKey: pem(bob.publicKey) });
  assert.match((await mixed({ key: messageKey(bob.privateKey), keyId: bobs })).reason ?? '', /different callers/);
});
