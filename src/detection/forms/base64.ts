import { isUtf8 } from 'node:buffer';

const SHAPE = /^[A-Za-z0-9+/_-]{10,}={0,2}$/;
/** Characters that are decoded; what is longer is a file, not a hidden value. */
const MAX_LENGTH = 64 * 1024;

/**
 * What a value that is base64 as a whole stands for, where that is printable text; else undefined.
 *
 * Only whole values, for programs decode by an agreement on the whole value. Not decoded: base64 in the middle of a text
 * (nothing says where it begins, and prose and tokens would decode to noise); what stands behind `Basic ` (credentials,
 * which the gate reads itself) or in a `data:` URL (a file; the classes know the media types that run); parts of a JWT
 * (signed, and read as JSON by what verifies them); and what is compressed inside (`H4sI...`): no server unpacks a value
 * unasked, and unpacking it here would let a small value cost a large one.
 */
export function decodeBase64(text: string): string | undefined {
  if (text.length > MAX_LENGTH || text.length < 12 || text.length % 4 === 1 || !SHAPE.test(text)) return undefined;
  // Names and ids decode to noise: the first bytes tell.
  const head = Buffer.from(text.slice(0, 8), 'base64');
  for (const byte of head) if (!isPrintable(byte)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  for (const byte of bytes) if (!isPrintable(byte)) return undefined;
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}

const isPrintable = (byte: number): boolean => (byte >= 0x20 && byte !== 0x7f) || (byte >= 0x09 && byte <= 0x0d);
