import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LoadError } from '../../shared/finding.ts';
import { readBaseline, writeBaseline } from './baseline.ts';
import { hostileReport, report } from './fixture.ts';

const NOW = Date.parse('2026-11-05T12:00:00Z');
const read = (text: string) => readBaseline(text, 'baseline.yaml', NOW);
const problems = (text: string): string[] => {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof LoadError);
    return error.findings.map(({ place, message, mend }) => `${place?.line}:${place?.column} ${message} | ${mend}`);
  }
  return assert.fail('it was read');
};

test('an entry accepts its fingerprint until the end of its last day', () => {
  const baseline = read(`accepted:
  - fingerprint: a1
    reason: known
  - {fingerprint: b2, reason: until today, expires: 2026-11-05}
  - {fingerprint: c3, reason: until yesterday, expires: 2026-11-04}
`);
  assert.deepEqual(
    ['a1', 'b2', 'c3', 'd4'].map((one) => baseline.reason(one)),
    ['known', 'until today', undefined, undefined],
  );
});

test('JSON is read too', () => {
  assert.equal(read('{"accepted":[{"fingerprint":"a1","reason":"known"}]}').reason('a1'), 'known');
});

test('what is wrong is said with its place and mend', () => {
  assert.deepEqual(problems('accepted:\n  - fingerprint: a1\n'), [
    '2:5 accepted.0.reason: Invalid input: expected string, received undefined | add "accepted.0.reason"',
  ]);
  assert.match(
    problems('accepted:\n  - {fingerprint: a1, reason: ""}')[0] ?? '',
    /^2:\d+ .*say why the finding is accepted/,
  );
  assert.match(
    problems('accepted:\n  - fingerprint: a1\n    raeson: x\n').join('\n'),
    /3:5 unknown key "accepted\.0\.raeson" \| did you mean "reason"\?/,
  );
  assert.match(problems('accepted:\n  - {fingerprint: a, reason: x, expires: 2026-02-30}')[0] ?? '', /a date such as/);
  assert.match(
    problems('accepted:\n  - {fingerprint: a, reason: x}\n  - {fingerprint: a, reason: y}')[0] ?? '',
    /^3:5 .*twice/,
  );
  assert.match(problems('accepted: [')[0] ?? '', /correct the YAML/);
  assert.match(problems('- a')[0] ?? '', /holds no settings/);
});

test('expired entries are said, and those that were not found where the scan looked everywhere', () => {
  const baseline = read(`accepted:
  - {fingerprint: aaaa000000000001, reason: known}
  - {fingerprint: gone, check: sql-injection, operation: GET /x, reason: known}
  - {fingerprint: late, reason: x, expires: 2020-01-01}
`);
  const { findings } = report();
  assert.deepEqual(baseline.review(findings, true), [
    'baseline: the acceptance of late expired on 2020-01-01',
    'baseline: gone sql-injection, GET /x was not found any more: take it out',
    'baseline: late was not found any more: take it out',
  ]);
  assert.equal(baseline.review(findings, false).length, 1);
});

test('what is written can be read back, and accepts what was found', () => {
  for (const given of [report(), hostileReport()]) {
    const baseline = read(writeBaseline(given.findings, undefined, true, NOW));
    for (const { fingerprint } of given.findings)
      assert.equal(baseline.reason(fingerprint), 'not judged yet (written 2026-11-05)');
  }
});

test('entries keep their reasons; those that are gone go, unless the scan did not look everywhere', () => {
  const before = read(`accepted:
  - {fingerprint: aaaa000000000001, reason: judged, expires: 2030-01-01}
  - {fingerprint: gone, reason: judged too}
`);
  const whole = read(writeBaseline(report().findings, before, true, NOW));
  assert.equal(whole.reason('aaaa000000000001'), 'judged');
  assert.equal(whole.reason('gone'), undefined);
  assert.equal(whole.entries.length, 4);
  const part = read(writeBaseline([], before, false, NOW));
  assert.deepEqual(part.entries, before.entries);
});
