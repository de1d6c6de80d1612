import { join } from 'node:path';
import type { BanAdministration } from '../admin/admin.ts';
import { systemClock } from '../shared/clock.ts';
import { parseDuration } from '../shared/duration.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { addBan, BanError, findBans, liftBans, listBans } from '../throttling/bans/administration.ts';

const BY = 'admin API';

/** Bans for the admin API, over a connection of its own to the store. */
export function banAdministration(dataDirectory: string): BanAdministration & { close(): void } {
  const store = openStore(join(dataDirectory, 'store.db'));
  return {
    list: () => listBans(store, systemClock),
    find: (which) => known(() => findBans(store, systemClock, which)),
    add: ({ who, span, reason }) => {
      const milliseconds = parseDuration(span);
      if (milliseconds === undefined) throw new BanError('input', 'for is a span such as 30m, 24h or 90d');
      return addBan(store, systemClock, { who, span: milliseconds, reason }, BY);
    },
    lift: (which) => known(() => liftBans(store, systemClock, which, BY)),
    inForce: () => {
      const counts = { address: 0, principal: 0 };
      for (const { kind, state } of listBans(store, systemClock)) if (state === 'in force') counts[kind]++;
      return counts;
    },
    close: () => store.close(),
  };
}

function known<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof BanError) return undefined;
    throw error;
  }
}
