import type { Client, Exchange, Failure, Origin, RawMessage, ScanRequest, SendOptions } from '../model/exchange.ts';
import { Answer } from './answer.ts';
import type { AnswerReader } from './answer-reader.ts';
import { Blocking } from './blocking.ts';
import { Deadlines } from './deadlines.ts';
import { decode } from './decode.ts';
import { Dialer } from './dial.ts';
import { encode } from './encode.ts';
import { type Handshake, type HandshakeOptions, handshake } from './handshake.ts';
import { Life, Stop } from './life.ts';
import { Pacer } from './pacer.ts';
import { Patience } from './patience.ts';
import { rawRequest, rawSteps } from './raw.ts';
import { Slots } from './slots.ts';
import type { TlsFacts } from './tls-facts.ts';
import { type Message, Transport } from './transport.ts';

/** Bytes of an answer's body that are kept. */
const MAX_BODY = 1024 * 1024;
/** Of waits that end with the client, not with a signal. */
const NEVER = new AbortController().signal;
/** Raw messages may lie idle for long on purpose: they do not take the places of the others, and have so many of their own. */
const RAW_AT_ONCE = 64;

export interface ClientOptions {
  /** The one host and port that is spoken to; `http:` or `https:`. */
  readonly base: URL;
  /** Exchanges at once. */
  readonly concurrency: number;
  /** Requests a second, evenly; undefined: as fast as the API answers. */
  readonly rate?: number | undefined;
  /** Milliseconds for a whole exchange, from connecting to the last byte. Waiting for a place or a turn is not part of it. */
  readonly timeout: number;
  /** Bytes of a body that are kept. Default 1 MiB. */
  readonly maxBody?: number | undefined;
  /** The end of everything. */
  readonly signal: AbortSignal;
  /** PEM of the authorities trusted in place of the system's. */
  readonly ca?: string | undefined;
  /** Certificates are not verified, wherever the host is. Those of a loopback host never are. */
  readonly insecure?: boolean | undefined;
  /** Sees every exchange, those that were answered "later" and sent again too; not those that the end of the scan cut. */
  observe(exchange: Exchange): void;
  /** Something a reader of the report must know. */
  note(text: string): void;
  /** Id of the check that is running, where the origin does not say. */
  check?(): string;
}

/** The client with what the engine wants to know of it. */
export interface ScannerClient extends Client {
  /** Closes everything; what is under way ends as `stopped`. Notes how often it was slowed down. */
  close(): void;
  /**
   * Sends nothing more until `resume`: what is asked, or waits for its turn, is answered as `stopped` at once; what is
   * under way may end by itself for `grace` milliseconds, so that what it makes is known.
   */
  halt(grace: number): void;
  resume(): void;
  /** Requests that were sent, repeated ones too. */
  readonly sent: number;
  /** Answers that said "later" (429, 503) and were waited for. */
  readonly limited: number;
  /** Set when the API seems to have ceased to speak to the scanner: how that shows. */
  readonly blocked: string | undefined;
  /** It speaks again. */
  unblocked(): void;
  /** Facts of the last TLS handshake; undefined before it and in plain HTTP. */
  tls(): TlsFacts | undefined;
  /** One handshake with the host under given terms, for transport checks; nothing is sent over it. */
  handshake(options: HandshakeOptions): Promise<Handshake>;
}

/**
 * The scanner's HTTP/1.1 client. Sends exactly what it is given, to the host and port of `base` and nowhere else, and
 * follows nothing. Nothing an API does makes it throw.
 *
 * @throws TypeError where `base` is neither http nor https, or a number makes no sense
 */
export function createClient(options: ClientOptions): ScannerClient {
  const { base, concurrency, rate } = options;
  if (base.protocol !== 'http:' && base.protocol !== 'https:') {
    throw new TypeError(`${base.protocol} is not spoken: name an http or https URL`);
  }
  if (!(concurrency >= 1)) throw new TypeError('concurrency must be 1 or more');
  if (rate !== undefined && !(rate > 0)) throw new TypeError('rate must be over 0');
  if (!(options.timeout > 0)) throw new TypeError('timeout must be over 0');
  return new HttpClient(options);
}

class HttpClient implements ScannerClient {
  readonly #options: ClientOptions;
  readonly #stop: Stop;
  readonly #dialer: Dialer;
  readonly #transport: Transport;
  readonly #slots: Slots;
  readonly #rawSlots = new Slots(RAW_AT_ONCE);
  readonly #pacer: Pacer | undefined;
  readonly #patience = new Patience();
  readonly #blocking = new Blocking();
  readonly #deadlines: Deadlines;
  readonly #keep: number;
  readonly #lives = new Set<Life>();
  #ids = 0;
  /** `performance.now()` until which nothing is sent, since the API asked for it. */
  #pausedUntil = 0;
  #faulty = false;
  #halted = false;
  #grace: NodeJS.Timeout | undefined;
  /** Ends the waits of those who have not sent yet; another one after each halt. */
  #waits = new Stop(NEVER);
  sent = 0;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#stop = new Stop(options.signal);
    this.#deadlines = new Deadlines(options.timeout);
    this.#keep = options.maxBody ?? MAX_BODY;
    this.#dialer = new Dialer({ ...options, stop: this.#stop, note: (text) => this.#note(text) });
    this.#transport = new Transport(this.#dialer, this.#keep, options.concurrency);
    this.#slots = new Slots(options.concurrency);
    if (options.rate !== undefined)
      this.#pacer = new Pacer(options.rate, (milliseconds) => this.#waits.sleep(milliseconds));
    this.#stop.on(() => this.#end());
    if (this.#stop.stopped) this.#end();
  }

  get limited(): number {
    return this.#patience.limited;
  }

  get blocked(): string | undefined {
    return this.#blocking.blocked;
  }

  unblocked(): void {
    this.#blocking.unblocked();
  }

  tls(): TlsFacts | undefined {
    return this.#dialer.facts;
  }

  handshake(options: HandshakeOptions): Promise<Handshake> {
    return handshake(this.#options.base, this.#options.ca, options, this.#stop, this.#options.timeout);
  }

  send(request: ScanRequest, options: SendOptions & Origin = {}): Promise<Exchange> {
    const encoded = encode(request, this.#options.base.host);
    const { head, body, reading, idempotent } = encoded;
    const message: Message = {
      steps: body ? [head, body] : [head],
      reading,
      idempotent,
      fresh: options.fresh === true || encoded.alone,
    };
    return this.#patiently(request, message, options, this.#slots);
  }

  raw(message: RawMessage, options: SendOptions & Origin = {}): Promise<Exchange> {
    const request = rawRequest(message);
    const reading = {
      body: request.method === 'HEAD' ? 'never' : request.method === 'CONNECT' ? 'tunnel' : 'normal',
      maybeNever: false,
    } as const;
    return this.#patiently(
      request,
      { steps: rawSteps(message), reading, idempotent: false, fresh: true, plain: options.plain },
      { patient: false, ...options },
      this.#rawSlots,
    );
  }

  close(): void {
    if (this.limited > 0) {
      this.#note(`slowed down by 429 (or 503 with Retry-After), ${this.limited} times: the scan waited as it was told`);
    }
    this.#patience.limited = 0;
    this.#stop.stop();
  }

  halt(grace: number): void {
    if (this.#halted) return;
    this.#halted = true;
    this.#waits.stop();
    this.#grace = setTimeout(() => {
      for (const life of this.#lives) life.end('stopped');
    }, grace);
  }

  resume(): void {
    clearTimeout(this.#grace);
    if (!this.#halted) return;
    for (const life of this.#lives) life.end('stopped');
    this.#halted = false;
    this.#pausedUntil = 0;
    this.#pacer?.reset();
    this.#waits = new Stop(NEVER);
    if (this.#stop.stopped) this.#waits.stop();
  }

  /** Sends, and again as long as the API asks for it and patience lasts. */
  async #patiently(
    request: ScanRequest,
    message: Message,
    options: SendOptions & Origin,
    slots: Slots,
  ): Promise<Exchange> {
    const waits = this.#waits;
    if (waits.stopped) return this.#exchange(request, stopped(), options);
    const place = slots.take();
    if (!(typeof place === 'boolean' ? place : await place)) return this.#exchange(request, stopped(), options);
    try {
      for (let repeats = 0; ; repeats++) {
        if (!waits.stopped) await this.#turn(waits);
        if (waits.stopped) return this.#exchange(request, stopped(), options);
        const exchange = await this.#once(request, message, options);
        if (options.patient === false || this.blocked !== undefined) return exchange;
        const wait = this.#patience.wait(exchange, repeats);
        if (wait === undefined) return exchange;
        this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + wait);
      }
    } finally {
      slots.give();
    }
  }

  /** Waits while the API asked for a pause, and for the turn that the rate gives. */
  async #turn(waits: Stop): Promise<void> {
    for (;;) {
      for (let left: number; (left = this.#pausedUntil - performance.now()) > 0; ) {
        await waits.sleep(left + 1);
        if (waits.stopped) return;
      }
      if (!this.#pacer) return;
      await this.#pacer.turn();
      if (waits.stopped || this.#pausedUntil <= performance.now()) return;
    }
  }

  async #once(request: ScanRequest, message: Message, options: SendOptions & Origin): Promise<Exchange> {
    const id = ++this.#ids;
    this.sent++;
    const life = new Life();
    this.#lives.add(life);
    const timer = setTimeout(() => life.end('timeout'), this.#deadlines.of(options.operation, options.timeout));
    const began = performance.now();
    const { reader, times } = await this.#transport.exchange(message, life);
    clearTimeout(timer);
    this.#lives.delete(life);
    const end = reader.failure === undefined || reader.failure === 'reset' ? times?.received : undefined;
    const milliseconds = (end ?? performance.now()) - (times?.sent ?? began);
    const exchange = this.#exchange(request, await this.#answer(reader, milliseconds), options, id);
    if (reader.failure !== 'stopped') this.#seen(exchange, options);
    return exchange;
  }

  async #answer(reader: AnswerReader, milliseconds: number): Promise<Answer> {
    const { head, failure } = reader;
    let body = reader.body();
    let cut = reader.cut;
    const coding = head?.headers.get('content-encoding');
    if (coding !== undefined) {
      const decoded = await decode(body, coding, this.#keep);
      if (decoded) {
        body = decoded.body;
        cut ||= decoded.cut;
      }
    }
    return new Answer({ status: head?.status ?? 0, failure, headers: head?.headers, body, cut, milliseconds });
  }

  #exchange(request: ScanRequest, answer: Answer, { operation, as, check }: Origin, id = ++this.#ids): Exchange {
    return { id, request, answer, operation, as, check: check ?? this.#options.check?.() ?? '' };
  }

  #seen(exchange: Exchange, { patient }: SendOptions): void {
    this.#deadlines.see(exchange);
    // A flood is refused on purpose, and says nothing of the rest.
    const provoked = patient === false && (exchange.answer.status === 429 || exchange.answer.status === 403);
    if (!provoked && this.#blocking.see(exchange)) {
      this.#note(`the API seems to block the scanner: ${this.#blocking.blocked}, where such requests worked before`);
    }
    try {
      this.#options.observe(exchange);
    } catch (error) {
      if (this.#faulty) return;
      this.#faulty = true;
      this.#note(`an observer of exchanges failed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #note(text: string): void {
    this.#options.note(text);
  }

  #end(): void {
    clearTimeout(this.#grace);
    this.#waits.stop();
    this.#slots.close();
    this.#rawSlots.close();
    for (const life of this.#lives) life.end('stopped');
    this.#transport.close();
  }
}

function stopped(failure: Failure = 'stopped'): Answer {
  return new Answer({ failure, milliseconds: 0 });
}
