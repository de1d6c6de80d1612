import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { shopGate } from '../support/shop-gate.ts';

// Promises 2, 3 and 4: what was judged is what is forwarded; ambiguity is refused; identity is the gate's to say.
const endings: (() => unknown)[] = [];
let gate: GateUnderTest;
let shop: Upstream;
let key: string;

before(async () => {
  ({ gate, shop } = await shopGate(
    { after: (work) => endings.push(work) },
    { throttling: { address: '10000/s', principal: '10000/s' } },
  ));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
});
after(async () => {
  for (const end of endings.reverse()) await end();
});

const head = (lines: string[]): string =>
  `${[...lines, `X-API-Key: ${key}`, 'Connection: close'].join('\r\n')}\r\n\r\n`;

test('the upstream request is rebuilt: canonical path, no hop-by-hop, no spelling of an identity header', async () => {
  const before = shop.seen.length;
  const answer = await gate.raw(
    `${[
      'GET /th%69ngs/1 HTTP/1.1',
      'hOsT: localhost',
      `X-API-KEY: ${key}`,
      'X-Portcullis-Roles: admin',
      'X_Portcullis_Principal: root',
      'X-Forwarded-User: root',
      'Connection: close, X-Internal',
      'X-Internal: yes',
      'TE: trailers',
      'X-Harmless: kept',
    ].join('\r\n')}\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  const sent = shop.seen[before];
  assert.ok(sent);
  assert.equal(sent.url, '/things/1');
  const names = sent.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  assert.equal(new Set(names).size, names.length, 'no header twice');
  assert.equal(sent.headers['x-portcullis-roles'], 'customer');
  assert.match(String(sent.headers['x-portcullis-principal']), /^key_/);
  assert.equal(sent.headers['x-harmless'], 'kept');
  for (const gone of ['x-internal', 'te', 'x-api-key', 'x-forwarded-user', 'x_portcullis_principal'])
    assert.equal(sent.headers[gone], undefined, gone);
});

const AMBIGUOUS: [string, string[]][] = [
  ['two hosts', ['GET /ping HTTP/1.1', 'Host: a', 'Host: b']],
  ['the same host twice', ['GET /ping HTTP/1.1', 'Host: localhost', 'Host: localhost']],
  ['a list as host', ['GET /ping HTTP/1.1', 'Host: localhost, evil']],
  ['an empty host', ['GET /ping HTTP/1.1', 'Host:']],
  ['a host with a path', ['GET /ping HTTP/1.1', 'Host: localhost/x']],
  ['a host with userinfo', ['GET /ping HTTP/1.1', 'Host: a@localhost']],
  ['no host', ['GET /ping HTTP/1.1']],
  ['an asterisk', ['GET * HTTP/1.1', 'Host: localhost']],
  ['another host in the target', ['GET https://evil/ping HTTP/1.1', 'Host: localhost']],
  [
    'two content types',
    [
      'POST /things HTTP/1.1',
      'Host: localhost',
      'Content-Type: application/json',
      'Content-Type: text/plain',
      'Content-Length: 2',
    ],
  ],
  [
    'two authorizations',
    ['GET /ping HTTP/1.1', 'Host: localhost', 'Authorization: Bearer a', 'Authorization: Bearer b'],
  ],
  ['dot segments', ['GET /things/../ping HTTP/1.1', 'Host: localhost']],
  ['encoded dot segments', ['GET /things/%2e%2e/ping HTTP/1.1', 'Host: localhost']],
  ['dot segments with a parameter', ['GET /things/..;/ping HTTP/1.1', 'Host: localhost']],
  ['an encoded slash', ['GET /things%2f1 HTTP/1.1', 'Host: localhost']],
  ['an encoded backslash', ['GET /things%5c1 HTTP/1.1', 'Host: localhost']],
  ['an empty segment', ['GET //ping HTTP/1.1', 'Host: localhost']],
  ['a NUL', ['GET /ping%00 HTTP/1.1', 'Host: localhost']],
  ['bytes that are not UTF-8', ['GET /%ff HTTP/1.1', 'Host: localhost']],
  ['both framings', ['POST /things HTTP/1.1', 'Host: localhost', 'Content-Length: 5', 'Transfer-Encoding: chunked']],
  ['an unknown transfer coding', ['POST /things HTTP/1.1', 'Host: localhost', 'Transfer-Encoding: xchunked']],
  ['a lower-case method', ['get /ping HTTP/1.1', 'Host: localhost']],
  ['a folded header', ['GET /ping HTTP/1.1', 'Host: localhost', 'X-A: b', ' c']],
  ['a space before the colon', ['GET /ping HTTP/1.1', 'Host : localhost']],
  ['a header with two spellings', ['GET /ping HTTP/1.1', 'Host: localhost', 'X-User: a', 'X_User: b']],
  ['HTTP/0.9', ['GET /ping']],
];

for (const [name, lines] of AMBIGUOUS) {
  test(`refused with 400: ${name}`, async () => {
    const before = shop.seen.length;
    const answer = await gate.raw(head(lines));
    assert.match(answer, /^HTTP\/1\.1 400 /, answer.slice(0, 300));
    assert.match(answer, /application\/problem\+json/i);
    assert.equal(shop.seen.length, before, 'nothing was forwarded');
  });
}

test('a request hidden behind another one never reaches the API', async () => {
  const before = shop.seen.length;
  const answer = await gate.raw(
    `POST /things HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nDELETE /things/1 HTTP/1.1\r\nHost: localhost\r\nX-API-Key: ${key}\r\n\r\n`,
  );
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.equal(shop.seen.length, before);
});

test('duplicate keys, other charsets, no type, unknown type', async () => {
  const post = (type: string | undefined, body: string | Buffer) =>
    gate.send('/things', {
      method: 'POST',
      headers: { 'x-api-key': key, ...(type === undefined ? {} : { 'content-type': type }) },
      body,
    });
  assert.equal((await post('application/json', '{"name":"a","name":"b"}')).status, 400);
  assert.equal((await post('application/json', '{"name":"a","\\u006eame":"b"}')).status, 400);
  assert.equal((await post('application/json; charset=utf-16', '{"name":"a"}')).status, 415);
  assert.equal((await post(undefined, '{"name":"a"}')).status, 415);
  assert.equal((await post('text/plain', '{"name":"a"}')).status, 415);
  assert.equal((await post('application/json', Buffer.from('{"name":"\xff"}', 'latin1'))).status, 400);
  assert.equal((await post('application/json; charset=UTF-8', '{"name":"a"}')).status, 201);
});

test('unknown paths and methods: 404, 405 with Allow, 501', async () => {
  const headers = { 'x-api-key': key };
  assert.equal((await gate.send('/nowhere', { headers })).status, 404);
  const put = await gate.send('/things', { method: 'PUT', headers });
  assert.equal(put.status, 405);
  assert.deepEqual(String(put.headers.allow).split(', ').sort(), ['GET', 'POST']);
  assert.equal((await gate.send('/things', { method: 'HEAD', headers })).status, 405);
  assert.equal((await gate.send('/things', { method: 'OPTIONS', headers })).status, 405);
  assert.equal((await gate.send('/ping', { method: 'TRACE', headers })).status, 501);
  const invented = await gate.raw(head(['FOO /things HTTP/1.1', 'Host: localhost']));
  assert.match(invented, /^HTTP\/1\.1 (400|405|501) /);
});
