import type { Socket } from 'node:net';
import type { AnswerReader } from './answer-reader.ts';
import type { Life } from './life.ts';

/** What is written, in order: bytes, and pauses in milliseconds. */
export type Steps = readonly (Buffer | number)[];

/** When an exchange went over a connection, by `performance.now()`. */
export interface Times {
  readonly sent: number;
  /** Undefined where nothing came. */
  readonly received: number | undefined;
}

/** Bytes that are handed to the socket at once: an answer that comes early is seen before all is written. */
const PIECE = 64 * 1024;
/** Milliseconds without use after which a connection is not trusted to live. Some servers close after 2 s. */
const MAX_IDLE = 1_500;

interface Running {
  readonly reader: AnswerReader;
  readonly life: Life;
  readonly resolve: (times: Times) => void;
  readonly sent: number;
  received: number | undefined;
  /** Everything is written. */
  written: boolean;
  timer: NodeJS.Timeout | undefined;
  /** Whether the reader's patience was asked for. */
  patient: boolean;
}

/** A connection: one exchange after the other, never two at a time. */
export class Connection {
  readonly #socket: Socket;
  #running: Running | undefined;
  #failed = false;
  #idleUntil = 0;
  /** Exchanges that were begun. */
  uses = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#data(chunk));
    socket.on('error', () => {
      this.#failed = true;
    });
    socket.on('end', () => this.#ended());
    socket.on('close', () => this.#ended());
  }

  /** Whether another exchange can be tried. */
  get usable(): boolean {
    const socket = this.#socket;
    return (
      !this.#running && !socket.destroyed && socket.readable && socket.writable && performance.now() < this.#idleUntil
    );
  }

  close(): void {
    this.#socket.destroy();
  }

  /**
   * Writes the steps and reads an answer into `reader`, until it is whole, the connection or `life` ends. Never
   * rejects. Afterwards the connection is closed, unless `keep` and the answer allow that it stays.
   */
  run(steps: Steps, reader: AnswerReader, life: Life, keep: boolean): Promise<Times> {
    this.uses++;
    return new Promise((resolve) => {
      const running: Running = {
        reader,
        life,
        sent: performance.now(),
        received: undefined,
        written: false,
        timer: undefined,
        patient: false,
        resolve: (times) => {
          if (!(keep && reader.reusable && running.written && this.#socket.writableLength === 0)) this.close();
          else this.#idleUntil = performance.now() + idleTime(reader.head?.headers.get('keep-alive'));
          resolve(times);
        },
      };
      this.#running = running;
      life.listener = (why) => {
        reader.stop(why);
        this.#finish(running);
      };
      if (life.ended) {
        reader.stop(life.ended);
        this.#finish(running);
      } else if (this.#socket.destroyed) this.#ended();
      else void this.#write(steps, running);
    });
  }

  async #write(steps: Steps, running: Running): Promise<void> {
    const socket = this.#socket;
    for (const step of steps) {
      if (typeof step === 'number') {
        await this.#until(running, (go) => {
          const timer = setTimeout(go, step);
          return () => clearTimeout(timer);
        });
      } else {
        for (let at = 0; at < step.length; at += PIECE) {
          if (this.#running !== running || socket.destroyed) return;
          const room = socket.write(step.length <= PIECE ? step : step.subarray(at, at + PIECE));
          if (!room && at + PIECE < step.length) {
            await this.#until(running, (go) => {
              socket.once('drain', go);
              return () => void socket.removeListener('drain', go);
            });
          }
        }
      }
      if (this.#running !== running) return;
    }
    running.written = true;
  }

  /** Waits for something, at most until the exchange is over. */
  #until(running: Running, begin: (go: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const cancel = begin(() => {
        this.#over = undefined;
        resolve();
      });
      this.#over = () => {
        cancel();
        resolve();
      };
      if (this.#running !== running) this.#over();
    });
  }
  #over: (() => void) | undefined;

  #data(chunk: Buffer): void {
    const running = this.#running;
    // Bytes that nobody asked for: what comes next on this connection cannot be told apart from them.
    if (!running) {
      this.close();
      return;
    }
    running.received = performance.now();
    const { reader } = running;
    if (reader.push(chunk)) this.#finish(running);
    else if (reader.head && !running.patient) {
      running.patient = true;
      const { patience } = reader;
      if (patience) {
        running.timer = setTimeout(() => {
          if (patience.ifEmpty && !reader.empty) return;
          reader.stop(undefined);
          this.#finish(running);
        }, patience.milliseconds);
      }
    }
  }

  #ended(): void {
    const running = this.#running;
    if (!running) return;
    running.reader.end(this.#failed);
    this.#finish(running);
  }

  #finish(running: Running): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    running.life.listener = undefined;
    clearTimeout(running.timer);
    this.#over?.();
    this.#over = undefined;
    running.resolve({ sent: running.sent, received: running.received });
  }
}

/** Milliseconds that the connection may lie idle, by the `Keep-Alive: timeout=5` of its server. */
function idleTime(header: string | undefined): number {
  const seconds = header ? /\btimeout=(\d{1,6})/i.exec(header)?.[1] : undefined;
  return seconds === undefined ? MAX_IDLE : Math.min(MAX_IDLE, Math.max(0, Number(seconds) * 1_000 - 500));
}
