import { addressGroup, Lockout } from '../authentication/lockout.ts';
import type { Configuration } from '../config/configuration.ts';
import type { RunningServer } from '../identity/server/server.ts';
import { clientFinder, peerOf } from './peer.ts';
import type { Services } from './services.ts';
import type { Transport } from './transport.ts';

/** The authorization server beside the gate, and what of it follows reloads. */
export interface IdentityServer extends RunningServer {
  reload(configuration: Configuration): void;
}

/**
 * Opens the embedded authorization server where one is asked for, before the plan is built: the plan trusts its tokens.
 * @param port instead of the configured one, where workers share it
 * @throws Error with place and mend
 */
export async function openIdentityServer(
  configuration: Configuration,
  services: Services,
  transport: Transport,
  port: number | undefined,
): Promise<IdentityServer | undefined> {
  const { server } = configuration.identity;
  if (!server.enabled) return undefined;
  const { openServer } = await loadServer();
  let lockout = new Lockout(configuration.authentication.lockout, services);
  let finder = clientFinder(configuration.listen.trustedProxies);
  const running = await openServer(server, {
    services,
    tls: transport.tls,
    port,
    // The same counters as for passwords at the gate: a lock holds in both places.
    guard: { attempt: (account, group, name) => lockout.attempt(account, group, name) },
    callerOf: (req) => {
      const forwarded = req.headers['x-forwarded-for'];
      const { address } = finder(peerOf(req.socket), typeof forwarded === 'string' ? forwarded : undefined);
      return { address, group: addressGroup(address) };
    },
  });
  return {
    ...running,
    reload: (next) => {
      lockout = new Lockout(next.authentication.lockout, services);
      finder = clientFinder(next.listen.trustedProxies);
    },
  };
}

/** Loaded where it is used only: it is half as large as the gate. */
async function loadServer(): Promise<typeof import('../identity/server/server.ts')> {
  const { warn } = console;
  // The library takes every node that is not yet called LTS for too old, and says so on standard error.
  console.warn = (...said: unknown[]) => {
    if (!String(said[0]).includes('Unsupported runtime')) warn(...said);
  };
  try {
    return await import('../identity/server/server.ts');
  } finally {
    console.warn = warn;
  }
}
