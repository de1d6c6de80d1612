import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import type { AccountSession } from './account-pages.ts';

/** Reads the session of a browser by its cookie, as oidc-provider keeps it. */
export async function sessionOf(
  provider: Provider,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<AccountSession | undefined> {
  const session = await provider.Session.get(provider.createContext(req, res) as never);
  const { accountId, uid, acr, loginTs } = session;
  if (accountId === undefined || uid === undefined || loginTs === undefined) return undefined;
  return { accountId, uid, acr: acr ?? '', loginTs };
}
