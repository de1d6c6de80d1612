import assert from 'node:assert/strict';
import { test } from 'node:test';
import { schemaAt } from '../../../validation/fixture.ts';
import { judgeOf } from '../../generate/judge.ts';
import type { ScanReport } from '../../model/report.ts';
import { type Asked, api, of, operation, parameter, type Told, told, trial } from '../../testing/trial.ts';
import { check as bodyTypeConfusion } from './body-type-confusion.ts';
import { check as doubleDecoding } from './double-decoding.ts';
import { check as duplicateKeys } from './duplicate-keys.ts';
import { check as forbiddenAccepted } from './forbidden-accepted.ts';
import { check as negativeAmount } from './negative-amount.ts';
import { check as repeatedParameter } from './repeated-parameter.ts';
import { check as serverError } from './server-error.ts';
import { check as wrongPlace } from './wrong-place.ts';
import { check as wrongRefusal } from './wrong-refusal.ts';

const CHECKS = [
  forbiddenAccepted,
  serverError,
  wrongRefusal,
  repeatedParameter,
  doubleDecoding,
  bodyTypeConfusion,
  negativeAmount,
  wrongPlace,
  duplicateKeys,
];

const BOOKING = {
  type: 'object',
  required: ['guest', 'nights', 'from'],
  additionalProperties: false,
  properties: {
    guest: { type: 'string', minLength: 1, maxLength: 40 },
    nights: { type: 'integer', minimum: 1, maximum: 30 },
    from: { type: 'string', format: 'date' },
    note: { type: 'string', maxLength: 100 },
  },
};
const CONTRACT = api({
  '/bookings': {
    post: operation([], BOOKING),
    get: operation([
      parameter('query', 'limit', { type: 'integer', minimum: 1, maximum: 20 }),
      parameter('query', 'order', { type: 'string', enum: ['asc', 'desc'] }),
    ]),
  },
  '/bookings/{id}': {
    get: operation([parameter('path', 'id', { type: 'integer' })]),
    delete: operation([parameter('path', 'id', { type: 'integer' })]),
  },
});

interface Habits {
  readonly validates: boolean;
  readonly clamps?: boolean;
  readonly fails?: boolean;
  readonly anyType?: boolean;
}

/** Bookings in memory. */
function bookings({ validates, clamps, fails, anyType }: Habits): (asked: Asked) => Told {
  const rows = new Map<number, object>([1, 2, 3].map((id) => [id, { id, guest: `guest ${id}`, nights: id }]));
  let last = 3;
  const judge = judgeOf(schemaAt(BOOKING));
  const bad = (): Told => ({ status: 400, json: { error: 'invalid' } });
  return ({ method, path, query, headers, json, text }) => {
    const [, , key] = path.split('/');
    if (key !== undefined) {
      if (!/^\d{1,9}$/.test(key)) return bad();
      const row = rows.get(Number(key));
      if (!row) return { status: 404, json: { error: 'no such booking' } };
      if (method === 'DELETE') rows.delete(Number(key));
      return method === 'DELETE' ? { status: 204 } : { json: row };
    }
    if (method === 'GET') {
      const limit = query.get('limit') ?? '10';
      const order = query.get('order') ?? 'asc';
      if (query.getAll('limit').length > 1 || query.getAll('order').length > 1) return bad();
      if (
        validates &&
        !clamps &&
        (!/^\d{1,2}$/.test(limit) || +limit < 1 || +limit > 20 || !['asc', 'desc'].includes(order))
      )
        return bad();
      const many = clamps ? Math.min(20, Math.max(1, Number(limit) || 10)) : Number(limit);
      return { json: { items: [...rows.values()].slice(0, many) } };
    }
    if (!anyType && headers['content-type'] !== 'application/json')
      return { status: 415, json: { error: 'unsupported' } };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return bad();
    }
    if (validates && /"guest":null/.test(text)) return bad();
    if (validates ? !judge.accepts(value) : typeof value !== 'object' || value === null) return bad();
    if (fails && typeof Object(json).guest !== 'string') throw new Error('not a text');
    rows.set(++last, { id: last, ...Object(value) });
    return { status: 201, json: { id: last, ...Object(value) } };
  };
}

const scan = async (answer: (asked: Asked) => Told, contract = CONTRACT): Promise<ScanReport> =>
  await trial({ contract, answer, checks: CHECKS });

test('nothing is said of an API that keeps its contract, or brings values into bounds', async () => {
  assert.deepEqual(told(await scan(bookings({ validates: true }))), []);
  assert.deepEqual(
    told(await scan(bookings({ validates: true, clamps: true }))).filter((line) => line.startsWith('forbidden')),
    [],
  );
});

test('values that are stored although they are forbidden are one finding with all its places', async () => {
  const report = await scan(bookings({ validates: false }));
  const found = of(report, 'forbidden-accepted').filter(({ severity }) => severity === 'medium');
  assert.equal(found.length, 1);
  const places = found[0]!.places.map(({ place }) => place);
  for (const place of ['body /nights', 'body /from', 'body /guest'])
    assert.ok(places.includes(place), `${place} of ${places}`);
  assert.match(found[0]!.places.find(({ place }) => place === 'body /nights')!.message, /minimum/);
  assert.equal(found[0]!.exchanges.length, 2);
});

test('wrong values that end in 500 are found with a control', async () => {
  const report = await scan(bookings({ validates: false, fails: true }));
  const [found] = of(report, 'server-error');
  assert.ok(found);
  assert.equal(found.severity, 'medium');
  assert.ok(found.places.some(({ operation: key, place }) => key === 'POST /bookings' && place === 'body /guest'));
  assert.deepEqual(
    found.exchanges.map(({ answer }) => answer.status),
    [201, 500],
  );
  // A server that fails by itself is not blamed on a value.
  let count = 0;
  const calm = bookings({ validates: true });
  const moody = (asked: Asked): Told =>
    ++count % 3 === 0 ? { status: 500, json: { error: 'sometimes' } } : calm(asked);
  for (const finding of of(await scan(moody), 'server-error')) assert.ok(finding.exchanges[0]!.answer.status < 300);
});

test('JSON under another type is found, and told from a body that nobody reads', async () => {
  const loose = await scan(bookings({ validates: true, anyType: true }));
  assert.deepEqual(told(loose), ['body-type-confusion: POST /bookings header Content-Type']);
  const blind = (asked: Asked): Told =>
    asked.method === 'POST' ? { status: 201, json: { id: 1 } } : { json: { items: [] } };
  const report = await scan(blind);
  assert.deepEqual(of(report, 'body-type-confusion'), []);
});

const READ = api({
  '/bills': {
    get: operation([
      parameter('query', 'month', { type: 'string', pattern: '^\\d{4}-\\d\\d$', example: '2024-05' }, true),
    ]),
  },
});

/** `first` looks at the first value of a repeated parameter, and works with the last. */
const bills =
  (first: boolean) =>
  ({ query }: Asked): Told => {
    const all = query.getAll('month');
    const checked = first ? all[0] : (all.find((month) => !/^\d{4}-\d\d$/.test(month)) ?? all[0]);
    if (checked === undefined || !/^\d{4}-\d\d$/.test(checked) || (!first && all.length > 1))
      return { status: 400, json: { error: 'invalid' } };
    return { json: { month: all.at(-1), bills: [{ number: 1, of: all.at(-1) }] } };
  };

test('a parameter of which one is checked and the other used is found', async () => {
  const weak = await trial({ contract: READ, answer: bills(true), checks: [repeatedParameter] });
  assert.deepEqual(told(weak), ['repeated-parameter: GET /bills query parameter month']);
  assert.deepEqual(told(await trial({ contract: READ, answer: bills(false), checks: [repeatedParameter] })), []);
});

const SHELF = api({
  '/shelf/{row}': { get: operation([parameter('path', 'row', { type: 'string', example: 'alpha' })]) },
});

test('a second decoding is found', async () => {
  const shelf =
    (twice: boolean) =>
    ({ path }: Asked): Told => {
      const name = path.slice('/shelf/'.length);
      let read = name;
      try {
        if (twice) read = decodeURIComponent(name);
      } catch {
        return { status: 400, json: { error: 'invalid' } };
      }
      return read === 'alpha' ? { json: { name: read, books: 3 } } : { status: 404, json: { error: 'no such shelf' } };
    };
  const weak = await trial({ contract: SHELF, answer: shelf(true), checks: [doubleDecoding] });
  assert.deepEqual(told(weak), ['double-decoding: GET /shelf/{row} path parameter row']);
  assert.deepEqual(told(await trial({ contract: SHELF, answer: shelf(false), checks: [doubleDecoding] })), []);
});

const WALLET = api({
  '/wallet': { get: operation([]) },
  '/payments': {
    post: operation([], {
      type: 'object',
      required: ['amount', 'to'],
      properties: { amount: { type: 'number', example: 2 }, to: { type: 'string', example: 'shop' } },
    }),
  },
});

test('a balance that rises by a negative payment is found, and put back', async () => {
  const wallet = (weak: boolean): { answer: (asked: Asked) => Told; balance(): number } => {
    let balance = 1_000;
    const answer = ({ method, path, json }: Asked): Told => {
      if (method === 'GET' && path === '/wallet') return { json: { owner: 'me', balance } };
      const { amount, to } = Object(json);
      if (typeof amount !== 'number' || typeof to !== 'string' || (!weak && amount <= 0))
        return { status: 422, json: { error: 'invalid' } };
      balance -= amount;
      return { status: 201, json: { amount, to } };
    };
    return { answer, balance: () => balance };
  };
  const weak = wallet(true);
  const report = await trial({ contract: WALLET, answer: weak.answer, checks: [negativeAmount] });
  assert.deepEqual(
    of(report, 'negative-amount').map(({ severity }) => severity),
    ['high'],
  );
  assert.ok(weak.balance() <= 1_000);
  assert.deepEqual(told(await trial({ contract: WALLET, answer: wallet(false).answer, checks: [negativeAmount] })), []);
});
