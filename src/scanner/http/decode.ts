import type { Duplex } from 'node:stream';
import {
  brotliDecompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  zstdDecompressSync,
} from 'node:zlib';

/** Codings one over the other that are taken off. */
const MAX_CODINGS = 3;

export interface Decoded {
  readonly body: Buffer;
  /** There was more than the cap. */
  readonly cut: boolean;
}

interface Coding {
  /** Throws where it is nonsense, cut, or larger than `cap` bytes. */
  whole(bytes: Buffer, cap: number): Buffer;
  stream(): Duplex;
}

const SYNC = { finishFlush: constants.Z_SYNC_FLUSH };
const GZIP: Coding = {
  whole: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  stream: () => createGunzip(SYNC),
};
const ZLIB: Coding = {
  whole: (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength }),
  stream: () => createInflate(SYNC),
};
const BARE: Coding = {
  whole: (bytes, maxOutputLength) => inflateRawSync(bytes, { maxOutputLength }),
  stream: () => createInflateRaw(SYNC),
};
const BROTLI: Coding = {
  whole: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  stream: () => createBrotliDecompress(),
};
const ZSTD: Coding = {
  whole: (bytes, maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }),
  stream: () => createZstdDecompress(),
};

function codingOf(name: string, bytes: Buffer): Coding | undefined {
  switch (name) {
    case 'gzip':
    case 'x-gzip':
      return GZIP;
    case 'deflate':
      // zlib by the book (RFC 9110, section 8.4.1.2); some servers send it bare.
      return bytes.length > 1 && ((bytes[0] as number) & 15) === 8 && bytes.readUInt16BE(0) % 31 === 0 ? ZLIB : BARE;
    case 'br':
      return BROTLI;
    case 'zstd':
      return ZSTD;
    default:
      return undefined;
  }
}

/**
 * Takes the content codings off a body: gzip, deflate, br, zstd. What ends early or grows over the cap gives what came
 * until then.
 *
 * @param coding the Content-Encoding header
 * @returns undefined where the coding is unknown or the body is not in it: a lie; then the bytes stand as they came
 */
export async function decode(bytes: Buffer, coding: string, cap: number): Promise<Decoded | undefined> {
  const names = coding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== 'identity' && name !== '');
  if (names.length === 0 || names.length > MAX_CODINGS || bytes.length === 0) return undefined;
  let decoded: Decoded = { body: bytes, cut: false };
  for (const name of names.reverse()) {
    const found = codingOf(name, decoded.body);
    if (!found) return undefined;
    const next = await one(decoded.body, found, cap);
    if (!next) return undefined;
    decoded = { body: next.body, cut: next.cut || decoded.cut };
  }
  return decoded;
}

async function one(bytes: Buffer, coding: Coding, cap: number): Promise<Decoded | undefined> {
  try {
    return { body: coding.whole(bytes, cap), cut: false };
  } catch {
    // Cut, too large or nonsense: read piece by piece, as far as it goes.
  }
  return await new Promise((resolve) => {
    const stream = coding.stream();
    const pieces: Buffer[] = [];
    let size = 0;
    const end = (cut: boolean): void => {
      stream.destroy();
      resolve(size === 0 ? undefined : { body: Buffer.concat(pieces).subarray(0, cap), cut });
    };
    stream.on('data', (piece: Buffer) => {
      pieces.push(piece);
      size += piece.length;
      if (size > cap) end(true);
    });
    stream.on('end', () => end(true));
    stream.on('error', () => end(true));
    stream.end(bytes);
  });
}
