import { constants, crc32, gunzipSync, inflateRawSync, inflateSync } from 'node:zlib';
import { type FileFault, harmful, invalid } from './fault.ts';
import type { ZipEntry } from './zip.ts';

/** Bytes that are set aside before it is known that they are needed. */
const MAX_CHUNK = 1024 * 1024;

type WithEngine = { buffer: Buffer; engine: { bytesWritten: number } };

/**
 * Unpacks an entry, to the size it says and not a byte beyond.
 *
 * @returns its bytes, or why they are not what its headers say
 */
export function unpackEntry(entry: ZipEntry): Buffer | FileFault {
  const { packed, size } = entry;
  let bytes: Buffer;
  if (entry.method === 0) {
    if (packed.length !== size) return harmful('archive-ambiguous', 'holds an entry of another size than it says');
    bytes = packed;
  } else if (entry.method === 8) {
    try {
      const done = inflateRawSync(packed, {
        maxOutputLength: Math.max(size, 1),
        // One piece where that is possible: joining pieces costs as much as unpacking.
        chunkSize: Math.min(Math.max(size, 64), MAX_CHUNK),
        info: true,
      }) as unknown as WithEngine;
      if (done.engine.bytesWritten !== packed.length)
        return harmful('archive-ambiguous', 'holds an entry with something behind its data');
      bytes = done.buffer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
        return harmful('archive-bomb', 'holds an entry that is larger than it says');
      return invalid('archive', 'is a broken archive');
    }
    if (bytes.length !== size) return harmful('archive-ambiguous', 'holds an entry of another size than it says');
  } else return invalid('archive-method', 'holds an entry that is packed in a way that cannot be judged');
  return crc32(bytes) === entry.crc ? bytes : invalid('archive', 'is a broken archive');
}

/** All members of a gzip file as one. @returns undefined where there are more than `most` bytes, or none can be read */
export function gunzip(bytes: Buffer, most: number): Buffer | 'too-large' | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(most, 1) });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : undefined;
  }
}

/**
 * A zlib stream that ends somewhere within `bytes`, or is cut off: what there is of it, as readers of PDF take it.
 */
export function inflateLoosely(bytes: Buffer, most: number): Buffer | 'too-large' | undefined {
  try {
    return inflateSync(bytes, { maxOutputLength: Math.max(most, 1), finishFlush: constants.Z_SYNC_FLUSH });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : undefined;
  }
}
