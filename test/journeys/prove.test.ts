import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { type RunningClinic, startClinic } from '../../examples/clinic/start.ts';
import { listKeys } from '../../src/identity/keys.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { cli, Program, root, scratch } from '../support/program.ts';

// `portcullis prove` on the careless clinic: what the gate holds, and that it shows where something is switched off.
const endings: (() => unknown)[] = [];
let clinic: RunningClinic;

/** At least one check of each practice; a whole run takes a minute. */
const CHECKS = [
  'no-credential',
  'bad-credential',
  'function-of-another-role',
  'object-of-another',
  'undeclared-method',
  'sql-injection',
  'path-traversal',
  'plain-http',
  'tls-versions',
  'error-details',
  'secrets-in-answers',
  'rate-limit',
];

before(async () => {
  clinic = await startClinic(['--port', '0', '--data', ':memory:']);
  endings.push(() => clinic.stop());
});

after(async () => {
  for (const end of endings.reverse()) await end();
});

interface Output {
  readonly format: string;
  readonly held: boolean;
  readonly card: readonly {
    practice: string;
    held: string;
    faults: readonly string[];
    requests: number;
    refused: number;
  }[];
  readonly log: {
    readonly exchanges: number;
    readonly matched: number;
    readonly missing: { readonly count: number };
    readonly wrong: { readonly count: number };
    readonly friendlyRefused: readonly { readonly operation: string; readonly code: string; readonly result: string }[];
    readonly logs: readonly {
      readonly records: number;
      readonly signed: number;
      readonly findings: readonly object[];
    }[];
  };
  readonly scan: {
    readonly findings: readonly { readonly check: string; readonly severity: string; readonly message: string }[];
    readonly coverage: readonly { readonly operation: string; readonly workedFor: readonly string[] }[];
    readonly notes: readonly string[];
  };
}

/** A directory with the clinic's configuration, changed. */
function configured(context: { after(work: () => void): void }, change: Record<string, unknown>): string {
  const directory = scratch(context);
  const own = parse(readFileSync(join(root, 'examples/clinic/portcullis.yaml'), 'utf8')) as Record<string, unknown>;
  const text = JSON.stringify({ ...own, data: 'data', listen: {}, admin: { port: 0 }, ...change });
  const local = JSON.parse(text.replaceAll('http://127.0.0.1:3000', clinic.base)) as object;
  writeFileSync(join(directory, 'portcullis.yaml'), JSON.stringify({ ...local, upstream: clinic.base }));
  writeFileSync(join(directory, 'openapi.yaml'), readFileSync(join(root, 'examples/clinic/openapi.yaml')));
  return directory;
}

/** Runs the verb to its end. @returns what it printed, and its JSON report */
async function prove(directory: string, checks: readonly string[], ...more: string[]) {
  const args = ['--config', 'portcullis.yaml', 'prove', '--only', checks.join(','), '--json', 'prove.json', ...more];
  const { code, stdout, stderr } = await cli(args, { cwd: directory });
  const file = join(directory, 'prove.json');
  assert.ok(existsSync(file), `${stdout}\n${stderr}`);
  return { code, stdout, stderr, report: JSON.parse(readFileSync(file, 'utf8')) as Output };
}

const holds = ({ card }: Output, practice: string) => card.find((line) => line.practice === practice);

test('everything held: what was attacked was refused, what is permitted passed, and all of it stands in the log', async (context) => {
  const directory = configured(context, {});
  const claims = ['1', '2'].flatMap((id) => ['--claim', `patient:patientId=${id}`]);
  const { code, stdout, stderr, report } = await prove(
    directory,
    CHECKS,
    ...claims,
    '--junit',
    'prove.xml',
    '--html',
    'prove.html',
  );
  const open = report.scan.findings.filter(({ severity }) => severity !== 'informational');
  assert.deepEqual(open, []);
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  assert.equal(report.format, 'portcullis-prove/1');
  assert.deepEqual(
    report.card.map(({ practice, held }) => [practice, held]),
    ['authenticate', 'authorize', 'validate', 'encrypt', 'necessary-only', 'throttle', 'log', 'test'].map((one) => [
      one,
      'held',
    ]),
  );
  assert.equal(report.held, true);
  assert.match(stdout, /everything held\s*$/);

  const { log } = report;
  assert.ok(log.exchanges > 1_000, `${log.exchanges} exchanges`);
  assert.deepEqual([log.matched, log.missing.count, log.wrong.count], [log.exchanges, 0, 0]);
  for (const one of log.logs)
    assert.deepEqual([one.findings, one.signed], [[], one.records], 'signed to its last record');
  assert.deepEqual(
    log.friendlyRefused.filter(({ result }) => result === 'invalid' || result === 'harmful'),
    [],
  );
  assert.ok((holds(report, 'validate')?.refused ?? 0) > 50, 'attacks were sent, and refused');
  const patient = report.scan.coverage.find(({ operation }) => operation === 'GET /patients/{id}');
  assert.deepEqual(
    patient?.workedFor.filter((name) => name.startsWith('patient')).sort(),
    ['patient-1', 'patient-2'],
    'each reached its own',
  );

  assert.equal(existsSync(join(directory, 'data')), false, 'the configured store and log were not touched');
  assert.match(readFileSync(join(directory, 'prove.xml'), 'utf8'), /prove-recorded/);
  assert.match(readFileSync(join(directory, 'prove.html'), 'utf8'), /authorize: held/);
  for (const text of [stdout, stderr, JSON.stringify(report)])
    assert.doesNotMatch(text, /pk_[0-9A-Za-z]{38}/, 'no key is shown');
});

test('with detection that only reports the card says that validation did not hold', async (context) => {
  const directory = configured(context, { detection: 'report' });
  const { code, stdout, report } = await prove(directory, ['sql-injection']);
  assert.equal(code, 1);
  assert.equal(holds(report, 'validate')?.held, 'not held');
  assert.equal(holds(report, 'log')?.held, 'held');
  const found = report.scan.findings.map(({ check }) => check);
  assert.ok(found.includes('prove-enforced'), 'what the gate saw through, it let pass');
  assert.ok(found.includes('sql-injection'), 'and it reached the database');
  assert.match(stdout, /validate +NOT HELD/);
  assert.match(stdout, /detection only reports, for every operation/);
});

test('with authentication off neither authentication nor authorization held', async (context) => {
  const directory = configured(context, { authentication: 'none' });
  const { code, report } = await prove(directory, ['no-credential', 'function-of-another-role']);
  assert.equal(code, 1);
  for (const practice of ['authenticate', 'authorize']) {
    const line = holds(report, practice);
    assert.notEqual(line?.held, 'held', practice);
    assert.ok(
      line?.faults.some((fault) => fault.includes('authentication is off')),
      practice,
    );
  }
  assert.equal(holds(report, 'log')?.held, 'held');
});

test('a gate that runs is proven in place: its log has it all, and the keys are revoked', async (context) => {
  const directory = configured(context, {
    listen: { port: 0 },
    throttling: { address: 'off', anonymous: 'off', principal: 'off', bans: { mode: 'report' } },
    // The contract limits the login: 5 a minute would be waited for.
    operations: { '**': { throttling: { operation: 'off' } } },
  });
  mkdirSync(join(directory, 'data'), { mode: 0o700 });
  const gate = new Program('src/cli/main.ts', ['--config', 'portcullis.yaml', 'start'], { cwd: directory });
  context.after(() => gate.stop('SIGKILL'));
  const [, url] = await gate.printed(/^gate\s+(\S+)$/m);
  const { report } = await prove(directory, ['function-of-another-role'], '--url', url as string);
  assert.equal(holds(report, 'authorize')?.held, 'held');
  assert.equal(holds(report, 'throttle')?.held, 'not tried');
  assert.equal(holds(report, 'log')?.held, 'held');
  assert.equal(report.log.matched, report.log.exchanges);
  const store = openStore(join(directory, 'data', 'store.db'));
  context.after(() => store.close());
  const keys = listKeys(store, systemClock);
  assert.ok(keys.length >= 6);
  assert.deepEqual([...new Set(keys.map(({ state }) => state))], ['revoked']);
  const verified = await cli(['--config', 'portcullis.yaml', 'audit', 'verify'], { cwd: directory });
  assert.equal(verified.code, 0, verified.stdout);
});

test('Ctrl-C ends it with a card of what was tried, and leaves nothing behind', async (context) => {
  const directory = configured(context, {});
  const program = new Program('src/cli/main.ts', ['--config', 'portcullis.yaml', 'prove', '--keep', 'kept'], {
    cwd: directory,
  });
  context.after(() => program.stop('SIGKILL'));
  await program.printed(/phase \d+\/\d+: exploring/);
  program.child.kill('SIGINT');
  await program.ended;
  assert.match(program.stdout, /the scan ended early/);
  assert.match(program.stdout, /of 8 practices held/);
  const store = openStore(join(directory, 'kept', 'store.db'));
  context.after(() => store.close());
  assert.deepEqual([...new Set(listKeys(store, systemClock).map(({ state }) => state))], ['revoked']);
});

test('an API that is down is no proof of anything', async (context) => {
  const directory = configured(context, {});
  const file = join(directory, 'portcullis.yaml');
  const now = JSON.parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, JSON.stringify({ ...now, upstream: 'http://127.0.0.1:9' }));
  const { code, stderr, report } = await prove(directory, ['function-of-another-role']);
  assert.equal(code, 2);
  assert.match(stderr, /no call reached the API/);
  assert.equal(holds(report, 'test')?.held, 'not held');
  assert.equal(holds(report, 'log')?.held, 'held', 'what failed is recorded too');
});

test('what is wrong on the command line is said before anything is started', async (context) => {
  const directory = configured(context, {});
  const cases: [string[], RegExp][] = [
    [['--claim', 'visitor:id=1'], /roles admin, clerk/],
    [['--only', 'sql'], /there is no check or group of that name/],
    [['--keep', '.'], /the directory is not empty/],
    [['--keep', 'x', '--url', 'https://localhost:1'], /--keep is for a gate that is started/],
    [['--as', 'nurse=Bearer:x'], /prove makes an identity of that name/],
  ];
  for (const [args, why] of cases) {
    const { code, stderr } = await cli(['--config', 'portcullis.yaml', 'prove', ...args], { cwd: directory });
    assert.equal(code, 2, args.join(' '));
    assert.match(stderr, why);
  }
});
