import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyReport, exchange, finding, HOSTILE, hostileReport, hugeReport, objectCheck, report } from './fixture.ts';
import { type JsonReport, jsonReport } from './json.ts';

const textOf = (given: Parameters<typeof jsonReport>[0]): string => [...jsonReport(given)].join('');
const read = (given: Parameters<typeof jsonReport>[0]): JsonReport => JSON.parse(textOf(given));

test('the keys are those that are documented, in this order', () => {
  const value = read(report());
  assert.deepEqual(Object.keys(value), [
    'format',
    'version',
    'target',
    'contract',
    'seed',
    'destructive',
    'findings',
    'practices',
    'checks',
    'coverage',
    'identities',
    'notes',
    'run',
    'evidence',
  ]);
  assert.equal(value.format, 'portcullis-scan/1');
  assert.deepEqual(value.findings[1], {
    fingerprint: 'aaaa000000000002',
    check: 'object-of-another',
    severity: 'high',
    message: "bob (patient) reads alice's record with GET /patients/{id}.",
    places: [
      {
        operation: 'GET /patients/{id}',
        place: 'path parameter id',
        message: 'bob got the record 1, which is of alice',
        at: { file: 'api/openapi.yaml', line: 60, column: 5 },
      },
      { operation: 'GET /patients/{id}/records', place: 'path parameter id', message: 'and its notes' },
    ],
  });
  assert.deepEqual(value.evidence[1]?.exchanges[0]?.answer.body, {
    text: '{"id":1,"owner":"alice","name":"Alice","phone":"+1 555 0100","notes":[{"text":"private"}]}',
  });
});

test('two runs that found the same have the same findings, whatever the order and the clock', () => {
  const first = report();
  const second = report({
    findings: [...first.findings].reverse(),
    checks: first.checks.map((one) => ({ ...one, milliseconds: 99, requests: 1 })),
    milliseconds: 1,
    requests: 2,
    started: '2027-01-01T00:00:00.000Z',
  });
  for (const key of ['findings', 'checks', 'practices'] as const)
    assert.equal(JSON.stringify(read(second)[key]), JSON.stringify(read(first)[key]));
  assert.ok(!/milliseconds|started/.test(JSON.stringify(read(first).findings)));
});

test('bodies that are no text are base64; long ones are cut and say so', () => {
  const bytes = Uint8Array.of(0xff, 0xfe, 0);
  const exchanges = [exchange({ body: bytes }), exchange({ body: 'x'.repeat(100_000), request: { body: 'sent' } })];
  const [one] = read(report({ findings: [finding({ check: objectCheck, exchanges })] })).evidence;
  assert.deepEqual(one?.exchanges[0]?.answer.body, { base64: '//4A' });
  assert.deepEqual(one?.exchanges[1]?.request.body, { text: 'sent' });
  assert.equal(one?.exchanges[1]?.answer.body?.leftOut, 100_000 - 65_536);
});

test('hostile text comes back as it was, yet nothing in the file moves a cursor', () => {
  const text = textOf(hostileReport());
  assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066\ufeff]/.test(text));
  const value = JSON.parse(text) as JsonReport;
  assert.equal(value.findings.find(({ check }) => check === 'object-of-another')?.message, HOSTILE);
});

test('empty and huge scans are JSON', () => {
  assert.deepEqual(read(emptyReport()).evidence, []);
  assert.equal(read(hugeReport()).evidence.length, 2_000);
});
