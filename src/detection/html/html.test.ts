import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { somewhere } from '../classes/class.ts';
import { crossSiteScripting } from '../classes/cross-site-scripting.ts';
import { featuresOf } from '../features.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { CROSS_SITE_SCRIPTING } from '../testing/cases/cross-site-scripting.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { ScriptJudge } from './script.ts';
import { ScriptLexer } from './script-lexer.ts';
import { readTag } from './tag.ts';
import { FRIENDLY } from './testing/friendly.ts';
import { schemeOf } from './urls.ts';
import { COULD, Looks, NONE, RUNS, SURE } from './weights.ts';

const QUERY = somewhere('query');
const BODY = somewhere('body');
const low = new Judge([crossSiteScripting], 'low');
const judge = new Judge([crossSiteScripting], 'default');
const high = new Judge([crossSiteScripting], 'high');
const missed = (texts: readonly string[]): string[] => texts.filter((text) => judge.find(text, QUERY) === undefined);

describe('cross-site scripting', () => {
  it('finds the cases', () => {
    for (const { what, text } of CROSS_SITE_SCRIPTING)
      assert.ok(judge.find(text, QUERY), `${what}: ${JSON.stringify(text)}`);
  });

  it('leaves honest markup, code and prose alone', () => {
    for (const text of FRIENDLY) assert.equal(judge.find(text, BODY)?.why, undefined, JSON.stringify(text));
    const wrong = benignValues(11_000).filter(({ text }) => judge.find(text, BODY) !== undefined);
    assert.deepEqual(wrong, []);
  });

  it('finds at each level what the level below finds', () => {
    for (const text of [...CROSS_SITE_SCRIPTING.map((each) => each.text), ...FRIENDLY]) {
      if (low.find(text, QUERY)) assert.ok(judge.find(text, QUERY), text);
      if (judge.find(text, QUERY)) assert.ok(high.find(text, QUERY), text);
    }
    const page = '<button onclick="save()">Save</button>';
    assert.equal(low.find(page, BODY), undefined);
    assert.ok(judge.find(page, BODY));
    const shown = `Write \`${page}\` in the form`;
    assert.equal(judge.find(shown, BODY), undefined);
    assert.ok(high.find(shown, BODY));
    assert.ok(judge.find('Write `<button onclick="alert(1)">` in the form', BODY), 'a proof is one in code too');
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const scripts = libinjection('xss-').flatMap(({ texts }) => texts);
    assert.ok(missed(scripts).length <= scripts.length * 0.02);
    const labelled = httpParams();
    const of = (type: string): string[] => labelled.filter((each) => each.type === type).map((each) => each.text);
    assert.ok(missed(of('xss')).length <= of('xss').length * 0.045);
    // Lone names of events run nothing.
    const listed = payloads('xss.txt').filter((text) => !/^[a-z]+$/i.test(text));
    assert.deepEqual(missed(listed), []);
    for (const friendly of [of('norm'), libinjection('false_positives').flatMap(({ texts }) => texts)])
      assert.equal(missed(friendly).length, friendly.length);
    // What only databases are harmed by is none of its business.
    assert.equal(missed(of('sqli')).length, of('sqli').length);
  });
});

describe('reading of tags', () => {
  const attributes = (text: string, ticks = false): string[] =>
    readTag(text, 0, text.length, ticks).attributes.map(({ name, value }) => `${name}|${value}`);

  it('follows the states of the standard', () => {
    assert.deepEqual(attributes('<a b=c d="e>f" g=\'h\'i=j/k l>'), ['b|c', 'd|e>f', 'g|h', 'i|j/k']);
    assert.deepEqual(attributes('<a/b=1/c=2>'), ['b|1/c=2']);
    assert.deepEqual(attributes('<a b="1"c=2>'), ['b|1', 'c|2']);
    assert.deepEqual(attributes('<a b'), []);
    assert.equal(readTag('<A:b c>d', 0, 8, false).name, 'a:b');
    assert.equal(readTag('<a b="c>', 0, 8, false).closed, false);
    assert.equal(readTag('<a b="c">', 0, 9, false).end, 9);
  });

  it('takes backticks for quotes only where told', () => {
    assert.deepEqual(attributes('<a b=`c d`e=f>'), ['b|`c', 'd`e|f']);
    assert.deepEqual(attributes('<a b=`c d`e=f>', true), ['b|c d', 'e|f']);
    assert.equal(readTag('<a b=`c`>', 0, 9, false).ticks, true);
  });
});

describe('reading of script', () => {
  const script = new ScriptJudge();
  const weigh = (text: string, behind = false): number => {
    script.read(text, 0, text.length, behind);
    return script.weight;
  };

  it('tells what calls, what only is, and what is no script', () => {
    assert.equal(weigh('alert(1)'), SURE);
    assert.equal(weigh('save(1)'), RUNS);
    assert.equal(weigh('a + b[1]'), COULD);
    assert.equal(weigh('x.y = 1'), RUNS);
    assert.equal(weigh('these are words (and more)'), NONE);
    assert.equal(weigh('1alert(1)'), NONE);
    assert.equal(weigh('if (a) b(); else c()'), RUNS);
    assert.equal(weigh('for (i of x) /a(b)"/.test(i)'), RUNS);
    assert.equal(weigh("'alert(1)'"), COULD);
    assert.equal(weigh('/* alert(1) */ 1 // alert(1)'), COULD);
    assert.equal(weigh('console.alert(1)'), RUNS);
    assert.equal(weigh('self.alert(1)'), SURE);
    assert.equal(weigh('\\u0061lert(1)'), SURE);
    assert.equal(weigh('a=alert,a(1)'), SURE);
  });

  it('goes on behind a string only with an operator or an end', () => {
    assert.equal(weigh('-alert(1)-', true), SURE);
    assert.equal(weigh('s alert(1)', true), NONE);
    assert.equal(weigh(' alert(1)', true), NONE);
  });
});

describe('schemes', () => {
  it('are read as browsers read them', () => {
    assert.equal(schemeOf(' \u0001java\tscr\nipt:x')?.scheme, 'javascript');
    assert.equal(schemeOf('HTTP://x')?.scheme, 'http');
    assert.equal(schemeOf('/a:b'), undefined);
    assert.equal(schemeOf('no scheme'), undefined);
  });
});

const PIECES =
  '<|<a |<a "|<a \'|<a `|<a x=`|<script>|<script>a;|<style>|</style|<!--|-->|<?|<!ENTITY |\'|"|`|(|)|=| onx=| onload=|onload=a(|javascript:|j\t|:|data:text/html,|{{|${|}}|&{|+ADw-|alert(|[|]|/*|*/|//|\n|\\|\\u|\0|&lt;|&#|expression(|a| |;|.|<textarea>|srcdoc="<|<a b="&lt;|<svg><style>&lt;|\ud800'.split(
    '|',
  );

/** Looks and tokens that one form of a text costs. */
function steps(text: string): number {
  const before = Looks.spent + ScriptLexer.steps;
  crossSiteScripting.search({ name: 'as sent', text, features: featuresOf(text) }, BODY, 'low');
  return Looks.spent + ScriptLexer.steps - before;
}

describe('cost', () => {
  it('stays in proportion to the length, whatever is repeated', () => {
    for (const a of PIECES)
      for (const b of PIECES) {
        const text = (a + b).repeat(Math.ceil(1500 / (a + b).length));
        const cost = steps(text);
        assert.ok(cost <= text.length * 250 + 20_000, JSON.stringify([a, b, cost, text.length]));
      }
  });

  it('is the same for longer texts: four times the length, four times the steps', () => {
    for (const piece of PIECES) {
      const one = steps(piece.repeat(2000));
      const four = steps(piece.repeat(8000));
      assert.ok(four <= one * 6 + 20_000, JSON.stringify([piece, one, four]));
    }
  });

  it('never throws and answers the same for the same text', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 120,
    });
    fc.assert(
      fc.property(text, (pieces) => {
        const value = pieces.join('');
        const found = judge.find(value, BODY);
        assert.deepEqual(judge.find(value, BODY), found);
        if (low.find(value, BODY)) assert.ok(found);
        if (found) assert.ok(high.find(value, BODY));
      }),
      { numRuns: 500 },
    );
  });
});
