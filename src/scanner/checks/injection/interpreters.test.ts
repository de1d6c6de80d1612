import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { Check } from '../../model/check.ts';
import { type Asked, api, of, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check as commandInjection } from './command-injection.ts';
import { check as ldapInjection } from './ldap-injection.ts';
import { check as nosqlInjection } from './nosql-injection.ts';
import { check as templateInjection } from './template-injection.ts';

const ALL: readonly Check[] = [nosqlInjection, ldapInjection, commandInjection, templateInjection];

const refused: Told = { status: 400, json: { error: 'invalid' } };

/** A tiny document store: `$eq`, `$ne`, `$in`, `$not` and so on of one field. */
function matches(condition: unknown, value: unknown): boolean {
  if (typeof condition !== 'object' || condition === null) return condition === value;
  return Object.entries(condition).every(([operator, given]) => {
    if (operator === '$eq') return given === value;
    if (operator === '$ne') return given !== value;
    if (operator === '$in') return Array.isArray(given) && given.includes(value);
    if (operator === '$nin') return Array.isArray(given) && !given.includes(value);
    if (operator === '$exists') return given === true;
    if (operator === '$not') return !matches(given, value);
    return false;
  });
}

const BOOKS = api({
  '/books/search': {
    post: operation([], {
      type: 'object',
      required: ['author'],
      properties: { author: { type: 'string', example: 'Okri' } },
    }),
  },
  '/books': { get: operation([parameter('query', 'author', { type: 'string', example: 'Okri' })]) },
});

const books =
  (weak: boolean) =>
  ({ method, json, target }: Asked): Told => {
    const rows = [{ author: 'Okri' }, { author: 'Mofolo' }, { author: 'Okri' }];
    let author: unknown = Object(json).author;
    if (method === 'GET') {
      const found = /author((?:\[[$\w]*\])*)=([^&]*)/.exec(decodeURIComponent(target));
      const steps = [...(found?.[1] ?? '').matchAll(/\[([$\w]*)\]/g)].map((step) => step[1] ?? '').reverse();
      author = steps.reduce((inner: unknown, step) => (step === '' ? [inner] : { [step]: inner }), found?.[2]);
      if (!found) return { json: rows };
      if (!weak && steps.length > 0) return { json: rows };
    }
    if (!weak && typeof author !== 'string') return refused;
    return { json: rows.filter((row) => matches(author, row.author)) };
  };

test('operators of a document store are found in a body and in a query', async () => {
  const report = await scan(BOOKS, books(true), [nosqlInjection]);
  assert.deepEqual(told(report), [
    'nosql-injection: GET /books query parameter author',
    'nosql-injection: POST /books/search body /author',
  ]);
  assert.deepEqual(told(await scan(BOOKS, books(false), ALL)), []);
});

const STAFF = api({ '/staff': { get: operation([parameter('query', 'uid', { type: 'string', example: 'imani' })]) } });

/** Reads `(&(uid=VALUE)(active=1))` as a directory does, as far as these tests need. */
function directory(filter: string): boolean | undefined {
  let at = 0;
  const one = (): boolean | undefined => {
    if (filter[at++] !== '(') return undefined;
    const sign = filter[at] ?? '';
    if ('&|!'.includes(sign)) {
      at++;
      const parts: boolean[] = [];
      while (filter[at] === '(') {
        const part = one();
        if (part === undefined) return undefined;
        parts.push(part);
      }
      if (filter[at++] !== ')') return undefined;
      return sign === '&' ? parts.every(Boolean) : sign === '|' ? parts.some(Boolean) : !parts[0];
    }
    const end = filter.indexOf(')', at);
    const [name, value] = filter.slice(at, end).split('=');
    if (end < 0 || value === undefined || /[(]/.test(value)) return undefined;
    at = end + 1;
    const entry = new Map([
      ['uid', 'imani'],
      ['objectClass', 'person'],
      ['active', '1'],
    ]);
    const own = entry.get(name ?? '');
    return own !== undefined && (value === '*' || value === own);
  };
  const result = one();
  return at === filter.length ? result : undefined;
}

test('conditions of a directory search are found, with and without its complaints', async () => {
  const staff =
    (weak: boolean, tell: boolean) =>
    ({ query }: Asked): Told => {
      const uid = query.get('uid') ?? 'imani';
      const found = directory(`(&(uid=${weak ? uid : uid.replace(/[()*\\]/g, '_')})(active=1))`);
      if (found === undefined)
        return { status: 500, json: { error: tell ? 'javax.naming: Bad search filter' : 'internal' } };
      return { json: found ? [{ uid: 'imani' }] : [] };
    };
  for (const tell of [true, false]) {
    assert.deepEqual(told(await scan(STAFF, staff(true, tell), [ldapInjection])), [
      'ldap-injection: GET /staff query parameter uid',
    ]);
    assert.deepEqual(told(await scan(STAFF, staff(false, tell), [ldapInjection])), []);
  }
});

const PING = api({
  '/ping': { get: operation([parameter('query', 'host', { type: 'string', example: 'localhost' })]) },
});

test('a shell that gets a value is found by what it computes', async () => {
  const shell = (line: string): string => {
    try {
      // An empty environment and builtins only: nothing but echo and arithmetic can come of it.
      return execFileSync('/bin/sh', ['-c', line], {
        env: { PATH: '/nowhere' },
        encoding: 'utf8',
        timeout: 2_000,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      return String(Reflect.get(Object(error), 'stdout') ?? '');
    }
  };
  const places = [
    (host: string) => `echo pinging ${host}`,
    (host: string) => `echo "pinging ${host}"`,
    (host: string) => `echo 'pinging ${host}'`,
  ];
  for (const write of places) {
    const report = await scan(PING, ({ query }) => ({ json: { output: shell(write(query.get('host') ?? '')) } }), [
      commandInjection,
    ]);
    assert.deepEqual(told(report), ['command-injection: GET /ping query parameter host']);
    assert.deepEqual(
      of(report, 'command-injection')[0]!.marks.every((mark) => /^\d+$/.test(mark)),
      true,
    );
  }
  const echo = ({ query }: Asked): Told => ({ json: { output: `pinging ${query.get('host')}` } });
  assert.deepEqual(told(await scan(PING, echo, ALL)), []);
});

test('a shell that says nothing is found by what it calls', async () => {
  // Stands for `sh -c "ping HOST"`: what comes after a semicolon is run, and only calls are known to it.
  const blind = async ({ query }: Asked): Promise<Told> => {
    const url = /;curl -s -m 2 (http:\/\/127\.0\.0\.1:\d+\/\w+)/.exec(query.get('host') ?? '')?.[1];
    if (url) await fetch(url);
    return { json: { ok: true } };
  };
  assert.deepEqual(told(await scan(PING, blind, [commandInjection])), [
    'command-injection: GET /ping query parameter host',
  ]);
  // An API that calls every address it meets runs no commands.
  const fetching = async ({ query }: Asked): Promise<Told> => {
    const url = /http:\/\/127\.0\.0\.1:\d+\/\w+/.exec(query.get('host') ?? '')?.[0];
    if (url) await fetch(url);
    return { json: { ok: true } };
  };
  assert.deepEqual(told(await scan(PING, fetching, [commandInjection])), []);
});

const LETTERS = api({
  '/letters': {
    post: operation([], {
      type: 'object',
      required: ['template'],
      properties: { template: { type: 'string', example: 'Dear all' } },
    }),
  },
});

test('a template that is evaluated is found by its product', async () => {
  const marks = [/\{\{(\d+)\*(\d+)\}\}/g, /\$\{(\d+)\*(\d+)\}/g, /<%= (\d+)\*(\d+) %>/g, /^(\d+)\*(\d+)$/g];
  for (const mark of marks) {
    const letters = ({ json }: Asked): Told => {
      const text = Object(json).template;
      if (typeof text !== 'string') return refused;
      return {
        status: 201,
        json: { text: text.replace(mark, (_, a, b) => (Number(a) * Number(b)).toLocaleString('en')) },
      };
    };
    assert.deepEqual(told(await scan(LETTERS, letters, [templateInjection])), [
      'template-injection: POST /letters body /template',
    ]);
  }
  const plain = ({ json }: Asked): Told => ({ status: 201, json: { text: Object(json).template } });
  assert.deepEqual(told(await scan(LETTERS, plain, ALL)), []);
});
