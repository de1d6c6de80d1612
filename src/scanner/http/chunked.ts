/** Bytes of a line that tells a chunk's size (with its extensions), and of one trailer. */
const MAX_LINE = 4_096;
const MAX_TRAILERS = 100;
const LF = 10;

/** Reads the chunked transfer coding (RFC 9112, section 7.1) as it comes. Extensions and trailers are passed over. */
export class Chunked {
  /** Bytes of the chunk that are still to come; -1: the line with the size of the next. */
  #left = -1;
  #line = '';
  /** Within the empty line that ends a chunk's data. */
  #closing = false;
  #trailers = -1;

  /**
   * @param data is handed the pieces of the body
   * @returns the bytes used where the body has ended; -1: more is to come; undefined: this is not chunked
   */
  push(bytes: Buffer, data: (piece: Buffer) => void): number | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const piece = bytes.subarray(at, at + this.#left);
        this.#left -= piece.length;
        at += piece.length;
        this.#closing = this.#left === 0;
        if (this.#closing) this.#left = -1;
        data(piece);
        continue;
      }
      const end = bytes.indexOf(LF, at);
      const stop = end === -1 ? bytes.length : end;
      if (this.#line.length + stop - at > MAX_LINE) return undefined;
      this.#line += bytes.toString('latin1', at, stop);
      if (end === -1) return -1;
      at = end + 1;
      const line = this.#line.trim();
      this.#line = '';
      if (this.#trailers >= 0) {
        if (line === '') return at;
        if (++this.#trailers > MAX_TRAILERS) return undefined;
      } else if (this.#closing) {
        if (line !== '') return undefined;
        this.#closing = false;
      } else {
        const size = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line);
        if (!size) return undefined;
        this.#left = Number.parseInt(size[1] as string, 16);
        if (this.#left === 0) {
          this.#left = -1;
          this.#trailers = 0;
        }
      }
    }
    return -1;
  }
}
