import type { Failure } from '../model/exchange.ts';
import { Chunked } from './chunked.ts';
import { beginsAnswer, endOfHead, type Head, MAX_HEAD, readHead } from './head.ts';

/** Bytes of a body after which it counts as endless. */
export const ENDLESS = 8 * 1024 * 1024;
/** Interim answers (1xx) that are passed over before it counts as nonsense. */
const MAX_INTERIM = 32;
/** Bytes of empty lines before an answer that are passed over. */
const MAX_SKIPPED = 8;
/** Pieces under this size are copied into buffers of that size. */
const SMALL = 1_024;
const TAIL = 64 * 1024;

export interface Reading {
  /** `never`: as for HEAD; `tunnel`: none where it succeeds, as for CONNECT; `normal`: as the headers say. */
  readonly body: 'normal' | 'never' | 'tunnel';
  /** The server may take it for a HEAD: `head`, or GET with a method override. */
  readonly maybeNever: boolean;
  /** Bytes of a body that are kept. */
  readonly keep: number;
  /** Bytes of a body after which it counts as endless; default `ENDLESS`. */
  readonly most?: number | undefined;
}

/**
 * Reads one answer in HTTP/1.0 or 1.1 from bytes as they come (RFC 9112). Never throws, and never keeps more than its
 * caps: nonsense ends it with `malformed`, and what came of it stands in the body.
 */
export class AnswerReader {
  readonly #reading: Reading;
  #buffer: Buffer | undefined;
  #filled = 0;
  #interim = 0;
  #skipped = 0;
  #chunked: Chunked | undefined;
  /** Bytes of the body still to come; Infinity: until the end of the connection. */
  #left = 0;
  #wire = 0;
  #kept: Buffer[] = [];
  /** Where small pieces are put together. */
  #tail: Buffer | undefined;
  #used = 0;
  #size = 0;
  #more = 0;

  head: Head | undefined;
  /** The answer has come to its end, good or bad. */
  done = false;
  failure: Failure | undefined;
  /** After `done`: the connection can carry a further exchange. */
  reusable = false;
  /** At least one byte came. */
  began = false;

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** Takes bytes in. @returns `done` */
  push(chunk: Buffer): boolean {
    if (this.done || chunk.length === 0) return this.done;
    this.began = true;
    if (this.head) this.#body(chunk);
    else this.#heads(chunk);
    return this.done;
  }

  /** The connection has ended: `failed` where it was torn down. */
  end(failed: boolean): void {
    if (this.done) return;
    if (!this.head) this.stop('reset');
    else this.#finish(!failed && this.#left === Number.POSITIVE_INFINITY && !this.#chunked ? undefined : 'reset');
  }

  /** Ends it from outside: a deadline, the end of the scan, or (undefined) since nothing more is worth waiting for. */
  stop(failure: Failure | undefined): void {
    if (this.done) return;
    if (!failure) this.#more++;
    if (!this.head && this.#buffer) this.#keep(this.#buffer.subarray(0, this.#filled));
    this.#finish(failure);
  }

  /** The body as it came, up to the cap. */
  body(): Buffer {
    this.#flush();
    const [first] = this.#kept;
    if (this.#kept.length === 1 && first) return first;
    return Buffer.concat(this.#kept);
  }

  /** Whether there was more of the body than what was kept. */
  get cut(): boolean {
    return this.#more > 0;
  }

  /**
   * Milliseconds after the head in which an answer has to go on; undefined: any time. Two kinds would else cost a whole
   * deadline: streams that have no end by their nature, and bodies that a HEAD announces and does not bring.
   */
  get patience(): { readonly milliseconds: number; readonly ifEmpty: boolean } | undefined {
    if (!this.head || this.done) return undefined;
    if (this.#reading.maybeNever && this.#wire === 0) return { milliseconds: 500, ifEmpty: true };
    const type = this.head.headers.get('content-type');
    if (
      type &&
      this.#left === Number.POSITIVE_INFINITY &&
      /^(?:text\/event-stream|multipart\/x-mixed-replace)\b/i.test(type)
    )
      return { milliseconds: 1_000, ifEmpty: false };
    return undefined;
  }

  /** Whether a byte of the body came. */
  get empty(): boolean {
    return this.#wire === 0;
  }

  #heads(chunk: Buffer): void {
    let bytes = this.#collect(chunk);
    let from = Math.max(0, this.#filled - chunk.length - 3);
    for (;;) {
      // Empty lines before an answer are left over from one before (RFC 9112, section 2.2, says so of requests).
      let start = 0;
      while (this.#skipped < MAX_SKIPPED && (bytes[start] === 13 || bytes[start] === 10)) {
        start++;
        this.#skipped++;
      }
      if (start > 0) {
        bytes = bytes.subarray(start);
        from = 0;
      }
      if (!beginsAnswer(bytes)) {
        this.#nonsense(bytes);
        return;
      }
      const end = endOfHead(bytes, from);
      if (end === -1) {
        if (bytes.length > MAX_HEAD) {
          this.head = readHead(bytes);
          this.#finish(this.head ? 'endless' : 'malformed');
          return;
        }
        if (bytes.length !== this.#filled) this.#refill(bytes);
        return;
      }
      const head = readHead(bytes.subarray(0, end));
      if (!head) {
        this.#nonsense(bytes);
        return;
      }
      const rest = bytes.subarray(end);
      if (head.status >= 200 || head.status === 101) {
        this.head = head;
        this.#buffer = undefined;
        this.#begin(head, rest);
        return;
      }
      if (++this.#interim > MAX_INTERIM) {
        this.#nonsense(bytes);
        return;
      }
      this.#refill(rest);
      if (rest.length === 0) return;
      bytes = rest;
      from = 0;
    }
  }

  /** Adds to what came of the head so far; doubling, so that a byte at a time costs no more than a few copies. */
  #collect(chunk: Buffer): Buffer {
    const needed = this.#filled + chunk.length;
    if (this.#filled === 0 && !this.#buffer) this.#buffer = chunk;
    else {
      if (!this.#buffer || this.#buffer.length < needed) {
        const larger = Buffer.allocUnsafe(Math.max(4_096, needed * 2));
        this.#buffer?.copy(larger, 0, 0, this.#filled);
        this.#buffer = larger;
      }
      chunk.copy(this.#buffer, this.#filled);
    }
    this.#filled = needed;
    return this.#buffer.subarray(0, needed);
  }

  #refill(bytes: Buffer): void {
    this.#buffer = bytes.length === 0 ? undefined : bytes;
    this.#filled = bytes.length;
  }

  /** Decides how long the body is (RFC 9112, section 6.3). */
  #begin({ status, version, headers }: Head, rest: Buffer): void {
    const connection = headers.get('connection')?.toLowerCase() ?? '';
    this.reusable = version === '1.1' ? !/\bclose\b/.test(connection) : /\bkeep-alive\b/.test(connection);
    const { body } = this.#reading;
    const tunnel = status === 101 || (body === 'tunnel' && status < 300);
    if (tunnel) this.reusable = false;
    if (tunnel || body === 'never' || status === 204 || status === 304) {
      this.#whole(rest);
      return;
    }
    const coding = headers.get('transfer-encoding')?.toLowerCase();
    const length = headers.get('content-length');
    if (coding !== undefined) {
      this.#left = Number.POSITIVE_INFINITY;
      // Both are a sign of smuggling: the connection is of no more use.
      if (length !== undefined) this.reusable = false;
      if (/(?:^|,)\s*chunked$/.test(coding)) this.#chunked = new Chunked();
      else this.reusable = false;
    } else if (length === undefined) {
      this.#left = Number.POSITIVE_INFINITY;
      this.reusable = false;
    } else {
      const lengths = new Set(length.split(',').map((part) => part.trim()));
      if (lengths.size > 1 || !/^\d{1,15}$/.test([...lengths][0] ?? '')) {
        this.#finish('malformed');
        return;
      }
      this.#left = Number([...lengths][0]);
      if (this.#left === 0) {
        this.#whole(rest);
        return;
      }
    }
    if (rest.length > 0) this.#body(rest);
  }

  #body(chunk: Buffer): void {
    this.#wire += chunk.length;
    if (this.#chunked) {
      const used = this.#chunked.push(chunk, (piece) => this.#keep(piece));
      if (used === undefined) {
        this.#finish('malformed');
        return;
      }
      if (used >= 0) {
        this.#whole(chunk.subarray(used));
        return;
      }
    } else {
      const mine = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
      this.#left -= mine.length;
      this.#keep(mine);
      if (this.#left === 0) {
        this.#whole(chunk.subarray(mine.length));
        return;
      }
    }
    if (this.#wire > (this.#reading.most ?? ENDLESS)) this.#finish('endless');
  }

  #keep(piece: Buffer): void {
    const room = this.#reading.keep - this.#size;
    const kept = piece.length > room ? piece.subarray(0, room) : piece;
    this.#size += kept.length;
    this.#more += piece.length - kept.length;
    if (kept.length === 0) return;
    // Small pieces are put together: a chunk of one byte must not cost an object each.
    if (this.#kept.length >= 16 && kept.length < SMALL) {
      if (!this.#tail || this.#tail.length - this.#used < kept.length) {
        this.#flush();
        this.#tail = Buffer.allocUnsafe(TAIL);
      }
      kept.copy(this.#tail, this.#used);
      this.#used += kept.length;
    } else {
      this.#flush();
      this.#kept.push(kept);
    }
  }

  #flush(): void {
    if (this.#tail) this.#kept.push(this.#tail.subarray(0, this.#used));
    this.#tail = undefined;
    this.#used = 0;
  }

  /** The answer is whole. Bytes after it belong to no request: such a connection is not used again. */
  #whole(rest: Buffer): void {
    if (rest.length > 0) this.reusable = false;
    this.done = true;
  }

  #nonsense(bytes: Buffer): void {
    this.#keep(bytes);
    this.#finish('malformed');
  }

  #finish(failure: Failure | undefined): void {
    this.done = true;
    this.failure = failure;
    this.reusable = false;
  }
}
