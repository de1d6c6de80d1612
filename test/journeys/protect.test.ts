import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { type Reply, send, upstream } from '../support/gate.ts';
import { cli, lifetime, Program, scratch } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

// `portcullis protect openapi.yaml --upstream URL`: no configuration, and yet everything on.

interface Protected {
  readonly program: Program;
  readonly port: number;
  readonly key: string | undefined;
  send(path: string, headers?: Record<string, string>): Promise<Reply>;
}

async function protect(t: TestContext, directory: string, contract: string, url: string): Promise<Protected> {
  const program = new Program('src/cli/main.ts', ['protect', contract, '--upstream', url, '--port', '0'], {
    cwd: directory,
  });
  t.after(() => program.stop('SIGKILL'));
  const port = Number((await program.printed(/^gate\s+https:\/\/localhost:(\d+)/m))[1]);
  await program.printed(/^try /m);
  const ca = readFileSync((/^CA\s+(.+)$/m.exec(program.stdout)?.[1] ?? '').trim());
  return {
    program,
    port,
    key: /^key\s+(pk_\w+)/m.exec(program.stdout)?.[1],
    send: (path, headers = {}) => send(port, ca, path, { headers }),
  };
}

const pong = (t: TestContext) =>
  upstream(t, (req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(req.url?.startsWith('/things') ? '[]' : '{"ok":true,"secret":1}');
  });

test('the first start prints a key that works, once; the second start does not', async (t) => {
  const life = lifetime((work) => t.after(work));
  const directory = scratch(life as never);
  writeFileSync(join(directory, 'openapi.yaml'), stringify(SHOP));
  const shop = await pong(t);
  const first = await protect(t, directory, 'openapi.yaml', shop.url);
  assert.ok(first.key, first.program.stdout);
  assert.match(first.program.stdout, /send it as header x-api-key/i);
  assert.deepEqual((await first.send('/ping')).json(), { ok: true }, 'cut to the contract');
  const without = await first.send('/things');
  assert.equal(without.status, 401);
  assert.match(String(without.headers['www-authenticate']), /./);
  assert.equal((await first.send('/things', { 'x-api-key': first.key })).status, 200);
  assert.equal((await first.send('/things?x=1', { 'x-api-key': first.key })).status, 400);
  assert.equal((await first.send('/nowhere', { 'x-api-key': first.key })).status, 404);
  const line = /^try\s+(curl .+)$/m.exec(first.program.stdout)?.[1];
  assert.match(
    String(line),
    new RegExp(`^curl --cacert \\S+ca\\.pem -H 'x-api-key: KEY' https://localhost:${first.port}/ping$`),
  );
  assert.equal(statSync(join(directory, '.portcullis')).mode & 0o777, 0o700);
  assert.equal(await first.program.stop(), 0);

  const second = await protect(t, directory, 'openapi.yaml', shop.url);
  assert.equal(second.key, undefined);
  assert.doesNotMatch(second.program.stdout, /pk_/);
  assert.equal((await second.send('/things', { 'x-api-key': first.key })).status, 200, 'the old key goes on');
  assert.equal(await second.program.stop('SIGINT'), 0);
});

test('a contract without any security: every operation asks for a key', async (t) => {
  const life = lifetime((work) => t.after(work));
  const directory = scratch(life as never);
  const open = {
    openapi: '3.0.3',
    info: { title: 'open', version: '1' },
    paths: {
      '/ping': {
        get: {
          responses: { 200: { description: 'ok', content: { 'application/json': { schema: { type: 'object' } } } } },
        },
      },
    },
  };
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(open));
  const shop = await pong(t);
  const gate = await protect(t, directory, 'openapi.json', shop.url);
  assert.equal((await gate.send('/ping')).status, 401);
  assert.match(gate.program.stdout, /send it as Authorization: Bearer/);
  assert.equal((await gate.send('/ping', { authorization: `Bearer ${gate.key}` })).status, 200);
  assert.equal(shop.seen.length, 1);
});

test('a contract from a URL on loopback, named by the operator', async (t) => {
  const life = lifetime((work) => t.after(work));
  const directory = scratch(life as never);
  const server = createServer((req, res) => {
    if (req.url === '/moved') return res.writeHead(302, { location: '/openapi.json' }).end();
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(SHOP));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close().closeAllConnections());
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const shop = await pong(t);
  const gate = await protect(t, directory, `${base}/openapi.json`, shop.url);
  assert.equal((await gate.send('/ping')).status, 200);
  const moved = await cli(['protect', `${base}/moved`, '--upstream', shop.url, '--port', '0'], { cwd: directory });
  assert.equal(moved.code, 2);
  assert.match(moved.stderr, /redirect/i);
});

test('the port is in use: said with the port and the mend, exit code 2, nothing left running', async (t) => {
  const life = lifetime((work) => t.after(work));
  const directory = scratch(life as never);
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(SHOP));
  const squatter = createNetServer();
  await new Promise<void>((done) => squatter.listen(0, '127.0.0.1', done));
  t.after(() => squatter.close());
  const { port } = squatter.address() as AddressInfo;
  const ended = await cli(['protect', 'openapi.json', '--upstream', 'http://127.0.0.1:9', '--port', String(port)], {
    cwd: directory,
  });
  assert.equal(ended.code, 2);
  assert.match(
    ended.stderr,
    new RegExp(`cannot listen on 127\\.0\\.0\\.1:${port} \\(EADDRINUSE\\): .*choose another port`),
  );
  assert.doesNotMatch(ended.stderr, /\n\s+at /, 'no stack trace');
  assert.doesNotMatch(ended.stdout, /pk_/, 'no key of a gate that does not run');
});

test('an upstream that is not there: the gate starts and answers 502 without telling where it looked', async (t) => {
  const life = lifetime((work) => t.after(work));
  const directory = scratch(life as never);
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(SHOP));
  // A port that was free a moment ago and that nobody listens on.
  const free = createNetServer();
  await new Promise<void>((done) => free.listen(0, '127.0.0.1', done));
  const { port } = free.address() as AddressInfo;
  await new Promise((done) => free.close(done));
  const gate = await protect(t, directory, 'openapi.json', `http://127.0.0.1:${port}`);
  const answer = await gate.send('/ping');
  assert.equal(answer.status, 502);
  assert.equal(answer.json()['code'], 'upstream-unreachable');
  assert.doesNotMatch(answer.text, new RegExp(`${port}|ECONN|127\\.0`));
});

test('what cannot be loaded is said with file, line and mend, exit code 2', async (t) => {
  const directory = scratch(t);
  const files = {
    'broken.yaml': 'openapi: 3.1.0\ninfo: {title: a, version: 1}\npaths:\n  /a:\n get: [\n',
    'dangling.yaml':
      'openapi: 3.1.0\ninfo: {title: a, version: "1"}\npaths:\n  /a:\n    get:\n      parameters:\n        - $ref: "#/components/parameters/none"\n      responses: {}\n',
    'package.json': '{"name": "left-pad", "version": "1.0.0"}',
    'openapi.json': JSON.stringify(SHOP),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  const up = ['--upstream', 'http://127.0.0.1:9', '--port', '0'];
  const cases: [string[], RegExp][] = [
    [['protect', 'broken.yaml', ...up], /broken\.yaml:\d+:\d+: .*\n\s+mend: ./],
    [['protect', 'dangling.yaml', ...up], /dangling\.yaml:7:\d+: .*\n\s+mend: ./],
    [['protect', 'package.json', ...up], /package\.json:1:\d+: .*\n\s+mend: ./],
    [['protect', 'absent.yaml', ...up], /absent\.yaml.*\n?.*mend: ./],
    [['protect', 'openapi.json'], /--upstream/],
    [['protect', 'openapi.json', '--upstream', 'http://u:p@h/', '--port', '0'], /upstream/],
    [['protect', 'openapi.json', '--upstream', '127.0.0.1:3000', '--port', '0'], /upstream/],
    [['protect', 'openapi.json', '--upstream', 'http://h', '--port', '70000'], /port/],
    [['protekt'], /protect/],
  ];
  const results = await Promise.all(cases.map(([args]) => cli(args, { cwd: directory })));
  for (const [i, { code, stdout, stderr }] of results.entries()) {
    const [args, pattern] = cases[i] as [string[], RegExp];
    assert.equal(code, 2, `${args.join(' ')}\n${stdout}\n${stderr}`);
    assert.match(stderr, pattern);
    assert.doesNotMatch(stderr, /\n\s+at /, 'no stack trace');
    assert.doesNotMatch(`${stdout}${stderr}`, /u:p@/, 'no password of the upstream is repeated');
  }
});
