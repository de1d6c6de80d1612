import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from '../options/as.ts';
import { claimsFor, readClaims } from './claims.ts';

test('claims are read with the longest role that fits, and typed as written', () => {
  const roles = ['urn', 'urn:x:nurse', 'patient'];
  assert.deepEqual(readClaims(['urn:x:nurse:ward=3', 'patient:patientId=007', 'patient:ids=[1,"a"]'], roles), [
    { role: 'urn:x:nurse', name: 'ward', value: 3 },
    { role: 'patient', name: 'patientId', value: '007' },
    { role: 'patient', name: 'ids', value: [1, 'a'] },
  ]);
});

test('claims of no role, or without a value, are refused with how to write them', () => {
  for (const text of ['doctor:id=1', 'id=1', 'patient', 'patient:', 'patient:=1', 'patient:id'])
    assert.throws(
      () => readClaims([text], ['patient']),
      (error) => error instanceof OptionError && /NAME=VALUE/.test(error.message),
      text,
    );
});

const bound = new Map([['patient', new Set(['patient.id', 'tenant'])]]);
const claims = new Map([
  ['patient.id', { equals: 'patient.id', steps: ['patient', 'id'], values: [4, 5] }],
  ['tenant', { equals: 'tenant', steps: ['tenant'], values: [] }],
]);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('a hint goes where the steps of the claim lead; the second one is for the second identity', () => {
  const hints = readClaims(['patient:patient.id=17', 'patient:patient.id=18', 'patient:tenant=north'], ['patient']);
  const first = claimsFor({ bound, claims }, 'patient', 0, hints);
  const second = claimsFor({ bound, claims }, 'patient', 1, hints);
  assert.deepEqual(plain(first.claims), { patient: { id: 17 }, tenant: 'north' });
  assert.deepEqual(plain(second.claims), { patient: { id: 18 }, tenant: 'north' });
  assert.deepEqual([first.guessed, first.missing], [[], []]);
});

test('without a hint the values of the contract are taken, and what nobody knows is named', () => {
  const second = claimsFor({ bound, claims }, 'patient', 1, []);
  assert.deepEqual(plain(second.claims), { patient: { id: 5 } });
  assert.deepEqual(second.guessed, ['patient.id=5']);
  assert.deepEqual(second.missing, ['tenant']);
  assert.deepEqual(plain(claimsFor({ bound, claims }, 'nurse', 0, []).claims), {});
});

test('a claim named __proto__ is a claim like any other', () => {
  const { claims: made } = claimsFor({ bound, claims }, 'nurse', 0, readClaims(['nurse:__proto__=1'], ['nurse']));
  assert.deepEqual(Object.keys(made), ['__proto__']);
  assert.equal(({} as Record<string, unknown>)['1'], undefined);
});
