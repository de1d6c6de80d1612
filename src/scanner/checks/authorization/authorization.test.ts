import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Check } from '../../model/check.ts';
import { type Fault, scanPeople } from '../../testing/people-api.ts';
import { of, told } from '../../testing/trial.ts';
import { check as createForAnother } from './create-for-another.ts';
import { check as functionOfAnotherRole } from './function-of-another-role.ts';
import { check as guessableIds } from './guessable-ids.ts';
import { check as listOfOthers } from './list-of-others.ts';
import { check as listPastRefusal } from './list-past-refusal.ts';
import { check as massAssignment } from './mass-assignment.ts';
import { check as objectChangedByAnother } from './object-changed-by-another.ts';
import { check as objectOfAnother } from './object-of-another.ts';
import { check as pathVariant } from './path-variant.ts';
import { check as privilegedRegistration } from './privileged-registration.ts';
import { check as undeclaredVersion } from './undeclared-version.ts';

const ALL: readonly Check[] = [
  functionOfAnotherRole,
  listPastRefusal,
  objectOfAnother,
  listOfOthers,
  createForAnother,
  objectChangedByAnother,
  pathVariant,
  undeclaredVersion,
  guessableIds,
  massAssignment,
  privilegedRegistration,
];

const FAULTS: readonly (readonly [fault: Fault, check: Check, place: string])[] = [
  ['any-role', functionOfAnotherRole, 'GET /admin/users'],
  ['export-all', listPastRefusal, 'GET /export/users'],
  ['any-note', objectOfAnother, 'GET /notes/{id}'],
  ['list-all', listOfOthers, 'GET /notes'],
  ['order-for-anyone', createForAnother, 'POST /orders'],
  ['change-any', objectChangedByAnother, 'PATCH /notes/{id}'],
  ['delete-any', objectChangedByAnother, 'DELETE /notes/{id}'],
  ['slash-variant', pathVariant, 'GET '],
  ['old-version', undeclaredVersion, ''],
  ['counted-ids', guessableIds, 'POST /notes'],
  ['takes-all', massAssignment, 'PATCH /notes/{id}'],
  ['register-role', privilegedRegistration, 'POST /users'],
];

describe('authorization', { concurrency: 2 }, () => {
  for (const [fault, check, place] of FAULTS) {
    test(`${check.id} finds ${fault}`, async () => {
      const report = await scanPeople(fault, { checks: [check] });
      assert.ok(
        told(report).some((line) => line.startsWith(`${check.id}: ${place}`)),
        JSON.stringify([told(report), report.checks.map(({ reason, notTried }) => ({ reason, notTried }))]),
      );
      for (const { exchanges, curl } of of(report, check.id)) assert.equal(curl.length, exchanges.length);
      assert.deepEqual(
        report.checks.filter(({ state }) => state === 'crashed'),
        [],
      );
    });
  }

  for (const register of [false, true]) {
    test(`nothing above informational where all is well (accounts of its own: ${register})`, async () => {
      const report = await scanPeople(undefined, { checks: ALL, register });
      assert.deepEqual(told(report), []);
      assert.deepEqual(
        report.checks.filter(({ state }) => state !== 'ran'),
        [],
      );
      const requests = report.checks.reduce((sum, one) => sum + one.requests, 0);
      assert.ok(requests < 1_200, `${requests} requests`);
    });
  }
});
