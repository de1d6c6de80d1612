import { hash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { AuditEvent } from '../gateway/services.ts';
import type { Clock } from '../shared/clock.ts';
import { LoadError } from '../shared/finding.ts';
import { Calendar } from './calendar.ts';

/** Milliseconds between a count in memory and the same on disk. */
export const FLUSH_INTERVAL = 2_000;
/** Principals written in one transaction, so that a flush of many does not hold up the event loop. */
const CHUNK = 500;
/** Principals held in memory (about 15 MB); those on disk are dropped beyond. */
const MAX_ENTRIES = 50_000;
const MAX_COUNT = Number.MAX_SAFE_INTEGER;
const COMPLAINT_INTERVAL = 60_000;

/** What one principal has used; `unsaved` is what the file does not know yet. */
interface Usage {
  readonly id: string;
  day: string;
  dayCount: number;
  dayUnsaved: number;
  month: string;
  monthCount: number;
  monthUnsaved: number;
}

export interface QuotaUse {
  /** Which quota stands in the way; undefined where it was counted. */
  violated: 'day' | 'month' | undefined;
  dayCount: number;
  monthCount: number;
  /** Whole seconds until the day and the month end. */
  dayLeft: number;
  monthLeft: number;
}

/**
 * Counts requests per principal and calendar day and month, in memory and in a file of its own.
 *
 * Its own file because every write to the store changes `store.version()`, on which other rooms guard their caches:
 * counting there would make every key look-up miss. Writes are sums (`count = count + ?`), so several processes add up,
 * and each learns the others' share from the sum that comes back. Every 2 seconds while there is something to write.
 *
 * What may be lost: `kill -9` loses what the last 2 seconds counted, in the caller's favour (at the default rate 200
 * requests of a principal); a power cut what the system had not put on disk; an ordinary exit nothing. What may be too much: the share of other processes is known up to 2 seconds late, so a quota may
 * be passed by what a caller's rate lets through in 2 seconds (200 again, whatever the number of processes).
 * A jump of the wall clock into another day opens that day's count; a jump back finds the former one again.
 */
export class QuotaLedger {
  readonly #database: DatabaseSync;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #calendar: Calendar;
  readonly #clock: Clock;
  readonly #event: (event: AuditEvent) => void;
  readonly #entries = new Map<string, Usage>();
  readonly #dirty = new Set<Usage>();
  /** What was counted in a period that ended before it was written. */
  #former: { id: string; period: string; count: number }[] = [];
  readonly #use: QuotaUse = { violated: undefined, dayCount: 0, monthCount: 0, dayLeft: 0, monthLeft: 0 };
  #timer: NodeJS.Timeout | undefined = undefined;
  #complained = Number.NEGATIVE_INFINITY;
  #closed = false;

  /** @throws LoadError where the file cannot be used. */
  constructor(file: string, clock: Clock, event: (event: AuditEvent) => void) {
    this.#clock = clock;
    this.#calendar = new Calendar(clock);
    this.#event = event;
    try {
      if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
      this.#database = new DatabaseSync(file, { timeout: 250 });
      this.#database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS quotas (
          principal TEXT NOT NULL,
          period TEXT NOT NULL,
          count INTEGER NOT NULL CHECK (typeof(count) = 'integer' AND count >= 0),
          PRIMARY KEY (principal, period)
        ) STRICT, WITHOUT ROWID;`);
      this.#database.prepare('DELETE FROM quotas WHERE period < ?').run(this.#calendar.oldest());
      this.#read = this.#database.prepare(
        `SELECT min(count, ${MAX_COUNT}) AS count FROM quotas WHERE principal = ? AND period = ?`,
      );
      this.#write = this.#database.prepare(
        `INSERT INTO quotas VALUES (?, ?, ?) ON CONFLICT DO UPDATE
         SET count = min(min(count, ${MAX_COUNT}) + excluded.count, ${MAX_COUNT}) RETURNING count`,
      );
    } catch (cause) {
      throw new LoadError([
        {
          rule: 'throttling/quota-file',
          severity: 'error',
          message: `${file}: the file of quotas cannot be used: ${(cause as Error).message}`,
          mend: 'make it readable and writable for this user; if it is damaged, move it away: quotas start from zero then',
        },
      ]);
    }
    closeAtExit(this);
  }

  /**
   * Counts one request of a principal, unless that would pass a quota. Synchronous; the first request of a principal in
   * a period reads the file (some 10 us).
   * @returns an object that the next call overwrites.
   */
  use(principal: string, day: number, month: number): QuotaUse {
    const now = this.#calendar.now();
    const entry = this.#current(principal);
    const use = this.#use;
    use.dayCount = entry.dayCount;
    use.monthCount = entry.monthCount;
    use.dayLeft = Math.ceil((this.#calendar.day.end - now) / 1_000);
    use.monthLeft = Math.ceil((this.#calendar.month.end - now) / 1_000);
    use.violated = entry.monthCount >= month ? 'month' : entry.dayCount >= day ? 'day' : undefined;
    if (use.violated === undefined) {
      if (entry.dayCount < MAX_COUNT) {
        use.dayCount = ++entry.dayCount;
        entry.dayUnsaved++;
      }
      if (entry.monthCount < MAX_COUNT) {
        use.monthCount = ++entry.monthCount;
        entry.monthUnsaved++;
      }
    }
    // Also where nothing was counted: the flush brings in what other processes have.
    this.#dirty.add(entry);
    this.#schedule();
    return use;
  }

  #current(principal: string): Usage {
    const { day, month } = this.#calendar;
    let entry = this.#entries.get(principal);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_ENTRIES) this.#drop();
      const id = principal.length <= 200 ? principal : `#${hash('sha256', principal, 'base64url')}`;
      entry = { id, day: '', dayCount: 0, dayUnsaved: 0, month: '', monthCount: 0, monthUnsaved: 0 };
      this.#entries.set(principal, entry);
    }
    if (entry.day !== day.name) {
      this.#leave(entry.id, entry.day, entry.dayUnsaved);
      entry.dayCount = this.#stored(entry.id, day.name);
      entry.dayUnsaved = 0;
      entry.day = day.name;
    }
    if (entry.month !== month.name) {
      this.#leave(entry.id, entry.month, entry.monthUnsaved);
      entry.monthCount = this.#stored(entry.id, month.name);
      entry.monthUnsaved = 0;
      entry.month = month.name;
    }
    return entry;
  }

  #stored(id: string, period: string): number {
    return Number(this.#read.get(id, period)?.['count'] ?? 0);
  }

  #leave(id: string, period: string, count: number): void {
    if (count > 0 && this.#former.length < MAX_ENTRIES) this.#former.push({ id, period, count });
  }

  /** Makes room: what is on disk can be read again. Where nothing could be written, the oldest are lost. */
  #drop(): void {
    this.flush();
    for (const [principal, entry] of this.#entries) {
      if (this.#entries.size < MAX_ENTRIES / 2) break;
      this.#entries.delete(principal);
      this.#dirty.delete(entry);
    }
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(
      () => this.#flushInTurns(Math.ceil((this.#dirty.size + this.#former.length) / CHUNK)),
      FLUSH_INTERVAL,
    );
    this.#timer.unref();
  }

  /** One chunk a turn of the event loop: requests go on between them. */
  #flushInTurns(chunks: number): void {
    if (this.#closed) return;
    const written = this.#flushChunk();
    if (written && chunks > 1) {
      setImmediate(() => this.#flushInTurns(chunks - 1));
      return;
    }
    this.#timer = undefined;
    if (this.#dirty.size > 0 || this.#former.length > 0) this.#schedule();
  }

  /** Writes everything counted so far. Never throws: what cannot be written stays and is tried again. */
  flush(): void {
    while (this.#dirty.size > 0 || this.#former.length > 0) if (!this.#flushChunk()) return;
  }

  #flushChunk(): boolean {
    const former = this.#former.slice(0, CHUNK);
    const entries: Usage[] = [];
    for (const entry of this.#dirty) if (entries.push(entry) >= CHUNK) break;
    const sums: [number, number][] = [];
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      for (const { id, period, count } of former) this.#write.get(id, period, count);
      for (const entry of entries) {
        sums.push([
          this.#sum(entry.id, entry.day, entry.dayUnsaved),
          this.#sum(entry.id, entry.month, entry.monthUnsaved),
        ]);
      }
      this.#database.exec('COMMIT');
    } catch (cause) {
      this.#rollback();
      this.#complain(cause as Error);
      return false;
    }
    this.#former = this.#former.slice(former.length);
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      [entry.dayCount, entry.monthCount] = sums[i]!;
      entry.dayUnsaved = 0;
      entry.monthUnsaved = 0;
      this.#dirty.delete(entry);
    }
    return true;
  }

  #sum(id: string, period: string, count: number): number {
    return count > 0 ? Number(this.#write.get(id, period, count)!['count']) : this.#stored(id, period);
  }

  #rollback(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // no transaction was open
    }
  }

  #complain(cause: Error): void {
    const now = this.#clock.monotonic();
    if (now - this.#complained < COMPLAINT_INTERVAL) return;
    this.#complained = now;
    this.#event({
      event: 'throttling/quotas-unsaved',
      note: 'quotas cannot be written; they are counted in memory and tried again',
      evidence: { reason: cause.message },
    });
  }

  /** Writes what is left and closes the file. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    this.flush();
    this.#database.close();
    openLedgers.delete(this);
  }
}

/** An ordinary exit writes first, whoever forgot to close. */
const openLedgers = new Set<QuotaLedger>();
let watchingExit = false;
function closeAtExit(ledger: QuotaLedger): void {
  openLedgers.add(ledger);
  if (watchingExit) return;
  watchingExit = true;
  process.once('exit', () => {
    for (const open of openLedgers) open.close();
  });
}
