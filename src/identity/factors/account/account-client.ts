import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import type { Store } from '../../../storage/store.ts';
import { CLIENTS, type ClientRecord, findClient } from '../../clients.ts';
import { ACR } from '../../server/factor.ts';

/** The server's own pages are an application of it, too: that is how people sign in to them. The id is of the form all have. */
export const ACCOUNT_CLIENT = 'app_PortcullisPages0';

/** Registers the pages as an application that can do nothing but have people sign in. */
export function keepAccountClient(store: Store, clock: Clock, title: string, address: string): void {
  const known = findClient(store, ACCOUNT_CLIENT);
  if (known?.name === title && known.redirectUris[0] === address) return;
  const record: ClientRecord = {
    name: title,
    contact: '',
    note: 'the pages on which users manage their factors; made by Portcullis',
    state: known?.state ?? 'approved',
    proof: 'none',
    secret: null,
    keys: [],
    redirectUris: [address],
    logoutUris: [],
    grants: ['authorization_code'],
    scopes: [],
    roles: [],
    ranges: [],
    rateClass: null,
    own: true,
    created: known?.created ?? clock.now(),
    decided: clock.now(),
  };
  store.put(CLIENTS, ACCOUNT_CLIENT, record);
}

/**
 * Where somebody signs in for these pages. The code that comes back is never redeemed (nobody has its verifier): what counts is
 * the session that the login has made or renewed.
 * @param strong asks for the second factor, and for a login now
 */
export function signInAddress(authorize: string, address: string, strong: { acr: boolean; fresh: boolean }): string {
  const parameters = new URLSearchParams({
    client_id: ACCOUNT_CLIENT,
    response_type: 'code',
    redirect_uri: address,
    scope: 'openid',
    state: randomBytes(8).toString('base64url'),
    code_challenge: randomBytes(32).toString('base64url'),
    code_challenge_method: 'S256',
    ...(strong.acr ? { acr_values: ACR[1] } : {}),
    ...(strong.fresh ? { prompt: 'login' } : {}),
  });
  return `${authorize}?${parameters}`;
}
