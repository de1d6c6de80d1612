import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import type { Refusal } from './../gateway/refusal.ts';
import { compileBody } from './body.ts';
import { exchangeOf, mediaType, operation, takes } from './fixture.ts';
import { JSON_TYPE, passes, pointers, refused, run, stageOf, THING } from './fixture-body.ts';
import { requestSchema } from './schemas.ts';
import { settings } from './settings.ts';

describe('JSON bodies', () => {
  const stage = stageOf([mediaType('application/json', THING)]);

  it('are parsed, judged, and forwarded byte for byte', async () => {
    const text = ' {"name": "a", "tags": ["x"]}\n';
    const { body } = await passes(stage, { 'content-type': 'Application/JSON; charset="UTF-8"; v=1' }, text);
    assert.deepEqual(body, {
      mediaType: 'application/json',
      contentType: 'application/json',
      bytes: Buffer.from(text),
      value: { name: 'a', tags: ['x'] },
    });
  });

  it('are refused with every violation and no value', async () => {
    const refusal = await refused(stage, JSON_TYPE, '{"age":"secretvalue","evil":1,"id":4,"inner":{"y":1}}');
    assert.equal(refusal.code, 'invalid-request');
    for (const pointer of ['/age', '/evil', '/id', '/inner/y']) assert.ok(pointers(refusal).includes(pointer), pointer);
    assert.ok(!JSON.stringify(refusal).includes('secretvalue'));
    assert.ok(refusal.violations?.every((each) => each.in === 'body'));
  });

  it('are refused where two readers would differ', async () => {
    assert.deepEqual(pointers(await refused(stage, JSON_TYPE, '{"name":"a","\\u006eame":"b"}')), ['/name']);
    assert.deepEqual(pointers(await refused(stage, JSON_TYPE, '{"name":"a","age":9007199254740993}')), ['/age']);
    await refused(stage, JSON_TYPE, '\ufeff{"name":"a"}');
    await refused(stage, JSON_TYPE, Buffer.from('{"name":"a"}', 'utf16le'));
    await refused(stage, JSON_TYPE, '{"name":"a"} x');
  });

  it('are refused with a type or charset that is not declared, before a byte is read', async () => {
    for (const type of [
      'text/plain',
      'application/json; charset=utf-16',
      'application/json, text/plain',
      'application/vnd.x+json',
      'text/json',
      'json',
      '*/*',
      'multipart/form-data; boundary=x',
    ]) {
      const [exchange, refusal] = await run(stage, { 'content-type': type }, '{"name":"a"}');
      assert.equal(refusal?.status, 415, type);
      assert.equal(refusal?.headers?.['accept-post'], 'application/json');
      assert.equal(exchange.reads, 0, type);
    }
  });

  it('need a type, unless there is no body', async () => {
    assert.equal((await refused(stage, {}, '{"name":"a"}')).code, 'unsupported-media-type');
    assert.equal((await refused(stage, {}, '')).code, 'invalid-request');
    assert.equal((await refused(stage, JSON_TYPE, '')).code, 'invalid-request');
    const optional = compileBody(operation({ body: takes(false, mediaType('application/json', THING)) }), {
      settings: settings.parse({}),
      compile: requestSchema,
      free: false,
    });
    for (const headers of [{}, JSON_TYPE]) assert.equal((await passes(optional, headers, '')).body, undefined);
    assert.equal((await refused(optional, {}, 'x')).code, 'unsupported-media-type');
  });

  it('are capped', async () => {
    const small = stageOf([mediaType('application/json', THING)], { maxBody: 20, maxDepth: 2, maxValues: 4 });
    assert.equal((await refused(small, JSON_TYPE, '{"name":"aaaaaaaaaaaa"}')).code, 'body-too-large');
    assert.deepEqual(pointers(await refused(small, JSON_TYPE, '[[[]]]')), ['/0/0']);
    assert.deepEqual(pointers(await refused(small, JSON_TYPE, '[1,2,3,4]')), ['/3']);
  });

  it('are cut and written anew where the policy says strip', async () => {
    const strip = stageOf([mediaType('application/json', THING)], { undeclaredProperties: 'strip' });
    const exchange = await passes(strip, JSON_TYPE, '{"evil":1,"name":"a","inner":{"x":1,"y":2},"__proto__":{"a":1}}');
    assert.deepEqual(exchange.body?.value, { name: 'a', inner: { x: 1 } });
    assert.equal(exchange.body?.bytes.toString(), '{"name":"a","inner":{"x":1}}');
    assert.equal(exchange.decisions.length, 1);
    const same = await passes(strip, JSON_TYPE, '{ "name" : "a" }');
    assert.equal(same.body?.bytes.toString(), '{ "name" : "a" }');
    assert.deepEqual(pointers(await refused(strip, JSON_TYPE, '{"evil":1,"age":"x","name":"a"}')), ['/age']);
    const allow = stageOf([mediaType('application/json', THING)], { undeclaredProperties: 'allow' });
    assert.equal(
      (await passes(allow, JSON_TYPE, '{"name":"a","evil":1}')).body?.bytes.toString(),
      '{"name":"a","evil":1}',
    );
  });

  it('are let through by report, if they can be read', async () => {
    const report = stageOf([mediaType('application/json', THING)], { enforce: 'report' });
    const exchange = await passes(report, JSON_TYPE, '{"evil":1}');
    assert.deepEqual(exchange.body?.value, { evil: 1 });
    assert.equal(exchange.decisions.length, 1);
    await refused(report, JSON_TYPE, '{"evil":1,"evil":2}');
    await refused(report, { 'content-type': 'text/plain' }, '{}');
    assert.equal((await passes(report, JSON_TYPE, '')).body, undefined);
  });

  it('the memo of the last header never answers for another', async () => {
    const two = stageOf([mediaType('application/json', THING), mediaType('text/plain', { type: 'string' })]);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual((await passes(two, JSON_TYPE, '{"name":"a"}')).body?.value, { name: 'a' });
      assert.equal((await passes(two, { 'content-type': 'text/plain' }, '{"name":1}')).body?.value, '{"name":1}');
      await refused(two, { 'content-type': 'text/html' }, '{"name":"a"}');
    }
  });
});

describe('bodies nobody declared', () => {
  const stage = compileBody(operation({ method: 'GET' }), {
    settings: settings.parse({}),
    compile: requestSchema,
    free: false,
  });
  it('are refused, an empty one is none', async () => {
    for (const headers of [{}, JSON_TYPE, { 'content-length': '5' }])
      assert.equal((await refused(stage, headers as Record<string, string>, 'x=1')).code, 'invalid-request');
    assert.equal((await passes(stage, JSON_TYPE, '')).body, undefined);
    const exchange = exchangeOf({ headers: { 'content-length': '0' } });
    assert.equal(await stage(exchange), undefined);
    assert.equal(exchange.reads, 0);
  });
  it('hand on what else the listener refuses', async () => {
    const exchange = exchangeOf({});
    const gone = { code: 'client-gone' } as Refusal;
    exchange.readBody = async () => gone;
    assert.equal(await stage(exchange), gone);
  });
});

describe('content codings', () => {
  const stage = stageOf([mediaType('application/json', THING)], { maxBody: 1000 });
  const gzip = { ...JSON_TYPE, 'content-encoding': 'gzip' };

  it('come off, and the plain body is forwarded', async () => {
    const { body } = await passes(stage, gzip, zlib.gzipSync('{"name":"a"}'));
    assert.equal(body?.bytes.toString(), '{"name":"a"}');
    await passes(stage, { ...JSON_TYPE, 'content-encoding': 'zstd' }, zlib.zstdCompressSync('{"name":"a"}'));
  });

  it('are refused in excess, in disguise, and where not accepted', async () => {
    assert.equal((await refused(stage, gzip, zlib.gzipSync(Buffer.alloc(100_000, ' ')))).code, 'body-too-large');
    assert.equal((await refused(stage, gzip, '{"name":"a"}')).code, 'invalid-request');
    const twice = await refused(stage, { ...JSON_TYPE, 'content-encoding': 'gzip, br' }, 'x');
    assert.equal(twice.status, 415);
    assert.equal(twice.headers?.['accept-encoding'], 'gzip, deflate, br, zstd');
    const none = stageOf([mediaType('application/json', THING)], { contentCodings: [] });
    assert.equal((await refused(none, gzip, zlib.gzipSync('{"name":"a"}'))).headers?.['accept-encoding'], 'identity');
    assert.equal((await refused(stage, gzip, zlib.gzipSync(''))).code, 'invalid-request');
  });
});

describe('media type matching', () => {
  it('takes the exact before the range before all', async () => {
    const stage = stageOf([
      mediaType('*/*', { type: 'string', format: 'binary' }),
      mediaType('text/*', { type: 'string', maxLength: 3 }),
      mediaType('text/plain', { type: 'string', maxLength: 1 }),
    ]);
    await passes(stage, { 'content-type': 'text/csv' }, 'abc');
    await refused(stage, { 'content-type': 'text/csv' }, 'abcd');
    await refused(stage, { 'content-type': 'text/plain' }, 'ab');
    const suffix = stageOf([mediaType('application/*+json', THING)]);
    await passes(suffix, { 'content-type': 'application/vnd.x+json' }, '{"name":"a"}');
    await refused(suffix, { 'content-type': 'application/vnd.x+json' }, '{"evil":"a"}');
    for (const type of ['application/json', 'application/x+xml', 'text/x+json', 'application/xjson'])
      assert.equal((await refused(suffix, { 'content-type': type }, '{"name":"a"}')).status, 415, type);
    const either = stageOf([mediaType('application/*+xml', THING)]);
    await passes(either, { 'content-type': 'application/soap+xml' }, '<a/>');
    const { body } = await passes(stage, { 'content-type': 'image/png' }, Buffer.from([0, 255]));
    assert.deepEqual([body?.mediaType, body?.value], ['image/png', undefined]);
  });

  it('leaves bytes alone where the contract says bytes', async () => {
    const any = stageOf([mediaType('*/*', { type: 'string', format: 'binary' })]);
    for (const type of ['application/json', 'text/plain', 'application/xml', 'image/png']) {
      const { body } = await passes(any, { 'content-type': type }, '{"a":1,"a":2}\xff');
      assert.deepEqual([body?.mediaType, body?.value], [type, undefined]);
    }
    for (const type of ['multipart/related; boundary=b', 'multipart/form-data; boundary=b'])
      assert.equal((await refused(any, { 'content-type': type }, 'x')).status, 415);
    const json = stageOf([mediaType('application/json', { type: 'string', format: 'binary' })]);
    assert.deepEqual((await passes(json, JSON_TYPE, '{"a":1}')).body?.value, { a: 1 });
    await refused(json, JSON_TYPE, '{"a":1,"a":2}');
  });

  it('lets nobody choose a type to get past a schema', async () => {
    const stage = stageOf([mediaType('*/*', THING)]);
    await passes(stage, JSON_TYPE, '{"name":"a"}');
    await passes(stage, { 'content-type': 'application/x+json' }, '{"name":"a"}');
    await refused(stage, JSON_TYPE, '{"evil":"a"}');
    for (const type of [
      'application/octet-stream',
      'application/xml',
      'application/x-made-up',
      'image/png',
      'multipart/related; boundary=b',
    ])
      assert.equal((await refused(stage, { 'content-type': type }, '{"evil":"a"}')).status, 415, type);
    assert.equal((await refused(stage, { 'content-type': 'text/plain' }, '{"evil":"a"}')).status, 400);
  });
});

it('no body makes a stage throw, and the same bytes have the same answer', async () => {
  const stage = stageOf([
    mediaType('application/json', THING),
    mediaType('application/x-www-form-urlencoded', THING),
    mediaType('multipart/form-data', THING),
    mediaType('text/plain'),
    mediaType('application/xml'),
    mediaType('application/x-ndjson', THING),
  ]);
  const types = fc.constantFrom(
    'application/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=b',
    'text/plain',
    'application/xml',
    'application/x-ndjson',
  );
  const codings = fc.constantFrom(undefined, 'gzip', 'br', 'zstd', 'deflate');
  const piece = fc.constantFrom(
    '--b',
    '\r\n',
    '{"name":',
    '"a"',
    '}',
    '&',
    '=',
    '%',
    '<',
    '!',
    '?',
    'name',
    'Content-Disposition: form-data; name="name"',
    '\n',
    '\0',
    'é',
  );
  const bytes = fc.oneof(
    fc.array(piece).map((list) => Buffer.from(list.join(''))),
    fc.uint8Array().map((list) => Buffer.from(list)),
  );
  await fc.assert(
    fc.asyncProperty(types, codings, bytes, async (type, coding, body) => {
      const headers: Record<string, string> = { 'content-type': type };
      if (coding !== undefined) headers['content-encoding'] = coding;
      const [first, one] = await run(stage, headers, body);
      const [second, two] = await run(stage, headers, body);
      assert.deepEqual(one, two);
      assert.deepEqual(first.body, second.body);
      if (body.length > 0) assert.equal(one === undefined, first.body !== undefined);
    }),
    { numRuns: 1000 },
  );
});
