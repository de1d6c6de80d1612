import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { cli, scratch } from '../../test/support/program.ts';
import { api, ok } from '../contract/fixture.ts';
import type { ScanPlan } from '../scanner/model/plan.ts';
import type { ScanReport } from '../scanner/model/report.ts';
import { emptyReport, report } from '../scanner/report/fixture.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { type ScanEngine, scanVerb } from './scan.ts';

// The verb around a scan that is made up: what it reads, writes and ends with.
interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly plan: ScanPlan | undefined;
}

async function run(
  t: { after(work: () => void): void },
  args: readonly string[],
  scan: (plan: ScanPlan) => ScanReport | Promise<ScanReport> = () => report(),
): Promise<Outcome & { readonly directory: string }> {
  const directory = scratch(t);
  writeFileSync(join(directory, 'openapi.json'), JSON.stringify(api({ '/a': { get: ok } })));
  const out: string[] = [];
  const err: string[] = [];
  let plan: ScanPlan | undefined;
  const context = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    json: (value: unknown) => out.push(JSON.stringify(value)),
    fail: (code: 1 | 2, message: string) => {
      err.push(message);
      throw new CliExit(code);
    },
  } as unknown as CliContext;
  const engine: ScanEngine = {
    checks: report().checks.map(({ check }) => check),
    runScan: async (given) => {
      plan = given;
      return await scan(given);
    },
  };
  const program = new Command('portcullis')
    .version('9.9.9')
    .option('-c, --config <file>', '', 'portcullis.yaml')
    .exitOverride();
  scanVerb(program, context, async () => engine);
  let code = 0;
  try {
    await program.parseAsync(['scan', ...args.map((arg) => arg.replace('DIR', directory)), '--quiet'], {
      from: 'user',
    });
  } catch (error) {
    if (!(error instanceof CliExit)) throw error;
    code = error.code;
  }
  return { code, out: out.join('\n'), err: err.join('\n'), plan, directory };
}

const BASE = ['DIR/openapi.json', '--url', 'http://127.0.0.1:1'];

test('ends with 1 for open findings at or above the threshold, else with 0', async (t) => {
  assert.equal((await run(t, BASE)).code, 1);
  assert.equal((await run(t, [...BASE, '--fail-on', 'critical'])).code, 1);
  const low = () => report({ findings: report().findings.slice(2) });
  assert.equal((await run(t, BASE, low)).code, 1);
  assert.equal((await run(t, [...BASE, '--fail-on', 'medium'], low)).code, 0, 'the only medium one is accepted');
  assert.equal((await run(t, BASE, () => report({ findings: [] }))).code, 0);
});

test('ends with 2 where nothing was answered: that is no clean bill', async (t) => {
  const { code, err } = await run(t, BASE, () => emptyReport());
  assert.equal(code, 2);
  assert.match(err, /nothing was answered by http:\/\/127\.0\.0\.1:3000\//);
  const silent = report({
    findings: [],
    coverage: report().coverage.map((one) => ({ ...one, statuses: { none: 4 } })),
  });
  assert.equal((await run(t, BASE, () => silent)).code, 2);
});

test('all reports are written; one that cannot be is said, and ends with 2', async (t) => {
  const files = ['--html', 'DIR/a.html', '--sarif', 'DIR/a.sarif', '--junit', 'DIR/a.xml', '--json', 'DIR/a.json'];
  const { directory, err, out, code } = await run(t, [...BASE, ...files]);
  assert.equal(code, 1);
  assert.match(readFileSync(join(directory, 'a.html'), 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
  assert.equal(JSON.parse(readFileSync(join(directory, 'a.sarif'), 'utf8')).version, '2.1.0');
  assert.match(readFileSync(join(directory, 'a.xml'), 'utf8'), /<\/testsuites>\n$/);
  assert.equal(JSON.parse(readFileSync(join(directory, 'a.json'), 'utf8')).format, 'portcullis-scan/1');
  assert.equal(err.match(/^written: /gm)?.length, 4);
  assert.match(out, /found: 1 critical/);
  const broken = await run(t, [...BASE, '--html', 'DIR/not/there.html', '--junit', 'DIR/a.xml']);
  assert.equal(broken.code, 2);
  assert.match(broken.err, /there\.html cannot be written \(ENOENT\)/);
  assert.ok(existsSync(join(broken.directory, 'a.xml')));
});

test('a baseline that is written accepts everything in the next scan', async (t) => {
  const { directory } = await run(t, [...BASE, '--write-baseline', 'DIR/accepted.yaml']);
  const file = join(directory, 'accepted.yaml');
  const again = await run(t, [...BASE, '--baseline', file], (plan) =>
    report({
      findings: report().findings.map((one) => {
        const reason = plan.accepted?.reason(one.fingerprint);
        return { ...one, accepted: reason === undefined ? undefined : { reason } };
      }),
    }),
  );
  assert.equal(again.code, 0);
  assert.match(again.out, /nothing found \(4 accepted\)/);
  const gone = await run(t, [...BASE, '--baseline', file], () => ({ ...report({ findings: [] }), checks: [] }));
  assert.match(gone.out, /aaaa000000000001 .* was not found any more/);
  const part = await run(t, [...BASE, '--baseline', file, '--only', 'injection'], () => report({ findings: [] }));
  assert.ok(!part.out.includes('any more'));
});

test('wrong usage ends with 2 and a sentence; nothing is scanned', async (t) => {
  const wrong: [string[], RegExp][] = [
    [['DIR/openapi.json'], /name the API/],
    [[...BASE, '--as', 'x'], /NAME=KIND:VALUE/],
    [[...BASE, '--only', 'sqli-injection'], /did you mean sql-injection/],
    [[...BASE, '--json', 'openapi.json.yaml'], /must end in \.json; write the contract before --json/],
    [[...BASE, '-c', 'scan.yaml'], /use --plan/],
  ];
  for (const [args, message] of wrong) {
    const { code, err, plan } = await run(t, args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, message);
    assert.equal(plan, undefined);
  }
});

test('the plan holds what was asked for', async (t) => {
  const { plan } = await run(t, [
    ...BASE,
    '--as',
    'a=Bearer:t',
    '--role',
    'a=r',
    '--seed',
    '5',
    '--max-time',
    '1m',
    '--no-register',
    '--insecure',
  ]);
  assert.deepEqual(plan?.identities, [{ name: 'a', bearer: { token: 't' }, role: 'r' }]);
  assert.equal(plan?.options.seed, 5);
  assert.equal(plan?.options.maxTime, 60_000);
  assert.equal(plan?.options.register, false);
  assert.equal(plan?.options.destructive, false);
  assert.equal(plan?.insecure, true);
  assert.equal(plan?.version, '9.9.9');
});

test('Ctrl-C ends the scan by its signal, and the report follows', async (t) => {
  const { code, out, err } = await run(t, BASE, async (plan) => {
    process.emit('SIGINT');
    assert.equal(plan.signal.aborted, true);
    return report({ cut: 'it was stopped' });
  });
  assert.equal(code, 1);
  assert.match(err, /ending: .*again: end at once/);
  assert.match(out, /ended early: it was stopped/);
  assert.equal(process.listenerCount('SIGINT'), 0);
});

test('--list tells every check, for people and for machines', async (t) => {
  const { out, code } = await run(t, ['--list']);
  assert.equal(code, 0);
  assert.match(out, /^sql-injection +injection +critical +CWE-89 +API8:2023 +validate +SQL injection$/m);
  const list = JSON.parse((await run(t, ['--list', '--json'])).out) as { id: string }[];
  assert.equal(list.length, 6);
});

test('the program knows the verb, and its help says how to give secrets', async () => {
  const { stdout, code } = await cli(['scan', '--help']);
  assert.equal(code, 0);
  assert.match(stdout, /Other users of this machine can read a command line\. Write env:NAME/);
  assert.match(stdout, /Exit codes: 0 .* 1 findings, 2 could not run\./);
});
