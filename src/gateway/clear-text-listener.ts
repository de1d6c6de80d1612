import type { AddressInfo, Server } from 'node:net';
import type { Configuration } from '../config/configuration.ts';
import { createRefusingListener } from '../encryption/clear-text.ts';
import { findKey, revokeKey } from '../identity/keys.ts';
import { systemClock } from '../shared/clock.ts';
import type { Services } from './services.ts';

/** Opens the listener for plain HTTP where one is asked for: it refuses, and reports what it saw. */
export async function openClearTextListener(
  configuration: Configuration,
  port: number,
  services: Services,
): Promise<{ readonly port: number; close(): void } | undefined> {
  const { plainHttp } = configuration.encryption;
  if (plainHttp === 'off') return undefined;
  const server: Server = createRefusingListener({
    plainHttp,
    origin: `https://${configuration.listen.hosts[0] ?? 'localhost'}:${port}`,
    exposed: (exposed, { revoke, address }) => {
      const known = findKey(services.store, exposed.digest);
      if (revoke && known !== undefined) revokeKey(services.store, systemClock, known.id);
      services.count('portcullis_credentials_exposed_total', { kind: exposed.kind });
      services.event({
        event: 'encryption/exposed',
        note: `a credential was sent in clear (${exposed.place})${revoke && known !== undefined ? '; its key is revoked' : ''}`,
        evidence: {
          kind: exposed.kind,
          address,
          credential: known?.id ?? null,
          digest: known === undefined ? exposed.digest : null,
        },
      });
    },
    failed: (error) => services.event({ event: 'encryption/exposed-failed', note: error.message }),
    overflow: () => services.count('portcullis_credentials_exposed_total', { kind: 'not told' }),
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new Error(
          `the plain listener cannot listen on port ${plainHttp.port} (${error.code}): choose another with encryption.plainHttp.port`,
        ),
      ),
    );
    server.listen({ host: configuration.listen.host, port: plainHttp.port }, resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}
