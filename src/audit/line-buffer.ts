import { hash } from 'node:crypto';
import { linePrefix } from './record.ts';

/** Bytes of the buffer that is kept between batches. */
const KEPT = 1_048_576;

/** Lines of one batch as bytes, with the hash of each as leaf of the tree. Reused from batch to batch. */
export class LineBuffer {
  #buffer = Buffer.alloc(65_536);
  #end = 1;
  /** Leaf hashes, 32 characters of latin1 each. */
  leaves: string[] = [];

  /** Bytes of all lines. */
  get length(): number {
    return this.#end - 1;
  }

  /** The lines. Must not change before they are written. */
  get bytes(): Buffer {
    return this.#buffer.subarray(1, this.#end);
  }

  clear(): void {
    this.#end = 1;
    this.leaves = [];
    if (this.#buffer.length > KEPT) this.#buffer = Buffer.alloc(65_536);
  }

  /** Adds the line of a record from its body and index, and hashes it. */
  add(body: string, index: number): void {
    const line = linePrefix(index) + body;
    const start = this.#end;
    const most = start + line.length * 3 + 1;
    if (most > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(most, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    const buffer = this.#buffer;
    const end = start + buffer.write(line, start);
    // The byte before a line is the newline of the one before it; as 0x00 it is the prefix of a leaf (RFC 9162, 2.1.1).
    buffer[start - 1] = 0;
    this.leaves.push(hash('sha256', buffer.subarray(start - 1, end), 'latin1'));
    buffer[start - 1] = 10;
    buffer[end] = 10;
    this.#end = end + 1;
  }
}
