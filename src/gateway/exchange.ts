import type { Operation, SecurityRequirement } from '../contract/model.ts';
import type { ClientCertificate } from './client-certificate.ts';
import type { Principal } from './principal.ts';
import type { Refusal } from './refusal.ts';

/** The other end of the connection. `address` is the client after trusted proxies, `socket` the TCP peer. */
export interface Peer {
  readonly address: string;
  readonly socket: string;
  readonly secure: boolean;
  /** `TLSv1.3`, ... ; undefined on a plain listener. */
  readonly tls: string | undefined;
  /** What the client has shown in the TLS handshake, verified or not; never anything that a header says. */
  readonly certificate?: ClientCertificate | undefined;
  /** Whether the gate's certificate, which the client was shown, is for a host; absent on a plain listener. */
  readonly standsFor?: ((host: string) => boolean) | undefined;
}

/**
 * One parser's view of the request; the only one anything is judged by, and the one that is forwarded.
 * Nothing in it is raw: duplicates of singletons, dot segments, encoded slashes and the like never get this far.
 */
export interface CanonicalRequest {
  readonly method: string;
  /** HTTP version as spoken by the client: `1.1`, `2.0`. */
  readonly version: string;
  /** Host without port, lower case. */
  readonly host: string;
  readonly authority: string;
  /** Canonical path in its encoded form: what the router matched and the upstream receives. */
  readonly path: string;
  /** The same path as decoded segments. */
  readonly segments: readonly string[];
  /** Query string without `?` as sent (already checked: valid percent encoding of UTF-8, no control characters). */
  readonly query: string;
  /** The path as it was sent, where that is another spelling: what a signature of the client covers. Judge nothing by it. */
  readonly pathAsSent?: string | undefined;
  /**
   * Lower-case header name to value; repeated list-type headers joined with `, ` (cookie with `; `). Singletons are
   * known to be single. Hop-by-hop headers and every spelling of identity headers are already gone. No prototype.
   */
  readonly headers: Readonly<Record<string, string>>;
}

/** A request body once read and decoded. `bytes` is what is forwarded. */
export interface Body {
  /** Media type as declared by the contract entry that matched, lower case, no parameters: `application/json`. */
  mediaType: string;
  /** `Content-Type` for the upstream, rebuilt. */
  contentType: string;
  bytes: Buffer;
  /** Typed value: parsed JSON, form object, array of parts, string; undefined for binary. */
  value: unknown;
}

/** What the upstream answered, on its way out. Headers: lower-case names, only those let through so far. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  /** Media type without parameters, lower case; empty where there is no body. */
  mediaType: string;
  /** `buffer`: read whole under a cap, then disclosed; `stream`: passed on as it comes; `none`: body dropped. */
  mode: 'buffer' | 'stream' | 'none';
  /** As received; text once it was serialized anew (sent with its head in one write). */
  bytes: Buffer | string | undefined;
  value: unknown;
}

/** Typed parameters of the operation, by location; only declared ones (and undeclared ones where policy allows). */
export interface Parameters {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  header: Record<string, unknown>;
  cookie: Record<string, unknown>;
}

/** An answer or a refusal as it is about to leave: what a signature of the gate covers. */
export interface Leaving {
  readonly status: number;
  /** Value of a header that leaves; lower-case name. */
  header(name: string): string | undefined;
  /** All of the body; undefined where it is streamed and not known yet. */
  readonly content: Buffer | string | undefined;
}

/** Something a stage found worth telling: shown by `portcullis audit show`. Never holds a secret or a sensitive value. */
export interface Decision {
  readonly stage: string;
  readonly note: string;
  readonly evidence?: Readonly<Record<string, unknown>>;
}

/** What left with the answer: names and ids only, never values. Filled by disclosure, written by audit. */
export interface Disclosed {
  /** Names of sensitive fields that left. */
  fields: string[];
  /** Ids of objects that left or were addressed, as `kind:id`. */
  objects: string[];
  /** Pointers (array indices as `*`) of what was removed from the answer. */
  removed: string[];
}

/** A request body that is still on the wire. */
export interface BodySource {
  /** Whether there is one at all. */
  readonly present: boolean;
  read(limit: number): Promise<Buffer | Refusal>;
}

const EMPTY = Buffer.alloc(0);

/** One request with its response on its way through. Every field exists from the start, so that all have one shape. */
export class Exchange {
  readonly id: string;
  /** Epoch milliseconds at which the request head was complete. */
  readonly time: number;
  /** `performance.now()` at the same moment. */
  readonly started: number;
  readonly peer: Peer;
  request: CanonicalRequest;
  /** The request before any stage took a credential out of it: for signatures over it, never for the record. */
  readonly asked: CanonicalRequest;
  operation: Operation | undefined = undefined;
  /** Raw decoded path parameter values, in the order of the template. */
  pathValues: readonly string[] = [];
  parameters: Parameters | undefined = undefined;
  body: Body | undefined = undefined;
  principal: Principal | undefined = undefined;
  /** The contract's alternatives that the credentials satisfy, in its order; the scopes they ask for are not judged yet. */
  requirements: readonly SecurityRequirement[] | undefined = undefined;
  /** The operation is open to anyone by policy and no credential was sent. */
  anonymous = false;
  /** The operation is open to anyone by policy, whether or not a credential was sent: nobody needs a grant. */
  open = false;
  answer: Answer | undefined = undefined;
  /** A rule must see the whole answer: what is answered in place of a 2xx that would be streamed. */
  unstreamed: Refusal | undefined = undefined;
  refusal: Refusal | undefined = undefined;
  /** What the bytes of the body must fulfil as they came, before they are decoded; set by a stage that saw the head only. */
  seal: ((bytes: Buffer) => Refusal | undefined) | undefined = undefined;
  /** Label of the client's signature that was verified; the gate's own binds its answer to it. */
  signedAs: string | undefined = undefined;
  /** The credential is good, but used as a stolen one is: a factor used since (epoch ms) is to be asked for. */
  unusual: { readonly rules: readonly string[]; readonly since: number } | undefined = undefined;
  /** Set right before the stage `sign` runs. */
  leaving: Leaving | undefined = undefined;
  /** Headers set on whatever answer leaves, refusals included; lower-case names. */
  readonly answerHeaders: Record<string, string> = {};
  readonly decisions: Decision[] = [];
  readonly disclosed: Disclosed = { fields: [], objects: [], removed: [] };
  /** Milliseconds spent in each step of the way, by the step's index; NaN where it did not run. */
  readonly timings: number[] = [];
  bytesIn = 0;
  bytesOut = 0;
  /** Where the body comes from. An object, not a closure: one a request would drag its whole context into old space. */
  source: BodySource | undefined = undefined;
  /** Stages that hold something for the time of the exchange (a concurrency slot) release it here. */
  readonly finally: (() => void)[] = [];

  constructor(id: string, time: number, started: number, peer: Peer, request: CanonicalRequest) {
    this.id = id;
    this.time = time;
    this.started = started;
    this.peer = peer;
    this.request = request;
    this.asked = request;
  }

  /** Whether a body follows the head; true where that is not known. */
  get hasBody(): boolean {
    return this.source?.present ?? true;
  }

  /** Reads the request body under a cap of real bytes; answers a refusal instead of throwing. */
  async readBody(limit: number): Promise<Buffer | Refusal> {
    if (this.source === undefined) return EMPTY;
    const body = await this.source.read(limit);
    if (!Buffer.isBuffer(body)) return body;
    this.bytesIn = body.length;
    return this.seal?.(body) ?? body;
  }

  /** Adds a note for the record. */
  note(stage: string, note: string, evidence?: Readonly<Record<string, unknown>>): void {
    this.decisions.push(evidence === undefined ? { stage, note } : { stage, note, evidence });
  }
}
