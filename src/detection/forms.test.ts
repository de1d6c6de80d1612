import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { featuresOf } from './features.ts';
import { decodeBase64 } from './forms/base64.ts';
import { decodeEntities } from './forms/entities.ts';
import { decodeEscapes } from './forms/escapes.ts';
import { foldWide } from './forms/fold.ts';
import { jsonTexts } from './forms/json.ts';
import { decodePercent } from './forms/percent.ts';
import { formsOf } from './forms.ts';

describe('normal forms', () => {
  it('percent-decodes as tolerant servers do', () => {
    for (const [text, plain] of [
      ['a%27b', "a'b"],
      ['%C3%A9', 'é'],
      ['%F0%9F%98%80', '😀'],
      ['%c0%ae%c0%af', './'],
      ['%c0%2e%c0%2f%c0%5c', './\\'],
      ['%c1%9c', '\\'],
      ['%e0%80%af%f0%80%80%af', '//'],
      ['%u0027%u2215', "'\u2215"],
      ['100% %zz %', '100% %zz %'],
      ['%%32%65', '%2e'],
      ['a+b%20', 'a b '],
      ['%ff%fe', 'ÿþ'],
    ] as const)
      assert.equal(decodePercent(text, false), plain, text);
    assert.equal(decodePercent('%c0%qf%bg%qf', true), '//');
  });

  it('decodes entities, escapes, wide forms, base64 and JSON', () => {
    assert.equal(
      decodeEntities('&#39;&#x27;&apos;&quot&lt;&unknown;&#xD800;&#99999999;'),
      `'''"<&unknown;&#xD800;&#99999999;`,
    );
    assert.equal(decodeEntities('&lbrace;&#x00000000027;&#0000000000039;&#0;&#;'), "{''\0&#;");
    assert.equal(decodeEntities('&ltb&gtx&ltscript&gtm=1&lang=en&AMPx'), '<b>x<script&gtm=1&lang=en&x');
    assert.equal(decodeEscapes('\\u0027\\x27\\u{27}\\u{110000}\\q'), "'''\\u{110000}\\q");
    assert.equal(foldWide('ｏｒ １＝１ ’“”∕＼\u200b'), `or 1=1 '""/\\`);
    assert.equal(foldWide('漢字 – 한국어 …'), '漢字 – 한국어 …');
    assert.equal(decodeBase64(Buffer.from("x' or 1=1--").toString('base64')), "x' or 1=1--");
    assert.equal(decodeBase64('customerNumber42'), undefined);
    assert.deepEqual(jsonTexts('{"ab":["cd",{"ef":"gh"}],"n":1}')?.texts, [
      { text: 'ab', key: true, within: '' },
      { text: 'cd', key: false, within: '' },
      { text: 'ef', key: true, within: 'ab' },
      { text: 'gh', key: false, within: '' },
    ]);
    assert.equal(jsonTexts('{not json'), undefined);
    assert.equal(jsonTexts('{"a":1} and so on'), undefined);
  });

  it('knows whether it took every string out of JSON', () => {
    assert.equal(jsonTexts(' [{"ab":"c\\\\","d\\"e":[]},{"ab":"c\\\\"},""]\n')?.complete, true);
    assert.equal(jsonTexts('{"ab":"cd","ab":"ef"}')?.complete, false);
    assert.equal(jsonTexts(`${'['.repeat(70)}"ab"${']'.repeat(70)}`)?.complete, false);
    assert.equal(jsonTexts(`[${'"ab",'.repeat(20_000)}1]`)?.complete, true);
    assert.equal(jsonTexts(JSON.stringify(Array.from({ length: 10_001 }, (_, i) => `a${i}`)))?.complete, false);
  });

  it('takes layers off, but not without end', () => {
    const names = formsOf('x%252527%20%26%2339%3B', featuresOf('x%252527%20%26%2339%3B')).map((each) => each.text);
    assert.ok(names.some((text) => text.includes("''") || text.includes("x' '")));
    const deep = `${'%25'.repeat(500)}27`;
    assert.ok(formsOf(deep, featuresOf(deep)).length <= 8);
  });

  it('never throws, never grows beyond a small factor, answers the same for the same text', () => {
    const unit = fc.constantFrom(
      '%',
      '25',
      '27',
      '%u00',
      '&#x',
      '&#',
      ';',
      '\\u',
      '\\x',
      '{',
      '’',
      'Ａ',
      '\ud835',
      '\udc00',
      'ﷺ',
      '+',
      'a',
      '\0',
      '%c0',
      '%f0%80',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 300 }), (units) => {
        const text = units.join('');
        const forms = formsOf(text, featuresOf(text));
        assert.ok(forms.length <= 8);
        for (const form of forms) assert.ok(form.text.length <= text.length * 3 + 8);
        assert.deepEqual(formsOf(text, featuresOf(text)), forms);
      }),
      { numRuns: 300 },
    );
  });
});
