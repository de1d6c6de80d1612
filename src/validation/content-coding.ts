import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Malformed } from './fault.ts';

/** Request codings (RFC 9110, section 8.4.1) the gate can take off. */
export const CODINGS = ['gzip', 'deflate', 'br', 'zstd'] as const;
export type Coding = (typeof CODINGS)[number];

export interface CodingLimits {
  readonly contentCodings: readonly Coding[];
  /** Decoded bytes to one encoded byte, where more than RATIO_FLOOR bytes come out. */
  readonly maxRatio: number;
}

/** Below this a high ratio is no attack: a page of zeros compresses well. */
const RATIO_FLOOR = 32 * 1024;
/** Encoded bytes up to which decoding on the spot is cheaper than a thread. */
const INLINE = 8 * 1024;
const CHUNK = 64 * 1024;

interface Options {
  readonly maxOutputLength: number;
  readonly chunkSize: number;
  readonly rejectGarbageAfterEnd: true;
  readonly params?: Record<number, number>;
}
interface Decoder {
  sync(bytes: Buffer, options: Options): Buffer;
  async(bytes: Buffer, options: Options): Promise<Buffer>;
  readonly params?: Record<number, number>;
}

/** Windows are capped too: a header of a few bytes may ask for gigabytes of memory. */
const DECODERS: Readonly<Record<Coding, Decoder>> = {
  gzip: { sync: zlib.gunzipSync, async: promisify<Buffer, Options, Buffer>(zlib.gunzip) },
  // RFC 9110, section 8.4.1.2: the zlib format, not bare deflate.
  deflate: { sync: zlib.inflateSync, async: promisify<Buffer, Options, Buffer>(zlib.inflate) },
  br: { sync: zlib.brotliDecompressSync, async: promisify<Buffer, Options, Buffer>(zlib.brotliDecompress) },
  zstd: {
    sync: zlib.zstdDecompressSync,
    async: promisify<Buffer, Options, Buffer>(zlib.zstdDecompress),
    // RFC 9659: 8 MB for HTTP.
    params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 },
  },
};

/**
 * The coding of a request, judged before a byte is read.
 * @returns undefined where there is none
 */
export function parseCoding(header: string | undefined, limits: CodingLimits): Coding | undefined | Malformed {
  if (header === undefined) return undefined;
  const name = header.trim().toLowerCase();
  const coding = name === 'x-gzip' ? 'gzip' : name;
  if (name.includes(',')) return new Malformed('', 'more than one content coding', 'unsupported-content-coding');
  if ((limits.contentCodings as readonly string[]).includes(coding)) return coding as Coding;
  return new Malformed('', 'this content coding is not accepted', 'unsupported-content-coding');
}

/**
 * Takes a coding off under a cap of decoded bytes. The cap is counted while decoding, never after; truncated data, data
 * after the end, and a second member are refused.
 * @param max decoded bytes at most
 */
export function decode(
  bytes: Buffer,
  coding: Coding,
  max: number,
  limits: CodingLimits,
): Buffer | Malformed | Promise<Buffer | Malformed> {
  const byRatio = Math.max(RATIO_FLOOR, Math.floor(bytes.length * limits.maxRatio));
  const cap = Math.min(max, byRatio);
  const decoder = DECODERS[coding];
  const options: Options = {
    maxOutputLength: Math.max(cap, 1),
    chunkSize: Math.min(CHUNK, Math.max(1024, cap)),
    rejectGarbageAfterEnd: true,
    ...(decoder.params === undefined ? {} : { params: decoder.params }),
  };
  if (bytes.length > INLINE)
    return decoder.async(bytes, options).then(undefined, (error) => judge(error, max, byRatio));
  try {
    return decoder.sync(bytes, options);
  } catch (error) {
    return judge(error, max, byRatio);
  }
}

function judge(error: unknown, max: number, byRatio: number): Malformed {
  if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
    return byRatio < max
      ? new Malformed('', 'the body is compressed beyond all measure', 'body-too-large')
      : new Malformed('', `the limit is ${max} bytes after decoding`, 'body-too-large');
  }
  return new Malformed('', 'the body is not what its content coding says');
}
