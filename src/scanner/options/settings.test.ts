import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { isScanSettings, readScanSettings } from './settings.ts';

const read = (text: string) => readScanSettings(text, 'scan.yaml', { TOKEN: 't0ken', PORT: '3000' });
const problems = (text: string): string[] => {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof LoadError, String(error));
    return error.findings.map(({ place, message, mend }) => `${place?.line}:${place?.column} ${message} | ${mend}`);
  }
  return assert.fail('it was read');
};

const WHOLE = `
contract: openapi.yaml
url: http://localhost:\${PORT}
identities:
  alice: {role: patient, bearer: {token: "\${TOKEN}"}}
  bob:
    role: patient
    login: {username: bob, password: "pa$$word"}
roles:
  "GET /patients/{id}": [patient, nurse]
  listAll: admin
seed: 7
maxTime: 10m
rate: 50
concurrency: 4
timeout: 5s
only: injection
skip: [no-limits]
destructive: false
register: false
baseline: accepted.yaml
failOn: high
reports: {html: scan.html, sarif: scan.sarif, junit: scan.xml, json: scan.json}
ca: ca.pem
insecure: true
`;

test('a whole scan.yaml, with variables of the environment', () => {
  const { identities, roles, ...rest } = read(WHOLE);
  assert.deepEqual(identities?.['alice'], { role: 'patient', bearer: { token: 't0ken' } });
  assert.deepEqual(identities?.['bob'], { role: 'patient', login: { username: 'bob', password: 'pa$$word' } });
  assert.deepEqual({ ...roles }, { 'GET /patients/{id}': ['patient', 'nurse'], listAll: ['admin'] });
  assert.deepEqual(rest, {
    contract: 'openapi.yaml',
    url: 'http://localhost:3000',
    seed: 7,
    maxTime: 600_000,
    rate: 50,
    concurrency: 4,
    timeout: 5_000,
    only: ['injection'],
    skip: ['no-limits'],
    destructive: false,
    register: false,
    baseline: 'accepted.yaml',
    failOn: 'high',
    reports: { html: 'scan.html', sarif: 'scan.sarif', junit: 'scan.xml', json: 'scan.json' },
    ca: 'ca.pem',
    insecure: true,
  });
});

test('unknown keys are errors, with the nearest right name and the place', () => {
  assert.deepEqual(problems('url: http://a.example\nconcurency: 3\n'), [
    '2:1 unknown key "concurency" | did you mean "concurrency"?',
  ]);
  assert.deepEqual(problems('reports:\n  htlm: x\n'), ['2:3 unknown key "reports.htlm" | did you mean "html"?']);
  assert.match(
    problems('identities:\n  alice:\n    bearer: {tokn: x}\n').join('\n'),
    /3:14 unknown key "identities\.alice\.bearer\.tokn" \| did you mean "token"\?/,
  );
});

test('all problems at once, each at its place, with a mend', () => {
  assert.deepEqual(
    problems('seed: -1\ntimeout: 5\nmaxTime: 10 minutes\nfailOn: bad\nurl: ftp://x\n').map((one) =>
      one.replace(/ \|.*$/, ''),
    ),
    [
      '1:1 seed: Too small: expected number to be >=0',
      '2:1 timeout: Invalid input: expected string, received number',
      '3:1 maxTime: expected a span of time from 1s to 7d, such as 30s or 10m',
      '4:1 failOn: Invalid option: expected one of "critical"|"high"|"medium"|"low"|"informational"',
      '5:1 url: expected an http or https URL',
    ],
  );
});

test('an identity proves itself in exactly one way, under a name of its own', () => {
  assert.match(
    problems('identities:\n  alice: {role: x}\n')[0] ?? '',
    /^2:3 identities\.alice: needs exactly one of bearer/,
  );
  assert.match(problems('identities:\n  alice: {bearer: {token: a}, key: {value: b}}\n')[0] ?? '', /exactly one/);
  assert.match(problems('identities:\n  "a b": {bearer: {token: a}}\n')[0] ?? '', /^2:3 /);
});

test('a variable that is not set is named, and none is looked up on the prototype', () => {
  assert.deepEqual(
    problems(`url: "http://\${NOT_SET}"\n`)[0],
    '1:1 the environment variable NOT_SET is not set | set NOT_SET before scanning',
  );
  assert.match(problems(`contract: "\${toString}"\n`)[0] ?? '', /variable toString is not set/);
});

test('a credential in the URL is refused without being repeated', () => {
  const [problem] = problems('url: http://user:hunter2@a.example\n');
  assert.match(problem ?? '', /holds a credential/);
  assert.ok(!problem?.includes('hunter2'));
});

test('what is no YAML, or no map, or a bomb of aliases, is said', () => {
  assert.match(problems('a: [1')[0] ?? '', /correct the YAML/);
  assert.match(problems('- 1')[0] ?? '', /holds no settings/);
  assert.match(problems('url: a\nurl: b')[0] ?? '', /^2:1 .*unique/);
  const bomb = `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c]`;
  assert.match(problems(bomb)[0] ?? '', /instead of using aliases/);
});

test('a plan is told from a contract by what stands in it', () => {
  assert.equal(isScanSettings(WHOLE), true);
  assert.equal(isScanSettings('{"url":"http://a.example"}'), true);
  assert.equal(isScanSettings('openapi: 3.1.0\ninfo: {}\n'), false);
  assert.equal(isScanSettings('swagger: "2.0"\nurl: x\n'), false);
  assert.equal(isScanSettings('{"info":{},"openapi":"3.0.0"}'), false);
  assert.equal(isScanSettings('info:\n  contact:\n    url: http://a.example\n'), false);
  assert.equal(isScanSettings('{broken'), false);
  assert.equal(isScanSettings(''), false);
});
