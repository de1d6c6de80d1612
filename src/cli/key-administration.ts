import { join } from 'node:path';
import type { KeyAdministration } from '../admin/admin.ts';
import { IdentityError } from '../identity/attributes.ts';
import { enter } from '../identity/journal.ts';
import { createKey, listKeys, revokeKey } from '../identity/keys.ts';
import { readLastUses } from '../identity/uses.ts';
import { systemClock } from '../shared/clock.ts';
import { parseDuration } from '../shared/duration.ts';
import { openStore } from '../storage/sqlite-store.ts';

/** Keys for the admin API, over a connection of its own to the store. */
export async function keyAdministration(dataDirectory: string): Promise<KeyAdministration & { close(): void }> {
  const store = openStore(join(dataDirectory, 'store.db'));
  const tell = (did: string, id: string): void =>
    enter(
      store,
      systemClock,
      { event: `identity/key-${did}`, note: `key ${id} ${did}`, evidence: { key: id } },
      'admin API',
    );
  return {
    list: () => {
      const { uses } = readLastUses(dataDirectory);
      return listKeys(store, systemClock).map((key) => ({ ...key, lastUse: uses.get(key.id) ?? null }));
    },
    create: ({ roles, scopes, note, expires, claims, ranges }) => {
      const made = createKey(store, systemClock, { roles, scopes, claims, note, ranges, expires: expiry(expires) });
      tell('created', made.key.id);
      return { ...made.key, key: made.secret };
    },
    revoke: (id) => {
      try {
        revokeKey(store, systemClock, id);
        tell('revoked', id);
        return true;
      } catch (error) {
        if (error instanceof IdentityError) return false;
        throw error;
      }
    },
    close: () => store.close(),
  };
}

function expiry(text: string | undefined): number | null {
  if (text === undefined) return null;
  const span = parseDuration(text);
  const time = span === undefined ? Date.parse(text) : Date.now() + span;
  if (Number.isNaN(time)) throw new Error(`expires: "${text}" is neither a duration such as 90d nor an ISO date`);
  return time;
}
