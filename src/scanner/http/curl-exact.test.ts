import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { ScanRequest } from '../model/exchange.ts';
import { json, openShell, type Shell, skip } from './curl-fixture.ts';

describe('the command that repeats a request', { skip }, () => {
  let shell: Shell;
  before(async () => {
    shell = await openShell();
  });
  after(() => shell.close());

  const plain: readonly [name: string, request: ScanRequest][] = [
    ['a GET', { method: 'GET', target: '/patients/1?x=%20y', headers: json }],
    ['a POST', { method: 'POST', target: '/', headers: json, body: '{"name":"O\'Hara","note":"ü € \u{1f600}"}' }],
    ['a body beginning with a dash', { method: 'PUT', target: '/', headers: [], body: '-\0' }],
    ['a body beginning with @', { method: 'PUT', target: '/', headers: [], body: '@/etc/hostname' }],
    ['an empty body', { method: 'POST', target: '/', headers: json, body: '' }],
    ['no body', { method: 'POST', target: '/', headers: json }],
    ['a DELETE', { method: 'DELETE', target: '/a;b=c/d,e', headers: [] }],
    ['a HEAD', { method: 'HEAD', target: '/', headers: [] }],
    [
      'other cases',
      {
        method: 'gEt',
        target: '/',
        headers: [
          ['x-lower', '1'],
          ['X-UPPER', '2'],
          ['x-lower', '3'],
        ],
      },
    ],
    ['dots in the path', { method: 'GET', target: '/a/../../etc/passwd', headers: [] }],
    ['encoded dots and lower-case escapes', { method: 'GET', target: '/%2e%2e/%2fetc', headers: [] }],
    ['braces, brackets and quotes', { method: 'GET', target: '/{a,b}/[1-3]?q=<"\'`$(x)|\\^>', headers: [] }],
    ['spaces and fragments', { method: 'GET', target: '/a b#c?d', headers: [] }],
    ['two slashes', { method: 'GET', target: '//a.example/x', headers: [] }],
    ['an absolute target', { method: 'GET', target: 'http://a.example/x', headers: [] }],
    ['an asterisk', { method: 'OPTIONS', target: '*', headers: [] }],
    ['an empty query', { method: 'GET', target: '/x?', headers: [] }],
    [
      'empty and odd header values',
      {
        method: 'GET',
        target: '/',
        headers: [
          ['X-Empty', ''],
          ['X', ' a  b '],
          ['Y', '$HOME `id` !! \\ "'],
          ['Z', 'a;b:c'],
        ],
      },
    ],
    ['control characters', { method: 'POST', target: '/', headers: [['X', 'a\tb\x01\x7f']], body: 'a\r\nb\n\n' }],
    [
      'text that hides itself',
      { method: 'POST', target: '/', headers: [['X', '\u202eevil\u200b']], body: '\u2066\ufeff' },
    ],
    [
      'bytes that are no text',
      { method: 'POST', target: '/', headers: [], body: new Uint8Array([0, 1, 255, 254, 37, 92, 39, 10, 49]) },
    ],
    ['bytes without NUL', { method: 'POST', target: '/', headers: [], body: new Uint8Array([255, 48, 0x80, 10, 10]) }],
    [
      'a long body',
      { method: 'POST', target: '/', headers: [['Content-Type', 'text/plain']], body: `a${'xyz'.repeat(60_000)}\n` },
    ],
    [
      'a mebibyte of one character',
      { method: 'POST', target: '/', headers: json, body: `{"a":"${'A'.repeat(1_100_000)}"}` },
    ],
    ['a long target', { method: 'GET', target: `/${'a'.repeat(7_000)}`, headers: [] }],
    [
      'a Host of its own',
      {
        method: 'GET',
        target: '/',
        headers: [
          ['Host', 'evil.example'],
          ['A', 'b'],
        ],
      },
    ],
    [
      'two Hosts',
      {
        method: 'GET',
        target: '/',
        headers: [
          ['Host', 'a.example'],
          ['Host', 'b.example'],
        ],
      },
    ],
    [
      'a Host that comes late',
      {
        method: 'GET',
        target: '/',
        headers: [
          ['A', 'b'],
          ['Host', 'a.example'],
        ],
      },
    ],
    [
      'lengths and codings of its own',
      { method: 'POST', target: '/', headers: [['Content-Length', '3']], body: 'abc' },
    ],
    [
      'chunks',
      { method: 'POST', target: '/', headers: [['Transfer-Encoding', 'chunked']], body: '3\r\nabc\r\n0\r\n\r\n' },
    ],
    ['an injected header', { method: 'GET', target: '/', headers: [['X', 'a\r\nY: b']] }],
    ['a HEAD with a body', { method: 'HEAD', target: '/', headers: [], body: 'abc' }],
    [
      'headers that curl sets itself',
      {
        method: 'POST',
        target: '/',
        headers: [
          ['User-Agent', 'x'],
          ['Cookie', 'a=b; c="d"'],
          ['Authorization', 'Basic eDp5'],
          ['Expect', '100-continue'],
          ['Referer', 'http://r.example/'],
          ['Accept', '*/*'],
          ['Connection', 'close'],
          ['Accept-Encoding', 'gzip'],
          ['Range', 'bytes=0-1'],
          ['TE', 'trailers'],
          ['Content-Type', 'a/b'],
        ],
        body: 'x',
      },
    ],
    ['a CONNECT', { method: 'CONNECT', target: 'a.example:443', headers: [] }],
    ['a TRACE', { method: 'TRACE', target: '/', headers: [['X', 'y']] }],
    ['a method with a space', { method: 'GE T', target: '/', headers: [] }],
    [
      'a header name with a space',
      {
        method: 'GET',
        target: '/',
        headers: [
          ['X Y', 'z'],
          ['@x', 'y'],
        ],
      },
    ],
  ];
  for (const [name, request] of plain) it(`is exact for ${name}`, () => shell.repeats(request).then(() => {}));

  it('is exact for whatever bytes stand anywhere', async () => {
    const odd = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.toWellFormed()),
      fc.constantFrom(
        '$(id)',
        '`id`',
        "'",
        '"',
        '\\',
        '%',
        '%%s',
        '\\n',
        '\n',
        '\r\n',
        '!',
        '-',
        '--',
        '@x',
        '~',
        '$HOME',
        '[a-z]',
        '{a,b}',
        '\t',
        '\x7f',
        '\ufeff',
        ';',
        ':',
      ),
    );
    const texts = fc.array(odd, { maxLength: 4 }).map((list) => list.join(''));
    const request: fc.Arbitrary<ScanRequest> = fc
      .record({
        method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'get', 'FOO', 'PROPFIND'),
        target: texts.map((text) => `/${text}`),
        headers: fc.array(
          fc.tuple(
            fc.constantFrom('X', 'x-y', 'Accept', 'Cookie', 'User-Agent', 'Content-Type', 'Authorization', 'Expect'),
            texts,
          ),
          { maxLength: 4 },
        ),
        body: fc.option(fc.oneof(texts, fc.uint8Array({ maxLength: 24 })), { nil: undefined }),
      })
      .map(({ body, ...rest }) => (body === undefined ? rest : { ...rest, body }));
    await fc.assert(
      fc.asyncProperty(request, async (value) => {
        await shell.repeats(value);
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 60) },
    );
  });
});
