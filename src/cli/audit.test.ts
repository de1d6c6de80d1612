import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Command } from 'commander';
import { exchange, open, temporaryDirectory, writeLog } from '../audit/fixture.ts';
import { segmentName } from '../audit/segments.ts';
import { refuse } from '../gateway/refusal.ts';
import { auditVerb } from './audit.ts';

interface Run {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** Runs `portcullis audit ...` on a data directory. */
async function run(data: string, ...args: string[]): Promise<Run> {
  const out: string[] = [];
  const err: string[] = [];
  let code = 0;
  class End extends Error {}
  const program = new Command().exitOverride().configureOutput({ writeErr: (text) => err.push(text) });
  auditVerb(program, {
    dataDirectory: async () => data,
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    fail: (failure, message) => {
      code = failure;
      err.push(message);
      throw new End();
    },
  });
  await program.parseAsync(['audit', ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof End)) throw error;
  });
  return { out: out.join('\n'), err: err.join('\n'), code };
}

async function dataWith(t: TestContext, records: number): Promise<{ data: string; audit: string; ids: string[] }> {
  const data = temporaryDirectory(t);
  const audit = join(data, 'audit');
  return { data, audit, ids: await writeLog(audit, records) };
}

test('search answers who saw patient 17', async (t) => {
  const { data } = await dataWith(t, 40);
  const { out, code } = await run(data, 'search', '--object', 'patient:17', '--since', '30d');
  assert.equal(code, 0);
  assert.match(
    out,
    /^\S+Z {2}allowed 200 {2}GET \/patients\/\{id\} {2}\/patients\/17 {2}key:nurse-3 {2}203\.0\.113\.7 {2}.*ms {2}X\d{25}$/,
  );
  const json = await run(data, 'search', '--object', 'patient:17', '--json');
  assert.equal(JSON.parse(json.out).principal.id, 'nurse-3');
});

test('search says when it stopped, and what is wrong with a question', async (t) => {
  const { data } = await dataWith(t, 40);
  const cut = await run(data, 'search', '--limit', '5');
  assert.equal(cut.out.split('\n').length, 5);
  assert.match(cut.err, /stopped after 5/);
  assert.equal((await run(data, 'search', '--limit', '0')).out.split('\n').length, 42);
  for (const args of [
    ['--since', 'yesterday'],
    ['--address', 'here'],
    ['--outcome', 'harmfull'],
    ['--limit', '-1'],
  ])
    assert.equal((await run(data, 'search', ...args)).code, 2, args.join(' '));
  assert.match((await run(data, 'search', '--object', 'patient:4711')).err, /nothing found/);
});

test('where there is no log, the message says so and how to mend it', async (t) => {
  const { code, err } = await run(temporaryDirectory(t), 'verify');
  assert.equal(code, 2);
  assert.match(err, /no audit log in .*--directory/);
});

test('show tells one exchange stage by stage', async (t) => {
  const data = temporaryDirectory(t);
  const log = await open(join(data, 'audit'));
  const one = exchange(17, { query: 'q=1' });
  one.note('authorize', 'role nurse may not', { needed: 'doctor' });
  one.note('forward', 'not reached');
  one.refusal = refuse('not-permitted', { detail: 'no' });
  await log.record(one);
  await log.close();
  const { out, code } = await run(data, 'show', one.id);
  assert.equal(code, 0);
  for (const part of [
    /^exchange X/,
    /outcome {4}refused 403 not-permitted: no/,
    /throttle-address +0\.010 ms/,
    /authorize +0\.030 ms {2}<- the last that ran\n.*role nurse may not {2}\{"needed":"doctor"\}/,
    /forward: not reached/,
    /objects: patient:17/,
    /record 1 of log 0, 000000000000\.jsonl: proven to be in the signed log of 3 records/,
  ])
    assert.match(out, part);
  assert.equal(JSON.parse((await run(data, 'show', one.id, '--json')).out).position.state, 'proven');
  assert.equal((await run(data, 'show', 'nobody')).code, 2);
});

test('a terminal cannot be steered by a record, not even by a line that was tampered with', async (t) => {
  const data = temporaryDirectory(t);
  const log = await open(join(data, 'audit'));
  const hostile = '\u001b]0;owned\u0007\u202e\u009b31m';
  const one = exchange(1, {
    path: `/${hostile}`,
    headers: Object.assign(Object.create(null), { 'user-agent': hostile }),
  });
  one.operation = undefined;
  one.note('detect', hostile, { hostile });
  await log.record(one);
  await log.close();
  const path = join(data, 'audit/0/segments', segmentName(0));
  const evil = JSON.parse(readFileSync(path, 'utf8').split('\n')[1]!);
  evil.time = `2026-11-23T00:00:00.000Z${hostile}`;
  evil.principal = { kind: hostile, id: [hostile], roles: 'x' };
  evil.us = { total: hostile, steps: { 0: 1 } };
  evil.disclosed = { objects: hostile };
  writeFileSync(path, `${readFileSync(path, 'utf8')}${JSON.stringify(evil)}\n${hostile}\n`);
  for (const args of [
    ['tail'],
    ['tail', '--json'],
    ['search'],
    ['search', '--json'],
    ['show', one.id],
    ['show', one.id, '--json'],
    ['verify'],
    ['verify', '--json'],
  ]) {
    const { out, err } = await run(data, ...args);
    assert.doesNotMatch(out + err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/, args.join(' '));
    assert.ok(out.length > 20, args.join(' '));
  }
});

test('show says when a record is not the one that was signed', async (t) => {
  const { data, audit, ids } = await dataWith(t, 300);
  const path = join(audit, '0/segments', segmentName(0));
  writeFileSync(path, readFileSync(path, 'utf8').replace('patient:17"', 'patient:18"'));
  const { code, out } = await run(data, 'show', ids[17]!);
  assert.equal(code, 1);
  assert.match(out, /NOT PROVEN/);
});

test('verify: 0 and intact, 1 and named, and a kept checkpoint finds who can sign', async (t) => {
  const { data, audit, ids } = await dataWith(t, 300);
  const intact = await run(data, 'verify');
  assert.equal(intact.code, 0);
  assert.match(intact.out, /log 0 \(gate\.example\/audit\/[0-9a-f]{12}\/0\): 302 records, 302 signed: intact/);
  assert.match(intact.err, /keep one elsewhere/);
  const checkpoint = await run(data, 'checkpoint');
  const kept = join(data, 'kept');
  writeFileSync(kept, checkpoint.out);
  const against = await run(data, 'verify', '--checkpoint', kept);
  assert.equal(against.code, 0);
  assert.match(against.out, /against 1 kept checkpoint: intact/);

  const path = join(audit, '0/segments', segmentName(0));
  const good = readFileSync(path, 'utf8');
  writeFileSync(path, good.replace('patient:17"', 'patient:18"'));
  const tampered = await run(data, 'verify', '--json');
  assert.equal(tampered.code, 1);
  const [finding] = JSON.parse(tampered.out).logs[0].findings;
  assert.deepEqual([finding.kind, finding.line, finding.id], ['changed', 19, ids[17]]);
  writeFileSync(path, good);

  // The log of a worker is gone, and with it all trace of it but the kept checkpoint.
  await writeLog(audit, 10, { slot: '1' });
  writeFileSync(kept, (await run(data, 'checkpoint')).out);
  rmSync(join(audit, '1'), { recursive: true });
  const gone = await run(data, 'verify', '--checkpoint', kept);
  assert.equal(gone.code, 1);
  assert.match(gone.out, /missing: there is no log gate\.example\/audit\/[0-9a-f]{12}\/1/);
  assert.equal((await run(data, 'verify', '--checkpoint', join(data, 'nowhere'))).code, 2);
});

test('tail shows the last records and those of one outcome', async (t) => {
  const { data } = await dataWith(t, 30);
  const { out } = await run(data, 'tail', '-n', '3');
  assert.deepEqual(
    out.split('\n').map((line) => /\/patients\/\d+|audit\/\w+/.exec(line)?.[0]),
    ['/patients/28', '/patients/29', 'audit/closed'],
  );
  assert.equal((await run(data, 'tail', '--outcome', 'harmful')).out, '');
  assert.equal((await run(data, 'tail', '-n', 'x')).code, 2);
});
