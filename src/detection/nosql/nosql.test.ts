import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Place, somewhere } from '../classes/class.ts';
import { nosqlInjection } from '../classes/nosql-injection.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { NOSQL_INJECTION } from '../testing/cases/nosql-injection.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { assertLinear } from './fixture.ts';

const low = new Judge([nosqlInjection], 'low');
const judge = new Judge([nosqlInjection], 'default');
const high = new Judge([nosqlInjection], 'high');
const QUERY = somewhere('query');
const NAME: Place = { source: 'body', name: '', key: true };

/** Names that friendly callers send. */
const NAMES = [
  '$filter',
  '$select',
  '$top',
  '$skip',
  '$orderby',
  '$expand',
  '$count',
  '$search',
  '$format',
  '$ref',
  '$schema',
  '$id',
  '$defs',
  '$comment',
  '$anchor',
  '$type',
  '$values',
  '$oid',
  '$date',
  '$numberLong',
  '$$hashKey',
  '$set',
  '$set_once',
  '$os',
  '$browser',
  '$current_url',
  '$value',
  '$description',
  '$text',
  '$t',
  '$',
  '$1',
  'US$',
  'price$',
  'items.$.name',
  'filter[name]',
  'filter[name][eq]',
  'page[size]',
  'sort[-date]',
  'where[$name]',
  'a[$]',
  'not',
  'or',
  'AT&T',
  '&gt;',
  'R&D',
  'script',
  'script_name',
  '@odata.type',
  'user.name',
  '$inside',
  '$organization',
  '$entity',
  '$invoice_in',
];

/** Values that look like it and are none. */
const VALUES = [
  'costs $100, $120 or $in between',
  '$5 or more',
  'pay with $ or €',
  "$filter=Name eq 'O''Brien' and Price gt 10&$top=5",
  '$(document).ready(function () { return true; });',
  "$('.a').on('click', function (e) { e.preventDefault(); });",
  'Use `{ $gt: 5 }` in the query, or `$in`.',
  'In MongoDB write db.users.find({ age: { $gt: 18 } }) to list adults.',
  'db.session.add(user); db.session.commit()',
  'How does $where work? I read it runs JavaScript.',
  '{ "$ref": "#/components/schemas/Pet" }',
  '{"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"x","type":"object","$defs":{}}',
  '{"$type":"My.App.Order, My.App","id":1}',
  '{"_id":{"$oid":"507f1f77bcf86cd799439011"},"at":{"$date":"2026-01-01T00:00:00Z"}}',
  '{"event":"signup","properties":{"$set":{"plan":"pro"},"$os":"Linux"}}',
  '{"color":{"$type":"color","$value":"#fff"}}',
  '$size: 12px; $in: 3; .a { width: $size; }',
  "it's ok; return it if it isn't",
  "the boys'; return soon",
  "They said 'no'; while (as ever) we waited",
  'items.filter((x) => x.a === this.b || x.c).map((x) => x.d)',
  'function add(a, b) { return a + b; }',
  'function () { console.log("hi"); }',
  "const f = function (x) { return x + ';'; };",
  "if (a == '' || b == '') { return; }",
  "a = b || ''; c = d && '';",
  "['a', 'b'].join(', '); return x;",
  "x.split(',')[0] || 'none'",
  'this.state = { a: 1 }; this.name = name;',
  'return to sender',
  '1; 2; 3',
  '3 || 4 people came',
  '10 && counting',
  '1; path=/; HttpOnly',
  'max-age=0; return visits welcome',
  'true, or so they say',
  'Match (home) and return ticket',
  'Please match (x) to y; set a.b = c when done; delete n',
  "The students' match (finals) or the teachers' return",
  "O'Brien) OR (McDonald return tickets",
  'Cypher: MATCH finds, RETURN returns, DETACH DELETE deletes.',
  'call db owners; call dbms vendor',
  'Hello,\r\nset the table and get the plates\r\nBye',
  'Dear all,\r\n\r\nGET well soon!\r\nSELECT a gift\r\n',
  'todo\nset alarm\nget milk\ndel old files',
  'shopping\nSET menu\nGET 2 apples and pears',
  '* 1 item\n$5 each',
  'query { users(filter: {age: {gt: 3}}) { id } }',
  'query($id: ID!) { user(id: $id) { name } }',
  '{user{name,age}}',
  '{!account.name} and {!$User.FirstName}',
  '{{#each in}}$' + '{amount}{{/each}}',
  '{{#if $in}}a{{/if}}',
  '{"a":1,"b":[{"c":"$x"}],"d":"$or"}',
  'echo $PATH; return 1',
  'for i in 1 2 3; do echo $i; done',
  'jQuery.$ne',
  '^\\$[0-9]+(\\.[0-9]{2})?$',
  'https://app.example/items?filters[name][$eq]=x&sort=a',
  'See https://strapi.example/api?filters[a][$contains]=b for an example.',
  '}, { "a": 1 }',
  "'; -- '; '; ",
  '";";";',
  "rock 'n' roll || jazz",
  "'||'",
  '" || "',
  '// comment; return null;',
  '[$1,$2]',
  '{$name}',
  '{$user.name}: {$user.age}',
];

describe('NoSQL injection', () => {
  it('finds its cases', () => {
    for (const { text, place, what } of NOSQL_INJECTION)
      assert.ok(judge.find(text, { ...QUERY, ...place }), `${what}: ${JSON.stringify(text)}`);
  });

  it('lets names pass that other languages have', () => {
    for (const text of NAMES) assert.equal(judge.find(text, NAME), undefined, text);
  });

  it('lets values pass that are none', () => {
    for (const text of VALUES) assert.equal(judge.find(text, somewhere('body')), undefined, text);
    for (const { text } of benignValues(6000)) assert.equal(judge.find(text, somewhere('body')), undefined, text);
  });

  it('takes an operator for one only where a name stands', () => {
    for (const text of ['$ne', '$gt', 'user[$ne', '$group'])
      assert.equal(judge.find(text, somewhere('body')), undefined, text);
    assert.ok(judge.find('$ne', NAME));
    assert.equal(judge.find('$NE', NAME), undefined);
    assert.equal(judge.find('$set', NAME), undefined);
    assert.ok(judge.find('a[$set]', NAME));
    assert.ok(high.find('$set', NAME));
  });

  it('finds at each level what the one below finds', () => {
    for (const { text, place } of NOSQL_INJECTION) {
      const where = { ...QUERY, ...place };
      if (low.find(text, where) !== undefined) assert.ok(judge.find(text, where), text);
      assert.ok(high.find(text, where), text);
    }
    assert.equal(low.find('$ne', NAME), undefined);
    assert.ok(low.find('$where', NAME));
    assert.equal(low.find('db.notes.find({})', QUERY), undefined);
  });

  it('points at the harmful part', () => {
    assert.deepEqual(judge.find('login[$ne]', NAME)?.span, '$ne');
    assert.match(judge.find("root'; return true; //", QUERY)?.span ?? '', /^'; return true/);
  });

  it('reaches its marks on the corpora', { skip: corporaMissing }, () => {
    const missed = payloads('nosql.txt').filter((text) => judge.find(text, QUERY) === undefined);
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
    const pieces = NOSQL_INJECTION.map(({ text }) => text).concat([
      "'",
      '"',
      '$',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '\0',
      '//',
    ]);
    const texts = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, fc.boolean(), (parts, key) => {
        const text = parts.join('');
        assert.deepEqual(high.find(text, { ...QUERY, key }), high.find(text, { ...QUERY, key }));
      }),
      { numRuns: 400 },
    );
  });

  it('costs in proportion to the length', () => {
    assertLinear(nosqlInjection, [
      "' || ",
      "x',",
      '[$x',
      '{$x:',
      '\r\n*1',
      "') ",
      "'or ",
      '1||',
      '/*',
      '(',
      ', a:',
      'match(a) ',
    ]);
  });
});
