import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../model/check.ts';
import { outcomeOfStatus, refusalIn } from './refusal.ts';

const of = (json: unknown): Outcome | undefined => refusalIn('application/json', JSON.stringify(json), json);

test('errors that come with 200 are seen through, and say what they mean', () => {
  const errors: [unknown, Outcome][] = [
    [{ ok: false }, 'invalid'],
    [{ success: false, message: 'Please log in first' }, 'unauthenticated'],
    [{ success: false, error: 'Access denied', data: null }, 'forbidden'],
    [{ error: 'Order not found' }, 'missing'],
    [{ error: { code: 401, message: 'no' } }, 'unauthenticated'],
    [{ status: 'error', message: 'Invalid token' }, 'unauthenticated'],
    [{ status: 'fail', message: 'amount must be a number' }, 'invalid'],
    [{ code: 403, msg: 'nope' }, 'forbidden'],
    [{ code: '404', msg: 'nope', data: [] }, 'missing'],
    [{ statusCode: 40101, message: 'x' }, 'unauthenticated'],
    [{ code: 500, message: 'Internal error' }, 'error'],
    [{ errors: [{ message: 'Too many requests' }], data: null }, 'limited'],
    [{ data: { error: 'user does not exist' } }, 'missing'],
    [{ response: { success: false, reason: 'not allowed' } }, 'forbidden'],
    [{ jsonrpc: '2.0', id: 7, error: { code: -32602, message: 'bad params' } }, 'invalid'],
    [{ result: 'error', message: 'You do not have permission to do this' }, 'forbidden'],
    [{ message: 'Unauthorized' }, 'unauthenticated'],
    [{ detail: 'Not authenticated' }, 'unauthenticated'],
    [{ message: 'Forbidden' }, 'forbidden'],
    [{ success: false, message: 'Invalid username or password' }, 'unauthenticated'],
  ];
  for (const [json, outcome] of errors) assert.equal(of(json), outcome, JSON.stringify(json));
});

test('data is data, however it calls its state', () => {
  const data: unknown[] = [
    { id: 7, status: 'failed', error: 'card declined', amount: 10 },
    { id: 4, success: false, channel: 'mail' },
    { status: 'ok' },
    { status: 'up', version: '1.2' },
    { code: 404, city: 'Zug' },
    { message: 'Hello' },
    { message: 'If the account exists, a mail was sent to its address' },
    { message: 'There is no fee for this transfer' },
    { success: true, message: 'Login successful', token: 'abc' },
    { success: true, error: null },
    { error: null, data: { id: 1 } },
    { error: false, items: [] },
    { errors: [], data: { user: { id: 1 } } },
    { items: [], total: 0 },
    { count: 0 },
    [],
    [{ error: 'x' }],
    {},
    { code: 200, message: 'success', data: { id: 3 } },
    { code: 0, msg: 'ok', data: [] },
    { result: { id: 7, error: 'none' } },
    { type: 'error', level: 3, lines: ['a'] },
    null,
    'text',
  ];
  for (const json of data) assert.equal(of(json), undefined, JSON.stringify(json));
});

test('pages, documents and texts', () => {
  const page = '<html><body><form method="post"><input name="u"><input type="password" name="p"></form></body></html>';
  assert.equal(refusalIn('text/html', page, undefined), 'unauthenticated');
  assert.equal(refusalIn('text/html', '<html><form><input name="q"></form></html>', undefined), undefined);
  assert.equal(
    refusalIn('application/xml', '<?xml version="1.0"?><error><message>not found</message></error>', undefined),
    'missing',
  );
  assert.equal(
    refusalIn(
      'text/xml',
      '<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultstring>x</faultstring></s:Fault></s:Body></s:Envelope>',
      undefined,
    ),
    'invalid',
  );
  assert.equal(refusalIn('application/xml', '<order><error>none</error></order>', undefined), undefined);
  assert.equal(refusalIn('text/plain', 'Access denied', undefined), 'forbidden');
  assert.equal(refusalIn('text/plain', 'id,name\n1,Not found', undefined), undefined);
});

test('long answers are not read for errors, and unfinished markup is none', () => {
  assert.equal(refusalIn('text/html', `<form${' '.repeat(15_000)}<input${' '.repeat(900)}`, undefined), undefined);
  const long = { error: 'x'.repeat(20_000) };
  assert.equal(refusalIn('application/json', JSON.stringify(long), long), undefined);
});

test('every status means something', () => {
  const expected: [number, Outcome][] = [
    [100, 'none'],
    [200, 'success'],
    [204, 'success'],
    [304, 'success'],
    [302, 'redirect'],
    [400, 'invalid'],
    [401, 'unauthenticated'],
    [403, 'forbidden'],
    [404, 'missing'],
    [405, 'no-method'],
    [409, 'invalid'],
    [410, 'missing'],
    [422, 'invalid'],
    [429, 'limited'],
    [500, 'error'],
    [501, 'no-method'],
    [503, 'error'],
  ];
  for (const [status, outcome] of expected) assert.equal(outcomeOfStatus(status), outcome, String(status));
});
