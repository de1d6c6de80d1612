import { AnswerReader } from './answer-reader.ts';
import { Connection, type Steps, type Times } from './connection.ts';
import type { Dialer } from './dial.ts';
import type { Encoded } from './encode.ts';
import type { Life } from './life.ts';

/** Endless answers in a row after which no more of one is read than is kept. */
const MOST_ENDLESS = 8;

/** Something to send, and how. */
export interface Message {
  readonly steps: Steps;
  readonly reading: Encoded['reading'];
  readonly idempotent: boolean;
  /** Without TLS, whatever the base says. */
  readonly plain?: boolean | undefined;
  /** A new connection, closed afterwards. */
  readonly fresh: boolean;
}

/** What became of it. */
export interface Result {
  readonly reader: AnswerReader;
  /** Undefined where there was no connection. */
  readonly times: Times | undefined;
}

/** Sends messages over connections that are kept and used again. */
export class Transport {
  readonly #dialer: Dialer;
  readonly #keep: number;
  readonly #most: number;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  #closed = false;
  /** Answers in a row that did not end: more of them are not read to the full cap. */
  #endless = 0;
  /** A used connection was found dead once: what must not be sent twice goes over new ones. */
  #wary = false;

  /**
   * @param keep bytes of a body that are kept
   * @param most connections that are kept for later
   */
  constructor(dialer: Dialer, keep: number, most: number) {
    this.#dialer = dialer;
    this.#keep = keep;
    this.#most = most;
  }

  /** Sends and reads the answer, until `life` ends. Never rejects. */
  async exchange(message: Message, life: Life): Promise<Result> {
    const { fresh, idempotent, steps } = message;
    let connection = fresh || (this.#wary && !idempotent) ? undefined : this.#take();
    for (;;) {
      const reader = new AnswerReader({
        ...message.reading,
        keep: this.#keep,
        most: this.#endless >= MOST_ENDLESS ? this.#keep : undefined,
      });
      if (!connection) {
        const socket = await this.#dialer.dial(life, message.plain);
        if ('failure' in socket) {
          reader.stop(socket.failure);
          return { reader, times: undefined };
        }
        if (this.#closed) {
          socket.destroy();
          reader.stop('stopped');
          return { reader, times: undefined };
        }
        connection = new Connection(socket);
      }
      this.#busy.add(connection);
      const times = await connection.run(steps, reader, life, !fresh);
      this.#busy.delete(connection);
      this.#endless = reader.failure === 'endless' ? this.#endless + 1 : 0;
      if (connection.usable) this.#give(connection);
      // The server may have closed it just then, for its age. Once, on a new one, where sending twice does no harm.
      if (reader.failure === 'reset' && !reader.began && connection.uses > 1) {
        this.#wary = true;
        if (idempotent) {
          connection = undefined;
          continue;
        }
      }
      return { reader, times };
    }
  }

  close(): void {
    this.#closed = true;
    for (const connection of [...this.#idle.splice(0), ...this.#busy]) connection.close();
  }

  /** The one that was used last: it is the likeliest to live. */
  #take(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (!connection || connection.usable) return connection;
      connection.close();
    }
  }

  #give(connection: Connection): void {
    if (this.#closed || this.#idle.length >= this.#most) {
      connection.close();
      return;
    }
    // The oldest lies in front, and is dropped when its time is over.
    while (this.#idle[0] && !this.#idle[0].usable) this.#idle.shift()?.close();
    this.#idle.push(connection);
  }
}
