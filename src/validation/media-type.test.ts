import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseMediaType } from './media-type.ts';

describe('Content-Type', () => {
  it('is parsed in its proper forms', () => {
    assert.deepEqual(parseMediaType('Application/JSON'), {
      type: 'application/json',
      charset: undefined,
      boundary: undefined,
    });
    for (const text of ['text/plain; charset=utf-8', 'text/plain;charset=UTF-8', 'text/plain ; charset="utf-8"'])
      assert.deepEqual(parseMediaType(text), { type: 'text/plain', charset: 'utf-8', boundary: undefined });
    assert.deepEqual(parseMediaType('multipart/form-data; boundary="a=b:c"'), {
      type: 'multipart/form-data',
      charset: undefined,
      boundary: 'a=b:c',
    });
    assert.equal(
      (parseMediaType('application/vnd.a+json; profile="x"; v=1') as { type: string }).type,
      'application/vnd.a+json',
    );
  });

  const wrong = [
    '',
    'application',
    'application/',
    '/json',
    '*/*',
    'text/*',
    'application/json, text/plain',
    'application/json text/plain',
    'application/json;',
    'application/json; ',
    'application/json;;charset=utf-8',
    'application/json; charset',
    'application/json; charset=',
    'application/json; charset =utf-8',
    'application/json; charset= utf-8',
    'application/json; charset=utf-16',
    'application/json; charset=utf-16le',
    'application/json; charset=utf-7',
    'application/json; charset=ibm037',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf8',
    'application/json; charset=utf-8; charset=utf-16',
    'application/json; charset=utf-8; Charset=utf-8',
    'application/json; charset="utf-8',
    'application/json; charset="ut\\f-8"',
    "application/json; charset*=utf-8''utf-8",
    'multipart/form-data; boundary=a; boundary=b',
    'multipart/form-data; boundary*0=a; boundary*1=b',
    'multipart/form-data; boundary*=a',
    'multipart/form-data; boundary=a,b',
    'multipart/form-data; boundary="a"b',
    'application/\u0000json',
    'application/json\t,x',
    ' application/json',
    `application/${'x'.repeat(300)}`,
  ];
  for (const text of wrong) {
    it(`is refused: ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.ok('detail' in parseMediaType(text));
    });
  }

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseMediaType(`multipart/form-data;${text}`)));
  });
});
