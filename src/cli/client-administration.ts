import { join } from 'node:path';
import type { ClientAdministration } from '../admin/admin.ts';
import { IdentityError } from '../identity/attributes.ts';
import {
  approveClient,
  createClient,
  listClients,
  removeClient,
  showClient,
  suspendClient,
} from '../identity/clients.ts';
import { listGrants, withdraw } from '../identity/server/grants.ts';
import { systemClock } from '../shared/clock.ts';
import { openStore } from '../storage/sqlite-store.ts';
import { userIdOf } from './grants.ts';

const BY = 'admin API';

/** Applications and grants for the admin API, over a connection of its own to the store. */
export function clientAdministration(dataDirectory: string): ClientAdministration & { close(): void } {
  const store = openStore(join(dataDirectory, 'store.db'));
  return {
    list: () => listClients(store),
    find: (id) => known(() => showClient(store, id)),
    create: (request) => {
      const { client, secret } = createClient(store, systemClock, request, BY);
      return { ...client, secret };
    },
    approve: (id, approval) => known(() => approveClient(store, systemClock, id, approval, BY)),
    suspend: (id) => known(() => suspendClient(store, systemClock, id, BY)),
    remove: (id) =>
      known(() => {
        removeClient(store, systemClock, id, BY);
        return withdraw(store, systemClock, { client: id }, BY);
      }) !== undefined,
    grants: (which) => listGrants(store, systemClock, { ...which, ...userOf(which.user) }),
    withdraw: (which) => known(() => withdraw(store, systemClock, { ...which, ...userOf(which.user) }, BY)),
    close: () => store.close(),
  };

  function userOf(user: string | undefined): { user?: string } {
    return user === undefined ? {} : { user: userIdOf(store, user) };
  }
}

function known<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof IdentityError && error.code === 'unknown') return undefined;
    throw error;
  }
}
