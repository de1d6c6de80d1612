import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { somewhere } from '../classes/class.ts';
import { xpathInjection } from '../classes/xpath-injection.ts';
import { Judge } from '../judge.ts';
import { assertLinear } from '../nosql/fixture.ts';
import { benignValues } from '../testing/benign.ts';
import { XPATH_INJECTION } from '../testing/cases/xpath-injection.ts';
import { corporaMissing, httpParams, libinjection } from '../testing/corpora.ts';

const low = new Judge([xpathInjection], 'low');
const judge = new Judge([xpathInjection], 'default');
const high = new Judge([xpathInjection], 'high');
const QUERY = somewhere('query');

/** Values that look like it and are none. */
const VALUES = [
  "//div[@class='x']/text()",
  '/html/body/div[2]/a',
  '//*[@id="main"]//a[contains(@href, "shop")]',
  'Use //user[name()="a"] or count(//a) in your query.',
  "the boys' and the girls' toys",
  "the boys' or (the girls')",
  "the students' names or position (of 2)",
  "They said 'yes' or 'no' or 'maybe'",
  "rock 'n' roll or 'jazz'",
  "it's true() or not()",
  "the dogs' and cats' count is 2 = two",
  "O'Brien and/or D'Arcy",
  "O'Brien | O'Neill",
  "'a' | 'b' | 'c'",
  "type A = 'x' | 'y' | null;",
  "const a: Array<'x' | 'y'> = ['x'];",
  "a['x'] | b['y']",
  "x['a']/2 + y['b']/3",
  "$a['b'] or $c['d']",
  "items['count'](/re/)",
  'name(s): Ann',
  'count(items) / 2',
  'sum(a) / count(b)',
  'count(*) from orders',
  'substring(name, 1, 2)',
  "contains(Name,'x') or startswith(Name,'y')",
  "contains(Name,'x') and Price gt 5",
  'string(a)/b',
  'id(1) or name(2)',
  'document.getElementById("a") || document.body',
  "document('a')",
  "doc('readme')",
  'doc(s) in /docs',
  'last() || first()',
  '1 or 2 of (them)',
  '3 and count (the days)',
  '2 div 3 mod 4',
  '1] first | 2] second',
  '] | [',
  'for $x in list; do echo $x; done',
  'for $5 in return',
  'let $a := 5; return soon',
  'insert nodes into the tree, then delete nodes',
  'https://example.com//a/b?x=text()',
  '// comment: count(a) or b',
  '//evil',
  '/* a */ or /* b */',
  "'] | grep foo",
  "awk '{print $1}' | sort | uniq",
  "sed 's/a/b/' | tee",
  'x" | y" | z',
  '12" or 14" or 16"',
  "5' or 6'",
  "'self' 'unsafe-inline' https://a.example",
  "default-src 'self'; img-src * data:",
  '[1] | [2]',
  '"a" or "b"',
  '"exact phrase" or "another" and -this',
  "wasn't or ''",
  '**/*.ts | src/*',
  'position(x) = x / 2',
  'f(/a/, /b/)',
  'text(/hello/i)',
  'cy.contains("a") and cy.get(".b")',
  'round(//)',
];

describe('XPath injection', () => {
  it('finds its cases', () => {
    for (const { text, what } of XPATH_INJECTION)
      assert.ok(judge.find(text, QUERY), `${what}: ${JSON.stringify(text)}`);
  });

  it('lets values pass that are none', () => {
    for (const text of VALUES) assert.equal(judge.find(text, somewhere('body')), undefined, text);
    for (const { text } of benignValues(6000)) assert.equal(judge.find(text, somewhere('body')), undefined, text);
  });

  it('finds at each level what the one below finds', () => {
    for (const { text } of XPATH_INJECTION) {
      if (low.find(text, QUERY) !== undefined) assert.ok(judge.find(text, QUERY), text);
      assert.ok(high.find(text, QUERY), text);
    }
    assert.equal(low.find('count(/child::node())', QUERY), undefined);
    assert.ok(low.find("x' or count(/*)=1 or '", QUERY));
  });

  it('points at the quote that ends the literal', () => {
    assert.match(judge.find("root'] | //pin | a['", QUERY)?.span ?? '', /^'\] \| \/\/pin/);
  });

  it('has no false alarms on the corpora', { skip: corporaMissing }, () => {
    const friendly = httpParams()
      .filter(({ type }) => type === 'norm')
      .map(({ text }) => text)
      .concat(libinjection('false_positives').flatMap(({ texts }) => texts));
    assert.deepEqual(
      friendly.filter((text) => judge.find(text, QUERY) !== undefined),
      [],
    );
  });

  it('never throws and answers the same for the same text', () => {
    const pieces = XPATH_INJECTION.map(({ text }) => text).concat([
      "'",
      '"',
      '[',
      ']',
      '/',
      '|',
      '(:',
      ':)',
      '::',
      '\0',
    ]);
    const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, (parts) => {
        const text = parts.join('');
        assert.deepEqual(high.find(text, QUERY), high.find(text, QUERY));
      }),
      { numRuns: 400 },
    );
  });

  it('costs in proportion to the length', () => {
    assertLinear(xpathInjection, [
      "' or ",
      "'",
      '(',
      '[',
      '//a',
      ']|',
      '(:',
      '1 or ',
      'a::',
      '*:',
      'for $a in (',
      'count(/',
    ]);
  });
});
