import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Asked, api, of, operation, parameter, type Told, told, trial } from '../../testing/trial.ts';
import { sqlComplaint } from './sql/errors.ts';
import { check } from './sql-injection.ts';

const CONTRACT = api({
  '/people': {
    get: operation([
      parameter('query', 'search'),
      parameter('query', 'sort', { type: 'string', enum: ['name', 'city'] }),
      parameter('query', 'limit', { type: 'integer', minimum: 1, maximum: 50 }),
    ]),
    post: operation([], {
      type: 'object',
      required: ['name', 'city'],
      properties: {
        name: { type: 'string', maxLength: 200 },
        city: { type: 'string', example: 'Oslo', maxLength: 200 },
      },
    }),
  },
  '/people/{id}': {
    get: operation([parameter('path', 'id', { type: 'integer', example: 2 })]),
    delete: operation([parameter('path', 'id', { type: 'integer' })]),
  },
  '/cities/{city}': { get: operation([parameter('path', 'city', { type: 'string', example: 'Oslo' })]) },
  '/check': {
    post: operation([], {
      type: 'object',
      required: ['code'],
      properties: { code: { type: 'string', example: 'Oslo' } },
    }),
  },
});

/** One table; `weak` pastes, otherwise values are bound; `tell` shows the engine's words. */
function people(weak: boolean, tell: boolean): (asked: Asked) => Told {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, city TEXT)');
  const names = ['Ines', 'Bo', 'Amal', 'Noor', 'Yan', 'Ana'];
  for (const [index, name] of names.entries())
    database.prepare('INSERT INTO people (name, city) VALUES (?, ?)').run(name, index % 2 ? 'Oslo' : 'Lima');
  const all = (sql: string, ...values: (string | number)[]): unknown[] => database.prepare(sql).all(...values);
  const quote = (value: string): string => (weak ? `'${value}'` : `'${value.replaceAll("'", "''")}'`);
  const integer = (value: string): string | number =>
    weak ? value : /^\d{1,9}$/.test(value) ? Number(value) : refuse();
  const refuse = (): never => {
    throw new RangeError('refused');
  };
  return ({ method, path, query, json }) => {
    try {
      const [, kind, key] = path.split('/');
      if (kind === 'people' && key === undefined && method === 'GET') {
        const search = query.get('search');
        const sort = query.get('sort') ?? 'id';
        if (!weak && !['id', 'name', 'city'].includes(sort)) refuse();
        const where = search === null ? '' : `WHERE name LIKE ${quote(`%${search}%`)}`;
        return {
          json: all(
            `SELECT id, name, city FROM people ${where} ORDER BY ${sort} LIMIT ${integer(query.get('limit') ?? '9')}`,
          ),
        };
      }
      if (kind === 'people' && method === 'POST') {
        const { name, city } = Object(json);
        if (typeof name !== 'string' || typeof city !== 'string' || (!weak && name.length > 200)) refuse();
        const [row] = all(
          `INSERT INTO people (name, city) VALUES (${quote(name)}, ${quote(city)}) RETURNING id, name, city`,
        );
        return { status: 201, json: row };
      }
      if (kind === 'people' && method === 'DELETE') {
        database.exec(`DELETE FROM people WHERE id = ${integer(key ?? '')}`);
        return { status: 204 };
      }
      if (kind === 'people') {
        const [row] = all(`SELECT * FROM people WHERE id = ${integer(key ?? '')}`);
        return row ? { json: row } : { status: 404, json: { error: 'no such person' } };
      }
      if (kind === 'cities') {
        const found = all(`SELECT count(*) AS people FROM people WHERE city = ${quote(key ?? '')} HAVING count(*) > 0`);
        return found.length > 0 ? { json: found[0] } : { status: 404, json: { error: 'no such city' } };
      }
      const { code } = Object(json);
      if (typeof code !== 'string') refuse();
      return { json: { known: all(`SELECT 1 FROM people WHERE city = ${quote(code)}`).length > 0 } };
    } catch (error) {
      if (error instanceof RangeError) return { status: 400, json: { error: 'refused' } };
      return { status: 500, json: { error: tell ? String(error) : 'internal' } };
    }
  };
}

const PLACES = [
  'sql-injection: GET /cities/{city} path parameter city',
  'sql-injection: GET /people query parameter limit',
  'sql-injection: GET /people query parameter search',
  'sql-injection: GET /people query parameter sort',
  'sql-injection: GET /people/{id} path parameter id',
  'sql-injection: POST /check body /code',
  'sql-injection: POST /people body /city',
  'sql-injection: POST /people body /name',
];

test('finds SQL that complains, and nothing where values are bound', async () => {
  const weak = await trial({ contract: CONTRACT, answer: people(true, true), checks: [check] });
  const found = told(weak);
  for (const place of PLACES) assert.ok(found.includes(place), `${place} in\n${found.join('\n')}`);
  for (const finding of weak.findings) assert.ok(finding.curl.length >= 2 && finding.marks.length > 0);
  assert.deepEqual(told(await trial({ contract: CONTRACT, answer: people(false, true), checks: [check] })), []);
});

test('finds SQL that is silent by the truth of conditions', async () => {
  const report = await trial({ contract: CONTRACT, answer: people(true, false), checks: [check] });
  const found = told(report);
  for (const place of PLACES) assert.ok(found.includes(place), `${place} in\n${found.join('\n')}`);
  assert.deepEqual(
    of(report, 'sql-injection').filter(({ message }) => /complain/.test(message)),
    [],
  );
  assert.deepEqual(told(await trial({ contract: CONTRACT, answer: people(false, false), checks: [check] })), []);
});

test('errors that are swallowed do not hide it', async () => {
  const swallow =
    (answer: (asked: Asked) => Told) =>
    (asked: Asked): Told => {
      const answered = answer(asked);
      return answered.status === 500 || answered.status === 404 ? { json: [] } : answered;
    };
  const report = await trial({ contract: CONTRACT, answer: swallow(people(true, false)), checks: [check] });
  const found = told(report);
  for (const place of PLACES.filter((each) => /GET \/(people|cities)/.test(each)))
    assert.ok(found.includes(place), place);
  assert.deepEqual(
    told(await trial({ contract: CONTRACT, answer: swallow(people(false, false)), checks: [check] })),
    [],
  );
});

const ONE = api({ '/find': { get: operation([parameter('query', 'q', { type: 'string', example: 'ann' })]) } });

test('a search that looks away from punctuation, and one with a language of its own, are no SQL', async () => {
  const rows = ['ann', 'ann b', 'bo', 'kim or ann'];
  const loose = (q: string): string[] => {
    const words = q.toLowerCase().match(/[a-z]+/g) ?? [];
    return rows.filter((row) => words.some((word) => row.split(' ').includes(word)));
  };
  // `a || b` and `a AND b` mean something here, and a quote is an error of this language.
  const language = (q: string): string[] | undefined => {
    if ((q.match(/'/g)?.length ?? 0) % 2 === 1 || /\|\|\s*$/.test(q)) return undefined;
    const parts = q.split(/\|\||\bOR\b/).map((part) => part.replace(/['"%]/g, '').trim());
    return rows.filter((row) =>
      parts.some((part) => part !== '' && part.split(/\bAND\b/).every((word) => row.includes(word.trim()))),
    );
  };
  for (const search of [loose, language]) {
    const answer = ({ query }: Asked): Told => {
      const found = search(query.get('q') ?? '');
      return found ? { json: found } : { status: 400, json: { error: 'cannot read the query' } };
    };
    assert.deepEqual(told(await trial({ contract: ONE, answer, checks: [check] })), []);
  }
});

test('answers that move by themselves give no finding', async () => {
  let count = 0;
  const answer = (): Told => ({
    json: Array.from({ length: (count = (count * 7 + 3) % 5) + 1 }, (_, id) => ({ id, count })),
  });
  assert.deepEqual(told(await trial({ contract: ONE, answer, checks: [check] })), []);
});

test('finds what only waits', async () => {
  const weak = async ({ query }: Asked): Promise<Told> => {
    const text = query.get('q') ?? '';
    const wait = /^[^']*'\|\|\(SELECT '' FROM pg_sleep\((\d)\)\)\|\|'$/.exec(text)?.[1];
    await new Promise((resolve) => setTimeout(resolve, Number(wait ?? 0) * 1000));
    return { json: { ok: true } };
  };
  const report = await trial({ contract: ONE, answer: weak, checks: [check] });
  assert.deepEqual(told(report), ['sql-injection: GET /find query parameter q']);
});

test('finds an engine that cannot wait by the work it is given', async () => {
  // Stands for an engine that counts: a tenth of a millisecond for a thousand steps.
  const counting = async ({ query }: Asked): Promise<Told> => {
    const steps = /^[^']*'\|\|\(WITH RECURSIVE .* n<(\d+)\) .*\)\|\|'$/.exec(query.get('q') ?? '')?.[1];
    await new Promise((resolve) => setTimeout(resolve, Number(steps ?? 0) / 10_000));
    return { json: { ok: true } };
  };
  assert.deepEqual(told(await trial({ contract: ONE, answer: counting, checks: [check] })), [
    'sql-injection: GET /find query parameter q',
  ]);
  // Slow for long values, whatever they say.
  const long = async ({ query }: Asked): Promise<Told> => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(150, (query.get('q') ?? '').length * 2)));
    return { json: { ok: true } };
  };
  assert.deepEqual(told(await trial({ contract: ONE, answer: long, checks: [check] })), []);
});

test('complaints of parsers are told from complaints about values', () => {
  for (const text of [
    "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near ''x'' at line 1",
    'ERROR: unterminated quoted string at or near "\'"',
    'SqliteError: unrecognized token: "\'x"',
    'near "x": syntax error',
    'ORA-01756: quoted string not properly terminated',
    "Unclosed quotation mark after the character string 'x'.",
    'SQLSTATE[42000]: Syntax error or access violation',
  ])
    assert.ok(sqlComplaint(text), text);
  for (const text of [
    'invalid input syntax for type integer: "5\'"',
    'fts5: near "\'": syntax error',
    "SyntaxError: Unexpected token ' in JSON at position 3",
    'syntax error in tsquery: "x\'"',
    'The request does not fit the operation.',
  ])
    assert.equal(sqlComplaint(text), undefined, text);
});
