import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeDeeds } from '../../identity/journal.ts';
import { listKeys } from '../../identity/keys.ts';
import { systemClock } from '../../shared/clock.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { Store } from '../../storage/store.ts';
import { LIFETIME, makePeople, type Wanted } from './people.ts';

const wanted: Wanted[] = [
  { name: 'nurse', role: 'nurse', claims: { ward: 3 }, scopes: ['read'] },
  { name: 'nobody', role: undefined, claims: {}, scopes: [] },
];

test('keys carry role, claims and scopes, end within the hour, and are written into the journal', () => {
  const store = memoryStore();
  const people = makePeople(store, systemClock, wanted, false);
  const [nurse, nobody] = listKeys(store, systemClock);
  assert.deepEqual([nurse?.roles, nurse?.claims, nurse?.scopes], [['nurse'], { ward: 3 }, ['read']]);
  assert.deepEqual([nobody?.roles, nobody?.note], [[], 'portcullis prove: nobody']);
  for (const key of [nurse, nobody]) assert.equal((key?.expires ?? 0) - (key?.created ?? 0) <= LIFETIME + 50, true);
  assert.equal(people.principals.get('nurse'), nurse?.id);
  assert.match(people.identities[0]?.key?.value ?? '', /^pk_/);
  assert.deepEqual(people.revoke(), []);
  assert.deepEqual(
    listKeys(store, systemClock).map(({ state }) => state),
    ['revoked', 'revoked'],
  );
  assert.deepEqual(
    takeDeeds(store).map(({ event }) => event),
    ['identity/key-created', 'identity/key-created', 'identity/key-revoked', 'identity/key-revoked'],
  );
  assert.doesNotMatch(JSON.stringify(people.principals), /pk_/);
  store.close();
});

test('keys are tokens where the contract has no place of its own for them', () => {
  const store = memoryStore();
  const { identities } = makePeople(store, systemClock, wanted, true);
  assert.match(identities[0]?.bearer?.token ?? '', /^pk_/);
  store.close();
});

test('where one cannot be made, those before it are revoked', () => {
  const store = memoryStore();
  assert.throws(() => makePeople(store, systemClock, [...wanted, { ...wanted[0]!, role: '\n' }], false));
  assert.ok(listKeys(store, systemClock).every(({ state }) => state === 'revoked'));
  store.close();
});

test('a key that cannot be revoked is named, and the others end all the same', () => {
  const store = memoryStore();
  let fail = false;
  const broken: Store = {
    ...(Object.fromEntries(
      (['get', 'put', 'delete', 'list', 'version', 'close'] as const).map((name) => [
        name,
        (...args: never[]) => (store[name] as (...all: never[]) => unknown)(...args),
      ]),
    ) as unknown as Store),
    transaction: (work) => {
      if (fail) {
        fail = false;
        throw new Error('the disk is full');
      }
      return store.transaction(work);
    },
  };
  const people = makePeople(broken, systemClock, wanted, false);
  fail = true;
  assert.deepEqual(people.revoke(), [people.principals.get('nurse')]);
  assert.deepEqual(people.revoke(), [], 'tried again');
  store.close();
});
