import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Asked, api, of, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check } from './lookup-bypass.ts';

const code = { type: 'string', pattern: '^PH-[0-9]{4,9}$' };
const CONTRACT = api({
  '/parcels/pickup': {
    post: operation([], {
      type: 'object',
      required: ['code', 'birthDate', 'note'],
      properties: { code, birthDate: { type: 'string', format: 'date' }, note: { type: 'string' } },
    }),
  },
  '/parcels/find': { get: operation([parameter('query', 'token', { type: 'string' })]) },
  '/parcels/by-code/{code}': { get: operation([parameter('path', 'code', code)]) },
  '/parcels/redeem': { post: operation([], { type: 'object', required: ['code'], properties: { code } }) },
});

const PARCELS = [
  { code: 'PH-73471', birthDate: '1974-11-02', token: 'kd82hs', text: 'A lamp' },
  { code: 'PH-73472', birthDate: '1991-01-30', token: 'mq05xz', text: 'A book' },
];

/** A condition of a document store, or a value. */
function meets(condition: unknown, value: string): boolean {
  if (typeof condition !== 'object' || condition === null) return condition === value;
  return Object.entries(condition).every(([operator, given]) => {
    if (operator === '$ne') return given !== value;
    if (operator === '$gt') return value > String(given);
    return operator === '$regex' && new RegExp(String(given)).test(value);
  });
}

/** What is looked up is in no list, so that no call of it ever works. */
function parcels(weak: boolean): (asked: Asked) => Told {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE parcels (code TEXT, text TEXT)');
  for (const parcel of PARCELS) database.prepare('INSERT INTO parcels VALUES (?, ?)').run(parcel.code, parcel.text);
  return ({ method, path, target, json }) => {
    const none: Told = { status: 404, json: { error: 'no such parcel' } };
    const found = (one: object | undefined): Told => (one ? { json: one } : none);
    if (path === '/parcels/pickup' && method === 'POST') {
      const { code: given, birthDate, note } = Object(json);
      if (typeof note !== 'string' || (!weak && (typeof given !== 'string' || typeof birthDate !== 'string')))
        return { status: 400, json: { error: 'invalid' } };
      return found(PARCELS.find((one) => meets(given, one.code) && meets(birthDate, one.birthDate)));
    }
    if (path === '/parcels/find') {
      const [, name, operator, value = ''] =
        /[?&](token)(?:\[([$\w]+)\])?=([^&]*)/.exec(decodeURIComponent(target)) ?? [];
      if (!name || (!weak && operator)) return { status: 400, json: { error: 'invalid' } };
      return found(PARCELS.find(({ token }) => meets(operator ? { [operator]: value } : value, token)));
    }
    const [, given] = /^\/parcels\/by-code\/(.+)$/.exec(path) ?? [];
    if (given === undefined) return none;
    try {
      return found(
        weak
          ? database.prepare(`SELECT text FROM parcels WHERE code = '${given}'`).get()
          : database.prepare('SELECT text FROM parcels WHERE code = ?').get(given),
      );
    } catch {
      return { status: 500, json: { error: 'internal' } };
    }
  };
}

test('refusals that become success are found, each by as little as it takes', async () => {
  const report = await scan(CONTRACT, parcels(true), [check]);
  assert.deepEqual(told(report), [
    'lookup-bypass: GET /parcels/by-code/{code} path parameter code',
    'lookup-bypass: GET /parcels/find query parameter token',
    'lookup-bypass: POST /parcels/pickup body /code, body /birthDate',
  ]);
  for (const finding of of(report, 'lookup-bypass')) {
    assert.equal(finding.severity, 'critical');
    assert.equal(finding.exchanges.length, 3);
    assert.equal(finding.exchanges.at(-1)?.answer.status, 200);
    assert.ok(finding.exchanges.slice(0, 2).every(({ answer }) => answer.status >= 400));
  }
});

test('values that are bound, and looked at, are left alone', async () => {
  const asked: string[] = [];
  const careful = parcels(false);
  const report = await scan(
    CONTRACT,
    (one) => {
      asked.push(`${one.method} ${one.path}`);
      return careful(one);
    },
    [check],
  );
  assert.deepEqual(report.findings, []);
  assert.ok(asked.filter((each) => each.startsWith('GET /parcels/find')).length > 10);
});

test('an API that takes anything for a question gives no finding', async () => {
  // Objects of any kind succeed; so does any condition, true or false.
  const answer = ({ json, target, method }: Asked): Told => {
    const strange = method === 'POST' ? typeof Object(json).code === 'object' : /['"[]|%22|%27|%5B/.test(target);
    return strange ? { json: { items: [] } } : { status: 404, json: { error: 'no such parcel' } };
  };
  assert.deepEqual((await scan(CONTRACT, answer, [check])).findings, []);
});
