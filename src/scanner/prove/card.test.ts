import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckInfo } from '../model/check.ts';
import type { Practice, Severity } from '../model/finding.ts';
import { PRACTICES } from '../model/finding.ts';
import type { CheckReport, ScanFinding, ScanReport } from '../model/report.ts';
import { cardOf } from './card.ts';
import { cardText } from './card-text.ts';
import { Ledger } from './ledger.ts';
import { mergeReports, withMore } from './merge.ts';
import type { CallerPolicy, SwitchedOff } from './policy.ts';
import type { Reconciliation, Tally } from './reconcile.ts';

const info = (practice: Practice): CheckInfo => ({
  id: `of-${practice}`,
  group: 'answers',
  title: practice,
  practice,
  cwe: 'CWE-1',
  owasp: 'API1:2023',
  severity: 'high',
  why: '',
  mend: '',
});
const ran = (practice: Practice, state: CheckReport['state'] = 'ran'): CheckReport => ({
  check: info(practice),
  state,
  reason: state === 'crashed' ? 'a defect' : undefined,
  requests: 1,
  milliseconds: 1,
  notTried: [],
  unconfirmed: 0,
});
const finding = (practice: Practice, severity: Severity, accepted?: { reason: string }): ScanFinding => ({
  check: info(practice),
  severity,
  message: 'it is weak',
  fingerprint: `${practice}-${severity}`,
  places: [],
  exchanges: [],
  marks: [],
  curl: [],
  accepted,
});
const report = (parts: Partial<ScanReport> = {}): ScanReport => ({
  version: '1',
  target: 'https://127.0.0.1:1/',
  contract: { source: 'a', title: 'a', version: '1' },
  started: '',
  milliseconds: 10,
  seed: 1,
  destructive: false,
  identities: [],
  findings: [],
  checks: PRACTICES.map((practice) => ran(practice)),
  coverage: [],
  practices: [],
  notes: [],
  requests: 100,
  cut: undefined,
  ...parts,
});
const tally = (parts: Partial<Tally>): Tally => ({
  sent: 10,
  allowed: 0,
  refused: 10,
  invalid: 0,
  harmful: 0,
  failed: 0,
  limited: 0,
  ...parts,
});
const reconciled = (parts: Partial<Reconciliation> = {}): Reconciliation => ({
  named: 100,
  matched: 100,
  missing: [],
  missingCount: 0,
  wrong: [],
  wrongCount: 0,
  others: 0,
  otherCodes: new Map(),
  tallies: new Map(PRACTICES.map((practice) => [`of-${practice}`, tally({})])),
  friendly: [],
  recognised: [],
  events: new Map(),
  logs: [],
  complaints: [],
  ...parts,
});
const policyWith = (switchedOff: readonly SwitchedOff[]): CallerPolicy =>
  ({ switchedOff, operations: 5 }) as unknown as CallerPolicy;
const card = (parts: { report?: ScanReport; found?: Reconciliation | undefined; off?: readonly SwitchedOff[] } = {}) =>
  cardOf({
    report: parts.report ?? report(),
    ledger: new Ledger(),
    policy: policyWith(parts.off ?? []),
    found: 'found' in parts ? parts.found : reconciled(),
  });
const heldOf = (of: ReturnType<typeof card>, practice: Practice) =>
  of.lines.find((line) => line.practice === practice)?.held;

test('all eight practices held', () => {
  const whole = card();
  assert.equal(whole.lines.length, 8);
  assert.equal(whole.held, true);
  assert.match(cardText(whole, { colours: false }), /everything held$/);
});

test('a practice with a finding did not hold; informational and accepted ones do not count', () => {
  const findings = [
    finding('validate', 'low'),
    finding('encrypt', 'informational'),
    finding('authorize', 'critical', { reason: 'known' }),
  ];
  const some = card({ report: report({ findings }) });
  assert.deepEqual(
    some.lines.filter(({ held }) => held !== 'held').map(({ practice, held }) => [practice, held]),
    [['validate', 'not held']],
  );
  assert.match(
    cardText(some, { colours: false }),
    /validate +NOT HELD[\s\S]*low: it is weak[\s\S]*7 of 8 practices held$/,
  );
});

test('what is switched off cannot be said to hold', () => {
  const off = card({ off: [{ practice: 'validate', what: 'detection only reports', count: 5 }] });
  assert.equal(heldOf(off, 'validate'), 'off');
  assert.equal(off.held, false);
  assert.match(cardText(off, { colours: false }), /detection only reports, for every operation/);
});

test('a practice none of whose checks ran was not tried', () => {
  const checks = PRACTICES.map((practice) => ran(practice, practice === 'encrypt' ? 'skipped' : 'ran'));
  assert.equal(heldOf(card({ report: report({ checks }) }), 'encrypt'), 'not tried');
});

test('a practice whose checks found nothing to send was not tried; where checks look at answers and handshakes it was', () => {
  const found = reconciled({ tallies: new Map() });
  const tried = (practice: Practice) => heldOf(card({ found }), practice);
  for (const practice of ['authenticate', 'authorize', 'validate', 'throttle'] as const)
    assert.equal(tried(practice), 'not tried', practice);
  for (const practice of ['encrypt', 'necessary-only'] as const) assert.equal(tried(practice), 'held', practice);
});

test('what met a limit proves nothing, but of the limits themselves', () => {
  const limited = tally({ refused: 10, limited: 9 });
  const found = reconciled({
    tallies: new Map([
      ['of-authorize', limited],
      ['of-throttle', limited],
    ]),
  });
  assert.equal(heldOf(card({ found }), 'authorize'), 'not tried');
  assert.equal(heldOf(card({ found }), 'throttle'), 'held');
});

test('a log that cannot be read, a crashed check and an early end do not pass for held', () => {
  assert.equal(heldOf(card({ found: undefined }), 'log'), 'not held');
  const crashed = report({ checks: [...report().checks, ran('validate', 'crashed')] });
  assert.equal(heldOf(card({ report: crashed }), 'test'), 'not held');
  assert.equal(heldOf(card({ report: report({ cut: 'it was stopped' }) }), 'test'), 'not held');
});

test('what others say cannot move the terminal or speak to a CI service', () => {
  const findings = [{ ...finding('validate', 'low'), message: '\x1b[2J\n::error::gone' }];
  const text = cardText(card({ report: report({ findings }) }), { colours: false });
  assert.doesNotMatch(text, /\x1b/);
  assert.doesNotMatch(text, /^\s*::error/m);
});

test('two scans become one report: findings once, coverage together, scores anew', () => {
  const coverage = (parts: object) => ({
    operation: 'GET /a',
    requests: 2,
    statuses: { 200: 2 },
    unseen: ['400', '404'],
    places: { reached: ['query:a'], missed: ['query:b', 'query:c'] },
    workedFor: [],
    why: 'nobody could',
    ...parts,
  });
  const one = report({
    findings: [finding('validate', 'low')],
    checks: [ran('validate')],
    coverage: [coverage({})],
    notes: ['a'],
  });
  const two = report({
    findings: [finding('throttle', 'high'), finding('validate', 'low')],
    checks: [ran('throttle')],
    coverage: [
      coverage({
        statuses: { 200: 1, 404: 3 },
        unseen: ['400'],
        places: { reached: ['query:b'], missed: ['query:a', 'query:c'] },
        workedFor: ['ann'],
        why: undefined,
      }),
    ],
    notes: ['a', 'b'],
  });
  const merged = mergeReports(one, two);
  assert.deepEqual(
    merged.findings.map(({ fingerprint }) => fingerprint),
    ['throttle-high', 'validate-low'],
  );
  assert.deepEqual(merged.coverage, [
    coverage({
      requests: 4,
      statuses: { 200: 3, 404: 3 },
      unseen: ['400'],
      places: { reached: ['query:a', 'query:b'], missed: ['query:c'] },
      workedFor: ['ann'],
      why: undefined,
    }),
  ]);
  assert.deepEqual([merged.requests, merged.notes, merged.checks.length], [200, ['a', 'b'], 2]);
  const more = withMore(merged, { findings: [finding('log', 'critical')], checks: [ran('log')], notes: ['first'] });
  assert.equal(more.findings[0]?.check.practice, 'log');
  assert.deepEqual(more.practices.find(({ practice }) => practice === 'log')?.score, 60);
  assert.deepEqual(more.notes, ['first', 'a', 'b']);
});
