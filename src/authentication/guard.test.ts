import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { enter, takeDeeds } from '../identity/journal.ts';
import { createKey, listKeys } from '../identity/keys.ts';
import { listRevocations, Revocations, revoke } from '../identity/revocations.ts';
import { carryOut } from '../identity/revoking.ts';
import { sketchToken } from '../identity/token-id.ts';
import { memoryStore } from '../storage/memory-store.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { Guard } from './guard.ts';
import { Verified } from './outcome.ts';
import { settings } from './settings.ts';
import { all, exchange, gate, KEY_HEADER, world } from './testing.ts';

const DAY = 86_400_000;
const ISSUER = 'https://issuer.example';
const seconds = (time: number): number => time / 1000;

const verified = (claims: Record<string, unknown>, id = 't1', scheme = 'jwt', kind: 'user' | 'key' = 'user') =>
  new Verified({
    kind,
    id: scheme === 'jwt' ? `${ISSUER}|ann` : 'ann',
    roles: [],
    scopes: [],
    claims,
    credential: { scheme, id, binding: 'none' },
  });

function setUp(given: Record<string, unknown> = {}) {
  const services = world();
  const guard = new Guard(settings.parse({ unusual: given }), services);
  const admit = async (one: Verified, address = '192.0.2.1') =>
    (await guard.admit(exchange({ address }), [one]))?.reason;
  const order = (more: Parameters<typeof carryOut>[2]) => carryOut(services.store, services.clock, more, 'test');
  return { services, admit, order };
}

test('each kind of revocation ends what it names, and nothing else', async () => {
  for (const [order, hit, miss] of [
    [{ kind: 'token', subject: 't1' }, {}, undefined],
    [{ kind: 'family', subject: 'g1' }, { grant_id: 'g1' }, { grant_id: 'g2' }],
    [{ kind: 'family', subject: 's1' }, { sid: 's1' }, {}],
    [{ kind: 'client', subject: `${ISSUER}|app` }, { client_id: 'app' }, { client_id: 'app2' }],
    [{ kind: 'client', subject: `${ISSUER}|app` }, { azp: 'app' }, {}],
    [{ kind: 'user', subject: `${ISSUER}|ann` }, {}, undefined],
    [{ kind: 'issuer', subject: ISSUER }, {}, undefined],
    [{ kind: 'issuer', subject: '*' }, {}, undefined],
  ] as const) {
    const { services, admit, order: give } = setUp();
    const iat = seconds(services.clock.now()) - 10;
    assert.equal(await admit(verified({ iat, ...hit })), undefined);
    give(order);
    assert.match((await admit(verified({ iat, ...hit }))) ?? '', /^revoked/, JSON.stringify(order));
    const other = miss === undefined ? { iat: iat + 60 } : { iat, ...miss };
    assert.equal(await admit(verified(other, 't2')), undefined, JSON.stringify(order));
  }
});

test('a time: what was issued in that very second is void, what came later is good, what names no time is void', async () => {
  const { services, admit, order } = setUp();
  const iat = Math.floor(seconds(services.clock.now()));
  order({ kind: 'user', subject: `${ISSUER}|ann` });
  assert.match((await admit(verified({ iat }))) ?? '', /revoked/);
  assert.match((await admit(verified({}))) ?? '', /revoked/);
  assert.match((await admit(verified({ iat: 'yesterday' }))) ?? '', /revoked/);
  assert.equal(await admit(verified({ iat: iat + 1 })), undefined);
  assert.throws(
    () => order({ kind: 'user', subject: `${ISSUER}|ann`, before: services.clock.now() + 1 }),
    /yet to come/,
  );
});

test('what an operator wrote into a key or password is no claim of an issuer', async () => {
  const { admit, order } = setUp();
  order({ kind: 'family', subject: 'g1' });
  order({ kind: 'client', subject: `${ISSUER}|app` });
  assert.equal(await admit(verified({ grant_id: 'g1', client_id: 'app' }, 'ann', 'basic')), undefined);
});

test('the name of a pasted token is that of the gate, whatever its signature; what is none is refused', () => {
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (payload: unknown) => `${b64({ alg: 'ES256' })}.${b64(payload)}`;
  assert.equal(sketchToken(`${token({ jti: 'j1' })}.AAAA`)?.id, 'j1');
  const [a, b] = ['AAAA', 'BBBB'].map((signature) => sketchToken(`${token({ sub: 'x' })}.${signature}`)?.id);
  assert.equal(a, b);
  assert.match(a ?? '', /^sha256:/);
  assert.match(sketchToken('opaque-token')?.id ?? '', /^sha256:/);
  for (const text of ['', 'two words', 'x'.repeat(20_000), 'nul\u0000']) assert.equal(sketchToken(text), undefined);
});

test('a made-up expiry does not make a revocation end at once; ended ones are put away', () => {
  const { services, order } = setUp();
  const { store, clock } = services;
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  order({ kind: 'token', token: `${b64({})}.${b64({ jti: 'j1', exp: 1 })}.AAAA` });
  assert.equal(listRevocations(store, clock).length, 1);
  clock.pass(2 * 3_600_000);
  assert.equal(listRevocations(store, clock).length, 0);
  for (let i = 0; i < 100; i++)
    revoke(store, clock, { kind: 'token', subject: `t${i}`, reason: '', by: '', until: clock.now() + 1 });
  clock.pass(10);
  for (let i = 0; i < 64; i++) revoke(store, clock, { kind: 'token', subject: 'same', reason: '', by: '' });
  assert.ok(store.list('identity.revocations').length <= 2);
});

test('a copy follows change by change, however far it is behind', () => {
  const { services } = setUp();
  const { store, clock } = services;
  const copy = new Revocations(store);
  const token = (id: string) => ({
    issuer: 'i',
    token: id,
    grant: undefined,
    client: undefined,
    user: 'u',
    issuedAt: 0,
  });
  for (const count of [1, 3, 200]) {
    for (let i = 0; i < count; i++)
      revoke(store, clock, { kind: 'token', subject: `${count}-${i}`, reason: '', by: '' });
    for (let i = 0; i < count; i++) assert.ok(copy.find(token(`${count}-${i}`)) !== undefined, `${count}-${i}`);
    assert.equal(copy.find(token('other')), undefined);
  }
});

test('deeds beside the gate are taken once, in order, and are bounded', () => {
  const { services } = setUp();
  const { store, clock } = services;
  for (let i = 0; i < 1_005; i++) {
    clock.pass(1);
    enter(store, clock, { event: 'identity/test', note: String(i), evidence: {} }, 'test');
  }
  const deeds = takeDeeds(store);
  assert.deepEqual([deeds[0]?.note, deeds[999]?.note, deeds[1000]?.evidence['count']], ['0', '999', 5]);
  assert.deepEqual(takeDeeds(store), []);
});

test('the answer revoke: a token ends with its family, a key for good, and the owner’s other credentials go on', async () => {
  const { services, admit } = setUp({ network: 'revoke', learning: '0s' });
  const iat = seconds(services.clock.now()) - 10;
  const token = verified({ iat, grant_id: 'g1' });
  assert.equal(await admit(token), undefined);
  assert.match((await admit(token, '198.51.100.1')) ?? '', /unusual/);
  assert.match((await admit(token)) ?? '', /^revoked/, 'for whoever holds it, wherever');
  assert.match((await admit(verified({ iat, grant_id: 'g1' }, 't2'))) ?? '', /^revoked \(grant\)/);
  assert.equal(await admit(verified({ iat }, 't3')), undefined);

  const { key, secret } = createKey(services.store, services.clock, {});
  const send = gate(services, [all(KEY_HEADER)], { unusual: { network: 'revoke', learning: '0s' } });
  const use = async (address: string) =>
    (await send({ headers: { 'x-api-key': secret }, address })).refusal?.status ?? 200;
  assert.deepEqual([await use('192.0.2.1'), await use('198.51.100.1'), await use('192.0.2.1')], [200, 401, 401]);
  assert.equal(listKeys(services.store, services.clock).find(({ id }) => id === key.id)?.state, 'revoked');
});

test('attack: a password that was revoked does not come back when revocations are forgotten', async () => {
  const { services, admit } = setUp({ network: 'revoke', learning: '0s' });
  const one = verified({}, 'user_1', 'basic');
  assert.equal(await admit(one), undefined);
  await admit(one, '198.51.100.1');
  services.clock.pass(2_000 * DAY);
  for (let i = 0; i < 64; i++)
    revoke(services.store, services.clock, { kind: 'token', subject: 'x', reason: '', by: '' });
  assert.match((await admit(one)) ?? '', /^revoked/);
});

test('a key with ranges: refused elsewhere as an unknown one is, told once a network; a range that cannot be read lets nobody in', async () => {
  const services = world(memoryStore());
  const { key, secret } = createKey(services.store, services.clock, { ranges: ['203.0.113.0/24'] });
  const send = gate(services, [all(KEY_HEADER)]);
  const use = async (address: string, sent = secret) =>
    (await send({ headers: { 'x-api-key': sent }, address })).refusal;
  for (let i = 0; i < 2; i++) assert.equal(await use('203.0.113.8'), undefined);
  const unknown = { ...(await use('198.51.100.9', 'pk_000000000000000000000000000000000000')), evidence: 0 };
  for (let i = 0; i < 5; i++) assert.deepEqual({ ...(await use('198.51.100.1')), evidence: 0 }, unknown);
  assert.equal(services.events.filter(({ event }) => event === 'authentication/outside-ranges').length, 1);
  for (let i = 0; i < 30; i++) await use('198.51.100.1');
  assert.equal((await use('198.51.100.1'))?.status, 429, 'as for any other: no answer tells that it is a real one');
  assert.equal(await use('203.0.113.9'), undefined);
  const record = services.store.get<object>('identity.keys', key.id) as object;
  services.store.put('identity.keys', key.id, { ...record, ranges: ['nonsense'], expires: services.clock.now() + 1e6 });
  assert.equal((await use('203.0.113.8'))?.status, 401);
  assert.throws(() => createKey(services.store, services.clock, { ranges: ['10.0.0.0/33'] }), /address or range/);
});

test('revocations are in force after a restart, and cost next to nothing while there are none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-revocations-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'store.db');
  const clock = world().clock;
  const token = { issuer: ISSUER, token: 't1', grant: undefined, client: undefined, user: 'ann', issuedAt: 0 };
  const first = openStore(file);
  const [mine, other] = [new Revocations(first), openStore(file)];
  assert.equal(mine.find(token), undefined);
  revoke(other, clock, { kind: 'token', subject: 't1', reason: 'x', by: 'y' });
  assert.equal(new Revocations(first).find(token)?.reason, 'x');
  other.close();
  first.close();
  const again = openStore(file);
  assert.equal(new Revocations(again).find(token)?.kind, 'token');
  again.close();
});
