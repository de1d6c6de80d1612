import type { webcrypto } from 'node:crypto';
import type { PrincipalKind } from '../gateway/principal.ts';
import type { Clock } from '../shared/clock.ts';
import { SignatureError } from '../signatures/error.ts';
import { publicJwk, readPublicKey } from '../signatures/key.ts';
import type { Store } from '../storage/store.ts';
import { type Attributes, checkedAttributes, IdentityError } from './attributes.ts';
import { KEY_PREFIX } from './key-format.ts';
import { type KeyState, keyState } from './keys.ts';
import { randomBase62 } from './random.ts';

/** Records by key id: the `keyid` of signatures. */
const SIGNING_KEYS = 'identity.signing-keys';

/** Ids that are not chosen by their owner start with this. */
export const SIGNING_KEY_PREFIX = 'sig_';

/** The public half of a key that a client signs requests with (RFC 9421). Times are epoch milliseconds. */
export interface SigningKeyRecord extends Attributes {
  readonly jwk: webcrypto.JsonWebKey;
  readonly algorithm: string;
  /** Whose key it is: its own, or that of a caller who has another credential too. */
  readonly principal: { readonly kind: PrincipalKind; readonly id: string };
  readonly created: number;
  readonly expires: number | null;
  readonly revoked: number | null;
}

export interface SigningKeyInfo extends SigningKeyRecord {
  readonly id: string;
  readonly state: KeyState;
}

export interface NewSigningKey extends Partial<Attributes> {
  /** PEM or JWK, public. */
  readonly publicKey: string;
  readonly algorithm?: string | undefined;
  /** The keyid; one is made where it is absent. */
  readonly id?: string | undefined;
  /** `kind:id`, such as `key:key_...` or `user:ann`. */
  readonly principal?: string | undefined;
  readonly expires?: number | null;
}

const KINDS: readonly PrincipalKind[] = ['key', 'user', 'client', 'certificate'];

/**
 * Makes a client's public key known.
 * @throws IdentityError where the key or an attribute is none, the id is taken, or the expiry has passed
 */
export function addSigningKey(store: Store, clock: Clock, given: NewSigningKey): SigningKeyInfo {
  const attributes = checkedAttributes(given);
  const now = clock.now();
  const expires = given.expires ?? null;
  if (expires !== null && !(expires > now)) throw new IdentityError('input', 'The expiry has already passed.');
  const id = given.id ?? `${SIGNING_KEY_PREFIX}${randomBase62(16)}`;
  if (!/^[\x21-\x7e]{1,256}$/.test(id)) throw new IdentityError('input', 'A key id is printable ASCII without spaces.');
  if (id.startsWith(KEY_PREFIX)) throw new IdentityError('input', 'A key id must not look like a key.');
  const key = readKey(given.publicKey, given.algorithm);
  const record: SigningKeyRecord = {
    jwk: publicJwk(key),
    algorithm: key.algorithm.name,
    principal: given.principal === undefined ? { kind: 'key', id } : principalOf(given.principal),
    ...attributes,
    created: now,
    expires,
    revoked: null,
  };
  store.transaction(() => {
    if (store.get(SIGNING_KEYS, id) !== undefined)
      throw new IdentityError('input', 'There is a key of this id already.');
    store.put(SIGNING_KEYS, id, record);
  });
  return infoOf(id, record, now);
}

function readKey(text: string, algorithm: string | undefined) {
  try {
    return readPublicKey(text, algorithm);
  } catch (error) {
    if (error instanceof SignatureError)
      throw new IdentityError('input', `The public key cannot be taken: ${error.message}.`);
    throw error;
  }
}

function principalOf(text: string): SigningKeyRecord['principal'] {
  const colon = text.indexOf(':');
  const kind = KINDS.find((one) => one === text.slice(0, colon));
  const id = text.slice(colon + 1);
  if (kind === undefined || id === '')
    throw new IdentityError(
      'input',
      'Whose key it is is written kind:id, such as key:key_..., user:ann or client:app.',
    );
  return { kind, id };
}

/** A key by its id, whatever its state. */
export const findSigningKey = (store: Store, id: string): SigningKeyRecord | undefined =>
  store.get<SigningKeyRecord>(SIGNING_KEYS, id);

/** All of them, oldest first. */
export function listSigningKeys(store: Store, clock: Clock): SigningKeyInfo[] {
  const now = clock.now();
  return store
    .list<SigningKeyRecord>(SIGNING_KEYS)
    .map(({ id, record }) => infoOf(id, record, now))
    .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1));
}

/**
 * Ends a key for good, in every process at once.
 * @returns undefined where there is none of this id
 */
export function revokeSigningKey(store: Store, clock: Clock, id: string): SigningKeyInfo | undefined {
  return store.transaction(() => {
    const record = store.get<SigningKeyRecord>(SIGNING_KEYS, id);
    if (record === undefined) return undefined;
    const now = clock.now();
    const ended: SigningKeyRecord = record.revoked === null ? { ...record, revoked: now } : record;
    if (record.revoked === null) store.put(SIGNING_KEYS, id, ended);
    return infoOf(id, ended, now);
  });
}

const infoOf = (id: string, record: SigningKeyRecord, now: number): SigningKeyInfo => ({
  id,
  state: keyState(record, now),
  ...record,
});
