import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, somewhere } from '../classes/class.ts';
import { codeInjection } from '../classes/code-injection.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { CODE_INJECTION } from '../testing/cases/code-injection.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { FRIENDLY } from './friendly.ts';

const judges = Object.fromEntries(SENSITIVITIES.map((level) => [level, new Judge([codeInjection], level)])) as Record<
  (typeof SENSITIVITIES)[number],
  Judge
>;
const QUERY = somewhere('query');
const BODY = somewhere('body');
const found = (text: string) => judges.default.find(text, BODY);

describe('code injection', () => {
  it('finds its cases', () => {
    for (const { text, place, what } of CODE_INJECTION)
      assert.ok(judges.default.find(text, { ...QUERY, ...place }), `${what}: ${JSON.stringify(text)}`);
  });

  it('leaves friendly texts alone', () => {
    for (const text of FRIENDLY) {
      const match = found(text);
      assert.equal(match, undefined, JSON.stringify([text, match]));
    }
    const wrong = benignValues(11_000).filter(({ text }) => found(text) !== undefined);
    assert.deepEqual(wrong, []);
  });

  it('finds more at each level, and never less', () => {
    for (const text of CODE_INJECTION.map((each) => each.text).concat(FRIENDLY)) {
      if (judges.low.find(text, BODY)) assert.ok(judges.default.find(text, BODY), text);
      if (judges.default.find(text, BODY)) assert.ok(judges.high.find(text, BODY), text);
    }
    assert.ok(judges.low.find("';system('id');//", BODY));
    assert.equal(judges.low.find(';phpinfo();', BODY), undefined);
    assert.equal(found('We call exec("ls") in the build'), undefined);
    assert.ok(judges.high.find('We call exec("ls") in the build', BODY));
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const labelled = httpParams();
    assert.deepEqual(
      labelled.filter((each) => each.type === 'norm' && found(each.text) !== undefined),
      [],
    );
    const fine = libinjection('false_positives').flatMap(({ texts }) => texts);
    assert.deepEqual(
      fine.filter((text) => found(text) !== undefined),
      [],
    );
    const calls = payloads('command.txt').filter((text) => /^[^"<]{0,12}(?:system|exec|eval|phpinfo)\(/.test(text));
    assert.deepEqual(
      calls.filter((text) => found(text) === undefined),
      [],
    );
  });

  it('never throws and answers the same for the same text', () => {
    const piece = fc.constantFrom(...PIECES);
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(piece, { maxLength: 40 }).map((each) => each.join('')),
    );
    fc.assert(
      fc.property(text, (each) => {
        assert.deepEqual(judges.high.find(each, QUERY), judges.high.find(each, QUERY));
        if (judges.low.find(each, BODY)) assert.ok(judges.default.find(each, BODY));
        if (judges.default.find(each, BODY)) assert.ok(judges.high.find(each, BODY));
      }),
      { numRuns: 2000 },
    );
  });

  it('does not grow faster than the text, whatever is repeated', () => {
    const time = (text: string): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const start = performance.now();
        codeInjection.search({ name: 'as sent', text, features: -1 }, BODY, 'default');
        best = Math.min(best, performance.now() - start);
      }
      return best;
    };
    for (const a of PIECES) {
      for (const b of ['', ' ', '(', "'", 'x']) {
        const text = (a + b).repeat(Math.ceil(2000 / (a + b).length));
        // Eight times the length: more than forty times the time is no straight line.
        assert.ok(time(text.repeat(8)) <= time(text) * 40 + 5, JSON.stringify([a, b]));
      }
    }
  });
});

const PIECES = [
  'system(',
  "system('id')",
  '__class__.',
  '__import__(',
  '.exec(',
  ')(',
  "'.'",
  '$' + '{',
  '$' + '{@',
  '$_GET[',
  '<?php ',
  '<%',
  '<?=',
  '%>',
  '?>',
  "require('fs').",
  'constructor',
  'a.b',
  '((',
  '))',
  "'",
  '"',
  '`',
  ';',
  '\n',
  'new ',
  'eval(',
  'print ',
  '#{',
  '$a(',
  '$a=',
  '%x(',
  'word ',
  '\ud800',
  '\0',
  'İ',
  'Function("',
  'md5(1',
  '=>',
  '[0]',
  '/*',
  '*/',
];
