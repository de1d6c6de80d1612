import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../../model/check.ts';
import { type Asked, api, operation, parameter, scan, type Told, told } from '../../testing/trial.ts';
import { check as headerInjection } from './header-injection.ts';
import { check as logForging } from './log-forging.ts';
import { check as openRedirect } from './open-redirect.ts';
import { check as prototypePollution } from './prototype-pollution.ts';
import { check as reflectedScript } from './reflected-script.ts';
import { check as storedScript } from './stored-script.ts';

const ALL: readonly Check[] = [
  openRedirect,
  headerInjection,
  reflectedScript,
  storedScript,
  logForging,
  prototypePollution,
];

const PAGE = api({
  '/help': {
    get: operation([parameter('query', 'topic', { type: 'string', example: 'start' })], undefined, 'text/html'),
  },
  '/go': { get: operation([parameter('query', 'next', { type: 'string', example: '/help' }, true)]) },
});
const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

test('scripts, headers and hosts that come back are found', async () => {
  const page =
    (weak: boolean, type = 'text/html') =>
    ({ path, query }: Asked): Told => {
      const next = query.get('next') ?? '/help';
      if (path === '/go') {
        const by: Told['by'] = (response) => {
          const location = weak ? next : `/help?from=${encodeURIComponent(next)}`;
          // Written by hand: the framework would refuse line ends.
          response.socket?.end(
            `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
          );
        };
        return { by };
      }
      if (path !== '/help') return { status: 404, json: { error: 'nothing here' } };
      const topic = query.get('topic') ?? '';
      return { text: `<h1>${weak ? topic : escapeHtml(topic)}</h1>`, headers: { 'content-type': type } };
    };
  assert.deepEqual(told(await scan(PAGE, page(true), ALL)), [
    'header-injection: GET /go query parameter next',
    'open-redirect: GET /go query parameter next',
    'reflected-script: GET /help query parameter topic',
  ]);
  assert.deepEqual(told(await scan(PAGE, page(false), ALL)), []);
  const plain = await scan(PAGE, page(true, 'text/plain'), [reflectedScript]);
  assert.deepEqual(told(plain), []);
});

test('an attribute that is left by a quote, and the page of an unknown path, are found', async () => {
  const form = ({ query }: Asked): Told => ({
    text: `<input name="topic" value="${(query.get('topic') ?? '').replace(/[<>]/g, '')}">`,
    headers: { 'content-type': 'text/html' },
  });
  assert.deepEqual(told(await scan(PAGE, form, [reflectedScript])), [
    'reflected-script: GET /help query parameter topic',
  ]);
  const lost =
    (weak: boolean) =>
    ({ path }: Asked): Told =>
      path === '/help' || path === '/go'
        ? { json: {} }
        : { status: 404, text: `<p>${weak ? path : escapeHtml(path)}</p>`, headers: { 'content-type': 'text/html' } };
  assert.deepEqual(told(await scan(PAGE, lost(true), [reflectedScript])), ['reflected-script:  the path']);
  assert.deepEqual(told(await scan(PAGE, lost(false), [reflectedScript])), []);
});

const NOTES = api({
  '/notes': {
    post: operation([], {
      type: 'object',
      required: ['text'],
      properties: { text: { type: 'string', example: 'Milk' }, by: { type: 'string', example: 'Ines' } },
    }),
  },
  '/notes/{id}': { get: operation([parameter('path', 'id', { type: 'integer' })], undefined, 'text/html') },
});

test('a script that is stored is found where the page shows it', async () => {
  const notes = (weak: boolean): ((asked: Asked) => Told) => {
    const kept: string[] = ['first'];
    return ({ method, path, json }) => {
      if (method === 'POST') return { status: 201, json: { id: kept.push(String(Object(json).text)) } };
      const text = kept[Number(path.split('/').at(-1)) - 1];
      if (text === undefined) return { status: 404, json: { error: 'no such note' } };
      return { text: `<p>${weak ? text : escapeHtml(text)}</p>`, headers: { 'content-type': 'text/html' } };
    };
  };
  assert.deepEqual(told(await scan(NOTES, notes(true), [storedScript])), ['stored-script: POST /notes body /text']);
  assert.deepEqual(told(await scan(NOTES, notes(false), [storedScript])), []);
});

const LOG = api({
  '/audit-log': { get: operation([], undefined, 'text/plain') },
  '/visits': { get: operation([parameter('query', 'name', { type: 'string', example: 'Ines' })]) },
});

test('a forged line is found where the log can be read', async () => {
  const visits = (weak: boolean): ((asked: Asked) => Told) => {
    const lines: string[] = [];
    return ({ path, query }) => {
      if (path === '/audit-log') return { text: lines.join('\n'), headers: { 'content-type': 'text/plain' } };
      const name = query.get('name') ?? '';
      lines.push(`INFO visit of ${weak ? name : JSON.stringify(name)}`);
      return { json: { ok: true } };
    };
  };
  assert.deepEqual(told(await scan(LOG, visits(true), [logForging])), [
    'log-forging: GET /visits query parameter name',
  ]);
  assert.deepEqual(told(await scan(LOG, visits(false), [logForging])), []);
});

const SETTINGS = api({
  '/settings': {
    put: operation([], {
      type: 'object',
      properties: { theme: { type: 'string', example: 'dark' } },
      required: ['theme'],
    }),
    get: operation([]),
  },
  '/things': {
    get: operation([]),
    post: operation([], {
      type: 'object',
      required: ['theme'],
      properties: { theme: { type: 'string', example: 'dark' } },
    }),
  },
});

test('a prototype that is changed shows in another answer', async () => {
  const settings = (weak: boolean): ((asked: Asked) => Told) => {
    // Stands for Object.prototype: the real one is shared by all tests.
    const everything = new Map<string, unknown>();
    return ({ method, json }) => {
      if (method === 'GET')
        return { json: [1, 2].map((id) => ({ id, ...(weak ? Object.fromEntries(everything) : {}) })) };
      for (const [name, value] of Object.entries(Object(json))) {
        if (name === '__proto__') for (const [key, inner] of Object.entries(Object(value))) everything.set(key, inner);
      }
      return { json: { ok: true } };
    };
  };
  const found = told(await scan(SETTINGS, settings(true), [prototypePollution]));
  assert.ok(found.includes('prototype-pollution: POST /things the body'), found.join());
  assert.deepEqual(told(await scan(SETTINGS, settings(false), [prototypePollution])), []);
});
