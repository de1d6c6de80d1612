import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameter, Style } from '../../contract/model.ts';
import { mediaType, operation, parameter, takes } from '../../validation/fixture.ts';
import { type Call, Verbatim } from '../model/call.ts';
import type { ScanRequest } from '../model/exchange.ts';
import { render } from './render.ts';

const base = new URL('http://127.0.0.1:3000/');
const LIST = ['blue', 'a,b &c'];
const RGB = { R: 100, G: 'x=y' };

function send(parameters: Parameter[], values: Record<string, unknown>, template = '/things'): ScanRequest {
  const call: Call = {
    operation: operation({ method: 'GET', template, parameters }),
    values: new Map(Object.entries(values)),
    body: undefined,
  };
  return render(call, undefined, base);
}

const query = (style: Style, explode: boolean, value: unknown, more: Partial<Parameter> = {}): string =>
  send([parameter({ name: 'c', style, explode, ...more, schema: {} })], { 'query:c': value }).target.replace(
    /^[^?]*\??/,
    '',
  );

const path = (style: Style, explode: boolean, value: unknown): string =>
  send([parameter({ name: 'c', in: 'path', style, explode })], { 'path:c': value }, '/a/{c}/z').target.slice(3, -2);

test('styles of a query', () => {
  assert.equal(query('form', true, LIST), 'c=blue&c=a%2Cb%20%26c');
  assert.equal(query('form', false, LIST), 'c=blue,a%2Cb%20%26c');
  assert.equal(query('form', true, RGB), 'R=100&G=x%3Dy');
  assert.equal(query('form', false, RGB), 'c=R,100,G,x%3Dy');
  assert.equal(query('spaceDelimited', false, LIST), 'c=blue%20a%2Cb%20%26c');
  assert.equal(query('pipeDelimited', false, ['a', 'b']), 'c=a%7Cb');
  assert.equal(query('tabDelimited', false, ['a', 'b']), 'c=a%09b');
  assert.equal(query('pipeDelimited', true, ['a', 'b']), 'c=a&c=b');
  assert.equal(
    query('deepObject', true, { a: 1, b: ['x', 'y'], c: { d: null } }),
    'c%5Ba%5D=1&c%5Bb%5D=x&c%5Bb%5D=y&c%5Bc%5D%5Bd%5D=null',
  );
  assert.equal(query('form', true, []), '');
  assert.equal(query('form', true, ''), 'c=');
  assert.equal(query('form', true, true), 'c=true');
  assert.equal(query('form', true, 1e21), 'c=1e%2B21');
});

test('reserved characters stay where the contract says so, but for those that split a query', () => {
  assert.equal(query('form', true, 'a/b?c&d#e+f', { allowReserved: true }), 'c=a/b?c%26d%23e%2Bf');
  assert.equal(query('form', true, "a/b'(*)!"), 'c=a%2Fb%27%28%2A%29%21');
});

test('styles of a path', () => {
  assert.equal(path('simple', false, LIST), 'blue,a%2Cb%20%26c');
  assert.equal(path('simple', true, RGB), 'R=100,G=x%3Dy');
  assert.equal(path('simple', false, RGB), 'R,100,G,x%3Dy');
  assert.equal(path('label', false, ['a', 'b']), '.a,b');
  assert.equal(path('label', true, ['a', 'b']), '.a.b');
  assert.equal(path('label', true, RGB), '.R=100.G=x%3Dy');
  assert.equal(path('matrix', false, 'a'), ';c=a');
  assert.equal(path('matrix', false, ['a', 'b']), ';c=a,b');
  assert.equal(path('matrix', true, ['a', 'b']), ';c=a;c=b');
  assert.equal(path('matrix', true, RGB), ';R=100;G=x%3Dy');
  assert.equal(path('simple', false, '../é'), '..%2F%C3%A9');
});

test('a path value that is not sent leaves its place empty; literals are made fit for a target', () => {
  assert.equal(send([], {}, '/a/{c}/b d').target, '/a//b%20d');
});

test('Verbatim stands as it is: path, query, header, cookie', () => {
  const raw = new Verbatim('%2e%2e/&c=2');
  const parameters = [
    parameter({ name: 'p', in: 'path' }),
    parameter({ name: 'q' }),
    parameter({ name: 'h', in: 'header' }),
    parameter({ name: 'k', in: 'cookie' }),
  ];
  const sent = send(parameters, { 'path:p': raw, 'query:q': raw, 'header:h': raw, 'cookie:k': raw }, '/{p}');
  assert.equal(sent.target, '/%2e%2e/&c=2?q=%2e%2e/&c=2');
  assert.deepEqual(sent.headers.slice(1), [
    ['h', '%2e%2e/&c=2'],
    ['Cookie', 'k=%2e%2e/&c=2'],
  ]);
});

test('text that is no UTF-8 and no header is encoded, never refused', () => {
  const parameters = [parameter({ name: 'h', in: 'header' }), parameter({ name: 'k', in: 'cookie', style: 'cookie' })];
  const sent = send(parameters, { 'query:q': 'a\ud800\0', 'header:h': 'a\r\nb: c\u00e9', 'cookie:k': 'a; b="c' });
  assert.equal(sent.target, '/things?q=a%ED%A0%80%00');
  assert.deepEqual(sent.headers.slice(1), [
    ['h', 'a%0D%0Ab: c%C3%A9'],
    ['Cookie', 'k=a%3B%20b=%22c'],
  ]);
});

test('parameters with a media type, and a query that is one value', () => {
  const json = parameter({ name: 'f', contentType: 'application/json', schema: {} });
  assert.equal(send([json], { 'query:f': { a: [1] } }).target, '/things?f=%7B%22a%22%3A%5B1%5D%7D');
  const whole = parameter({ name: 'w', in: 'querystring', contentType: 'application/x-www-form-urlencoded' });
  assert.equal(send([whole], { 'query:w': { a: 1, b: ['x', 'y'] } }).target, '/things?a=1&b=x&b=y');
});

test('credentials stand beside the call, and over what has the same name', () => {
  const call: Call = {
    operation: operation({ method: 'GET', parameters: [] }),
    values: new Map<string, unknown>([
      ['header:X-Key', 'forged'],
      ['query:key', 'forged'],
      ['cookie:a', 'b'],
      ['cookie:sid', 'forged'],
    ]),
    body: undefined,
  };
  const proof = { headers: [['x-key', '1']], query: [['key', 'a b']], cookies: [['sid', 's']] } as const;
  const sent = render(call, proof, base);
  assert.equal(sent.target, '/things?key=a%20b');
  assert.deepEqual(sent.headers.slice(1), [
    ['x-key', '1'],
    ['Cookie', 'a=b; sid=s'],
  ]);
});

test('the path of the base is set before a template that has it not', () => {
  const call: Call = { operation: operation({ method: 'GET', template: '/v1/x' }), values: new Map(), body: undefined };
  assert.equal(render(call, undefined, new URL('http://h.example/api/')).target, '/api/v1/x');
  assert.equal(render(call, undefined, new URL('http://h.example/v1')).target, '/v1/x');
});

function body(type: string, value: unknown, schema?: unknown, encoding = {}): ScanRequest {
  const media = mediaType(type.split(';', 1)[0] as string, schema, encoding);
  const call: Call = { operation: operation({ body: takes(true, media) }), values: new Map(), body: { type, value } };
  return render(call, undefined, base);
}
const typeOf = ({ headers }: ScanRequest): string | undefined => headers.find(([name]) => name === 'Content-Type')?.[1];

test('JSON, with parts that no serializer would write', () => {
  assert.equal(
    body('application/json', { a: [1, null, undefined], b: undefined, __proto__: 1 }).body,
    '{"a":[1,null,null]}',
  );
  assert.equal(
    body('application/json', { n: new Verbatim('1.0'), big: 2n ** 64n }).body,
    '{"n":1.0,"big":18446744073709551616}',
  );
  assert.equal(body('application/vnd.x+json', 'text\ud800').body, '"text\\ud800"');
  assert.equal(body('application/json', new Verbatim('{"a":1,"a":2}')).body, '{"a":1,"a":2}');
  assert.equal(body('application/x-ndjson', [1, { a: 2 }]).body, '1\n{"a":2}\n');
});

test('forms by their encoding', () => {
  const type = 'application/x-www-form-urlencoded';
  const sent = body(
    type,
    { a: 'x y&z', tags: ['p', 'q'], o: { n: 1 }, list: [1, 2], raw: new Verbatim('%00') },
    undefined,
    {
      list: { style: 'form', explode: false },
    },
  );
  assert.equal(sent.body, 'a=x%20y%26z&tags=p&tags=q&o=%7B%22n%22%3A1%7D&list=1,2&raw=%00');
  assert.equal(typeOf(sent), type);
});

test('multipart: text, JSON and files; the boundary stands in no part', () => {
  const file = { file: 'a"b\r\n.png', type: 'image/png', content: new Uint8Array([0, 255]) };
  const sent = body('multipart/form-data', { note: 'portcullis-boundary-0', o: { n: 1 }, files: [file, file] });
  assert.equal(typeOf(sent), 'multipart/form-data; boundary=portcullis-boundary-1');
  const text = Buffer.from(sent.body as Uint8Array).toString('latin1');
  const part = `Content-Disposition: form-data; name="files"; filename="a%22b%0D%0A.png"\r\nContent-Type: image/png\r\n\r\n\x00\xff\r\n`;
  assert.equal(
    text,
    `--portcullis-boundary-1\r\nContent-Disposition: form-data; name="note"\r\n\r\nportcullis-boundary-0\r\n` +
      `--portcullis-boundary-1\r\nContent-Disposition: form-data; name="o"\r\nContent-Type: application/json\r\n\r\n{"n":1}\r\n` +
      `--portcullis-boundary-1\r\n${part}--portcullis-boundary-1\r\n${part}--portcullis-boundary-1--\r\n`,
  );
});

test('XML by the hints of the contract', () => {
  const schema = {
    type: 'object',
    xml: { name: 'order', namespace: 'urn:x', prefix: 'o' },
    properties: {
      id: { type: 'integer', xml: { attribute: true } },
      note: { type: 'string', xml: { name: 'remark' } },
      tags: { type: 'array', xml: { name: 'tagList', wrapped: true }, items: { type: 'string', xml: { name: 'tag' } } },
      lines: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string' } } } },
    },
  };
  const value = { id: 7, note: 'a<b&"c', tags: ['x', 'y'], lines: [{ sku: 's' }, {}], raw: new Verbatim('&x;') };
  assert.equal(
    body('application/xml', value, schema).body,
    '<?xml version="1.0" encoding="UTF-8"?>\n<o:order xmlns:o="urn:x" id="7"><remark>a&lt;b&amp;&quot;c</remark>' +
      '<tagList><tag>x</tag><tag>y</tag></tagList><lines><sku>s</sku></lines><lines/><raw>&x;</raw></o:order>',
  );
});

test('text and bytes as they are; a Content-Type of the call goes before that of the body', () => {
  assert.equal(body('text/plain', 'a\n').body, 'a\n');
  assert.deepEqual(body('image/png', new Uint8Array([1])).body, new Uint8Array([1]));
  assert.equal(body('application/octet-stream', { file: 'f', type: 'text/plain', content: 'x' }).body, 'x');
  const call: Call = {
    operation: operation({ body: takes(true, mediaType('application/json')) }),
    values: new Map([['header:Content-Type', 'text/plain']]),
    body: { type: 'application/json', value: {} },
  };
  assert.deepEqual(
    render(call, undefined, base).headers.filter(([name]) => name.toLowerCase() === 'content-type'),
    [['Content-Type', 'text/plain']],
  );
});
