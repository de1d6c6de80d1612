import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import type { AuditEvent } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { HandClock } from './fixtures.ts';
import { QuotaLedger } from './quotas.ts';

const directory = mkdtempSync(join(tmpdir(), 'quotas-'));
after(() => rmSync(directory, { recursive: true }));
let files = 0;
const file = () => join(directory, `${files++}.db`);
const NONE = Number.POSITIVE_INFINITY;
const silent = () => {};

describe('the ledger of quotas', () => {
  it('survives a restart', () => {
    const path = file();
    const clock = new HandClock();
    const first = new QuotaLedger(path, clock, silent);
    for (let i = 0; i < 7; i++) first.use('key:a', 10, NONE);
    first.close();
    const second = new QuotaLedger(path, clock, silent);
    assert.equal(second.use('key:a', 10, NONE).dayCount, 8);
    second.close();
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('is written within the interval without being asked', (t) => {
    t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] });
    const path = file();
    const ledger = new QuotaLedger(path, new HandClock(), silent);
    for (let i = 0; i < 1_200; i++) ledger.use(`key:${i}`, 10, NONE);
    t.mock.timers.tick(2_000);
    for (let i = 0; i < 5; i++) t.mock.timers.tick(1);
    const reader = new DatabaseSync(path, { readOnly: true });
    assert.equal(reader.prepare('SELECT count(*) AS n FROM quotas').get()!['n'], 2_400);
    reader.close();
    ledger.close();
  });

  it('several processes add up', () => {
    const path = file();
    const clock = new HandClock();
    const [a, b] = [new QuotaLedger(path, clock, silent), new QuotaLedger(path, clock, silent)];
    for (let i = 0; i < 3; i++) {
      a.use('key:x', 100, 100);
      b.use('key:x', 100, 100);
    }
    a.flush();
    b.flush();
    assert.equal(b.use('key:x', 100, 100).dayCount, 7, 'b learned of a by writing');
    a.use('key:x', 100, 100);
    a.flush();
    assert.equal(a.use('key:x', 100, 100).monthCount, 8);
    b.close();
    a.close();
    const last = new QuotaLedger(path, clock, silent);
    assert.equal(last.use('key:x', 100, 100).dayCount, 10);
    last.close();
  });

  it('a process at its limit learns of the others too', () => {
    const path = file();
    const clock = new HandClock();
    const [a, b] = [new QuotaLedger(path, clock, silent), new QuotaLedger(path, clock, silent)];
    for (let i = 0; i < 5; i++) a.use('key:x', 5, NONE);
    a.flush();
    assert.equal(b.use('key:x', 5, NONE).violated, 'day');
    a.close();
    b.close();
  });

  it('kill -9 loses what was not written, nothing else', async () => {
    const path = file();
    const script = `
      import { QuotaLedger } from ${JSON.stringify(new URL('./quotas.ts', import.meta.url).href)};
      import { HandClock } from ${JSON.stringify(new URL('./fixtures.ts', import.meta.url).href)};
      const ledger = new QuotaLedger(${JSON.stringify(path)}, new HandClock(), () => {});
      for (let i = 0; i < 40; i++) ledger.use('key:a', 100, 100);
      ledger.flush();
      for (let i = 0; i < 2; i++) ledger.use('key:a', 100, 100);
      process.stdout.write('counted');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const ledger = new QuotaLedger(path, new HandClock(), silent);
    assert.equal(ledger.use('key:a', 100, 100).dayCount, 41);
    ledger.close();
  });

  it('an ordinary exit loses nothing', async () => {
    const path = file();
    const script = `
      import { QuotaLedger } from ${JSON.stringify(new URL('./quotas.ts', import.meta.url).href)};
      import { HandClock } from ${JSON.stringify(new URL('./fixtures.ts', import.meta.url).href)};
      const ledger = new QuotaLedger(${JSON.stringify(path)}, new HandClock(), () => {});
      for (let i = 0; i < 3; i++) ledger.use('key:a', 100, 100);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
    await once(child, 'exit');
    const ledger = new QuotaLedger(path, new HandClock(), silent);
    assert.equal(ledger.use('key:a', 100, 100).dayCount, 4);
    ledger.close();
  });

  it('counts anew at the boundary of a month, and writes the old month to its own account', () => {
    const path = file();
    const clock = new HandClock();
    clock.wall = Date.UTC(2026, 11, 31, 23, 59, 59, 999);
    const ledger = new QuotaLedger(path, clock, silent);
    for (let i = 0; i < 3; i++) assert.equal(ledger.use('key:a', NONE, 3).violated, undefined);
    const last = ledger.use('key:a', NONE, 3);
    assert.deepEqual([last.violated, last.monthLeft, last.dayLeft], ['month', 1, 1]);
    clock.wall += 1;
    const first = ledger.use('key:a', NONE, 3);
    assert.deepEqual([first.violated, first.monthCount, first.monthLeft], [undefined, 1, 31 * 86_400]);
    ledger.close();
    const reader = new DatabaseSync(path, { readOnly: true });
    assert.deepEqual(
      reader
        .prepare('SELECT period, count FROM quotas ORDER BY period')
        .all()
        .map((row) => [row['period'], row['count']]),
      [
        ['2026-12', 3],
        ['2026-12-31', 3],
        ['2027-01', 1],
        ['2027-01-01', 1],
      ],
    );
    reader.close();
  });

  it('attack: a clock that jumps on and back finds the former count again', () => {
    const clock = new HandClock();
    const ledger = new QuotaLedger(file(), clock, silent);
    for (let i = 0; i < 5; i++) ledger.use('key:a', 5, NONE);
    ledger.flush();
    clock.wall += 86_400_000;
    assert.equal(ledger.use('key:a', 5, NONE).violated, undefined);
    clock.wall -= 86_400_000;
    assert.equal(ledger.use('key:a', 5, NONE).violated, 'day');
    ledger.close();
  });

  it('attack: counts saturate instead of overflowing, in memory and in the file', () => {
    const path = file();
    const clock = new HandClock();
    const ledger = new QuotaLedger(path, clock, silent);
    ledger.use('key:a', NONE, NONE);
    ledger.flush();
    const editor = new DatabaseSync(path);
    editor.exec(`UPDATE quotas SET count = ${Number.MAX_SAFE_INTEGER - 1}`);
    editor.close();
    ledger.use('key:a', NONE, NONE);
    ledger.use('key:a', NONE, NONE);
    ledger.flush();
    assert.equal(ledger.use('key:a', NONE, NONE).dayCount, Number.MAX_SAFE_INTEGER);
    const editor2 = new DatabaseSync(path);
    editor2.exec('UPDATE quotas SET count = 9223372036854775807');
    assert.throws(() => editor2.exec('UPDATE quotas SET count = -1'));
    editor2.close();
    ledger.use('key:a', NONE, NONE);
    ledger.close();
    const again = new QuotaLedger(path, clock, silent);
    assert.equal(again.use('key:a', Number.MAX_SAFE_INTEGER, NONE).violated, 'day');
    again.close();
  });

  it('goes on counting in memory while the file cannot be written, says so once, and writes later', () => {
    const path = file();
    const events: AuditEvent[] = [];
    const ledger = new QuotaLedger(path, new HandClock(), (event) => void events.push(event));
    const locker = new DatabaseSync(path);
    locker.exec('BEGIN IMMEDIATE');
    for (let i = 0; i < 3; i++) ledger.use('key:a', 3, NONE);
    ledger.flush();
    ledger.flush();
    assert.equal(ledger.use('key:a', 3, NONE).violated, 'day');
    assert.deepEqual(
      events.map((event) => event.event),
      ['throttling/quotas-unsaved'],
    );
    locker.exec('COMMIT');
    ledger.flush();
    assert.equal(locker.prepare('SELECT max(count) AS n FROM quotas').get()!['n'], 3);
    locker.close();
    ledger.close();
  });

  it('forgets periods older than the month before', () => {
    const path = file();
    const clock = new HandClock();
    for (const month of [7, 8, 9, 10]) {
      clock.wall = Date.UTC(2026, month, 23);
      const ledger = new QuotaLedger(path, clock, silent);
      ledger.use('key:a', 9, 9);
      ledger.close();
    }
    const reader = new DatabaseSync(path, { readOnly: true });
    const periods = reader
      .prepare('SELECT period FROM quotas ORDER BY period')
      .all()
      .map((row) => row['period']);
    assert.deepEqual(periods, ['2026-10', '2026-10-23', '2026-11', '2026-11-23']);
    reader.close();
  });

  it('refuses a damaged file with its name and a mend', () => {
    const path = file();
    writeFileSync(path, 'this is no database, but it is long enough to be taken for one'.repeat(100));
    assert.throws(
      () => new QuotaLedger(path, new HandClock(), silent),
      (error) => error instanceof LoadError && error.message.includes(path) && error.message.includes('move it away'),
    );
  });

  it('holds a bounded number of principals and loses no count by it', () => {
    const ledger = new QuotaLedger(file(), new HandClock(), silent);
    ledger.use('key:a', 9, NONE);
    for (let i = 0; i < 50_000; i++) ledger.use(`key:${i}`, 9, NONE);
    assert.equal(ledger.use('key:a', 9, NONE).dayCount, 2);
    ledger.close();
  });
});
