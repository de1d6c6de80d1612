import { type AddressRange, inRange, parseAddress, parseRange } from '../../shared/address.ts';
import type { Clock } from '../../shared/clock.ts';
import { addressKey, type Ban, type Covers, isRange, keyOf, principalKey } from './ban.ts';

/** A ban in force in this process. */
export interface Held {
  readonly ban: Ban;
  /** Monotonic milliseconds at which it is over: jumps of the wall clock neither free nor hold anyone. */
  readonly ends: number;
}

/** Networks for which it is remembered whether a range holds them. */
const MAX_KNOWN = 4_096;

/**
 * The bans of this process's memory: those in force, looked up by each request, and those that are over but still make
 * the next one longer. Knows nothing of the store.
 */
export class Roll {
  readonly #clock: Clock;
  readonly #inForce = new Map<string, Held>();
  readonly #over = new Map<string, Ban>();
  readonly #ranges = new Map<string, AddressRange>();
  /** By network: the key of a range's ban that holds it. */
  readonly #known = new Map<string, string | undefined>();
  /** How many are in force, by kind: asked first, so that an empty roll costs one comparison. */
  addresses = 0;
  principals = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** All of them, also those that are over and not forgotten. */
  get size(): number {
    return this.#inForce.size + this.#over.size;
  }

  /** @param near as `networkOf` gives it */
  address(covers: Covers, near: string): Held | undefined {
    return this.#alive(addressKey(covers, near));
  }

  /** The ban of a range that holds the address. */
  range(address: string, near: string): Held | undefined {
    if (this.#ranges.size === 0) return undefined;
    let key = this.#known.get(near);
    if (key === undefined && !this.#known.has(near)) {
      key = this.#search(address);
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.set(near, key);
    }
    return key === undefined ? undefined : this.#alive(key);
  }

  /** @param near where it is banned only there */
  principal(covers: Covers, subject: string, near?: string): Held | undefined {
    return this.#alive(principalKey(covers, subject, near));
  }

  /** The last ban with this key: in force, or over and not forgotten. */
  last(key: string): Ban | undefined {
    const held = this.#alive(key);
    if (held !== undefined) return held.ban;
    const ban = this.#over.get(key);
    return ban !== undefined && ban.forget > this.#clock.now() ? ban : undefined;
  }

  /** How many principals were banned for harm from an address since then, and the ids of these bans. */
  bannedFrom(from: string, since: number): { readonly principals: number; readonly bans: string[] } {
    const principals = new Set<string>();
    const bans: string[] = [];
    for (const ban of this.#all()) {
      // Only principals have it, and only those that the gate banned.
      if (ban.from !== from || ban.covers !== 'all' || ban.since < since) continue;
      principals.add(ban.subject);
      bans.push(ban.id);
    }
    return { principals: principals.size, bans };
  }

  /** Puts a ban into force, in the place of one with the same key; one whose time is over is only remembered. */
  hold(ban: Ban): void {
    const key = keyOf(ban);
    const held = this.#inForce.get(key);
    if (held?.ban.id === ban.id && held.ban.until === ban.until) return;
    this.drop(key);
    const now = this.#clock.now();
    // Never longer than it was meant to last: the wall clock may have been put back since.
    const left = Math.min(ban.until - now, ban.until - ban.since);
    if (left <= 0) {
      if (ban.forget > now) this.#over.set(key, ban);
      return;
    }
    this.#inForce.set(key, { ban, ends: this.#clock.monotonic() + left });
    this.#tally(ban, 1);
    if (isRange(ban)) {
      this.#ranges.set(key, parseRange(ban.subject) as AddressRange);
      this.#known.clear();
    }
  }

  drop(key: string): void {
    this.#over.delete(key);
    const held = this.#inForce.get(key);
    if (held === undefined) return;
    this.#inForce.delete(key);
    this.#tally(held.ban, -1);
    if (this.#ranges.delete(key)) this.#known.clear();
  }

  /** Takes what the store holds in the place of everything but `kept` keys. */
  replace(bans: readonly Ban[], kept: ReadonlySet<string>): void {
    const keys = new Set(bans.map(keyOf));
    for (const key of [...this.#inForce.keys(), ...this.#over.keys()])
      if (!keys.has(key) && !kept.has(key)) this.drop(key);
    for (const ban of bans) if (!kept.has(keyOf(ban))) this.hold(ban);
  }

  /** Puts aside what is over. @returns keys of what is forgotten by now */
  sweep(): string[] {
    const now = this.#clock.now();
    for (const key of this.#inForce.keys()) this.#alive(key);
    const forgotten: string[] = [];
    for (const [key, ban] of this.#over) if (ban.forget <= now) forgotten.push(key);
    return forgotten;
  }

  /** Keys of those that are missed least: first what is over, then what ends soonest. Never one by hand in force. */
  leastNeeded(count: number): string[] {
    const over = [...this.#over].sort(([, a], [, b]) => a.forget - b.forget).map(([key]) => key);
    if (over.length >= count) return over.slice(0, count);
    const byHarm = [...this.#inForce].filter(([, { ban }]) => ban.by === 'harm');
    return [...over, ...byHarm.sort(([, a], [, b]) => a.ends - b.ends).map(([key]) => key)].slice(0, count);
  }

  #alive(key: string): Held | undefined {
    const held = this.#inForce.get(key);
    if (held === undefined || held.ends > this.#clock.monotonic()) return held;
    this.drop(key);
    this.#over.set(key, held.ban);
    return undefined;
  }

  *#all(): Iterable<Ban> {
    for (const { ban } of this.#inForce.values()) yield ban;
    yield* this.#over.values();
  }

  #search(text: string): string | undefined {
    const address = parseAddress(text);
    if (address === undefined) return undefined;
    for (const [key, range] of this.#ranges) if (inRange(address, range)) return key;
    return undefined;
  }

  #tally(ban: Ban, by: number): void {
    if (ban.kind === 'address') this.addresses += by;
    else this.principals += by;
  }
}
