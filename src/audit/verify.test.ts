import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { diffLines } from './diff.ts';
import type { VerifyFinding } from './findings.ts';
import { exchange, linesOf, open, putLines, temporaryDirectory, writeLog } from './fixture.ts';
import type { AuditRecord } from './record.ts';
import { listSegments, type Segment } from './segments.ts';
import { verifyLog } from './verify.ts';

/** One log that every case tampers with a copy of: about 1,500 records in segments of a few hundred. */
let original: string;
let segments: Segment[];
const cleanups: (() => void)[] = [];

before(async () => {
  original = temporaryDirectory({ after: (hook: () => void) => cleanups.push(hook) } as never);
  await writeLog(original, 1450, { settings: { segmentBytes: 150_000 } });
  segments = await listSegments(join(original, '0'));
  assert.ok(segments.length >= 4 && linesOf(segments.at(-1)!.path).length > 100);
});
after(() => {
  for (const cleanup of cleanups) cleanup();
});

const own = (directory: string): string => join(directory, '0');
const pathOf = (directory: string, i: number): string => join(own(directory), 'segments', segments[i]!.name);
const recordAt = (directory: string, i: number, line: number): AuditRecord =>
  JSON.parse(linesOf(pathOf(directory, i))[line]!) as AuditRecord;

interface Case {
  readonly name: string;
  readonly tamper: (directory: string) => void | Promise<void>;
  /** What must be among the findings. */
  readonly found: (directory: string) => Partial<VerifyFinding>;
  /** Findings of other kinds are allowed beside it. */
  readonly loose?: boolean;
  /** So is any number of findings: the deed touched as many records. */
  readonly many?: boolean;
}

const edit = (directory: string, i: number, change: (lines: string[]) => string[] | undefined): void => {
  const lines = linesOf(pathOf(directory, i));
  putLines(pathOf(directory, i), change(lines) ?? lines);
};

const cases: Case[] = [
  {
    name: 'one byte of a record flipped',
    tamper: (d) => edit(d, 1, (l) => void (l[7] = l[7]!.replace('"result":"allowed"', '"result":"allowee"'))),
    found: () => ({
      kind: 'changed',
      segment: segments[1]!.name,
      line: 8,
      index: segments[1]!.first + 7,
      id: recordAt(original, 1, 7).id!,
    }),
  },
  {
    name: 'a record rewritten so that it reads well',
    tamper: (d) => edit(d, 0, (l) => void (l[100] = l[100]!.replace(/nurse-\d/, 'nurse-9'))),
    found: () => ({ kind: 'changed', line: 101, index: 100, id: recordAt(original, 0, 100).id! }),
  },
  {
    name: 'a line deleted in the middle',
    tamper: (d) => edit(d, 1, (l) => void l.splice(10, 1)),
    found: () => ({
      kind: 'removed',
      segment: segments[1]!.name,
      line: 11,
      index: segments[1]!.first + 10,
      last: segments[1]!.first + 10,
    }),
  },
  {
    name: 'a line deleted, and all after it renumbered',
    tamper: (d) =>
      edit(d, 1, (l) => {
        l.splice(10, 1);
        for (let i = 10; i < l.length; i++) l[i] = l[i]!.replace(/"n":\d+/, `"n":${segments[1]!.first + i}`);
      }),
    found: () => ({ kind: 'changed', segment: segments[1]!.name, line: 11 }),
    loose: true,
    many: true,
  },
  {
    name: 'two neighbours swapped',
    tamper: (d) => edit(d, 2, (l) => void ([l[4], l[5]] = [l[5]!, l[4]!])),
    found: () => ({ kind: 'reordered', segment: segments[2]!.name }),
  },
  {
    name: 'two far apart swapped',
    tamper: (d) => edit(d, 2, (l) => void ([l[4], l[90]] = [l[90]!, l[4]!])),
    found: () => ({ kind: 'reordered', segment: segments[2]!.name, line: 5, index: segments[2]!.first + 90 }),
  },
  {
    name: 'a line inserted',
    tamper: (d) => edit(d, 1, (l) => void l.splice(20, 0, l[20]!.replace(/patient:\d+/, 'patient:99999'))),
    found: () => ({ kind: 'inserted', segment: segments[1]!.name, line: 21 }),
  },
  {
    name: 'a record copied to another place',
    tamper: (d) => edit(d, 1, (l) => void l.splice(20, 0, linesOf(pathOf(d, 0))[3]!)),
    found: () => ({ kind: 'reordered', segment: segments[1]!.name, line: 21, index: 3 }),
  },
  {
    name: 'the tail cut at a line',
    tamper: (d) => edit(d, segments.length - 1, (l) => l.slice(0, -20)),
    found: () => ({ kind: 'removed', segment: segments.at(-1)!.name }),
    loose: true,
  },
  {
    name: 'the tail cut within a line',
    tamper: (d) => truncateSync(pathOf(d, segments.length - 1), 5000),
    found: () => ({ kind: 'removed', segment: segments.at(-1)!.name }),
    loose: true,
  },
  {
    name: 'the end of a segment in the middle cut',
    tamper: (d) => edit(d, 1, (l) => l.slice(0, -5)),
    found: () => ({
      kind: 'removed',
      segment: segments[1]!.name,
      index: segments[2]!.first - 5,
      last: segments[2]!.first - 1,
    }),
  },
  {
    name: 'a segment in the middle deleted',
    tamper: (d) => rmSync(pathOf(d, 2)),
    found: () => ({ kind: 'removed', index: segments[2]!.first, last: segments[3]!.first - 1 }),
  },
  {
    name: 'the first segment deleted',
    tamper: (d) => rmSync(pathOf(d, 0)),
    found: () => ({ kind: 'removed', index: 0, last: segments[1]!.first - 1 }),
  },
  {
    name: 'the newest segment deleted',
    tamper: (d) => rmSync(pathOf(d, segments.length - 1)),
    found: () => ({ kind: 'removed', index: segments.at(-1)!.first }),
    loose: true,
  },
  {
    name: 'all segments deleted',
    tamper: (d) => {
      for (const i of segments.keys()) rmSync(pathOf(d, i));
    },
    found: () => ({ kind: 'removed', index: 0 }),
    loose: true,
  },
  {
    name: 'bytes without a line end put after a segment',
    tamper: (d) => writeFileSync(pathOf(d, 0), 'junk', { flag: 'a' }),
    found: () => ({ kind: 'inserted', segment: segments[0]!.name }),
  },
  {
    name: 'a tile of leaves edited',
    tamper: (d) => flip(join(own(d), 'tile/0/002'), 100),
    found: () => ({ kind: 'tile' }),
  },
  {
    name: 'a tile of a higher level edited',
    tamper: (d) => flip(globSync(join(own(d), 'tile/1/000.p/*'))[0]!, 40),
    found: () => ({ kind: 'tile' }),
  },
  {
    name: 'a tile deleted',
    tamper: (d) => rmSync(join(own(d), 'tile/0/003')),
    found: () => ({ kind: 'tile' }),
  },
  {
    name: 'a record and its tile changed together',
    tamper: (d) => {
      edit(d, 0, (l) => void (l[9] = l[9]!.replace('patient:', 'patiant:')));
      flip(join(own(d), 'tile/0/000'), 9 * 32);
    },
    found: () => ({ kind: 'changed', segment: segments[0]!.name }),
    loose: true,
  },
  {
    name: 'the checkpoint replaced by one nobody signed',
    tamper: (d) => {
      const path = join(own(d), 'checkpoint');
      writeFileSync(path, readFileSync(path, 'utf8').replace(/^\d+$/m, '10'));
    },
    found: () => ({ kind: 'checkpoint' }),
  },
  {
    name: 'the checkpoint deleted',
    tamper: (d) => rmSync(join(own(d), 'checkpoint')),
    found: () => ({ kind: 'checkpoint' }),
  },
  {
    name: 'the public key deleted',
    tamper: (d) => rmSync(join(own(d), 'vkey')),
    found: () => ({ kind: 'checkpoint' }),
  },
];

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

const copy = (t: Parameters<typeof temporaryDirectory>[0]): string => {
  const directory = temporaryDirectory(t);
  cpSync(original, directory, { recursive: true });
  return directory;
};

test('an untouched log is intact', async () => {
  const report = await verifyLog(own(original), '0', []);
  assert.deepEqual(report.findings, []);
  assert.deepEqual(report.notes, []);
  assert.equal(report.signed, report.records);
});

for (const { name, tamper, found, loose, many } of cases)
  test(`found and named: ${name}`, async (t) => {
    const directory = copy(t);
    await tamper(directory);
    const report = await verifyLog(own(directory), '0', []);
    const expected = found(directory);
    const match = report.findings.some((finding) =>
      Object.entries(expected).every(([key, value]) => finding[key as keyof VerifyFinding] === value),
    );
    assert.ok(match, `${JSON.stringify(expected)} is not among ${JSON.stringify(report.findings, null, 1)}`);
    if (many !== true) assert.ok(report.findings.length < 10, `one deed, ${report.findings.length} findings`);
    if (loose !== true)
      assert.deepEqual(
        [...new Set(report.findings.map(({ kind }) => kind))],
        [expected.kind],
        JSON.stringify(report.findings),
      );
  });

test('any single byte of any file that matters, changed, is found', async (t) => {
  const directory = copy(t);
  const files = [
    ...globSync('segments/*', { cwd: own(directory) }),
    ...globSync('tile/**/*', { cwd: own(directory) }),
    'checkpoint',
    'vkey',
  ].filter((name) => existsSync(join(own(directory), name)) && !readdirOrUndefined(join(own(directory), name)));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      async (name, place) => {
        const path = join(own(directory), name);
        const bytes = readFileSync(path);
        const changed = Buffer.from(bytes);
        changed[Math.floor(place * bytes.length)]! ^= 1;
        writeFileSync(path, changed);
        const { findings } = await verifyLog(own(directory), '0', []);
        writeFileSync(path, bytes);
        assert.notEqual(findings.length, 0, `${name} at ${place}`);
      },
    ),
    { numRuns: 60 },
  );
});

const readdirOrUndefined = (path: string): boolean => {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
};

test('after pruning, a record of the kept part and a forged pruning are told apart', async (t) => {
  const directory = copy(t);
  // The gate was made to believe that nothing was ever there before the third segment.
  rmSync(pathOf(directory, 0));
  rmSync(pathOf(directory, 1));
  edit(
    directory,
    2,
    (l) =>
      void (l[0] = l[0]!.replace(
        /"kind".*/,
        `"kind":"event","event":"audit/pruned","note":"x","evidence":{"before":${segments[2]!.first}}}`,
      )),
  );
  const { findings } = await verifyLog(own(directory), '0', []);
  assert.ok(
    findings.some(({ kind, line }) => kind === 'changed' && line === 1),
    JSON.stringify(findings),
  );
});

test('lines after the checkpoint must at least carry their numbers', async (t) => {
  const directory = copy(t);
  const newest = segments.length - 1;
  edit(directory, newest, (l) => [...l, l[3]!.replace(/"n":\d+/, `"n":${1e6}`)]);
  const { findings } = await verifyLog(own(directory), '0', []);
  assert.ok(findings.some(({ kind, segment }) => kind === 'changed' && segment === segments[newest]!.name));
});

test('a segment renamed is found', async (t) => {
  const directory = copy(t);
  renameSync(pathOf(directory, 1), join(own(directory), 'segments', '000000000555.jsonl'));
  assert.notDeepEqual((await verifyLog(own(directory), '0', [])).findings, []);
});

test('verify works while the log is being written', async (t) => {
  const directory = temporaryDirectory(t);
  const log = await open(directory, { settings: { segmentBytes: 100_000, checkpointEvery: '50ms' } });
  let stop = false;
  const writers = Array.from({ length: 8 }, async (_, client) => {
    for (let i = 0; !stop; i++) await log.record(exchange(client * 1000 + i));
  });
  for (let i = 0; i < 8; i++) assert.deepEqual((await verifyLog(own(directory), '0', [])).findings, []);
  stop = true;
  await Promise.all(writers);
  await log.close();
  assert.deepEqual((await verifyLog(own(directory), '0', [])).findings, []);
});

test('the comparison of lines names any mix of deeds exactly', () => {
  const names = (text: string) => [...text];
  const kinds = (lines: string, expected: string) =>
    diffLines(names(lines), names(expected)).map(
      (d) => `${d.kind}@${d.line}${'index' in d ? `:${d.index}` : ''}${'last' in d ? `-${d.last}` : ''}`,
    );
  assert.deepEqual(kinds('abcdef', 'abcdef'), []);
  assert.deepEqual(kinds('abXdef', 'abcdef'), ['changed@2:2']);
  assert.deepEqual(kinds('abdef', 'abcdef'), ['removed@2:2-2']);
  assert.deepEqual(kinds('af', 'abcdef'), ['removed@1:1-4']);
  assert.deepEqual(kinds('abXcdef', 'abcdef'), ['inserted@2']);
  assert.deepEqual(kinds('bacdef', 'abcdef'), ['reordered@0:1']);
  assert.deepEqual(kinds('', 'abc'), ['removed@0:0-2']);
  assert.deepEqual(kinds('abc', ''), ['inserted@0', 'inserted@1', 'inserted@2']);
  assert.deepEqual(kinds('abbc', 'abc'), ['inserted@2']);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.nat(), { maxLength: 60 }),
      fc.array(fc.nat(80), { maxLength: 8 }),
      (values, deeds) => {
        const expected = values.map(String);
        const lines = expected.slice();
        for (const deed of deeds) if (lines.length > 0) lines.splice(deed % lines.length, 1);
        const missing = diffLines(lines, expected).reduce(
          (sum, d) => sum + (d.kind === 'removed' ? d.last - d.index + 1 : Number.NaN),
          0,
        );
        assert.equal(missing, expected.length - lines.length);
      },
    ),
  );
});
