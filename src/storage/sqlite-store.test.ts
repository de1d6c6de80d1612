import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { memoryStore } from './memory-store.ts';
import { openStore } from './sqlite-store.ts';
import type { Store } from './store.ts';
import { StoreError } from './store-error.ts';

const root = mkdtempSync(join(tmpdir(), 'portcullis-store-'));
after(() => rmSync(root, { recursive: true, force: true }));
let files = 0;
const fresh = (): string => join(root, `s${files++}`, 'portcullis.db');

const refusedWith = (code: StoreError['code'], file: string) => (error: unknown) =>
  error instanceof StoreError && error.code === code && error.message.includes(file);

/** Runs a program that has `store` open on the file, in another process. */
function another(file: string, program: string): ChildProcess {
  const module = new URL('./sqlite-store.ts', import.meta.url).href;
  const text = `import { openStore } from ${JSON.stringify(module)};
    const store = openStore(${JSON.stringify(file)});
    const say = (text) => process.stdout.write(text + '\\n');
    ${program}`;
  return spawn(process.execPath, ['--input-type=module', '-e', text], { stdio: ['pipe', 'pipe', 'inherit'] });
}
const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
};

for (const [name, make] of [
  ['a file', () => openStore(fresh())],
  ['memory', memoryStore],
] as [string, () => Store][]) {
  test(`${name}: records come back as they were put, in order of id`, () => {
    const store = make();
    store.put('a', '2', { n: 2, text: 'é\u0000"' });
    store.put('a', '1', { n: 1 });
    store.put('b', '1', { other: true });
    store.put('a', '2', { n: 3 });
    assert.deepEqual(store.get('a', '2'), { n: 3 });
    assert.equal(store.get('a', '3'), undefined);
    assert.equal(store.get('__proto__', 'toString'), undefined);
    assert.deepEqual(store.list('a'), [
      { id: '1', record: { n: 1 } },
      { id: '2', record: { n: 3 } },
    ]);
    assert.equal(store.delete('a', '2'), true);
    assert.equal(store.delete('a', '2'), false);
    assert.equal(store.list('a').length, 1);
    store.close();
  });

  test(`${name}: a transaction lasts as a whole or not at all, nested ones too`, () => {
    const store = make();
    assert.throws(
      () =>
        store.transaction(() => {
          store.put('a', '1', {});
          throw new Error('stop');
        }),
      /stop/,
    );
    assert.equal(store.get('a', '1'), undefined);
    store.transaction(() => {
      store.put('a', '1', {});
      assert.throws(() =>
        store.transaction(() => {
          store.put('a', '2', {});
          throw new Error('inner');
        }),
      );
      store.transaction(() => store.put('a', '3', {}));
    });
    assert.deepEqual(
      store.list('a').map(({ id }) => id),
      ['1', '3'],
    );
    assert.throws(() => store.transaction(async () => store.put('a', '4', {})), TypeError);
    assert.equal(store.get('a', '4'), undefined);
    store.close();
  });

  test(`${name}: the version moves with every change, and only then`, () => {
    const store = make();
    const seen = new Set([store.version()]);
    assert.equal(store.version(), [...seen][0]);
    store.put('a', '1', {});
    seen.add(store.version());
    store.delete('a', '1');
    seen.add(store.version());
    store.transaction(() => {
      store.put('a', '1', {});
      seen.add(store.version());
    });
    seen.add(store.version());
    assert.equal(seen.size, 5);
    const before = store.version();
    store.get('a', '1');
    store.list('a');
    assert.equal(store.version(), before);
    store.close();
  });

  test(`${name}: used after close, it says so`, () => {
    const store = make();
    store.close();
    store.close();
    for (const use of [
      () => store.get('a', '1'),
      () => store.put('a', '1', {}),
      () => store.list('a'),
      () => store.transaction(() => 1),
    ])
      assert.throws(use, (error) => error instanceof StoreError && error.code === 'closed');
  });
}

test('a change by another process is seen at once', async () => {
  const file = fresh();
  const store = openStore(file);
  store.put('a', '1', { by: 'us' });
  const before = store.version();
  const child = another(file, `store.put('a', '1', { by: 'them' }); store.close(); say('done');`);
  await once(child.stdout!, 'data');
  assert.notEqual(store.version(), before);
  assert.deepEqual(store.get('a', '1'), { by: 'them' });
  await end(child);
  store.close();
});

test('writers in several processes wait for each other: no update is lost', async () => {
  const file = fresh();
  const store = openStore(file);
  store.put('a', 'n', { n: 0 });
  const add = `for (let i = 0; i < 50; i++) store.transaction(() => store.put('a', 'n', { n: store.get('a', 'n').n + 1 }));`;
  const children = [another(file, add), another(file, add), another(file, add)];
  await Promise.all(children.map(end));
  assert.deepEqual(
    children.map(({ exitCode }) => exitCode),
    [0, 0, 0],
  );
  assert.deepEqual(store.get('a', 'n'), { n: 150 });
  store.close();
});

test('processes that meet on a new file all get it open', async () => {
  const file = fresh();
  const children = [1, 2, 3, 4].map((n) => another(file, `store.put('a', '${n}', {});`));
  await Promise.all(children.map(end));
  const store = openStore(file);
  assert.equal(store.list('a').length, 4);
  store.close();
});

test('kill -9 loses nothing acknowledged and leaves no half of a transaction', async () => {
  const file = fresh();
  const child = another(
    file,
    `for (let n = 1; ; n++) {
      store.transaction(() => { store.put('a', 'left', { n }); store.put('a', 'right', { n }); });
      say(String(n));
    }`,
  );
  let said = '';
  for await (const chunk of child.stdout!) {
    said += chunk;
    if (said.split('\n').length > 20) child.kill('SIGKILL');
  }
  await end(child);
  const acknowledged = Number(said.split('\n').at(-2));
  const store = openStore(file);
  const left = store.get<{ n: number }>('a', 'left');
  assert.deepEqual(store.get('a', 'right'), left);
  assert.ok((left?.n ?? 0) >= acknowledged, `${left?.n} after ${acknowledged} was acknowledged`);
  store.close();
});

test('the file, its journal and its directory are the owner’s alone', { skip: process.platform === 'win32' }, () => {
  const file = fresh();
  const store = openStore(file);
  store.put('a', '1', {});
  for (const name of [file, `${file}-wal`, `${file}-shm`]) assert.equal(statSync(name).mode & 0o777, 0o600, name);
  assert.equal(statSync(join(file, '..')).mode & 0o777, 0o700);
  store.close();
  chmodSync(file, 0o644);
  openStore(file).close();
  assert.equal(statSync(file).mode & 0o777, 0o600);
  chmodSync(join(file, '..'), 0o777);
  assert.throws(() => openStore(file), /chmod 700/);
});

test('a store from a newer version is refused, untouched', () => {
  const file = fresh();
  openStore(file).close();
  const db = new DatabaseSync(file);
  db.exec('PRAGMA user_version = 99');
  db.close();
  assert.throws(() => openStore(file), refusedWith('newer', file));
  assert.throws(() => openStore(file), /schema 99, this one knows 1.*upgrade Portcullis/s);
});

test('another program’s database is not taken for a store', () => {
  const file = fresh();
  mkdirSync(join(file, '..'), { mode: 0o700 });
  const db = new DatabaseSync(file);
  db.exec('CREATE TABLE patients (id)');
  db.close();
  assert.throws(() => openStore(file), refusedWith('foreign', file));
});

test('a file that is no database, or a damaged one, is a clear error', async () => {
  const text = fresh();
  mkdirSync(join(text, '..'), { mode: 0o700 });
  writeFileSync(text, 'not a database, but long enough to look at '.repeat(200));
  assert.throws(() => openStore(text), refusedWith('corrupt', text));

  const damaged = fresh();
  const store = openStore(damaged);
  store.transaction(() => {
    for (let n = 0; n < 2000; n++) store.put('a', String(n), { text: 'x'.repeat(200) });
  });
  store.close();
  const handle = await open(damaged, 'r+');
  await handle.write(Buffer.alloc(100_000, 0xa5), 0, 100_000, 8192);
  await handle.close();
  assert.throws(
    () => {
      const again = openStore(damaged);
      try {
        again.list('a');
      } finally {
        again.close();
      }
    },
    refusedWith('corrupt', damaged),
  );

  const cut = fresh();
  const third = openStore(cut);
  third.transaction(() => {
    for (let n = 0; n < 2000; n++) third.put('a', String(n), { text: 'x'.repeat(200) });
  });
  third.close();
  truncateSync(cut, 8192);
  assert.throws(() => {
    const again = openStore(cut);
    try {
      again.list('a');
    } finally {
      again.close();
    }
  }, StoreError);
});

test('a record that is not JSON is named', () => {
  const file = fresh();
  openStore(file).close();
  const db = new DatabaseSync(file);
  db.exec(`INSERT INTO records VALUES ('a', 'bad', '{')`);
  db.close();
  const store = openStore(file);
  assert.throws(() => store.get('a', 'bad'), /\(a, bad\)/);
  store.close();
});

test('a full store refuses the write, keeps what it has, and goes on', () => {
  const file = fresh();
  const store = openStore(file, { maxBytes: 64 * 4096 });
  store.put('a', 'first', { n: 1 });
  assert.throws(
    () => {
      store.transaction(() => {
        for (let n = 0; n < 1000; n++) store.put('b', String(n), { text: 'x'.repeat(1000) });
      });
    },
    refusedWith('full', file),
  );
  assert.equal(store.list('b').length, 0);
  assert.deepEqual(store.get('a', 'first'), { n: 1 });
  store.put('a', 'second', { n: 2 });
  store.close();
});

test('an unreachable place is a clear error', () => {
  const file = join(root, 'a-file', 'portcullis.db');
  writeFileSync(join(root, 'a-file'), '');
  assert.throws(() => openStore(file), refusedWith('unreadable', file));
  const directory = fresh();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  assert.throws(() => openStore(directory), refusedWith('unreadable', directory));
});

test('a lock held too long is told, not waited for for ever', () => {
  const file = fresh();
  const holder = openStore(file);
  const other = openStore(file, { busyTimeout: 20 });
  holder.transaction(() => {
    assert.throws(() => other.put('a', '1', {}), refusedWith('busy', file));
    assert.equal(other.get('a', '1'), undefined);
  });
  other.put('a', '1', {});
  assert.ok(existsSync(file));
  other.close();
  holder.close();
});
