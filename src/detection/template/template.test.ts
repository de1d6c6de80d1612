// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts have what looks like a placeholder
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, somewhere } from '../classes/class.ts';
import { templateInjection } from '../classes/template-injection.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { TEMPLATE_INJECTION } from '../testing/cases/template-injection.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { HONEST } from './honest.ts';
import { searchTemplate, templateSteps } from './search.ts';

const QUERY = somewhere('query');
const [low, judge, high] = SENSITIVITIES.map((level) => new Judge([templateInjection], level)) as [Judge, Judge, Judge];

describe('template injection', () => {
  it('finds the cases, at each level at least what the level below finds', () => {
    for (const { what, text } of TEMPLATE_INJECTION) {
      assert.equal(judge.find(text, QUERY)?.class, 'template-injection', `${what}: ${text}`);
      assert.ok(high.find(text, QUERY), text);
    }
    assert.ok(low.find('{{ "".__class__.__mro__ }}', QUERY));
    assert.equal(low.find('{{7*7}}', QUERY), undefined);
    assert.ok(high.find('{{ greet("you") }}', QUERY));
    assert.equal(judge.find('{{ greet("you") }}', QUERY), undefined);
  });

  it('tells where and why', () => {
    assert.deepEqual(judge.find("Dear {{ name }}, {{ ['w']|map('system') }}!", QUERY), {
      class: 'template-injection',
      form: 'as sent',
      span: "{{ ['w']|map('system') }}",
      why: 'runs code from a template',
    });
  });

  it('leaves templates and code alone', () => {
    for (const text of HONEST) assert.equal(judge.find(text, QUERY), undefined, text);
    const printed = '"<%s at %x: %s>" % (self.__class__.__name__, self.__class__.__mro__)';
    assert.equal(judge.find(printed, QUERY), undefined);
    assert.equal(judge.find('{k: os.getenv(k) for k in names}', QUERY), undefined);
  });

  it('finds what stands behind honest expressions, long ones, broken ones', () => {
    const attack = '{{ "".__class__.__mro__ }}';
    for (const before of ['{{ name }} '.repeat(500), "{{ ' ", '{{ "a', '{% raw %}{', '{{ x | y: 1 }}', '${a', '<% '])
      assert.ok(judge.find(before + attack, QUERY), before.slice(0, 20));
    const padded = `{{ ${'1,'.repeat(20_000)}"".__class__.__mro__ }}`;
    assert.ok(judge.find(padded, QUERY));
  });

  it('has no false alarm on friendly values', () => {
    const wrong = benignValues(5000).filter(({ text }) => judge.find(text, QUERY) !== undefined);
    assert.deepEqual(wrong, []);
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const lines = payloads('ssti.txt');
    const missed = lines.filter((text) => judge.find(text, QUERY) === undefined);
    assert.ok(missed.length <= lines.length * 0.01, JSON.stringify(missed));
    const benign = [
      ...httpParams().filter(({ type }) => type === 'norm'),
      ...libinjection('false_positives').flatMap(({ texts }) => texts.map((text) => ({ text }))),
    ];
    assert.deepEqual(
      benign.filter(({ text }) => judge.find(text, QUERY) !== undefined),
      [],
    );
  });

  const PIECES = [
    '{{',
    '}}',
    '${',
    '}',
    '{%',
    '%}',
    '<%',
    '#{',
    '"',
    "'",
    '\\"',
    '(',
    ')',
    '[',
    ']',
    '|',
    '.',
    ',',
    '7*7',
  ];
  const MORE = ['a', ' ', '__class__', 'a.b(', '#set(', '@(', '[[', '{', '$a.b(', '<#if ', '`', '\\', '\n'];

  it('costs in proportion to the length, whatever is repeated', () => {
    for (const a of [...PIECES, ...MORE]) {
      for (const b of [...PIECES, ...MORE]) {
        const text = (a + b).repeat(Math.ceil(2000 / (a + b).length));
        const before = templateSteps();
        searchTemplate(text, 'default');
        const steps = templateSteps() - before;
        assert.ok(steps <= text.length * 32 + 20_000, JSON.stringify([a, b, steps]));
      }
    }
  });

  it('never throws and answers the same for the same text', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES, ...MORE), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(text, (pieces) => {
        const value = pieces.join('');
        const found = high.find(value, QUERY);
        assert.deepEqual(found, high.find(value, QUERY));
        if (low.find(value, QUERY)) assert.ok(judge.find(value, QUERY));
        if (judge.find(value, QUERY)) assert.ok(found);
      }),
      { numRuns: 500 },
    );
  });
});
