import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { AuditError } from './errors.ts';
import { allLines, exchange, open, temporaryDirectory } from './fixture.ts';
import type { AuditLog } from './log.ts';
import type { AuditRecord } from './record.ts';
import { segmentName } from './segments.ts';
import { verifyLog } from './verify.ts';

const records = async (directory: string): Promise<AuditRecord[]> =>
  (await allLines(join(directory, '0'))).map((line) => JSON.parse(line) as AuditRecord);

const eventsOf = (all: readonly AuditRecord[]): (string | undefined)[] =>
  all.filter((record) => record.kind === 'event').map((record) => record.event);

async function assertIntact(directory: string): Promise<void> {
  const report = await verifyLog(join(directory, '0'), '0', []);
  assert.deepEqual(report.findings, []);
}

/** Puts a directory where the next segment will be, so that it cannot be made. */
async function blockNextSegment(log: AuditLog, directory: string): Promise<string> {
  // Records until the segment is sealed: then the next file's name is known.
  for (;;) {
    await log.record(exchange(1));
    const last = JSON.parse((await allLines(join(directory, '0'))).at(-1)!) as AuditRecord;
    if (last.event === 'audit/sealed') break;
  }
  const path = join(directory, '0/segments', segmentName(log.size));
  mkdirSync(path);
  return path;
}

test('what cannot be written is refused; when it can be again the log goes on and says how much is missing', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 4096 } });
  const block = await blockNextSegment(log, directory);
  const size = log.size;
  for (let i = 0; i < 3; i++)
    await assert.rejects(
      log.record(exchange(i)),
      (error) =>
        error instanceof AuditError && error.code === 'unwritable' && error.message.includes(segmentName(size)),
    );
  log.event({ event: 'authentication/locked', note: 'must not be lost' });
  await log.flush();
  assert.equal(log.healthy, false);
  assert.match(log.failure!.message, /mend/);
  assert.equal(log.size, size, 'a failed batch leaves no hole');
  rmdirSync(block);
  await log.record(exchange(9));
  assert.equal(log.healthy, true);
  await log.close();
  const all = await records(directory);
  const gap = all.find((record) => record.event === 'audit/gap');
  assert.equal(gap?.evidence?.['lost'], 3);
  assert.equal(gap?.evidence?.['lostEvents'], 0);
  assert.ok(eventsOf(all).includes('authentication/locked'), 'events wait for the disk');
  await assertIntact(directory);
});

test('without traffic too it finds out that the disk is back', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 4096 } });
  const block = await blockNextSegment(log, directory);
  await assert.rejects(log.record(exchange(1)));
  rmdirSync(block);
  const deadline = AbortSignal.timeout(20_000);
  while (!log.healthy) {
    deadline.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await log.close();
  assert.ok(eventsOf(await records(directory)).includes('audit/gap'));
});

test('with `onFailure: continue` the exchange goes on, and the loss is counted', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 4096, onFailure: 'continue' } });
  const block = await blockNextSegment(log, directory);
  await log.record(exchange(1));
  await log.record(exchange(2));
  assert.equal(log.healthy, false);
  rmdirSync(block);
  await log.record(exchange(3));
  await log.close();
  const gap = (await records(directory)).find((record) => record.event === 'audit/gap');
  assert.equal(gap?.evidence?.['lost'], 2);
  await assertIntact(directory);
});

/** A file system of that size, where this user may mount one. */
function tinyDisk(t: TestContext, size: string): string | undefined {
  let mounted: string | undefined;
  // Before the directory is removed: hooks run in the order they were named.
  t.after(() => mounted !== undefined && execFileSync('umount', ['-l', mounted], { stdio: 'ignore' }));
  const directory = temporaryDirectory(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    t.skip('no file system can be mounted here');
    return undefined;
  }
  mounted = directory;
  return directory;
}

test('a full disk: torn writes are cut off, nothing acknowledged is lost, and it recovers by itself', async (t) => {
  const directory = tinyDisk(t, '512k');
  if (directory === undefined) return;
  const ballast = join(directory, 'ballast');
  writeFileSync(ballast, Buffer.alloc(200_000));
  const log = await open(directory);
  const acknowledged: string[] = [];
  let refused = 0;
  for (let i = 0; i < 2000 && refused < 5; i++) {
    const one = exchange(i);
    await log.record(one).then(
      () => acknowledged.push(one.id),
      (error: AuditError) => {
        refused++;
        assert.equal(error.code, 'unwritable');
        assert.match(error.message, /ENOSPC.*make room/s);
      },
    );
  }
  assert.equal(refused, 5);
  unlinkSync(ballast);
  const after = exchange(5000);
  await log.record(after);
  acknowledged.push(after.id);
  await log.close();
  const all = await records(directory);
  const ids = new Set(all.map((record) => record.id));
  for (const id of acknowledged) assert.ok(ids.has(id), id);
  assert.equal(all.find((record) => record.event === 'audit/gap')?.evidence?.['lost'], 5);
  await assertIntact(directory);
});

test('someone who touches the newest segment while it is written is noticed, and nothing more is acknowledged', async (t) => {
  const cases: Record<string, (path: string) => void> = {
    removed: (path) => rmSync(path),
    replaced: (path) => {
      renameSync(path, `${path}.old`);
      writeFileSync(path, readFileSync(`${path}.old`));
    },
    cut: (path) => truncateSync(path, 100),
    'written to': (path) => appendFileSync(path, '{"v":1,"n":2,"forged":true}\n'),
  };
  for (const [name, tamper] of Object.entries(cases)) {
    const directory = temporaryDirectory(t);
    const log = await open(directory);
    await log.record(exchange(1));
    await log.checkpoint();
    await log.record(exchange(2));
    tamper(join(directory, '0/segments', segmentName(0)));
    await assert.rejects(log.checkpoint(), /changed while it was written/, name);
    await assert.rejects(
      log.record(exchange(3)),
      (error) => error instanceof AuditError && error.code === 'tampered',
      name,
    );
    assert.equal(log.failure?.code, 'tampered', name);
    await log.close();
  }
});
