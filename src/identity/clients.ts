import { createPublicKey, timingSafeEqual, type webcrypto } from 'node:crypto';
import { parseRange } from '../shared/address.ts';
import type { Clock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import { checkedAttributes, IdentityError } from './attributes.ts';
import { enter } from './journal.ts';
import { digestOf } from './key-format.ts';
import { randomBase62 } from './random.ts';
import { revoke } from './revocations.ts';

/** Records by client id. */
export const CLIENTS = 'identity.clients';

export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials', 'device_code'] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** How an application proves that it is itself: not at all (a public one, with PKCE), by a secret, or by signing. */
export const PROOFS = ['none', 'secret', 'private_key_jwt'] as const;
export type Proof = (typeof PROOFS)[number];

export type ClientState = 'pending' | 'approved' | 'suspended';

/** An application as the store knows it: what its developer registered, and what an admin approved. Times: epoch ms. */
export interface ClientRecord {
  readonly name: string;
  /** Who answers for it. */
  readonly contact: string;
  readonly note: string;
  readonly state: ClientState;
  readonly proof: Proof;
  /** SHA-256 of the secret, base64url; null where it has none. */
  readonly secret: string | null;
  /** Public keys for `private_key_jwt`. */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
  /** Compared character by character. */
  readonly redirectUris: readonly string[];
  readonly logoutUris: readonly string[];
  readonly grants: readonly GrantType[];
  /** What it may ask for; of these a user's tokens hold what the user has and has consented to. */
  readonly scopes: readonly string[];
  /** Roles it may act in: on behalf of users as far as they have them (none named: in all of theirs), for itself in these. */
  readonly roles: readonly string[];
  /** Address ranges its requests may come from; empty: from anywhere. */
  readonly ranges: readonly string[];
  /** Class of limits it falls under; null: as everyone. */
  readonly rateClass: string | null;
  /** Belongs to the operator of the API: users are not asked for consent. */
  readonly own: boolean;
  readonly created: number;
  /** When it was last approved or suspended. */
  readonly decided: number | null;
}

/** An application without its secret's digest. */
export interface ClientInfo extends Omit<ClientRecord, 'secret'> {
  readonly id: string;
}

export interface NewClient {
  readonly name: string;
  readonly contact?: string;
  readonly note?: string;
  readonly proof?: Proof;
  readonly keys?: readonly unknown[];
  readonly redirectUris?: readonly string[];
  readonly logoutUris?: readonly string[];
  readonly grants?: readonly string[];
  readonly scopes?: readonly string[];
}

/** What an admin decides; what is absent stays as it was registered. */
export interface Approval {
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
  readonly grants?: readonly string[];
  readonly redirectUris?: readonly string[];
  readonly ranges?: readonly string[];
  readonly rateClass?: string;
  readonly own?: boolean;
}

/** No access token of the server lives longer, and without its approval an application gets no other. In ms. */
const LONGEST_TOKEN = 25 * 3_600_000;
const MOST_URIS = 20;
const MOST_RANGES = 50;
const MOST_CLIENTS = 10_000;
const SECRET_PREFIX = 'pcs_';
const NAME = /^[\p{L}\p{N}][^\p{C}]{0,99}$/u;
const CLASS = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/**
 * Registers an application; nothing is issued to it until {@link approveClient}.
 * @returns its public side, and its secret where it has one: shown this once
 * @throws IdentityError where something given is not one
 */
export function createClient(
  store: Store,
  clock: Clock,
  given: NewClient,
  by = 'registration',
): { client: ClientInfo; secret?: string } {
  const proof = given.proof ?? 'none';
  if (!PROOFS.includes(proof)) throw new IdentityError('input', `The proof is one of ${PROOFS.join(', ')}.`);
  if (!NAME.test(given.name))
    throw new IdentityError('input', 'A name has 1 to 100 characters, the first a letter or digit.');
  const keys = (given.keys ?? []).map(publicKey);
  if ((proof === 'private_key_jwt') !== keys.length > 0)
    throw new IdentityError('input', 'private_key_jwt needs public keys, and nothing else takes some.');
  const grants = grantsOf(given.grants ?? ['authorization_code', 'refresh_token']);
  const redirectUris = urisOf(given.redirectUris ?? [], 'redirect');
  const { note, scopes } = checkedAttributes({ note: given.note, scopes: given.scopes });
  const { note: contact } = checkedAttributes({ note: given.contact });
  checkWhole({ proof, grants, redirectUris });
  const secret = proof === 'secret' ? `${SECRET_PREFIX}${randomBase62(43)}` : undefined;
  const record: ClientRecord = {
    name: given.name,
    contact,
    note,
    state: 'pending',
    proof,
    secret: secret === undefined ? null : digestOf(secret),
    keys,
    redirectUris,
    logoutUris: urisOf(given.logoutUris ?? [], 'logout'),
    grants,
    scopes,
    roles: [],
    ranges: [],
    rateClass: null,
    own: false,
    created: clock.now(),
    decided: null,
  };
  const id = `app_${randomBase62(16)}`;
  store.transaction(() => {
    if (store.list(CLIENTS).length >= MOST_CLIENTS)
      throw new IdentityError('state', `There are ${MOST_CLIENTS} applications already: remove some.`);
    store.put(CLIENTS, id, record);
    journal(store, clock, 'registered', id, record, by);
  });
  return { client: infoOf(id, record), ...(secret === undefined ? {} : { secret }) };
}

/** All applications, oldest first. */
export const listClients = (store: Store): ClientInfo[] =>
  store
    .list<ClientRecord>(CLIENTS)
    .map(({ id, record }) => infoOf(id, record))
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));

/** Looks an application up, whatever its state. */
export const findClient = (store: Store, id: string): ClientRecord | undefined => store.get<ClientRecord>(CLIENTS, id);

/** @throws IdentityError where there is no such application */
export function showClient(store: Store, id: string): ClientInfo {
  return infoOf(id, known(store, id));
}

/** Lets an application have tokens, within what the admin allows. @throws IdentityError */
export function approveClient(store: Store, clock: Clock, id: string, approval: Approval, by = 'approval'): ClientInfo {
  return store.transaction(() => {
    const before = known(store, id);
    const { roles, scopes } = checkedAttributes({
      roles: approval.roles ?? before.roles,
      scopes: approval.scopes ?? before.scopes,
    });
    const grants = grantsOf(approval.grants ?? before.grants);
    const redirectUris = urisOf(approval.redirectUris ?? before.redirectUris, 'redirect');
    checkWhole({ proof: before.proof, grants, redirectUris });
    const rateClass = approval.rateClass ?? before.rateClass;
    if (rateClass !== null && !CLASS.test(rateClass))
      throw new IdentityError('input', 'A rate class has 1 to 64 letters, digits, - and _.');
    const record: ClientRecord = {
      ...before,
      state: 'approved',
      scopes,
      roles,
      grants,
      redirectUris,
      ranges: rangesOf(approval.ranges ?? before.ranges),
      rateClass,
      own: approval.own ?? before.own,
      decided: clock.now(),
    };
    store.put(CLIENTS, id, record);
    journal(store, clock, 'approved', id, record, by);
    return infoOf(id, record);
  });
}

/** Ends what an application may do, in every process at once; its grants wait for it to be approved again. @throws IdentityError */
export function suspendClient(store: Store, clock: Clock, id: string, by: string): ClientInfo {
  return store.transaction(() => {
    const record: ClientRecord = { ...known(store, id), state: 'suspended', decided: clock.now() };
    store.put(CLIENTS, id, record);
    const until = clock.now() + LONGEST_TOKEN;
    revoke(store, clock, { kind: 'client', subject: id, until, reason: 'the application was suspended', by });
    return infoOf(id, record);
  });
}

/** Takes an application out for good; the ids of applications are never given again. @throws IdentityError */
export function removeClient(store: Store, clock: Clock, id: string, by: string): void {
  store.transaction(() => {
    known(store, id);
    store.delete(CLIENTS, id);
    const until = clock.now() + LONGEST_TOKEN;
    revoke(store, clock, { kind: 'client', subject: id, until, reason: 'the application was removed', by });
  });
}

function journal(store: Store, clock: Clock, what: string, id: string, record: ClientRecord, by: string): void {
  const { name, proof, grants, scopes, roles, redirectUris, ranges, own } = record;
  const evidence = { client: id, name, proof, grants, scopes, roles, redirectUris, ranges, own };
  enter(store, clock, { event: `identity/client-${what}`, note: `an application was ${what}`, evidence }, by);
}

/** Compares a secret with its digest, in constant time. */
export function isSecretOf(digest: string, secret: string): boolean {
  const [left, right] = [Buffer.from(digest), Buffer.from(digestOf(secret))];
  return left.length === right.length && timingSafeEqual(left, right);
}

function known(store: Store, id: string): ClientRecord {
  const record = findClient(store, id);
  if (record === undefined)
    throw new IdentityError(
      'unknown',
      `There is no application ${/^app_[0-9A-Za-z]{1,64}$/.test(id) ? id : 'of that id'}.`,
    );
  return record;
}

function checkWhole({ proof, grants, redirectUris }: Pick<ClientRecord, 'proof' | 'grants' | 'redirectUris'>): void {
  if (grants.includes('authorization_code') && redirectUris.length === 0)
    throw new IdentityError('input', 'An application that users sign in to needs a redirect URI.');
  if (proof === 'none' && grants.includes('client_credentials'))
    throw new IdentityError(
      'input',
      'client_credentials needs a secret or a key: anyone could say to be this application.',
    );
  if (grants.includes('refresh_token') && !grants.includes('authorization_code') && !grants.includes('device_code'))
    throw new IdentityError('input', 'refresh_token goes with authorization_code or device_code.');
}

function grantsOf(given: readonly string[]): GrantType[] {
  for (const grant of given)
    if (!(GRANT_TYPES as readonly string[]).includes(grant))
      throw new IdentityError('input', `A grant type is one of ${GRANT_TYPES.join(', ')}.`);
  if (given.length === 0) throw new IdentityError('input', 'An application needs a grant type.');
  return [...new Set(given)] as GrantType[];
}

/** Redirect URIs: https, http of this machine, or a scheme of the application's own with a dot (RFC 8252, section 7.1). */
function urisOf(given: readonly string[], what: string): string[] {
  if (given.length > MOST_URIS) throw new IdentityError('input', `At most ${MOST_URIS} ${what} URIs.`);
  for (const text of given) {
    const url = text.length <= 2000 && URL.canParse(text) ? new URL(text) : undefined;
    const problem = url === undefined ? 'is not an absolute URI' : uriProblem(url, text);
    if (problem !== undefined)
      throw new IdentityError('input', `${JSON.stringify(text.slice(0, 100))} ${problem} (${what} URI).`);
  }
  return [...new Set(given)];
}

function uriProblem(url: URL, text: string): string | undefined {
  if (/[*\s\\\p{C}]/u.test(text)) return 'has a wildcard, a backslash or a space';
  if (text.includes('#')) return 'has a fragment';
  if (url.username !== '' || url.password !== '') return 'has credentials';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol === 'http:')
    return /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname) ? undefined : 'is http, and not of this machine';
  return url.protocol.includes('.') ? undefined : 'has a scheme that is neither https nor a name with a dot';
}

function rangesOf(given: readonly string[]): string[] {
  if (given.length > MOST_RANGES) throw new IdentityError('input', `At most ${MOST_RANGES} address ranges.`);
  for (const text of given)
    if (parseRange(text) === undefined)
      throw new IdentityError(
        'input',
        `${JSON.stringify(text.slice(0, 60))} is not an address range such as 10.0.0.0/8.`,
      );
  return [...new Set(given)];
}

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg', 'use'] as const;

function publicKey(jwk: unknown): Record<string, unknown> {
  const given = (typeof jwk === 'object' && jwk !== null ? jwk : {}) as Record<string, unknown>;
  if ('d' in given || 'k' in given)
    throw new IdentityError('input', 'That is a private key: keep it, make another, and give its public half only.');
  try {
    createPublicKey({ key: given as webcrypto.JsonWebKey, format: 'jwk' });
  } catch {
    throw new IdentityError('input', 'A key is not a public JWK (RFC 7517).');
  }
  return Object.fromEntries(PUBLIC_MEMBERS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}

function infoOf(id: string, record: ClientRecord): ClientInfo {
  const { secret: _, ...rest } = record;
  return { id, ...rest };
}
