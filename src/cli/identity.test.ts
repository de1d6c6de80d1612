import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { isWellFormed } from '../identity/key-format.ts';
import { openStore } from '../storage/sqlite-store.ts';
import type { CliContext } from './context.ts';
import { expiryOf } from './identity-options.ts';
import { keysVerb } from './keys.ts';
import { readSecret } from './secret-input.ts';
import { usersVerb } from './users.ts';

const PASSWORD = 'correct horse battery staple';

class Ended extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** The two verbs on a store of their own; `run` takes a command line without secrets, and what is piped in. */
function setUp(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-cli-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'store.db');
  const run = async (line: readonly string[], input = '') => {
    const out: string[] = [];
    const err: string[] = [];
    const values: unknown[] = [];
    const context: CliContext = {
      openStore: async () => openStore(file),
      dataDirectory: async () => directory,
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      json: (value) => values.push(JSON.parse(JSON.stringify(value))),
      fail: (code, message) => {
        throw new Ended(code, message);
      },
    };
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const terminal = { input: Readable.from([input]), output: new PassThrough() };
    keysVerb(program, context, terminal);
    usersVerb(program, context, terminal);
    await program.parseAsync([...line], { from: 'user' });
    return { out, err, json: values[0] as never };
  };
  const refused = async (line: readonly string[], message: RegExp, input = '') =>
    assert.rejects(
      run(line, input),
      (error) => error instanceof Ended && error.code === 2 && message.test(error.message),
    );
  return { run, refused, file };
}

test('keys create: the key alone on standard output, the explanation beside it', async (t) => {
  const { run } = setUp(t);
  const line = [
    'keys',
    'create',
    '--role',
    'nurse',
    '--role',
    'clerk',
    '--scope',
    'a:b',
    '--claim',
    'patientId=1',
    '--expires',
    '90d',
    '--note',
    'ward 3',
  ];
  const { out, err } = await run(line);
  assert.equal(out.length, 1);
  assert.ok(isWellFormed(out[0] ?? ''));
  assert.match(err.join('\n'), /Created key_[0-9A-Za-z]{16}: roles nurse,clerk, expires 20\d\d-.*\n.*shown this once/);
  assert.ok(!err.join().includes(out[0] as string));
  const listed = (await run(['keys', 'list', '--json'])).json as { claims: object; scopes: string[]; note: string }[];
  assert.equal(listed.length, 1);
  assert.deepEqual([listed[0]?.claims, listed[0]?.scopes, listed[0]?.note], [{ patientId: 1 }, ['a:b'], 'ward 3']);
  assert.ok(!JSON.stringify(listed).includes(out[0] as string) && !JSON.stringify(listed).includes('digest'));
  const table = (await run(['keys', 'list'])).out;
  assert.match(table[0] ?? '', /^ID +STATE +ROLES/);
  assert.match(table[1] ?? '', /^key_\w+ +valid +nurse,clerk +a:b .* ward 3$/);
});

test('keys create --json: everything in one value', async (t) => {
  const { run } = setUp(t);
  const { json, out } = await run(['keys', 'create', '--json', '--role', 'nurse']);
  const value = json as { id: string; key: string; roles: string[]; expires: null };
  assert.deepEqual(out, []);
  assert.ok(isWellFormed(value.key));
  assert.match(value.id, /^key_/);
  assert.equal(value.expires, null);
});

test('claims keep the type they are written in', async (t) => {
  const { run, refused } = setUp(t);
  const claims = [
    'a=1',
    'b=007',
    'c=true',
    'd=text',
    'e=["x",2]',
    'f=x=y',
    'g=12345678901234567890',
    'h=-1.5',
    'i=',
    'j=1e400',
    '__proto__=1',
  ];
  const { json } = await run(['keys', 'create', '--json', ...claims.flatMap((claim) => ['--claim', claim])]);
  assert.deepEqual(Object.entries((json as { claims: object }).claims), [
    ['a', 1],
    ['b', '007'],
    ['c', true],
    ['d', 'text'],
    ['e', ['x', 2]],
    ['f', 'x=y'],
    ['g', '12345678901234567890'],
    ['h', -1.5],
    ['i', ''],
    ['j', '1e400'],
    ['__proto__', 1],
  ]);
  await refused(['keys', 'create', '--claim', 'novalue'], /name=value/);
  await refused(['keys', 'create', '--claim', 'a=1', '--claim', 'a=2'], /twice/);
  await refused(['keys', 'create', '--role', 'two words'], /"two words" is not a role/);
});

test('expiry: a span, a date, a time, never; nothing else', () => {
  const now = Date.UTC(2030, 0, 1);
  assert.equal(expiryOf('90d', now), now + 90 * 86_400_000);
  assert.equal(expiryOf('2030-01-31', now), Date.UTC(2030, 0, 31));
  assert.equal(expiryOf('2030-01-31T12:00:00Z', now), Date.UTC(2030, 0, 31, 12));
  assert.equal(expiryOf('2030-01-31T12:00+02:00', now), Date.UTC(2030, 0, 31, 10));
  assert.equal(expiryOf('never', now), null);
  for (const text of ['', '2030', '2030-02-31', '2030-13-01', '31.1.2030', '2030-01-31T12:00', 'soon', '-1d', '1'])
    assert.throws(() => expiryOf(text, now), /--expires is/, text);
});

test('keys rotate and revoke', async (t) => {
  const { run, refused } = setUp(t);
  const first = (await run(['keys', 'create', '--json'])).json as { id: string; key: string };
  const rotated = await run(['keys', 'rotate', first.id, '--overlap', '1h']);
  assert.ok(isWellFormed(rotated.out[0] ?? ''));
  assert.match(rotated.err.join(' '), new RegExp(`Rotated ${first.id} to key_`));
  await refused(['keys', 'rotate', first.id], /already rotated/);
  await refused(['keys', 'rotate', first.id, '--overlap', 'soon'], /--overlap is a span/);
  const revoked = await run(['keys', 'revoke', first.id]);
  assert.deepEqual(revoked.out, [`Revoked ${first.id}.`]);
  assert.match(revoked.err.join(' '), /successor key_\w+ stays valid/);
  await refused(['keys', 'revoke', 'key_none'], /There is no key key_none/);
  const second = await run(['keys', 'revoke'], `${rotated.out[0]}\n`);
  assert.match(second.out[0] ?? '', /^Revoked key_/);
  assert.equal((await run(['keys', 'list'])).out.length, 1);
  assert.equal((await run(['keys', 'list', '--all'])).out.length, 3);
  for (const input of ['', '\n', 'pk_nonsense\n', 'x'.repeat(10_000), '\u00ff'])
    await refused(['keys', 'revoke'], /not a key of this store/, input);
});

test('a key as an argument is refused, called exposed, and its id offered; it is not repeated', async (t) => {
  const { run, refused } = setUp(t);
  const { id, key } = (await run(['keys', 'create', '--json'])).json as { id: string; key: string };
  await refused(['keys', 'revoke', key], new RegExp(`exposed\\. It is ${id}: portcullis keys revoke ${id}$`));
  await refused(['keys', 'rotate', key], new RegExp(`revoke it rather than rotate it: portcullis keys revoke ${id}$`));
  await refused(['keys', 'revoke', 'pk_x'], /not a key of this store/);
  await assert.rejects(run(['keys', 'revoke', key]), (error: Error) => !error.message.includes(key));
  assert.equal(((await run(['keys', 'list', '--json'])).json as { state: string }[])[0]?.state, 'valid');
});

test('users: create, list, disable, enable, password, remove', async (t) => {
  const { run, refused } = setUp(t);
  const made = await run(['users', 'create', 'Ann', '--role', 'doctor', '--claim', 'staffId=7'], `${PASSWORD}\n`);
  assert.match(made.out[0] ?? '', /^Created user ann \(user_\w+\): roles doctor\.$/);
  await refused(['users', 'create', 'ann'], /already is a user ann/, `${PASSWORD}\n`);
  await refused(['users', 'create', 'bob'], /at least 15/, 'short\n');
  await refused(['users', 'create', 'bob'], /No password/, '');
  await refused(['users', 'create', 'b:b'], /A name has/, `${PASSWORD}\n`);
  const listed = await run(['users', 'list', '--json']);
  assert.ok(!JSON.stringify(listed.json).includes('argon2'));
  assert.match((await run(['users', 'list'])).out[1] ?? '', /^ann +enabled +doctor/);
  assert.deepEqual((await run(['users', 'disable', 'ANN'])).out, ['User ann is disabled.']);
  assert.match((await run(['users', 'list'])).out[1] ?? '', /disabled/);
  await run(['users', 'enable', 'ann']);
  await run(['users', 'password', 'ann'], 'another sentence, long enough\r\n');
  await refused(['users', 'password', 'bob'], /no user bob/, `${PASSWORD}\n`);
  await run(['users', 'remove', 'ann']);
  await refused(['users', 'remove', 'ann'], /no user ann/);
});

test('the store’s errors are the verb’s errors', async (t) => {
  const { run, refused, file } = setUp(t);
  await run(['keys', 'list']);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 9');
  db.close();
  await refused(['keys', 'list'], /newer Portcullis.*upgrade/);
});

test('every verb has help with an example', (t) => {
  setUp(t);
  const program = new Command();
  const context = {} as CliContext;
  keysVerb(program, context);
  usersVerb(program, context);
  for (const group of program.commands)
    for (const verb of group.commands) {
      let text = '';
      verb.configureOutput({ writeOut: (more) => (text += more) }).outputHelp();
      assert.match(text, new RegExp(`Example: portcullis ${group.name()} ${verb.name()}`));
    }
});

/** A terminal with a person at it. */
function person() {
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true as const,
    setRawMode(mode: boolean) {
      raw.push(mode);
      return this as never;
    },
  });
  let shown = '';
  const output = new PassThrough().on('data', (text) => {
    shown += text;
  });
  return { input, output, raw, shown: () => shown };
}

test('at a terminal nothing of what is typed is shown, corrections work, and it can be cancelled', async () => {
  const type = async (keys: string | Buffer) => {
    const terminal = person();
    const secret = readSecret('Password: ', terminal);
    terminal.input.write(keys);
    const typed = await secret;
    await new Promise((resolve) => setImmediate(resolve));
    return { secret: typed, shown: terminal.shown(), raw: terminal.raw };
  };
  const typed = await type('sec\u00e9\u007f\u007fcret\r');
  assert.equal(typed.secret, 'secret');
  assert.equal(typed.shown, 'Password: \n');
  assert.deepEqual(typed.raw, [true, false], 'the echo comes back');
  assert.equal((await type('wrong\u0015right\n')).secret, 'right');
  assert.equal((await type('\u007f\u007fa\r')).secret, 'a');
  assert.equal((await type('abc\u0003')).secret, undefined);
  assert.equal((await type('\u0004')).secret, undefined);
  assert.equal((await type('\r')).secret, undefined);
  assert.equal((await type('x'.repeat(9_000))).secret, undefined);
  const closed = person();
  const pending = readSecret('Password: ', closed);
  closed.input.end();
  assert.equal(await pending, undefined);
  assert.deepEqual(closed.raw, [true, false]);
});
