import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { somewhere } from './classes/class.ts';
import { CLASSES } from './classes/index.ts';
import { featuresOf } from './features.ts';
import { formsOf } from './forms.ts';
import { Judge } from './judge.ts';
import { searchSql, sqlSteps } from './sql/search.ts';
import { benignValues } from './testing/benign.ts';
import { CASES } from './testing/cases/index.ts';
import { corporaMissing, httpParams, libinjection, payloads } from './testing/corpora.ts';
import { undecidable } from './testing/undecidable.ts';

const QUERY = somewhere('query');
const BODY = somewhere('body');
const judge = new Judge(CLASSES, 'default');
const rate = (texts: readonly string[]): number =>
  texts.filter((text) => judge.find(text, QUERY) !== undefined).length / Math.max(1, texts.length);

describe('judge', () => {
  it('finds the cases of the project, each by its class', () => {
    for (const each of CASES) {
      const found = judge.find(each.text, { ...QUERY, ...each.place });
      assert.ok(found, `${each.what}: ${JSON.stringify(each.text)}`);
      if (each.class === 'sql-injection') assert.equal(found.class, each.class, each.text);
      assert.ok(found.span.length <= 121);
    }
  });

  it('leaves friendly values alone: at most 0.02 % false', () => {
    const values = benignValues(11_000);
    const wrong = values.filter(({ text }) => judge.find(text, BODY) !== undefined);
    assert.ok(wrong.length <= values.length * 0.0002, JSON.stringify(wrong.slice(0, 5)));
  });

  it('is stricter at each level', () => {
    const low = new Judge(CLASSES, 'low');
    const high = new Judge(CLASSES, 'high');
    for (const { text, place } of CASES) {
      const at = { ...QUERY, ...place };
      if (low.find(text, at)) assert.ok(judge.find(text, at), text);
      assert.ok(high.find(text, at), text);
    }
    assert.equal(low.find('select * from users', QUERY), undefined);
    assert.ok(low.find("x' union select 1,2--", QUERY));
    assert.equal(judge.find("the boys' and 3", QUERY), undefined);
    assert.ok(high.find("the boys' and 3", QUERY));
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const labelled = httpParams();
    const of = (type: string): string[] => labelled.filter((each) => each.type === type).map((each) => each.text);
    assert.ok(rate(of('sqli')) >= 0.999);
    assert.ok(rate(of('norm')) <= 0.0002);
    assert.ok(rate(libinjection('sqli-').flatMap(({ texts }) => texts)) >= 0.995);
    assert.ok(rate(libinjection('false_positives').flatMap(({ texts }) => texts)) <= 0.02);
    assert.ok(rate(payloads('sqli.txt')) >= 0.99);
    // Of the lines that are attacks as they stand.
    const attacks = (texts: readonly string[]): string[] => texts.filter((text) => undecidable(text) === undefined);
    assert.ok(rate(attacks(of('xss'))) >= 0.997);
    assert.ok(rate(attacks(of('path-traversal'))) >= 0.999);
    assert.ok(rate(attacks(of('cmdi'))) >= 0.96);
    assert.ok(rate(attacks(libinjection('xss-').flatMap(({ texts }) => texts))) >= 0.995);
    for (const name of ['xss', 'command', 'traversal', 'ssti', 'ldap', 'nosql', 'crlf'])
      assert.ok(rate(attacks(payloads(`${name}.txt`))) >= 0.99, name);
  });
});

const PIECES = [
  "'",
  '"',
  '`',
  '(',
  ')',
  '/*',
  '*/',
  '/*!',
  '--',
  '#',
  '\n',
  ';',
  ',',
  '=',
  '+',
  '||',
  '.',
  '[',
  ']',
  '@',
  '\\',
  '{',
  '%25',
  '%27',
  '&#x26;',
  '&#39;',
  '\\u0027',
  '0x2e',
  '..',
  '../',
  '....//',
  '\0',
  '’',
  'ｓ',
  'select ',
  'select a,',
  'union ',
  'union select ',
  'or ',
  'and ',
  '1=',
  "'x'",
  'case when ',
  'sleep(',
  'sleep/*',
  'order by ',
  'from ',
  'a.',
  'x.[',
  "n'",
  'declare @',
  'begin ',
  'if(',
  'exec ',
  'in boolean ',
  'drop table ',
  ' ',
  '1',
  'a',
];

/** Tokens that all forms of a text cost, SQL only. */
function steps(text: string): number {
  const before = sqlSteps();
  const features = featuresOf(text);
  for (const form of [{ text, features }, ...formsOf(text, features)]) searchSql(form.text, form.features, 'high');
  return sqlSteps() - before;
}

describe('cost', () => {
  it('stays in proportion to the length, whatever is repeated', () => {
    for (const a of PIECES) {
      for (const b of PIECES) {
        const text = (a + b).repeat(Math.ceil(3000 / (a + b).length));
        assert.ok(steps(text) <= text.length * 60 + 2000, JSON.stringify([a, b, steps(text), text.length]));
        judge.find(text, BODY);
      }
    }
  });

  it('is the same for longer texts: twice the length, twice the tokens', () => {
    for (const piece of PIECES) {
      const one = steps(piece.repeat(2000));
      const four = steps(piece.repeat(8000));
      assert.ok(four <= one * 6 + 2000, JSON.stringify([piece, one, four]));
    }
  });

  it('never throws and answers the same for the same text', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(text, (pieces) => {
        const value = pieces.join('');
        assert.deepEqual(judge.find(value, BODY), judge.find(value, BODY));
        assert.ok(steps(value) <= value.length * 60 + 2000);
      }),
      { numRuns: 500 },
    );
  });
});
