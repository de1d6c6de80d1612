import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { type Asked, api, of, type Told, told, trial } from '../../testing/trial.ts';
import { check } from './login-bypass.ts';

const CREDENTIALS = {
  type: 'object',
  required: ['username', 'password'],
  properties: { username: { type: 'string' }, password: { type: 'string' } },
};
const SECURE = { components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } } };

const contractOf = (type: string): object =>
  api(
    {
      '/login': {
        post: {
          security: [],
          requestBody: { required: true, content: { [type]: { schema: CREDENTIALS } } },
          responses: { 200: { description: 'a token' } },
        },
      },
      '/me': { get: { security: [{ token: [] }], responses: { 200: { description: 'who calls' } } } },
    },
    SECURE,
  );

const USERS = new Map([
  ['root', 'Granite-teacup-18'],
  ['alice', 'Walnut-harbour-41'],
]);

type Find = (username: unknown, password: unknown) => string | undefined;

/** A login that finds its user somehow, and counts what fails for those that exist. */
function server(find: Find, fields = false): { answer: (asked: Asked) => Told; failures: Map<string, number> } {
  const failures = new Map<string, number>();
  const answer = ({ path, headers, json, text }: Asked): Told => {
    if (path === '/me') {
      const name = /^Bearer token-of-(\w+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
      return USERS.has(name) ? { json: { name } } : { status: 401, json: { error: 'log in first' } };
    }
    const { username, password } = fields ? fieldsOf(text) : Object(json);
    const user = find(username, password);
    if (user === undefined) {
      if (typeof username === 'string' && USERS.has(username)) {
        failures.set(username, (failures.get(username) ?? 0) + 1);
      }
      return { status: 401, json: { error: 'wrong user name or password' } };
    }
    failures.delete(user);
    return { json: { token: `token-of-${user}`, expires: 900 } };
  };
  return { answer, failures };
}

/** `a[$ne]=b` as an object, as many readers of forms do. */
function fieldsOf(text: string): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const [, plain = '', operator] = /^(\w+)(?:\[([$\w]+)\])?$/.exec(name) ?? [];
    fields[plain] = operator === undefined ? value : { [operator]: value };
  }
  return fields;
}

function byStatement(bound: boolean): Find {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE users (name TEXT, password TEXT)');
  for (const user of USERS) database.prepare('INSERT INTO users VALUES (?, ?)').run(...user);
  return (username, password) => {
    if (typeof username !== 'string' || typeof password !== 'string') return undefined;
    try {
      const row = bound
        ? database.prepare('SELECT name FROM users WHERE name = ? AND password = ?').get(username, password)
        : database.prepare(`SELECT name FROM users WHERE name = '${username}' AND password = '${password}'`).get();
      return row ? String(row['name']) : undefined;
    } catch {
      return undefined;
    }
  };
}

const meets = (condition: unknown, value: string): boolean =>
  typeof condition !== 'object' || condition === null
    ? condition === value
    : Object.entries(condition).every(([operator, given]) =>
        operator === '$ne' ? given !== value : operator === '$gt' ? value > String(given) : false,
      );
const byQuery: Find = (username, password) =>
  [...USERS].find(([name, secret]) => meets(username, name) && meets(password, secret))?.[0];

/** The user must be there; what is no text is taken for the right password. */
const byLooseType: Find = (username, password) => {
  const secret = USERS.get(String(username));
  if (secret === undefined) return undefined;
  return Array.isArray(password) || password === secret ? String(username) : undefined;
};
const byAbsence: Find = (username, password) =>
  USERS.get(String(username)) === password ? String(username) : undefined;
const byLetters: Find = (username, password) =>
  typeof password === 'string' && USERS.get(String(username))?.toLowerCase() === password.toLowerCase()
    ? String(username)
    : undefined;
const carefully: Find = (username, password) =>
  typeof username === 'string' && typeof password === 'string' && USERS.get(username) === password
    ? username
    : undefined;

const IDENTITIES = [{ name: 'alice', login: { username: 'alice', password: USERS.get('alice') ?? '' } }];
const scanned = async (find: Find, type = 'application/json') => {
  const { answer, failures } = server(find, type.includes('form'));
  const report = await trial({ contract: contractOf(type), answer, checks: [check], identities: IDENTITIES });
  assert.deepEqual(
    report.checks.filter(({ state }) => state !== 'ran'),
    [],
  );
  return { report, failures };
};
const FORM = 'application/x-www-form-urlencoded';

const HOLES: readonly (readonly [name: string, find: Find, type: string, place: RegExp, severity: string])[] = [
  ['SQL', byStatement(false), 'application/json', /body \/username/, 'critical'],
  ['SQL behind a form', byStatement(false), FORM, /body \/username/, 'critical'],
  ['operators', byQuery, 'application/json', /body \/username, body \/password/, 'critical'],
  ['operators behind a form', byQuery, FORM, /body \/username, body \/password/, 'critical'],
  ['what is no text', byLooseType, 'application/json', /body \/password/, 'critical'],
  ['nothing equals nothing', byAbsence, 'application/json', /body \/password/, 'critical'],
  ['capitals for small letters', byLetters, 'application/json', /body \/password/, 'low'],
];

for (const [name, find, type, place, severity] of HOLES) {
  test(`a login is got past by ${name}`, async () => {
    const found = of((await scanned(find, type)).report, 'login-bypass');
    assert.ok(found.length > 0);
    for (const finding of found) {
      assert.equal(finding.severity, severity);
      assert.match(finding.places[0]?.place ?? '', place);
      assert.equal(finding.curl.length, finding.exchanges.length);
    }
  });
}

test('a careful login is left alone, and its accounts stay open', async () => {
  for (const find of [carefully, byStatement(true)]) {
    for (const type of ['application/json', FORM]) {
      const { report, failures } = await scanned(find, type);
      assert.deepEqual(report.findings, []);
      assert.deepEqual([...failures.values()], []);
      assert.ok((report.checks[0]?.requests ?? 0) > 30);
    }
  }
});

test('a login that lets everybody in says nothing, nor one that answers everybody alike', async () => {
  assert.deepEqual(told((await scanned((username) => String(username))).report), []);
  const { answer } = server(carefully);
  const alike = (asked: Asked): Told =>
    asked.path === '/login' && answer(asked).status === 401 ? { json: { sent: 'a letter' } } : answer(asked);
  assert.deepEqual(
    told(
      await trial({
        contract: contractOf('application/json'),
        answer: alike,
        checks: [check],
        identities: IDENTITIES,
      }),
    ),
    [],
  );
});

test('a short limit is waited out, a long one ends the attempts', async () => {
  for (const seconds of ['1', '600']) {
    let count = 0;
    const { answer } = server(byAbsence);
    const limited = (asked: Asked): Told =>
      asked.path === '/login' && ++count === 6
        ? { status: 429, json: { error: 'slow down' }, headers: { 'retry-after': seconds } }
        : answer(asked);
    const report = await trial({
      contract: contractOf('application/json'),
      answer: limited,
      checks: [check],
      identities: IDENTITIES,
    });
    assert.equal(of(report, 'login-bypass').length, seconds === '1' ? 1 : 0);
    const reasons = (report.checks[0]?.notTried ?? []).map(({ reason }) => reason);
    assert.equal(
      reasons.some((reason) => reason.startsWith('it limits its callers')),
      seconds !== '1',
    );
  }
});
