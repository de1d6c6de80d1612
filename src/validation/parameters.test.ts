import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../gateway/exchange.ts';
import type { Violation } from '../gateway/refusal.ts';
import { exchangeOf, parameter } from './fixture.ts';
import {
  compile,
  INTEGER,
  INTEGERS,
  passes,
  plain,
  query,
  RGB,
  refused,
  refusedQuery,
  TEXT,
  TEXTS,
} from './fixture-parameters.ts';

describe('query parameters', () => {
  it('have the type the contract says, never a guess', () => {
    const judge = compile([
      parameter({ name: 'i', schema: INTEGER }),
      parameter({ name: 's', schema: TEXT }),
      parameter({ name: 'n', schema: { type: 'number' } }),
      parameter({ name: 'b', schema: { type: 'boolean' } }),
      parameter({ name: 'any', schema: {} }),
      parameter({ name: 'none' }),
      parameter({ name: 'e', schema: { enum: [1, 2] } }),
    ]);
    assert.deepEqual(query(judge, 'i=12&s=12&n=1e3&b=true&any=12&none=true&e=2'), {
      i: 12,
      s: '12',
      n: 1000,
      b: true,
      any: '12',
      none: 'true',
      e: 2,
    });
    for (const text of [
      '1e3',
      '0x1',
      '%201',
      '%2B1',
      '+1',
      '01',
      '%D9%A1',
      'NaN',
      '1.0',
      '',
      '9007199254740993',
      'true',
    ])
      assert.deepEqual(refusedQuery(judge, `i=${text}`), ['/i'], text);
    for (const text of ['True', '1', 'yes', 'on', '']) assert.deepEqual(refusedQuery(judge, `b=${text}`), ['/b'], text);
    assert.deepEqual(refusedQuery(judge, 'e=3'), ['/e']);
  });

  it('of several types take the narrowest form that the schema allows', () => {
    const judge = compile([
      parameter({ name: 'a', schema: { anyOf: [INTEGER, { type: 'string', enum: ['all'] }] } }),
      parameter({ name: 'b', schema: { enum: ['1', 2, null] } }),
      parameter({ name: 'c', schema: { type: ['integer', 'null'] } }),
    ]);
    assert.deepEqual(query(judge, 'a=5&b=1&c=null'), { a: 5, b: '1', c: null });
    assert.deepEqual(query(judge, 'a=all&b=2'), { a: 'all', b: 2 });
    assert.deepEqual(refusedQuery(judge, 'a=some'), ['/a']);
    assert.deepEqual(refusedQuery(judge, 'c=x'), ['/c']);
  });

  it('are judged by the whole schema, all violations at once and without the values', () => {
    const judge = compile([
      parameter({ name: 'i', schema: { type: 'integer', maximum: 10 } }),
      parameter({ name: 's', schema: { type: 'string', maxLength: 3 }, required: true }),
    ]);
    const violations = refused(judge, { query: 'i=11&evil=secretvalue' });
    assert.deepEqual(violations.map((each) => each.pointer).sort(), ['/evil', '/i', '/s']);
    assert.ok(!JSON.stringify(violations).includes('secretvalue'));
    assert.deepEqual(refusedQuery(judge, 's=abcd'), ['/s']);
    assert.deepEqual(
      refused(judge, {}).map((each) => each.pointer),
      ['/s'],
    );
  });

  it('are refused when given twice, unless arrays', () => {
    const judge = compile([parameter({ name: 'a', schema: INTEGER }), parameter({ name: 'l', schema: INTEGERS })]);
    assert.deepEqual(refusedQuery(judge, 'a=1&a=1'), ['/a']);
    assert.deepEqual(refusedQuery(judge, 'a=1&%61=2'), ['/a']);
    assert.deepEqual(query(judge, 'l=1&a=1&l=2'), { a: 1, l: [1, 2] });
  });

  it('need a value, unless text or allowed to be empty', () => {
    const judge = compile([
      parameter({ name: 's', schema: TEXT }),
      parameter({ name: 'i', schema: INTEGER }),
      parameter({ name: 'flag', schema: { type: 'boolean' }, allowEmptyValue: true }),
    ]);
    assert.deepEqual(query(judge, 's=&flag'), { s: '', flag: '' });
    assert.deepEqual(query(judge, 'flag=true'), { flag: true });
    assert.deepEqual(refusedQuery(judge, 's'), ['/s']);
    assert.deepEqual(refusedQuery(judge, 'i='), ['/i']);
  });

  it('that no reader agrees on are refused', () => {
    const judge = compile([
      parameter({ name: 'a', schema: TEXT }),
      parameter({ name: 'u', schema: TEXT, allowReserved: true }),
    ]);
    for (const text of ['a=%', 'a=%ff', 'a=%00', 'a=%u0041', '=1'])
      assert.deepEqual(refusedQuery(judge, text), [''], text);
    assert.deepEqual(refusedQuery(judge, 'a=1;b=2'), ['/a']);
    assert.deepEqual(query(judge, 'a=1%3Bb&u=/x?y;z:@'), { a: '1;b', u: '/x?y;z:@' });
  });

  it('are counted', () => {
    const judge = compile([parameter({ name: 'l', schema: INTEGERS })], { maxParameters: 3 });
    assert.deepEqual(query(judge, 'l=1&l=2&l=3'), { l: [1, 2, 3] });
    assert.deepEqual(refusedQuery(judge, 'l=1&l=2&l=3&l=4'), ['']);
  });

  it('names are safe as keys', () => {
    const judge = compile([parameter({ name: '__proto__', schema: TEXT })], { undeclaredParameters: 'allow' });
    const exchange = exchangeOf({ query: '__proto__=x&constructor=y&toString=z' });
    assert.equal(judge(exchange), undefined);
    const found = exchange.parameters?.query as Record<string, unknown>;
    assert.deepEqual(Object.keys(found), ['__proto__', 'constructor', 'toString']);
    assert.equal(({} as Record<string, unknown>)['x'], undefined);
  });
});

describe('undeclared query parameters', () => {
  const declared = [parameter({ name: 'a', schema: INTEGERS }), parameter({ name: 'user.name', schema: TEXT })];
  const tricks = [
    'a[]=9',
    'a[0]=9',
    'a%5B%5D=9',
    'A=9',
    'a.b=9',
    '%20a=9',
    'a%20=9',
    'a[b][c]=9',
    'user_name=x',
    '%EF%BD%81=9',
    'a%09=9',
  ];

  it('are refused by default', () => {
    const judge = compile(declared);
    for (const text of ['x=1', 'x', ...tricks]) assert.equal(refusedQuery(judge, `a=1&${text}`).length, 1, text);
  });

  it('are removed from what is forwarded where the policy says so', () => {
    const judge = compile(declared, { undeclaredParameters: 'strip' });
    const exchange = exchangeOf({ query: 'x=1&a=1&a[]=2&a=%32&y' });
    const request = exchange.request;
    assert.equal(judge(exchange), undefined);
    assert.equal(exchange.request.query, 'a=1&a=%32');
    assert.deepEqual({ ...exchange.request, query: '' }, { ...request, query: '' });
    assert.deepEqual(plain(exchange.parameters?.query as object), { a: [1, 2] });
    assert.deepEqual(exchange.decisions[0]?.evidence, { count: 3, names: ['x', 'a[]', 'y'] });
  });

  it('go on where the policy says so, but none that a framework would take for a declared one', () => {
    const judge = compile(declared, { undeclaredParameters: 'allow' });
    assert.deepEqual(query(judge, 'a=1&x=1&x=2&y=z'), { a: [1], x: ['1', '2'], y: 'z' });
    for (const text of tricks) assert.equal(refusedQuery(judge, `a=1&${text}`).length, 1, text);
    assert.deepEqual(refusedQuery(judge, 'x=1;a=2'), ['/x']);
  });

  it('that are credentials of the contract go on once and are no parameters', () => {
    const place = { file: 'x', line: 1, column: 1 };
    const scheme = { name: 'k', type: 'apiKey', in: 'query', parameter: 'api_key', place } as const;
    const judge = compile([], {}, { security: [{ schemes: [{ scheme, scopes: [] }] }] });
    assert.deepEqual(query(judge, 'api_key=secret'), {});
    assert.deepEqual(refusedQuery(judge, 'api_key=a&api_key=b'), ['/api_key']);
  });

  it('without a contract all go on, read strictly', () => {
    const judge = compile([], {}, { template: '/**' });
    assert.deepEqual(query(judge, 'a[]=1&a[]=2&b=x+y'), { 'a[]': ['1', '2'], b: 'x y' });
    assert.deepEqual(refusedQuery(judge, 'a=%'), ['']);
  });
});

describe('header and cookie parameters', () => {
  it('are typed; undeclared ones pass by', () => {
    const judge = compile([
      parameter({ in: 'header', name: 'x-count', schema: INTEGER, required: true }),
      parameter({ in: 'header', name: 'x-list', schema: INTEGERS }),
      parameter({ in: 'header', name: 'authorization', schema: INTEGER, required: true }),
    ]);
    const headers = { 'x-count': '3', 'x-list': '1, 2,3', 'x-other': '?' };
    assert.deepEqual(passes(judge, { headers }, 'header'), { 'x-count': 3, 'x-list': [1, 2, 3] });
    assert.deepEqual(refused(judge, { headers: { 'x-count': '3, 4' } }), [
      { in: 'header', pointer: '/x-count', detail: 'must be an integer' },
    ]);
    assert.equal(refused(judge, {})[0]?.detail, 'is required');
  });

  it('cookies are percent-decoded, single, unquoted', () => {
    const judge = compile([
      parameter({ in: 'cookie', name: 'n', schema: INTEGER }),
      parameter({ in: 'cookie', name: 's', schema: TEXT }),
      parameter({ in: 'cookie', name: 'raw', style: 'cookie', schema: TEXT }),
      parameter({ in: 'cookie', name: 'l', schema: INTEGERS }),
    ]);
    const cookie = 'n=1; s=%C3%A9+; raw=%41; l=1; l=2; other=; junk';
    assert.deepEqual(passes(judge, { headers: { cookie } }, 'cookie'), { n: 1, s: 'é+', raw: '%41', l: [1, 2] });
    for (const bad of ['n=1; n=2', 'n=x', 's=%', 's=%ff', 's="x"', 's=%00', 'n'])
      assert.equal(refused(judge, { headers: { cookie: bad } })[0]?.in, 'cookie', bad);
  });
});

describe('parameters with content', () => {
  it('are parsed as strictly as a body', () => {
    const judge = compile([parameter({ contentType: 'application/json', schema: RGB })]);
    assert.deepEqual(query(judge, `p=${encodeURIComponent('{"R":1}')}`), { p: { R: 1 } });
    assert.deepEqual(refusedQuery(judge, `p=${encodeURIComponent('{"R":1,"R":2}')}`), ['/p/R']);
    assert.deepEqual(refusedQuery(judge, `p=${encodeURIComponent('{"evil":1}')}`), ['/p/evil']);
    assert.deepEqual(refusedQuery(judge, `p=${encodeURIComponent("{'R':1}")}`), ['/p']);
  });

  it('can be the whole query', () => {
    const form = compile([
      parameter({
        in: 'querystring',
        contentType: 'application/x-www-form-urlencoded',
        schema: { ...RGB, required: ['R'] },
      }),
    ]);
    assert.deepEqual(query(form, 'R=1&name=x'), { R: 1, name: 'x' });
    assert.ok(refusedQuery(form, 'G=1').length > 0);
    assert.ok(refusedQuery(form, 'R=1&x=1').length > 0);
    const json = compile([
      parameter({ in: 'querystring', contentType: 'application/json', schema: RGB, required: true }),
    ]);
    assert.deepEqual(query(json, encodeURIComponent('{"R":1}')), { R: 1 });
    assert.ok(refusedQuery(json, 'R=1').length > 0);
    assert.ok(refused(json, {}).length > 0);
  });
});

describe('report', () => {
  it('notes what breaks the contract and lets it through, but not what cannot be read', () => {
    const judge = compile([parameter({ name: 'i', schema: INTEGER })], { enforce: 'report' });
    const exchange: Exchange = exchangeOf({ query: 'i=x&evil=1' });
    assert.equal(judge(exchange), undefined);
    assert.deepEqual(plain(exchange.parameters?.query as object), { i: 'x', evil: '1' });
    const noted = exchange.decisions[0]?.evidence?.['violations'] as Violation[] | undefined;
    assert.deepEqual(
      noted?.map((each) => each.pointer),
      ['/i', '/evil'],
    );
    assert.equal(exchange.request.query, 'i=x&evil=1');
    assert.deepEqual(refusedQuery(judge, 'i=%'), ['']);
  });
});

it('parameters never throw, and what is refused is never forwarded typed', () => {
  const judges = (['refuse', 'strip', 'allow'] as const).map((undeclaredParameters) =>
    compile(
      [
        parameter({ name: 'a', schema: INTEGERS, explode: false }),
        parameter({ name: 'd', style: 'deepObject', schema: RGB }),
        parameter({ name: 'o', schema: { type: 'object', additionalProperties: TEXT } }),
        parameter({ name: 'j', contentType: 'application/json', schema: RGB }),
        parameter({ in: 'cookie', name: 'c', schema: TEXTS }),
      ],
      { undeclaredParameters },
    ),
  );
  const pieces = fc.constantFrom(
    'a',
    'd',
    'o',
    'j',
    '[',
    ']',
    '=',
    '&',
    '%',
    '%41',
    '%ff',
    '%2C',
    ',',
    '1',
    '{',
    '}',
    ';',
    '+',
    '"',
    '__proto__',
    '.',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 20 }), fc.string(), (list, cookie) => {
      for (const judge of judges) {
        const exchange = exchangeOf({ query: list.join(''), headers: { cookie } });
        const refusal = judge(exchange);
        assert.equal(exchange.parameters === undefined, refusal !== undefined);
        // What was rebuilt reads as what was judged.
        if (refusal !== undefined || exchange.request.query === list.join('')) continue;
        const again = exchangeOf({ query: exchange.request.query, headers: { cookie } });
        assert.equal(judge(again), undefined);
        assert.deepEqual(again.parameters?.query, exchange.parameters?.query);
      }
    }),
    { numRuns: 1500 },
  );
});
