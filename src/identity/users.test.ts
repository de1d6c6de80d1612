import assert from 'node:assert/strict';
import { argon2Sync, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { memoryStore } from '../storage/memory-store.ts';
import { IdentityError } from './attributes.ts';
import { isOutdated, NOBODY, Overloaded, PasswordHashing } from './password-hashing.ts';
import { passwordProblem } from './password-rules.ts';
import {
  createUser,
  findUser,
  listUsers,
  normalName,
  removeUser,
  setDisabled,
  setPassword,
  verifyUser,
} from './users.ts';

const clock = { time: 1_000, now: () => clock.time, monotonic: () => clock.time };
const GOOD = 'correct horse battery staple';
const fails = (code: IdentityError['code']) => (error: unknown) =>
  error instanceof IdentityError && error.code === code;

test('one name in one form, whatever its case and width; what is none is refused', () => {
  for (const name of ['Ann', 'ann', 'ANN', 'ａｎｎ']) assert.equal(normalName(name), 'ann', name);
  assert.equal(normalName('Jose\u0301'), normalName('Jos\u00e9'));
  assert.equal(normalName('ann.b_c-d+e@example.org'), 'ann.b_c-d+e@example.org');
  const wrong = ['', ' ann', 'ann ', 'a:b', 'a b', 'a\u0000', 'a\n', '.ann', 'a/b', 'a\u202eb', 'a\u200bb', '\ud800'];
  for (const name of [...wrong, 'x'.repeat(129), '__proto__\u0000', 'x'.repeat(100_000)])
    assert.equal(normalName(name), undefined, JSON.stringify(name.slice(0, 20)));
});

test('passwords: long ones are fine whatever they are made of, the first guesses are not', () => {
  for (const password of [
    GOOD,
    'ein langer satz ohne zahlen',
    'пароль из многих слов',
    '🐎🔋📎🏥🐢🦊🌍🍀🎲🚲🎈🧊🪴🧵🔭',
    `  ${GOOD}  `,
  ])
    assert.equal(passwordProblem(password, 'ann'), undefined, password);
  for (const [password, why] of [
    ['fourteen chars', /15/],
    ['e\u0301'.repeat(10), /15/],
    ['aaaaaaaaaaaaaaaaaaaa', /few characters/],
    ['passwordpasswordpassword', /one short piece/],
    ['qwertyuiopasdfghjkl', /neighbouring/],
    ['abcdefghijklmnopqrst', /neighbouring/],
    ['1qaz2wsx3edc4rfv', /neighbouring/],
    ['annabelle-annabelle-1', /little more than the name/],
    ['a password\u0000with nul', /control/],
    ['\ud800 half of a pair here', /Unicode/],
    ['x1y2'.repeat(300), /longer than 1024/],
  ] as const)
    assert.match(passwordProblem(password, 'annabelle') ?? '', why, password.slice(0, 30));
});

test('the hash is Argon2id in a PHC string, and verifies by its own parameters', async () => {
  const hashing = new PasswordHashing();
  const phc = await hashing.hash(GOOD);
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await hashing.verify(GOOD, phc), true);
  assert.equal(await hashing.verify(`${GOOD}.`, phc), false);
  assert.equal(await hashing.verify(GOOD, NOBODY), false);
  assert.notEqual(await hashing.hash(GOOD), phc);
  const weak = phcOf(GOOD);
  assert.equal(isOutdated(weak), true);
  assert.equal(isOutdated(phc), false);
  assert.equal(await hashing.verify(GOOD, weak), true);
  const composed = await hashing.hash('un caf\u00e9 bien serr\u00e9, merci');
  assert.equal(await hashing.verify('un cafe\u0301 bien serre\u0301, merci', composed), true);
  for (const bad of [
    '',
    'plain',
    weak.replace('m=64', 'm=9999999'),
    weak.replace('t=1', 't=99'),
    weak.replace('id$', 'i$'),
  ])
    await assert.rejects(hashing.verify(GOOD, bad), /not an Argon2id PHC/);
});

/** A hash with other parameters, as an older version might have left behind. */
function phcOf(password: string): string {
  const nonce = randomBytes(16);
  const tag = argon2Sync('argon2id', {
    message: password,
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 64,
    passes: 1,
  });
  const b64 = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${b64(nonce)}$${b64(tag)}`;
}

test('hashing is bounded: at once, waiting, waiting of one owner, and in time', async () => {
  const hashing = new PasswordHashing({ concurrent: 1, waiting: 3, waitingPerOwner: 2, patience: 60_000 });
  const phc = phcOf(GOOD);
  const verify = (owner: string) => hashing.verify(GOOD, phc, owner).catch((error: unknown) => error);
  const all = [verify('a'), verify('a'), verify('a'), verify('a'), verify('b'), verify('c')];
  assert.equal(hashing.load, 4);
  const results = await Promise.all(all);
  // One of a runs, two of a wait, the fourth is over its share; b has the last place, c finds none.
  assert.deepEqual(
    results.map((result) => (result instanceof Overloaded ? 'overloaded' : result)),
    [true, true, true, 'overloaded', true, 'overloaded'],
  );
  assert.ok((results[5] as Overloaded).retryAfter >= 1);
  assert.equal(hashing.load, 0);
  assert.equal(await verify('a'), true);

  const impatient = new PasswordHashing({ concurrent: 1, waiting: 3, waitingPerOwner: 3, patience: 1 });
  const first = impatient.hash(GOOD);
  await assert.rejects(impatient.hash(GOOD), Overloaded);
  await first;
  assert.equal(impatient.load, 0);
});

test('users: made, verified, disabled, changed, removed', async () => {
  const store = memoryStore();
  const hashing = new PasswordHashing();
  const verify = (password: string, name = 'ann') => verifyUser(store, hashing, name, password, 'x');
  const made = await createUser(store, clock, hashing, { name: 'Ann', password: GOOD, roles: ['nurse'] });
  assert.equal(made.name, 'ann');
  assert.match(made.id, /^user_[0-9A-Za-z]{16}$/);
  assert.ok(!('password' in made) && !JSON.stringify(listUsers(store)).includes('argon2'));
  assert.ok(!JSON.stringify(store.list('identity.users')).includes(GOOD));
  await assert.rejects(createUser(store, clock, hashing, { name: 'ANN', password: GOOD }), fails('exists'));
  await assert.rejects(createUser(store, clock, hashing, { name: 'bob', password: 'short' }), fails('input'));
  await assert.rejects(createUser(store, clock, hashing, { name: 'b:b', password: GOOD }), fails('input'));

  assert.equal(((await verify(GOOD)) as { id: string }).id, made.id);
  assert.equal(await verify(`${GOOD}!`), 'wrong');
  assert.equal(await verify(GOOD, 'bob'), 'unknown');
  assert.equal(await verifyUser(store, hashing, undefined, GOOD, 'x'), 'unknown');
  setDisabled(store, 'ann', true);
  assert.equal(await verify(GOOD), 'disabled');
  setDisabled(store, 'ann', false);
  const other = 'another sentence, long enough';
  await setPassword(store, clock, hashing, 'ann', other);
  assert.equal(await verify(GOOD), 'wrong');
  assert.equal(((await verify(other)) as { id: string }).id, made.id);
  removeUser(store, 'Ann');
  assert.equal(await verify(other), 'unknown');
  assert.throws(() => removeUser(store, 'ann'), fails('unknown'));
  assert.throws(() => setDisabled(store, 'ann', true), fails('unknown'));
  await assert.rejects(setPassword(store, clock, hashing, 'ann', other), fails('unknown'));
  const again = await createUser(store, clock, hashing, { name: 'ann', password: GOOD });
  assert.notEqual(again.id, made.id, 'a later user of the same name is somebody else');
});

test('disabled or changed while the hash runs: the answer is that of now', async () => {
  const store = memoryStore();
  const hashing = new PasswordHashing();
  await createUser(store, clock, hashing, { name: 'ann', password: GOOD });
  const disabled = verifyUser(store, hashing, 'ann', GOOD, 'x');
  setDisabled(store, 'ann', true);
  assert.equal(await disabled, 'disabled');
  setDisabled(store, 'ann', false);
  const removed = verifyUser(store, hashing, 'ann', GOOD, 'x');
  removeUser(store, 'ann');
  assert.equal(await removed, 'wrong');
});

test('a hash with old parameters is made anew at the next success', async () => {
  const store = memoryStore();
  const hashing = new PasswordHashing();
  await createUser(store, clock, hashing, { name: 'ann', password: GOOD });
  store.put('identity.users', 'ann', { ...findUser(store, 'ann'), password: phcOf(GOOD) });
  assert.equal(await verifyUser(store, hashing, 'ann', 'not the password', 'x'), 'wrong');
  assert.equal(isOutdated(findUser(store, 'ann')?.password ?? ''), true);
  assert.equal(typeof (await verifyUser(store, hashing, 'ann', GOOD, 'x')), 'object');
  assert.equal(isOutdated(findUser(store, 'ann')?.password ?? ''), false);
  assert.equal(typeof (await verifyUser(store, hashing, 'ann', GOOD, 'x')), 'object');
});
