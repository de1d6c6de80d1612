import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mediaType } from './fixture.ts';
import {
  END,
  FORM_TYPE,
  field,
  file,
  MULTIPART_TYPE,
  passes,
  plain,
  pointers,
  refused,
  run,
  stageOf,
  THING,
} from './fixture-body.ts';
import type { UploadedFile } from './readers/multipart.ts';

describe('forms', () => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: {
      ...THING.properties,
      list: { type: 'array', items: { type: 'integer' } },
      deep: { type: 'object', properties: { x: { type: 'integer' } } },
    },
  };
  const encoding = { list: { style: 'form', explode: false }, deep: { style: 'deepObject' } } as const;
  const stage = stageOf([mediaType('application/x-www-form-urlencoded', schema, encoding)]);

  it('are typed by the schema and their encoding', async () => {
    const text = 'name=a+b&age=4&tags=x&tags=y&list=1,2&deep[x]=5&inner=%7B%22x%22%3A1%7D';
    const { body } = await passes(stage, FORM_TYPE, text);
    assert.deepEqual(plain(body?.value), {
      name: 'a b',
      age: 4,
      tags: ['x', 'y'],
      inner: { x: 1 },
      list: [1, 2],
      deep: { x: 5 },
    });
    assert.equal(body?.bytes.toString(), text);
  });

  it('are refused where they break the schema or can be read twice', async () => {
    for (const [text, pointer] of [
      ['age=4', undefined],
      ['name=a&age=x', '/age'],
      ['name=a&name=b', '/name'],
      ['name=a&evil=1', '/evil'],
      ['name=a&name[]=1', '/name[]'],
      ['name=a&_charset_=utf-16', '/_charset_'],
      ['name=a;age=4', '/name'],
      ['name=a&inner=%7B%22x%22%3A1%2C%22x%22%3A2%7D', '/inner/x'],
      ['name=a&id=4', '/id'],
      ['name=%ff', ''],
      ['name=a%00', ''],
      ['name=é', ''],
    ] as const) {
      const refusal = await refused(stage, FORM_TYPE, text);
      assert.equal(refusal.code, 'invalid-request');
      if (pointer !== undefined) assert.deepEqual(pointers(refusal), [pointer], text);
    }
  });

  it('are rebuilt without what is stripped, and with one spelling of commas', async () => {
    const strip = stageOf([mediaType('application/x-www-form-urlencoded', schema, encoding)], {
      undeclaredProperties: 'strip',
    });
    const exchange = await passes(strip, FORM_TYPE, 'evil=1&name=a&name[]=x&list=1%2C2');
    assert.equal(exchange.body?.bytes.toString(), 'name=a&list=1,2');
    assert.deepEqual(plain(exchange.body?.value), { name: 'a', list: [1, 2] });
    const allow = stageOf([mediaType('application/x-www-form-urlencoded', schema, encoding)], {
      undeclaredProperties: 'allow',
    });
    assert.deepEqual(plain((await passes(allow, FORM_TYPE, 'name=a&x=1&x=2')).body?.value), {
      name: 'a',
      x: ['1', '2'],
    });
    for (const trick of ['name[]=x', 'Name=x', 'name.x=1', '_charset_=utf-16'])
      await refused(allow, FORM_TYPE, `name=a&${trick}`);
  });
});

describe('multipart bodies', () => {
  const schema = {
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string', minLength: 1 },
      age: { type: 'integer' },
      tags: { type: 'array', items: { type: 'string' } },
      meta: { type: 'object', properties: { x: { type: 'integer' } } },
      avatar: { type: 'string', format: 'binary', minLength: 2, maxLength: 5 },
      files: { type: 'array', items: { type: 'string', format: 'binary' } },
    },
  };
  const media = mediaType('multipart/form-data', schema, { avatar: { contentType: 'image/png, image/jpeg' } });
  const stage = stageOf([media]);

  it('are typed part by part', async () => {
    const text =
      field('name', 'é') +
      field('age', '4') +
      field('tags', 'x') +
      field('tags', 'y') +
      field('meta', '{"x":1}', 'application/json') +
      file('avatar', 'PNG') +
      file('files', '1', '') +
      file('files', '2') +
      END;
    const { body } = await passes(stage, { 'content-type': 'multipart/form-data; boundary="b"; x=y' }, text);
    const value = body?.value as Record<string, unknown>;
    assert.deepEqual(plain({ ...value, avatar: undefined, files: undefined }), {
      name: 'é',
      age: 4,
      tags: ['x', 'y'],
      meta: { x: 1 },
    });
    const avatar = value['avatar'] as UploadedFile;
    assert.deepEqual(
      [avatar.name, avatar.filename, avatar.mediaType, avatar.bytes.toString()],
      ['avatar', 'x.png', 'image/png', 'PNG'],
    );
    assert.deepEqual(
      (value['files'] as UploadedFile[]).map((each) => each.mediaType),
      ['application/octet-stream', 'image/png'],
    );
    assert.equal(body?.contentType, 'multipart/form-data; boundary=b');
    assert.equal(body?.bytes.toString(), text);
  });

  it('are refused where they break the schema', async () => {
    const name = field('name', 'a');
    for (const [text, pointer] of [
      [field('name', ''), '/name'],
      [name + field('age', 'x'), '/age'],
      [name + name, '/name'],
      [name + field('evil', '1'), '/evil'],
      [name + file('evil', '1'), '/evil'],
      [name + field('name[]', '1'), '/name[]'],
      [name + field('_charset_', 'utf-16'), '/_charset_'],
      [file('name', 'a', 'text/plain'), '/name'],
      [field('name', 'a', 'text/html'), '/name'],
      [name + file('avatar', 'P'), '/avatar'],
      [name + file('avatar', 'PNGPNG'), '/avatar'],
      [name + file('avatar', 'PNG', 'text/html'), '/avatar'],
      [name + file('avatar', 'PNG', ''), '/avatar'],
      [name + file('avatar', 'PNG', 'image/png', ''), '/avatar'],
      [name + file('avatar', 'PNG') + file('avatar', 'PNG'), '/avatar'],
      [name + field('meta', '{"y":1}'), '/meta/y'],
      [name + field('meta', '{"x":1,"x":2}'), '/meta/x'],
      [name + field('meta', '{"x":1}', 'text/html'), '/meta'],
    ] as const) {
      const refusal = await refused(stage, MULTIPART_TYPE, text + END);
      assert.equal(refusal.code, 'invalid-request');
      assert.deepEqual(pointers(refusal), [pointer], text);
    }
  });

  it('properties beyond the named ones have the type the contract gives them', async () => {
    const open = stageOf([
      mediaType('multipart/form-data', { type: 'object', properties: {}, additionalProperties: { type: 'integer' } }),
    ]);
    assert.deepEqual(plain((await passes(open, MULTIPART_TYPE, field('x', '1') + END)).body?.value), { x: 1 });
    for (const text of [field('x', 'a'), file('x', '1'), file('x', '1') + file('x', '1')])
      assert.deepEqual(new Set(pointers(await refused(open, MULTIPART_TYPE, text + END))), new Set(['/x']), text);
  });

  it('an unchosen file is no file', async () => {
    const { body } = await passes(
      stage,
      MULTIPART_TYPE,
      field('name', 'a') + file('avatar', '', 'application/octet-stream', '') + END,
    );
    assert.deepEqual(plain(body?.value), { name: 'a' });
  });

  it('are refused for text that is no UTF-8 in any part', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`--b\r\nContent-Disposition: form-data; name="name"\r\n\r\n`),
      Buffer.from([0xff]),
      Buffer.from(`\r\n${field('age', '1')}${END}`),
    ]);
    assert.deepEqual(pointers(await refused(stage, MULTIPART_TYPE, bytes)), ['/name']);
    await refused(stage, MULTIPART_TYPE, field('name', 'a\0') + END);
    await refused(stage, MULTIPART_TYPE, field('name', 'a', 'text/plain; charset=ibm037') + field('age', '1') + END);
  });

  it('are refused for their boundary before a byte is read', async () => {
    for (const type of [
      'multipart/form-data',
      'multipart/form-data; boundary=""',
      'multipart/form-data; boundary="a b"',
      'multipart/form-data; boundary=b; boundary=c',
      'multipart/form-data; boundary*0=b',
      'multipart/form-data; boundary="b\\b"',
      `multipart/form-data; boundary=${'b'.repeat(71)}`,
    ]) {
      const [exchange, refusal] = await run(stage, { 'content-type': type }, field('name', 'a') + END);
      assert.ok(refusal !== undefined && exchange.reads === 0, type);
    }
    const quoted = await passes(
      stage,
      { 'content-type': 'multipart/form-data; boundary="b=:b"' },
      (field('name', 'a') + END).replaceAll('--b', '--b=:b'),
    );
    assert.equal(quoted.body?.contentType, 'multipart/form-data; boundary="b=:b"');
  });

  it('are rebuilt without what is stripped', async () => {
    const strip = stageOf([media], { undeclaredProperties: 'strip' });
    const exchange = await passes(
      strip,
      MULTIPART_TYPE,
      file('evil', 'x') + field('name', 'a') + field('name[]', 'b') + END,
    );
    assert.equal(exchange.body?.bytes.toString(), field('name', 'a') + END);
    assert.deepEqual(plain(exchange.body?.value), { name: 'a' });
  });

  it('have the limits of uploads', async () => {
    const small = stageOf([media], { maxBody: 10, maxUpload: 2000, maxParts: 2 });
    await passes(small, MULTIPART_TYPE, field('name', 'a'.repeat(1000)) + END);
    assert.equal((await refused(small, MULTIPART_TYPE, field('name', 'a'.repeat(2000)) + END)).code, 'body-too-large');
    await refused(small, MULTIPART_TYPE, field('name', 'a') + field('tags', 'a') + field('tags', 'a') + END);
  });
});
