import type { Services } from '../../gateway/services.ts';
import { formatDuration } from '../../shared/duration.ts';
import { type Ban, describeTarget, keyOf, newBanId, spanOf, type Target } from './ban.ts';
import { type Act, changeBans, changedSince, MAX_BANS, readBan, readBans, readState, takeActs } from './records.ts';
import { Roll } from './roll.ts';
import type { BanRules } from './settings.ts';

/** Milliseconds between a ban and its record in the store: bans of that time go in one transaction. */
const FLUSH_DELAY = 100;
/** Milliseconds between two looks at the store: all workers know of a ban, or of its end, in less than half a second. */
const LOOK_INTERVAL = 250;
const SWEEP_INTERVAL = 10_000;
const COMPLAINT_INTERVAL = 60_000;
/** What makes way where the roll is full: a twentieth at once, so that sorting it costs little for each. */
const ROOM = MAX_BANS / 20;

interface Pending {
  readonly ban: Ban;
  told: boolean;
}

type Parts = Pick<Services, 'store' | 'clock' | 'event' | 'count'>;

/**
 * Keeps the roll of this process and the store alike: what is banned here is written down, what other workers and the
 * CLI change is read. A ban is in force here at once, whether or not it can be written.
 *
 * What may be lost: `kill -9` loses the bans of the last 100 ms. At 10,000 bans those that are over make way first,
 * then those that end soonest; that is recorded.
 */
export class Keeper {
  readonly roll: Roll;
  readonly #services: Parts;
  readonly #pending = new Map<string, Pending>();
  readonly #gone = new Set<string>();
  readonly #complained = new Map<string, number>();
  readonly #look: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #version = Number.NaN;
  #seen = -1;
  #swept = 0;
  #closed = false;

  /** @throws StoreError where the store cannot be read */
  constructor(services: Parts) {
    this.#services = services;
    this.roll = new Roll(services.clock);
    this.#sync();
    this.#look = setInterval(() => this.look(), LOOK_INTERVAL);
    this.#look.unref();
  }

  /** Brings the roll up to date, and puts aside what is over. Never throws. */
  look(): void {
    if (this.#closed) return;
    try {
      this.#sync();
    } catch (error) {
      this.#complain('throttling/bans-unread', 'bans cannot be read; those known stay in force', error);
    }
    const now = this.#services.clock.monotonic();
    if (now - this.#swept < SWEEP_INTERVAL) return;
    this.#swept = now;
    for (const key of this.roll.sweep()) this.#forget(key);
  }

  /**
   * Bans a target for harm, longer than the last time.
   * @returns the ban, or undefined where it is banned already
   */
  impose(target: Target, cause: readonly string[], rules: BanRules, from: string | undefined): Ban | undefined {
    const key = keyOf(target);
    const now = this.#services.clock.now();
    const last = this.roll.last(key);
    if (last !== undefined && last.until > now) return undefined;
    const count = (last?.count ?? 0) + 1;
    const until = now + spanOf(rules, count);
    const ban: Ban = {
      ...target,
      id: newBanId(),
      by: 'harm',
      cause,
      ...(from === undefined ? {} : { from }),
      count,
      since: now,
      until,
      forget: until + rules.forget,
    };
    if (this.roll.size >= MAX_BANS) this.#makeRoom();
    this.roll.hold(ban);
    this.#gone.delete(key);
    this.#pending.set(key, { ban, told: false });
    this.#schedule();
    return ban;
  }

  /** Writes down what has changed here. Never throws: what cannot be written holds here, and is tried again. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0 && this.#gone.size === 0) return;
    const { store, clock } = this.#services;
    const now = clock.now();
    const others: Ban[] = [];
    try {
      changeBans(store, (changes) => {
        for (const key of this.#gone) changes.delete(key);
        for (const [key, { ban }] of this.#pending) {
          const stored = readBan(store, key);
          // Another worker was faster: one ban for one deed.
          if (stored !== undefined && stored.id !== ban.id && stored.until > now) others.push(stored);
          else changes.put(key, ban);
        }
      });
    } catch (error) {
      this.#complain('throttling/bans-unsaved', 'bans cannot be written; they hold in this process', error);
      for (const pending of this.#pending.values()) this.#tell(pending);
      this.#schedule(LOOK_INTERVAL);
      return;
    }
    for (const ban of others) {
      this.#pending.delete(keyOf(ban));
      this.roll.hold(ban);
    }
    for (const pending of this.#pending.values()) this.#tell(pending);
    this.#pending.clear();
    this.#gone.clear();
  }

  /** Writes what is left. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    clearInterval(this.#look);
    clearTimeout(this.#timer);
  }

  #sync(): void {
    const { store } = this.#services;
    const version = store.version();
    if (version === this.#version) return;
    const state = readState(store);
    const keys = this.#seen < 0 ? undefined : changedSince(state, this.#seen);
    if (keys === undefined) {
      const bans = readBans(store).map(({ record }) => record);
      this.roll.replace(bans, new Set(this.#pending.keys()));
    } else for (const key of keys) this.#read(key);
    this.#seen = state.changes;
    this.#version = version;
    if (keys?.length !== 0) for (const act of takeActs(store)) this.#record(act);
  }

  #read(key: string): void {
    if (this.#pending.has(key)) return;
    const ban = readBan(this.#services.store, key);
    if (ban === undefined) this.roll.drop(key);
    else this.roll.hold(ban);
  }

  #forget(key: string): void {
    this.roll.drop(key);
    this.#pending.delete(key);
    this.#gone.add(key);
    this.#schedule();
  }

  #makeRoom(): void {
    const keys = this.roll.leastNeeded(ROOM);
    for (const key of keys) this.#forget(key);
    if (this.#mayComplain('throttling/bans-full')) {
      this.#services.event({
        event: 'throttling/bans-full',
        note: 'the most bans there may be are reached: those that were over or ended soonest made way',
        evidence: { most: MAX_BANS, madeWay: keys.length },
      });
    }
  }

  #schedule(delay = FLUSH_DELAY): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.flush(), delay);
    this.#timer.unref();
  }

  #tell(pending: Pending): void {
    if (pending.told) return;
    pending.told = true;
    const { ban } = pending;
    this.#services.count('portcullis_bans_total', ban.kind === 'address' ? ADDRESS : PRINCIPAL);
    this.#services.event({
      event: 'throttling/banned',
      note: `${ban.kind} ${describeTarget(ban)} is shut out for ${formatDuration(ban.until - ban.since)}`,
      evidence: evidenceOf(ban),
    });
  }

  #record({ act, bans, count, by, at }: Act): void {
    const [ban] = bans;
    if (ban === undefined) return;
    const what = count === 1 ? `${ban.kind} ${describeTarget(ban)}` : `${count} bans`;
    this.#services.event({
      event: act === 'added' ? 'throttling/ban-added' : 'throttling/ban-lifted',
      note: `${what}: ${act} by hand`,
      evidence: {
        by,
        at: new Date(at).toISOString(),
        ...(count === 1 ? evidenceOf(ban) : { count, bans: bans.map((one) => `${one.id} ${describeTarget(one)}`) }),
      },
    });
  }

  #complain(event: string, note: string, error: unknown): void {
    if (!this.#mayComplain(event)) return;
    this.#services.event({ event, note, evidence: { reason: (error as Error)?.message ?? String(error) } });
  }

  #mayComplain(event: string): boolean {
    const now = this.#services.clock.monotonic();
    if (now - (this.#complained.get(event) ?? Number.NEGATIVE_INFINITY) < COMPLAINT_INTERVAL) return false;
    this.#complained.set(event, now);
    return true;
  }
}

const ADDRESS = { kind: 'address' };
const PRINCIPAL = { kind: 'principal' };

const evidenceOf = ({ id, kind, subject, at, covers, reason, cause, count, until }: Ban): Record<string, unknown> => ({
  ban: id,
  kind,
  subject,
  ...(at === undefined ? {} : { at }),
  covers,
  ...(reason === undefined ? {} : { reason }),
  cause,
  count,
  until: new Date(until).toISOString(),
});
