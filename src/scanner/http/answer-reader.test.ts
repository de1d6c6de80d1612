import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AnswerReader, ENDLESS, type Reading } from './answer-reader.ts';

const NORMAL: Reading = { body: 'normal', maybeNever: false, keep: 1024 * 1024 };

/** Reads bytes in pieces; `closed` tells that the connection ends after them. */
function read(bytes: string | Buffer, size = Number.POSITIVE_INFINITY, closed = false, reading = NORMAL): AnswerReader {
  const reader = new AnswerReader(reading);
  const all = Buffer.from(bytes as string, 'latin1');
  for (let at = 0; at < all.length; at += size) reader.push(all.subarray(at, at + size));
  if (closed) reader.end(false);
  return reader;
}

const seen = (reader: AnswerReader): unknown => ({
  done: reader.done,
  failure: reader.failure,
  status: reader.head?.status,
  headers: [...(reader.head?.headers ?? [])],
  body: reader.body().toString('latin1'),
  cut: reader.cut,
  reusable: reader.reusable,
});

describe('reading an answer', () => {
  const whole: readonly [name: string, bytes: string, body: string, reusable: boolean][] = [
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    ['a length of nothing', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    ['the same length twice', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x="y"\r\nc\r\n0\r\n\r\n',
      'abc',
      true,
    ],
    [
      'chunks with trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n',
      'abc',
      true,
    ],
    ['an asked-for close', 'HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 3\r\n\r\nabc', 'abc', false],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', false],
    ['HTTP/1.0 kept alive', 'HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    [
      'interim answers',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc',
      'abc',
      true,
    ],
    ['lone line feeds', 'HTTP/1.1 200 OK\nContent-Length: 3\n\nabc', 'abc', true],
    ['empty lines before', '\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc', 'abc', true],
    ['204 that announces a body', 'HTTP/1.1 204 No\r\nContent-Length: 3\r\n\r\n', '', true],
    ['304', 'HTTP/1.1 304 No\r\nContent-Length: 3\r\n\r\n', '', true],
    ['101', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n', '', false],
    [
      'both framings',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
      'abc',
      false,
    ],
  ];
  for (const [name, bytes, body, reusable] of whole) {
    it(`understands ${name}, however it comes in pieces`, () => {
      const once = read(bytes);
      assert.equal(once.done, true);
      assert.equal(once.failure, undefined);
      assert.equal(once.body().toString(), body);
      assert.equal(once.reusable, reusable);
      for (const size of [1, 2, 3, 5, 7, 16])
        assert.deepEqual(seen(read(bytes, size)), seen(once), `pieces of ${size}`);
    });
  }

  it('reads until the connection ends where nothing else tells the length', () => {
    const reader = read('HTTP/1.1 200 OK\r\n\r\nabc');
    assert.equal(reader.done, false);
    reader.end(false);
    assert.deepEqual(
      [reader.done, reader.failure, reader.body().toString(), reader.reusable],
      [true, undefined, 'abc', false],
    );
    const torn = read('HTTP/1.1 200 OK\r\n\r\nabc');
    torn.end(true);
    assert.equal(torn.failure, 'reset');
  });

  it('joins repeated and continued headers, and passes over lines that are none', () => {
    const { head } = read(
      'HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nSet-Cookie: x=1\r\nset-cookie: y=2\r\nnonsense\r\nB: 1\r\n  2\r\nC: \xc3\xbc\r\n\r\n',
    );
    assert.deepEqual(
      [...(head?.headers ?? [])],
      [
        ['a', '1, 2'],
        ['set-cookie', 'x=1\ny=2'],
        ['b', '1 2'],
        ['c', 'ü'],
      ],
    );
  });

  it('has no body after HEAD, and none after a CONNECT that succeeded', () => {
    const bytes = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n';
    assert.equal(read(bytes, 9, false, { ...NORMAL, body: 'never' }).done, true);
    const tunnel = read(bytes, 9, false, { ...NORMAL, body: 'tunnel' });
    assert.deepEqual([tunnel.done, tunnel.reusable], [true, false]);
    assert.equal(read(bytes.replace('200', '405'), 9, false, { ...NORMAL, body: 'tunnel' }).done, false);
  });

  it('never uses a connection again after bytes that belong to no request', () => {
    assert.equal(read('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc').reusable, false);
    assert.equal(read('HTTP/1.1 204 OK\r\n\r\nHTTP/1.1 200 OK\r\n').reusable, false);
  });

  const nonsense: readonly [name: string, bytes: string, status?: number][] = [
    ['another protocol', '220 mail.example ESMTP\r\n'],
    ['a TLS alert', '\x15\x03\x01\x00\x02\x02\x46'],
    ['HTTP/2', 'HTTP/2 200\r\n\r\n'],
    ['a status of no number', 'HTTP/1.1 abc\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc', 200],
    ['a length below zero', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nabc', 200],
    ['a chunk of no size', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', 200],
    ['a chunk that is longer than it says', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n', 200],
    ['interim answers without end', 'HTTP/1.1 100 C\r\n\r\n'.repeat(40)],
  ];
  for (const [name, bytes, status] of nonsense) {
    it(`calls ${name} malformed at once, and keeps what came`, () => {
      for (const size of [1, 4, 1_000]) {
        const reader = read(bytes, size);
        assert.equal(reader.failure, 'malformed');
        assert.equal(reader.head?.status, status);
        if (status === undefined) assert.notEqual(reader.body().length, 0);
      }
    });
  }

  it('says reset for what ends too early, and keeps what came', () => {
    for (const bytes of ['', 'HTT', 'HTTP/1.1 200 OK\r\nContent-Le'])
      assert.equal(read(bytes, 4, true).failure, 'reset');
    const cut = read('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc', 4, true);
    assert.deepEqual([cut.failure, cut.head?.status, cut.body().toString()], ['reset', 200, 'abc']);
    const chunks = read('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc', 4, true);
    assert.deepEqual([chunks.failure, chunks.body().toString()], ['reset', 'abc']);
  });

  it('keeps up to its cap, reads on up to 8 MiB, and calls more endless', () => {
    const head = 'HTTP/1.1 200 OK\r\n\r\n';
    const some = new AnswerReader({ ...NORMAL, keep: 1_000 });
    some.push(Buffer.from(head + 'x'.repeat(5_000)));
    some.end(false);
    assert.deepEqual([some.failure, some.body().length, some.cut], [undefined, 1_000, true]);
    const endless = new AnswerReader({ ...NORMAL, keep: 1_000 });
    endless.push(Buffer.from(head));
    let pushed = 0;
    while (!endless.push(Buffer.alloc(65_536, 'x'))) pushed += 65_536;
    assert.deepEqual([endless.failure, endless.body().length, endless.cut], ['endless', 1_000, true]);
    assert.ok(pushed <= ENDLESS);
  });

  it('calls headers without end endless', () => {
    const reader = read(`HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(100_000)}`, 4_096);
    assert.deepEqual([reader.failure, reader.head?.status], ['endless', 200]);
  });

  it('takes a mebibyte a byte at a time without trouble', () => {
    const body = 'x'.repeat(1024 * 1024);
    const began = process.cpuUsage();
    const reader = read(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 1);
    const { user } = process.cpuUsage(began);
    assert.equal(reader.body().toString(), body);
    assert.ok(user < 10_000_000, `${user} µs: quadratic`);
  });

  it('never throws, and never says more than once that it is done, whatever comes', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'HTTP/1.1 200 OK\r\n',
        'Content-Length: 5\r\n',
        'Transfer-Encoding: chunked\r\n',
        '\r\n',
        '\n',
        '5\r\nabcde\r\n',
        '0\r\n\r\n',
        'HTTP/1.1 100 x\r\n\r\n',
        'HTTP/1.',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (pieces, size, failed) => {
          const text = pieces.join('');
          const reader = read(text, size);
          reader.end(failed);
          assert.equal(reader.done, true);
          const other = read(text, 1);
          other.end(failed);
          assert.equal(reader.head?.status, other.head?.status);
          assert.equal(reader.failure, other.failure);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
