import { randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';

/**
 * What people and programs beside the gate did with keys, users, applications and revocations. It waits in the store until
 * a running gate has put it into its audit log, which nobody else may write to.
 */
const JOURNAL = 'identity.journal';
/** Entries that wait; beyond, new ones are counted only. */
const MOST = 1_000;
const LOST = 'lost';

/** One deed, as it will stand in the audit log. Never holds a secret. */
export interface Deed {
  /** `identity/what`. */
  readonly event: string;
  readonly note: string;
  readonly evidence: Readonly<Record<string, unknown>>;
}

interface Entry extends Deed {
  readonly at: number;
}

/** Writes a deed down; may stand within a transaction. @param by through what, and as which account of the system */
export function enter(store: Store, clock: Clock, deed: Deed, by: string): void {
  store.transaction(() => {
    const waiting = store.list(JOURNAL).length;
    if (waiting >= MOST) {
      const { count = 0 } = store.get<{ count: number }>(JOURNAL, LOST) ?? {};
      store.put(JOURNAL, LOST, { count: count + 1 });
      return;
    }
    const at = clock.now();
    const entry: Entry = { ...deed, evidence: { ...deed.evidence, by, at: new Date(at).toISOString() }, at };
    store.put(JOURNAL, `${String(at).padStart(15, '0')} ${randomBytes(6).toString('hex')}`, entry);
  });
}

/** Takes what waits, in order: each deed is given to one gate only. Writes nothing where nothing waits. */
export function takeDeeds(store: Store): Deed[] {
  if (store.list(JOURNAL).length === 0) return [];
  return store.transaction(() => {
    const found = store.list<Entry & { count?: number }>(JOURNAL);
    for (const { id } of found) store.delete(JOURNAL, id);
    return found.map(({ id, record: { event, note, evidence, count } }) =>
      id === LOST
        ? { event: 'identity/journal-full', note: 'deeds were not written down one by one', evidence: { count } }
        : { event, note, evidence },
    );
  });
}

/** Who sits at the command line, for the audit log. */
export function person(): string {
  try {
    return `cli, ${userInfo().username}`;
  } catch {
    // an account without an entry in the system's list, as containers have them
    return `cli, uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
