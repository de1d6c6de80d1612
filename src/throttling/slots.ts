/** Holders kept though they hold nothing, so that a busy one is not taken out and put in again all the time. */
const IDLE_HOLDERS = 4_096;

/** One holder's exchanges under way. */
export interface Holder {
  held: number;
}

/**
 * Exchanges under way: in total, and by holder (an address, a principal). Counted in this process only, because a slot
 * is a thing of this process: its memory, its sockets.
 */
export class Slots {
  total = 0;
  #idleLimit = IDLE_HOLDERS;
  readonly #holders = new Map<string, Holder>();

  /** Exchanges that a holder has under way. */
  held(name: string): number {
    return this.#holders.get(name)?.held ?? 0;
  }

  /** @returns the holder, to be given to `leave` once; undefined where it has `limit` already. */
  enter(name: string, limit: number): Holder | undefined {
    let holder = this.#holders.get(name);
    if (holder === undefined) {
      if (this.#holders.size >= this.#idleLimit) this.#purge();
      holder = { held: 0 };
      this.#holders.set(name, holder);
    } else if (holder.held >= limit) return undefined;
    holder.held++;
    this.total++;
    return holder;
  }

  leave(holder: Holder): void {
    holder.held--;
    this.total--;
  }

  /** Drops idle holders; as many as are busy may come before it is done again, so the cost spreads. */
  #purge(): void {
    for (const [name, holder] of this.#holders) if (holder.held === 0) this.#holders.delete(name);
    this.#idleLimit = Math.max(IDLE_HOLDERS, this.#holders.size * 2);
  }

  /** Holders in memory: never more than 4,096 and twice the busy ones. */
  get holders(): number {
    return this.#holders.size;
  }
}
