import assert from 'node:assert/strict';
import { test } from 'node:test';
import { castFor } from './people.ts';
import { callerPolicy } from './policy.ts';
import { API, configured, contracted } from './testing.ts';

test('roles, grants, owners and claims are read from policy and contract', async () => {
  const policy = callerPolicy(
    configured({ authorization: { roles: { auditor: ['GET /v1/open'] } } }),
    await contracted(API),
  );
  assert.deepEqual(policy.roles, ['auditor', 'clerk', 'owner']);
  assert.deepEqual(policy.grants.get('GET /v1/things/{id}'), ['clerk', 'owner']);
  assert.deepEqual(policy.grants.get('DELETE /v1/things/{id}'), ['clerk']);
  assert.equal(policy.grants.get('GET /v1/open'), undefined, 'anyone may call it');
  assert.deepEqual([...policy.bound.keys()], ['owner']);
  assert.deepEqual(policy.claims.get('thing')?.values, [3, 4, 5], 'the smallest numbers that the contract allows');
  assert.deepEqual([...(policy.owned.get('GET /v1/things/{id}') ?? [])], ['owner']);
  assert.deepEqual([...(policy.scopes.get(undefined) ?? [])], ['read']);
  assert.equal(policy.asBearer, false);
  assert.deepEqual(policy.switchedOff, []);
});

test('operations that a key cannot reach as it is sent are counted', async () => {
  const policy = callerPolicy(configured({}), await contracted(API));
  assert.deepEqual(policy.unreached, { elsewhere: 1, never: 1 }, 'the token, and Basic');
  assert.ok(policy.takesKeys.has('GET /v1/scoped'));
  assert.ok(!policy.takesKeys.has('GET /v1/basic'));
  assert.ok(castFor(policy, []).notes.some((note) => note.startsWith('1 operations take no key')));
});

test('a contract of tokens alone gets keys as tokens', async () => {
  const contract = await contracted({ ...API, security: [{ token: [] }] });
  assert.equal(callerPolicy(configured({}), contract).asBearer, true);
});

test('what the configuration switches off is said, with the number of operations', async () => {
  const off = (given: object) =>
    contracted(API).then((contract) =>
      callerPolicy(configured(given), contract).switchedOff.map(({ practice, what, count }) => [practice, what, count]),
    );
  assert.deepEqual(await off({ detection: 'report' }), [['validate', 'detection only reports', 5]]);
  assert.deepEqual(await off({ operations: { 'GET /v1/open': { detection: 'off' } } }), [
    ['validate', 'detection is off', 1],
  ]);
  assert.deepEqual(await off({ authentication: 'none' }), [
    ['authenticate', 'authentication is off', 5],
    ['authorize', 'authentication is off, so nobody needs a role', 5],
  ]);
  assert.deepEqual(
    (await off({ listen: { transport: 'plain' } })).map(([practice]) => practice),
    ['encrypt'],
  );
  assert.deepEqual(await off({ throttling: { address: 'off', principal: 'off' } }), [['throttle', 'no rate holds', 5]]);
});

test('each role gets an identity, owners two, and somebody is nobody', async () => {
  const policy = callerPolicy(configured({}), await contracted(API));
  const { wanted, notes } = castFor(policy, []);
  assert.deepEqual(
    wanted.map(({ name, role, claims, scopes }) => [name, role, { ...claims }, scopes]),
    [
      ['clerk', 'clerk', {}, []],
      ['owner-1', 'owner', { thing: 3 }, []],
      ['owner-2', 'owner', { thing: 4 }, []],
      ['with-scopes', undefined, {}, ['read']],
      ['nobody', undefined, {}, []],
    ],
  );
  assert.equal(notes.filter((note) => note.includes('--claim owner:')).length, 2, 'guessed claims are said');
});

test('names of identities are plain and never the same', async () => {
  const roles = { 'a/b': ['**'], 'a b': ['**'], äöü: ['**'] };
  const policy = callerPolicy(configured({ authorization: { roles } }), await contracted(API));
  const names = castFor(policy, []).wanted.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/);
});
