/**
 * Reads DER (ITU-T X.690) where node gives no other way to a certificate's names and a revocation list's dates: only
 * definite lengths, one-byte tags, no recursion. What it reads has passed OpenSSL, but its names were written by whoever
 * asked for the certificate.
 */
export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** Elements looked at in one sequence: a certificate with more names than this is refused. */
const MOST = 1_000;

/**
 * The elements that stand in `bytes` one after the other.
 * @returns undefined where they do not fill it exactly
 */
export function readElements(bytes: Buffer): Element[] | undefined {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const tag = bytes[at] as number;
    let length = bytes[at + 1];
    if ((tag & 0x1f) === 0x1f || length === undefined || elements.length >= MOST) return undefined;
    at += 2;
    if (length >= 0x80) {
      const size = length & 0x7f;
      if (size === 0 || size > 4 || at + size > bytes.length) return undefined;
      length = bytes.readUIntBE(at, size);
      at += size;
    }
    if (at + length > bytes.length) return undefined;
    elements.push({ tag, content: bytes.subarray(at, at + length) });
    at += length;
  }
  return elements;
}

/** The elements inside the one element that `bytes` is. */
export function readInside(bytes: Buffer, tag: number): Element[] | undefined {
  const elements = readElements(bytes);
  const only = elements?.[0];
  return elements?.length === 1 && only?.tag === tag ? readElements(only.content) : undefined;
}
