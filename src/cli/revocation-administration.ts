import { join } from 'node:path';
import type { RevocationAdministration } from '../admin/admin.ts';
import { IdentityError } from '../identity/attributes.ts';
import { listRevocations } from '../identity/revocations.ts';
import { carryOut, liftByHand, type Revocable } from '../identity/revoking.ts';
import { systemClock } from '../shared/clock.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { momentOf } from './moment.ts';

const BY = 'admin API';

/** Revocations for the admin API, over a connection of its own to the store. */
export function revocationAdministration(dataDirectory: string): RevocationAdministration & { close(): void } {
  const store = openStore(join(dataDirectory, 'store.db'));
  return {
    list: () => listRevocations(store, systemClock),
    add: ({ kind, subject, token, before, reason }) => {
      const time = before === undefined ? undefined : momentOf(before, systemClock.now());
      return carryOut(store, systemClock, { kind: kind as Revocable, subject, token, before: time, reason }, BY);
    },
    lift: (which) => {
      const space = which.indexOf(' ');
      if (space < 1) return false;
      try {
        return liftByHand(store, systemClock, which.slice(0, space), which.slice(space + 1), BY);
      } catch (error) {
        if (error instanceof IdentityError) return false;
        throw error;
      }
    },
    close: () => store.close(),
  };
}
