import type { Dispatcher } from 'undici';
import type { Answer, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { Bare } from '../shared/bare.ts';
import type { Route } from './route.ts';
import type { Target, Targets } from './targets.ts';

/** Who listens to an answer as it comes in. Exactly one of `end` and `failed` is called, last. */
export interface AnswerListener {
  /** Status and headers are there. Answering false ends the exchange with the upstream; nothing is called any more. */
  head(answer: Answer): boolean;
  /** @returns false to pause; `Forwarding.resume` goes on. */
  data(chunk: Buffer): boolean;
  end(): void;
  failed(refusal: Refusal): void;
}

/** A running exchange with the upstream. */
export interface Forwarding {
  /** The client is gone or the answer is refused: stop. No listener is called any more. */
  abort(): void;
  resume(): void;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'QUERY']);

/**
 * Sends the rebuilt request. Where the connection cannot be made, another target is tried (nothing was sent); where it
 * broke before an answer began, only a safe method is sent once more.
 */
export function forward(targets: Targets, route: Route, exchange: Exchange, listener: AnswerListener): Forwarding {
  const attempt = new Attempt(targets, route, exchange, listener);
  attempt.send(targets.pick());
  return attempt;
}

class Attempt implements Forwarding {
  readonly #targets: Targets;
  readonly #route: Route;
  readonly #exchange: Exchange;
  readonly #listener: AnswerListener;
  #controller: Dispatcher.DispatchController | undefined;
  #tries = 0;
  #over = false;

  constructor(targets: Targets, route: Route, exchange: Exchange, listener: AnswerListener) {
    this.#targets = targets;
    this.#route = route;
    this.#exchange = exchange;
    this.#listener = listener;
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#controller?.abort(new Error('exchange ended'));
  }

  resume(): void {
    this.#controller?.resume();
  }

  send(target: Target): void {
    const { request, body } = this.#exchange;
    this.#tries++;
    let begun = false;
    try {
      target.pool.dispatch(
        {
          path: target.prefix + this.#route.target(request),
          method: request.method as Dispatcher.HttpMethod,
          headers: this.#route.headers(this.#exchange, target.authority),
          headersTimeout: this.#route.headersTimeout,
          bodyTimeout: this.#route.bodyTimeout,
          body: body === undefined || body.bytes.length === 0 ? null : body.bytes,
        },
        {
          onRequestStart: (controller) => {
            this.#controller = controller;
            if (this.#over) controller.abort(new Error('exchange ended'));
          },
          onResponseStart: (_controller, status, headers) => {
            if (this.#over || status < 200) return;
            begun = true;
            this.#targets.answered(target);
            if (!this.#listener.head(makeAnswer(status, headers))) this.abort();
          },
          onResponseData: (controller, chunk) => {
            if (!this.#over && !this.#listener.data(chunk)) controller.pause();
          },
          onResponseEnd: () => {
            if (this.#over) return;
            this.#over = true;
            this.#listener.end();
          },
          onResponseError: (_controller, error) => this.#failed(target, error, begun),
        },
      );
    } catch (error) {
      this.#failed(target, error as Error, begun);
    }
  }

  #failed(target: Target, error: Error, begun: boolean): void {
    if (this.#over) return;
    const code = (error as NodeJS.ErrnoException).code ?? error.name;
    const unconnected = UNCONNECTED.has(code);
    if (unconnected) this.#targets.failed(target);
    if (!begun && this.#tries < 3) {
      const another = this.#targets.all.length > 1;
      const broken = !TIMEOUT.has(code) && !UNREADABLE.has(code) && code !== 'UND_ERR_INVALID_ARG';
      if (
        (unconnected && another) ||
        (!unconnected && broken && this.#tries < 2 && IDEMPOTENT.has(this.#exchange.request.method))
      ) {
        this.send(this.#targets.pick(unconnected ? target : undefined));
        return;
      }
    }
    this.#over = true;
    const evidence = { target: target.origin, error: code, message: error.message };
    if (TIMEOUT.has(code)) this.#listener.failed(refuse('upstream-timeout', { evidence }));
    else if (unconnected)
      this.#listener.failed(refuse('upstream-unreachable', { evidence, headers: { 'retry-after': '5' } }));
    else this.#listener.failed(refuse('upstream-malformed', { evidence }));
  }
}

const UNCONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOENT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
  'EPROTO',
]);
const TIMEOUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const UNREADABLE = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH']);

function makeAnswer(status: number, upstream: Record<string, string | string[] | undefined>): Answer {
  const headers = new Bare<string | string[]>();
  for (const name in upstream) headers[name.toLowerCase()] = upstream[name] as string | string[];
  const type = headers['content-type'];
  // Two Content-Types are two readings: treated as none, which no contract declares.
  const text = typeof type === 'string' ? type : '';
  const semicolon = text.indexOf(';');
  const mediaType = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  return { status, headers, mediaType, mode: 'stream', bytes: undefined, value: undefined };
}
