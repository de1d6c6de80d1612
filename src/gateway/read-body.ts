import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Deadline, Deadlines } from './deadlines.ts';
import type { BodySource } from './exchange.ts';
import { type Refusal, refuse } from './refusal.ts';

export type Incoming = IncomingMessage | Http2ServerRequest;
export type Outgoing = ServerResponse | Http2ServerResponse;

const EMPTY = Buffer.alloc(0);
const DISCARD_BYTES = 1024 * 1024;
const DISCARD_TIME = 2000;

/** Whether a body follows the head: HTTP/1.1 says so by its framing, HTTP/2 by not ending the stream. */
export function hasBody(req: Incoming): boolean {
  if (req.httpVersionMajor >= 2) return !(req as Http2ServerRequest).stream.endAfterHeaders;
  const length = req.headers['content-length'];
  return req.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** The body of one request, read whole and once. */
export class RequestBody implements BodySource {
  readonly #req: Incoming;
  readonly #res: Outgoing;
  readonly #deadlines: Deadlines;
  readonly #expectContinue: boolean;

  /**
   * @param deadlines how long from the call of `read` the last byte must be there; then `request-timeout`
   * @param expectContinue whether the client waits for `100 Continue`, which is sent only when the body is read
   */
  constructor(req: Incoming, res: Outgoing, deadlines: Deadlines, expectContinue: boolean) {
    this.#req = req;
    this.#res = res;
    this.#deadlines = deadlines;
    this.#expectContinue = expectContinue;
  }

  get present(): boolean {
    return hasBody(this.#req);
  }

  /**
   * Reads the body, counting real bytes.
   * @param limit bytes; more is `body-too-large`
   */
  read(limit: number): Promise<Buffer | Refusal> {
    const req = this.#req;
    if (!hasBody(req)) return Promise.resolve(EMPTY);
    const declared = req.headers['content-length'];
    if (declared !== undefined && Number(declared) > limit) return Promise.resolve(tooLarge(limit));
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const late = (): void => {
        deadline = undefined;
        done(refuse('request-timeout'));
      };
      let deadline: Deadline | undefined = this.#deadlines.set(late);
      const done = (result: Buffer | Refusal): void => {
        if (deadline !== undefined) this.#deadlines.clear(deadline);
        deadline = undefined;
        req.off('data', onData);
        req.off('end', onEnd);
        req.off('error', onGone);
        req.off('close', onGone);
        resolve(result);
      };
      const onData = (chunk: Buffer): void => {
        length += chunk.length;
        if (length > limit) {
          req.pause();
          done(tooLarge(limit));
        } else chunks.push(chunk);
      };
      const onEnd = (): void => done(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
      const onGone = (): void => done(refuse('client-gone', { evidence: { received: length } }));
      req.on('data', onData);
      req.on('end', onEnd);
      req.on('error', onGone);
      req.on('close', onGone);
      if (this.#expectContinue) this.#res.writeContinue();
    });
  }
}

const tooLarge = (limit: number): Refusal => refuse('body-too-large', { detail: `the limit is ${limit} bytes` });

/**
 * After an early answer: lets the client finish sending a little, so that it reads the answer instead of a reset; what
 * goes on beyond that is cut off.
 */
export function discardBody(req: Incoming): void {
  if (req.complete || req.destroyed || !hasBody(req)) return;
  let length = 0;
  const timer = setTimeout(() => req.destroy(), DISCARD_TIME);
  timer.unref();
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > DISCARD_BYTES) req.destroy();
  });
  req.on('end', () => clearTimeout(timer));
  req.on('error', () => clearTimeout(timer));
  req.on('close', () => clearTimeout(timer));
  req.resume();
}
