import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScanPlan } from '../../model/plan.ts';
import { type Asked, api, operation, parameter, type Told, told, trial } from '../../testing/trial.ts';
import { check as functionOfAnotherRole } from './function-of-another-role.ts';
import { check as listOfOthers } from './list-of-others.ts';
import { check as objectOfAnother } from './object-of-another.ts';

type Fault = 'any-tenant' | 'part-only' | 'any-role' | 'all-notes' | undefined;

interface Person {
  readonly name: string;
  readonly tenant: string;
  readonly role: string;
}

const PEOPLE = new Map<string, Person>([
  ['key-ada', { name: 'ada', tenant: 'tenant-north', role: 'owner' }],
  ['key-ben', { name: 'ben', tenant: 'tenant-south', role: 'owner' }],
  ['key-cat', { name: 'cat', tenant: 'tenant-north', role: 'viewer' }],
]);
const PAPERS = [
  { id: 'paper-kq71', tenant: 'tenant-north', box: 'box-n1', text: 'We open in May', createdBy: 'ada' },
  { id: 'paper-wz35', tenant: 'tenant-south', box: 'box-s1', text: 'They close in June', createdBy: 'ben' },
];
const BOXES = [
  { id: 'box-n1', tenant: 'tenant-north', label: 'North box' },
  { id: 'box-s1', tenant: 'tenant-south', label: 'South box' },
];

/** Boxes of papers within tenants, and notes that are shared on purpose. */
function service(fault: Fault): (asked: Asked) => Told {
  const notes = [
    { id: 'note-a111', owner: 'ada', text: 'Mine alone', with: [] as string[] },
    { id: 'note-a222', owner: 'ada', text: 'For Ben too', with: ['ben'] },
    { id: 'note-b333', owner: 'ben', text: 'His own', with: [] as string[] },
  ];
  const missing: Told = { status: 404, json: { error: 'missing' } };
  return ({ method, path, headers, json }) => {
    const me = PEOPLE.get(String(headers.authorization).replace('Bearer ', ''));
    if (me === undefined) return { status: 401, json: { error: 'log in' }, headers: { 'www-authenticate': 'Bearer' } };
    const steps = path.split('/').slice(1);
    if (path === '/me') return { json: { username: me.name, tenantId: me.tenant, role: me.role } };
    const mine = notes.filter((note) => fault === 'all-notes' || note.owner === me.name || note.with.includes(me.name));
    if (path === '/notes') return { json: mine.map(({ id, owner, text }) => ({ id, owner, text })) };
    if (steps[0] === 'notes') {
      const note = notes.find(
        ({ id, owner, with: readers }) => id === steps[1] && (owner === me.name || readers.includes(me.name)),
      );
      return note === undefined ? missing : { json: { id: note.id, owner: note.owner, text: note.text } };
    }
    const [, tenant, , box, , id] = steps;
    if (steps[0] !== 'tenants' || (tenant !== me.tenant && fault !== 'any-tenant')) return missing;
    if (steps.length === 3 && method === 'POST') {
      if (me.role !== 'owner' && fault !== 'any-role') return { status: 403, json: { error: 'owners only' } };
      const label = Object(json).label;
      if (typeof label !== 'string' || label === '') return { status: 400, json: { error: 'invalid' } };
      return { status: 201, json: { label } };
    }
    if (steps.length === 3)
      return { json: BOXES.filter((one) => one.tenant === tenant).map(({ id: own, label }) => ({ id: own, label })) };
    if (!BOXES.some((one) => one.id === box && one.tenant === tenant)) return missing;
    const papers = PAPERS.filter((one) => one.box === box || (fault === 'part-only' && steps.length === 6));
    if (steps.length === 5)
      return { json: papers.map(({ id: own, text, createdBy }) => ({ id: own, text, createdBy })) };
    const paper = papers.find((one) => one.id === id);
    return paper === undefined ? missing : { json: { id: paper.id, text: paper.text, createdBy: paper.createdBy } };
  };
}

const tenant = parameter('path', 'tenantId', { type: 'string' });
const box = parameter('path', 'boxId', { type: 'string' });
const CONTRACT = {
  ...api({
    '/me': { get: operation([]) },
    '/notes': { get: operation([]) },
    '/notes/{noteId}': { get: operation([parameter('path', 'noteId', { type: 'string' })]) },
    '/tenants/{tenantId}/boxes': { get: operation([tenant]) },
    '/tenants/{tenantId}/labels': {
      post: {
        ...operation([tenant], {
          type: 'object',
          required: ['label'],
          properties: { label: { type: 'string', minLength: 1 } },
        }),
        description: 'Owners only.',
      },
    },
    '/tenants/{tenantId}/boxes/{boxId}/papers': { get: operation([tenant, box]) },
    '/tenants/{tenantId}/boxes/{boxId}/papers/{paperId}': {
      get: operation([tenant, box, parameter('path', 'paperId', { type: 'string' })]),
    },
  }),
  security: [{ bearer: [] }],
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
};
const identities = (roles: boolean): ScanPlan['identities'] =>
  [...PEOPLE].map(([token, { name, role }]) => ({ name, ...(roles ? { role } : {}), bearer: { token } }));

const scan = async (fault: Fault, roles = true): Promise<string[]> =>
  told(
    await trial({
      contract: CONTRACT,
      answer: service(fault),
      checks: [functionOfAnotherRole, listOfOthers, objectOfAnother],
      identities: identities(roles),
    }),
  );

describe('tenants and sharing', () => {
  test('nothing is said of tenants that are kept apart, of colleagues, and of what is shared on purpose', async () => {
    assert.deepEqual(await scan(undefined), []);
    assert.deepEqual(await scan(undefined, false), []);
  });
  test('the owner of another tenant who gets in is found', async () => {
    assert.ok(
      (await scan('any-tenant')).some((line) => line.startsWith('object-of-another: GET /tenants/{tenantId}/boxes')),
    );
  });
  test('a thing of another tenant under the own path is found', async () => {
    assert.deepEqual(await scan('part-only'), [
      'object-of-another: GET /tenants/{tenantId}/boxes/{boxId}/papers/{paperId} path parameter paperId',
    ]);
  });
  test('a role that a description keeps out is found where it gets in', async () => {
    assert.ok(
      (await scan('any-role')).some((line) =>
        line.startsWith('function-of-another-role: POST /tenants/{tenantId}/labels'),
      ),
    );
  });
  test('a list that keeps nothing from others is found', async () => {
    assert.ok((await scan('all-notes')).includes('list-of-others: GET /notes '));
  });
});
