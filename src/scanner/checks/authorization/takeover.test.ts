import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ScanPlan } from '../../model/plan.ts';
import { type Asked, of, type Told, told, trial } from '../../testing/trial.ts';
import { check as codeGuessing } from '../authentication/code-guessing.ts';
import { check as costlyPattern } from '../floods/costly-pattern.ts';
import { check as accountOfAnother } from './account-of-another.ts';
import { check as exportOfOthers } from './export-of-others.ts';

type Fault = 'password' | 'mail' | 'export' | 'code' | 'pattern';

const text = { type: 'string' };
const body = (...names: string[]): object => ({
  required: true,
  content: {
    'application/json': {
      schema: { type: 'object', required: names, properties: Object.fromEntries(names.map((name) => [name, text])) },
    },
  },
});
const done = { responses: { 200: { description: 'done' } } };
const guarded = { ...done, security: [{ bearer: [] }] };
const named = { parameters: [{ name: 'username', in: 'path', required: true, schema: text }] };
const CONTRACT = {
  openapi: '3.0.3',
  info: { title: 'Diaries', version: '1' },
  paths: {
    '/users/register': { post: { ...done, security: [], requestBody: body('username', 'password', 'email') } },
    '/users/login': { post: { ...done, security: [], requestBody: body('username', 'password') } },
    '/users/forgot-password': { post: { ...done, security: [], requestBody: body('email') } },
    '/users/check-otp': { post: { ...done, security: [], requestBody: body('email', 'otp', 'password') } },
    '/users/{username}': { ...named, get: guarded },
    '/users/{username}/password': { ...named, put: { ...guarded, requestBody: body('password') } },
    '/users/{username}/email': { ...named, put: { ...guarded, requestBody: body('email') } },
    '/pages': { get: guarded },
    '/pages/export': { get: guarded },
  },
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
};

/** Milliseconds that a costly pattern is imitated with. */
function busy(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Diaries of people who register; whole but for one fault. */
function diaries(fault: Fault | undefined): (asked: Asked) => Told {
  const users = new Map<string, { password: string; email: string; tries: number }>();
  for (const name of ['nora', 'omar'])
    users.set(name, { password: `${name}-Harbour-41`, email: `${name}@mail.example`, tries: 0 });
  const pages = new Map([
    ['nora', ['nora saw a heron today', 'nora lost the blue key']],
    ['omar', ['omar bakes bread again', 'omar sold the old boat']],
  ]);
  return ({ method, path, json, headers }) => {
    const sent = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
    const field = (name: string): string => (typeof sent[name] === 'string' ? sent[name] : '');
    const refuse = (status: number, error: string): Told => ({ status, json: { error } });
    const isMail = (value: string): boolean => {
      const end = /^a+!$/.test(value) ? value.length : 0;
      if (fault === 'pattern' && end > 0) busy(Math.min(600, 2 ** (end - 17)));
      return value.length < 80 && /^[^@\s]+@[^@\s]+$/.test(value);
    };
    if (method === 'POST' && path === '/users/register') {
      const name = field('username');
      if (!/^\w{3,40}$/.test(name) || field('password').length < 6 || !isMail(field('email')))
        return refuse(400, 'invalid');
      if (users.has(name)) return refuse(409, 'taken');
      users.set(name, { password: field('password'), email: field('email'), tries: 0 });
      return { json: { message: 'registered' } };
    }
    if (method === 'POST' && path === '/users/login') {
      const known = users.get(field('username'));
      if (known === undefined || known.password !== field('password')) return refuse(401, 'wrong name or password');
      return { json: { token: `t-${field('username')}-3f9c2b7a` } };
    }
    if (method === 'POST' && path === '/users/forgot-password') return { json: { message: 'sent' } };
    if (method === 'POST' && path === '/users/check-otp') {
      const known = [...users.values()].find(({ email }) => email === field('email'));
      if (fault !== 'code' && known !== undefined && ++known.tries > 5) return refuse(429, 'too many wrong codes');
      return refuse(400, 'wrong OTP');
    }
    const caller = /^Bearer t-(\w+)-3f9c2b7a$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!users.has(caller)) return { ...refuse(401, 'log in'), headers: { 'www-authenticate': 'Bearer' } };
    if (method !== 'GET' && method !== 'PUT') return refuse(405, 'no');
    if (path === '/pages') return { json: (pages.get(caller) ?? []).map((line, id) => ({ id: id + 1, line })) };
    if (path === '/pages/export') {
      const lines = fault === 'export' ? [...pages.values()].flat() : (pages.get(caller) ?? []);
      return { text: ['line', ...lines].join('\n'), headers: { 'content-type': 'text/csv' } };
    }
    const [, name = '', deed] = /^\/users\/([^/]+)(?:\/(password|email))?$/.exec(path) ?? [];
    const user = users.get(name);
    if (user === undefined) return refuse(404, 'not there');
    if (method === 'GET' && deed === undefined) return { json: { username: name, email: user.email } };
    if (method !== 'PUT' || deed === undefined) return refuse(405, 'no');
    if (name !== caller && fault !== (deed === 'email' ? 'mail' : deed)) return refuse(403, 'not yours');
    if (deed === 'password') {
      if (field('password').length < 6) return refuse(400, 'invalid');
      user.password = field('password');
    } else {
      if (!isMail(field('email'))) return refuse(400, 'invalid');
      user.email = field('email');
    }
    return { status: 204 };
  };
}

const identities: ScanPlan['identities'] = ['nora', 'omar'].map((name) => ({
  name,
  role: 'user',
  login: { username: name, password: `${name}-Harbour-41` },
}));
const checks = [accountOfAnother, exportOfOthers, codeGuessing, costlyPattern];
const scanned = (fault: Fault | undefined) => trial({ contract: CONTRACT, answer: diaries(fault), checks, identities });

const FAULTS: readonly (readonly [fault: Fault, line: RegExp])[] = [
  ['password', /^account-of-another: PUT \/users\/\{username\}\/password/],
  ['mail', /^account-of-another: PUT \/users\/\{username\}\/email/],
  ['export', /^export-of-others: GET \/pages\/export/],
  ['code', /^code-guessing: POST \/users\/check-otp/],
  ['pattern', /^costly-pattern: (POST \/users\/register|PUT \/users\/\{username\}\/email)/],
];

describe('taking over accounts, exports, codes and patterns', () => {
  for (const [fault, line] of FAULTS) {
    test(`finds ${fault}, and nothing else`, async () => {
      const report = await scanned(fault);
      const lines = told(report);
      assert.ok(lines.length > 0, JSON.stringify([report.notes, report.checks.map(({ notTried }) => notTried)]));
      for (const one of lines) assert.match(one, line);
      for (const { check } of report.findings)
        for (const { exchanges, curl } of of(report, check.id)) assert.equal(curl.length, exchanges.length);
    });
  }

  test('finds nothing on one without faults', async () => {
    const report = await scanned(undefined);
    assert.deepEqual(told(report), []);
    assert.deepEqual(
      report.checks.filter(({ state }) => state === 'crashed'),
      [],
    );
  });
});
