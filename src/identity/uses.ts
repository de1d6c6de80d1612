import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Clock } from '../shared/clock.ts';

/** A credential's last use is written at most this often, in ms. */
const WRITTEN_EVERY = 60_000;
/** From a use that is to be written to its record, in ms. */
const SOON = 1_000;
/** Records written in one turn: some 5 us each. */
const MOST_WRITTEN = 500;
/** Waiting to be written; beyond, uses are not noted until there is room. */
const MOST_WAITING = 20_000;
/** Callers whose habits are kept on disk; those not seen for the longest time go first. */
const MOST_CALLERS = 100_000;
/** Networks, and kinds of software, that are remembered of a caller: the latest. */
const MOST_SIGHTINGS = 32;
const DAY = 86_400_000;
const COMPLAINT_INTERVAL = 60_000;

/** When and from where (see `networkOf`) a credential was last used. */
export interface LastUse {
  readonly at: number;
  readonly network: string;
}

/** Something a caller was seen with: first and last, epoch ms; `open`: since when it waits to be confirmed. */
export interface Sighting {
  first: number;
  last: number;
  open?: number;
}

/** What is known of a caller's ways. */
export interface Habits {
  /** First seen at all. */
  first: number;
  readonly networks: Map<string, Sighting>;
  readonly software: Map<string, Sighting>;
  /** Most networks within the span that the pace is judged by, while it was learned. */
  pace: number;
}

interface Waiting {
  readonly kind: 'credential' | 'caller';
  readonly subject: string;
  readonly due: number;
}

/** The file of a data directory; in memory where there is none (tests). */
export const usesFile = (dataDirectory: string): string =>
  dataDirectory === '' ? ':memory:' : join(dataDirectory, 'uses.db');

/**
 * Last uses of credentials and habits of callers, in a file of its own: every write to the store changes `store.version()`,
 * on which caches of keys, tokens and passwords are guarded. Written late and together, at most once a minute a credential;
 * `kill -9` loses that minute. What several workers write is merged.
 */
export class UseLedger {
  readonly #clock: Clock;
  readonly #database: DatabaseSync;
  readonly #read: StatementSync;
  readonly #write: StatementSync;
  readonly #complain: (reason: string) => void;
  readonly #uses = new Map<string, { use: LastUse; written: number }>();
  readonly #habits = new Map<string, Habits>();
  readonly #waiting = new Map<string, Waiting>();
  #timer: NodeJS.Timeout | undefined = undefined;
  #complained = Number.NEGATIVE_INFINITY;
  #pruned: number;
  #closed = false;

  /** @throws where the file cannot be used */
  constructor(file: string, clock: Clock, complain: (reason: string) => void) {
    this.#clock = clock;
    this.#complain = complain;
    this.#database = open(file);
    this.#database
      .prepare("INSERT INTO uses VALUES ('meta', 'since', ?, '{}') ON CONFLICT DO NOTHING")
      .run(clock.now());
    this.#read = this.#database.prepare('SELECT at, record FROM uses WHERE kind = ? AND subject = ?');
    this.#write = this.#database.prepare(
      'INSERT INTO uses VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = max(at, excluded.at), record = excluded.record',
    );
    this.#pruned = clock.now();
    this.#prune();
  }

  /** Notes a use of a credential; costs nothing until its record is a minute old. */
  used(credential: string, use: LastUse): void {
    const known = this.#uses.get(credential);
    if (known === undefined && this.#uses.size >= MOST_WAITING)
      this.#uses.delete(this.#uses.keys().next().value as string);
    const written = known?.written ?? Number.NEGATIVE_INFINITY;
    this.#uses.set(credential, { use, written });
    this.#wait('credential', credential, Math.max(use.at + SOON, written + WRITTEN_EVERY));
  }

  /** What is known of a caller: here, with what others have written meanwhile where `fresh`; undefined for a stranger. */
  habits(caller: string, fresh = false): Habits | undefined {
    const known = this.#habits.get(caller);
    if (known !== undefined && !fresh) return known;
    const stored = this.#stored(caller);
    if (stored === undefined) return known;
    if (known === undefined) return this.#keep(caller, stored);
    merge(known, stored);
    return known;
  }

  /** Keeps what is known of a caller, and writes it soon (`urgent`) or within a minute. */
  note(caller: string, habits: Habits, urgent: boolean): void {
    this.#keep(caller, habits);
    this.#wait('caller', caller, this.#clock.now() + (urgent ? SOON : WRITTEN_EVERY));
  }

  /** Writes what is due, or everything. */
  flush(everything = false): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.#clock.now();
    const due: Waiting[] = [];
    for (const waiting of this.#waiting.values()) {
      if (!everything && (waiting.due > now || due.length >= MOST_WRITTEN)) continue;
      due.push(waiting);
    }
    if (due.length > 0) this.#save(due, now);
    if (now - this.#pruned > DAY) this.#prune();
    if (this.#waiting.size > 0) this.#schedule();
  }

  close(): void {
    if (this.#closed) return;
    this.flush(true);
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#database.close();
  }

  #save(due: readonly Waiting[], now: number): void {
    try {
      this.#database.exec('BEGIN IMMEDIATE');
      try {
        for (const { kind, subject } of due) {
          if (kind === 'credential') this.#saveUse(subject, now);
          else this.#saveHabits(subject, now);
        }
        this.#database.exec('COMMIT');
      } catch (error) {
        this.#database.exec('ROLLBACK');
        throw error;
      }
    } catch (error) {
      if (now - this.#complained < COMPLAINT_INTERVAL) return;
      this.#complained = now;
      this.#complain((error as Error).message);
      return;
    }
    for (const { kind, subject } of due) this.#waiting.delete(`${kind} ${subject}`);
  }

  #saveUse(credential: string, now: number): void {
    const known = this.#uses.get(credential);
    if (known === undefined) return;
    known.written = now;
    const stored = this.#read.get('credential', credential) as { at: number } | undefined;
    if (stored !== undefined && stored.at > known.use.at) return;
    this.#write.run('credential', credential, known.use.at, JSON.stringify({ network: known.use.network }));
  }

  #saveHabits(caller: string, now: number): void {
    const habits = this.#habits.get(caller);
    if (habits === undefined) return;
    const stored = this.#stored(caller);
    if (stored !== undefined) merge(habits, stored);
    this.#write.run('caller', caller, now, written(habits));
  }

  #stored(caller: string): Habits | undefined {
    const row = this.#read.get('caller', caller) as { record: string } | undefined;
    return row === undefined ? undefined : parsed(row.record);
  }

  #keep(caller: string, habits: Habits): Habits {
    if (this.#habits.size >= MOST_WAITING && !this.#habits.has(caller)) {
      for (const oldest of this.#habits.keys()) {
        // What waits to be written is not thrown away, and there is an end to looking for what does not.
        if (this.#waiting.has(`caller ${oldest}`)) this.flush(true);
        this.#habits.delete(oldest);
        break;
      }
    }
    this.#habits.set(caller, habits);
    return habits;
  }

  #wait(kind: Waiting['kind'], subject: string, due: number): void {
    const key = `${kind} ${subject}`;
    const known = this.#waiting.get(key);
    if ((known !== undefined && known.due <= due) || (known === undefined && this.#waiting.size >= MOST_WAITING))
      return;
    this.#waiting.set(key, { kind, subject, due });
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => this.flush(), SOON);
    this.#timer.unref();
  }

  #prune(): void {
    this.#pruned = this.#clock.now();
    try {
      this.#database
        .prepare(
          `DELETE FROM uses WHERE kind = 'caller' AND subject IN (SELECT subject FROM uses WHERE kind = 'caller'
           ORDER BY at DESC LIMIT -1 OFFSET ${MOST_CALLERS})`,
        )
        .run();
    } catch (error) {
      this.#complain((error as Error).message);
    }
  }
}

/** Last uses by credential, and since when they are noted. For people: opens the file and closes it again. */
export function readLastUses(dataDirectory: string): { since: number | undefined; uses: Map<string, LastUse> } {
  const uses = new Map<string, LastUse>();
  const file = usesFile(dataDirectory);
  if (!existsSync(file)) return { since: undefined, uses };
  const database = open(file);
  try {
    const since = database.prepare("SELECT at FROM uses WHERE kind = 'meta' AND subject = 'since'").get();
    for (const row of database.prepare("SELECT subject, at, record FROM uses WHERE kind = 'credential'").all()) {
      const { subject, at, record } = row as { subject: string; at: number; record: string };
      uses.set(subject, { at, network: (JSON.parse(record) as LastUse).network });
    }
    return { since: (since as { at: number } | undefined)?.at, uses };
  } finally {
    database.close();
  }
}

function open(file: string): DatabaseSync {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
  const database = new DatabaseSync(file, { timeout: 250 });
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE IF NOT EXISTS uses (
      kind TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (kind, subject)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS uses_at ON uses (kind, at);`);
  return database;
}

/** Takes into `mine` what another process knows: the earliest first, the latest last; what either has confirmed is confirmed. */
function merge(mine: Habits, other: Habits): void {
  mine.first = Math.min(mine.first, other.first);
  mine.pace = Math.max(mine.pace, other.pace);
  for (const part of ['networks', 'software'] as const) {
    for (const [name, theirs] of other[part]) {
      const known = mine[part].get(name);
      if (known === undefined) {
        mine[part].set(name, theirs);
        continue;
      }
      if (known.open !== undefined && theirs.open === undefined && theirs.last >= known.open) delete known.open;
      known.first = Math.min(known.first, theirs.first);
      known.last = Math.max(known.last, theirs.last);
    }
    trim(mine[part]);
  }
}

/** Lets the ones go that were not seen for the longest time. */
export function trim(sightings: Map<string, Sighting>): void {
  if (sightings.size <= MOST_SIGHTINGS) return;
  const oldest = [...sightings].sort(([, a], [, b]) => a.last - b.last).slice(0, sightings.size - MOST_SIGHTINGS);
  for (const [name] of oldest) sightings.delete(name);
}

const written = ({ first, pace, networks, software }: Habits): string =>
  JSON.stringify({ first, pace, networks: [...networks], software: [...software] });

function parsed(text: string): Habits {
  const { first, pace, networks, software } = JSON.parse(text) as Record<
    'networks' | 'software',
    [string, Sighting][]
  > &
    Pick<Habits, 'first' | 'pace'>;
  return { first, pace, networks: new Map(networks), software: new Map(software) };
}
