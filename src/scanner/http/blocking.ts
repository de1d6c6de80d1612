import { createHash } from 'node:crypto';
import type { Exchange } from '../model/exchange.ts';

/** Exchanges in a row that end alike before it counts as blocked. */
const REFUSALS = 10;
const OTHERS = 20;
/** Different requests among them that worked before: an API that refuses attacks blocks nobody. */
const WORKED = 3;
/** Requests that worked that are remembered. */
const MAX_REMEMBERED = 5_000;
/** Characters of their targets; longer ones are attacks, and are not sent again. */
const MAX_TARGET = 300;
const MAX_KEY = 500;
/** Characters of a body that are compared. */
const COMPARED = 512;

/**
 * Notices that the API has ceased to speak to the scanner: many exchanges in a row that end in the same refusal, and
 * among them requests that worked before. Refusals of what never worked are an API doing its duty.
 */
export class Blocking {
  readonly #worked = new Set<string>();
  readonly #lost = new Set<string>();
  #ending: string | undefined;
  #inRow = 0;

  /** What everything ends in, in words; undefined: it does not. */
  blocked: string | undefined;

  /** Takes an exchange in. @returns true where it is the one by which the blocking is noticed */
  see(exchange: Exchange): boolean {
    const ending = endingOf(exchange);
    const { method, target } = exchange.request;
    const key = `${method} ${target} ${exchange.as ?? ''}`;
    if (ending === undefined) {
      this.#reset();
      if (exchange.answer.status < 400 && exchange.answer.failure === undefined && target.length <= MAX_TARGET) {
        // The first ones are those of exploring, which are sent again and again.
        if (this.#worked.size < MAX_REMEMBERED && key.length <= MAX_KEY) this.#worked.add(key);
      }
      return false;
    }
    if (ending !== this.#ending) {
      this.#reset();
      this.#ending = ending;
    }
    this.#inRow++;
    if (this.#worked.has(key)) this.#lost.add(key);
    if (this.blocked !== undefined || !this.#enough(ending)) return false;
    this.blocked = `${this.#inRow} exchanges in a row ended in ${ending.split('\n', 1)[0]}`;
    return true;
  }

  /** Forgets the blocking: the next must show anew. */
  unblocked(): void {
    this.blocked = undefined;
    this.#reset();
  }

  #reset(): void {
    this.#inRow = 0;
    this.#ending = undefined;
    this.#lost.clear();
  }

  #enough(ending: string): boolean {
    if (this.#worked.size === 0) return false;
    if (ending === 'refused') return this.#inRow >= REFUSALS;
    return this.#inRow >= OTHERS && this.#lost.size >= Math.min(WORKED, this.#worked.size);
  }
}

/** What an exchange ended in, alike for like refusals; undefined where it is none. */
function endingOf({ answer }: Exchange): string | undefined {
  if (answer.failure === 'refused' || answer.failure === 'reset' || answer.failure === 'timeout') {
    return answer.status === 0 ? answer.failure : undefined;
  }
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  // Request ids and times differ from page to page.
  const text = new TextDecoder().decode(answer.body.subarray(0, COMPARED)).replace(/[0-9a-f-]*\d[0-9a-f-]*/gi, '#');
  return `${answer.status}\n${createHash('sha1').update(text).digest('base64')}`;
}
