import { enter, person } from '../../identity/journal.ts';
import { createKey, revokeKey } from '../../identity/keys.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import type { IdentitySettings } from '../state/settings.ts';
import { type ClaimHint, claimsFor } from './claims.ts';
import type { CallerPolicy } from './policy.ts';

/** Milliseconds after which a key ends by itself, whatever becomes of this process. */
export const LIFETIME = 3_600_000;
/** Identities at most: exploring tries each operation as each of them. */
const MOST = 40;

/** An identity that is to be made. */
export interface Wanted {
  readonly name: string;
  readonly role: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
}

/** Who is to be made, and what a reader must know of them. */
export interface Cast {
  readonly wanted: readonly Wanted[];
  readonly notes: readonly string[];
}

/**
 * Who must be there to try a policy: one of each role, two where a rule ties objects to their owner, and one without a
 * role; one more with all scopes, where scopes alone permit something.
 */
export function castFor(policy: CallerPolicy, hints: readonly ClaimHint[]): Cast {
  const wanted: Wanted[] = [];
  const notes: string[] = [];
  const names = new Set<string>();
  const add = (base: string, role: string | undefined, index: number): void => {
    const { claims, guessed, missing } = claimsFor(policy, role, index, hints);
    const name = unique(base, names);
    const scopes = [...(policy.scopes.get(role) ?? [])].sort();
    wanted.push({ name, role, claims, scopes: role === undefined && base === 'nobody' ? [] : scopes });
    const flag = role === undefined ? undefined : `--claim ${role}:NAME=VALUE`;
    if (guessed.length > 0)
      notes.push(
        `${name} owns what the contract's own examples and smallest numbers name (${guessed.join(', ')}): if there is no such object, say which ones there are${flag === undefined ? '' : ` with ${flag}`}`,
      );
    if (missing.length > 0)
      notes.push(
        `${name} lacks ${missing.join(', ')}, which owner rules compare with: its objects cannot be reached${flag === undefined ? '' : `; give ${flag}`}`,
      );
  };
  for (const role of policy.roles) {
    const count = policy.bound.has(role) ? 2 : 1;
    for (let index = 0; index < count; index++) add(count === 1 ? role : `${role}-${index + 1}`, role, index);
  }
  // Where no role is named, callers without one are those whose objects can be confused.
  const ownersWithoutRole = policy.bound.has(undefined);
  if (policy.scopes.has(undefined)) add('with-scopes', undefined, 0);
  if (ownersWithoutRole) for (let index = 0; index < 2; index++) add(`caller-${index + 1}`, undefined, index);
  else add('nobody', undefined, 0);
  const { elsewhere, never } = policy.unreached;
  if (elsewhere > 0)
    notes.push(
      `${elsewhere} operations take a key in another place than the others: they are tried as a stranger; give further identities with --as`,
    );
  if (never > 0)
    notes.push(
      `${never} operations take no key of the gate: they are tried as a stranger; give identities for them with --as`,
    );
  if (wanted.length <= MOST) return { wanted, notes };
  notes.push(`${wanted.length} identities would be needed for all roles: the first ${MOST} are made`);
  return { wanted: wanted.slice(0, MOST), notes };
}

/** A name as identities of a scan have them: letters, digits, `.`, `-`, `_`. */
function unique(base: string, taken: Set<string>): string {
  const plain = base.replace(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'role';
  let name = plain.slice(0, 56);
  for (let number = 2; taken.has(name); number++) name = `${plain.slice(0, 52)}-${number}`;
  taken.add(name);
  return name;
}

/** Identities that were made for one proof. */
export interface People {
  readonly identities: readonly IdentitySettings[];
  /** Id of the key of each identity: the principal that the log must name. */
  readonly principals: ReadonlyMap<string, string>;
  /**
   * Ends all keys. May be called twice, and at the exit of the process: it is synchronous.
   * @returns what could not be ended: these end within the hour
   */
  revoke(): readonly string[];
}

/**
 * Makes a key for each; all end after an hour by themselves.
 * @param asBearer sent as `Authorization: Bearer`, else where the contract has keys
 * @throws IdentityError, StoreError; keys that were made by then are revoked
 */
export function makePeople(
  store: Store,
  clock: Clock,
  wanted: readonly Wanted[],
  asBearer: boolean,
  lifetime = LIFETIME,
): People {
  const identities: IdentitySettings[] = [];
  const principals = new Map<string, string>();
  const left = new Set<string>();
  const revoke = (): readonly string[] => {
    for (const id of left) {
      try {
        revokeKey(store, clock, id);
        left.delete(id);
        const deed = { event: 'identity/key-revoked', note: `key ${id} revoked`, evidence: { key: id } };
        enter(store, clock, deed, person());
      } catch {
        // The others must end all the same.
      }
    }
    return [...left];
  };
  try {
    for (const { name, role, claims, scopes } of wanted) {
      const { key, secret } = createKey(store, clock, {
        roles: role === undefined ? [] : [role],
        scopes,
        claims,
        note: `portcullis prove: ${name}`,
        expires: clock.now() + lifetime,
      });
      left.add(key.id);
      principals.set(name, key.principal);
      const evidence = { key: key.id, roles: key.roles, expires: new Date(key.expires ?? 0).toISOString() };
      enter(store, clock, { event: 'identity/key-created', note: `key ${key.id} created`, evidence }, person());
      const how = asBearer ? { bearer: { token: secret } } : { key: { value: secret } };
      identities.push({ name, role, ...how });
    }
  } catch (error) {
    revoke();
    throw error;
  }
  return { identities, principals, revoke };
}
