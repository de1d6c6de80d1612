import { isUtf8 } from 'node:buffer';

const SHAPE = /^[A-Za-z0-9+/_-]{12,}={0,2}$/;
/** Characters that are decoded; what is longer is a file, not a hidden value. */
const MAX_LENGTH = 64 * 1024;

/** What a value that is base64 as a whole stands for, where that is printable text; else undefined. */
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
