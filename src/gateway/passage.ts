import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { type Forwarding, forward } from '../forwarding/forward.ts';
import type { Targets } from '../forwarding/targets.ts';
import { answerHeaders } from './answer-headers.ts';
import { recordThen, settle } from './closing.ts';
import { crashed } from './crashed.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { Metrics } from './metrics.ts';
import type { CompiledStage, OperationPlan } from './plan.ts';
import { problemBody, problemHeaders } from './problem.ts';
import { discardBody, type Incoming, type Outgoing } from './read-body.ts';
import { type Refusal, refuse } from './refusal.ts';
import type { AuditEvent } from './services.ts';
import { signLeaving } from './sign-leaving.ts';

/** Writes exchanges and events down. `record` resolves when the record is safe; it rejects when it cannot be written. */
export interface Recorder {
  /** False while records cannot be written. */
  readonly healthy: boolean;
  record(exchange: Exchange): Promise<void> | undefined;
  event(event: AuditEvent): void;
}

/** What every passage of one gate shares. */
export interface PassageContext {
  readonly recorder: Recorder;
  readonly metrics: Metrics;
  readonly targets: Targets;
  /** Called once when everything about an exchange is over. */
  readonly over: () => void;
}

const EMPTY = Buffer.alloc(0);
/** Bytes of a refused answer that are still taken from the upstream. */
const SHORT_ANSWER = 65_536;

/**
 * Leads one exchange along the way: stages, forwarding, answer, record. Whatever is thrown on the way becomes a refusal
 * (fail closed), and whatever happened is recorded before the answer is complete at the client.
 */
export class Passage {
  readonly exchange: Exchange;
  readonly #plan: OperationPlan;
  readonly #context: PassageContext;
  readonly #req: Incoming;
  readonly #res: Outgoing;
  #forwarding: Forwarding | undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  #over = false;
  #answering = false;
  #streaming = false;
  #gathering = false;
  #held: Buffer | undefined;

  constructor(exchange: Exchange, plan: OperationPlan, context: PassageContext, req: Incoming, res: Outgoing) {
    this.exchange = exchange;
    this.#plan = plan;
    this.#context = context;
    this.#req = req;
    this.#res = res;
    res.on('close', () => this.#closed());
    res.on('error', () => this.#closed());
  }

  /** Runs the stages before forwarding, then forwards. `then` replaces forwarding where nothing is to be forwarded. */
  start(instead?: () => Refusal | undefined): void {
    this.#advance(this.#plan.before, 0, () => {
      if (instead === undefined) {
        this.#forward();
        return;
      }
      const refusal = instead();
      if (refusal !== undefined) this.refuse(refusal);
    });
  }

  /** Stays on one call stack while stages answer at once; a promise costs a turn, so only those that need it pay. */
  #advance(stages: readonly CompiledStage[], from: number, then: () => void): void {
    const { exchange } = this;
    let before = performance.now();
    for (let i = from; i < stages.length; i++) {
      const stage = stages[i] as CompiledStage;
      let result: ReturnType<CompiledStage['run']>;
      try {
        result = stage.run(exchange);
      } catch (error) {
        this.refuse(crashed(stage.name, error));
        return;
      }
      if (result instanceof Promise) {
        const started = before;
        result.then(
          (refusal) => {
            if (this.#over) return;
            exchange.timings[stage.index] = performance.now() - started;
            if (refusal !== undefined) this.refuse(refusal);
            else this.#advance(stages, i + 1, then);
          },
          (error: unknown) => this.refuse(crashed(stage.name, error)),
        );
        return;
      }
      const now = performance.now();
      exchange.timings[stage.index] = now - before;
      before = now;
      if (result !== undefined) {
        this.refuse(result);
        return;
      }
    }
    try {
      then();
    } catch (error) {
      this.refuse(crashed('forward', error));
    }
  }

  #forward(): void {
    if (this.#over) return;
    if (!this.#context.recorder.healthy && !this.#plan.goesOnUnrecorded) {
      // Nothing may happen at the API that cannot be written down.
      this.refuse(refuse('record-failed', { headers: { 'retry-after': '10' } }));
      return;
    }
    this.#forwarding = forward(this.#context.targets, this.#plan.route, this.exchange, {
      head: (answer) => this.#head(answer),
      data: (chunk) => this.#data(chunk),
      end: () => this.#end(),
      failed: (refusal) => this.#upstreamFailed(refusal),
    });
  }

  #head(answer: Answer): boolean {
    const { exchange } = this;
    exchange.answer = answer;
    const stage = this.#plan.open;
    if (stage !== undefined) {
      const before = performance.now();
      let refusal: Refusal | undefined;
      try {
        const result = stage.run(exchange);
        if (result instanceof Promise) {
          result.catch(() => {});
          throw new TypeError('open-answer must be synchronous');
        }
        refusal = result;
      } catch (error) {
        refusal = crashed(stage.name, error);
      }
      exchange.timings[stage.index] = performance.now() - before;
      if (refusal !== undefined) return this.#refuseAnswer(refusal, answer);
    }
    this.#gathering = answer.mode === 'stream' && this.#plan.gathers;
    return answer.mode !== 'stream' || this.#gathering || this.#openStream(answer);
  }

  /**
   * Refuses an answer by its head. A short body is let run out, so that clients who provoke such answers do not cost the
   * pool a connection each.
   * @returns whether to go on receiving
   */
  #refuseAnswer(refusal: Refusal, answer: Answer): boolean {
    const short = Number(answer.headers['content-length'] ?? Number.NaN) <= SHORT_ANSWER;
    const running = this.#forwarding;
    if (short) {
      this.#forwarding = undefined;
      answer.mode = 'none';
    }
    this.refuse(refusal);
    this.#forwarding = running;
    return short;
  }

  #data(chunk: Buffer): boolean {
    const answer = this.exchange.answer as Answer;
    if (answer.mode === 'none') return true;
    if (answer.mode === 'stream' && !this.#gathering) return this.#streamChunk(chunk);
    this.#length += chunk.length;
    if (this.#length > this.#plan.maxAnswer) {
      this.#forwarding?.abort();
      this.refuse(refuse('answer-too-large', { evidence: { limit: this.#plan.maxAnswer } }));
      return true;
    }
    // The chunk is a view of the parser's buffer, which is used again.
    this.#chunks.push(chunk);
    return true;
  }

  #end(): void {
    if (this.#answering && !this.#streaming) return;
    const answer = this.exchange.answer as Answer;
    if (answer.mode === 'stream' && !this.#gathering) {
      this.#endStream();
      return;
    }
    if (answer.mode !== 'none') {
      answer.bytes =
        this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#length);
    }
    this.#chunks = [];
    if (this.#gathering) {
      // What is passed on as it comes is judged by its head alone, whole or not.
      this.#answer(answer);
      return;
    }
    this.#advance(this.#plan.after, 0, () => this.#answer(answer));
  }

  #upstreamFailed(refusal: Refusal): void {
    if (this.#streaming) {
      // Headers are gone: the only honest end is a broken one.
      this.exchange.refusal = refusal;
      this.#record(
        () => this.#res.destroy(),
        () => this.#res.destroy(),
      );
    } else this.refuse(refusal);
  }

  /** Sends a buffered answer once its record is safe. */
  #answer(answer: Answer): void {
    if (this.#over || this.#answering) return;
    this.#answering = true;
    const body = answer.mode === 'none' ? EMPTY : (answer.bytes ?? EMPTY);
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
    this.exchange.bytesOut = length;
    // As many bytes as characters: ASCII, which the socket takes without transcoding.
    const encoding = length === body.length ? 'latin1' : 'utf8';
    const unsigned = signLeaving(this.#plan.sign, this.exchange, answer.status, answer.headers, body);
    if (unsigned !== undefined) {
      this.#answering = false;
      this.refuse(unsigned);
      return;
    }
    this.#record(
      () => {
        this.#send(
          answer.status,
          answerHeaders(answer, this.exchange, answer.mode === 'none' ? -1 : length),
          body,
          encoding,
        );
      },
      (error) => this.#unrecorded(error),
    );
  }

  /** Answers without the upstream: a preflight (without a body), or a document of the gate's own. */
  answerItself(status: number, headers: Record<string, string> = {}, bytes?: Buffer): void {
    const mode = bytes === undefined || this.#req.method === 'HEAD' ? 'none' : 'buffer';
    const answer: Answer = { status, headers, mediaType: '', mode, bytes, value: undefined };
    this.exchange.answer = answer;
    this.#answer(answer);
  }

  /** Ends the exchange with a refusal, whatever had been prepared before. */
  refuse(refusal: Refusal): void {
    if (this.#over || this.#answering) return;
    this.#answering = true;
    this.exchange.refusal = refusal;
    this.#forwarding?.abort();
    const body = problemBody(refusal, this.exchange.id);
    this.exchange.bytesOut = body.length;
    this.#signRefusal(refusal, body);
    const send = (): void => {
      this.#send(
        refusal.status,
        problemHeaders(refusal, this.exchange, body.length),
        this.#req.method === 'HEAD' ? EMPTY : body,
      );
      discardBody(this.#req);
    };
    this.#record(send, (error) => {
      // A refusal gives nothing away: it may go out although its record is lost, but the loss is counted.
      this.#context.metrics.count('portcullis_records_lost_total');
      this.#context.recorder.event({ event: 'audit/lost', note: (error as Error).message });
      send();
    });
  }

  #unrecorded(error: unknown): void {
    this.#context.metrics.count('portcullis_records_lost_total');
    const refusal = refuse('record-failed', {
      headers: { 'retry-after': '10' },
      evidence: { error: (error as Error).message },
    });
    this.exchange.refusal = refusal;
    const body = problemBody(refusal, this.exchange.id);
    this.#signRefusal(refusal, body);
    this.#send(
      refusal.status,
      problemHeaders(refusal, this.exchange, body.length),
      this.#req.method === 'HEAD' ? EMPTY : body,
    );
  }

  /** A refusal leaves although it could not be signed: it gives nothing away, and whoever verifies notices. */
  #signRefusal(refusal: Refusal, body: Buffer): void {
    const { sign } = this.#plan;
    if (sign === undefined) return;
    const headers = problemHeaders(refusal, this.exchange, body.length);
    const content = this.#req.method === 'HEAD' ? EMPTY : body;
    signLeaving(sign, this.exchange, refusal.status, headers, content);
  }

  #record(then: () => void, failed: (error: unknown) => void): void {
    recordThen(this.exchange, this.#plan, this.#context, this.#res, then, failed);
  }

  #send(
    status: number,
    headers: OutgoingHttpHeaders | OutgoingHttpHeader[],
    body: Buffer | string,
    encoding: BufferEncoding = 'utf8',
  ): void {
    const res = this.#res as ServerResponse;
    if (!res.destroyed && !res.writableEnded) {
      res.writeHead(status, headers);
      res.end(body.length === 0 ? undefined : body, encoding);
    }
    this.#finish();
  }

  /** @returns whether to go on receiving */
  #openStream(answer: Answer): boolean {
    const unsigned = signLeaving(this.#plan.sign, this.exchange, answer.status, answer.headers, undefined);
    if (unsigned !== undefined) {
      this.refuse(unsigned);
      return false;
    }
    this.#streaming = true;
    this.#answering = true;
    // One record stands at the end of a stream; this event makes sure that one stands there even if we die in between.
    this.#context.recorder.event({
      event: 'gateway/stream-opened',
      note: `answer of ${this.#plan.operation.key} is streamed`,
      evidence: {
        exchange: this.exchange.id,
        principal: this.exchange.principal?.id ?? null,
        objects: this.exchange.disclosed.objects,
      },
    });
    (this.#res as ServerResponse).writeHead(answer.status, answerHeaders(answer, this.exchange, -1));
    this.#res.on('drain', () => this.#forwarding?.resume());
    return true;
  }

  /** Holds the newest chunk back: the last one leaves only after the record is written. */
  #streamChunk(chunk: Buffer): boolean {
    const held = this.#held;
    this.#held = chunk;
    if (held === undefined) return true;
    this.exchange.bytesOut += held.length;
    return (this.#res as ServerResponse).write(held);
  }

  #endStream(): void {
    const last = this.#held ?? EMPTY;
    this.exchange.bytesOut += last.length;
    this.#record(
      () => {
        (this.#res as ServerResponse).end(last.length === 0 ? undefined : last);
        this.#finish();
      },
      () => {
        this.#context.metrics.count('portcullis_records_lost_total');
        this.#res.destroy();
      },
    );
  }

  /** The client's side is closed: in the middle, or after the end. */
  #closed(): void {
    if (this.#over) return;
    if (!this.#answering || this.#streaming) {
      this.#forwarding?.abort();
      if (!this.#answering || this.exchange.refusal === undefined) {
        this.exchange.refusal ??= refuse('client-gone');
        this.#answering = true;
        this.#record(
          () => this.#finish(),
          () => this.#finish(),
        );
        return;
      }
    }
    this.#finish();
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    settle(this.exchange, this.#plan, this.#context);
  }
}
