import { hash, timingSafeEqual } from 'node:crypto';

/**
 * The Merkle tree of RFC 9162, section 2.1 (the same as RFC 6962's), with SHA-256. Sizes and indices are safe
 * integers, not 32-bit ones: a busy gate passes 2^32 records within days.
 */

export const HASH_BYTES = 32;

/** Root of the tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Buffer = hash('sha256', '', 'buffer');

/** Hash of a leaf: SHA-256(0x00 || bytes). */
export function leafHash(bytes: Uint8Array): Buffer {
  const input = Buffer.allocUnsafe(bytes.length + 1);
  input[0] = 0;
  input.set(bytes, 1);
  return hash('sha256', input, 'buffer');
}

/** Hash of a leaf that stands in a larger buffer; the byte before it is lent for the prefix. */
export function leafHashIn(bytes: Buffer, start: number, end: number): Buffer {
  if (start === 0) return leafHash(bytes.subarray(0, end));
  const before = bytes[start - 1]!;
  bytes[start - 1] = 0;
  const digest = hash('sha256', bytes.subarray(start - 1, end), 'buffer');
  bytes[start - 1] = before;
  return digest;
}

const node = Buffer.alloc(65);
node[0] = 1;

/** Hash of an inner node: SHA-256(0x01 || left || right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  node.set(left, 1);
  node.set(right, 33);
  return hash('sha256', node, 'buffer');
}

const scratch = Buffer.alloc(256 * HASH_BYTES);

/**
 * Root of a perfect subtree whose leaves stand side by side in `hashes`.
 * @param start index of the first hash
 * @param count a power of two, at most 256
 */
export function perfectRoot(hashes: Uint8Array, start: number, count: number): Buffer {
  scratch.set(hashes.subarray(start * HASH_BYTES, (start + count) * HASH_BYTES));
  for (let width = count; width > 1; width /= 2) {
    for (let i = 0; i < width / 2; i++) {
      // Two children are neighbours: one copy. `latin1` is a byte each and the cheapest way out of the hash.
      scratch.copy(node, 1, i * 64, i * 64 + 64);
      scratch.write(hash('sha256', node, 'latin1'), i * HASH_BYTES, 'latin1');
    }
  }
  return Buffer.from(scratch.subarray(0, HASH_BYTES));
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b);

const valid = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;
const allHashes = (hashes: readonly Uint8Array[]): boolean => hashes.every((h) => h.length === HASH_BYTES);

/**
 * Whether `leaf` is the leaf at `index` of the tree of that size and root (RFC 9162, section 2.1.3.2).
 * Never throws.
 */
export function verifyInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!valid(index) || !valid(size) || index >= size || !allHashes(proof) || leaf.length !== HASH_BYTES) return false;
  let fn = index;
  let sn = size - 1;
  let r = leaf;
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else r = nodeHash(r, p);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(r, root);
}

/**
 * Whether the tree of `size1` and `root1` is the beginning of the tree of `size2` and `root2` (RFC 9162, section
 * 2.1.4.2). An empty first tree proves nothing and is refused. Never throws.
 */
export function verifyConsistency(
  size1: number,
  size2: number,
  root1: Uint8Array,
  root2: Uint8Array,
  proof: readonly Uint8Array[],
): boolean {
  if (!valid(size1) || !valid(size2) || size1 === 0 || size1 > size2) return false;
  if (size1 === size2) return proof.length === 0 && same(root1, root2);
  if (proof.length === 0 || !allHashes(proof) || root1.length !== HASH_BYTES) return false;
  let fn = size1 - 1;
  let sn = size2 - 1;
  while (fn % 2 === 1) {
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  // Where size1 is a power of two, root1 itself is the first node.
  const path = fn === 0 ? [root1, ...proof] : proof;
  let fr = path[0]!;
  let sr = path[0]!;
  for (let i = 1; i < path.length; i++) {
    const c = path[i]!;
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      fr = nodeHash(c, fr);
      sr = nodeHash(c, sr);
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    } else sr = nodeHash(sr, c);
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 && same(fr, root1) && same(sr, root2);
}
