import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import zlib from 'node:zlib';
import fc from 'fast-check';
import { CODINGS, type Coding, decode, parseCoding } from './content-coding.ts';
import { Malformed } from './fault.ts';

const limits = { contentCodings: [...CODINGS], maxRatio: 100 };
const encode: Record<Coding, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => zlib.gzipSync(bytes, { level: 9 }),
  deflate: (bytes) => zlib.deflateSync(bytes, { level: 9 }),
  br: (bytes) => zlib.brotliCompressSync(bytes),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};
const MIB = 1024 * 1024;

async function fault(bytes: Buffer, coding: Coding, max = MIB): Promise<Malformed> {
  const result = await decode(bytes, coding, max, limits);
  assert.ok(result instanceof Malformed, `${coding}: something came out`);
  return result;
}

describe('content coding header', () => {
  it('names one coding that is accepted', () => {
    assert.equal(parseCoding(undefined, limits), undefined);
    assert.equal(parseCoding('GZIP', limits), 'gzip');
    assert.equal(parseCoding('x-gzip', limits), 'gzip');
    for (const header of ['gzip, gzip', 'gzip,', 'identity', 'compress', '', 'gzip;q=1', 'constructor', 'x-br']) {
      const result = parseCoding(header, limits);
      assert.ok(result instanceof Malformed && result.code === 'unsupported-content-coding', header);
    }
    assert.ok(parseCoding('gzip', { ...limits, contentCodings: [] }) instanceof Malformed);
  });
});

for (const coding of CODINGS) {
  describe(`content coding ${coding}`, () => {
    const small = Buffer.from('{"a":"plain enough"}');
    const large = Buffer.from(Array.from({ length: 40_000 }, (_, i) => ((i * 2654435761) >>> 7).toString(36)).join());

    it('comes off, on the spot and in a thread', async () => {
      assert.deepEqual(await decode(encode[coding](small), coding, MIB, limits), small);
      assert.ok(encode[coding](large).length > 8 * 1024);
      assert.deepEqual(await decode(encode[coding](large), coding, MIB, limits), large);
    });

    it('is capped by what comes out, exactly', async () => {
      const bytes = encode[coding](large);
      assert.deepEqual(await decode(bytes, coding, large.length, limits), large);
      assert.equal((await fault(bytes, coding, large.length - 1)).code, 'body-too-large');
      const short = encode[coding](small);
      assert.deepEqual(await decode(short, coding, small.length, limits), small);
      assert.equal((await fault(short, coding, small.length - 1)).code, 'body-too-large');
    });

    it('stops a bomb by its ratio, long before the cap', async () => {
      const bomb = encode[coding](Buffer.alloc(16 * MIB));
      assert.ok(bomb.length < 20 * 1024);
      const before = process.memoryUsage().arrayBuffers;
      const result = await fault(bomb, coding, 1024 * MIB);
      assert.equal(result.code, 'body-too-large');
      assert.match(result.detail, /beyond all measure/);
      assert.ok(process.memoryUsage().arrayBuffers - before < 8 * MIB);
    });

    it('is refused when cut short, at every length', async () => {
      const bytes = encode[coding](small);
      for (let length = 1; length < bytes.length; length++) await fault(bytes.subarray(0, length), coding);
      const long = encode[coding](large);
      await fault(long.subarray(0, long.length - 1), coding);
    });

    it('is refused with anything after its end', async () => {
      for (const tail of ['garbage', '\0', '{"admin":true}'])
        await fault(Buffer.concat([encode[coding](small), Buffer.from(tail)]), coding);
      await fault(Buffer.concat([encode[coding](large), Buffer.from('tail')]), coding);
    });

    it('never throws on other bytes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 100 }), async (bytes) => {
          const result = await decode(Buffer.from(bytes), coding, MIB, limits);
          assert.ok(result instanceof Malformed || Buffer.isBuffer(result));
        }),
        { numRuns: 200 },
      );
    });
  });
}

it('a second gzip member is not read', async () => {
  const member = zlib.gzipSync('{}');
  await fault(Buffer.concat([member, member]), 'gzip');
});

it('zstd may not ask for a window beyond 8 MiB', async () => {
  const bytes = zlib.zstdCompressSync(Buffer.alloc(1000, 'ab'), {
    params: { [zlib.constants.ZSTD_c_windowLog]: 27, [zlib.constants.ZSTD_c_contentSizeFlag]: 0 },
  });
  const streamed = await new Promise<Buffer>((resolve, reject) => {
    const stream = zlib.createZstdCompress({ params: { [zlib.constants.ZSTD_c_windowLog]: 27 } });
    const chunks: Buffer[] = [];
    stream
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => resolve(Buffer.concat(chunks)))
      .on('error', reject);
    stream.write('abc');
    stream.flush(() => stream.end('def'));
  });
  assert.ok(bytes.length > 0);
  await fault(streamed, 'zstd');
});
