import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import type { Seal } from './seal.ts';

/** Records that end in the same span are swept together, in ms. */
const SPAN = 10 * 60_000;
/** Records that one transaction of the sweep takes out: others want to write, too. */
const BATCH = 200;
/** Spans that one sweep catches up with at most, after a long rest: two years and more. */
const MOST_SPANS = 6 * 24 * 800;

const collectionOf = (kind: string): string => `identity.server.${kind}`;
/** Names of what ends within a span: what a sweep reads, so that it need not read everything. */
const endingIn = (span: number): string => `identity.server.ends.${span}`;
const SWEEP = 'identity.server.sweep';

/** A record as it stands in the store. Times: epoch ms. */
export interface StoredRecord {
  readonly ends: number;
  readonly body: string;
  readonly consumed?: number;
  /** For lists; only where the record is no secret. */
  readonly label?: Readonly<Record<string, unknown>>;
}

/** Records of the authorization server: under hashed names, sealed, each with its end. */
export class Records {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #seal: Seal;

  constructor(store: Store, clock: Clock, seal: Seal) {
    this.#store = store;
    this.#clock = clock;
    this.#seal = seal;
  }

  nameOf(kind: string, secret: string): string {
    return this.#seal.nameOf(kind, secret);
  }

  /** @param name as {@link nameOf} makes it, or an id that is no secret; @param ends epoch ms */
  put(
    kind: string,
    name: string,
    value: unknown,
    ends: number,
    label?: StoredRecord['label'],
    consumed?: number,
  ): void {
    const record: StoredRecord = {
      ends,
      body: this.#seal.close(`${kind}/${name}`, value),
      ...(consumed === undefined ? {} : { consumed }),
      ...(label === undefined ? {} : { label }),
    };
    this.#store.transaction(() => {
      this.#store.put(collectionOf(kind), name, record);
      this.#store.put(endingIn(Math.floor(ends / SPAN)), `${kind} ${name}`, {});
    });
  }

  /** @returns undefined where there is none, or it has ended */
  get<T>(kind: string, name: string): { value: T; record: StoredRecord } | undefined {
    const record = this.#store.get<StoredRecord>(collectionOf(kind), name);
    if (record === undefined || record.ends <= this.#clock.now()) return undefined;
    const value = this.#seal.open(`${kind}/${name}`, record.body) as T | undefined;
    return value === undefined ? undefined : { value, record };
  }

  /** Marks a record as used. @returns false where it was used before, or is not there: exactly one of several gets true */
  consume(kind: string, name: string): boolean {
    return this.#store.transaction(() => {
      const record = this.#store.get<StoredRecord>(collectionOf(kind), name);
      if (record === undefined || record.consumed !== undefined) return false;
      this.#store.put(collectionOf(kind), name, { ...record, consumed: this.#clock.now() });
      return true;
    });
  }

  delete(kind: string, name: string): boolean {
    return this.#store.delete(collectionOf(kind), name);
  }

  /**
   * Takes out what has ended, span by span, a few records a transaction. What has ended is not found any more whether or not
   * it was swept.
   * @returns how many records it took out
   */
  async sweep(): Promise<number> {
    const now = this.#clock.now();
    const last = Math.floor(now / SPAN) - 1;
    const done = this.#store.get<{ span: number }>(SWEEP, 'done')?.span ?? last - 1;
    let taken = 0;
    for (let span = Math.max(done + 1, last - MOST_SPANS); span <= last; span++) {
      const names = this.#store.list(endingIn(span)).map(({ id }) => id);
      for (let start = 0; start < names.length; start += BATCH) {
        this.#store.transaction(() => {
          for (const id of names.slice(start, start + BATCH)) taken += this.#sweepOne(span, id, now);
        });
        await turn();
      }
      if (names.length > 0 || span === last) this.#store.put(SWEEP, 'done', { span });
    }
    return taken;
  }

  #sweepOne(span: number, id: string, now: number): number {
    const space = id.indexOf(' ');
    const [collection, name] = [collectionOf(id.slice(0, space)), id.slice(space + 1)];
    const record = this.#store.get<StoredRecord>(collection, name);
    this.#store.delete(endingIn(span), id);
    // It may have been given more time since, in another span.
    return record !== undefined && record.ends <= now && this.#store.delete(collection, name) ? 1 : 0;
  }
}

/** All records of a kind that is listed to people, with their labels; no key is needed for it. */
export const labelsOf = (store: Store, clock: Clock, kind: string): { name: string; record: StoredRecord }[] =>
  store
    .list<StoredRecord>(collectionOf(kind))
    .filter(({ record }) => record.ends > clock.now())
    .map(({ id, record }) => ({ name: id, record }));

/** Takes a record out by its name. */
export const deleteRecord = (store: Store, kind: string, name: string): boolean =>
  store.delete(collectionOf(kind), name);
