import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, api, of, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check } from './formula-injection.ts';

const TEXT = { type: 'string', maxLength: 60 };
const NEW = { type: 'object', required: ['name', 'city'], properties: { name: TEXT, city: TEXT } };
const CONTRACT = api({
  '/people': {
    get: operation([
      parameter('query', 'format', { type: 'string', enum: ['json', 'csv'] }, false),
      parameter('query', 'limit', { type: 'integer' }, false),
    ]),
    post: { ...operation([], NEW), responses: { 201: { description: 'made' } } },
  },
  '/people/{id}': {
    get: operation([parameter('path', 'id', { type: 'integer' })]),
    patch: operation([parameter('path', 'id', { type: 'integer' })], {
      type: 'object',
      minProperties: 1,
      properties: { name: TEXT, city: TEXT },
    }),
    delete: operation([parameter('path', 'id', { type: 'integer' })]),
  },
  '/export': { get: operation([], undefined, 'text/csv') },
});

type Cell = (value: string) => string;
const quoted: Cell = (value) => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

/** People with a table of them, which is had at `/export`, or by `?format=csv`. */
function people(cell: Cell, at: 'export' | 'format', allowed: (value: string) => boolean = () => true) {
  const rows = new Map([[1, { id: 1, name: 'Ines', city: 'Oslo' }]]);
  let next = 2;
  const table = (): Told => ({
    text: ['name,city', ...[...rows.values()].map(({ name, city }) => `${cell(name)},${cell(city)}`)].join('\r\n'),
    headers: { 'content-type': 'text/csv; charset=utf-8' },
  });
  const answer = ({ method, path, query, json }: Asked): Told => {
    const given = Object(json);
    const bad = Object.values(given).some((value) => typeof value !== 'string' || !allowed(value));
    if (path === '/export') return at === 'export' ? table() : { status: 404, json: { error: 'none' } };
    if (path === '/people' && method === 'POST') {
      if (bad || given.name === undefined || given.city === undefined)
        return { status: 400, json: { error: 'invalid' } };
      const row = { id: next++, name: given.name, city: given.city };
      rows.set(row.id, row);
      return { status: 201, json: row };
    }
    if (path === '/people')
      return at === 'format' && query.get('format') === 'csv' ? table() : { json: [...rows.values()] };
    const row = rows.get(Number(path.split('/')[2]));
    if (!row) return { status: 404, json: { error: 'no such person' } };
    if (method === 'DELETE') rows.delete(row.id);
    if (method === 'DELETE') return { status: 204 };
    if (method === 'PATCH') {
      if (bad) return { status: 400, json: { error: 'invalid' } };
      Object.assign(row, given);
    }
    return { json: row };
  };
  return { answer, rows };
}

test('formulas are found in a table of its own, and in one that a parameter asks for', async () => {
  for (const at of ['export', 'format'] as const) {
    const { answer, rows } = people(quoted, at);
    const report = await scan(CONTRACT, answer, [check]);
    assert.deepEqual(
      told(report),
      ['formula-injection: PATCH /people/{id} body /name', 'formula-injection: POST /people body /name'],
      at,
    );
    for (const { exchanges, marks } of of(report, 'formula-injection')) {
      assert.match(exchanges.at(-1)?.answer.text ?? '', /^=\d{5}\+\d{5},/m);
      assert.match(marks[0] ?? '', /^"?=\d{5}\+\d{5}$/);
    }
    assert.deepEqual([...rows.values()], [{ id: 1, name: 'Ines', city: 'Oslo' }]);
  }
});

test('a filter of one sign is none', async () => {
  const { answer } = people((value) => quoted(value.startsWith('=') ? `'${value}` : value), 'export');
  const found = of(await scan(CONTRACT, answer, [check]), 'formula-injection');
  assert.ok(found.length > 0 && found.every(({ message }) => message.includes('begins with @')));
});

test('cells that are marked as text, and texts that may not begin so, are left alone', async () => {
  const marked: Cell = (value) => quoted(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value);
  const tabbed: Cell = (value) => `"${/^[=+\-@]/.test(value) ? '\t' : ''}${value}"`;
  for (const cell of [marked, tabbed])
    assert.deepEqual((await scan(CONTRACT, people(cell, 'export').answer, [check])).findings, []);
  const strict = people(quoted, 'export', (value) => !/^[=+\-@]/.test(value));
  assert.deepEqual((await scan(CONTRACT, strict.answer, [check])).findings, []);
});
