import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as http2Connect } from 'node:http2';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { signRequest } from '../../src/client/sign-request.ts';
import { readPrivateKey } from '../../src/signatures/key.ts';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { lifetime } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

// Two workers; a key says who calls, and a signature by a key of the same caller is demanded beside it.
const end = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;
let secret: string;
let thief: string;
let keyId: string;

before(async () => {
  ({ gate, shop } = await shopGate(
    end,
    { authentication: { signature: 'required' }, encryption: { signAnswers: 'streams' } },
    ['--workers', '2'],
  ));
  const made = await gate.cli('keys', 'create', '--role', 'customer', '--role', 'staff', '--json');
  const { id, key } = JSON.parse(made.stdout) as { id: string; key: string };
  secret = key;
  thief = gate.key({ roles: ['customer'] });
  const signing = await gate.cli('keys', 'create', '--new-key', join(gate.directory, 'sign.key'), '--for', `key:${id}`);
  assert.equal(signing.code, 0, signing.stderr);
  keyId = signing.stdout.trim();
});

/** Headers of a signed request with a key. */
function signed(path: string, { key = secret, body = '', method = 'GET' } = {}): Record<string, string> {
  const headers: [string, string][] = [['x-api-key', key]];
  if (body !== '') headers.push(['content-type', 'application/json']);
  const added = signRequest(
    { method, url: new URL(`https://localhost:${gate.port}${path}`), headers, body: Buffer.from(body) },
    { key: readPrivateKey(readFileSync(join(gate.directory, 'sign.key'), 'utf8')), keyId },
  );
  return Object.fromEntries([...headers, ...added]);
}

test('a key alone is not enough, a stolen one with another one’s signature neither', async () => {
  const bare = await gate.send('/things', { headers: { 'x-api-key': secret } });
  assert.equal(bare.status, 401);
  assert.equal(bare.json()['code'], 'signature-missing');
  assert.match(String(bare.headers['accept-signature']), /"x-api-key"/);
  assert.equal((await gate.send('/things', { headers: signed('/things') })).status, 200);
  const stolen = await gate.send('/things', { headers: signed('/things', { key: thief }) });
  assert.equal(stolen.status, 401);
  assert.equal(stolen.json()['code'], 'signature-invalid');
});

test('of many copies, sent to both workers, one is taken', async () => {
  const before = shop.seen.length;
  const headers = signed('/things?limit=7');
  const all = await Promise.all(Array.from({ length: 20 }, () => gate.send('/things?limit=7', { headers })));
  assert.deepEqual(all.map(({ status }) => status).sort(), [200, ...Array<number>(19).fill(401)]);
  assert.equal(shop.seen.length, before + 1);
});

test('a body is verified: altered, shortened, taken away, in another coding', async () => {
  const before = shop.seen.length;
  const body = '{"name":"thing"}';
  const post = (sent: string | undefined) =>
    gate.send('/things', { method: 'POST', headers: signed('/things', { method: 'POST', body }), body: sent });
  assert.equal((await post(body)).status, 201);
  for (const sent of ['{"name":"think"}', '{"name":"thing"} ', undefined, '{}']) {
    const { status, text } = await post(sent);
    assert.equal(status, 400, String(sent));
    assert.match(text, /"code":"content-altered"/, String(sent));
  }
  assert.equal(shop.seen.length, before + 1);
});

test('raw tricks: folded, doubled and injected headers', async () => {
  const before = shop.seen.length;
  const lines = (headers: Record<string, string>): string[] =>
    Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const ask = (list: readonly string[]) =>
    gate.raw(
      `GET /things HTTP/1.1\r\nHost: localhost:${gate.port}\r\n${list.join('\r\n')}\r\nConnection: close\r\n\r\n`,
    );
  const status = async (list: readonly string[]) => Number(/^HTTP\/1.1 (\d+)/.exec(await ask(list))?.[1]);
  assert.equal(await status(lines(signed('/things'))), 200);
  const input = (headers: Record<string, string>): string => headers['Signature-Input'] as string;
  const one = signed('/things');
  assert.equal(
    await status(lines({ ...one, 'Signature-Input': input(one).replace(' "@path"', '\r\n "@path"') })),
    400,
    'folded',
  );
  const two = signed('/things');
  assert.equal(await status([...lines(two), `signature-input: ${input(two)}`]), 401, 'one label in two lines');
  const three = signed('/things');
  assert.equal(await status([...lines(three), `signature: ${three['Signature']}`]), 401);
  const four = signed('/things');
  assert.equal(await status([...lines(four), `Signature_Input: ${input(four)}`]), 400, 'in two spellings');
  const five = signed('/things');
  assert.equal(await status([...lines(five), `connection: signature-input`]), 401, 'named away');
  assert.equal(shop.seen.length, before + 1);
});

test('the client’s own spelling of the path is what it signed, and the canonical one is what the API gets', async () => {
  const path = '/files/a%2Cb%7E';
  const { status } = await gate.send(path, { headers: signed(path) });
  assert.equal(status, 200);
  assert.equal(shop.seen.at(-1)?.url, '/files/a,b~');
  assert.equal(
    (await gate.send('/files/a,b~', { headers: signed(path) })).status,
    401,
    'another spelling was not signed',
  );
});

test('a stream is signed without a digest, and said to be', async () => {
  const keys = join(gate.directory, 'keys.json');
  writeFileSync(keys, (await gate.send('/.well-known/http-message-signatures-directory')).text);
  const headers = signed('/files/big');
  writeFileSync(
    join(gate.directory, 'sent.txt'),
    Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
  );
  const reply = await gate.send('/files/big', { headers });
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['content-digest'], undefined);
  assert.match(String(reply.headers['signature-input']), /"@status" "content-type"/);
  const head = Object.entries(reply.headers).map(([name, value]) => `${name}: ${value}`);
  writeFileSync(join(gate.directory, 'answer.txt'), `HTTP/1.1 200 OK\r\n${head.join('\r\n')}\r\n\r\nany body`);
  const verify = (...args: string[]) =>
    gate.cli(
      ...['verify', '--keys', keys, '--request', join(gate.directory, 'sent.txt')],
      ...['--url', `https://localhost:${gate.port}/files/big`, ...args, join(gate.directory, 'answer.txt')],
    );
  const strict = await verify();
  assert.equal(strict.code, 1);
  assert.match(strict.stderr, /does not cover "content-digest"/);
  assert.equal((await verify('--without-digest')).code, 0);
});

test('over HTTP/2 it is the same', async () => {
  const session = http2Connect(`https://127.0.0.1:${gate.port}`, { ca: gate.ca, servername: 'localhost' });
  end.after(() => session.close());
  const ask = (path: string, headers: Record<string, string>) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const stream = session.request({
        ':path': path,
        ':authority': `localhost:${gate.port}`,
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      });
      stream.on('response', (got) => resolve(got));
      stream.on('error', reject);
      stream.resume();
    });
  const good = await ask('/things?limit=3', signed('/things?limit=3'));
  assert.equal(good[':status'], 200);
  assert.match(String(good['signature-input']), /"@authority";req/);
  assert.equal((await ask('/things?limit=4', signed('/things?limit=3')))[':status'], 401);
});

test('settings that change are in force with a reload, and what cannot be used never is', async () => {
  const said = gate.program.stderr.length + gate.program.stdout.length;
  gate.configure({ authentication: { signatures: { keys: [{ id: 'x', file: 'none.pem' }] } } });
  await gate.program.printed(/NOT reloaded[\s\S]*the key x/);
  assert.ok(gate.program.stderr.length + gate.program.stdout.length > said);
  assert.equal((await gate.send('/things', { headers: { 'x-api-key': secret } })).status, 401, 'the old plan stays');
});
