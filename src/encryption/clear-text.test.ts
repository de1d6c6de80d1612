import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { inspect } from 'node:util';
import { type ClearTextOptions, createRefusingListener } from './clear-text.ts';
import { type Exposed, findExposed } from './exposed.ts';

const KEY = `pk_${'a1B2'.repeat(9)}xY`;
const digest = (text: string) => hash('sha256', text, 'base64url');

describe('credentials in clear', () => {
  const find = (url: string, ...rawHeaders: string[]) =>
    findExposed({ url, rawHeaders }).map((one) => [
      one.kind,
      one.place,
      one.digest === digest(one.secret) && one.secret,
    ]);

  it('finds keys wherever they stand, once', () => {
    assert.equal(KEY.length, 41);
    assert.deepEqual(find('/', 'Authorization', `Bearer ${KEY}`), [['key', 'header authorization', KEY]]);
    assert.deepEqual(find('/', 'X-Api-Key', KEY), [['key', 'header x-api-key', KEY]]);
    assert.deepEqual(find(`/?a=1&api_key=${KEY}`, 'X-Other', KEY), [['key', 'query api_key', KEY]]);
    assert.deepEqual(find(`/?k=pk%5F${KEY.slice(3)}`), [['key', 'query k', KEY]]);
    assert.deepEqual(find(`/x/${KEY}/y`), [['key', 'target', KEY]]);
    const basic = Buffer.from(`${KEY}:`).toString('base64');
    assert.deepEqual(find('/', 'Authorization', `Basic ${basic}`), [
      ['key', 'header authorization', KEY],
      ['basic', 'header authorization', basic],
    ]);
    assert.deepEqual(find(`/${KEY}aaaa`), [], 'longer is no key');
  });

  it('finds tokens, passwords, sessions', () => {
    assert.deepEqual(find('/', 'authorization', 'bearer  abc.def.ghi'), [
      ['bearer', 'header authorization', 'abc.def.ghi'],
    ]);
    assert.deepEqual(find('/', 'Cookie', 'theme=dark; JSESSIONID=s3; csrf=x; auth_token=t'), [
      ['cookie', 'cookie JSESSIONID', 's3'],
      ['cookie', 'cookie auth_token', 't'],
    ]);
    assert.deepEqual(find('/?access_token=t&page=2&Password=p'), [
      ['parameter', 'query access_token', 't'],
      ['parameter', 'query Password', 'p'],
    ]);
    assert.deepEqual(find('/?page=2', 'Cookie', 'theme=dark', 'Accept', '*/*'), []);
  });

  it('is bounded, and names are cleaned', () => {
    assert.equal(find(`/?${Array.from({ length: 100 }, (_, i) => `token=${i}`).join('&')}`).length, 8);
    assert.deepEqual(
      find('/', 'Cookie', `sid\u001b[31m${'x'.repeat(100)}=v`)[0]?.[1],
      `cookie sid??31m${'x'.repeat(32)}`,
    );
  });

  it('does not show the secret when logged', () => {
    const [one] = findExposed({ url: '/', rawHeaders: ['authorization', 'Bearer topsecret'] });
    assert.ok(!inspect(one).includes('topsecret') && !JSON.stringify(one).includes('topsecret'));
    assert.equal(one!.secret, 'topsecret');
  });
});

describe('the plain listener', () => {
  const start = async (t: TestContext, more: Partial<ClearTextOptions> = {}, plain: object = {}) => {
    const told: [Exposed, { revoke: boolean; address: string }][] = [];
    const server = createRefusingListener({
      plainHttp: { port: 0, answer: 'refuse', revokeExposed: false, ...plain },
      origin: 'https://localhost:8443',
      exposed: (one, about) => void told.push([one, about]),
      ...more,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    /** Sends bytes and reads until the server closes. */
    const raw = async (text: string): Promise<string> => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text);
      let answer = '';
      socket.on('data', (part) => void (answer += part));
      await once(socket, 'close');
      return answer;
    };
    const get = (target = '/', headers = '', method = 'GET') =>
      raw(`${method} ${target} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
    return { server, told, raw, get };
  };

  it('answers 403 with a problem that names the reason, and closes', async (t) => {
    const { get, told } = await start(t);
    const answer = await get('/patients');
    assert.match(answer, /^HTTP\/1\.1 403 Forbidden\r\n/);
    assert.match(answer, /content-type: application\/problem\+json\r\n/i);
    assert.match(answer, /connection: close\r\n/i);
    assert.doesNotMatch(answer, /location:/i);
    assert.deepEqual(JSON.parse(answer.split('\r\n\r\n')[1]!), {
      type: 'urn:portcullis:tls-required',
      title: 'Use https',
      status: 403,
      detail: 'This API is served over https only.',
      code: 'tls-required',
    });
    assert.deepEqual(told, []);
    assert.equal((await get('/', '', 'HEAD')).split('\r\n\r\n')[1], '');
  });

  it('tells of a credential once, with its digest and whether it is to be revoked', async (t) => {
    const { get, told } = await start(t, {}, { revokeExposed: true });
    for (let i = 0; i < 3; i++) {
      const answer = await get('/', `Authorization: Bearer ${KEY}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 403 .*"code":"credentials-in-clear"/s);
      assert.ok(!answer.includes(KEY));
    }
    assert.equal(told.length, 1);
    assert.deepEqual({ ...told[0]![0] }, { kind: 'key', place: 'header authorization', digest: digest(KEY) });
    assert.deepEqual(told[0]![1], { revoke: true, address: '127.0.0.1' });
  });

  it('tells again where telling has failed, and answers all the same', async (t) => {
    const failures: string[] = [];
    let calls = 0;
    const { get } = await start(t, {
      exposed: () => {
        calls++;
        throw new Error('store is down');
      },
      failed: (error) => void failures.push(error.message),
    });
    for (let i = 0; i < 2; i++) assert.match(await get('/', `X-Api-Key: ${KEY}\r\n`), /^HTTP\/1\.1 403/);
    assert.equal(calls, 2);
    assert.deepEqual(failures, ['store is down', 'store is down']);
  });

  it('redirects only when told to, only safe requests, never with a credential, never elsewhere', async (t) => {
    const { get, raw } = await start(t, {}, { answer: 'redirect' });
    assert.match(await get('/a?b=1'), /^HTTP\/1\.1 308 .*location: https:\/\/localhost:8443\/a\?b=1\r\n/s);
    assert.match(await raw('GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n'), /location: https:\/\/localhost:8443\/\r\n/);
    for (const answer of [
      await get('/a', '', 'POST'),
      await get('/a', 'Authorization: Bearer x\r\n'),
      await get('/a?token=x'),
      await get('/a', 'Cookie: sid=1\r\n'),
      await get('//evil.test/'),
      await get('http://evil.test/'),
      await get('*', '', 'GET'),
      await get(`/${'a'.repeat(3_000)}`),
    ]) {
      assert.match(answer, /^HTTP\/1\.1 (403|400)/);
      assert.doesNotMatch(answer, /location/i);
    }
  });

  it('attack: upgrades, CONNECT, Expect, pipelines and rubbish all end refused and closed', async (t) => {
    const { get, raw, told } = await start(t);
    assert.match(
      await get('/', 'Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n'),
      /^HTTP\/1\.1 403/,
    );
    assert.match(
      await get('/', `Connection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${KEY}\r\n`),
      /^HTTP\/1\.1 403/,
    );
    assert.match(
      await raw('CONNECT evil.test:443 HTTP/1.1\r\nHost: evil.test:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n'),
      /^HTTP\/1\.1 403/,
    );
    assert.deepEqual(
      told.map(([one]) => one.kind),
      ['key', 'basic'],
    );
    assert.match(await get('/', 'Expect: 100-continue\r\nContent-Length: 5\r\n', 'POST'), /^HTTP\/1\.1 403/);
    const pipelined = await raw('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50));
    assert.equal(pipelined.match(/"code":"tls-required"/g)?.length, 1);
    assert.match(await raw('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), /^HTTP\/1\.1 400/);
    assert.match(await get('/', `X: ${'a'.repeat(10_000)}\r\n`), /^HTTP\/1\.1 400/);
  });

  it('does not read bodies, however large', async (t) => {
    const { raw } = await start(t);
    const answer = await raw(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n${'x'.repeat(1_000)}`);
    assert.match(answer, /^HTTP\/1\.1 403/);
  });

  it('attack: a flood of made-up credentials is told of within bounds; a key is told of nevertheless', async (t) => {
    t.mock.method(performance, 'now', () => 5_000);
    let overflows = 0;
    const { get, told } = await start(t, { overflow: () => void overflows++ });
    for (let i = 0; i < 120; i++) await get('/', `Authorization: Bearer made-up-${i}\r\n`);
    assert.equal(told.length, 50);
    assert.equal(overflows, 70);
    await get('/', `Authorization: Bearer ${KEY}\r\n`);
    assert.equal(told.at(-1)![0].kind, 'key');
  });

  it('has its limits', async (t) => {
    const { server } = await start(t);
    assert.deepEqual(
      [
        server.headersTimeout,
        server.requestTimeout,
        server.maxConnections,
        server.maxRequestsPerSocket,
        server.timeout,
      ],
      [5_000, 5_000, 128, 1, 5_000],
    );
  });
});
