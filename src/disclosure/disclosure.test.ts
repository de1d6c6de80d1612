import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MediaType, Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Services } from '../gateway/services.ts';
import { answered, exchange, media, operation, parameter, principal, response, schemaAt } from '../shared/fixture.ts';
import { disclosure } from './disclosure.ts';
import { settings } from './settings.ts';

interface Outcome {
  readonly refusal: Refusal | undefined;
  readonly code: string | undefined;
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly mode: string | undefined;
  /** The body as it leaves: parsed JSON, or text. */
  readonly body: unknown;
  readonly x: Exchange;
}

interface Upstream {
  readonly status?: number;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: unknown;
}

/** Sends an answer through both stages, as the gateway does. */
function disclose(
  on: Operation,
  upstream: Upstream,
  config: object = {},
  who: Principal | undefined = principal(),
  request = `${on.method} /patients/17`,
  requestHeaders: Record<string, string> = {},
): Outcome {
  const stages = disclosure.stages({ settings: settings.parse(config), origins: {} }, on, {} as Services);
  const x = exchange(request, who, requestHeaders);
  const headers = upstream.headers ?? { 'content-type': 'application/json' };
  answered(x, upstream.status ?? 200, headers, upstream.body);
  const bytes = x.answer!.bytes;
  x.answer!.bytes = undefined;
  let refusal = stages['open-answer']!(x) as Refusal | undefined;
  if (refusal === undefined && x.answer!.mode === 'buffer') {
    x.answer!.bytes = bytes ?? Buffer.alloc(0);
    refusal = stages['disclose']!(x) as Refusal | undefined;
  }
  const text = x.answer!.mode === 'buffer' ? String(x.answer!.bytes) : x.answer!.mode === 'stream' ? String(bytes) : '';
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {}
  return {
    refusal,
    code: refusal?.code,
    status: refusal?.status ?? x.answer!.status,
    headers: refusal === undefined ? x.answer!.headers : (refusal.headers ?? {}),
    mode: refusal === undefined ? x.answer!.mode : undefined,
    body: refusal === undefined ? body : undefined,
    x,
  };
}

const json = (schema?: unknown): MediaType => media('application/json', schema);
const get = (schema?: unknown, parts: Partial<Operation> = {}): Operation =>
  operation('GET /patients/{id}', { responses: [response('200', [json(schema)])], ...parts });

const PATIENT = {
  type: 'object',
  properties: { id: { type: 'integer' }, name: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
};

test('what the contract does not name stays behind, at every depth', () => {
  const cases: [schema: object, body: unknown, left: unknown][] = [
    [PATIENT, { id: 1, name: 'a', hash: 'x' }, { id: 1, name: 'a' }],
    [{ type: 'array', items: PATIENT }, [{ id: 1, hash: 'x' }, { hash: 'y' }], [{ id: 1 }, {}]],
    [{ type: 'object', properties: { p: PATIENT } }, { p: { id: 1, hash: 'x' }, q: 1 }, { p: { id: 1 } }],
    [
      { allOf: [PATIENT, { type: 'object', properties: { age: {} } }] },
      { id: 1, age: 2, hash: 'x' },
      { id: 1, age: 2 },
    ],
    [{ type: 'object', additionalProperties: PATIENT }, { a: { id: 1, hash: 'x' } }, { a: { id: 1 } }],
    [
      { oneOf: [PATIENT, { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] }] },
      { id: 1, hash: 'x' },
      { id: 1 },
    ],
  ];
  for (const [schema, body, left] of cases) {
    const outcome = disclose(get(schema), { body });
    assert.equal(outcome.code, undefined);
    assert.deepEqual(outcome.body, left);
    assert.ok(outcome.x.disclosed.removed.length > 0);
  }
});

test('a container where a plain value is declared does not leave', () => {
  const { body } = disclose(get(PATIENT), { body: { id: 1, name: { hash: 'x' }, tags: [{ hash: 'y' }, 'a'] } });
  assert.ok(!JSON.stringify(body).includes('hash'));
});

test('properties named like what objects inherit are cut like others', () => {
  const { body } = disclose(get(PATIENT), {
    body: '{"id":1,"__proto__":{"hash":"x"},"constructor":{"prototype":{"hash":"x"}},"toString":"x","hasOwnProperty":1}',
  });
  assert.deepEqual(body, { id: 1 });
  assert.equal(({} as Record<string, unknown>)['hash'], undefined);
});

test('a second key of the same name carries nothing past the cut', () => {
  const { x } = disclose(get(PATIENT), { body: '{"name":{"hash":"secret"},"name":"a"}' });
  assert.equal(String(x.answer!.bytes), '{"name":"a"}');
});

test('writeOnly never leaves', () => {
  const schema = { type: 'object', properties: { id: {}, password: { type: 'string', writeOnly: true } } };
  assert.deepEqual(disclose(get(schema), { body: { id: 1, password: 'x' } }).body, { id: 1 });
});

test('block refuses what strip removes, and tells the client nothing of it', () => {
  for (const body of [{ id: 1, hash: 'x' }, { id: 'x' }, [], '"x"', 'null']) {
    const { code, refusal } = disclose(get(PATIENT), { body }, { mode: 'block' });
    assert.equal(code, 'answer-undeclared');
    assert.equal(refusal?.detail, undefined);
  }
  assert.deepEqual(disclose(get(PATIENT), { body: { id: 1 } }, { mode: 'block' }).body, { id: 1 });
});

test('report passes everything and notes what would be removed', () => {
  const body = { id: 1, hash: 'x', name: { a: 1 } };
  const outcome = disclose(get(PATIENT), { body }, { mode: 'report' });
  assert.deepEqual(outcome.body, body);
  assert.deepEqual(outcome.x.disclosed.removed, [], 'nothing was removed, so nothing says so');
  const told = outcome.x.decisions.find((d) => d.note === 'report: this would be removed');
  assert.match(JSON.stringify(told), /"\/hash"/);
  const odd = disclose(
    get(PATIENT),
    { status: 299, headers: { 'content-type': 'text/html' }, body: 'x' },
    { mode: 'report' },
  );
  assert.deepEqual([odd.code, odd.mode, odd.body], [undefined, 'stream', 'x']);
  assert.equal(disclose(get(PATIENT), { body: 'no json' }, { mode: 'report' }).body, 'no json');
});

test('off leaves the bytes as they came, but writes anew what another stage has changed', () => {
  const on = get(PATIENT);
  assert.deepEqual(disclose(on, { body: '{"hash": 1}' }, { mode: 'off' }).x.answer!.bytes, Buffer.from('{"hash": 1}'));
  const stages = disclosure.stages({ settings: settings.parse({ mode: 'off' }), origins: {} }, on, {} as Services);
  const x = exchange('GET /p');
  answered(x, 200, { 'content-type': 'application/json' }, { items: [1, 2] });
  stages['open-answer']!(x);
  assert.equal(x.answer!.mode, 'buffer');
  x.answer!.value = { items: [1] };
  stages['disclose']!(x);
  assert.equal(String(x.answer!.bytes), '{"items":[1]}');
});

test('a JSON answer without a schema leaves whole, as JSON only', () => {
  assert.deepEqual(disclose(get(), { body: { a: 1 } }).body, { a: 1 });
  assert.equal(disclose(get(), { body: '<html>' }).code, 'upstream-malformed');
});

test('what is not JSON under a JSON type is refused', () => {
  for (const body of ['<html>Error at /srv/app.js:17</html>', '[NaN]', '{"a":1', ' '])
    assert.equal(disclose(get(PATIENT), { body }).code, 'upstream-malformed', body);
  const utf16 = exchange('GET /p', principal());
  answered(utf16, 200, { 'content-type': 'application/json; charset=utf-16' });
  const stages = disclosure.stages({ settings: settings.parse({}), origins: {} }, get(PATIENT), {} as Services);
  stages['open-answer']!(utf16);
  utf16.answer!.bytes = Buffer.from('{"id":1}', 'utf16le');
  assert.equal((stages['disclose']!(utf16) as Refusal).code, 'upstream-malformed');
  assert.deepEqual(disclose(get(PATIENT), { body: '\ufeff{"id":1}' }).body, { id: 1 });
});

test('a deeply nested answer is refused or cut, but never throws', () => {
  for (const schema of [
    PATIENT,
    undefined,
    { $ref: '#/$defs/t', $defs: { t: { type: 'array', items: { $ref: '#/$defs/t' } } } },
  ])
    for (const mode of ['strip', 'block', 'report']) {
      const body = '['.repeat(100_000) + ']'.repeat(100_000);
      assert.doesNotThrow(() => disclose(get(schema), { body }, { mode }));
    }
});

test('a media type that the contract does not declare is refused, whatever it carries', () => {
  const on = get(PATIENT);
  for (const type of [
    'text/plain',
    'text/html',
    'application/jsonx',
    'application/problem+json',
    'application/x-ndjson',
  ]) {
    const { code } = disclose(on, { headers: { 'content-type': type }, body: { hash: 'x' } });
    assert.equal(code, 'answer-undeclared', type);
  }
  assert.equal(disclose(on, { headers: {}, body: { hash: 'x' } }).code, 'answer-undeclared');
  const twice = { 'content-type': ['application/json', 'text/html'] };
  assert.equal(disclose(on, { headers: twice, body: {} }).code, 'answer-undeclared');
});

test('declared types other than JSON stream; ranges of types count', () => {
  const on = get(undefined, {
    responses: [response('200', [media('image/*'), media('text/html'), media('application/pdf')])],
  });
  const png = disclose(on, { headers: { 'content-type': 'image/png', 'content-length': '3' }, body: 'png' });
  assert.deepEqual([png.mode, png.headers['content-type'], png.body], ['stream', 'image/png', 'png']);
  assert.equal(png.headers['content-length'], undefined);
  const html = disclose(on, { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<p>' });
  assert.match(String(html.headers['content-security-policy']), /sandbox/);
  assert.equal(html.headers['content-disposition'], undefined);
  const svg = disclose(on, { headers: { 'content-type': 'image/svg+xml' }, body: '<svg onload=x>' });
  assert.equal(svg.headers['content-disposition'], 'attachment');
  assert.match(String(svg.headers['content-security-policy']), /sandbox/);
  const odd = disclose(on, { headers: { 'content-type': 'image/png; a="\u0001"' }, body: 'png' });
  assert.equal(odd.headers['content-type'], 'image/png');
  assert.equal(disclose(on, { headers: { 'content-type': 'image/' }, body: 'x' }).code, 'answer-undeclared');
});

test('an answer that a rule must see whole is not streamed', () => {
  for (const on of [get(undefined, { responses: [response('200', [media('text/csv')])] }), operation('GET /**')]) {
    const x = exchange('GET /p', principal());
    answered(x, 200, { 'content-type': 'text/csv' });
    x.unstreamed = refuse('object-hidden');
    const stages = disclosure.stages({ settings: settings.parse({}), origins: {} }, on, {} as Services);
    assert.equal(stages['open-answer']!(x), x.unstreamed);
  }
});

test('a range that covers JSON is cut by its schema', () => {
  for (const type of ['*/*', 'application/*']) {
    const on = get(undefined, { responses: [response('200', [media(type, PATIENT)])] });
    assert.deepEqual(disclose(on, { body: { id: 1, hash: 'x' } }).body, { id: 1 }, type);
    const vendor = disclose(on, { headers: { 'content-type': 'application/vnd.a+json' }, body: { id: 1, hash: 'x' } });
    assert.deepEqual(vendor.body, { id: 1 });
    assert.equal(vendor.headers['content-type'], 'application/vnd.a+json; charset=utf-8');
  }
});

test('statuses: exact, range, default, undeclared', () => {
  const on = get(undefined, {
    responses: [
      response('200', [json({ type: 'object', properties: { exact: {} } })]),
      response('2XX', [json({ type: 'object', properties: { range: {} } })]),
      response('404', [json({ type: 'object', properties: { message: {} } })]),
    ],
  });
  const body = { exact: 1, range: 2, message: 'no', sql: 'SELECT', default: 3 };
  assert.deepEqual(disclose(on, { body }).body, { exact: 1 });
  assert.deepEqual(disclose(on, { status: 299, body }).body, { range: 2 });
  assert.deepEqual(disclose(on, { status: 404, body }).body, { message: 'no' });
  assert.equal(disclose(on, { status: 302, body }).code, 'answer-undeclared');
  assert.equal(disclose(get(PATIENT), { status: 299, body }).code, 'answer-undeclared');
  assert.equal(disclose(get(PATIENT), { status: 999, body }).code, 'upstream-malformed');
  const fallback = get(undefined, {
    responses: [response('default', [json({ type: 'object', properties: { default: {} } })])],
  });
  for (const status of [200, 302, 404, 418])
    assert.deepEqual(disclose(fallback, { status, body }).body, { default: 3 });
  assert.deepEqual(disclose(get(PATIENT), { status: 299, body }, { undeclaredStatus: 'pass' }).body, body);
});

test('an undeclared 4xx keeps its status and loses its text', () => {
  for (const status of [400, 401, 403, 409, 422, 429]) {
    const { refusal } = disclose(get(PATIENT), {
      status,
      headers: { 'content-type': 'text/html', 'retry-after': '7' },
      body: 'at db.js',
    });
    assert.deepEqual([refusal?.code, refusal?.status], ['upstream-refused', status]);
    assert.deepEqual(refusal?.headers, { 'retry-after': '7' });
    assert.ok(!JSON.stringify(refusal).includes('db.js'));
  }
  assert.equal(disclose(get(PATIENT), { status: 404, body: {} }).code, 'object-hidden');
  const declared = get(undefined, { responses: [response('404', [json(PATIENT)])] });
  assert.equal(
    disclose(declared, { status: 404, headers: { 'content-type': 'text/html' }, body: 'x' }).code,
    'object-hidden',
  );
});

test('a declared 4xx is cut, reserved and masked like any answer', () => {
  const schema = {
    type: 'object',
    properties: { message: { type: 'string' }, owner: { type: 'string', 'x-portcullis-roles': ['nurse'] } },
  };
  const on = get(undefined, { responses: [response('409', [json(schema)])] });
  const { body } = disclose(on, { status: 409, body: { message: 'taken', owner: 'Jane', stack: 'at x' } });
  assert.deepEqual(body, { message: 'taken' });
});

test('5xx are replaced, even where declared; 503 keeps its status and Retry-After', () => {
  const schema = json({ type: 'object', properties: { message: { type: 'string' } } });
  const on = get(undefined, { responses: [response('500', [schema]), response('default', [schema])] });
  const body = { message: 'Error at /srv/db.js' };
  for (const [status, code, left] of [
    [500, 'upstream-failed', 502],
    [502, 'upstream-failed', 502],
    [503, 'upstream-failed', 503],
    [504, 'upstream-timeout', 504],
  ] as const) {
    const { refusal } = disclose(on, {
      status,
      body,
      headers: { 'content-type': 'application/json', 'retry-after': '30' },
    });
    assert.deepEqual([refusal?.code, refusal?.status, refusal?.headers?.['retry-after']], [code, left, '30']);
    assert.ok(!JSON.stringify(refusal).includes('db.js'));
  }
  const odd = disclose(on, { status: 503, headers: { 'retry-after': '1\r\nx: y' } });
  assert.equal(odd.refusal?.headers, undefined);
  const passed = disclose(on, { status: 500, body: { message: 'm', stack: 's' } }, { errors: 'pass' });
  assert.deepEqual([passed.status, passed.body], [500, { message: 'm' }]);
});

test('a body that the contract does not declare is dropped, or the answer refused', () => {
  const on = get(undefined, { responses: [response('200')] });
  const { mode, x } = disclose(on, { body: { hash: 'x' } });
  assert.deepEqual([mode, x.disclosed.removed], ['none', ['']]);
  assert.equal(disclose(on, { body: { hash: 'x' } }, { mode: 'block' }).code, 'answer-undeclared');
  assert.equal(disclose(on, { headers: { 'content-length': '0' } }, { mode: 'block' }).mode, 'none');
});

test('no body, no content type: 204, 304, empty', () => {
  const on = get(PATIENT, { responses: [response('200', [json(PATIENT)]), response('204', [])] });
  assert.equal(disclose(on, { status: 204, body: { hash: 'x' } }).mode, 'none');
  assert.equal(disclose(on, { headers: { 'content-type': 'application/json', 'content-length': '0' } }).mode, 'none');
  const empty = disclose(on, {});
  assert.deepEqual([empty.code, empty.mode, empty.headers['content-type']], [undefined, 'none', undefined]);
  assert.equal(disclose(on, { status: 304 }).code, 'answer-undeclared');
  const conditional = disclose(on, { status: 304, headers: { etag: '"a"' } }, {}, principal(), 'GET /p', {
    'if-none-match': '"a"',
  });
  assert.deepEqual([conditional.mode, conditional.headers['etag']], ['none', '"a"']);
});

test('HEAD tells neither the length nor the tag of what is cut from GET', () => {
  const on = operation('HEAD /patients/{id}', { responses: [response('200', [json(PATIENT)])] });
  const headers = { 'content-type': 'application/json', 'content-length': '4711', etag: '"whole"', 'x-total': '9' };
  const outcome = disclose(on, { headers });
  assert.equal(outcome.mode, 'none');
  for (const name of ['content-length', 'etag', 'x-total']) assert.equal(outcome.headers[name], undefined, name);
});

test('a part of a JSON text is refused; a range of a stream passes where the request asked for it', () => {
  const range = { range: 'bytes=0-9' };
  const part = {
    status: 206,
    headers: { 'content-type': 'application/json', 'content-range': 'bytes 0-9/99' },
    body: '{"hash":"x',
  };
  assert.equal(disclose(get(PATIENT), part, {}, principal(), 'GET /p', range).code, 'upstream-malformed');
  const pdf = get(undefined, { responses: [response('200', [media('application/pdf')])] });
  const piece = {
    status: 206,
    headers: { 'content-type': 'application/pdf', 'content-range': 'bytes 0-9/99' },
    body: 'x',
  };
  const streamed = disclose(pdf, piece, {}, principal(), 'GET /p', range);
  assert.deepEqual([streamed.mode, streamed.headers['content-range']], ['stream', 'bytes 0-9/99']);
  assert.equal(disclose(pdf, piece).code, 'answer-undeclared');
});

test('an entity tag does not leave with an answer that was cut, unless the contract declares it', () => {
  const headers = { 'content-type': 'application/json', etag: '"whole"' };
  assert.equal(disclose(get(PATIENT), { headers, body: { id: 1 } }).headers['etag'], '"whole"');
  assert.equal(disclose(get(PATIENT), { headers, body: { id: 1, hash: 'x' } }).headers['etag'], undefined);
  const declared = get(undefined, { responses: [response('200', [json(PATIENT)], ['etag'])] });
  assert.equal(disclose(declared, { headers, body: { id: 1, hash: 'x' } }).headers['etag'], '"whole"');
  const masked = get({ type: 'object', properties: { card: { type: 'string', 'x-portcullis-mask': 'last4' } } });
  assert.equal(disclose(masked, { headers, body: { card: '12345678' } }).headers['etag'], undefined);
});

test('an answer known to be too large is refused before it is read', () => {
  const headers = { 'content-type': 'application/json', 'content-length': '2000' };
  assert.equal(disclose(get(PATIENT), { headers, body: {} }, { maxAnswer: 1024 }).code, 'answer-too-large');
});

test('headers leave by allowlist: usual, declared, allowed', () => {
  const on = get(undefined, { responses: [response('200', [json(PATIENT)], ['x-total', 'server', 'content-length'])] });
  const upstream = {
    'content-type': 'application/json',
    'content-length': '8',
    'x-total': '3',
    'x-page': '1',
    'x-page-size': '10',
    server: 'nginx/1.2',
    via: '1.1 internal',
    'x-powered-by': 'Express',
    'x-aspnet-version': '4',
    'x-debug-token': 'x',
    'set-cookie': ['a=1'],
    'access-control-allow-origin': '*',
    connection: 'close',
    'transfer-encoding': 'chunked',
    'last-modified': 'Tue, 03 Nov 2026 10:00:00 GMT',
    'content-language': 'de',
    __proto__x: '1',
  };
  const { headers } = disclose(on, { headers: upstream, body: {} }, { headers: { allow: ['X-Page*'] } });
  assert.deepEqual(Object.keys(headers).sort(), [
    'cache-control',
    'content-language',
    'content-security-policy',
    'content-type',
    'last-modified',
    'referrer-policy',
    'x-content-type-options',
    'x-page',
    'x-page-size',
    'x-total',
  ]);
  assert.equal(headers['content-type'], 'application/json; charset=utf-8');
  const cookies = disclose(on, { headers: upstream, body: {} }, { headers: { allow: ['set-cookie'] } });
  assert.deepEqual(cookies.headers['set-cookie'], ['a=1']);
  for (const name of ['server', 'Access-Control-Allow-Origin', 'content-length', '__proto__', 'a b', '*'])
    assert.equal(settings.safeParse({ headers: { allow: [name] } }).success, false, name);
});

test('values that would break out of a header, and headers beyond the limit, are dropped', () => {
  const on = get(PATIENT);
  const { headers, x } = disclose(on, {
    headers: {
      'content-type': 'application/json',
      vary: 'a\r\nset-cookie: x=1',
      'content-language': 'a\u0000',
      etag: '\u0100',
    },
    body: {},
  });
  for (const name of ['vary', 'content-language', 'etag']) assert.equal(headers[name], undefined, name);
  assert.equal(x.decisions.length, 3);
  const huge = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`x-h${i}`, 'v'.repeat(1000)]));
  const outcome = disclose(
    on,
    { headers: { 'content-type': 'application/json', ...huge }, body: {} },
    { headers: { allow: ['x-h*'] } },
  );
  assert.ok(JSON.stringify(outcome.headers).length < 20_000);
  const long = { 'content-type': 'application/json', vary: 'v'.repeat(8193) };
  assert.equal(disclose(on, { headers: long, body: {} }).headers['vary'], undefined);
});

test('Location leads nowhere else', () => {
  const on = operation('POST /patients', { responses: [response('201', [json(PATIENT)])] });
  const left = (location: string | string[]): unknown =>
    disclose(
      on,
      { status: 201, headers: { 'content-type': 'application/json', location }, body: {} },
      { upstreams: ['http://127.0.0.1:3000'] },
    ).headers['location'];
  assert.equal(left('/patients/17'), '/patients/17');
  assert.equal(left('http://127.0.0.1:3000/patients/17'), '/patients/17');
  assert.equal(left('https://evil.example/'), undefined);
  assert.equal(left(['/a', '/b']), undefined);
  assert.equal(settings.safeParse({ redirects: ['https://a.example/path'] }).success, false);
});

test('answers to identified callers, and with sensitive fields, are not stored', () => {
  const cached = { 'content-type': 'application/json', 'cache-control': 'public, max-age=60', expires: 'x' };
  const identified = disclose(get(PATIENT), { headers: cached, body: {} });
  assert.deepEqual([identified.headers['cache-control'], identified.headers['expires']], ['no-store', undefined]);
  const anonymous = (schema: object, body: object): Record<string, unknown> => {
    const x = exchange('GET /p', undefined);
    answered(x, 200, cached, body);
    const stages = disclosure.stages({ settings: settings.parse({}), origins: {} }, get(schema), {} as Services);
    stages['open-answer']!(x);
    stages['disclose']!(x);
    return x.answer!.headers;
  };
  assert.equal(anonymous(PATIENT, {})['cache-control'], 'public, max-age=60');
  for (const mark of [
    { 'x-portcullis-sensitive': true },
    { 'x-portcullis-roles': ['r'] },
    { 'x-portcullis-mask': 'all' },
  ]) {
    const headers = anonymous({ type: 'object', properties: { a: mark } }, { a: 'x' });
    assert.deepEqual([headers['cache-control'], headers['expires']], ['no-store', undefined]);
  }
  const declared = get(undefined, { responses: [response('200', [json(PATIENT)], ['cache-control'])] });
  assert.equal(disclose(declared, { headers: cached, body: {} }).headers['cache-control'], 'public, max-age=60');
  assert.equal(
    disclose(get(PATIENT), { headers: cached, body: {} }, { cache: 'pass' }).headers['cache-control'],
    'public, max-age=60',
  );
});

const MARKED = {
  type: 'object',
  properties: {
    id: { type: 'integer', 'x-portcullis-object': 'patient' },
    nationalId: {
      type: 'string',
      'x-portcullis-sensitive': 'national-id',
      'x-portcullis-mask': 'last4',
      'x-portcullis-roles': ['doctor'],
    },
    diagnosis: { type: ['string', 'null'], 'x-portcullis-sensitive': true, 'x-portcullis-roles': ['doctor', 'nurse'] },
    card: { type: 'string', 'x-portcullis-mask': 'last4' },
    visits: { type: 'array', items: { type: 'integer', 'x-portcullis-object': 'visit' } },
  },
};

test('fields reserved to roles are removed or masked for everyone else', () => {
  const body = { id: 17, nationalId: '1234567890', diagnosis: 'flu', card: '4111111111111111' };
  const as = (...roles: string[]) => disclose(get(MARKED), { body }, {}, principal({ roles }));
  assert.deepEqual(as('doctor').body, { ...body, card: '****1111' });
  assert.deepEqual(as('nurse').body, { ...body, nationalId: '****7890', card: '****1111' });
  for (const role of ['clerk', '__proto__', 'constructor', '', 'Doctor'])
    assert.deepEqual(as(role).body, { id: 17, nationalId: '****7890', card: '****1111' }, role);
  assert.deepEqual(as('clerk').x.disclosed.removed, ['/diagnosis']);
  assert.deepEqual(disclose(get(MARKED), { body: { diagnosis: null } }, {}, principal()).body, {});
  // What the role may not see is no fault of the answer.
  assert.equal(disclose(get(MARKED), { body }, { mode: 'block' }).code, undefined);
});

test('rules hold for values of any type, valid or not', () => {
  const schema = {
    type: 'object',
    properties: {
      pin: { type: 'string', pattern: '^\\d{4}$', 'x-portcullis-roles': ['doctor'] },
      card: { type: 'string', maxLength: 4, 'x-portcullis-mask': 'last4' },
    },
  };
  for (const secret of ['SECRET', 4711, true, null, ['SECRET'], { a: 'SECRET' }, '']) {
    const { body } = disclose(get(schema), { body: { pin: secret, card: secret } });
    const { pin, card } = body as Record<string, unknown>;
    assert.equal(pin, undefined, JSON.stringify(secret));
    assert.ok(card === undefined || card === null || card === '****', JSON.stringify(card));
  }
});

test('what stands in something that is removed has not left', () => {
  const schema = {
    type: 'object',
    properties: {
      file: {
        type: 'object',
        'x-portcullis-roles': ['doctor'],
        properties: {
          id: { type: 'integer', 'x-portcullis-object': 'file' },
          text: { type: 'string', 'x-portcullis-sensitive': 'text' },
        },
      },
    },
  };
  const body = { file: { id: 1, text: 'x' } };
  const clerk = disclose(get(schema), { body });
  assert.deepEqual([clerk.body, clerk.x.disclosed], [{}, { fields: [], objects: [], removed: ['/file'] }]);
  const doctor = disclose(get(schema), { body }, {}, principal({ roles: ['doctor'] }));
  assert.deepEqual(doctor.x.disclosed, { fields: ['text'], objects: ['file:1'], removed: [] });
});

test('marks beside and behind a reference, in compositions and in maps', () => {
  const ssn = { type: 'string', 'x-portcullis-roles': ['doctor'] };
  const secret = { type: 'object', properties: { id: {}, ssn: { $ref: '#/$defs/ssn' } } };
  const $defs = { ssn, secret, plain: { type: 'string' } };
  const schemas = [
    { $ref: '#/$defs/secret' },
    { allOf: [{ $ref: '#/$defs/secret' }, { type: 'object', properties: { ssn: { type: 'string' } } }] },
    { allOf: [{ type: 'object', properties: { ssn: { type: 'string' } } }, { $ref: '#/$defs/secret' }] },
    { anyOf: [{ $ref: '#/$defs/secret' }, { type: 'object', properties: { ssn: { type: 'string' } } }] },
    { oneOf: [{ $ref: '#/$defs/secret' }, { type: 'array' }] },
    { type: 'object', properties: { id: {} }, additionalProperties: { $ref: '#/$defs/ssn' } },
    { type: 'object', properties: { id: {} }, patternProperties: { '^s': { $ref: '#/$defs/ssn' } } },
    { type: 'object', properties: { id: {}, ssn: { $ref: '#/$defs/plain', 'x-portcullis-roles': ['doctor'] } } },
    JSON.parse('{"if": {"type": "object"}, "then": {"$ref": "#/$defs/secret"}}'),
  ];
  for (const schema of schemas) {
    const outcome = disclose(get({ ...schema, $defs }), { body: { id: 1, ssn: 'SECRET' } });
    assert.deepEqual(outcome.body, { id: 1 }, JSON.stringify(schema));
    const doctor = disclose(
      get({ ...schema, $defs }),
      { body: { id: 1, ssn: 'x' } },
      {},
      principal({ roles: ['doctor'] }),
    );
    assert.deepEqual(doctor.body, { id: 1, ssn: 'x' }, JSON.stringify(schema));
  }
});

test('property: whatever the API answers, nothing reserved and nothing unnamed leaves', () => {
  const person = {
    type: 'object',
    properties: {
      id: { type: 'integer' },
      name: { type: 'string' },
      ssn: { type: 'string', 'x-portcullis-roles': ['doctor'] },
      friends: { type: 'array', items: { $ref: '#/$defs/person' } },
      boss: { oneOf: [{ $ref: '#/$defs/person' }, { type: 'null' }] },
      byName: { type: 'object', additionalProperties: { $ref: '#/$defs/person' } },
    },
  };
  const on = get({ $ref: '#/$defs/person', $defs: { person } });
  const keys = fc.constantFrom('id', 'name', 'ssn', 'friends', 'boss', 'byName', 'hash', '__proto__', 'constructor');
  // A secret wherever the contract has no place for it: unnamed or reserved, as a value or within one.
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom(null, 1, 'x', true),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.array(fc.tuple(keys, tie('tree')), { maxLength: 6 }).map((entries) => {
        const made = Object.create(null) as Record<string, unknown>;
        for (const [key, value] of entries) made[key] = key === 'ssn' || key === 'hash' ? ['SECRET', value] : value;
        return made;
      }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      const { code, body } = disclose(on, { body: JSON.stringify(value) });
      if (code === undefined) assert.ok(!JSON.stringify(body).includes('SECRET'));
    }),
    { numRuns: 1000 },
  );
});

test('two answers in turn: nothing of one caller’s rights or record is left for the next', () => {
  const on = get(MARKED);
  const stages = disclosure.stages({ settings: settings.parse({}), origins: {} }, on, {} as Services);
  const send = (roles: string[], body: object): Exchange => {
    const x = exchange('GET /p', principal({ roles }));
    answered(x, 200, { 'content-type': 'application/json' }, body);
    stages['open-answer']!(x);
    stages['disclose']!(x);
    return x;
  };
  assert.deepEqual(send(['doctor'], { id: 1, diagnosis: 'flu' }).disclosed.fields, ['diagnosis']);
  const next = send(['clerk'], { id: 2, diagnosis: 'flu' });
  assert.deepEqual(next.disclosed, { fields: [], objects: ['patient:2'], removed: ['/diagnosis'] });
  assert.equal(String(next.answer!.bytes), '{"id":2}');
});

test('the record names sensitive fields and objects that left, never a value', () => {
  const on = get(
    { type: 'array', items: MARKED },
    {
      parameters: [parameter('path', 'id', { schema: schemaAt({ type: 'integer', 'x-portcullis-object': 'ward' }) })],
    },
  );
  const body = [
    { id: 1, nationalId: '1234567890', diagnosis: null, visits: [7, 8, 7] },
    { id: 2, nationalId: null },
  ];
  const stages = disclosure.stages({ settings: settings.parse({}), origins: {} }, on, {} as Services);
  const x = exchange('GET /p', principal({ roles: ['doctor'] }));
  x.parameters!.path['id'] = 4;
  answered(x, 200, { 'content-type': 'application/json' }, body);
  stages['open-answer']!(x);
  stages['disclose']!(x);
  assert.deepEqual(x.disclosed.fields, ['national-id']);
  assert.deepEqual([...x.disclosed.objects].sort(), ['patient:1', 'patient:2', 'visit:7', 'visit:8', 'ward:4']);
});

test('the record of objects is capped, and says how many more there were', () => {
  const on = get({ type: 'array', items: { type: 'integer', 'x-portcullis-object': 'x' } });
  const { x } = disclose(on, { body: Array.from({ length: 1500 }, (_, i) => i) });
  assert.equal(x.disclosed.objects.length, 1000);
  assert.deepEqual(x.decisions.at(-1)?.evidence, { listed: 1000, more: 500 });
});

test('an answer that is refused in the end has disclosed nothing', () => {
  const { x, code } = disclose(
    get(MARKED),
    { body: { id: 1, nationalId: '1234567890', hash: 'x' } },
    { mode: 'block' },
  );
  assert.equal(code, 'answer-undeclared');
  assert.deepEqual(x.disclosed, { fields: [], objects: [], removed: [] });
});

test('malformed annotations are errors, and are read in their strictest sense', () => {
  const schema = {
    type: 'object',
    properties: {
      a: { type: 'string', 'x-portcullis-mask': 'last-4' },
      b: { type: 'string', 'x-portcullis-roles': 'doctor' },
      c: { type: 'string', 'x-portcullis-roles': [] },
      d: { type: 'string', 'x-portcullis-object': 'a:b' },
      e: { type: 'string', 'x-portcullis-sensitive': 7 },
    },
  };
  const body = { a: '12345678', b: 'x', c: 'x', d: 'x', e: 'x' };
  const { x, body: left } = disclose(get(schema), { body }, {}, principal({ roles: ['doctor'] }));
  assert.deepEqual(left, { a: '****', d: 'x', e: 'x' });
  assert.deepEqual(x.disclosed.fields, ['e']);
  const found = disclosure.inspect!({ settings: settings.parse({}), origins: {} }, get(schema));
  assert.deepEqual(
    found.map((f) => [f.severity, f.rule, f.place !== undefined]),
    Array.from({ length: 5 }, () => ['error', 'disclosure/malformed-annotation', true]),
  );
});

test('inspect: nothing to cut by, bodies that are dropped, marks that nothing enforces, slips of the pen', () => {
  const found = (on: Operation, config: object = {}): string[] =>
    disclosure.inspect!({ settings: settings.parse(config), origins: {} }, on).map(
      (f) => `${f.severity} ${f.rule.replace('disclosure/', '')}`,
    );
  assert.deepEqual(found(get(PATIENT)), []);
  assert.deepEqual(found(get()), ['weakness no-schema']);
  assert.deepEqual(found(get(undefined, { responses: [] })), ['warning no-responses']);
  assert.deepEqual(found(get(undefined, { responses: [response('200')] })), ['warning no-content']);
  assert.deepEqual(found(get(undefined, { responses: [response('204'), response('404')] })), []);
  const text = get(undefined, { responses: [response('200', [media('text/csv', MARKED)])] });
  assert.deepEqual(found(text), ['warning not-enforced']);
  assert.deepEqual(found(get(MARKED), { mode: 'report' }), ['warning not-enforced']);
  const slip = get({ type: 'object', properties: { a: { 'x-portcullis-senstive': true } } });
  assert.deepEqual(found(slip), ['warning unknown-annotation']);
});

test('without a contract bodies stream as they come; headers and 5xx are judged all the same', () => {
  const on = operation('GET /**');
  const outcome = disclose(on, {
    status: 299,
    headers: { 'content-type': 'application/json', server: 'x' },
    body: { a: 1 },
  });
  assert.deepEqual([outcome.mode, outcome.body, outcome.headers['server']], ['stream', { a: 1 }, undefined]);
  assert.equal(disclose(on, { status: 500, body: 'stack' }).code, 'upstream-failed');
  assert.equal(disclose(on, { status: 404, body: { a: 1 } }).mode, 'stream');
});

test('explain says what is in force and from where', () => {
  const lines = disclosure.explain(
    { settings: settings.parse({ mode: 'block' }), origins: { mode: 'portcullis.yaml:3:1' } },
    get(MARKED),
  );
  assert.deepEqual(lines[0], {
    part: 'answers',
    value: 'answers outside the contract are refused',
    origin: 'portcullis.yaml:3:1',
  });
  assert.ok(lines.some((line) => line.part === 'marked fields' && line.value.startsWith('3')));
});
