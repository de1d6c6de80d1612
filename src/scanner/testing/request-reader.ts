/** Bytes of a head, and of a body as far as it is kept. */
const MOST_KEPT = 64 * 1024;
/** Bytes of a body that is read; larger ones are refused: to read them all would be a weakness of its own. */
const MOST_BODY = 1024 * 1024;
/** The beginning of a request line. */
const LINE = /^[!#$%&'*+.^_`|~\w-]{1,40} \S+ HTTP\/\d/;

/** A request, as far as it is needed to be hostile. */
export interface ReadRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** Names lower case; the last of a name counts. */
  readonly headers: ReadonlyMap<string, string>;
  /** The beginning of the body, at most 64 KiB. */
  readonly body: string;
}

/**
 * Reads requests off one connection: a head, and a body of its Content-Length or in chunks. What is no request, is read
 * in two ways, or is too large, is refused, and nothing more is read.
 */
export class RequestReader {
  readonly #found: (request: ReadRequest) => void;
  readonly #refuse: (status: string) => void;
  #refused = false;
  #waiting: Buffer = Buffer.alloc(0);
  #current: ReadRequest | undefined;
  /** Bytes of the body; -1: it comes in chunks, until an empty one. */
  #size = 0;

  constructor(found: (request: ReadRequest) => void, refuse: (status: string) => void) {
    this.#found = found;
    this.#refuse = refuse;
  }

  read(chunk: Buffer): void {
    if (this.#refused) return;
    this.#waiting = this.#waiting.length === 0 ? chunk : Buffer.concat([this.#waiting, chunk]);
    while (!this.#refused && (this.#current ? this.#body(this.#current) : this.#head()));
  }

  /** @returns whether there was a whole head */
  #head(): boolean {
    if (this.#waiting.length === 0) return false;
    const end = this.#waiting.indexOf('\r\n\r\n');
    const text = this.#waiting.toString('latin1', 0, end === -1 ? MOST_KEPT : end);
    const [line = '', ...lines] = text.split('\r\n');
    const begun = end === -1 && lines.length === 0 && line.length < MOST_KEPT && /^[!-~ ]*$/.test(line);
    if (!LINE.test(line) && !begun) return this.#stop('400 Bad Request');
    if (end === -1) return text.length >= MOST_KEPT ? this.#stop('431 Request Header Fields Too Large') : false;
    const [method = '', target = ''] = line.split(' ');
    const headers = new Map<string, string>();
    for (const header of lines) {
      const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):(.*)$/.exec(header) ?? [];
      if (name === undefined || value === undefined) return this.#stop('400 Bad Request');
      const key = name.toLowerCase();
      if (headers.has(key) && (key === 'content-length' || key === 'host')) return this.#stop('400 Bad Request');
      headers.set(key, value.trim());
    }
    const coding = headers.get('transfer-encoding')?.toLowerCase();
    const length = headers.get('content-length') ?? '0';
    if (!/^\d{1,15}$/.test(length) || (coding !== undefined && (coding !== 'chunked' || headers.has('content-length'))))
      return this.#stop('400 Bad Request');
    if (Number(length) > MOST_BODY) return this.#stop('413 Content Too Large');
    this.#waiting = this.#waiting.subarray(end + 4);
    this.#size = coding === 'chunked' ? -1 : Number(length);
    this.#current = { method, target, headers, body: '' };
    return true;
  }

  /** @returns whether the body was whole */
  #body(request: ReadRequest): boolean {
    let size = this.#size;
    if (size === -1) {
      const end = this.#waiting.indexOf('0\r\n\r\n');
      if (end === -1) return this.#waiting.length > MOST_BODY ? this.#stop('413 Content Too Large') : false;
      size = end + 5;
    } else if (this.#waiting.length < size) return false;
    const body = this.#waiting.toString('utf8', 0, Math.min(size, MOST_KEPT));
    this.#waiting = this.#waiting.subarray(size);
    this.#current = undefined;
    this.#found({ ...request, body });
    return true;
  }

  #stop(status: string): false {
    this.#refused = true;
    this.#waiting = Buffer.alloc(0);
    this.#refuse(status);
    return false;
  }
}
