import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Malformed } from '../fault.ts';
import { goodBoundary, splitParts } from './multipart-parts.ts';

const limits = { parts: 10 };
const split = (text: string | Buffer, boundary = 'b'): ReturnType<typeof splitParts> =>
  splitParts(Buffer.from(text as string), boundary, limits);
const part = (headers: string, content = 'v'): string => `--b\r\n${headers}\r\n\r\n${content}\r\n--b--\r\n`;
const FIELD = 'Content-Disposition: form-data; name="a"';

describe('multipart grammar', () => {
  it('reads fields and files', () => {
    const parts = split(
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' +
        '--b\r\ncontent-disposition: Form-Data; name=f; filename="ü x.png"\r\nContent-Type: image/PNG\r\n\r\n\r\n\r\n--b--',
    );
    assert.ok(!(parts instanceof Malformed));
    assert.deepEqual(
      parts.map(({ name, filename, mediaType, bytes }) => [name, filename, mediaType, bytes.toString()]),
      [
        ['a', undefined, undefined, '1'],
        ['f', 'ü x.png', 'image/png', '\r\n'],
      ],
    );
  });

  it('reads an empty part, an empty body, one CRLF before and after', () => {
    const parts = split(`\r\n${part(FIELD, '')}`);
    assert.ok(!(parts instanceof Malformed));
    assert.equal(parts[0]?.bytes.length, 0);
    assert.deepEqual(split('--b--\r\n'), []);
  });

  const refused: Record<string, string> = {
    'LF line ends': `--b\n${FIELD}\n\nv\n--b--\n`,
    'LF before the boundary': `--b\r\n${FIELD}\r\n\r\nv\n--b--\r\n`,
    'LF after the boundary': `--b\n${FIELD}\r\n\r\nv\r\n--b--\r\n`,
    'CR alone before the boundary': `--b\r\n${FIELD}\r\n\r\nv\r--b--\r\n`,
    preamble: `hello\r\n${part(FIELD)}`,
    'two line ends before': `\r\n\r\n${part(FIELD)}`,
    epilogue: `${part(FIELD)}--b\r\n${FIELD}\r\n\r\nx\r\n--b--`,
    'epilogue of one byte': `${part(FIELD)}x`,
    'padding after the boundary': `--b \r\n${FIELD}\r\n\r\nv\r\n--b--\r\n`,
    'a longer boundary line': `--bb\r\n${FIELD}\r\n\r\nv\r\n--b--\r\n`,
    'no end': `--b\r\n${FIELD}\r\n\r\nv\r\n`,
    'end without dashes': `--b\r\n${FIELD}\r\n\r\nv\r\n--b`,
    'end with one dash': `--b\r\n${FIELD}\r\n\r\nv\r\n--b-\r\n`,
    'boundary within a line': `--b\r\n${FIELD}\r\n\r\nv --b\r\n--b--\r\n`,
    'boundary after LF within the content': `--b\r\n${FIELD}\r\n\r\nv\n--b\nContent-Disposition: form-data; name="admin"\n\n1\r\n--b--\r\n`,
    'a line that begins with the boundary': `--b\r\n${FIELD}\r\n\r\nv\r\n--bx\r\n--b--\r\n`,
    'content that begins with the boundary': `--b\r\n${FIELD}\r\n\r\n--b--\r\n`,
    'no blank line': `--b\r\n${FIELD}\r\nv\r\n--b--\r\n`,
    'no headers': '--b\r\n\r\nv\r\n--b--\r\n',
    'headers without disposition': part('Content-Type: text/plain'),
    'a folded header': part('Content-Disposition: form-data;\r\n name="a"'),
    'a folded header by tab': part('Content-Disposition: form-data;\r\n\tname="a"'),
    'space before the colon': part('Content-Disposition : form-data; name="a"'),
    'a NUL in a header': part('Content-Disposition: form-data; name="a\0"'),
    'a NUL in a header name': part('Content-Disposition\0: form-data; name="a"'),
    'a LF in a header': part('Content-Disposition: form-data; name="a"\nContent-Type: text/plain'),
    'a CR in a header': part('Content-Disposition: form-data; name="a"\rContent-Type: text/plain'),
    'disposition twice': part(`${FIELD}\r\nContent-Disposition: form-data; name="b"`),
    'type twice': part(`${FIELD}\r\nContent-Type: text/plain\r\nContent-Type: text/html`),
    'transfer encoding': part(`${FIELD}\r\nContent-Transfer-Encoding: base64`, 'YQ=='),
    'another header': part(`${FIELD}\r\nX-A: 1`),
    'another disposition': part('Content-Disposition: attachment; name="a"'),
    'no name': part('Content-Disposition: form-data'),
    'an empty name': part('Content-Disposition: form-data; name=""'),
    'the name twice': part('Content-Disposition: form-data; name="a"; name="b"'),
    'the name twice in two cases': part('Content-Disposition: form-data; name="a"; NAME="b"'),
    'the file name twice': part('Content-Disposition: form-data; name="a"; filename="a"; filename="b"'),
    'an extended file name': part(`Content-Disposition: form-data; name="a"; filename*=UTF-8''x.php`),
    'an extended name': part(`Content-Disposition: form-data; name*=UTF-8''a`),
    'a continued name': part('Content-Disposition: form-data; name*0="a"; name*1="b"'),
    'an unknown parameter': part('Content-Disposition: form-data; name="a"; size=1'),
    'a backslash': part('Content-Disposition: form-data; name="a\\"; filename=\\"x"'),
    'an open quote': part('Content-Disposition: form-data; name="a'),
    'single quotes with a space': part("Content-Disposition: form-data; name='a b'"),
    'no semicolon': part('Content-Disposition: form-data name="a"'),
    'two semicolons': part('Content-Disposition: form-data;; name="a"'),
    'a semicolon at the end': part('Content-Disposition: form-data; name="a";'),
    'space around =': part('Content-Disposition: form-data; name ="a"'),
    'a path as file name': part('Content-Disposition: form-data; name="a"; filename="../../etc/passwd"'),
    'an encoded path as file name': part('Content-Disposition: form-data; name="a"; filename="..%2fx"'),
    'a drive as file name': part('Content-Disposition: form-data; name="a"; filename="c:x"'),
    'a directory as file name': part('Content-Disposition: form-data; name="a"; filename=".."'),
    'a stream as file name': part('Content-Disposition: form-data; name="a"; filename="x.php::$DATA"'),
    'a dot at the end of the file name': part('Content-Disposition: form-data; name="a"; filename="x.php."'),
    'a charset in a part': part(`${FIELD}\r\nContent-Type: text/plain; charset=utf-16`),
    'ibm037 in a part': part(`${FIELD}\r\nContent-Type: text/plain; charset=ibm037`),
    'parts within a part': part(`${FIELD}\r\nContent-Type: multipart/mixed; boundary=c`),
    'a malformed type in a part': part(`${FIELD}\r\nContent-Type: text/plain, text/html`),
    'endless headers': part(`${FIELD}\r\nContent-Type: text/plain; x="${'y'.repeat(3000)}"`),
    'a long name': part(`Content-Disposition: form-data; name="${'n'.repeat(300)}"`),
    'too many parts': `${`--b\r\n${FIELD}\r\n\r\nv\r\n`.repeat(11)}--b--\r\n`,
    nothing: '',
  };
  for (const [name, text] of Object.entries(refused)) {
    it(`refuses ${name}`, () => assert.ok(split(text) instanceof Malformed));
  }

  it('refuses names that are not UTF-8', () => {
    const head = Buffer.from('--b\r\nContent-Disposition: form-data; name="');
    assert.ok(
      split(Buffer.concat([head, Buffer.from([0xff]), Buffer.from('"\r\n\r\nv\r\n--b--')])) instanceof Malformed,
    );
  });

  it('takes boundaries of RFC 2046 only', () => {
    for (const good of ['a', '----WebKitFormBoundaryabc123', '----=_Part_0_1.2', "'()+_,-./:=?", 'x'.repeat(70)])
      assert.ok(goodBoundary(good));
    for (const bad of [undefined, '', 'a b', 'a ', 'é', 'a"b', 'a;b', 'a\0', 'a\r\n', 'a*', 'x'.repeat(71)])
      assert.ok(!goodBoundary(bad), String(bad));
  });

  it('never throws, and the parts account for every byte', () => {
    const soup = fc.array(
      fc.constantFrom(
        '--b',
        '--',
        '\r\n',
        '\r',
        '\n',
        FIELD,
        'Content-Type: text/plain',
        ':',
        ' ',
        'v',
        '"',
        '\0',
        '\r\n\r\n',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(soup, (pieces) => {
        const bytes = Buffer.from(`--b\r\n${FIELD}\r\n\r\n${pieces.join('')}\r\n--b--\r\n`);
        const parts = splitParts(bytes, 'b', limits);
        assert.deepEqual(parts, splitParts(bytes, 'b', limits));
        if (parts instanceof Malformed) return;
        const again = `${parts.map(({ source }) => `--b\r\n${source.toString()}\r\n`).join('')}--b--\r\n`;
        assert.equal(again, bytes.toString());
        for (const { bytes: content } of parts) assert.ok(!content.includes('--b'));
      }),
      { numRuns: 2000 },
    );
  });

  it('costs in proportion to the length, for content that nearly is the boundary', () => {
    const boundary = `${'-'.repeat(68)}a`;
    const body = (n: number): Buffer =>
      Buffer.from(`--${boundary}\r\n${FIELD}\r\n\r\n${`${'-'.repeat(69)}b`.repeat(n / 70)}\r\n--${boundary}--\r\n`);
    const [small, large] = [body(50_000), body(800_000)];
    assert.ok(!(splitParts(large, boundary, limits) instanceof Malformed));
    const cost = (bytes: Buffer): number => {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 7; i++) {
        const start = performance.now();
        splitParts(bytes, boundary, limits);
        least = Math.min(least, performance.now() - start);
      }
      return least;
    };
    assert.ok(cost(large) < Math.max(cost(small), 0.05) * 110);
  });
});
