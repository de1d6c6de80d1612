import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Store } from '../../storage/store.ts';
import type { ClientRecord } from '../clients.ts';
import { findUserById, type UserRecord } from '../users.ts';

/** Claims that say something of the token itself: an attribute of such a name must not be taken for it. */
const RESERVED = new Set([
  ...['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'client_id', 'azp', 'cnf', 'act', 'may_act', 'sid'],
  ...['acr', 'amr', 'auth_time', 'nonce', 'at_hash', 'roles', 'grant_id', 'authorization_details', '__proto__'],
]);

/** A user as oidc-provider knows accounts. Keys of the index signature: what its type asks for. */
export interface OwnAccount {
  readonly accountId: string;
  readonly user: { readonly name: string; readonly record: UserRecord };
  claims(): Promise<{ sub: string; [name: string]: unknown }>;
  readonly [name: string]: unknown;
}

/**
 * Looks up who a session or token stands for.
 * @param issued when that began, in seconds; what began before the password was changed has ended
 * @returns undefined where there is no such user any more, or it is disabled
 */
export function accountOf(store: Store, id: string, issued: number | undefined): OwnAccount | undefined {
  const found = findUserById(store, id);
  if (found === undefined || found.record.disabled) return undefined;
  if (issued !== undefined && endedByPassword(found.record, issued)) return undefined;
  return {
    accountId: id,
    user: found,
    claims: async () => ({ sub: id, preferred_username: found.name, ...ownAttributes(found.record.claims) }),
  };
}

/** Whether what began then (seconds) has ended because the password was changed since. */
export const endedByPassword = (record: Pick<UserRecord, 'created' | 'changed'>, issued: number): boolean =>
  record.changed !== record.created && issued * 1000 <= record.changed;

/** Attributes that become claims. */
export const ownAttributes = (claims: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !RESERVED.has(name)));

/** Roles a token carries: the user's, as far as the application may act in them. */
export const rolesFor = (user: Pick<UserRecord, 'roles'>, client: Pick<ClientRecord, 'roles'>): string[] =>
  client.roles.length === 0 ? [...user.roles] : user.roles.filter((role) => client.roles.includes(role));

/** When the session or token that is being used began, in seconds. */
export function beganAt(ctx: KoaContextWithOIDC, token: unknown): number | undefined {
  const { authTime, iiat, iat } = (token ?? {}) as { authTime?: number; iiat?: number; iat?: number };
  return authTime ?? iiat ?? iat ?? ctx.oidc.session?.loginTs;
}
