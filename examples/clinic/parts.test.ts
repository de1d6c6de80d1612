import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { accepts } from './accept.ts';
import { jsonFault } from './body.ts';
import { escapeHtml } from './html.ts';
import { type Limit, Limits, limitHeaders } from './limits.ts';
import { Log } from './log.ts';
import { Outside } from './outside.ts';
import { switchBoard } from './weaknesses.ts';

describe('limits', () => {
  const FEW: Limit = { name: 'few', burst: 3, perSecond: 0.5 };

  test('grant a burst, and then as time goes by', () => {
    let now = 0;
    const limits = new Limits(() => now);
    const taken = Array.from({ length: 4 }, () => limits.take(FEW, 'a'));
    assert.deepEqual(
      taken.map(({ granted, remaining }) => [granted, remaining]),
      [
        [true, 2],
        [true, 1],
        [true, 0],
        [false, 0],
      ],
    );
    assert.equal(taken[3]?.wait, 2);
    assert.ok(limits.take(FEW, 'b').granted, 'another key has its own');
    now += 2_000;
    assert.ok(limits.look(FEW, 'a').granted);
    assert.ok(limits.take(FEW, 'a').granted, 'looking takes nothing');
    assert.ok(!limits.take(FEW, 'a').granted);
    now += 3_600_000;
    assert.equal(limits.take(FEW, 'a').remaining, 2, 'never more than the burst');
  });

  test('are told in headers', () => {
    const limits = new Limits(() => 0);
    limits.take(FEW, 'a');
    limits.take(FEW, 'a');
    assert.deepEqual(limitHeaders([limits.take(FEW, 'a')]), {
      'ratelimit-policy': '"few";q=3;w=6',
      ratelimit: '"few";r=0;t=6',
    });
    assert.equal(limitHeaders([limits.take(FEW, 'a')])['retry-after'], '2');
  });

  test('remember a bounded number of callers', () => {
    const limits = new Limits(() => 0);
    for (let key = 0; key < 3; key += 1) limits.take(FEW, 'kept');
    for (let key = 0; key < 9_999; key += 1) limits.take(FEW, String(key));
    assert.ok(!limits.take(FEW, 'kept').granted);
    for (let key = 0; key < 10_000; key += 1) limits.take(FEW, `more ${key}`);
    assert.ok(limits.take(FEW, 'kept').granted, 'the oldest is forgotten');
  });
});

test('JSON that can be read in two ways, or is too deep, is seen', () => {
  const fault = (text: string) => {
    JSON.parse(text);
    return jsonFault(text, 3);
  };
  for (const text of [
    '{"a":1,"b":{"a":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":["a","a"]}',
    '"a"',
    '{"a\\"":1,"a":"}{"}',
  ])
    assert.equal(fault(text), undefined, text);
  for (const text of [
    '{"a":1,"a":1}',
    '{"b":[{}],"a":{"x":1},"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"__proto__":1,"__proto__":2}',
  ])
    assert.equal(fault(text), 'repeated name', text);
  assert.equal(fault('[[[1]]]'), undefined);
  assert.equal(fault('[[[[1]]]]'), 'too deep');
  assert.equal(fault('{"a":{"b":{"c":{}}}}'), 'too deep');
});

test('Accept is read as RFC 9110 says', () => {
  const json = (field: string | undefined) => accepts(field, 'application/json');
  for (const field of [
    undefined,
    '',
    '*/*',
    'application/json',
    'Application/JSON;q=0.1',
    'text/html, application/*',
    ';;,',
    'x',
  ])
    assert.ok(json(field), String(field));
  for (const field of ['text/html', 'application/json;q=0', '*/*, application/json;q=0', 'application/*;q=0.0, */*'])
    assert.ok(!json(field), field);
  assert.ok(json('*/*;q=0, application/json'));
});

test('text in a page stays text', () => {
  assert.equal(escapeHtml(`<a href="x" b='y'>&`), '&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;');
});

test('a request is one line of the log, without its query, and the log has an end', () => {
  const log = new Log(switchBoard([]));
  log.add('staff:1', 'GET', '/patients/1%0Aforged?search=Brandt', 400);
  log.add('::1\nforged', 'GET', '/x\nforged\u001b[2J', 404);
  const lines = log.last(10).trimEnd().split('\n');
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', / staff:1 GET \/patients\/1%0Aforged 400$/);
  assert.match(lines[1] ?? '', / ::1\\u000aforged GET \/x\\u000aforged\\u001b\[2J 404$/);
  for (let count = 0; count < 2_000; count += 1) log.add('a', 'GET', `/${'x'.repeat(5_000)}`, 200);
  assert.equal(log.last(5_000).trimEnd().split('\n').length, 1_000);
  assert.ok(log.last(5_000).length < 1_000_000);
});

test('the way out leads to the made-up partners and to loopback, and nowhere else', async () => {
  const outside = new Outside();
  const report = await outside.get(new URL('https://results.lab.example/reports/LB-2041'));
  assert.deepEqual([report.status, report.type], [200, 'text/plain']);
  const addresses = [
    'http://results.lab.example/reports/LB-2041',
    'https://example.com/',
    'http://10.0.0.1/',
    'http://169.254.169.254/latest/',
    'http://[::ffff:8.8.8.8]/',
    'http://127.0.0.1.example.com/',
    'https://127.0.0.1/',
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
  ];
  for (const address of addresses) await assert.rejects(outside.get(new URL(address)), /cannot be reached/, address);
});
