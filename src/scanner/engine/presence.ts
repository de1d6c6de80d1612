import type { Exchange, Failure } from '../model/exchange.ts';

/** Exchanges in a row without an answer after which it is asked whether anybody is still there. */
const DOUBTED = 12;
/** Milliseconds before it is asked again; then the API is given up. Long enough for a restart. */
const PAUSES = [1_000, 4_000, 10_000];

const WORDS: Readonly<Partial<Record<Failure, string>>> = {
  refused: 'connections are refused',
  reset: 'connections are closed without an answer',
  timeout: 'no answer came in time',
  malformed: 'what it answers is no HTTP',
  tls: 'the TLS handshake fails',
};

/** Whether there is anybody to talk to: an API that died costs a few seconds, not operations x tries x deadlines. */
export class Presence {
  readonly #ask: () => Promise<Exchange['answer']>;
  readonly #pause: (milliseconds: number) => Promise<void>;
  readonly #note: (text: string) => void;
  #inRow = 0;
  #pauses = 0;
  #asking: Promise<boolean> | undefined;
  /** Set once the API is given up: why. */
  gone: string | undefined;

  constructor(parts: {
    /** Asks for something harmless, whatever it is answered. */
    ask(): Promise<Exchange['answer']>;
    pause(milliseconds: number): Promise<void>;
    note(text: string): void;
  }) {
    this.#ask = parts.ask;
    this.#pause = parts.pause;
    this.#note = parts.note;
  }

  answered({ answer, request }: Pick<Exchange, 'answer' | 'request'>): void {
    if (answer.failure === 'stopped') return;
    if (speaks(answer)) this.#inRow = 0;
    // Raw messages are often such that nobody should answer them.
    else if (!request.raw) this.#inRow++;
  }

  /** Whether so much stayed without an answer that it must be asked. */
  get doubtful(): boolean {
    return this.gone !== undefined || this.#inRow >= DOUBTED;
  }

  /** Asks whether anybody is there, with growing pauses; those are spent once in a scan. @returns false: it is given up */
  here(): Promise<boolean> {
    if (!this.doubtful) return Promise.resolve(true);
    if (this.gone !== undefined) return Promise.resolve(false);
    this.#asking ??= this.#wait().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The API was never there: said by whoever greeted it. */
  never(why: Failure | undefined): void {
    this.gone = WORDS[why ?? 'reset'] ?? 'nothing was answered';
    this.#note(`the API does not answer: ${this.gone}; nothing was tried`);
  }

  async #wait(): Promise<boolean> {
    for (;;) {
      const answer = await this.#ask();
      if (answer.failure === 'stopped') return true;
      if (speaks(answer)) {
        this.#inRow = 0;
        return true;
      }
      const pause = PAUSES[this.#pauses++];
      if (pause === undefined) {
        this.gone = WORDS[answer.failure ?? 'reset'] ?? 'nothing is answered';
        this.#note(`the API does not answer any more: ${this.gone}; what was left was not tried`);
        return false;
      }
      await this.#pause(pause);
    }
  }
}

/** A status came, and its answer ended: whatever it says, somebody is there. */
export const speaks = ({ status, failure }: Exchange['answer']): boolean => status > 0 && failure !== 'timeout';
