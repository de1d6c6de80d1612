import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaType, operation, parameter, takes } from '../../validation/fixture.ts';
import type { FileValue } from '../model/call.ts';
import { buildCall, fullestCall } from './build.ts';
import { isFileValue } from './multipart.ts';
import { valueAt } from './put.ts';

const NOTHING_KNOWN = (): undefined => undefined;
const PERSON = {
  type: 'object',
  required: ['email', 'ownerId'],
  properties: {
    email: { type: 'string' },
    ownerId: { type: 'integer' },
    note: { type: 'string' },
    id: { type: 'integer', readOnly: true },
  },
};

test('required only, or everything; the same every time', () => {
  const post = operation({
    parameters: [
      parameter({ name: 'a', required: true, schema: { type: 'integer' } }),
      parameter({ name: 'b', schema: { type: 'boolean' } }),
    ],
    body: takes(true, mediaType('application/json', PERSON)),
  });
  const call = buildCall(post, NOTHING_KNOWN);
  assert.deepEqual([...call.values.keys()], ['query:a']);
  assert.deepEqual(Object.keys(call.body?.value as object), ['email', 'ownerId']);
  const full = fullestCall(post);
  assert.deepEqual([...full.values.keys()], ['query:a', 'query:b']);
  assert.deepEqual(Object.keys(full.body?.value as object), ['email', 'ownerId', 'note']);
  assert.deepEqual(buildCall(post, NOTHING_KNOWN), call);
});

test('the source is asked first, for parameters and for each value of the body', () => {
  const asked: string[] = [];
  const put = operation({
    template: '/people/{id}',
    parameters: [parameter({ name: 'id', in: 'path', schema: { type: 'string', format: 'uuid' } })],
    body: takes(true, mediaType('application/json', PERSON)),
  });
  const call = buildCall(put, ({ in: where, name }) => {
    asked.push(`${where}:${name}`);
    return name === 'id' ? 42 : name === '/ownerId' ? 7 : undefined;
  });
  assert.equal(call.values.get('path:id'), 42);
  assert.equal(valueAt(call, { in: 'body', name: '/ownerId' }), 7);
  assert.deepEqual(asked, ['path:id', 'body:/email', 'body:/ownerId']);
});

test('JSON before forms, forms before multipart, then others; or the type that is asked for', () => {
  const types = ['application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded', 'application/*'];
  const of = (list: string[], type?: string): string | undefined =>
    buildCall(operation({ body: takes(true, ...list.map((each) => mediaType(each, PERSON))) }), NOTHING_KNOWN, { type })
      .body?.type;
  assert.equal(of(types), 'application/json');
  assert.equal(of(types.slice(0, 3)), 'application/x-www-form-urlencoded');
  assert.equal(of(types.slice(0, 2)), 'multipart/form-data');
  assert.equal(of(types.slice(0, 1)), 'application/xml');
  assert.equal(of(['image/*']), 'image/png');
  assert.equal(of(types, 'application/xml'), 'application/xml');
});

test('files where the contract says bytes', () => {
  const schema = {
    type: 'object',
    required: ['file', 'note'],
    properties: {
      note: { type: 'string' },
      file: { type: 'string', format: 'binary' },
      images: { type: 'array', items: { type: 'string', format: 'binary' } },
      other: { type: 'string', format: 'binary' },
    },
  };
  const encoding = { images: { contentType: 'image/png, image/jpeg' } };
  const post = operation({ body: takes(true, mediaType('multipart/form-data', schema, encoding)) });
  const sent = buildCall(post, NOTHING_KNOWN).body?.value as Record<string, unknown>;
  assert.deepEqual(Object.keys(sent).sort(), ['file', 'note']);
  assert.ok(isFileValue(sent['file']));
  const image = valueAt(fullestCall(post), { in: 'body', name: '/images/0' }) as FileValue;
  assert.equal(image.type, 'image/png');
  assert.deepEqual([...(image.content as Uint8Array).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
});

test('a body of bytes keeps to its length; one without a schema is sent all the same', () => {
  const value = (type: string, schema?: unknown): unknown =>
    buildCall(operation({ body: takes(true, mediaType(type, schema)) }), NOTHING_KNOWN).body?.value;
  assert.equal(
    (value('application/octet-stream', { type: 'string', format: 'binary', maxLength: 5 }) as string).length <= 5,
    true,
  );
  assert.deepEqual(value('application/json'), {});
  assert.equal(typeof value('text/plain'), 'string');
});

test('where the contract allows nothing, a call is made all the same', () => {
  const never = operation({
    parameters: [parameter({ name: 'a', required: true, schema: { type: 'integer', minimum: 5, maximum: 4 } })],
    body: takes(true, mediaType('application/json', { type: 'object', required: ['x'], properties: { x: false } })),
  });
  const call = buildCall(never, NOTHING_KNOWN);
  assert.ok(call.values.has('query:a'));
  assert.ok(call.body);
});
