import type { Exchange, ScanAnswer } from '../model/exchange.ts';

/** Milliseconds that are waited at most before a request is sent again. */
export const MAX_WAIT = 30_000;
/** How often a request is sent again. */
export const MAX_REPEATS = 5;
/** Where more than `MAX_WAIT` is asked for: a lockout of a quarter of an hour is not sat out. */
const REPEATS_OF_LONG = 1;
/** First wait where the answer names none; doubled each time. */
const FIRST_WAIT = 500;
const MIN_WAIT = 100;
/** Milliseconds for which a request that stayed limited is not waited for again. */
const REMEMBERED = 60_000;
const MAX_REMEMBERED = 1_000;
/** Requests that stayed limited in a row after which none is waited for, until one gets through. */
const GIVEN_UP = 3;

/**
 * Milliseconds that an answer asks to wait: Retry-After (RFC 9110, section 10.2.3), else the RateLimit headers in their
 * spellings. Not capped. @returns undefined where it asks for none
 *
 * @param now epoch milliseconds
 */
export function askedWait({ headers }: Pick<ScanAnswer, 'headers'>, now: number): number | undefined {
  const after = headers.get('retry-after')?.trim();
  if (after !== undefined) {
    if (/^\d{1,9}(?:\.\d{1,6})?$/.test(after)) return Number(after) * 1_000;
    const date = /[a-z]/i.test(after) && after.length < 64 ? Date.parse(after) : Number.NaN;
    if (!Number.isNaN(date)) return Math.max(0, date - now);
  }
  for (const name of ['ratelimit-reset', 'x-ratelimit-reset', 'x-rate-limit-reset']) {
    const value = headers.get(name)?.trim();
    if (value === undefined || !/^\d{1,13}(?:\.\d{1,6})?$/.test(value)) continue;
    const number = Number(value);
    // Seconds from now, seconds of the epoch, or milliseconds of it.
    if (number < 1e9) return number * 1_000;
    return Math.max(0, (number < 1e12 ? number * 1_000 : number) - now);
  }
  const policy = /(?:^|[;,\s])(?:t|reset)=(\d{1,9})/.exec(headers.get('ratelimit') ?? '')?.[1];
  return policy === undefined ? undefined : Number(policy) * 1_000;
}

/** Whether an answer says "later": 429, and 503 that names a time. */
export function isLimited(answer: Pick<ScanAnswer, 'status' | 'headers'>): boolean {
  return answer.status === 429 || (answer.status === 503 && answer.headers.has('retry-after'));
}

/** Decides how long a limited request is waited for, and when that is given up. */
export class Patience {
  readonly #clock: () => number;
  readonly #hopeless = new Map<string, number>();
  #inRow = 0;
  /** Answers that said "later" and were waited for. */
  limited = 0;

  /** @param clock epoch milliseconds */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
  }

  /**
   * @param repeats how often the request was sent again already
   * @returns milliseconds to wait before it is sent again; undefined: the answer stands
   */
  wait(exchange: Exchange, repeats: number): number | undefined {
    const { answer, request } = exchange;
    if (answer.status === 0) return undefined;
    if (!isLimited(answer)) {
      this.#inRow = 0;
      return undefined;
    }
    const now = this.#clock();
    const asked = askedWait(answer, now);
    const key = `${request.method} ${request.target.slice(0, 500).split('?', 1)[0]}`;
    if (repeats === 0 && (this.#inRow >= GIVEN_UP || (this.#hopeless.get(key) ?? 0) > now)) return undefined;
    if (repeats >= (asked !== undefined && asked > MAX_WAIT ? REPEATS_OF_LONG : MAX_REPEATS)) {
      this.#inRow++;
      if (this.#hopeless.size >= MAX_REMEMBERED) this.#hopeless.clear();
      this.#hopeless.set(key, now + REMEMBERED);
      return undefined;
    }
    this.limited++;
    return Math.min(MAX_WAIT, Math.max(MIN_WAIT, asked ?? FIRST_WAIT * 2 ** repeats));
  }
}
