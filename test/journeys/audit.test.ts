import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type GateUnderTest, type Reply, startAgain } from '../support/gate.ts';
import { lifetime, Program, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

// Promise 11: every exchange is recorded, and nobody can change the record unnoticed.
const FAST = { address: '100000/s', principal: '100000/s', anonymous: '100000/s' };
const life = lifetime(after);
let gate: GateUnderTest;
let key: string;

before(async () => {
  ({ gate } = await shopGate(life, { throttling: FAST }));
  key = gate.key({ roles: ['customer'], claims: { customer: 1 } });
});

interface Row {
  readonly n: number;
  readonly id: string;
  readonly kind: string;
  readonly outcome: { readonly result: string; readonly status: number; readonly code?: string };
}

const search = async (...args: string[]): Promise<Row[]> => {
  const { code, stdout, stderr } = await gate.cli('audit', 'search', '--json', '--limit', '0', ...args);
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Row)
    .filter((row) => row.kind === 'exchange');
};
const segments = (directory: string): string[] => {
  const folder = join(directory, 'data', 'audit', '0', 'segments');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl') || !name.includes('torn'))
    .sort()
    .map((name) => join(folder, name));
};

test('every exchange is recorded: served, refused, malformed', async () => {
  const headers = { 'x-api-key': key };
  const sent: [Reply, string][] = [
    [await gate.send('/ping'), 'allowed'],
    [await gate.send('/things/1', { headers }), 'allowed'],
    [await gate.send('/things/2', { headers }), 'refused'],
    [await gate.send('/things'), 'refused'],
    [await gate.send('/nowhere', { headers }), 'invalid'],
    [await gate.send('/things', { method: 'PUT', headers }), 'invalid'],
    [await gate.send('/things/x', { headers }), 'invalid'],
    [await gate.send(`/things?q=${encodeURIComponent("' OR '1'='1' --")}`, { headers }), 'harmful'],
    [
      await gate.send('/things', {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: '{"name":1}',
      }),
      'invalid',
    ],
    [await gate.send('/things/13', { headers }), 'failed'],
    [await gate.send('/ping', { method: 'TRACE' }), 'invalid'],
    [await gate.send('/ping', { headers: { expect: 'a-miracle' } }), 'invalid'],
    [await gate.send(`/things?q=${'a'.repeat(9000)}`, { headers }), 'invalid'],
  ];
  for (const bytes of [
    'GARBAGE\r\n\r\n',
    'GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n',
    'GET //ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    `GET /ping HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`,
  ]) {
    const answer = await gate.raw(bytes, { until: /\r\n\r\n\{.*\}$/s });
    const id = /x-exchange-id: (\w+)/i.exec(answer)?.[1];
    assert.ok(id, answer);
    sent.push([{ headers: { 'x-exchange-id': id } } as unknown as Reply, 'invalid']);
  }
  const rows = new Map((await search()).map((row) => [row.id, row]));
  for (const [i, [reply, result]] of sent.entries()) {
    const row = rows.get(String(reply.headers['x-exchange-id']));
    assert.ok(row, `${i}: ${reply.status}`);
    assert.equal(row.outcome.result, result, `${i}: ${JSON.stringify(row.outcome)}`);
    if (reply.status !== undefined) assert.equal(row.outcome.status, reply.status);
  }
  assert.equal(rows.size, sent.length, 'and nothing else');
});

test('a head that is never finished is one exchange, not two', async (t) => {
  const own = lifetime((work) => t.after(work));
  const { gate: slow } = await shopGate(own, { listen: { headersTimeout: '200ms' } });
  assert.match(await slow.raw('GET /pi'), /^HTTP\/1\.1 408 /);
  assert.match(
    await slow.raw('GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 200 /,
  );
  const { stdout } = await slow.cli('audit', 'search');
  const statuses = [...stdout.matchAll(/(?:allowed|invalid) (\d{3})/g)].map((match) => match[1]);
  assert.deepEqual(statuses, ['408', '200'], stdout);
});

test('search: by outcome, operation, object, principal, address and time', async () => {
  const id = (await search('--operation', 'GET /things/{id}'))[0]?.id as string;
  assert.deepEqual([...new Set((await search('--outcome', 'harmful')).map((row) => row.outcome.code))], ['harmful']);
  assert.deepEqual([...new Set((await search('--outcome', '404')).map((row) => row.outcome.status))], [404]);
  assert.ok((await search('--outcome', 'unknown-path')).length >= 1);
  assert.ok((await search('--operation', 'getThing')).some((row) => row.id === id));
  assert.ok(
    (await search('--object', 'thing:1')).some((row) => row.id === id),
    'who saw thing 1',
  );
  assert.equal((await search('--object', 'thing:12345')).length, 0);
  const all = (await search()).length;
  assert.equal((await search('--address', '127.0.0.0/8')).length, all);
  assert.equal((await search('--address', '10.0.0.0/8')).length, 0);
  assert.equal((await search('--since', '1h')).length, all);
  assert.equal((await search('--until', '2020-01-01')).length, 0);
  const who = (await search('--outcome', 'harmful'))[0] as unknown as { principal: { id: string } };
  const own = await search('--principal', who.principal.id);
  assert.ok(own.length >= 6 && own.length < all);
  for (const wrong of [
    ['--since', 'yesterday'],
    ['--address', 'x'],
    ['--limit', '-1'],
  ])
    assert.equal((await gate.cli('audit', 'search', ...wrong)).code, 2, wrong.join(' '));
});

test('search: an outcome that does not exist is an error, not an empty answer', async () => {
  const { code, stderr } = await gate.cli('audit', 'search', '--outcome', 'harmfull');
  assert.equal(code, 2);
  assert.match(stderr, /harmful/);
});

test('show: why one exchange ended as it did, stage by stage, with times', async () => {
  const harmful = (await search('--outcome', 'harmful'))[0] as Row;
  const { code, stdout } = await gate.cli('audit', 'show', harmful.id);
  assert.equal(code, 0);
  assert.match(stdout, new RegExp(`^exchange ${harmful.id} `));
  assert.match(stdout, /outcome +harmful 403/);
  assert.match(stdout, /authenticate +\d+\.\d+ ms/);
  assert.match(stdout, /detect +\d+\.\d+ ms +<- the last that ran/);
  assert.match(stdout, /sql/i, 'the record says what the answer did not');
  assert.doesNotMatch(stdout, /disclose +\d/, 'nothing came back');
  assert.equal((await gate.cli('audit', 'show', '01AAAAAAAAAAAAAAAAAAAAAAAA')).code, 2);
  assert.equal((await gate.cli('audit', 'show', '../../etc/passwd')).code, 2);
  const served = (await search('--operation', 'getThing', '--outcome', 'allowed'))[0] as Row;
  await until('the record to be signed', async () =>
    /proven to be in the signed log/.test((await gate.cli('audit', 'show', served.id)).stdout),
  );
  const shown = (await gate.cli('audit', 'show', served.id)).stdout;
  assert.match(shown, /sensitive fields that left: .*card/);
  assert.match(shown, /removed from the answer: .*passwordHash/);
  assert.doesNotMatch(shown, /4111|should never leave/, 'names, never values');
});

test('verify passes while the gate runs, and against a checkpoint that was kept elsewhere', async () => {
  const kept = await gate.cli('audit', 'checkpoint');
  assert.equal(kept.code, 0);
  const file = join(gate.directory, 'kept');
  writeFileSync(file, kept.stdout);
  await gate.send('/ping');
  const { code, stdout } = await gate.cli('audit', 'verify', '--checkpoint', file);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /intact/);
});

const SPOILED: [string, (text: string) => string, RegExp][] = [
  ['one byte changed', (text) => text.replace('"harmful"', '"allowed"'), /changed/],
  [
    'a record removed',
    (text) => [...text.split('\n').slice(0, 3), ...text.split('\n').slice(4)].join('\n'),
    /removed|missing/,
  ],
  [
    'two records in another order',
    (text) => {
      const lines = text.split('\n');
      return [lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n');
    },
    /reordered|changed|order/,
  ],
  ['the end cut off', (text) => `${text.split('\n').slice(0, -4).join('\n')}\n`, /cut|missing|removed/],
  [
    'a record inserted',
    (text) => {
      const lines = text.split('\n');
      return [...lines.slice(0, 2), lines[1], ...lines.slice(2)].join('\n');
    },
    /reordered|inserted|changed/,
  ],
];

test('whoever changes the log is found out, and the record is named', async (t) => {
  assert.equal(await gate.program.stop(), 0);
  const [file] = segments(gate.directory) as [string];
  const whole = readFileSync(file, 'utf8');
  for (const [name, spoil, pattern] of SPOILED)
    await t.test(name, async () => {
      writeFileSync(file, spoil(whole));
      const { code, stdout } = await gate.cli('audit', 'verify');
      assert.equal(code, 1, stdout);
      assert.match(stdout, /NOT INTACT/);
      assert.match(stdout, pattern);
      assert.match(stdout, /record|line|index/);
    });
  await t.test('the gate does not go on as if nothing had happened', async () => {
    writeFileSync(file, `${whole.split('\n').slice(0, -4).join('\n')}\n`);
    const program = new Program('src/cli/main.ts', ['--config', gate.config, 'start'], { cwd: gate.directory });
    assert.equal(await program.ended, 2);
    assert.match(program.stderr, /not the one that was signed[\s\S]*mend: /);
    assert.doesNotMatch(program.stderr, /\n\s+at /);
  });
  writeFileSync(file, whole);
  assert.equal((await gate.cli('audit', 'verify')).code, 0);
});

test('kill -9 under load: no exchange that was answered is missing, the tail is repaired, verify passes', async () => {
  gate = await startAgain(life, gate.directory);
  const answered: string[] = [];
  const lanes = Array.from({ length: 16 }, async () => {
    for (;;) {
      try {
        const reply = await gate.send('/ping');
        if (reply.status === 200) answered.push(String(reply.headers['x-exchange-id']));
      } catch {
        return;
      }
    }
  });
  await until('some load', () => answered.length > 150);
  gate.program.child.kill('SIGKILL');
  await gate.program.ended;
  await Promise.all(lanes);
  // What a kill in the middle of a write leaves; it is too rare to be waited for.
  const file = segments(gate.directory).at(-1) as string;
  writeFileSync(file, `${readFileSync(file, 'latin1')}{"v":1,"n":`, 'latin1');
  gate = await startAgain(life, gate.directory);
  assert.match(gate.program.stderr, /the audit log ended in the middle of a record: 11 bytes were set aside/);
  const ids = new Set((await search()).map((row) => row.id));
  assert.deepEqual(
    answered.filter((id) => !ids.has(id)),
    [],
  );
  assert.equal((await gate.send('/ping')).status, 200);
  const { code, stdout } = await gate.cli('audit', 'verify');
  assert.equal(code, 0, stdout);
});

test('two gates do not write into one log', async () => {
  const second = new Program('src/cli/main.ts', ['--config', gate.config, 'start'], { cwd: gate.directory });
  assert.equal(await second.ended, 2);
  assert.match(second.stderr, /another process writes the audit log[\s\S]*mend: /);
  assert.equal((await gate.send('/ping')).status, 200);
});

/** A disk of 2 MB, where that is possible. */
function smallDisk(t: TestContext): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    rmdirSync(directory);
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', directory], { stdio: 'ignore' });
    rmdirSync(directory);
  });
  return directory;
}

test('a full audit disk: 503 and nothing is forwarded; with room again, served again', async (t) => {
  const disk = smallDisk(t);
  if (disk === undefined) return t.skip('a small file system cannot be mounted here');
  const own = lifetime((work) => t.after(work));
  const { gate: full, shop } = await shopGate(own, { throttling: FAST, audit: { directory: join(disk, 'audit') } });
  assert.equal((await full.send('/ping')).status, 200);
  const ballast = join(disk, 'ballast');
  // Fills it to the last byte.
  for (let size = 1 << 20; size > 0; size = Math.floor(size / 2))
    for (;;)
      try {
        writeFileSync(ballast, Buffer.alloc(size), { flag: 'a' });
      } catch {
        break;
      }
  const refused = await until('a refusal', async () => {
    const reply = await full.send('/ping');
    return reply.status === 503 && reply;
  });
  assert.equal(refused.json()['code'], 'record-failed');
  assert.ok(refused.headers['retry-after']);
  assert.doesNotMatch(refused.text, /ENOSPC|audit|segments/);
  const before = shop.seen.length;
  for (let i = 0; i < 5; i++) assert.equal((await full.send('/ping')).status, 503);
  assert.equal(shop.seen.length, before, 'what cannot be recorded does not happen at the API');
  assert.equal((await full.admin('GET', '/readyz', { token: null })).status, 503);
  writeFileSync(ballast, '');
  await until('service again', async () => (await full.send('/ping')).status === 200);
  assert.equal((await full.admin('GET', '/readyz', { token: null })).status, 200);
  assert.equal(await full.program.stop(), 0);
  const { code, stdout } = await full.cli('audit', 'verify');
  assert.equal(code, 0, stdout);
});

test('an audit directory that cannot be used: said at the start, with the mend', async (t) => {
  const own = lifetime((work) => t.after(work));
  assert.equal(await gate.program.stop(), 0);
  const file = join(gate.directory, 'file');
  writeFileSync(file, '');
  gate.configure({ audit: { directory: 'file/audit' } });
  const program = new Program('src/cli/main.ts', ['--config', gate.config, 'start'], { cwd: gate.directory });
  own.after(() => program.stop('SIGKILL'));
  assert.equal(await program.ended, 2);
  assert.match(program.stderr, /file\/audit[\s\S]*mend: /);
  assert.ok(!existsSync(join(gate.directory, 'file', 'audit')));
});
