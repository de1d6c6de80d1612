import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Agent, fetch as undiciFetch } from 'undici';
import { createSigningFetch } from '../../src/client/index.ts';
import type { GateUnderTest, Upstream } from '../support/gate.ts';
import { lifetime } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

const run = promisify(execFile);
const end = lifetime(after);
let gate: GateUnderTest;
let shop: Upstream;
let origin: string;
let privateKey: string;
let keyId: string;
/** curl is everywhere a user of `portcullis sign` is; where it is not, the same headers go through node. */
let curl = true;

before(async () => {
  ({ gate, shop } = await shopGate(end, {
    authentication: { access: 'signature' },
    encryption: { signAnswers: 'whole' },
  }));
  origin = `https://localhost:${gate.port}`;
  privateKey = join(gate.directory, 'ann.key');
  const made = await gate.cli('keys', 'create', '--new-key', privateKey, '--role', 'customer', '--claim', 'customer=1');
  assert.equal(made.code, 0, made.stderr);
  keyId = made.stdout.trim();
  writeFileSync(join(gate.directory, 'note.json'), '{"name":"from ann"}');
  writeFileSync(join(gate.directory, 'ca.pem'), gate.ca);
  curl = await run('curl', ['--version']).then(
    () => true,
    () => false,
  );
});

const file = (name: string): string => join(gate.directory, name);

/** `portcullis sign`. @returns the headers as it prints them */
async function sign(url: string, ...args: string[]): Promise<Record<string, string>> {
  const { code, stdout, stderr } = await gate.cli(
    'sign',
    '--key',
    privateKey,
    '--key-id',
    keyId,
    '--json',
    ...args,
    url,
  );
  assert.equal(code, 0, stderr);
  return (JSON.parse(stdout) as { headers: Record<string, string> }).headers;
}

const CREATE = ['-H', 'Content-Type: application/json', '--body'] as const;

test('the private key is its owner’s alone, and what is not signed is told what is wanted', async () => {
  assert.equal(statSync(privateKey).mode & 0o077, 0);
  assert.match(keyId, /^sig_[0-9A-Za-z]{16}$/);
  const { status, headers } = await gate.send('/things');
  assert.equal(status, 401);
  assert.equal(headers['www-authenticate'], 'Signature realm="portcullis"');
  assert.match(
    String(headers['accept-signature']),
    /^sig=\("@method" "@authority" "@path" "@query"\);created;keyid;nonce="[\w-]{24}"$/,
  );
});

test('curl with what `portcullis sign` made: accepted once, refused altered', async (t) => {
  if (!curl) return t.skip('there is no curl');
  const made = await gate.cli(
    ...['sign', '--key', privateKey, '--key-id', keyId, '--curl', ...CREATE, file('note.json'), `${origin}/things`],
  );
  assert.equal(made.code, 0, made.stderr);
  const command = (text: string) =>
    run('sh', ['-c', `${text} -s --cacert '${file('ca.pem')}'`]).then(({ stdout }) => stdout);
  const before = shop.seen.length;
  const first = await command(made.stdout.trim());
  assert.match(first, /^HTTP\/[\d.]+ 201/);
  assert.equal(shop.seen.length, before + 1);
  const { headers } = shop.seen.at(-1)!;
  assert.equal(headers['x-portcullis-principal'], keyId);
  for (const name of ['signature', 'signature-input', 'content-digest']) assert.equal(headers[name], undefined, name);
  const replayed = await command(made.stdout.trim());
  assert.match(replayed, /^HTTP\/[\d.]+ 401/);
  const again = await gate.cli(
    ...['sign', '--key', privateKey, '--key-id', keyId, '--curl', ...CREATE, file('note.json'), `${origin}/things`],
  );
  writeFileSync(file('note.json'), '{"name":"from eve"}');
  const altered = await command(again.stdout.trim());
  writeFileSync(file('note.json'), '{"name":"from ann"}');
  assert.match(altered, /^HTTP\/[\d.]+ 400/);
  assert.match(altered, /"code":"content-altered"/);
  assert.equal(shop.seen.length, before + 1, 'neither reached the API');
});

test('another method, path, query or host than was signed is refused', async () => {
  const before = shop.seen.length;
  const url = `${origin}/things?limit=2`;
  for (const [path, options] of [
    ['/things?limit=3', {}],
    ['/things', {}],
    ['/things/1?limit=2', {}],
    ['/things?limit=2', { method: 'HEAD' }],
    ['/things?limit=2', { headers: { host: `127.0.0.1:${gate.port}` } }],
  ] as const) {
    const headers = { ...(await sign(url)), ...('headers' in options ? options.headers : {}) };
    const { status } = await gate.send(path, { ...options, headers });
    assert.ok(status === 401 || status === 405, `${path} ${JSON.stringify(options)}: ${status}`);
  }
  assert.equal(shop.seen.length, before);
  assert.equal((await gate.send('/things?limit=2', { headers: await sign(url) })).status, 200);
});

test('the keys of the gate are published, its answers verified by `portcullis verify`, altered ones noticed', async () => {
  const keys = await gate.send('/.well-known/http-message-signatures-directory');
  assert.equal(keys.status, 200);
  assert.match(String(keys.headers['content-type']), /http-message-signatures-directory\+json/);
  const { keys: list } = keys.json<{ keys: Record<string, string>[] }>();
  assert.equal(list.length, 1);
  assert.equal(list[0]?.['d'], undefined);
  writeFileSync(file('keys.json'), keys.text);
  assert.equal(statSync(join(gate.directory, 'data', 'answer-signing-ed25519.key')).mode & 0o077, 0);

  const url = `${origin}/things`;
  const signed = await sign(url);
  const headers = Object.entries(signed).map(([name, value]) => `${name}: ${value}`);
  writeFileSync(file('sent.txt'), headers.join('\n'));
  const bytes = await gate.raw(
    `GET /things HTTP/1.1\r\nHost: localhost:${gate.port}\r\n${headers.join('\r\n')}\r\nConnection: close\r\n\r\n`,
  );
  const verify = async (text: string, ...args: string[]) => {
    writeFileSync(file('answer.txt'), text, 'latin1');
    return await gate.cli(
      'verify',
      '--keys',
      file('keys.json'),
      '--request',
      file('sent.txt'),
      ...args,
      file('answer.txt'),
    );
  };
  const good = await verify(bytes, '--url', url);
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /^verified: signed by /);
  assert.match(good.stdout, /"@status" "content-digest" "content-type" "x-exchange-id" .*"signature";req;key="sig"/);
  for (const [what, altered, args] of [
    ['body', bytes.replace('thing 1', 'thing 9'), ['--url', url]],
    ['status', bytes.replace(' 200 ', ' 201 '), ['--url', url]],
    ['type', bytes.replace('application/json', 'application/jsom'), ['--url', url]],
    ['exchange', bytes.replace(/x-exchange-id: (.)/, 'x-exchange-id: 9'), ['--url', url]],
    ['another URL', bytes, ['--url', `${url}?limit=1`]],
    ['another method', bytes, ['--url', url, '-X', 'POST']],
    ['digest gone', bytes.replace(/content-digest: [^\r]*\r\n/, ''), ['--url', url]],
    ['signature gone', bytes.replace(/signature(-input)?: [^\r]*\r\n/g, ''), ['--url', url]],
  ] as const) {
    const { code, stdout, stderr } = await verify(altered, ...args);
    assert.equal(code, 1, `${what}: ${stdout}${stderr}`);
    assert.match(stderr, /NOT verified/);
  }
  const saved = `POST /things HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  assert.equal((await verify(saved)).code, 1);
});

test('refusals are signed too: of a stage, of the router, and of a stranger', async () => {
  const keys = file('keys.json');
  writeFileSync(keys, (await gate.send('/.well-known/http-message-signatures-directory')).text);
  for (const [path, status] of [
    ['/things', 401],
    ['/nothing', 404],
    ['/things/../x', 400],
  ] as const) {
    const bytes = await gate.raw(`GET ${path} HTTP/1.1\r\nHost: localhost:${gate.port}\r\nConnection: close\r\n\r\n`);
    assert.match(bytes, new RegExp(`^HTTP/1.1 ${status} `));
    writeFileSync(file('refusal.txt'), bytes, 'latin1');
    const args = status === 400 ? [] : ['--url', `${origin}${path}`];
    const { code, stderr } = await gate.cli('verify', '--keys', keys, ...args, file('refusal.txt'));
    assert.equal(code, 0, `${path}: ${stderr}`);
  }
});

test('portcullis/client: signs, is accepted, verifies; an altered answer and one for another request are noticed', async () => {
  const agent = new Agent({ connect: { ca: gate.ca } });
  end.after(() => agent.close());
  let tamper = (response: Response): Response | Promise<Response> => response;
  const through = (async (input: URL, init: RequestInit) =>
    tamper(
      (await undiciFetch(input, { ...(init as object), dispatcher: agent })) as unknown as Response,
    )) as typeof fetch;
  const key = readFileSync(privateKey, 'utf8');
  const signing = createSigningFetch({ key, keyId, answers: { keys: 'discover' }, fetch: through });

  const got = await signing(`${origin}/things?limit=2`);
  assert.equal(got.status, 200);
  assert.equal(((await got.json()) as unknown[]).length, 2);
  const posted = await signing(`${origin}/things`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'by client' }),
  });
  assert.equal(posted.status, 201);
  assert.equal((await signing(`${origin}/things/1`, { method: 'DELETE' })).status, 403, 'a refusal verifies too');

  const rebuilt = async (response: Response, change: (text: string) => string, without: string[] = []) => {
    const headers = new Headers(response.headers);
    for (const name of without) headers.delete(name);
    return new Response(change(await response.text()), { status: response.status, headers });
  };
  const same = (text: string): string => text;
  tamper = (response) => rebuilt(response, (text) => text.replace('thing 1', 'thing 9'));
  await assert.rejects(signing(`${origin}/things?limit=2`), /the body is not the one that was signed/);
  tamper = async (response) => new Response(await response.text(), { status: 202, headers: response.headers });
  await assert.rejects(signing(`${origin}/things?limit=2`), /the signature is wrong/);
  tamper = (response) => rebuilt(response, same, ['signature', 'signature-input']);
  await assert.rejects(signing(`${origin}/things?limit=2`), /not signed/);
  tamper = (response) => rebuilt(response, same, ['content-digest']);
  await assert.rejects(signing(`${origin}/things?limit=2`), /no field content-digest/);
  let earlier: Response | undefined;
  tamper = (response) => {
    earlier ??= response.clone();
    return response;
  };
  await signing(`${origin}/things?limit=2`);
  tamper = () => earlier as Response;
  await assert.rejects(
    signing(`${origin}/things?limit=2`),
    /the signature is wrong/,
    'the same request, an older answer',
  );
});

test('what would be streamed is read whole, so that its digest can be signed', async () => {
  const { status, headers, text } = await gate.send('/files/big', { headers: await sign(`${origin}/files/big`) });
  assert.equal(status, 200);
  assert.equal(text.length > 400_000, true);
  assert.match(String(headers['content-digest']), /^sha-256=:/);
  assert.match(String(headers['signature-input']), /"content-digest"/);
  const wanted = { 'want-content-digest': 'sha-512=9, sha-256=1', 'want-repr-digest': 'sha-512=1' };
  const other = await gate.send('/things', { headers: { ...(await sign(`${origin}/things`)), ...wanted } });
  assert.match(String(other.headers['content-digest']), /^sha-512=:/);
  assert.equal(other.headers['repr-digest'], other.headers['content-digest']);
  const head = await gate.send('/nothing', { method: 'HEAD' });
  assert.equal(head.headers['content-digest'], 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:');
});

test('a revoked key is void at once', async () => {
  const made = await gate.cli('keys', 'create', '--new-key', file('bob.key'), '--role', 'customer');
  const id = made.stdout.trim();
  const signed = async () => {
    const { stdout } = await gate.cli('sign', '--key', file('bob.key'), '--key-id', id, '--json', `${origin}/things`);
    return (JSON.parse(stdout) as { headers: Record<string, string> }).headers;
  };
  assert.equal((await gate.send('/things', { headers: await signed() })).status, 200);
  const listed = await gate.cli('keys', 'list');
  assert.match(listed.stdout, new RegExp(`${id} +valid`));
  assert.equal((await gate.cli('keys', 'revoke', id)).code, 0);
  assert.equal((await gate.send('/things', { headers: await signed() })).status, 401);
  const second = await gate.cli('keys', 'create', '--new-key', file('bob.key'));
  assert.equal(second.code, 2, 'a key file is never written over');
});

test('the record says who signed, and why others were refused', async () => {
  const { stdout } = await gate.cli('audit', 'search', '--principal', `key:${keyId}`, '--json');
  assert.match(stdout, /"scheme": ?"signature"/);
  const refused = await gate.cli('audit', 'search', '--outcome', 'credentials-invalid', '--json');
  assert.match(refused.stdout, /the nonce was used before|not covered|signature/);
});
