import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaType, operation, parameter, takes } from '../../validation/fixture.ts';
import { randomFrom } from '../generate/random.ts';
import type { Tampered } from '../generate/tampered.ts';
import { type Call, Verbatim } from '../model/call.ts';
import { placesOf, put } from './places.ts';
import { render } from './render.ts';
import { tamperedAt } from './tampering.ts';

const INTEGER = { type: 'integer', maximum: 9 };
const OBJECT = {
  type: 'object',
  required: ['n', 'file'],
  properties: { n: INTEGER, o: INTEGER, file: { type: 'string', format: 'binary' } },
};
const FILE = { file: 'a.txt', type: 'text/plain', content: 'x' };

const call = (type: string, value: unknown, schema: unknown = OBJECT): Call => ({
  operation: operation({
    template: '/x/{id}',
    parameters: [
      parameter({ name: 'id', in: 'path', schema: INTEGER }),
      parameter({ name: 'q', required: true, schema: INTEGER }),
      parameter({ name: 's', schema: { type: 'string', maxLength: 4 } }),
    ],
    body: takes(true, mediaType(type, schema)),
  }),
  values: new Map<string, unknown>([
    ['path:id', 1],
    ['query:q', 2],
    ['query:s', 'ab'],
  ]),
  body: { type, value },
});

function at(one: Call, where: string, name: string): Tampered[] {
  const place = placesOf(one).find((each) => each.in === where && each.name === name);
  assert.ok(place, `${where} ${name}`);
  return tamperedAt(one, place, randomFrom(1, 'test'));
}
const verbatim = (list: readonly Tampered[], breaks: string): Tampered[] =>
  list.filter((each) => each.breaks === breaks && each.value instanceof Verbatim);

test('places of text know that text is read', () => {
  const one = call('application/json', { n: 1 });
  const query = at(one, 'query', 'q');
  assert.equal(query.find(({ value }) => value === 'no such thing')?.strict, true);
  assert.equal(query.find(({ value }) => value === '2')?.strict ?? false, false);
  assert.equal(at(one, 'body', '/n').find(({ breaks }) => breaks === 'type null')?.strict, true);
});

test('what is required is left out, but never of a path', () => {
  const one = call('application/json', { n: 1 });
  assert.deepEqual(
    at(one, 'query', 'q').filter(({ value }) => value === undefined),
    [{ value: undefined, breaks: 'required', strict: true }],
  );
  assert.equal(
    at(one, 'query', 's').some(({ value }) => value === undefined),
    false,
  );
  assert.equal(
    at(one, 'body', '').some(({ value }) => value === undefined),
    true,
  );
  const path = at(one, 'path', 'id');
  for (const { value } of path) {
    assert.notEqual(value, undefined);
    const target = render(put(one, { in: 'path', name: 'id' }, value), undefined, new URL('http://h.example/')).target;
    assert.match(target.split('?')[0] as string, /^\/x\/(?!\.{1,2}$)[^/?#]+$/);
  }
});

test('null for what is optional is not strict', () => {
  const one = call('application/json', { n: 1, o: 1 });
  assert.equal(at(one, 'body', '/o').find(({ value }) => value === null)?.strict, false);
});

test('parameters are repeated and encoded twice', () => {
  const one = call('application/json', { n: 1 });
  const repeated = verbatim(at(one, 'query', 's'), 'repeated').map(
    ({ value }) => render(put(one, { in: 'query', name: 's' }, value), undefined, new URL('http://h.example/')).target,
  );
  assert.deepEqual(repeated, ['/x/1?q=2&s=ab&s=ab', '/x/1?q=2&s=ab&s=0']);
  const [twice] = verbatim(at(one, 'query', 's'), 'encoded twice');
  assert.ok(twice?.value instanceof Verbatim);
  assert.equal(twice.value.text, '%2561%2562');
  assert.equal(twice.strict, false, 'who decodes twice has a valid value');
});

test('forms: fields are text, the whole is judged by what is there', () => {
  const form = call('application/x-www-form-urlencoded', { n: 1, o: 2 }, { ...OBJECT, required: ['n'] });
  assert.equal(at(form, 'body', '/n').find(({ value }) => value === '1,000')?.strict, false);
  const whole = at(form, 'body', '');
  assert.deepEqual(
    whole.filter(({ strict }) => strict).map(({ breaks, value }) => [breaks, value]),
    [
      ['required /n', { o: 2 }],
      ['required: empty', {}],
    ],
  );
});

test('multipart: a file in the working body is no fault, and files are left alone', () => {
  const one = call('multipart/form-data', { n: 1, file: FILE });
  assert.deepEqual(at(one, 'body', '/file'), []);
  const strict = at(one, 'body', '').filter((each) => each.strict);
  assert.deepEqual(strict.map(({ breaks }) => breaks).sort(), ['required /file', 'required /n', 'required: empty']);
});

test('of XML and bytes nobody knows what becomes', () => {
  const xml = call('application/xml', { n: 1 });
  assert.deepEqual(
    at(xml, 'body', '/n').filter(({ strict, breaks }) => strict && breaks !== 'required'),
    [],
  );
});

test('what one branch forbids and another allows is not strict', () => {
  const one = call(
    'application/json',
    { n: 3 },
    {
      type: 'object',
      anyOf: [
        { properties: { n: { type: 'integer', maximum: 5 } } },
        { properties: { n: { type: 'integer', maximum: 10 } } },
      ],
    },
  );
  const list = at(one, 'body', '/n');
  assert.equal(list.find(({ value }) => value === 6)?.strict ?? false, false);
  assert.equal(list.find(({ value }) => value === 1_000_005)?.strict, true);
  const when = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    if: { properties: { n: { maximum: 5 } } },
    then: { properties: { s: { const: 'low' } } },
    else: { properties: { s: { const: 'high' } } },
  };
  const two = call('application/json', { n: 3, s: 'low' }, when);
  assert.equal(at(two, 'body', '/n').find(({ breaks }) => breaks === 'type text')?.strict, true);
});

test('an object never falls apart into other parameters', () => {
  const one = call('application/json', { n: 1 });
  for (const each of at(one, 'query', 'q').filter(({ strict }) => strict)) {
    const { target } = render(
      put(one, { in: 'query', name: 'q' }, each.value),
      undefined,
      new URL('http://h.example/'),
    );
    assert.equal(/[?&]q=/.test(target), each.value !== undefined, target);
    assert.doesNotMatch(target, /[?&](?![qs]=)/);
  }
});
