import { createHmac, randomBytes } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Principal } from '../../gateway/principal.ts';
import { refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { ownClaims } from '../../identity/attributes.ts';
import { hasFactor, readFactors } from '../../identity/factors/records.ts';
import { Overloaded, PasswordHashing } from '../../identity/password-hashing.ts';
import { LONGEST_BYTES } from '../../identity/password-rules.ts';
import { findUser, normalName, type UserRecord, verifyUser } from '../../identity/users.ts';
import { addressGroup, Locked, type Lockout } from '../lockout.ts';
import { Failed, type Outcome, Verified } from '../outcome.ts';
import { BASIC } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';

/** Users with a name and password (RFC 7617). */
export const basic: Scheme = {
  name: 'basic',
  usual: [BASIC],
  places: (scheme) => (scheme.type === 'http' && scheme.scheme === 'basic' ? [BASIC] : []),
  open: (opening) => new BasicVerifier(opening),
};

/** How long it is believed that a name and password from one address belong together, in ms. A hash costs 44 ms. */
const REMEMBERED = 60_000;
const MOST = 10_000;
/** Characters of base64: name and password with room to spare. */
const MAX_TOKEN = 2048;
const MAX_NAME = 256;

const MALFORMED = new Failed('not Basic credentials');

/** The fact that name and password were right, with all it depends on. */
interface KnownUser {
  version: number;
  verified: Verified;
  readonly name: string;
  readonly id: string;
  readonly password: string;
  /** Monotonic. */
  readonly until: number;
  readonly lockKey: string;
}

/** Kept over reloads. */
interface Memory {
  /** Of this process only: makes the keys of `known` useless to whoever reads them. */
  readonly secret: Buffer;
  readonly known: Map<string, KnownUser>;
  readonly underway: Map<string, Promise<Outcome>>;
  readonly hashing: PasswordHashing;
}

class BasicVerifier implements Verifier {
  readonly scheme = 'basic';
  readonly rank = 1;
  readonly #services: Services;
  readonly #lockout: Lockout;
  readonly #memory: Memory;

  constructor({ services, lockout }: Opening) {
    this.#services = services;
    this.#lockout = lockout;
    this.#memory = services.keep('authentication/passwords', () => ({
      secret: randomBytes(32),
      known: new Map(),
      underway: new Map(),
      // Shared with the sign-in pages: the bound is on what this process hashes in all.
      hashing: services.keep('identity/password-hashing', () => new PasswordHashing()),
    }));
  }

  recognises(): boolean {
    return true;
  }

  verify(token: string, exchange: Exchange): Outcome | Promise<Outcome> {
    if (token.length > MAX_TOKEN) return MALFORMED;
    const group = addressGroup(exchange.peer.address);
    const { known, secret } = this.#memory;
    // With the address: what is remembered for one must not tell another whether a guess is right.
    const key = createHmac('sha256', secret).update(group).update('\0').update(token).digest('base64url');
    const user = known.get(key);
    if (user !== undefined) {
      const locked = this.#services.counters.get(user.lockKey);
      if (typeof locked !== 'number') return locked.then((value) => this.#remembered(key, user, value, token, group));
      return this.#remembered(key, user, locked, token, group);
    }
    return this.#judge(key, token, group);
  }

  /** A guesser behind the same address who has locked the account must not find the right password in here. */
  #remembered(key: string, user: KnownUser, locked: number, token: string, group: string): Outcome | Promise<Outcome> {
    const { store, clock } = this.#services;
    if (locked > 0 || clock.monotonic() >= user.until) {
      this.#memory.known.delete(key);
      return this.#judge(key, token, group);
    }
    const version = store.version();
    if (user.version !== version) {
      const record = findUser(store, user.name);
      const changed =
        record === undefined || record.disabled || record.id !== user.id || record.password !== user.password;
      if (changed || hasFactor(readFactors(store, user.id))) {
        this.#memory.known.delete(key);
        return this.#judge(key, token, group);
      }
      user.version = version;
      if (!sameAttributes(user.verified.principal, record)) user.verified = new Verified(principalOf(record));
    }
    return user.verified;
  }

  /** Equal attempts that come together are one: a page that opens ten connections costs one hash. */
  #judge(key: string, token: string, group: string): Outcome | Promise<Outcome> {
    const { underway } = this.#memory;
    const same = underway.get(key);
    if (same !== undefined) return same;
    const credentials = readBasic(token);
    if (credentials === undefined) return MALFORMED;
    const outcome = this.#hash(key, credentials, group).finally(() => underway.delete(key));
    underway.set(key, outcome);
    return outcome;
  }

  async #hash(key: string, credentials: { name: string; password: string }, group: string): Promise<Outcome> {
    const { store, clock } = this.#services;
    const name = normalName(credentials.name);
    const account = name ?? credentials.name;
    const exists = name !== undefined && findUser(store, name) !== undefined;
    const attempt = await this.#lockout.attempt(account, group, exists ? name : undefined, credentials.password);
    if (attempt instanceof Locked) {
      return new Failed(attempt.reason, { counts: false, refusal: tooMany(attempt.retryAfter) });
    }
    const version = store.version();
    let record: UserRecord | 'unknown' | 'disabled' | 'wrong';
    try {
      record = await verifyUser(store, this.#memory.hashing, name, credentials.password, group);
    } catch (error) {
      await attempt.withdrawn();
      if (!(error instanceof Overloaded)) throw error;
      const headers = { 'retry-after': String(error.retryAfter) };
      return new Failed('too many passwords at once', { counts: false, refusal: refuse('overloaded', { headers }) });
    }
    // The attempt has been counted already.
    if (typeof record === 'string' || name === undefined)
      return new Failed(`name and password: ${record}`, { counts: false });
    // Here nobody can be asked for it, and the password alone must not do. The answer is that of a wrong one.
    if (hasFactor(readFactors(store, record.id)))
      return new Failed('name and password: a second factor is enrolled', { counts: false });
    await attempt.succeeded();
    const verified = new Verified(principalOf(record));
    const { known } = this.#memory;
    if (known.size >= MOST) {
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    }
    known.set(key, {
      version,
      verified,
      name,
      id: record.id,
      password: record.password,
      until: clock.monotonic() + REMEMBERED,
      lockKey: this.#lockout.lockKey(account, group),
    });
    return verified;
  }
}

const tooMany = (seconds: number) => refuse('too-many-failures', { headers: { 'retry-after': String(seconds) } });

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads `user-id ":" password` (RFC 7617, section 2): canonical base64 of UTF-8 without control characters.
 * @returns undefined for anything else
 */
export function readBasic(token: string): { name: string; password: string } | undefined {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.toString('base64') !== token) return undefined;
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  if (colon === -1 || colon > MAX_NAME || /\p{Cc}/u.test(text)) return undefined;
  const password = text.slice(colon + 1);
  // Normalisation can triple the length; the bound holds for what is hashed.
  if (Buffer.byteLength(password.normalize('NFC')) > LONGEST_BYTES) return undefined;
  return { name: text.slice(0, colon), password };
}

const principalOf = (record: UserRecord): Principal => ({
  kind: 'user',
  id: record.id,
  roles: Object.freeze([...record.roles]),
  scopes: Object.freeze([...record.scopes]),
  claims: ownClaims(record.claims),
  credential: { scheme: 'basic', id: record.id, issued: record.changed, binding: 'none' },
});

const sameAttributes = (principal: Principal, record: UserRecord): boolean =>
  JSON.stringify([principal.roles, principal.scopes, principal.claims]) ===
  JSON.stringify([record.roles, record.scopes, record.claims]);
