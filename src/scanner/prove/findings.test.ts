import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findingsOf, isUnfriendly, unreached } from './findings.ts';
import { Ledger } from './ledger.ts';
import type { CallerPolicy } from './policy.ts';
import type { FriendlyRefused, Reconciliation } from './reconcile.ts';

const policy = {
  takesKeys: new Set(['GET /a']),
  grants: new Map([['GET /a', ['nurse', 'patient']]]),
  owned: new Map([['GET /a', new Set(['patient'])]]),
} as unknown as CallerPolicy;
const roles = new Map([
  ['nurse', 'nurse'],
  ['patient-1', 'patient'],
  ['clerk', 'clerk'],
  ['nobody', undefined],
]);
const refused = (code: string, result: string, ...names: string[]): FriendlyRefused =>
  ({
    operation: 'GET /a',
    code,
    result,
    id: 'X',
    identities: new Set(names),
    reason: '{}',
    count: 2,
  }) as FriendlyRefused;

test('a friendly call must not be refused as invalid or harmful, whoever sent it', () => {
  assert.equal(isUnfriendly(refused('harmful', 'harmful', '(nobody)'), policy, roles), true);
  assert.equal(isUnfriendly(refused('invalid-request', 'invalid', 'clerk'), policy, roles), true);
});

test('a refused right counts where the role is named and no owner rule binds it', () => {
  const not = (...names: string[]) => isUnfriendly(refused('not-permitted', 'refused', ...names), policy, roles);
  assert.equal(not('clerk', 'nobody', '(nobody)'), false);
  assert.equal(not('patient-1'), false, 'it may be of another');
  assert.equal(not('clerk', 'nurse'), true);
});

test("a refused credential counts where it is prove's own", () => {
  const credential = (...names: string[]) =>
    isUnfriendly(refused('credentials-invalid', 'refused', ...names), policy, roles);
  assert.equal(credential('(nobody)'), false);
  assert.equal(credential('given-by-a-person'), false);
  assert.equal(credential('nurse'), true);
  assert.equal(isUnfriendly(refused('credentials-missing', 'refused', '(nobody)'), policy, roles), false);
});

const nothing: Reconciliation = {
  named: 1,
  matched: 1,
  missing: [],
  missingCount: 0,
  wrong: [],
  wrongCount: 0,
  others: 0,
  otherCodes: new Map(),
  tallies: new Map(),
  friendly: [],
  recognised: [],
  events: new Map(),
  logs: [{ log: '0', origin: 'o', signed: 1, records: 1, pruned: 0, unsigned: 0, findings: [], notes: [] }],
  complaints: [],
};
const found = (parts: Partial<Reconciliation>, allowance = 0, ledger = new Ledger()) =>
  findingsOf(
    { ...nothing, ...parts },
    ledger,
    policy,
    { roles, mask: (one) => one, curl: () => '', accepted: () => undefined },
    allowance,
  ).map((one) => [one.check.id, one.severity, one.message] as const);

test('nothing is found where all is well', () => assert.deepEqual(found({}), []));

test('missing, wrong and unsent records, a log that does not verify, and none at all are found', () => {
  const entry = { id: 'X', check: 'c', operation: 'GET /a', why: 'it is gone' };
  assert.match(found({ missing: [entry], missingCount: 3 })[0]?.join(' ') ?? '', /^prove-recorded high 3 exchanges/);
  assert.match(found({ wrong: [entry], wrongCount: 1 })[0]?.join(' ') ?? '', /^prove-recorded high 1 records/);
  assert.match(found({ others: 4 }, 3)[0]?.join(' ') ?? '', /^prove-recorded high 4 records .* at most 3/);
  assert.deepEqual(found({ others: 4 }, 4), []);
  assert.match(found({ logs: [] })[0]?.join(' ') ?? '', /^prove-log-intact critical there is no audit log/);
  const fault = { kind: 'changed', message: 'record 3 was changed' } as never;
  assert.match(
    found({ logs: [{ ...nothing.logs[0]!, findings: [fault] }] })[0]?.join(' ') ?? '',
    /critical log 0: changed/,
  );
});

test('answers without an id are found where no record is left for them', () => {
  const ledger = new Ledger();
  const answer = { status: 417, failure: undefined, headers: new Map(), mediaType: '', json: undefined };
  const request = { method: 'POST', target: '/a', headers: [] };
  ledger.note({ id: 1, request, answer, operation: undefined, as: undefined, check: 'c' } as never);
  assert.equal(found({ others: 1 }, 1, ledger).length, 0);
  assert.match(found({}, 1, ledger)[0]?.join(' ') ?? '', /^prove-recorded high 1 answers carry no id/);
});

test('what the gate only reports is one finding for each kind of attack', () => {
  const one = (operation: string, count: number) => ({ operation, what: 'sql-injection', id: 'X', count });
  const [only, ...rest] = found({ recognised: [one('GET /a', 2), one('GET /b', 3)] });
  assert.match(only?.join(' ') ?? '', /^prove-enforced high 5 requests/);
  assert.equal(rest.length, 0);
});

test('a baseline accepts them by fingerprint, which does not change with counts', () => {
  const print = (count: number) =>
    findingsOf(
      { ...nothing, friendly: [{ ...refused('harmful', 'harmful', 'nurse'), count }] },
      new Ledger(),
      policy,
      {
        roles,
        mask: (one) => one,
        curl: () => '',
        accepted: () => undefined,
      },
      0,
    )[0]?.fingerprint;
  assert.equal(print(1), print(7));
  assert.match(print(1) ?? '', /^[0-9a-f]{16}$/);
});

test('an identity of the proof that is refused everywhere is found: what it may do was not tried', () => {
  const tools = { roles, mask: (one: never) => one, curl: () => '', accepted: () => undefined } as never;
  const identity = (name: string, alive: boolean) => ({ name, role: undefined, kind: 'key', alive, note: undefined });
  assert.deepEqual(unreached({ identities: [identity('nurse', true), identity('given', false)] }, tools), []);
  const [only] = unreached({ identities: [identity('nurse', false), identity('clerk', true)] }, tools);
  assert.deepEqual([only?.check.id, only?.places.map(({ place }) => place)], ['prove-reached', ['identity nurse']]);
});
