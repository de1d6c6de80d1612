import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileBody } from './body.ts';
import { mediaType, operation, takes } from './fixture.ts';
import {
  END,
  FORM_TYPE,
  field,
  file,
  JSON_TYPE,
  MULTIPART_TYPE,
  passes,
  plain,
  pointers,
  refused,
  stageOf,
  THING,
} from './fixture-body.ts';
import type { UploadedFile } from './readers/multipart.ts';
import { requestSchema } from './schemas.ts';
import { settings } from './settings.ts';

describe('other bodies', () => {
  it('text is UTF-8 without NUL, typed by its schema', async () => {
    const stage = stageOf([mediaType('text/plain', { type: 'string', maxLength: 5 })]);
    const { body } = await passes(stage, { 'content-type': 'text/plain' }, 'é;1');
    assert.deepEqual([body?.value, body?.contentType], ['é;1', 'text/plain; charset=utf-8']);
    for (const bad of [Buffer.from([0xe9]), 'a\0b', 'toolong', '\ufeffa'])
      await refused(stage, { 'content-type': 'text/plain' }, bad);
    await refused(stage, { 'content-type': 'text/plain; charset=iso-8859-1' }, 'a');
    const yaml = stageOf([mediaType('application/yaml', { type: 'string', pattern: '^a' })]);
    assert.equal(
      (await passes(yaml, { 'content-type': 'application/yaml' }, 'a: 1')).body?.contentType,
      'application/yaml',
    );
    await refused(yaml, { 'content-type': 'application/yaml' }, 'b: 1');
    const integer = stageOf([mediaType('text/plain', { type: 'integer' })]);
    assert.equal((await passes(integer, { 'content-type': 'text/plain' }, '12')).body?.value, 12);
    await refused(integer, { 'content-type': 'text/plain' }, '12\n');
  });

  it('XML is text without document type, entities, instructions and other encodings', async () => {
    const stage = stageOf([mediaType('application/xml', { type: 'object' })]);
    const type = { 'content-type': 'application/xml' };
    for (const good of [
      '<a/>',
      '<?xml version="1.0"?><a/>',
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<a><!-- c --><![CDATA[x]]></a>',
    ])
      assert.equal((await passes(stage, type, good)).body?.value, good);
    for (const bad of [
      '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
      '<?xml version="1.0"?><!doctype a><a/>',
      '<a><!ENTITY x "y"></a>',
      '<?xml version="1.0" encoding="utf-16"?><a/>',
      '<?xml version="1.0" encoding="UTF-7"?><a/>',
      '<?xml-stylesheet href="x"?><a/>',
      '<?xml version="1.0"?><?php x ?><a/>',
      ' <?xml version="1.0"?><a/>',
      '<a>\0</a>',
      '\ufeff<a/>',
    ])
      await refused(stage, type, bad);
    await refused(stage, type, Buffer.from('<!DOCTYPE a><a/>', 'utf16le'));
  });

  it('binary passes as it is, counted', async () => {
    const stage = stageOf([mediaType('image/*', { type: 'string', format: 'binary', maxLength: 3 })]);
    const bytes = Buffer.from([1, 0, 255]);
    assert.deepEqual((await passes(stage, { 'content-type': 'image/png; a=b' }, bytes)).body, {
      mediaType: 'image/png',
      contentType: 'image/png',
      bytes,
      value: undefined,
    });
    await refused(stage, { 'content-type': 'image/png' }, 'abcd');
    await refused(stage, { 'content-type': 'application/octet-stream' }, 'abc');
  });

  it('lines of JSON are judged one by one, or as an array', async () => {
    const type = { 'content-type': 'application/x-ndjson' };
    const each = stageOf([mediaType('application/x-ndjson', THING)]);
    assert.deepEqual((await passes(each, type, '{"name":"a"}\n{"name":"b"}\n')).body?.value, [
      { name: 'a' },
      { name: 'b' },
    ]);
    assert.deepEqual(pointers(await refused(each, type, '{"name":"a"}\n{"name":"b","evil":1}')), ['/1/evil']);
    assert.deepEqual(pointers(await refused(each, type, '{"name":"a"}\n{"name":"b","name":1}')), ['/1/name']);
    await refused(each, type, '{"name":"a"}\n\n{"name":"b"}');
    const whole = stageOf([mediaType('application/x-ndjson', { type: 'array', items: { type: 'integer' } })]);
    await passes(whole, type, '1\n2');
    await refused(whole, type, '1\n"2"');
  });

  it('without a contract everything is read strictly, and nothing judged', async () => {
    const stage = compileBody(operation({ template: '/**', body: takes(false, mediaType('*/*')) }), {
      settings: settings.parse({ files: { mode: 'off' } }),
      compile: requestSchema,
      free: true,
    });
    assert.deepEqual((await passes(stage, JSON_TYPE, '{"any":1}')).body?.value, { any: 1 });
    await refused(stage, JSON_TYPE, '{"any":1,"any":2}');
    assert.deepEqual(plain((await passes(stage, FORM_TYPE, 'a[]=1&a[]=2&b=x')).body?.value), {
      'a[]': ['1', '2'],
      b: 'x',
    });
    const parts = (
      await passes(
        stage,
        MULTIPART_TYPE,
        field('a', '1') + field('j', '{"x":1}', 'application/json') + file('f', 'x') + END,
      )
    ).body?.value as Record<string, unknown>;
    assert.deepEqual([parts['a'], parts['j'], (parts['f'] as UploadedFile).filename], ['1', { x: 1 }, 'x.png']);
    assert.equal((await passes(stage, { 'content-type': 'application/x-thing' }, 'x')).body?.value, undefined);
    assert.equal((await refused(stage, { 'content-type': 'multipart/related; boundary=b' }, 'x')).status, 415);
    assert.equal((await refused(stage, {}, 'x')).status, 415);
    assert.equal((await passes(stage, {}, '')).body, undefined);
  });
});
