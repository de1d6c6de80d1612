import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { linesOf, putLines, temporaryDirectory, writeLog } from './fixture.ts';
import { type KeptCheckpoint, parseKept } from './kept.ts';
import { segmentName } from './segments.ts';
import { verifyLog } from './verify.ts';

const own = (directory: string): string => join(directory, '0');

const keptOf = (directory: string): KeptCheckpoint[] =>
  parseKept(
    `# key ${readFileSync(join(own(directory), 'vkey'), 'utf8')}${readFileSync(join(own(directory), 'checkpoint'), 'utf8')}`,
  );

test('an old checkpoint put back over a cut log: the tiles tell, and a kept checkpoint does where they were cut too', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300);
  const old = temporaryDirectory(t);
  cpSync(directory, old, { recursive: true });
  await writeLog(directory, 400);
  const kept = keptOf(directory);
  // The careless way: tiles of the longer log stay.
  const careless = temporaryDirectory(t);
  cpSync(directory, careless, { recursive: true });
  for (const name of ['checkpoint', 'segments']) {
    rmSync(join(own(careless), name), { recursive: true });
    cpSync(join(own(old), name), join(own(careless), name), { recursive: true });
  }
  const first = await verifyLog(own(careless), '0', []);
  assert.deepEqual(
    first.findings.map(({ kind }) => kind),
    ['rolled-back'],
  );
  // The careful way: the whole state of an earlier day. By itself it is a perfect log.
  assert.deepEqual((await verifyLog(own(old), '0', [])).findings, []);
  const second = await verifyLog(own(old), '0', kept);
  assert.deepEqual(
    second.findings.map(({ kind }) => kind),
    ['rolled-back'],
  );
  assert.match(second.findings[0]!.message, /kept at 704 records is longer than the log, which has 302/);
});

test('an old checkpoint put back beside the full log is found', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300);
  const old = readFileSync(join(own(directory), 'checkpoint'));
  await writeLog(directory, 400);
  writeFileSync(join(own(directory), 'checkpoint'), old);
  const { findings } = await verifyLog(own(directory), '0', []);
  assert.deepEqual([...new Set(findings.map(({ kind }) => kind))], ['rolled-back']);
});

test('a history rewritten and signed again with the stolen key: only a kept checkpoint finds it', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300);
  const kept = keptOf(directory);
  await writeLog(directory, 100);
  // The log continues what was kept: nothing to find.
  const honest = await verifyLog(own(directory), '0', kept);
  assert.deepEqual(honest.findings, []);
  // A forger with the key makes a log of their own under the same name.
  rmSync(own(directory), { recursive: true });
  await writeLog(directory, 500);
  assert.deepEqual((await verifyLog(own(directory), '0', [])).findings, [], 'by itself it is a perfect log');
  const { findings } = await verifyLog(own(directory), '0', kept);
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['rewritten'],
  );
  assert.match(findings[0]!.message, /rewritten and signed again/);
});

test('the same with a new key: the kept key does not fit', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 300);
  const kept = keptOf(directory);
  rmSync(directory, { recursive: true });
  mkdirSync(directory);
  await writeLog(directory, 300);
  const { findings } = await verifyLog(own(directory), '0', kept);
  assert.deepEqual([...new Set(findings.map(({ kind }) => kind))].sort(), ['key', 'rewritten']);
});

test('a kept checkpoint and a changed record: the record is named, and the log said to continue', async (t) => {
  const directory = temporaryDirectory(t);
  await writeLog(directory, 400);
  const kept = keptOf(directory);
  await writeLog(directory, 100);
  const path = join(own(directory), 'segments', segmentName(0));
  putLines(
    path,
    linesOf(path).map((line, i) => (i === 5 ? line.replace('patient:', 'patiant:') : line)),
  );
  const { findings } = await verifyLog(own(directory), '0', kept);
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['changed', 'rewritten'],
  );
  assert.match(findings[1]!.message, /continues it/);
});
