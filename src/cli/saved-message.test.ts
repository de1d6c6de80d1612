import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Command } from 'commander';
import { signRequest } from '../client/sign-request.ts';
import { SignatureError } from '../signatures/error.ts';
import { messageKey } from '../signatures/key.ts';
import type { CliContext } from './context.ts';
import { readSavedMessage } from './saved-message.ts';
import { signVerb } from './sign.ts';
import { verifyVerb } from './verify.ts';

const directory = mkdtempSync(join(tmpdir(), 'portcullis-test-'));
after(() => rmSync(directory, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text, 'latin1');
  return join(directory, name);
};

const pair = generateKeyPairSync('ed25519');
const privateKey = write('sign.key', pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
const publicKey = write('sign.pem', pair.publicKey.export({ type: 'spki', format: 'pem' }) as string);

/** Runs a verb. @returns what it printed; the message and code it failed with */
function run(...args: string[]): { out: string; failed: string | undefined } {
  const lines: string[] = [];
  const context = {
    out: (text: string) => lines.push(text),
    json: (value: unknown) => lines.push(JSON.stringify(value)),
    fail: (code: number, message: string) => {
      throw Object.assign(new Error(`${code} ${message}`), { failed: true });
    },
  } as unknown as CliContext;
  const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
  signVerb(program, context);
  verifyVerb(program, context);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    return { out: lines.join('\n'), failed: (error as Error).message };
  }
  return { out: lines.join('\n'), failed: undefined };
}

test('what curl -i prints, in each version of HTTP, after interim answers', () => {
  const read = (text: string) => readSavedMessage(Buffer.from(text, 'latin1'));
  assert.deepEqual(read('HTTP/2 200 \r\na: 1\r\nb:2 \r\n\r\nbody\r\n\r\nmore'), {
    method: undefined,
    target: undefined,
    status: 200,
    headers: [
      ['a', '1'],
      ['b', '2'],
    ],
    body: Buffer.from('body\r\n\r\nmore'),
  });
  assert.equal(read('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\n\r\n').status, 201);
  assert.equal(read('HTTP/1.1 204 No Content\na: 1\n\n').status, 204);
  const request = read('POST /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n{}');
  assert.deepEqual([request.method, request.target, request.body.toString()], ['POST', '/a?b=1', '{}']);
  for (const bad of [
    '',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 200 OK\r\na: 1\r\n folded\r\n\r\n',
    'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    'HTTP/1.1 200 OK\r\n: x\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'hello\r\n\r\n',
    `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}\r\n\r\n`,
  ])
    assert.throws(() => read(bad), SignatureError, bad.slice(0, 40));
});

test('a saved request is verified with one public key', () => {
  const body = Buffer.from('{"a":1}');
  const url = new URL('https://api.example/things?q=1');
  const headers: [string, string][] = [['Content-Type', 'application/json']];
  const added = signRequest({ method: 'POST', url, headers, body }, { key: messageKey(pair.privateKey), keyId: 'k' });
  const head = [['Host', 'api.example'], ...headers, ...added].map(([name, value]) => `${name}: ${value}`).join('\r\n');
  const saved = `POST /things?q=1 HTTP/1.1\r\n${head}\r\n\r\n${body}`;
  const verify = (text: string, ...args: string[]) =>
    run('verify', '--keys', publicKey, '--key-id', 'k', ...args, write('request.txt', text));
  assert.match(verify(saved).out, /^verified: signed by k, /);
  assert.equal(verify(saved, '--max-age', '5m').failed, undefined);
  for (const [text, why, ...args] of [
    [`${saved} `, /body is not the one/],
    [saved.replace('q=1', 'q=2'), /signature is wrong/],
    [saved.replace('Host: api.example', 'Host: api.example.org'), /signature is wrong/],
    [saved.replace('POST', 'PUT'), /signature is wrong/],
    [saved, /does not cover "x-tenant"/, '--require', 'x-tenant'],
    [saved, /no signature has the tag/, '--tag', 'other'],
  ] as const) {
    const { failed, out } = verify(text, ...args);
    assert.match(failed ?? '', why);
    assert.match(failed ?? '', /^1 NOT verified/);
    assert.equal(out, '');
  }
  assert.match(run('verify', '--keys', publicKey, write('x.txt', saved)).failed ?? '', /^2 --keys is one key/);
  assert.match(
    run('verify', '--keys', privateKey, '--key-id', 'k', write('x.txt', saved)).failed ?? '',
    /^2 .*private/,
  );
  assert.match(run('verify', '--keys', join(directory, 'none'), write('x.txt', saved)).failed ?? '', /^2 .*ENOENT/);
});

test('a curl command holds the values whole, whatever they are', () => {
  const body = write("it's.json", '{}');
  const { out, failed } = run(
    ...['sign', '--key', privateKey, '--key-id', 'k', '--curl', '--body', body],
    ...['-H', "X-Name: it's $HOME `id`", 'https://api.example/a?b=$(id)#c'],
  );
  assert.equal(failed, undefined);
  assert.ok(out.includes("'X-Name: it'\\''s $HOME `id`'"), out);
  assert.ok(out.includes("-X 'POST'") && out.includes("-H 'Content-Type:'"), out);
  assert.ok(out.endsWith(" 'https://api.example/a?b=$(id)'"), out);
  const [input] = out.match(/Signature-Input: [^']*/) as RegExpMatchArray;
  assert.match(
    input,
    /^Signature-Input: sig=\("@method" "@authority" "@path" "@query" "content-digest"\);created=\d+;keyid="k";nonce="[\w-]{24}"$/,
  );
});

test('sign: what is wrong is said, with exit code 2', () => {
  const sign = (...args: string[]) => run('sign', '--key', privateKey, '--key-id', 'k', ...args).failed ?? '';
  assert.match(sign('ftp://x/'), /^2 .*http or https/);
  assert.match(sign('https://a:b@x/'), /^2 .*no credentials in the URL/);
  assert.match(sign('-H', 'no colon', 'https://x/'), /^2 .*"Name: value"/);
  assert.match(sign('-H', 'a: b\nc: d', 'https://x/'), /^2 .*"Name: value"/);
  assert.match(sign('--cover', 'x-none', 'https://x/'), /^2 .*no field x-none/);
  assert.match(sign('--cover', '@nothing', 'https://x/'), /^2 /);
  assert.match(sign('--expires', 'soon', 'https://x/'), /^2 .*--expires/);
  assert.match(sign('-H', 'Signature: x', 'https://x/'), /^2 .*signed already/);
  assert.match(sign('--curl', '--body', '-', 'https://x/'), /^2 /);
  assert.match(run('sign', '--key', publicKey, '--key-id', 'k', 'https://x/').failed ?? '', /^2 not a key/);
});
