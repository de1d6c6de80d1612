import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyReport, finding, hostileReport, hugeReport, objectCheck, report } from './fixture.ts';
import { junitReport } from './junit.ts';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

const CHARACTERS: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' };
const unescaped = (text: string): string =>
  text.replace(/&(amp|lt|gt|quot);/g, (_all, name: string) => CHARACTERS[name] as string);

/** A small reader of XML 1.0 without document types; fails on whatever is not well-formed. */
function parseXml(xml: string): Element {
  assert.ok(!/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.test(xml), 'characters of XML 1.0 (2.2)');
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const rest = xml.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '');
  for (const [, tag, between] of rest.matchAll(/(?:<([^<>]*)>)?([^<>]*)/g)) {
    if (tag?.startsWith('/')) assert.equal(open.pop()?.name, tag.slice(1));
    else if (tag !== undefined) {
      const match = /^([a-z-]+)((?: [a-z]+="[^"]*")*)(\/?)$/.exec(tag);
      assert.ok(match, tag);
      const attributes: Record<string, string> = {};
      for (const [, name, value] of (match[2] as string).matchAll(/ ([a-z]+)="([^"]*)"/g)) {
        assert.ok(!Object.hasOwn(attributes, name as string), `${name} twice`);
        attributes[name as string] = unescaped(value as string);
      }
      const element: Element = { name: match[1] as string, attributes, children: [], text: '' };
      open.at(-1)?.children.push(element);
      if (match[3] === '') open.push(element);
    }
    const here = open.at(-1) as Element;
    assert.ok(!/&(?!(?:amp|lt|gt|quot);)/.test(between as string), `a bare & before ${between}`);
    here.text += unescaped(between as string);
  }
  assert.equal(open.length, 1);
  assert.equal(top.children.length, 1);
  return top.children[0] as Element;
}

const casesOf = (xml: string): Map<string, Element> =>
  new Map(
    parseXml(xml).children.flatMap(({ children }) =>
      children.map((one) => [one.attributes['name'] as string, one] as const),
    ),
  );

test('a suite for each group, a case for each check and operation, counted rightly', () => {
  const top = parseXml(junitReport(report(), 'low'));
  assert.deepEqual(
    top.children.map(({ attributes }) => attributes['name']),
    ['answers', 'authorization', 'floods', 'injection'],
  );
  for (const suite of [...top.children, top]) {
    const cases = suite === top ? top.children.flatMap(({ children }) => children) : suite.children;
    const holding = (name: string): number =>
      cases.filter(({ children }) => children.some((one) => one.name === name)).length;
    assert.equal(Number(suite.attributes['tests']), cases.length);
    assert.equal(Number(suite.attributes['failures']), holding('failure'));
    assert.equal(Number(suite.attributes['errors']), holding('error'));
    assert.equal(Number(suite.attributes['skipped']), holding('skipped'));
  }
  const cases = casesOf(junitReport(report(), 'low'));
  assert.deepEqual(
    [...cases.keys()],
    [
      'security-headers GET /patients/{id}',
      'object-of-another GET /patients/{id}',
      'object-of-another GET /patients/{id}/records',
      'object-of-another GET /admin/log',
      'delete-all',
      'no-limits',
      'sql-injection GET /patients',
      'template-injection',
    ],
  );
  assert.match(
    cases.get('sql-injection GET /patients')?.children[0]?.text ?? '',
    /fingerprint aaaa000000000001[\s\S]*curl[\s\S]*mend:/,
  );
  assert.equal(cases.get('template-injection')?.children[0]?.name, 'error');
  assert.equal(cases.get('no-limits')?.children[0]?.name, 'skipped');
  assert.match(cases.get('no-limits')?.children[0]?.attributes['message'] ?? '', /accepted: .*load balancer/);
  assert.equal(cases.get('delete-all')?.children[0]?.attributes['message'], 'only with --destructive');
  assert.equal(cases.get('object-of-another GET /admin/log')?.children[0]?.name, 'skipped');
});

test('findings below the threshold do not fail', () => {
  const cases = casesOf(junitReport(report(), 'high'));
  assert.equal(cases.get('security-headers GET /patients/{id}')?.children[0]?.name, 'system-out');
  assert.equal(cases.get('sql-injection GET /patients')?.children[0]?.name, 'failure');
});

test('a check without findings is a passed case', () => {
  const cases = casesOf(junitReport(report({ findings: [] }), 'low'));
  assert.deepEqual(cases.get('sql-injection')?.children, []);
});

test('hostile, empty and huge scans give well-formed XML', () => {
  for (const given of [hostileReport(), emptyReport(), hugeReport()]) parseXml(junitReport(given, 'low'));
  const hostile = junitReport(hostileReport(), 'low');
  assert.ok(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/.test(hostile));
});

test('a finding of a check that the report does not list is not lost', () => {
  const xml = junitReport(report({ checks: [], findings: [finding({ check: objectCheck })] }), 'low');
  assert.deepEqual([...casesOf(xml).keys()], ['object-of-another GET /patients/{id}']);
});
