import type { Call } from '../model/call.ts';
import type { Composed } from './compose.ts';
import type { Hints } from './hints.ts';
import type { Wish } from './pool.ts';

/** How one try differs from the one before. */
export interface Turn {
  /** Counts from 0. */
  readonly number: number;
  readonly wish: Wish;
  /** Which of the known identifiers is taken, for places whose first ones did not do; by `in:name`. */
  readonly picks: ReadonlyMap<string, number>;
  /** Places (`in:name`) whose value an error named: something else is put there. */
  readonly disliked: ReadonlyMap<string, number>;
  /** Optional places that an error asked for. */
  readonly wanted: ReadonlySet<string>;
  /** An error said that something is there already: nothing is sent that an earlier scan may have sent. */
  readonly taken: boolean;
  /** Headers that an error asked for, and that the contract does not name. */
  readonly headers: ReadonlySet<string>;
  /** Places that an error did not want. */
  readonly unwanted: ReadonlySet<string>;
  /** A call that worked for another: only what points at things is put anew. */
  readonly pattern: Call | undefined;
  /** Whether identifiers may be used that the identity was never told of, or that are made up. */
  readonly guess: boolean;
}

export const FIRST_TURN: Turn = {
  number: 0,
  wish: 'own-first',
  picks: new Map(),
  disliked: new Map(),
  wanted: new Set(),
  headers: new Set(),
  taken: false,
  unwanted: new Set(),
  pattern: undefined,
  guess: false,
};

/** The next thing in the place that matters most: the last of the path, else the first that has a choice. */
export function otherThing(turn: Turn, { options }: Composed, bodyFirst: boolean): Turn | undefined {
  const sign = bodyFirst ? -1 : 1;
  const ordered = [...options].sort(
    ([a], [b]) => sign * (Number(b.startsWith('path:')) - Number(a.startsWith('path:'))),
  );
  for (const [key, count] of ordered) {
    const now = turn.picks.get(key) ?? 0;
    if (now + 1 < count) return { ...turn, number: turn.number + 1, picks: new Map(turn.picks).set(key, now + 1) };
  }
  return undefined;
}

/** The next try after a refusal of the values. */
export function advised(turn: Turn, composed: Composed, hints: Hints, call: Call): Turn {
  const picks = new Map(turn.picks);
  const disliked = new Map(turn.disliked);
  const wanted = new Set(turn.wanted);
  const unwanted = new Set(turn.unwanted);
  for (const place of hints.named) {
    const key = `${place.in}:${place.name}`;
    if (place.value === undefined) {
      if (!hints.unwanted) wanted.add(key);
    } else if (hints.unwanted && !place.required) unwanted.add(key);
    else {
      if (composed.options.has(key)) picks.set(key, (picks.get(key) ?? 0) + 1);
      disliked.set(key, (disliked.get(key) ?? 0) + 1);
    }
  }
  // nothing said: other things as well, now and then
  if (hints.named.length === 0 && turn.number >= 2) {
    for (const [key, count] of composed.options)
      if (count > 1 && !key.startsWith('path:')) picks.set(key, (picks.get(key) ?? 0) + 1);
  }
  // what worked for another does not work here: afresh after two tries
  const pattern =
    turn.pattern && turn.number < 2 && call.operation === turn.pattern.operation ? turn.pattern : undefined;
  const number = turn.pattern && !pattern ? 0 : turn.number + 1;
  const headers = new Set([...turn.headers, ...hints.headers]);
  const taken = turn.taken || hints.taken;
  return { ...turn, number, taken, picks, disliked, wanted, unwanted, headers, pattern };
}
