import type { Exchange } from '../model/exchange.ts';

/** Requests that are repeated, and how often each. */
const REQUESTS = 8;
const REPEATS = 4;

/** How steady an API is: whether it answers the same request in the same way. */
export interface Steadiness {
  /** Repetitions that were answered otherwise than the first time, of `asked`. */
  readonly differed: number;
  readonly asked: number;
  /** How often a candidate must show before it is believed: what comes by chance does not come so often. */
  readonly times: number;
}

/**
 * Sends the same reads several times.
 * @param reads each sends one request again and again
 */
export async function steadinessOf(reads: readonly (() => Promise<Exchange>)[]): Promise<Steadiness> {
  let differed = 0;
  let asked = 0;
  await Promise.all(
    reads.slice(0, REQUESTS).map(async (read) => {
      const first = lookOf(await read());
      for (let i = 0; i < REPEATS; i++) {
        asked++;
        if (lookOf(await read()) !== first) differed++;
      }
    }),
  );
  const share = asked === 0 ? 0 : differed / asked;
  return { differed, asked, times: share === 0 ? 1 : share < 0.05 ? 2 : share < 0.2 ? 4 : 12 };
}

/** What must be the same when the same is asked: status, type, and the kind of what is in it. */
function lookOf({ answer }: Exchange): string {
  const { status, failure, mediaType, json } = answer;
  const kind =
    json === null ? 'null' : Array.isArray(json) ? 'list' : typeof json === 'object' ? namesOf(json) : typeof json;
  return `${status} ${failure ?? ''} ${mediaType} ${kind}`;
}

const namesOf = (json: object): string => Object.keys(json).sort().slice(0, 50).join();
