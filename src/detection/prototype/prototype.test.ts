import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, somewhere } from '../classes/class.ts';
import { prototypePollution } from '../classes/prototype-pollution.ts';
import { Judge } from '../judge.ts';
import { HONEST } from '../template/honest.ts';
import { benignValues } from '../testing/benign.ts';
import { PROTOTYPE_POLLUTION } from '../testing/cases/prototype-pollution.ts';
import { corporaMissing, httpParams, libinjection } from '../testing/corpora.ts';

const BODY = somewhere('body');
const KEY = { ...BODY, key: true };
const [low, judge, high] = SENSITIVITIES.map((level) => new Judge([prototypePollution], level)) as [
  Judge,
  Judge,
  Judge,
];

const NAMES = [
  'constructor',
  'prototype',
  'constructors',
  'constructorName',
  'proto',
  '_proto_',
  '__typename',
  '__init__.py',
  '__class__',
  '__VIEWSTATE',
  'filter[constructor]',
  'prototype.id',
];
const VALUES = [
  '__proto__',
  'constructor',
  'constructor.name',
  'What is __proto__ in JavaScript?',
  'obj.__proto__ = Example.prototype;',
  'Example.prototype.draw = function () {}',
  'Object.prototype.toString.call(x)',
  'https://docs.example/Object/__proto__',
  'src/app/constructor/prototype.ts',
  '__init__.py',
  'self.__class__.__name__',
  'super().__init__(*args)',
  'class A { constructor(private x: number) {} }',
  'if (key === "__proto__" || key === "constructor") continue;',
];

describe('prototype pollution', () => {
  it('finds the cases', () => {
    for (const { what, text, place } of PROTOTYPE_POLLUTION) {
      const where = { ...BODY, ...place };
      assert.equal(judge.find(text, where)?.class, 'prototype-pollution', `${what}: ${text}`);
      assert.ok(high.find(text, where), text);
    }
    assert.ok(low.find('__proto__', KEY));
    assert.equal(low.find('/__proto__/admin', BODY), undefined);
    assert.ok(high.find('prototype', KEY));
    assert.ok(high.find('__proto__', BODY));
  });

  it('leaves names of data, prose and code alone', () => {
    for (const text of NAMES) assert.equal(judge.find(text, KEY), undefined, text);
    for (const text of [...VALUES, ...HONEST]) assert.equal(judge.find(text, BODY), undefined, text);
  });

  it('has no false alarm on friendly values, as values and as names', { skip: corporaMissing }, () => {
    const values = [
      ...benignValues(5000),
      ...httpParams().filter(({ type }) => type === 'norm'),
      ...libinjection('false_positives').flatMap(({ texts }) => texts.map((text) => ({ text }))),
    ];
    for (const place of [BODY, KEY])
      assert.deepEqual(
        values.filter(({ text }) => judge.find(text, place) !== undefined),
        [],
      );
  });

  it('never throws and answers the same for the same text', () => {
    const pieces = [
      '__proto__',
      'constructor',
      'prototype',
      '__class__',
      '__init__',
      '.',
      '[',
      ']',
      '"',
      '/',
      '?',
      '&',
      '=',
      '%5B',
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (parts, key) => {
        const value = parts.join('');
        const place = key ? KEY : BODY;
        const found = high.find(value, place);
        assert.deepEqual(found, high.find(value, place));
        if (low.find(value, place)) assert.ok(judge.find(value, place));
        if (judge.find(value, place)) assert.ok(found);
      }),
      { numRuns: 1000 },
    );
  });
});
