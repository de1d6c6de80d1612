import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratch } from '../../../test/support/program.ts';
import { api, ok, unreachable } from '../../contract/fixture.ts';
import { objectCheck, sqlCheck } from '../report/fixture.ts';
import { planScan } from './plan.ts';
import type { ScanFlags } from './resolve.ts';

const CONTRACT = JSON.stringify(
  api(
    {
      '/patients': { get: { operationId: 'list', tags: ['people'], ...ok } },
      '/patients/{id}': {
        get: { parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'integer' } }], ...ok },
      },
    },
    { servers: [{ url: '/v1' }] },
  ),
);

function setUp(t: { after(work: () => void): void }, plan?: string) {
  const directory = scratch(t);
  const contract = join(directory, 'openapi.json');
  const file = join(directory, 'scan.yaml');
  writeFileSync(contract, CONTRACT);
  if (plan !== undefined) writeFileSync(file, plan);
  const planned = (argument: string | undefined, flags: ScanFlags = {}, planFile?: string) =>
    planScan(argument, planFile, flags, {
      environment: {},
      outbound: unreachable,
      extensions: [],
      checks: [objectCheck, sqlCheck],
      version: '1.0.0',
      signal: new AbortController().signal,
      now: Date.parse('2026-11-05T00:00:00Z'),
    });
  return { directory, contract, file, planned };
}

test('a contract and a URL are enough; the path of the URL stands in place of the base path', async (t) => {
  const { contract, planned } = setUp(t);
  const { plan } = await planned(contract, { url: 'http://localhost:3000' });
  assert.deepEqual(
    plan.contract.operations.map(({ key }) => key),
    ['GET /v1/patients', 'GET /v1/patients/{id}'],
  );
  assert.equal(plan.base.href, 'http://localhost:3000/');
  const moved = await planned(contract, { url: 'http://localhost:3000/api' });
  assert.deepEqual(
    moved.plan.contract.operations.map(({ key }) => key),
    ['GET /api/patients', 'GET /api/patients/{id}'],
  );
});

test('the argument may be a scan.yaml; --plan names one, beside a contract', async (t) => {
  const { contract, file, planned } = setUp(t, 'contract: openapi.json\nurl: http://a.example\nseed: 5\n');
  assert.equal((await planned(file)).plan.options.seed, 5);
  const both = await planned(contract, { url: 'http://b.example' }, file);
  assert.equal(both.plan.options.seed, 5);
  assert.equal(both.plan.base.href, 'http://b.example/');
  await assert.rejects(planned(file, {}, file), /both plans/);
});

test('roles by selector become roles by operation, the last one counts', async (t) => {
  const { file, planned } = setUp(
    t,
    'contract: openapi.json\nurl: http://a.example\nroles: {"**": [any], "GET /v1/patients/{x}": [nurse], tag:people: [patient]}\n',
  );
  const { plan } = await planned(file);
  assert.deepEqual(
    plan.roles,
    new Map([
      ['GET /v1/patients', ['patient']],
      ['GET /v1/patients/{id}', ['nurse']],
    ]),
  );
  const { file: wrong, planned: again } = setUp(
    t,
    'contract: openapi.json\nurl: http://a.example\nroles: {lst: [x]}\n',
  );
  await assert.rejects(again(wrong), /"lst" names an operationId.*\n.*list/);
});

test('checks that do not exist are refused with the nearest name', async (t) => {
  const { contract, planned } = setUp(t);
  const url = 'http://a.example';
  await planned(contract, { url, only: ['injection', 'object-of-another'] });
  await assert.rejects(
    planned(contract, { url, only: ['sql-injektion'] }),
    /--only sql-injektion: .*did you mean sql-injection\?/,
  );
  await assert.rejects(planned(contract, { url, skip: ['nonsense-at-all'] }), /--skip nonsense-at-all: .*--list/);
});

test('the baseline accepts; what it says wrong is refused with its place', async (t) => {
  const { contract, directory, planned } = setUp(t);
  const file = join(directory, 'accepted.yaml');
  writeFileSync(file, 'accepted:\n  - {fingerprint: a1, reason: known}\n');
  const { plan } = await planned(contract, { url: 'http://a.example', baseline: file });
  assert.equal(plan.accepted?.reason('a1'), 'known');
  writeFileSync(file, 'accepted:\n  - {fingerprint: a1}\n');
  await assert.rejects(planned(contract, { url: 'http://a.example', baseline: file }), /accepted\.yaml:2:5/);
  await assert.rejects(
    planned(contract, { url: 'http://a.example', baseline: `${file}.not` }),
    /does not exist \(baseline\)/,
  );
});

test('authorities are a PEM file', async (t) => {
  const { contract, directory, planned } = setUp(t);
  const file = join(directory, 'ca.pem');
  writeFileSync(file, 'nothing');
  await assert.rejects(planned(contract, { url: 'https://a.example', ca: file }), /no certificate in PEM form/);
});

test('a file that is not there, or no text, is named', async (t) => {
  const { directory, planned } = setUp(t);
  await assert.rejects(
    planned(join(directory, 'none.yaml'), { url: 'http://a.example' }),
    /none\.yaml:1:1: the file does not exist/,
  );
  const binary = join(directory, 'binary.yaml');
  writeFileSync(binary, Uint8Array.of(0xff, 0xfe));
  await assert.rejects(planned(binary, { url: 'http://a.example' }), /is not UTF-8/);
  await assert.rejects(planned(directory, { url: 'http://a.example' }), /cannot be read/);
});
