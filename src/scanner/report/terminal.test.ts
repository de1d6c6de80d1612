import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { takesColours } from './colour.ts';
import { emptyReport, finding, hostileReport, hugeReport, objectCheck, report } from './fixture.ts';
import { type TerminalOptions, terminalReport } from './terminal.ts';
import { columnsOf } from './visible.ts';

const PLAIN: TerminalOptions = { colours: false, verbose: false, failOn: 'low', width: 100 };

test('findings worst first, with a command; scores; what was not tried; notes; the verdict', () => {
  const text = terminalReport(report(), PLAIN);
  assert.match(
    text,
    /^scan of http:\/\/127\.0\.0\.1:3000\/ Clinic 1\.2\n2 of 3 operations worked, 1,332 requests in 41\.3 s, 32\/s, seed 7, safe$/m,
  );
  assert.match(text, /^critical +sql-injection +GET \/patients, query parameter search$/m);
  assert.match(text, /^high +object-of-another +GET \/patients\/\{id\}, path parameter id {2}\(\+1 place\)$/m);
  assert.ok(text.indexOf('sql-injection') < text.indexOf('object-of-another'));
  assert.match(text, /^ {4}curl -H "Authorization: Bearer \$BOB_TOKEN" http:\/\/127\.0\.0\.1:3000\/patients\/1$/m);
  assert.match(text, /^authorize +75 +█{15}░{5} +4 checks, 1 finding$/m);
  assert.match(text, /^encrypt +– +could not be tried$/m);
  assert.match(text, /^ {2}template-injection crashed: TypeError/m);
  assert.match(text, /^ {2}skipped: only with --destructive: delete-all$/m);
  assert.match(text, /^ {2}never worked: carol, the only admin, could not log in: GET \/admin\/log$/m);
  assert.match(text, /^ {2}- the API answered 429/m);
  assert.match(text, /^found: 1 critical, 1 high, 1 low \(1 accepted\)$/m);
  assert.ok(!text.includes('no-limits  '), 'accepted findings are no findings');
});

test('below the threshold the verdict says so; nothing found is said plainly', () => {
  const low = report({ findings: report().findings.slice(3) });
  assert.match(terminalReport(low, { ...PLAIN, failOn: 'high' }), /^found: 1 low; nothing at or above high$/m);
  assert.match(terminalReport(report({ findings: [] }), PLAIN), /^nothing found$/m);
  assert.match(terminalReport(emptyReport(), PLAIN), /^nothing was answered, so nothing could be tried$/m);
  assert.match(
    terminalReport(report({ findings: [], cut: 'the time was up' }), PLAIN),
    /^nothing found \(ended early: the time was up\)$/m,
  );
});

test('verbose tells places, exchanges, all commands and the mend', () => {
  const text = terminalReport(report(), { ...PLAIN, verbose: true });
  assert.match(text, /also GET \/patients\/\{id\}\/records, path parameter id/);
  assert.match(text, /GET \/patients\?search=ann' as alice → 500/);
  assert.equal(text.match(/^ {4}curl .*search=ann/gm)?.length, 2);
  assert.match(text, /mend: Bind values/);
  assert.match(text, /CWE-89, API8:2023, fingerprint aaaa000000000001/);
});

test('no escape sequence of an API reaches the terminal, no line is one that a CI service obeys', () => {
  for (const verbose of [false, true]) {
    const text = terminalReport(hostileReport(), { ...PLAIN, verbose });
    assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udbff](?![\udc00-\udfff])/.test(text));
    assert.ok(!/^\s*(::|##\[)/m.test(text));
    const painted = terminalReport(hostileReport(), { ...PLAIN, verbose, colours: true });
    assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(stripVTControlCharacters(painted)));
    // Only colours of its own: no other sequence.
    assert.ok(!/\x1b(?!\[[\d;]*m)/.test(painted));
  }
});

test('lines keep to the width, but for commands, which are to be copied, and the verdict', () => {
  for (const width of [40, 80, 200])
    for (const line of terminalReport(report(), { ...PLAIN, width }).split('\n'))
      if (!/curl|^found/.test(line)) assert.ok(columnsOf(line) <= width, `${width}: ${line}`);
});

test('two thousand findings are told in a screenful or so, and the rest is counted', () => {
  const text = terminalReport(hugeReport(), PLAIN);
  assert.ok(text.split('\n').length < 200);
  assert.match(text, /and 1960 more: see --html FILE, or --verbose/);
});

test('a command that is too long to print is said to be', () => {
  const text = terminalReport(
    report({ findings: [finding({ check: objectCheck, curl: [`curl ${'x'.repeat(5_000)}`] })] }),
    PLAIN,
  );
  assert.match(text, /the command is 5005 characters long: see --json FILE/);
});

test('colours only on a terminal that takes them', () => {
  assert.ok(terminalReport(report(), { ...PLAIN, colours: true }).includes('\x1b[1;31m'));
  assert.ok(!terminalReport(report(), PLAIN).includes('\x1b'));
  assert.equal(takesColours({ isTTY: true }, {}), true);
  assert.equal(takesColours({ isTTY: true }, { NO_COLOR: '1' }), false);
  assert.equal(takesColours({ isTTY: true }, { NO_COLOR: '' }), true);
  assert.equal(takesColours({ isTTY: true }, { TERM: 'dumb' }), false);
  assert.equal(takesColours({}, {}), false);
});
