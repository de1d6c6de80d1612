import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { emptyReport, exchange, finding, HOSTILE, hostileReport, hugeReport, objectCheck, report } from './fixture.ts';
import { variablesOf } from './html/findings.ts';
import { htmlReport } from './html.ts';

const page = (given: Parameters<typeof htmlReport>[0]): string => [...htmlReport(given)].join('');

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[A-Za-z-]+(?:="[^"<>]*")?)*)\s*\/?>/g;

/** Tags of a page, in order; attributes must be quoted or bare names. */
function tagsOf(text: string): { name: string; end: boolean; attributes: string }[] {
  return [...text.matchAll(TAG)].map((match) => ({
    name: match[2] as string,
    end: match[1] === '/',
    attributes: match[3] as string,
  }));
}

const EMPTY = new Set(['meta', 'input', 'circle']);

function assertWellFormed(text: string): void {
  const open: string[] = [];
  const body = text.replace(/<style>[^<]*<\/style>/, '').replace('<!doctype html>', '');
  for (const { name, end } of tagsOf(body)) {
    if (EMPTY.has(name)) continue;
    if (!end) open.push(name);
    else assert.equal(open.pop(), name);
  }
  assert.deepEqual(open, []);
  // Nothing that looks like a tag is left once the known ones are gone.
  const rest = body.replace(TAG, '');
  assert.ok(!/[<>]/.test(rest), rest.slice(Math.max(0, rest.search(/[<>]/) - 80)).slice(0, 200));
}

test('the page tells what was found, with the decisive parts marked and how to repeat it', () => {
  const text = page(report());
  assertWellFormed(text);
  assert.match(text, /3 weaknesses found: 1 critical, 1 high, 1 low\./);
  assert.match(text, /<mark>SQLITE_ERROR: unrecognized token<\/mark>/);
  assert.match(text, /<mark>search=ann&#39;<\/mark>/);
  assert.match(text, /<mark>&quot;owner&quot;: &quot;alice&quot;<\/mark>/);
  assert.match(text, /export ALICE_TOKEN=…/);
  assert.match(text, /Accepted: the load balancer in front limits/);
  assert.match(text, /CWE-639/);
  assert.match(text, /API1:2023 Broken Object Level Authorization/);
  assert.match(text, /crashed: TypeError/);
  assert.match(text, /only with --destructive/);
  assert.match(text, /carol, the only admin, could not log in/);
  assert.ok(text.indexOf('SQL injection') < text.indexOf('Objects of one user'), 'worst first');
});

test('the policy lets only the page’s own style in, and the page has no script, no style attribute, no outside resource', () => {
  const text = page(report());
  const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1]?.replaceAll('&#39;', "'");
  assert.equal(policy, `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`);
  assert.ok(
    !/<(script|img|link|iframe|object|embed|base|form)\b|\bstyle=|\bon[a-z]+=|url\(|@import/.test(
      text.replace(/&[a-z#0-9]+;/g, ''),
    ),
  );
});

test('hostile text stays text', () => {
  const text = page(hostileReport());
  assertWellFormed(text);
  for (const { name, attributes } of tagsOf(text)) {
    assert.ok(!['script', 'img'].includes(name), name);
    assert.ok(!/\bon[a-z]+=/.test(attributes.replace(/"[^"]*"/g, '')), attributes);
  }
  assert.ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]/.test(text));
  assert.ok(text.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.ok(text.includes('<mark>&lt;script&gt;</mark>'));
});

test('a scan that tried nothing says so, and does not say that all is well', () => {
  const text = page(emptyReport());
  assertWellFormed(text);
  assert.match(text, /Nothing was answered, so nothing could be tried\./);
  assert.ok(!text.includes('No weakness found'));
  assert.match(
    page(report({ findings: [], cut: 'the time was up' })),
    /class="card verdict part".*No weakness found.*the time was up/s,
  );
});

test('two thousand findings with long bodies make a page that can be opened', () => {
  const text = page(hugeReport());
  assert.ok(text.length < 12_000_000, `${text.length} characters`);
  assert.equal(text.match(/class="finding"/g)?.length, 2_000);
  assert.ok(text.includes('stand in the JSON report'));
});

test('only the last exchange is marked; long bodies are cut around the mark', () => {
  const body = `${'x'.repeat(9_000)}NEEDLE${'y'.repeat(9_000)}`;
  const exchanges = [exchange({ body }), exchange({ body })];
  const text = page(report({ findings: [finding({ check: objectCheck, exchanges, marks: ['NEEDLE'] })] }));
  assert.equal(text.match(/<mark>NEEDLE<\/mark>/g)?.length, 1);
  assert.ok(text.length < 40_000);
});

test('variables of a command are those that the shell would fill in', () => {
  assert.deepEqual(variablesOf([`curl -H "A: $ALICE" -d '$NOT' "\${BOB_PASSWORD}" \\$NEITHER`]), [
    'ALICE',
    'BOB_PASSWORD',
  ]);
  assert.deepEqual(variablesOf([HOSTILE]), []);
});

test('many checks get an overview that leads to each group', () => {
  const text = page(report());
  assert.match(text, /<ul class="card overview">/);
  for (const [, id] of text.matchAll(/<a href="#([^"]+)"/g)) assert.ok(text.includes(`id="${id}"`), `#${id}`);
});
