/**
 * The one guarded client for requests that configuration, contracts or tokens can steer: JWKS, `$ref`, discovery,
 * a contract from a URL. Never used for the upstream itself.
 */
export interface Outbound {
  /**
   * Fetches a document. Scheme and host must be allowed, every resolved address is checked (and is the one connected
   * to), redirects are not followed, size and time are capped.
   * @throws OutboundError with a message that names the URL and the mend; never holds credentials.
   */
  fetch(url: string, options?: OutboundOptions): Promise<OutboundAnswer>;
}

export interface OutboundOptions {
  /** `application/json` and the like, sent as `Accept`. */
  readonly accept?: string;
  /** Bytes after decoding; default 5 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds for the whole exchange; default 10,000. */
  readonly timeout?: number;
  /**
   * What an operator named on the command line or in the configuration may be on a private or loopback address;
   * what a document or a token names may not. Default false.
   */
  readonly allowPrivate?: boolean;
  /** Sent with POST as `application/x-www-form-urlencoded`; absent: GET. */
  readonly form?: URLSearchParams;
  /** The `Authorization` header, for a server that the operator named. */
  readonly authorization?: string;
  /** PEM certificates of the authorities that are trusted for this request, in place of all others. */
  readonly ca?: string;
  /** `http:` is refused unless allowed here. Default false. */
  readonly allowPlain?: boolean;
}

export interface OutboundAnswer {
  readonly status: number;
  /** Lower case, no parameters. */
  readonly mediaType: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export class OutboundError extends Error {
  readonly code: 'scheme' | 'address' | 'redirect' | 'size' | 'timeout' | 'status' | 'network' | 'url';
  /** What was answered, where something was. */
  readonly status: number | undefined;
  constructor(code: OutboundError['code'], message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options);
    this.name = 'OutboundError';
    this.code = code;
    this.status = options.status;
  }
}
