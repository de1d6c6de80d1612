import type { Failure, ScanAnswer } from '../model/exchange.ts';
import { deeperThan } from './depth.ts';

const NO_HEADERS: ReadonlyMap<string, string> = new Map();
const NO_BODY = new Uint8Array(0);
const UNREAD = Symbol('not read yet');
/** JSON that nests deeper reads as none: whoever walks through it would run out of stack. */
const MOST_DEPTH = 200;

/** What is known of an answer. */
export interface AnswerParts {
  readonly status?: number;
  readonly failure?: Failure | undefined;
  readonly headers?: ReadonlyMap<string, string> | undefined;
  readonly body?: Uint8Array | undefined;
  readonly cut?: boolean;
  readonly milliseconds: number;
}

/** An answer whose text and JSON are read when somebody asks, once. */
export class Answer implements ScanAnswer {
  readonly status: number;
  readonly failure: Failure | undefined;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Uint8Array;
  readonly cut: boolean;
  readonly mediaType: string;
  readonly milliseconds: number;
  #text: string | undefined;
  #json: unknown = UNREAD;

  constructor(parts: AnswerParts) {
    this.status = parts.status ?? 0;
    this.failure = parts.failure;
    this.headers = parts.headers ?? NO_HEADERS;
    this.body = parts.body ?? NO_BODY;
    this.cut = parts.cut ?? false;
    this.milliseconds = parts.milliseconds;
    this.mediaType = (this.headers.get('content-type') ?? '').split(/[;,]/, 1)[0]?.trim().toLowerCase() ?? '';
  }

  get text(): string {
    this.#text ??= new TextDecoder().decode(this.body);
    return this.#text;
  }

  get json(): unknown {
    if (this.#json === UNREAD) {
      this.#json = undefined;
      if (mayBeJson(this.body)) {
        try {
          const { text } = this;
          if (!deeperThan(text, MOST_DEPTH)) this.#json = JSON.parse(text);
        } catch {
          // Looks like JSON and is none: undefined says so.
        }
      }
    }
    return this.#json;
  }
}

/** Spares pages and pictures the parser: JSON begins with one of a few characters. */
function mayBeJson(body: Uint8Array): boolean {
  let at = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (at < body.length && (body[at] === 32 || body[at] === 9 || body[at] === 10 || body[at] === 13)) at++;
  return at < body.length && '{["-0123456789tfn'.includes(String.fromCharCode(body[at] as number));
}
