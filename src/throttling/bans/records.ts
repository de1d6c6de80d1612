import type { Store } from '../../storage/store.ts';
import type { Ban } from './ban.ts';

/**
 * Bans in the store. Beside them stands a number that grows with each change and the keys that changed last, so that
 * whoever holds a copy need not read ten thousand bans to learn of one; and what people did by hand, until a running
 * gate has put it into its audit log.
 */

const BANS = 'throttling.bans';
const STATE = 'throttling.bans.state';
const BY_HAND = 'throttling.bans.by-hand';

/** Keys of changes that are remembered one by one; who is further behind reads everything. */
const RECENT = 128;
/** Acts by hand that wait for a gate to record them; beyond, the oldest are dropped. */
const MAX_ACTS = 1_000;
const MAX_NAMED = 100;
/** Records in all: bans in force, and those that are over and not forgotten yet. */
export const MAX_BANS = 10_000;
/** Of them, at most so many by hand: they are never dropped to make room. */
export const MAX_BY_HAND = 1_000;

interface State {
  /** Grows by one with each change. */
  readonly changes: number;
  /** Keys of the last changes, the newest last. */
  readonly recent: readonly string[];
}

/** What a person did with a ban, or with several at once. */
export interface Act {
  readonly act: 'added' | 'lifted';
  /** The first hundred of them. */
  readonly bans: readonly Ban[];
  readonly count: number;
  /** Through what, and as which account of the system. */
  readonly by: string;
  readonly at: number;
}

export const readBan = (store: Store, key: string): Ban | undefined => store.get<Ban>(BANS, key);
export const readBans = (store: Store): { id: string; record: Ban }[] => store.list<Ban>(BANS);

export const readState = (store: Store): State => store.get<State>(STATE, 'state') ?? { changes: 0, recent: [] };

/** Keys of what has changed since a number of changes; undefined where that is too long ago to be known. */
export function changedSince(state: State, seen: number): readonly string[] | undefined {
  const count = state.changes - seen;
  // A number that went back is another store in the same place: a restored backup.
  if (count < 0 || count > state.recent.length) return undefined;
  return count === 0 ? [] : state.recent.slice(-count);
}

/** A change of bans; call it inside a transaction. */
export class Changes {
  readonly #store: Store;
  readonly #keys: string[] = [];

  constructor(store: Store) {
    this.#store = store;
  }

  put(key: string, ban: Ban): void {
    this.#store.put(BANS, key, ban);
    this.#keys.push(key);
  }

  delete(key: string): void {
    if (this.#store.delete(BANS, key)) this.#keys.push(key);
  }

  /** Says what has changed. */
  end(): void {
    if (this.#keys.length === 0) return;
    const { changes, recent } = readState(this.#store);
    this.#store.put(STATE, 'state', {
      changes: changes + this.#keys.length,
      recent: [...recent, ...this.#keys.slice(-RECENT)].slice(-RECENT),
    } satisfies State);
  }
}

/** Changes bans in one transaction. */
export function changeBans<T>(store: Store, work: (changes: Changes) => T): T {
  return store.transaction(() => {
    const changes = new Changes(store);
    const result = work(changes);
    changes.end();
    return result;
  });
}

/** Leaves word of an act for the gate's audit log; inside a transaction. */
export function leaveWord(store: Store, act: Act['act'], bans: readonly Ban[], by: string, at: number): void {
  const word: Act = { act, bans: bans.slice(0, MAX_NAMED), count: bans.length, by, at };
  store.put(BY_HAND, `${String(at).padStart(15, '0')} ${bans[0]?.id ?? ''}`, word);
  const waiting = store.list(BY_HAND);
  for (const { id: old } of waiting.slice(0, Math.max(0, waiting.length - MAX_ACTS))) store.delete(BY_HAND, old);
}

/** Takes the acts that nobody has recorded yet: of several gates that ask, each act goes to one. */
export function takeActs(store: Store): Act[] {
  return store.list<Act>(BY_HAND).flatMap(({ id, record }) => (store.delete(BY_HAND, id) ? [record] : []));
}
