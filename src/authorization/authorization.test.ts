import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { StageName } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { exchange, operation, parameter, principal, security } from '../shared/fixture.ts';
import { authorization } from './authorization.ts';
import { inspectSelectors } from './inspect.ts';
import { settings } from './settings.ts';

const stage = (name: StageName, config: object, on: Operation): ((x: Exchange) => Refusal | undefined) => {
  const stages = authorization.stages({ settings: settings.parse(config), origins: {} }, on, {} as Services);
  return (stages[name] ?? (() => undefined)) as (x: Exchange) => Refusal | undefined;
};

const list = operation('GET /patients', { operationId: 'listPatients', tags: ['patients'] });

/** @param satisfied indices of the contract's alternatives that authentication found satisfied. */
const judge = (
  config: object,
  who: Principal | undefined,
  on: Operation = list,
  satisfied: readonly number[] | undefined = on.security?.map((_, i) => i),
): string | undefined => {
  const x = exchange('GET /patients', who);
  x.requirements = satisfied?.map((i) => on.security![i]!);
  return stage('authorize', config, on)(x)?.code;
};

test('every key has a default, and by default nobody may call anything', () => {
  assert.equal(judge({}, principal({ roles: ['admin', 'nurse'] })), 'not-permitted');
});

test('a role is granted by its selectors, or by the operation', () => {
  assert.equal(judge({ roles: { nurse: ['listPatients'] } }, principal({ roles: ['nurse'] })), undefined);
  assert.equal(judge({ roles: { nurse: ['tag:patients'] } }, principal({ roles: ['x', 'nurse'] })), undefined);
  assert.equal(judge({ roles: { nurse: ['**'] } }, principal({ roles: ['nurse'] })), undefined);
  assert.equal(judge({ roles: { nurse: ['tag:billing'] } }, principal({ roles: ['nurse'] })), 'not-permitted');
  assert.equal(judge({ allow: ['nurse'] }, principal({ roles: ['nurse'] })), undefined);
  assert.equal(judge({ allow: ['nurse'] }, principal({ roles: ['Nurse', 'nurse ', 'nurse,admin'] })), 'not-permitted');
});

test('default: authenticated lets every identified caller in, and nobody else', () => {
  assert.equal(judge({ default: 'authenticated' }, principal()), undefined);
  const nobody = exchange('GET /patients', undefined);
  nobody.anonymous = false;
  assert.equal(stage('authorize', { default: 'authenticated' }, list)(nobody)?.code, 'not-permitted');
});

test('an anonymous caller that authentication let in passes, but not where an owner rule is in force', () => {
  assert.equal(judge({}, undefined), undefined);
  for (const owner of [
    { path: 'id', equals: 'id' },
    { answer: '/*/p', equals: 'id', filter: true },
  ])
    assert.equal(judge({ owner }, undefined), 'not-permitted');
});

test('roles named on the operation are the only ones, however wide a role is drawn elsewhere', () => {
  const config = { allow: ['staff'], roles: { customer: ['**'], staff: ['listStaff'] }, default: 'authenticated' };
  assert.equal(judge(config, principal({ roles: ['customer'] })), 'not-permitted');
  assert.equal(judge(config, principal({ roles: ['staff'] })), undefined);
  assert.equal(judge({ ...config, allow: [] }, principal({ roles: ['customer'] })), undefined);
});

test('names that objects inherit are no roles', () => {
  for (const role of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '']) {
    assert.equal(judge({ roles: { nurse: ['**'] } }, principal({ roles: [role] })), 'not-permitted', role);
    assert.equal(judge({ allow: ['nurse'] }, principal({ roles: [role] })), 'not-permitted', role);
  }
  assert.equal(judge({ roles: { constructor: ['**'] } }, principal({ roles: ['constructor'] })), undefined);
  const config = JSON.parse('{"roles": {"__proto__": ["**"]}}');
  assert.equal(judge(config, principal({ roles: ['nurse'] })), 'not-permitted');
});

test('scopes that the contract demands are needed whatever the role, and grant by themselves', () => {
  const on = { ...list, security: security(['oauth2', 'read', 'list']) };
  const jwt = (scopes: string[], roles: string[] = []) => principal({ scopes, roles }, 'jwt');
  assert.equal(judge({}, jwt(['list', 'read']), on), undefined);
  assert.equal(judge({ roles: { admin: ['**'] } }, jwt(['read'], ['admin']), on), 'scope-missing');
  assert.equal(judge({ roles: { admin: ['**'] } }, jwt(['read list'], ['admin']), on), 'scope-missing');
  assert.equal(judge({ default: 'authenticated' }, jwt([]), on), 'scope-missing');
  // A role is no scope: whoever hands out roles does not hand out scopes.
  assert.equal(judge({}, jwt([], ['read', 'list']), on), 'scope-missing');
});

test('a missing scope is named in the challenge of a bearer, and only there', () => {
  const on = { ...list, security: security(['oauth2', 'read', 'list']) };
  const authorize = stage('authorize', {}, on);
  const bearer = authorize(exchange('GET /patients', principal({}, 'jwt')));
  assert.equal(bearer?.headers?.['www-authenticate'], 'Bearer error="insufficient_scope", scope="read list"');
  assert.equal(bearer?.status, 403);
  assert.equal(authorize(exchange('GET /patients', principal({}, 'key')))?.headers, undefined);
  const evil = { ...list, security: security(['oauth2', 'a"\r\nset-cookie: x']) };
  const header = stage('authorize', {}, evil)(exchange('GET /patients', principal({}, 'jwt')))?.headers;
  assert.equal(header?.['www-authenticate'], 'Bearer error="insufficient_scope"');
});

test('of the alternatives that the credentials satisfy, one is enough', () => {
  const on = { ...list, security: security(['oauth2', 'read'], ['apiKey']) };
  const nurse = principal({ roles: ['r'] });
  assert.equal(judge({ allow: ['r'] }, nurse, on, [1]), undefined);
  assert.equal(judge({ allow: ['r'] }, principal(), on, [1]), 'not-permitted');
  assert.equal(judge({ allow: ['r'] }, nurse, on, [0]), 'scope-missing');
  assert.equal(judge({ allow: ['r'] }, nurse, on, [0, 1]), undefined);
  assert.equal(judge({}, principal({ scopes: ['read'] }), on, [1]), 'not-permitted');
  assert.equal(judge({}, principal({ scopes: ['read'] }), on, [1, 0]), undefined);
});

test('a credential that satisfies no alternative is no way around scopes', () => {
  const on = { ...list, security: security(['apiKey'], ['oauth2', 'read']) };
  const only = { ...list, security: security(['oauth2', 'read']) };
  for (const target of [on, only])
    for (const satisfied of [[], undefined]) {
      const x = (who: Principal, config: object = { allow: ['r'] }) => {
        const made = exchange('GET /patients', who);
        made.requirements = satisfied as [] | undefined;
        return stage('authorize', config, target)(made)?.code;
      };
      assert.equal(x(principal({ roles: ['r'] })), 'scope-missing');
      assert.equal(x(principal({ scopes: ['read'] }), {}), undefined);
      assert.equal(x(principal({ scopes: ['read'] })), 'not-permitted', 'a role is named: scopes alone do not do');
      assert.equal(x(principal({ scopes: ['read'], roles: ['r'] })), undefined);
    }
});

test('what the policy leaves open to anyone needs no grant from those who say who they are', () => {
  const on = { ...list, security: security(['oauth2', 'read']) };
  const x = exchange('GET /patients', principal());
  assert.equal(stage('authorize', {}, on)(x)?.code, 'scope-missing');
  x.open = true;
  assert.equal(stage('authorize', {}, on)(x), undefined);
});

test('names listed by schemes without scopes are roles or scopes', () => {
  const on = { ...list, security: security(['apiKey', 'nurse']) };
  assert.equal(judge({}, principal({ roles: ['nurse'] }), on), undefined);
  assert.equal(judge({}, principal({ scopes: ['nurse'] }), on), undefined);
  assert.equal(judge({ allow: ['admin'] }, principal({ roles: ['admin'] }), on), 'scope-missing');
});

test('stages that would do nothing are left out', () => {
  const stages = authorization.stages({ settings: settings.parse({}), origins: {} }, list, {} as Services);
  assert.deepEqual(Object.keys(stages), ['authorize']);
});

test('settings refuse what cannot be meant', () => {
  const bad: object[] = [
    { roles: { nurse: ['list*'] } },
    { roles: { nurse: 'listPatients' } },
    { owner: [{ equals: 'id' }] },
    { owner: [{ path: 'a', query: 'b', equals: 'id' }] },
    { owner: [{ path: 'a', equals: '' }] },
    { owner: [{ path: 'a', equals: 'id', filter: true }] },
    { owner: [{ answer: '/items', equals: 'id', filter: true }] },
    { owner: [{ answer: 'items', equals: 'id' }] },
    { owner: [{ answer: '/a~2', equals: 'id' }] },
    { owner: [{ path: 'a', equals: 'id', default: true }] },
    { owner: [{ path: 'a', equal: 'id' }] },
    { default: 'allow' },
    { hide: 'yes' },
  ];
  for (const config of bad) assert.equal(settings.safeParse(config).success, false, JSON.stringify(config));
  assert.equal(settings.safeParse({ owner: { path: 'id', equals: 'id' } }).success, true);
});

test('inspect: nobody may call it, parameters and pointers that do not exist, rules that come too late', () => {
  const rules = (config: object, on: Operation): string[] =>
    (authorization.inspect?.({ settings: settings.parse(config), origins: {} }, on) ?? []).map(
      (f) => `${f.severity} ${f.rule.replace('authorization/', '')}`,
    );
  assert.deepEqual(rules({}, list), ['warning nobody']);
  assert.deepEqual(rules({}, { ...list, security: [] }), []);
  assert.deepEqual(rules({}, { ...list, security: security(['oauth2', 'read']) }), []);
  const allow = ['x'];
  const one = operation('GET /patients/{patientId}', { parameters: [parameter('path', 'patientId')] });
  assert.deepEqual(rules({ allow, owner: { path: 'patientId', equals: 'id' } }, one), []);
  assert.deepEqual(rules({ allow, owner: { path: 'patientID', equals: 'id' } }, one), ['error unknown-parameter']);
  assert.deepEqual(rules({ allow, owner: { query: 'patientId', equals: 'id' } }, one), ['error unknown-parameter']);
  assert.deepEqual(rules({ allow, owner: { body: '/x', equals: 'id' } }, one), ['error unknown-pointer']);
  assert.deepEqual(rules({ owner: { path: 'patientId', equals: 'id' } }, { ...one, security: [] }), [
    'warning owner-of-nobody',
  ]);
  const write = operation('PUT /patients/{patientId}');
  assert.deepEqual(rules({ allow, owner: { answer: '/x', equals: 'id' } }, write), ['warning owner-too-late']);
  const none = operation('GET /**');
  assert.deepEqual(rules({ allow, owner: { answer: '/x', equals: 'id' } }, none), ['error owner-unseen']);
});

test('selectors that select nothing are found for the whole plan', () => {
  const found = inspectSelectors({ nurse: ['listPatients', 'listPatient'], clerk: ['tag:bills'] }, [list]);
  assert.deepEqual(
    found.map((f) => f.rule),
    ['authorization/selects-nothing', 'authorization/selects-nothing'],
  );
  assert.match(found[0]?.message ?? '', /nurse/);
  assert.match(found[0]?.mend ?? '', /listPatients/);
});

test('explain tells roles, scopes and owners with their origins', () => {
  const config = { roles: { nurse: ['**'] }, owner: [{ path: 'id', equals: 'pid', unless: ['doctor'] }] };
  const on = { ...list, security: security(['oauth2', 'read', 'list'], ['apiKey']) };
  const origins = { roles: 'portcullis.yaml:3:5', owner: 'api.yaml:9:7 (x-portcullis-owner)' };
  assert.deepEqual(authorization.explain({ settings: settings.parse(config), origins }, on), [
    { part: 'roles', value: 'nurse', origin: 'portcullis.yaml:3:5' },
    { part: 'scopes', value: 'read and list', origin: 'contract' },
    { part: 'owner', value: 'path id = pid unless doctor', origin: 'api.yaml:9:7 (x-portcullis-owner)' },
    { part: 'object of another', value: '404, like one that does not exist', origin: 'default' },
  ]);
});
