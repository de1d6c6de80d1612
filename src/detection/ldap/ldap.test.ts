import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { somewhere } from '../classes/class.ts';
import { ldapInjection } from '../classes/ldap-injection.ts';
import { Judge } from '../judge.ts';
import { assertLinear } from '../nosql/fixture.ts';
import { benignValues } from '../testing/benign.ts';
import { LDAP_INJECTION } from '../testing/cases/ldap-injection.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';

const low = new Judge([ldapInjection], 'low');
const judge = new Judge([ldapInjection], 'default');
const high = new Judge([ldapInjection], 'high');
const QUERY = somewhere('query');

/** Values that look like it and are none. */
const VALUES = [
  'f(x) = (a + b)(a - b)',
  '(a=b) and (c=d)',
  '1) first 2) second (x=1)',
  'a) one; b) two (see (c))',
  '1) (x=1)',
  'x) (see below)',
  ':) (uid=1001) works now',
  ';-) (I think)',
  '(:',
  ':)',
  '*)',
  '8*)',
  '*:)',
  'smith*',
  '*smith*',
  '*.txt',
  '* note',
  '**bold** and *(italic)*',
  '(*) required',
  '*)',
  'a(b)c(d)e',
  '((a|b)&(c|d))',
  '(&)',
  '(a && b) || (c && !d)',
  'if (!(a && b) || (c == d)) {}',
  '(?:(a)|(b))(c)*',
  '^(.*)(&|\\|)$',
  '(\\d+)(=\\d+)',
  '(a)(b=1)',
  'sin(x)(x=0)',
  'The filter (&(objectClass=user)(cn=x)) finds nothing since the upgrade.',
  'Use (|(uid=a)(uid=b)) in the search box, please.',
  '(defun f (x) (& x))',
  'int (*f)(int)',
  'void (*)(int*)',
  '*(*p)(&q)',
  'CN=Ann Lee,OU=People,DC=example,DC=com',
  'uid=root,ou=people,dc=example,dc=com',
  'a,b=c,d=e',
  'sort=name,o=asc',
  'Lee, Ann; o=1',
  'dn: uid=a,dc=b\nchangetype: add\nuid: a',
  'C(=O)(O)C',
  'CC(C)(C)c1ccc(cc1)O',
  'N#Cc1ccc(cc1)(F)=O',
  'P(A|B) = P(A & B) / P(B)',
  '(¬A)&(B|C)',
  'margin: calc((a)*(b))',
  'text/html;q=0.9,*/*;q=0.8',
  'foo(bar)(baz=qux)',
  'x=(1)(2)',
  'a)b(c',
  'Ann) Lee (Bob',
  'ok)(',
  'user)name',
];

describe('LDAP injection', () => {
  it('finds its cases', () => {
    for (const { text, what } of LDAP_INJECTION) assert.ok(judge.find(text, QUERY), `${what}: ${JSON.stringify(text)}`);
  });

  it('lets values pass that are none', () => {
    for (const text of VALUES) assert.equal(judge.find(text, somewhere('body')), undefined, text);
    for (const { text } of benignValues(6000)) assert.equal(judge.find(text, somewhere('body')), undefined, text);
  });

  it('finds at each level what the one below finds', () => {
    for (const { text } of LDAP_INJECTION) {
      if (low.find(text, QUERY) !== undefined) assert.ok(judge.find(text, QUERY), text);
      assert.ok(high.find(text, QUERY), text);
    }
    assert.equal(low.find('(&(uid=root)(cn=*))', QUERY), undefined);
    assert.ok(low.find('*)(uid=*', QUERY));
  });

  it('takes a wildcard for harm only at the highest level, in the place of an account', () => {
    const account = { ...QUERY, name: 'username' };
    assert.equal(judge.find('adm*', account), undefined);
    assert.equal(high.find('adm*', QUERY), undefined);
  });

  it('points at the parenthesis that ends the assertion', () => {
    assert.equal(judge.find('root)(cn=*', QUERY)?.span, ')(cn=*');
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    // Lone signs, a wildcard, and a line of XPath are no injections into a filter.
    const none = /^(?:[!&()*|/@]|%2[1689]|%7C|%2A%7C|\*\/\*|\*\||\/\/\*?|@\*|admin\*|x' or name.*)$/;
    const missed = payloads('ldap.txt').filter((text) => !none.test(text) && judge.find(text, QUERY) === undefined);
    assert.deepEqual(missed, []);
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
    const pieces = LDAP_INJECTION.map(({ text }) => text).concat(['(', ')', '*', '&', '|', '!', '=', '\0', ' ', 'cn']);
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
    assertLinear(ldapInjection, [')', '(', ')(cn=', '(&', '*)', 'a=', ' ', ',dc=a', '\n', '\0', ')(cn=*)']);
  });
});
