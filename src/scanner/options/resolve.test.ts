import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError } from './as.ts';
import { type FoundSettings, resolveScan, type ScanFlags } from './resolve.ts';
import { readScanSettings } from './settings.ts';

const plan = (text: string, file = '/plans/scan.yaml'): FoundSettings => ({
  file,
  settings: readScanSettings(text, file, {}),
});
const resolved = (flags: ScanFlags, found?: FoundSettings, contract?: string) =>
  resolveScan(contract, flags, found, {});
const URL_ONLY: ScanFlags = { url: 'http://localhost:3000' };
const refused = (flags: ScanFlags): string => {
  try {
    resolved({ ...URL_ONLY, ...flags }, undefined, 'api.yaml');
  } catch (error) {
    assert.ok(error instanceof OptionError, String(error));
    return error.message;
  }
  return assert.fail('it was resolved');
};

test('what nobody says is safe and repeatable', () => {
  assert.deepEqual(resolved(URL_ONLY, undefined, 'api.yaml'), {
    contract: 'api.yaml',
    base: new URL('http://localhost:3000'),
    basePath: undefined,
    identities: [],
    roles: new Map(),
    options: {
      seed: 1,
      destructive: false,
      concurrency: 8,
      timeout: 10_000,
      rate: undefined,
      maxTime: undefined,
      only: [],
      skip: [],
      register: true,
      showSecrets: false,
    },
    failOn: 'low',
    baseline: undefined,
    reports: {},
    jsonToOutput: false,
    ca: undefined,
    insecure: false,
  });
});

test('flags go before the file, the file before the defaults', () => {
  const found = plan(`
contract: api.yaml
url: http://a.example
seed: 1
rate: 5
concurrency: 2
only: injection
destructive: true
register: true
failOn: critical
baseline: base.yaml
reports: {html: a.html, json: a.json}
identities: {alice: {role: old, bearer: {token: a}}, bob: {key: {value: k}}}
`);
  const scan = resolved(
    {
      url: 'http://b.example/v2',
      seed: '9',
      rate: '0.5',
      only: ['authorization,methods', 'floods'],
      safe: true,
      register: false,
      failOn: 'HIGH',
      html: 'b.html',
      json: true,
      as: ['alice=Bearer:b', 'carol=ApiKey:c'],
      role: ['carol=admin'],
    },
    found,
    'other.yaml',
  );
  assert.equal(scan.contract, 'other.yaml');
  assert.equal(scan.base.href, 'http://b.example/');
  assert.equal(scan.basePath, '/v2');
  assert.deepEqual(scan.options, {
    seed: 9,
    destructive: false,
    concurrency: 2,
    timeout: 10_000,
    rate: 0.5,
    maxTime: undefined,
    only: ['authorization', 'methods', 'floods'],
    skip: [],
    register: false,
    showSecrets: false,
  });
  assert.equal(scan.failOn, 'high');
  assert.deepEqual(scan.reports, { html: 'b.html' });
  assert.equal(scan.jsonToOutput, true);
  assert.deepEqual(scan.identities, [
    { name: 'alice', bearer: { token: 'b' }, role: 'old' },
    { name: 'bob', key: { value: 'k' } },
    { name: 'carol', key: { value: 'c' }, role: 'admin' },
  ]);
});

test('names in the file are relative to it, names on the command line to where the user stands', () => {
  const found = plan(
    'contract: api/openapi.yaml\nurl: http://a.example\nbaseline: b.yaml\nca: /etc/ca.pem\nreports: {sarif: out/s.sarif}\n',
  );
  const scan = resolved({ junit: 'j.xml' }, found);
  assert.equal(scan.contract, '/plans/api/openapi.yaml');
  assert.equal(scan.baseline, '/plans/b.yaml');
  assert.equal(scan.ca, '/etc/ca.pem');
  assert.deepEqual(scan.reports, { sarif: '/plans/out/s.sarif', junit: 'j.xml' });
  const remote = plan('contract: https://api.example/openapi.json\nurl: http://a.example\n');
  assert.equal(resolved({}, remote).contract, 'https://api.example/openapi.json');
});

test('a base path is said by --base-path, else by the path of the URL', () => {
  assert.equal(resolved({ url: 'http://a.example/v1/' }, undefined, 'x').basePath, '/v1/');
  assert.equal(resolved({ url: 'http://a.example/v1', basePath: '/' }, undefined, 'x').basePath, '/');
  assert.equal(resolved({ url: 'http://a.example/' }, undefined, 'x').basePath, undefined);
});

test('what is wrong is said', () => {
  assert.throws(() => resolved({ url: 'http://a.example' }), /name the contract/);
  assert.throws(() => resolved({}, undefined, 'api.yaml'), /name the API: --url/);
  assert.match(refused({ url: 'localhost:3000' }), /--url: expected an http or https URL/);
  assert.match(refused({ url: 'http://a.example/?x=1' }), /query/);
  assert.match(refused({ safe: true, destructive: true }), /contradict/);
  assert.match(refused({ seed: '1.5' }), /--seed: expected a whole number/);
  assert.match(refused({ seed: 'x' }), /--seed: expected a number from 0 to 4294967295/);
  assert.match(refused({ concurrency: '1000' }), /--concurrency: expected a number from 1 to 256/);
  assert.match(refused({ rate: '-1' }), /--rate/);
  assert.match(refused({ maxTime: '10' }), /--max-time: expected a span of time/);
  assert.match(refused({ timeout: '1ms' }), /--timeout: expected a span of time from 100ms to 10m/);
  assert.match(refused({ failOn: 'hihg' }), /--fail-on: .*did you mean high\?/);
  assert.match(refused({ basePath: 'v1' }), /--base-path: expected a path/);
  assert.match(refused({ as: ['a=Bearer:x', 'a=Bearer:y'] }), /--as a is given twice/);
  assert.match(refused({ role: ['a=x'] }), /no identity of that name/);
});
