import type { Operation } from '../../contract/model.ts';

/** A request as it goes over the wire, HTTP/1.1. What is sent is exactly this: nothing is normalized, nothing added but what the client says. */
export interface ScanRequest {
  /** As written: `get` and `FOO` too. */
  readonly method: string;
  /** The request target, encoded: path and query. */
  readonly target: string;
  /** In order, names as written. `Host`, `Content-Length` and `User-Agent` are set by the client where they are absent. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array;
  /** A shell command that prints the body, where the body is too large to be printed in a command. */
  readonly bodyCommand?: string;
  /** Set by the client for what `raw` sent: the message itself; the other fields are what can be read from it. */
  readonly raw?: RawMessage;
}

/**
 * Why there is no (whole) answer:
 * - `refused`: no connection; `reset`: closed before the answer was whole; `timeout`: the deadline passed;
 * - `malformed`: what came is no HTTP/1.1; `endless`: the body went over the cap (what came until then is kept);
 * - `tls`: the handshake failed; `stopped`: the scan ended (Ctrl-C, `--max-time`).
 */
export type Failure = 'refused' | 'reset' | 'timeout' | 'malformed' | 'endless' | 'tls' | 'stopped';

/** What came back. Never throws: nonsense reads as nothing. */
export interface ScanAnswer {
  /** 0 where no status line came. */
  readonly status: number;
  readonly failure: Failure | undefined;
  /** Names lower case; repeated ones joined with `, ` (Set-Cookie with a line feed). */
  readonly headers: ReadonlyMap<string, string>;
  /** As received, decoded from its content coding, up to the cap. */
  readonly body: Uint8Array;
  /** True: `body` is only the beginning, the rest was not kept (over the cap, or an event stream that goes on). */
  readonly cut?: boolean;
  /** Lower case, no parameters; '' where none is said. */
  readonly mediaType: string;
  /** The body as UTF-8, replacement characters for what is none. Decoded once, on demand. */
  readonly text: string;
  /** The body as JSON, whatever the media type says; undefined where it is none, or nests over 200 deep. Parsed once, on demand. */
  readonly json: unknown;
  /** Milliseconds from the first byte sent to the last one received. */
  readonly milliseconds: number;
}

/** One request with its answer. */
export interface Exchange {
  /** Counts from 1 in the order of sending. */
  readonly id: number;
  readonly request: ScanRequest;
  readonly answer: ScanAnswer;
  /** The operation that was meant; undefined for a path of no operation. */
  readonly operation: Operation | undefined;
  /** Name of the identity whose credential was sent; undefined for none (or a forged one). */
  readonly as: string | undefined;
  /** Id of the check that sent it; '' for exploring, logging in and cleaning up. */
  readonly check: string;
}

export interface SendOptions {
  /** Milliseconds for the whole exchange; default from the scan's options. */
  readonly timeout?: number;
  /** Whether 429 and 503 with Retry-After are waited out and the request sent again. Default true; floods say false. */
  readonly patient?: boolean;
  /** A connection of its own, closed afterwards. Default false. */
  readonly fresh?: boolean;
  /** For raw messages: without TLS, whatever the base says. Default false. */
  readonly plain?: boolean;
}

/** Bytes for a connection of their own, with pauses (milliseconds) between them. */
export type RawMessage = string | Uint8Array | readonly (string | Uint8Array | { readonly pause: number })[];

/**
 * Speaks to the one host that was named, and to no other. Keeps the rate, the number of connections and the deadlines;
 * honours 429; notices when it is blocked. Never rejects: what went wrong stands in the answer.
 */
export interface Client {
  send(request: ScanRequest, options?: SendOptions & Origin): Promise<Exchange>;
  /** Writes bytes as they are to a new connection, and reads one answer (or until the deadline or the end). */
  raw(message: RawMessage, options?: SendOptions & Origin): Promise<Exchange>;
}

/** On whose behalf something is sent: for the record, and for observers. */
export interface Origin {
  readonly operation?: Operation | undefined;
  readonly as?: string | undefined;
  readonly check?: string;
}
