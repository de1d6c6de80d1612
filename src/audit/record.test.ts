import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refuse } from '../gateway/refusal.ts';
import { addressForm } from './address.ts';
import { evidenceJson, freeText } from './evidence.ts';
import { exchange, operation } from './fixture.ts';
import { mask } from './mask.ts';
import { keepPolicy } from './operations.ts';
import { type AuditRecord, eventBody, linePrefix, objectNeedle, Recorder } from './record.ts';
import { printable, quote } from './text.ts';

const seed = Buffer.alloc(32, 7);
const standard = { paths: 'full', queryValues: [] as string[] } as const;
const recorder = new Recorder(standard, addressForm('full', seed));
const lineOf = (one: ReturnType<typeof exchange>, by = recorder): string =>
  linePrefix(17) + by.body(one, one.started + 2);
const read = (one: ReturnType<typeof exchange>, by = recorder): AuditRecord =>
  JSON.parse(lineOf(one, by)) as AuditRecord;

test('a record says who, what, how it ended and how long it took', () => {
  const one = exchange(17, { query: 'fields=name&limit=10' });
  one.note('throttle-identity', 'within its rate', { left: 3 });
  one.disclosed.fields.push('birthDate');
  one.bytesOut = 512;
  const { id } = one;
  assert.deepEqual(read(one), {
    v: 1,
    n: 17,
    time: new Date(one.time).toISOString(),
    kind: 'exchange',
    id,
    peer: { address: '203.0.113.7', tls: 'TLSv1.3' },
    request: {
      method: 'GET',
      version: '2.0',
      host: 'localhost',
      path: '/patients/17',
      query: ['fields', 'limit'],
      agent: 'test/1',
    },
    operation: { key: 'GET /patients/{id}', id: 'getPatient' },
    principal: {
      kind: 'key',
      id: 'nurse-3',
      roles: ['nurse'],
      credential: { scheme: 'key', id: 'cred-3', binding: 'none' },
    },
    outcome: { result: 'allowed', status: 200 },
    upstream: 200,
    bytes: [0, 512],
    us: { total: 2000, steps: [10, 20, null, 30] },
    decisions: [{ stage: 'throttle-identity', note: 'within its rate', evidence: { left: 3 } }],
    disclosed: { fields: ['birthDate'], objects: ['patient:17'] },
  });
});

test('a refusal is recorded with its judgement, violations and evidence', () => {
  const one = exchange(1);
  one.answer = undefined;
  one.refusal = refuse('invalid-request', {
    detail: 'two violations',
    violations: [{ in: 'query', pointer: '/limit', detail: 'must be an integer' }],
    evidence: { rule: 'x' },
  });
  const record = read(one);
  assert.deepEqual(record.outcome, {
    result: 'invalid',
    status: 400,
    code: 'invalid-request',
    detail: 'two violations',
    violations: [{ in: 'query', pointer: '/limit', detail: 'must be an integer' }],
    evidence: { rule: 'x' },
  });
  assert.equal(record.upstream, undefined);
  for (const [code, result] of [
    ['harmful', 'harmful'],
    ['not-permitted', 'refused'],
    ['upstream-timeout', 'failed'],
  ] as const) {
    one.refusal = refuse(code);
    assert.equal(read(one).outcome?.result, result);
  }
});

test('values of the query are recorded only where the policy lists them', () => {
  const listed = { ...operation, key: 'GET /search' };
  keepPolicy(listed, { paths: 'template', queryValues: ['page'] });
  const one = exchange(1, { query: 'page=2&q=secret-disease&page=3&plain' });
  assert.doesNotMatch(lineOf(one), /secret-disease|"2"/);
  one.operation = listed;
  const { request } = read(one);
  assert.equal(request?.path, undefined, 'the template only');
  assert.deepEqual(request?.query, ['page', 'q', 'page', 'plain']);
  assert.deepEqual(request?.values, { page: '3' });
  assert.doesNotMatch(lineOf(one), /secret-disease/);
});

test('a path that no operation matches is not recorded under `paths: template`', () => {
  const one = exchange(1, { path: '/patients/4711/secret' });
  one.operation = undefined;
  const strict = new Recorder({ paths: 'template', queryValues: [] }, addressForm('full', seed));
  assert.doesNotMatch(lineOf(one, strict), /4711/);
});

test('addresses are cut or hashed where that is wanted', () => {
  const one = exchange(1);
  const at = (form: 'truncated' | 'hashed') => read(one, new Recorder(standard, addressForm(form, seed))).peer?.address;
  assert.equal(at('truncated'), '203.0.113.0');
  assert.match(at('hashed')!, /^h:[0-9a-f]{24}$/);
  const other = new Recorder(standard, addressForm('hashed', Buffer.alloc(32, 8)));
  assert.notEqual(read(one, other).peer?.address, at('hashed'), 'keyed: nobody can try all addresses');
  assert.equal(addressForm('truncated', seed)('2001:db8:1:2::9'), '2001:db8:1::');
  assert.equal(addressForm('truncated', seed)('not an address'), 'unknown');
});

test('no line can be broken, no terminal steered, by what a client sends', () => {
  const hostile =
    'a"b\\c\n{"v":1,"n":18}\r\u001b[2J\u0000\u0085\u009b\u2028\u2029\u202e\u2066\u200b\ufeff\ud800x\u{e0041}\u{1f600}';
  const one = exchange(1, {
    method: hostile,
    host: hostile,
    path: hostile,
    query: `${encodeURIComponent('a\nb')}=1&%zz=2`,
    headers: Object.assign(Object.create(null), { 'user-agent': hostile }),
  });
  one.note(hostile, hostile, { [hostile]: hostile });
  one.disclosed.objects.push(hostile);
  const line = lineOf(one);
  assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/);
  assert.equal(JSON.parse(line).request.path, hostile, 'and nothing of it is lost');
  assert.ok(line.includes('\u{1f600}'), 'what is harmless stays readable');
  assert.equal(line.includes('\u{e0041}'), false, 'invisible tags do not');
});

test('a JSON string is what JSON.parse reads back, whatever is in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(JSON.parse(quote(text, 1000)), text);
      assert.doesNotMatch(printable(text), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
    }),
  );
});

test('what looks like a credential is masked wherever text is free', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  const key = 'pk_01J8ZK4T0VB9R5S3XN7QY2M6WA_9f3c';
  for (const [text, secret] of [
    [`/reset/${jwt}`, jwt],
    [`/x/${key}/y`, key],
    ['/x/%70k_01J8ZK4T0VB9R5S3XN7QY2M6WA', 'k_01J8ZK4T'],
    [`Bearer ${key}`, key],
    ['said Basic YWxpY2U6c2VjcmV0', 'YWxpY2U6c2VjcmV0'],
    ['basic%20YWxpY2U6c2VjcmV0', 'YWxpY2U6c2VjcmV0'],
    ['http://alice:hunter2@host/', 'hunter2'],
    ['/x;api_key=abcdef', 'abcdef'],
    ['password=hunter2', 'hunter2'],
    ['-----BEGIN PRIVATE KEY-----\nMC4CAQAw', 'MC4CAQAw'],
    ['ghp_0123456789abcdefABCDEF0123456789abcd', '0123456789abcdef'],
    ['AKIAABCDEFGHIJKLMNOP', 'ABCDEFGHIJKLMNOP'],
  ] as const) {
    assert.ok(!mask(text).includes(secret), text);
    assert.match(mask(text), /masked/, text);
    const one = exchange(1, { path: text, headers: Object.assign(Object.create(null), { 'user-agent': text }) });
    one.note('authenticate', text, { seen: text, deep: [{ text }] });
    one.disclosed.objects.push(text);
    one.refusal = refuse('credentials-invalid', { detail: text, evidence: { text } });
    assert.ok(!lineOf(one).includes(secret), `in a record: ${text}`);
  }
});

test('ordinary text is left as it is', () => {
  for (const text of [
    '/patients/17',
    '/a%20b/c',
    '/tokens',
    'eyJ',
    '/basic/plan',
    'sk_1',
    'the token: expired',
    'a?b=c',
    '/pk/1',
  ])
    assert.equal(mask(text), text);
});

test('members whose name says that they are secret are masked', () => {
  const json = evidenceJson({
    password: 'x',
    client_secret: 'y',
    'X-Api-Key': 'z',
    tokens: 'kept',
    nested: { Authorization: 'w' },
  });
  assert.deepEqual(JSON.parse(json), {
    password: '[masked]',
    client_secret: '[masked]',
    'X-Api-Key': '[masked]',
    tokens: 'kept',
    nested: { Authorization: '[masked]' },
  });
});

test('evidence of any kind is recorded within bounds, and never throws', () => {
  const cycle: Record<string, unknown> = { name: 'cycle' };
  cycle['self'] = cycle;
  const throwing = {
    get boom(): never {
      throw new Error('boom');
    },
  };
  for (const value of [
    cycle,
    throwing,
    { big: 1n },
    { a: Buffer.alloc(10) },
    { f: () => 1 },
    { d: new Date(Number.NaN) },
    new Map([[1, cycle]]),
  ])
    assert.doesNotThrow(() => JSON.parse(evidenceJson(value)));
  const huge = { list: Array.from({ length: 100_000 }, (_, i) => 'x'.repeat(10_000) + i) };
  assert.ok(evidenceJson(huge).length < 20_000);
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }), (value) => {
      const json = evidenceJson(value);
      JSON.parse(json);
      assert.ok(json.length < 20_000);
    }),
  );
});

test('every list and text has its cap, and what was left out is counted', () => {
  const one = exchange(1, { path: `/${'p'.repeat(100_000)}`, query: 'a&'.repeat(5000) });
  for (let i = 0; i < 200; i++) one.note('detect', `note ${i}`);
  for (let i = 0; i < 10_005; i++) one.disclosed.objects.push(`patient:${i}`);
  one.refusal = refuse('invalid-request', {
    violations: Array.from({ length: 100 }, (_, i) => ({ in: 'body', pointer: `/${i}`, detail: 'x'.repeat(5000) })),
  });
  const line = lineOf(one);
  const record = JSON.parse(line) as AuditRecord;
  assert.ok(line.length < 400_000, String(line.length));
  assert.equal(record.request?.path?.length, 1024);
  assert.equal(record.decisions?.length, 64);
  assert.equal(record.disclosed?.objects?.length, 10_000);
  assert.deepEqual(record.omitted, { query: 1, violations: 68, decisions: 136, objects: 6 });
});

test('an exchange in a shape nobody foresaw is still recorded', () => {
  const one = exchange(1);
  Object.assign(one, { principal: { id: 3 }, disclosed: null });
  const record = read(one);
  assert.equal(record.id, one.id);
  assert.equal(record.note, 'recorded in part');
});

test('the placeholder of a malformed request is recorded like any other', () => {
  const one = exchange(1, { method: '-', version: '-', host: '', path: '-', headers: Object.create(null) });
  one.operation = undefined;
  one.principal = undefined;
  one.answer = undefined;
  one.refusal = refuse('malformed-request', { evidence: { error: 'HPE_INVALID_METHOD' } });
  const record = read(one);
  assert.deepEqual(record.outcome?.code, 'malformed-request');
  assert.equal(record.operation, undefined);
});

test('events are records too', () => {
  const record = JSON.parse(
    linePrefix(3) + eventBody({ event: 'authentication/locked', note: 'too\nmany', evidence: { token: 'x' } }, 1000),
  ) as AuditRecord;
  assert.deepEqual(record, {
    v: 1,
    n: 3,
    time: '1970-01-01T00:00:01.000Z',
    kind: 'event',
    event: 'authentication/locked',
    note: 'too\nmany',
    evidence: { token: '[masked]' },
  });
});

test('an object is looked for as it was written', () => {
  for (const object of ['patient:17', 'a:"b\\c', 'x:\u202e', `k:pk_${'a'.repeat(30)}`, `long:${'y'.repeat(400)}`]) {
    const one = exchange(1);
    one.disclosed.objects.push(object);
    assert.ok(lineOf(one).includes(objectNeedle(object)), object);
  }
  assert.equal(freeText('plain', 10), '"plain"');
});
