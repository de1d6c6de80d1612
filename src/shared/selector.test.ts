import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operation } from './fixture.ts';
import { compileSelector, inspectSelector, selectorProblem } from './selector.ts';

const list = operation('GET /v1/patients', { operationId: 'listPatients', tags: ['patients', 'reading'] });
const read = operation('GET /v1/patients/{id}', { operationId: 'readPatient', tags: ['patients'] });
const pay = operation('POST /v1/invoices/{invoice}/payments', { operationId: 'pay', tags: ['billing'] });
const all = [list, read, pay];

const CASES: [selector: string, selected: string[]][] = [
  ['**', ['listPatients', 'readPatient', 'pay']],
  ['listPatients', ['listPatients']],
  ['listpatients', []],
  ['tag:patients', ['listPatients', 'readPatient']],
  ['tag: billing', ['pay']],
  ['tag:bill', []],
  ['GET /v1/patients/{id}', ['readPatient']],
  ['GET /v1/patients/{anyOtherName}', ['readPatient']],
  ['get /v1/patients/*', ['readPatient']],
  ['GET /v1/patients/id', []],
  ['* /v1/patients', ['listPatients']],
  ['/v1/patients/**', ['listPatients', 'readPatient']],
  ['/v1/*', ['listPatients']],
  ['/**/payments', ['pay']],
  ['/**/{x}/**', ['readPatient', 'pay']],
  ['POST /**', ['pay']],
  ['/v1', []],
  ['/patients', []],
  ['/v1/patients/', []],
];

for (const [text, selected] of CASES)
  test(`the selector ${text} selects ${selected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      all.filter(compileSelector(text)).map((o) => o.operationId),
      selected,
    );
  });

test('a malformed selector selects nothing and says why', () => {
  for (const text of [
    '',
    '  ',
    'tag:',
    '*',
    'list*',
    '/pat*',
    '/a/**b',
    'FETCH /x',
    'x'.repeat(501),
    '/a'.repeat(65),
  ]) {
    assert.ok(selectorProblem(text), text);
    assert.deepEqual(all.filter(compileSelector(text)), []);
    assert.ok(inspectSelector(text, all)?.message);
  }
});

test('a selector that matches nothing is told with what was meant', () => {
  assert.match(inspectSelector('listPatient', all)!.mend, /listPatients/);
  assert.match(inspectSelector('tag:biling', all)!.mend, /tag:billing/);
  assert.match(inspectSelector('GET /patients/{id}', all)!.mend, /GET \/v1\/patients\/\{id\}/);
  assert.equal(inspectSelector('pay', all), undefined);
});

test('names that objects inherit are no operationIds or tags', () => {
  for (const text of ['constructor', '__proto__', 'tag:length', 'tag:__proto__'])
    assert.deepEqual(all.filter(compileSelector(text)), []);
});

test('many ** cost no more than the product of the lengths', () => {
  const selects = compileSelector(`/${'**/a/'.repeat(30)}b`);
  const deep = operation(`GET /${'a/'.repeat(400)}c`);
  const started = process.cpuUsage().user;
  assert.equal(selects(deep), false);
  assert.ok(process.cpuUsage().user - started < 2_000_000, 'exponential back-tracking');
});
