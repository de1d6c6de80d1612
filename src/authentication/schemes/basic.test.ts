import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Overloaded, PasswordHashing } from '../../identity/password-hashing.ts';
import { createUser, removeUser, setDisabled, setPassword } from '../../identity/users.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import { all, BASIC_AUTH, basicHeader, gate, type World, world } from '../testing.ts';
import { readBasic } from './basic.ts';

const PASSWORD = 'correct horse battery staple';
const hashing = new PasswordHashing();
const opened = memoryStore();
after(() => opened.close());

/** Counts hashes, and makes them as cheap as a comparison. Users are made with the real one. */
class CountingHashing extends PasswordHashing {
  hashes = 0;
  full = false;
  readonly right = new Map<string, string>();
  override async verify(password: string, phc: string): Promise<boolean> {
    if (this.full) throw new Overloaded(7);
    this.hashes++;
    await new Promise((resolve) => setImmediate(resolve));
    return this.right.get(phc) === password;
  }
}

async function setUp() {
  const services: World = world(memoryStore());
  const counting = new CountingHashing();
  services.keep('authentication/passwords', () => ({
    secret: Buffer.alloc(32, 1),
    known: new Map(),
    underway: new Map(),
    hashing: counting,
  }));
  const add = async (name: string, password = PASSWORD) => {
    await createUser(services.store, services.clock, hashing, { name, password, roles: ['nurse'] });
    learn(name, password);
  };
  const learn = (name: string, password: string) =>
    counting.right.set(services.store.get<{ password: string }>('identity.users', name)?.password ?? '', password);
  await add('ann');
  const send = gate(services, [all(BASIC_AUTH)]);
  const ask = async (name: string, password: string, address = '192.0.2.1') => {
    const { refusal } = await send({ headers: basicHeader(name, password), address });
    return refusal === undefined ? 200 : refusal.status;
  };
  return { services, counting, add, learn, send, ask };
}

test('name and password: a principal, whatever the case of the name; wrong ones are refused', async () => {
  const { send, ask } = await setUp();
  const { exchange, refusal } = await send({ headers: basicHeader('Ann', PASSWORD) });
  assert.equal(refusal, undefined);
  assert.equal(exchange.principal?.kind, 'user');
  assert.match(exchange.principal?.id ?? '', /^user_/);
  assert.deepEqual(exchange.principal?.roles, ['nurse']);
  assert.equal(exchange.principal?.credential.scheme, 'basic');
  assert.equal(await ask('ann', `${PASSWORD}x`), 401);
  assert.equal(await ask('ann', ''), 401);
  assert.equal(await ask('bob', PASSWORD), 401);
});

test('what is no Basic credential costs no hash', async () => {
  const { send, counting } = await setUp();
  const b64 = (bytes: Buffer | string) => Buffer.from(bytes as string).toString('base64');
  for (const [why, token] of [
    ['not base64', '!!!!'],
    ['base64url', b64('ann:\u00ff\u00ff\u00ffx').replaceAll('/', '_')],
    ['no padding', b64('ann:passwor').replace(/=+$/, '')],
    ['unused bits', `${b64('ann:passwor').slice(0, -2)}${'J='}`],
    ['a space inside', `${b64('ann:').slice(0, 4)} ${b64(PASSWORD)}`],
    ['no colon', b64('ann')],
    ['invalid UTF-8', b64(Buffer.from([0x61, 0x3a, 0xff, 0xfe]))],
    ['overlong UTF-8', b64(Buffer.from([0x61, 0xc0, 0xba, 0x62]))],
    ['NUL', b64('ann:pass\u0000word')],
    ['CR LF', b64('ann\r\n:password')],
    ['DEL', b64('ann:\u007f')],
    ['C1', b64('ann:\u0085')],
    ['a long name', b64(`${'a'.repeat(257)}:x`)],
    ['a long password', b64(`ann:${'é'.repeat(513)}`)],
    ['a huge token', 'A'.repeat(100_000)],
  ] as const) {
    const { refusal } = await send({ headers: { authorization: `Basic ${token}` }, address: '192.0.2.9' });
    assert.equal(refusal?.status, 401, why);
    assert.ok(!JSON.stringify(refusal).includes(token.slice(0, 12)) || token.length < 5, 'nothing is echoed');
    if (refusal?.evidence?.['reason'] !== 'not Basic credentials') assert.fail(why);
  }
  assert.equal(counting.hashes, 0);
  assert.deepEqual(readBasic(b64('ann:a:b:c')), { name: 'ann', password: 'a:b:c' });
  assert.deepEqual(readBasic(b64(':x')), { name: '', password: 'x' });
});

test('no such user, disabled and wrong: the same work, the same answer', async () => {
  const { services, send, counting, add } = await setUp();
  await add('gone');
  setDisabled(services.store, 'gone', true);
  const answers = new Set<string>();
  const reasons: unknown[] = [];
  for (const [name, password] of [
    ['ann', 'wrong'],
    ['nobody', 'wrong'],
    ['gone', PASSWORD],
    ['not a name!', 'wrong'],
  ] as const) {
    const before = counting.hashes;
    const { refusal } = await send({ headers: basicHeader(name, password) });
    assert.equal(counting.hashes - before, 1, `${name} costs one hash`);
    const { evidence, ...visible } = refusal ?? {};
    reasons.push(evidence?.['reason']);
    answers.add(JSON.stringify(visible));
  }
  assert.equal(answers.size, 1, [...answers].join('\n'));
  assert.equal(new Set(reasons).size, 3, 'the record tells them apart');
});

test('what was verified is remembered for a minute, for that address', async () => {
  const { services, ask, counting } = await setUp();
  assert.equal(await ask('ann', PASSWORD), 200);
  for (let i = 0; i < 20; i++) assert.equal(await ask('ann', PASSWORD), 200);
  assert.equal(counting.hashes, 1);
  assert.equal(await ask('ann', PASSWORD, '192.0.2.2'), 200);
  assert.equal(counting.hashes, 2, 'another address is another question');
  services.clock.pass(60_000);
  assert.equal(await ask('ann', PASSWORD), 200);
  assert.equal(counting.hashes, 3);
});

test('equal attempts that come together are one hash', async () => {
  const { ask, counting } = await setUp();
  const statuses = await Promise.all(Array.from({ length: 20 }, () => ask('ann', PASSWORD)));
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal(counting.hashes, 1);
});

test('a change of the user ends what is remembered: disabled, new password, removed; new roles apply', async () => {
  const { services, ask, send, learn } = await setUp();
  const { store, clock } = services;
  assert.equal(await ask('ann', PASSWORD), 200);
  store.put('throttling.quotas', 'x', {});
  assert.equal(await ask('ann', PASSWORD), 200);
  store.put('identity.users', 'ann', { ...store.get('identity.users', 'ann'), roles: ['doctor'] });
  assert.deepEqual((await send({ headers: basicHeader('ann', PASSWORD) })).exchange.principal?.roles, ['doctor']);
  setDisabled(store, 'ann', true);
  assert.equal(await ask('ann', PASSWORD), 401);
  setDisabled(store, 'ann', false);
  assert.equal(await ask('ann', PASSWORD), 200);
  await setPassword(store, clock, hashing, 'ann', 'another sentence, long enough');
  learn('ann', 'another sentence, long enough');
  assert.equal(await ask('ann', PASSWORD), 401);
  assert.equal(await ask('ann', 'another sentence, long enough'), 200);
  removeUser(store, 'ann');
  assert.equal(await ask('ann', 'another sentence, long enough'), 401);
});

test('no room for a hash: 503 with Retry-After, and the attempt does not count', async () => {
  const { send, ask, counting } = await setUp();
  counting.full = true;
  for (let i = 0; i < 10; i++) {
    const { refusal } = await send({ headers: basicHeader('ann', PASSWORD) });
    assert.equal(refusal?.code, 'overloaded');
    assert.equal(refusal?.headers?.['retry-after'], '7');
  }
  counting.full = false;
  assert.equal(await ask('ann', PASSWORD), 200);
});

test('five failures lock the account for that address, before any hash, for growing spans', async () => {
  const { services, send, ask, counting } = await setUp();
  for (let i = 0; i < 5; i++) assert.equal(await ask('ann', `wrong ${i}`), 401);
  let span = 30;
  for (let round = 0; round < 9; round++) {
    const before = counting.hashes;
    const { refusal } = await send({ headers: basicHeader('ann', PASSWORD) });
    assert.equal(refusal?.code, 'too-many-failures');
    assert.equal(refusal?.headers?.['retry-after'], String(span));
    assert.equal(counting.hashes, before);
    services.clock.pass(span * 1000 - 1);
    assert.equal(await ask('ann', PASSWORD), 429, `locked for the whole span (${span})`);
    services.clock.pass(1);
    assert.equal(await ask('ann', `wrong again ${round}`), 401, 'one attempt, then locked for longer');
    span = Math.min(span * 2, 3600);
  }
  assert.equal(span, 3600);
  services.clock.pass(span * 1000);
  assert.equal(await ask('ann', PASSWORD), 200, 'the owner comes in with the right password');
  for (let i = 0; i < 4; i++) assert.equal(await ask('ann', `wrong ${i}`), 401);
  assert.equal(await ask('ann', PASSWORD), 200, 'a success has cleared the account');
  const locks = services.events.filter(({ event }) => event === 'authentication/locked');
  assert.ok(locks.length >= 10);
  assert.ok(!JSON.stringify(locks).includes('wrong'));
});

test('a thousand guesses at once get no further than guesses in turn', async () => {
  const { ask, counting } = await setUp();
  const statuses = await Promise.all(Array.from({ length: 1000 }, (_, i) => ask('ann', `guess ${i}`)));
  assert.equal(statuses.filter((status) => status === 401).length, 5);
  assert.equal(statuses.filter((status) => status === 429).length, 995);
  assert.equal(counting.hashes, 5);
});

test('an account that does not exist locks in the same way', async () => {
  const { services, send, add } = await setUp();
  await add('bob');
  const visible = async (name: string, address: string) => {
    const seen = [];
    for (let i = 0; i < 12; i++) {
      const { refusal } = await send({ headers: basicHeader(name, `wrong ${i}`), address });
      const { evidence: _, ...rest } = refusal ?? {};
      seen.push(rest);
      if (i === 7) services.clock.pass(30_000);
    }
    return seen;
  };
  assert.deepEqual(await visible('bob', '192.0.2.3'), await visible('nobody', '192.0.2.4'));
  const told = JSON.stringify(services.events);
  assert.ok(told.includes('bob') && !told.includes('nobody'), 'what was claimed may be a password: not recorded');
});

test('a stranger elsewhere cannot lock the owner out, only slow those the account does not know', async () => {
  const { ask } = await setUp();
  assert.equal(await ask('ann', PASSWORD, '198.51.100.1'), 200);
  for (let i = 0; i < 20; i++) await ask('ann', `wrong ${i}`, `203.0.113.${i % 4}`);
  assert.equal(await ask('ann', PASSWORD, '203.0.113.0'), 429);
  assert.equal(await ask('ann', PASSWORD, '198.51.100.1'), 200);
  assert.equal(await ask('ann', PASSWORD, '198.51.100.9'), 200);
});

test('twenty failures at many accounts lock the address; a success does not forgive them', async () => {
  const { services, ask, add, counting } = await setUp();
  await add('bob');
  for (let i = 0; i < 19; i++) assert.equal(await ask(`user${i}`, `wrong ${i}`), 401);
  assert.equal(await ask('ann', PASSWORD), 200);
  services.clock.pass(60_000);
  assert.equal(await ask('user19', 'wrong 19'), 401);
  const before = counting.hashes;
  assert.equal(await ask('user20', 'wrong 20'), 429);
  assert.equal(await ask('bob', PASSWORD), 429, 'nothing is hashed for a locked address');
  assert.equal(counting.hashes, before);
  assert.equal(await ask('ann', PASSWORD), 200, 'who has signed in from here before is not kept out by others');
  assert.equal(await ask('bob', PASSWORD, '192.0.2.7'), 200);
  services.clock.pass(30_000);
  assert.equal(await ask('bob', PASSWORD), 200);
});

test('IPv6 counts by /64, mapped IPv4 as IPv4', async () => {
  const { ask } = await setUp();
  for (let i = 0; i < 5; i++) assert.equal(await ask('ann', `wrong ${i}`, `2001:db8:1:2::${i + 1}`), 401);
  assert.equal(await ask('ann', PASSWORD, '2001:db8:1:2:ffff::1'), 429);
  assert.equal(await ask('ann', PASSWORD, '2001:db8:1:3::1'), 200);
  for (let i = 0; i < 5; i++) await ask('ann', `wrong ${i}`, '::ffff:192.0.2.5');
  assert.equal(await ask('ann', PASSWORD, '192.0.2.5'), 429);
});

test('what is remembered for a neighbour is no oracle for a guesser behind the same address', async () => {
  const { ask, counting } = await setUp();
  assert.equal(await ask('ann', PASSWORD), 200);
  for (let i = 0; i < 20; i++) await ask(`user${i}`, `wrong ${i}`);
  // The address is locked; what was verified before goes on, so that one guesser does not stop an office.
  assert.equal(await ask('ann', PASSWORD), 200);
  const statuses = [];
  for (let i = 0; i < 5; i++) statuses.push(await ask('ann', `guess ${i}`));
  assert.deepEqual(new Set(statuses), new Set([401]));
  const before = counting.hashes;
  assert.equal(
    await ask('ann', PASSWORD),
    429,
    'after five guesses at this account the right one looks like the others',
  );
  assert.equal(counting.hashes, before);
});
