import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Parameter } from '../contract/model.ts';
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

describe('styles', () => {
  const cases: [string, Partial<Parameter>, unknown, string, unknown][] = [
    ['form', { explode: false }, INTEGERS, 'p=1,2,3', [1, 2, 3]],
    ['form', { explode: false }, TEXTS, 'p=a,b%20c', ['a', 'b c']],
    ['form', { explode: false }, RGB, 'p=R,1,name,x', { R: 1, name: 'x' }],
    ['form', { explode: true }, TEXTS, 'p=a,b&p=c', ['a,b', 'c']],
    ['spaceDelimited', { explode: false }, INTEGERS, 'p=1%202+3', [1, 2, 3]],
    ['spaceDelimited', { explode: true }, INTEGERS, 'p=1&p=2', [1, 2]],
    ['pipeDelimited', { explode: false }, INTEGERS, 'p=1%7C2|3', [1, 2, 3]],
    ['pipeDelimited', { explode: false }, RGB, 'p=R|1|G|2', { R: 1, G: 2 }],
    ['tabDelimited', { explode: false }, INTEGERS, 'p=1%092', [1, 2]],
    ['deepObject', {}, RGB, 'p[R]=1&p%5Bname%5D=2', { R: 1, name: '2' }],
    ['deepObject', {}, { type: 'object', properties: { l: INTEGERS } }, 'p[l]=1&p[l]=2', { l: [1, 2] }],
  ];
  for (const [style, parts, schema, text, expected] of cases) {
    it(`${style} reads ${text}`, () => {
      const judge = compile([
        parameter({ style: style as Parameter['style'], ...parts, schema: schema as object } as never),
      ]);
      assert.deepEqual(query(judge, text), { p: expected });
    });
  }

  const wrong: [string, Partial<Parameter>, unknown, string][] = [
    ['form', { explode: false }, INTEGERS, 'p=1,x'],
    ['form', { explode: false }, INTEGERS, 'p=1&p=2'],
    ['form', { explode: false }, TEXTS, 'p=a,b%2Cc'],
    ['form', { explode: false }, INTEGERS, 'p='],
    ['form', { explode: false }, INTEGERS, 'p=1,,2'],
    ['form', { explode: false }, RGB, 'p=R,1,R,2'],
    ['form', { explode: false }, RGB, 'p=R'],
    ['form', { explode: false }, RGB, 'p=R,1,evil,2'],
    ['form', { explode: true }, INTEGERS, 'p=1,2'],
    ['form', { explode: true }, RGB, 'R=1&R=2'],
    ['form', { explode: true }, RGB, 'p=R,1'],
    ['pipeDelimited', { explode: false }, INTEGERS, 'p=1,2'],
    ['deepObject', {}, RGB, 'p[R]=1&p[R]=2'],
    ['deepObject', {}, RGB, 'p[R][x]=1'],
    ['deepObject', {}, RGB, 'p[]=1'],
    ['deepObject', {}, RGB, 'p[R=1'],
    ['deepObject', {}, RGB, 'p=1'],
    ['deepObject', {}, RGB, 'p.R=1'],
    ['deepObject', {}, RGB, 'p[evil]=1'],
    ['deepObject', {}, RGB, 'p[__proto__]=1'],
    ['deepObject', {}, RGB, 'p[R]=x'],
  ];
  for (const [style, parts, schema, text] of wrong) {
    it(`${style}${parts.explode === false ? '' : ' exploded'} refuses ${text}`, () => {
      const judge = compile([parameter({ style: style as Parameter['style'], ...parts, schema } as never)]);
      assert.ok(refusedQuery(judge, text).length > 0);
    });
  }

  it('exploded objects take their properties, and the rest where they are open', () => {
    const judge = compile([parameter({ schema: RGB }), parameter({ name: 'q', schema: TEXT })]);
    assert.deepEqual(query(judge, 'R=1&q=R&name=x'), { p: { R: 1, name: 'x' }, q: 'R' });
    const open = compile([
      parameter({ schema: { type: 'object', additionalProperties: INTEGER } }),
      parameter({ name: 'q', schema: TEXT }),
    ]);
    assert.deepEqual(query(open, 'x=1&q=R&y=2'), { p: { x: 1, y: 2 }, q: 'R' });
    assert.deepEqual(refusedQuery(open, 'x=z'), ['/p/x']);
    assert.deepEqual(refusedQuery(open, 'q[]=1'), ['/q[]']);
  });

  it('commas that came encoded are forwarded unencoded, so that nobody splits elsewhere', () => {
    const judge = compile([parameter({ explode: false, schema: TEXTS }), parameter({ name: 'q', schema: TEXT })]);
    const exchange = exchangeOf({ query: 'q=x%2Cy&p=a%2cb%2C%63' });
    assert.equal(judge(exchange), undefined);
    assert.deepEqual(plain(exchange.parameters?.query as object), { p: ['a', 'b', 'c'], q: 'x,y' });
    assert.equal(exchange.request.query, 'q=x%2Cy&p=a,b,%63');
  });

  it('of path values', () => {
    const read = (style: string, explode: boolean, schema: object, value: string): unknown => {
      const judge = compile(
        [parameter({ in: 'path', style: style as Parameter['style'], explode, schema } as never)],
        {},
        { template: '/x/{p}' },
      );
      const exchange = exchangeOf({ pathValues: [value] });
      return judge(exchange) === undefined ? plain(exchange.parameters?.path as object) : 'refused';
    };
    assert.deepEqual(read('simple', false, INTEGER, '5'), { p: 5 });
    assert.deepEqual(read('simple', false, INTEGERS, '3,4,5'), { p: [3, 4, 5] });
    assert.deepEqual(read('simple', false, RGB, 'R,1,G,2'), { p: { R: 1, G: 2 } });
    assert.deepEqual(read('simple', true, RGB, 'R=1,G=2'), { p: { R: 1, G: 2 } });
    assert.deepEqual(read('label', false, INTEGER, '.5'), { p: 5 });
    assert.deepEqual(read('label', false, INTEGERS, '.3,4'), { p: [3, 4] });
    assert.deepEqual(read('label', true, INTEGERS, '.3.4'), { p: [3, 4] });
    assert.deepEqual(read('label', true, RGB, '.R=1.G=2'), { p: { R: 1, G: 2 } });
    assert.deepEqual(read('matrix', false, INTEGER, ';p=5'), { p: 5 });
    assert.deepEqual(read('matrix', false, INTEGERS, ';p=3,4'), { p: [3, 4] });
    assert.deepEqual(read('matrix', true, INTEGERS, ';p=3;p=4'), { p: [3, 4] });
    assert.deepEqual(read('matrix', false, RGB, ';p=R,1,G,2'), { p: { R: 1, G: 2 } });
    assert.deepEqual(read('matrix', true, RGB, ';R=1;G=2'), { p: { R: 1, G: 2 } });
    for (const [style, explode, schema, value] of [
      ['simple', false, INTEGER, '5,6'],
      ['simple', false, INTEGER, ' 5'],
      ['simple', true, RGB, 'R,1'],
      ['label', false, INTEGER, '5'],
      ['label', true, INTEGERS, '.3,4'],
      ['matrix', false, INTEGER, '5'],
      ['matrix', false, INTEGER, ';q=5'],
      ['matrix', false, INTEGER, ';p=5;q=6'],
      ['matrix', true, INTEGERS, ';p=3;q=4'],
      ['matrix', true, RGB, ';R=1;R=2'],
    ] as const)
      assert.equal(read(style, explode, schema, value), 'refused', `${style} ${value}`);
  });

  it('path values stand in the order of the template', () => {
    const judge = compile(
      [parameter({ in: 'path', name: 'b', schema: INTEGER }), parameter({ in: 'path', name: 'a', schema: TEXT })],
      {},
      { template: '/x/{a}/y/{b}' },
    );
    assert.deepEqual(passes(judge, { pathValues: ['5', '6'] }, 'path'), { a: '5', b: 6 });
    assert.deepEqual(refused(judge, { pathValues: ['5', 'x'] })[0]?.pointer, '/b');
  });
});
