import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import { IdentityError } from '../attributes.ts';
import { revoke } from '../revocations.ts';
import { deleteRecord, labelsOf, type StoredRecord } from './records.ts';

/** Kind of the records of grants. */
export const GRANT = 'Grant';
/** What users have consented to, by user and application. */
const CONSENTS = 'identity.consents';
/** No access token of the server lives longer, see `identity.server.accessToken`; and an hour for clocks. In ms. */
const LONGEST_TOKEN = 25 * 3_600_000;

/** What a user has allowed an application, over all its logins. */
export interface Consent {
  readonly user: string;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly at: number;
}

/** A grant as people see it: one login of a user to an application, and all tokens that come from it. */
export interface GrantInfo {
  readonly id: string;
  readonly user: string;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly issued: number;
  readonly ends: number;
}

interface GrantPayload {
  readonly accountId?: string;
  readonly clientId?: string;
  readonly iat?: number;
  readonly openid?: { readonly scope?: string };
  readonly resources?: Readonly<Record<string, string>>;
  readonly rejected?: { readonly resources?: Readonly<Record<string, string>> };
}

/** What is shown of a grant. */
export function labelOfGrant(payload: object): StoredRecord['label'] {
  const { accountId, clientId, iat, openid, resources, rejected } = payload as GrantPayload;
  const denied = new Set(Object.values(rejected?.resources ?? {}).flatMap(words));
  const scopes = [openid?.scope ?? '', ...Object.values(resources ?? {})].flatMap(words);
  return {
    user: accountId ?? '',
    client: clientId ?? '',
    scopes: [...new Set(scopes)].filter((scope) => !denied.has(scope)),
    issued: (iat ?? 0) * 1000,
  };
}

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

/** Grants in force, of a user (id), an application, or all. */
export function listGrants(store: Store, clock: Clock, which: { user?: string; client?: string } = {}): GrantInfo[] {
  return labelsOf(store, clock, GRANT)
    .map(({ name, record }) => ({ id: name, ends: record.ends, ...record.label }) as GrantInfo)
    .filter(({ user, client }) => (which.user ?? user) === user && (which.client ?? client) === client)
    .sort((a, b) => a.issued - b.issued || (a.id < b.id ? -1 : 1));
}

/**
 * Ends a grant: its refresh tokens are not found any more, and the gate refuses its access tokens from the next request on.
 * @returns whether there was one
 */
export function endGrant(store: Store, clock: Clock, id: string, reason: string, by: string): boolean {
  return store.transaction(() => {
    const there = deleteRecord(store, GRANT, id);
    // Once more is no harm, and a grant that is not here may have tokens all the same.
    if (there) revoke(store, clock, { kind: 'grant', subject: id, until: clock.now() + LONGEST_TOKEN, reason, by });
    return there;
  });
}

/**
 * Takes back what was granted: by the grant's id, or everything of a user, of an application, or of a user to an application,
 * consents included.
 * @returns the grants that ended
 * @throws IdentityError where nothing is named, or there is no such grant
 */
export function withdraw(
  store: Store,
  clock: Clock,
  which: { id?: string; user?: string; client?: string },
  by: string,
): GrantInfo[] {
  if (which.id === undefined && which.user === undefined && which.client === undefined)
    throw new IdentityError('input', 'Name a grant, a user or an application.');
  return store.transaction(() => {
    const found = listGrants(store, clock, which).filter(({ id }) => which.id === undefined || which.id === id);
    if (which.id !== undefined && found.length === 0) throw new IdentityError('unknown', 'There is no such grant.');
    for (const { id, user, client } of found) {
      endGrant(store, clock, id, 'withdrawn', by);
      if (which.id !== undefined) store.delete(CONSENTS, consentId(user, client));
    }
    if (which.id === undefined) {
      for (const { id, record } of store.list<Consent>(CONSENTS)) {
        const [user, client] = [which.user ?? record.user, which.client ?? record.client];
        if (user === record.user && client === record.client) store.delete(CONSENTS, id);
      }
    }
    return found;
  });
}

const consentId = (user: string, client: string): string => `${user} ${client}`;

export const findConsent = (store: Store, user: string, client: string): Consent | undefined =>
  store.get<Consent>(CONSENTS, consentId(user, client));

/** Adds what a user has just consented to. */
export function rememberConsent(
  store: Store,
  clock: Clock,
  user: string,
  client: string,
  scopes: readonly string[],
): void {
  store.transaction(() => {
    const before = findConsent(store, user, client)?.scopes ?? [];
    const consent: Consent = { user, client, scopes: [...new Set([...before, ...scopes])], at: clock.now() };
    store.put(CONSENTS, consentId(user, client), consent);
  });
}
