import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startClinic } from '../../examples/clinic/start.ts';
import { startMarket } from '../../examples/market/start.ts';
import { cli, root, scratch } from '../support/program.ts';

const CLINIC = join(root, 'examples/clinic/openapi.yaml');
const MARKET = join(root, 'examples/market/openapi.json');

interface Finding {
  readonly check: string;
  readonly severity: string;
  readonly message: string;
}
interface Report {
  readonly findings: readonly Finding[];
  readonly evidence: readonly { readonly curl: readonly string[] }[];
  readonly checks: readonly { readonly id: string; readonly state: string; readonly reason?: string }[];
}

const serious = ({ findings }: Report) => findings.filter(({ severity }) => severity !== 'informational');

test('a careless API is found out, the reports are written, and a printed command repeats a finding', async (t) => {
  const directory = scratch(t);
  const weak = 'no-ownership,missing-role,sql-injection,over-sharing,unsigned-tokens,path-traversal,reflected-script';
  const clinic = await startClinic(['--port', '0', '--data', ':memory:', '--weak', weak]);
  t.after(() => clinic.stop());
  writeFileSync(
    join(directory, 'scan.yaml'),
    JSON.stringify({
      contract: CLINIC,
      url: clinic.base,
      identities: {
        lucia: { role: 'patient', login: { username: 'lucia.ferreira', password: '${LUCIA_PASSWORD}' } },
        samuel: { role: 'patient', login: { username: 'samuel.boateng', password: '${SAMUEL_PASSWORD}' } },
        nils: { role: 'nurse', login: { username: 'nils.hofmann', password: '${NILS_PASSWORD}' } },
        arthur: { role: 'admin', login: { username: 'arthur.quinn', password: '${ARTHUR_PASSWORD}' } },
      },
      only: [
        'authorization',
        'unsigned-token',
        'sql-injection',
        'path-traversal',
        'reflected-script',
        'secrets-in-answers',
      ],
    }),
  );
  const files = ['scan.html', 'scan.sarif', 'scan.xml', 'scan.json'];
  const [html, sarif, junit, json] = files.map((file) => join(directory, file)) as [string, string, string, string];
  const ran = await cli(['scan', 'scan.yaml', '--html', html, '--sarif', sarif, '--junit', junit, '--json', json], {
    cwd: directory,
    env: {
      LUCIA_PASSWORD: 'sunshine1',
      SAMUEL_PASSWORD: 'winter-saddle-64',
      NILS_PASSWORD: 'bandage-comet-3906',
      ARTHUR_PASSWORD: 'keyring-monsoon-9274',
    },
  });
  assert.equal(ran.code, 1, ran.stderr);
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
  const found = new Set(serious(report).map(({ check }) => check));
  for (const check of [
    'object-of-another',
    'function-of-another-role',
    'sql-injection',
    'secrets-in-answers',
    'unsigned-token',
    'path-traversal',
    'reflected-script',
  ])
    assert.ok(found.has(check), `${check} is found`);
  assert.deepEqual(
    report.checks.filter(({ state }) => state === 'crashed' || state === 'cut'),
    [],
  );
  assert.ok(files.every((file) => existsSync(join(directory, file))));
  const whole = files.map((file) => readFileSync(join(directory, file), 'utf8')).join('\n') + ran.stdout + ran.stderr;
  for (const secret of ['sunshine1', 'bandage-comet-3906', 'keyring-monsoon-9274']) {
    assert.ok(!whole.includes(secret), 'no password stands in a report');
  }

  const index = report.findings.findIndex(({ check }) => check === 'reflected-script');
  const command = report.evidence[index]?.curl.at(-1) as string;
  const repeated = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.equal(repeated.status, 0, repeated.stderr);
  assert.match(repeated.stdout, /<(?:script|svg|img)\b/, command);
});

test('a careful API has no finding above informational', async (t) => {
  const directory = scratch(t);
  const market = await startMarket(['--port', '0', '--careful']);
  t.after(() => market.stop());
  const users = { noor: 'buyer', tobias: 'buyer', marta: 'seller', greta: 'admin' };
  const { PASSWORDS } = await import('../../examples/market/attacks/target.ts');
  const json = join(directory, 'scan.json');
  const ran = await cli(
    [
      'scan',
      MARKET,
      '--url',
      market.base,
      ...Object.entries(users).flatMap(([name, role]) => [
        '--as',
        `${name}=Login:${name}:env:${name.toUpperCase()}`,
        '--role',
        `${name}=${role}`,
      ]),
      '--json',
      json,
    ],
    {
      cwd: directory,
      env: Object.fromEntries(Object.entries(PASSWORDS).map(([name, value]) => [name.toUpperCase(), value])),
    },
  );
  const report = JSON.parse(readFileSync(json, 'utf8')) as Report;
  assert.deepEqual(serious(report), []);
  assert.deepEqual(
    report.checks.filter(({ state }) => state === 'crashed' || state === 'cut'),
    [],
  );
  assert.equal(ran.code, 0, ran.stderr);
});
