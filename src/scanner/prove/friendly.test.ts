import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, ok } from '../../contract/fixture.ts';
import { pathKeepsContract } from './friendly.ts';
import { contracted } from './testing.ts';

const at = (name: string, schema: object) => ({ name, in: 'path', required: true, schema });

test('a path that breaks the contract is no friendly call', async () => {
  const contract = await contracted(
    api({
      '/i/{number}': { parameters: [at('number', { type: 'string', pattern: '^INV-[0-9]{4}$' })], get: ok },
      '/n/{id}/x': { parameters: [at('id', { type: 'integer', maximum: 10 })], get: ok },
      '/b/{flag}': { parameters: [at('flag', { type: 'boolean' })], get: ok },
      '/l/{list}': { parameters: [at('list', { type: 'array', items: { type: 'integer' } })], get: ok },
    }),
  );
  const keeps = (key: string, target: string) =>
    pathKeepsContract(contract.operations.find((one) => one.key === key)!, target);
  assert.equal(keeps('GET /i/{number}', '/i/INV-2026?a=1'), true);
  assert.equal(keeps('GET /i/{number}', '/i/QQQ-1111'), false);
  assert.equal(keeps('GET /i/{number}', '/i/%ff'), false);
  assert.equal(keeps('GET /n/{id}/x', '/n/7/x'), true);
  assert.equal(keeps('GET /n/{id}/x', '/n/987654321/x'), false);
  assert.equal(keeps('GET /n/{id}/x', '/n/7/y'), false);
  assert.equal(keeps('GET /b/{flag}', '/b/true'), true);
  assert.equal(keeps('GET /b/{flag}', '/b/yes'), false);
  assert.equal(keeps('GET /l/{list}', '/l/1,2'), true);
});
