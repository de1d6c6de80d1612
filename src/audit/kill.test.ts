import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { allLines, open, temporaryDirectory } from './fixture.ts';
import type { AuditRecord } from './record.ts';
import { verifyLog } from './verify.ts';

/** A process that records as fast as it can and prints each id as soon as it is acknowledged. */
const WRITER = `
  import { writeSync } from 'node:fs';
  const { exchange, open } = await import(process.argv[1]);
  const log = await open(process.argv[2], { settings: { segmentBytes: 300_000, checkpointEvery: '50ms' } });
  const prefix = process.argv[3];
  let n = 0;
  const client = async () => {
    for (;;) {
      const one = exchange(n++);
      one.disclosed.objects.push(prefix + n);
      const mark = prefix + n;
      await log.record(one);
      writeSync(1, mark + '\\n');
    }
  };
  for (let i = 0; i < 32; i++) client();
`;

test('kill -9 at any moment: what was acknowledged is there, the log opens, repairs itself and verifies', async (t) => {
  const directory = temporaryDirectory(t);
  const acknowledged: string[] = [];
  for (let round = 0; round < 6; round++) {
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', WRITER, join(import.meta.dirname, 'fixture.ts'), directory, `r${round}:`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let output = '';
    // A different moment each time, counted in records rather than in time.
    const enough = 500 + round * 1700;
    let lines = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      lines += text.split('\n').length - 1;
      if (lines >= enough) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('close', resolve));
    assert.ok(lines >= enough, `round ${round}: the writer ended by itself after ${lines} records`);
    // The last line may be half a line: the process died in the middle of it.
    acknowledged.push(...output.split('\n').slice(0, -1));
  }
  const log = await open(directory);
  await log.close();
  const seen = new Set<string>();
  const records = (await allLines(join(directory, '0'))).map((line) => JSON.parse(line) as AuditRecord);
  for (const record of records) for (const object of record.disclosed?.objects ?? []) seen.add(object);
  for (const mark of acknowledged) assert.ok(seen.has(mark), `${mark} was acknowledged and is lost`);
  assert.equal(records.filter((record) => record.event === 'audit/opened').length, 7);
  const report = await verifyLog(join(directory, '0'), '0', []);
  assert.deepEqual(report.findings, []);
  assert.equal(report.unsigned, 0);
});
