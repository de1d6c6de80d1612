import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORMATS } from './formats.ts';

const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  [
    'date',
    ['2024-02-29', '1999-12-31'],
    ['2023-02-29', '1900-02-29', '2024-13-01', '2024-1-1', '२०२४-01-01', '2024-01-01\n'],
  ],
  [
    'time',
    ['23:59:60Z', '00:00:00.123+05:30', '15:59:60-08:00'],
    ['24:00:00Z', '12:00:60Z', '12:00:00', '12:00:00+24:00'],
  ],
  [
    'date-time',
    ['2024-02-29T12:00:00Z', '2024-02-29t12:00:00.5z'],
    ['2024-02-30T12:00:00Z', '2024-02-29 12:00:00Z', '2024-02-29T12:00:00'],
  ],
  ['duration', ['P1Y2M3DT4H5M6S', 'P4W', 'PT0S'], ['P', 'PT', 'P1S', 'P1D2Y', '1D', 'P1W1D']],
  [
    'email',
    ['a@b.test', '"a b"@b.test', 'a@[127.0.0.1]', 'a@[IPv6:::1]'],
    ['a', 'a@', '@b', 'a..b@c.test', '.a@b.test', 'a@-b.test', 'a b@c.test', 'a@b.test\r\nBcc: x@y.test'],
  ],
  [
    'hostname',
    ['a.b', 'xn--mnchen-3ya.test', 'a'],
    ['-a', 'a_b', 'a..b', 'a.', 'x'.repeat(64), 'xn--x', 'münchen.test', ''],
  ],
  ['idn-hostname', ['münchen.test', '例え。テスト'], ['a\u200db', 'ünchen-.test', '\u0300a', 'a\u06f0\u0660']],
  ['ipv4', ['0.0.0.0', '255.255.255.255'], ['256.0.0.1', '01.2.3.4', '1.2.3', '1.2.3.4.5', '0x7f.1.1.1', '127.0.0.1 ']],
  [
    'ipv6',
    ['::', '::1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', 'fe80::1'],
    ['1::2::3', ':::', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '::1%eth0', '12345::', '::1.2.3'],
  ],
  [
    'uri',
    ['http://a/b?c#d', 'urn:a:b', 'http://[::1]:80/', 'mailto:a@b'],
    ['//a', 'a', 'http://a b', 'http://a/%zz', 'http://[1::2::3]/', 'http://a/<x>', '1a:b', 'http://a\\b'],
  ],
  ['uri-reference', ['', '/a', '../b?c', '#x', 'http://a'], ['\\a', 'a b', '%', ':a']],
  ['iri', ['http://é.test/ü'], ['http://a/\ud800', 'é']],
  ['uri-template', ['/a/{b}{?c,d*}', '{+x:3}'], ['{', '{a b}', '/a/{b', '{}']],
  [
    'uuid',
    ['2EB8AA08-aa98-11ea-b4aa-73b441d16380'],
    ['2eb8aa08aa9811eab4aa73b441d16380', '2eb8aa08-aa98-11ea-b4aa-73b441d1638', 'g'.repeat(36)],
  ],
  ['json-pointer', ['', '/a~0b~1', '/'], ['a', '/~', '/~2']],
  ['relative-json-pointer', ['0', '1/a', '0#'], ['', '-1', '01', '/a']],
  ['regex', ['^a+$', '(?<x>a)\\k<x>'], ['(', '[', 'a**', '\\Z', '(?i)a']],
  ['byte', ['', 'YQ==', 'YWI=', 'YWJj'], ['YQ', 'Y===', 'Y Q=', 'YQ==\n']],
  ['base64url', ['YQ', 'YQ==', '_-8'], ['Y', '+/8=']],
  ['http-date', ['Sun, 06 Nov 1994 08:49:37 GMT'], ['06 Nov 1994']],
];

describe('formats', () => {
  for (const [name, right, wrong] of CASES) {
    it(`${name} takes what is one and nothing else`, () => {
      const test = FORMATS.get(name)!.text!;
      for (const text of right) assert.equal(test(text), true, JSON.stringify(text));
      for (const text of wrong) assert.equal(test(text), false, JSON.stringify(text));
    });
  }

  it('are linear: no text of a megabyte holds one up', () => {
    const parts = [
      'a',
      '.',
      '-',
      '@',
      ':',
      '::',
      '1',
      '0',
      '/',
      '%',
      '%41',
      '{',
      '{a',
      ',',
      '~',
      '=',
      ' ',
      '(',
      '[',
      'é',
      '\u200d',
      '"',
      '\\',
      'P1',
      'T',
    ];
    for (const [name, { text, numeral }] of FORMATS)
      for (const part of parts)
        for (const begin of ['', 'a', 'http://a', 'P', '"', '/', '{', '1']) {
          const value = `${begin}${part.repeat(Math.ceil(200_000 / part.length))}\u0000`;
          // By squaring, one of these would take minutes.
          text?.(value);
          numeral?.(value);
          assert.ok(name);
        }
  });
});
