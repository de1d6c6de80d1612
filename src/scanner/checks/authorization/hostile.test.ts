import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { randomFrom } from '../../generate/random.ts';
import type { Check } from '../../model/check.ts';
import { api, operation, parameter, type Told, told, trial } from '../../testing/trial.ts';

/** Every check of both groups. */
async function checks(): Promise<Check[]> {
  const found: Check[] = [];
  for (const group of ['authentication', 'authorization']) {
    for (const file of readdirSync(join(import.meta.dirname, '..', group)).sort()) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const { check } = (await import(join(import.meta.dirname, '..', group, file))) as { check: Check };
      found.push(check);
    }
  }
  return found;
}

const SECURE = {
  security: [{ token: [] }],
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
};
const text = { type: 'string' };
const CONTRACT = api(
  {
    '/login': {
      post: { ...operation([], { type: 'object', properties: { username: text, password: text } }), security: [] },
    },
    '/logout': { post: operation([]) },
    '/users': {
      post: { ...operation([], { type: 'object', properties: { email: text, password: text } }), security: [] },
    },
    '/me': { get: operation([]) },
    '/orders': {
      get: operation([parameter('query', 'userId')]),
      post: operation([], { type: 'object', properties: { userId: text, item: text } }),
    },
    '/orders/{id}': {
      get: operation([parameter('path', 'id')]),
      patch: operation([parameter('path', 'id')], { type: 'object', properties: { item: text } }),
      delete: operation([parameter('path', 'id')]),
    },
    '/admin/orders': { get: operation([]) },
  },
  SECURE,
);
const IDENTITIES = [
  { name: 'alice', role: 'user', bearer: { token: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.AAAA' } },
  { name: 'robert', role: 'user', bearer: { token: 'an-opaque-token-of-robert' } },
  { name: 'carol', role: 'admin', login: { username: 'carol', password: 'Granite-teacup-18' } },
] as const;

const random = randomFrom(1, 'hostile');
const VALUES: readonly unknown[] = [
  null,
  1,
  'x',
  [],
  {},
  [[[]]],
  { id: { id: {} } },
  { items: [null, 1, {}] },
  { role: 'admin', token: 5 },
  { data: { id: -1, userId: '\u0000' } },
];
const WAYS: Readonly<Record<string, () => Told>> = {
  'the same page for everything': () => ({ text: '<html>Welcome</html>', headers: { 'content-type': 'text/html' } }),
  'values of no sense': () => ({
    status: [200, 201, 204, 401, 403, 404, 500][Math.floor(random() * 7)]!,
    json: VALUES[Math.floor(random() * VALUES.length)],
  }),
  'faults of the server': () => ({ status: 500, text: 'Error' }),
  'refusals with 200': () => ({ json: { ok: false, error: 'please log in' } }),
  'broken JSON and cookies': () => ({
    text: '{"id": ',
    headers: { 'content-type': 'application/json', 'set-cookie': 'sid; ; =; sid=' },
  }),
};

for (const [name, answer] of Object.entries(WAYS)) {
  test(`no check crashes or waits for ever: ${name}`, { timeout: 60_000 }, async () => {
    const report = await trial({
      contract: CONTRACT,
      answer,
      checks: await checks(),
      identities: IDENTITIES,
      options: { register: true },
    });
    assert.deepEqual(
      report.checks.filter(({ state }) => state !== 'ran').map(({ check, reason }) => `${check.id}: ${reason}`),
      [],
    );
    if (name !== 'values of no sense') assert.deepEqual(told(report), []);
  });
}
