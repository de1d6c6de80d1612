import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../shared/clock.ts';
import { AuditError } from './errors.ts';
import { allLines, exchange, linesOf, open, temporaryDirectory, writeLog } from './fixture.ts';
import type { AuditRecord } from './record.ts';
import { listSegments, segmentName } from './segments.ts';
import { verifyLog } from './verify.ts';

const records = async (directory: string): Promise<AuditRecord[]> =>
  (await allLines(join(directory, '0'))).map((line) => JSON.parse(line) as AuditRecord);

const eventsOf = (all: readonly AuditRecord[]): (string | undefined)[] =>
  all.filter((record) => record.kind === 'event').map((record) => record.event);

async function assertIntact(directory: string): Promise<void> {
  const report = await verifyLog(join(directory, '0'), '0', []);
  assert.deepEqual(report.findings, []);
}

test('every record that was acknowledged is there, in order, numbered, and verifies', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  const acknowledged: string[] = [];
  await Promise.all(
    Array.from({ length: 50 }, async (_, client) => {
      for (let i = 0; i < 40; i++) {
        const one = exchange(client * 100 + i);
        await log.record(one);
        acknowledged.push(one.id);
        // Acknowledged means readable by anyone, now.
        if (i === 20) assert.ok(readFileSync(join(directory, '0/segments', segmentName(0)), 'utf8').includes(one.id));
      }
    }),
  );
  log.event({ event: 'gateway/reloaded', note: 'x' });
  await log.flush();
  assert.equal(log.size, 2002);
  await log.close();
  const all = await records(directory);
  assert.deepEqual(
    all.map((record) => record.n),
    all.map((_, i) => i),
  );
  const ids = new Set(all.map((record) => record.id));
  for (const id of acknowledged) assert.ok(ids.has(id));
  assert.deepEqual(eventsOf(all), ['audit/opened', 'gateway/reloaded', 'audit/closed']);
  await assertIntact(directory);
});

test('nobody but the owner can read records or key', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300);
  const mode = (name: string) => statSync(join(directory, name)).mode & 0o777;
  assert.equal(mode('signing.key'), 0o600);
  assert.equal(mode('0'), 0o700);
  assert.equal(mode(`0/segments/${segmentName(0)}`), 0o600);
  assert.equal(mode('0/tile/0/000'), 0o600);
});

test('a log is taken up where it was left', async (t) => {
  const directory = temporaryDirectory(t);
  for (let round = 0; round < 4; round++) await writeLog(directory, 300);
  const all = await records(directory);
  assert.equal(all.length, 4 * 302);
  await assertIntact(directory);
});

test('the promise of a record is one for the whole batch', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  t.after(() => log.close());
  const promises = Array.from({ length: 10 }, (_, i) => log.record(exchange(i)));
  assert.equal(new Set(promises).size, 1);
  await promises[0];
});

test('two never write one log, in one process or in two; two slots share a directory and a key', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  await assert.rejects(open(directory), (error) => error instanceof AuditError && error.code === 'locked');
  const other = await open(directory, { slot: '1' });
  await other.close();
  const script = `
    const { open } = await import(${JSON.stringify(join(import.meta.dirname, 'fixture.ts'))});
    await open(process.argv[1]).then(() => console.log('opened'), (error) => console.log(error.code));
    process.exit();`;
  const child = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script, directory], { encoding: 'utf8' });
  assert.equal(child().trim(), 'locked');
  await log.close();
  assert.equal(child().trim(), 'opened');
});

test('a lock of a process that was killed is no lock', async (t) => {
  const directory = temporaryDirectory(t);
  const script = `
    const { open } = await import(${JSON.stringify(join(import.meta.dirname, 'fixture.ts'))});
    await open(process.argv[1]);
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await assert.rejects(open(directory), /another process/);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('exit', resolve));
  await (await open(directory)).close();
});

test('workers that start together agree on one key', async (t) => {
  const directory = temporaryDirectory(t);
  const logs = await Promise.all(['0', '1', '2', '3'].map((slot) => open(directory, { slot })));
  for (const log of logs) await log.close();
  for (const slot of ['0', '1', '2', '3'])
    assert.deepEqual((await verifyLog(join(directory, slot), slot, [])).findings, []);
});

test('a torn tail is set aside, said and verified', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 500);
  const segment = join(directory, '0/segments', segmentName(0));
  appendFileSync(segment, '{"v":1,"n":502,"time":"20');
  const log = await open(directory);
  assert.equal(log.repaired?.bytes, 25);
  await log.close();
  const aside = readdirSync(join(directory, '0/segments')).filter((name) => name.includes('.torn-'));
  assert.deepEqual(aside, log.repaired?.files);
  assert.equal(readFileSync(join(directory, '0/segments', aside[0]!), 'utf8'), '{"v":1,"n":502,"time":"20');
  assert.ok(eventsOf(await records(directory)).includes('audit/repaired'));
  await assertIntact(directory);
});

test('what a loss of power leaves after the checkpoint is set aside too', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 100);
  const segment = join(directory, '0/segments', segmentName(0));
  // A hole of zeros, then a line that was written later.
  appendFileSync(segment, Buffer.concat([Buffer.alloc(4096), Buffer.from('\n{"v":1,"n":104,"time":"x"}\n')]));
  const log = await open(directory);
  assert.ok(log.repaired !== undefined && log.repaired.bytes > 4096);
  await log.close();
  await assertIntact(directory);
});

test('tiles that are missing or damaged are made again from the records', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 1500);
  rmSync(join(directory, '0/tile/0/001'));
  writeFileSync(join(directory, '0/tile/1/000.p/5'), 'short');
  const log = await open(directory);
  await log.close();
  assert.ok(eventsOf(await records(directory)).includes('audit/tiles-rebuilt'));
  await assertIntact(directory);
});

test('a log that is not the one that was signed is not opened, and the message says what and how to mend it', async (t) => {
  const cases: Record<string, (own: string) => void> = {
    cut: (own) => truncateSync(join(own, 'segments', segmentName(0)), 1000),
    emptied: (own) => rmSync(join(own, 'segments', segmentName(0))),
    'without checkpoint': (own) => rmSync(join(own, 'checkpoint')),
    'checkpoint edited': (own) =>
      writeFileSync(
        join(own, 'checkpoint'),
        readFileSync(join(own, 'checkpoint'), 'utf8').replace('\n402\n', '\n401\n'),
      ),
    'newest record changed': (own) => {
      const path = join(own, 'segments', segmentName(0));
      writeFileSync(path, readFileSync(path, 'utf8').replace(/patient:399/, 'patient:398'));
    },
    'key replaced': (own) => rmSync(join(own, '../signing.key')),
  };
  for (const [name, tamper] of Object.entries(cases)) {
    const directory = temporaryDirectory(t);
    await writeLog(directory, 400);
    tamper(join(directory, '0'));
    await assert.rejects(
      open(directory),
      (error) => error instanceof AuditError && error.code === 'tampered' && /\/0/.test(error.message),
      name,
    );
    // Refused, and nothing touched: the evidence is as it was.
    assert.ok(!readdirSync(join(directory, '0/segments')).some((file) => file.includes('torn')), name);
  }
});

test('with `onTampered: continue` it is set aside whole, and the new log says so under another origin', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 400);
  truncateSync(join(directory, '0/segments', segmentName(0)), 1000);
  const log = await open(directory, { settings: { onTampered: 'continue' } });
  assert.match(log.origin, /^gate\.example\/audit\/[0-9a-f]{12}\/0\/2$/);
  await log.record(exchange(1));
  await log.close();
  const aside = readdirSync(directory).find((name) => name.startsWith('0.tampered-'));
  assert.ok(aside !== undefined && existsSync(join(directory, aside, 'checkpoint')));
  const all = await records(directory);
  const event = all.find((record) => record.event === 'audit/tampered');
  assert.equal(event?.evidence?.['aside'], aside);
  await assertIntact(directory);
  assert.notDeepEqual((await verifyLog(join(directory, aside), aside, [])).findings, []);
});

test('segments change at their size, each sealed by its last record', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 1000, { settings: { segmentBytes: 100_000 } });
  const segments = await listSegments(join(directory, '0'));
  assert.ok(segments.length > 3);
  let next = 0;
  for (const [i, segment] of segments.entries()) {
    const lines = linesOf(segment.path);
    assert.equal(segment.first, next);
    next += lines.length;
    const last = JSON.parse(lines.at(-1)!) as AuditRecord;
    if (i === segments.length - 1) assert.equal(last.event, 'audit/closed');
    else {
      assert.equal(last.event, 'audit/sealed');
      assert.equal(last.evidence?.['records'], lines.length);
    }
  }
  await assertIntact(directory);
  // And it goes on in the newest one.
  await writeLog(directory, 10, { settings: { segmentBytes: 100_000 } });
  assert.equal((await listSegments(join(directory, '0'))).length, segments.length);
  await assertIntact(directory);
});

test('old segments are deleted whole; their tiles stay, and verify says pruned', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 1000, { settings: { segmentBytes: 50_000 } });
  const before = await listSegments(join(directory, '0'));
  const log = await open(directory, { settings: { segmentBytes: 50_000, keepBytes: 120_000 } });
  await log.close();
  const after = await listSegments(join(directory, '0'));
  assert.ok(after.length < before.length && after.length >= 2, `${before.length} to ${after.length}`);
  const report = await verifyLog(join(directory, '0'), '0', []);
  assert.deepEqual(report.findings, []);
  assert.equal(report.pruned, after[0]!.first);
  // Pruned again and again, the newest record of it covers all that went before.
  for (let round = 0; round < 3; round++)
    await writeLog(directory, 400, { settings: { segmentBytes: 50_000, keepBytes: 120_000 } });
  const last = await verifyLog(join(directory, '0'), '0', []);
  assert.deepEqual(last.findings, []);
  assert.ok(last.pruned > report.pruned);
});

test('segments past their time are deleted, younger ones are not', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 500, { settings: { segmentBytes: 50_000, keep: '1d' } });
  const before = await listSegments(join(directory, '0'));
  const later = { ...systemClock, now: () => Date.now() + 2 * 86_400_000 };
  await (await open(directory, { settings: { segmentBytes: 50_000, keep: '3d' }, clock: later })).close();
  assert.equal((await listSegments(join(directory, '0'))).length, before.length);
  await (await open(directory, { settings: { segmentBytes: 50_000, keep: '1d' }, clock: later })).close();
  assert.equal((await listSegments(join(directory, '0'))).length, 1);
  await assertIntact(directory);
});

test('a closed log takes nothing more, and closing twice is closing once', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  await Promise.all([log.close(), log.close()]);
  await assert.rejects(log.record(exchange(1)), /closed/);
  log.event({ event: 'x/y', note: '' });
  assert.equal((await records(directory)).length, 2);
});

test('a directory that cannot be made is said to be so', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'file'), '');
  await assert.rejects(
    open(join(directory, 'file')),
    (error) => error instanceof AuditError && error.code === 'unwritable',
  );
  await assert.rejects(open(directory, { slot: '../x' }), RangeError);
});

test('durability fsync writes the same log', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300, { settings: { durability: 'fsync' } });
  await assertIntact(directory);
});
