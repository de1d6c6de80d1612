import type { Exchange } from '../../gateway/exchange.ts';
import type { Services } from '../../gateway/services.ts';
import { ownClaims } from '../../identity/attributes.ts';
import { digestOf, isWellFormed, KEY_PREFIX } from '../../identity/key-format.ts';
import { findKey, type KeyRecord } from '../../identity/keys.ts';
import { type AddressRange, inRange, parseAddress, parseRange } from '../../shared/address.ts';
import { Failed, type Outcome, Verified } from '../outcome.ts';
import { apiKeyPlaces, BEARER, X_API_KEY } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';
import { networkOf } from '../unusual/network.ts';

/** Keys that Portcullis made: where the contract has an API key, and wherever it takes a bearer token. */
export const apiKey: Scheme = {
  name: 'key',
  usual: [BEARER, X_API_KEY],
  places(scheme) {
    if (scheme.type === 'oauth2' || scheme.type === 'openIdConnect') return [BEARER];
    if (scheme.type === 'http') return scheme.scheme === 'bearer' ? [BEARER] : [];
    return apiKeyPlaces(scheme);
  },
  open: ({ services }: Opening) => new KeyVerifier(services),
};

/** What the store said of a key, and when. Only of keys that exist: strangers cannot fill it. */
interface KnownKey {
  version: number;
  readonly expires: number;
  /** Where it may be used from; undefined: anywhere. */
  readonly ranges: readonly AddressRange[] | undefined;
  readonly verified: Verified;
}

/** Keys remembered; the rest is looked up again (about 20 us). */
const MOST = 10_000;
/** A key that is used from outside its ranges is told once in this time for each network, in ms. */
const TOLD = 600_000;

const MALFORMED = new Failed('not a key, or mistyped');
const UNKNOWN = new Failed('no such key');

class KeyVerifier implements Verifier {
  readonly scheme = 'key';
  readonly rank = 0;
  readonly #services: Services;
  readonly #known: Map<string, KnownKey>;

  constructor(services: Services) {
    this.#services = services;
    this.#known = services.keep('authentication/keys', () => new Map());
  }

  recognises(secret: string): boolean {
    return secret.startsWith(KEY_PREFIX);
  }

  verify(secret: string, exchange: Exchange): Outcome {
    if (!isWellFormed(secret)) return MALFORMED;
    const { store, clock } = this.#services;
    const digest = digestOf(secret);
    // Before the look-up: a change that comes in between makes the fact look older than it is, never younger.
    const version = store.version();
    const known = this.#known.get(digest);
    if (known !== undefined && known.version === version) {
      if (clock.now() >= known.expires) return expired(known.verified.principal.credential.id);
      return known.ranges === undefined ? known.verified : this.#within(known.ranges, known, exchange);
    }
    const found = this.#lookUp(digest, version, known);
    if (found instanceof Failed) return found;
    return found.ranges === undefined ? found.verified : this.#within(found.ranges, found, exchange);
  }

  /** Outside its ranges a key is refused as one that does not exist is, and counts as a guess as that does. */
  #within(ranges: readonly AddressRange[], { verified }: KnownKey, exchange: Exchange): Outcome {
    const { address } = exchange.peer;
    const parsed = parseAddress(address);
    if (parsed !== undefined && ranges.some((range) => inRange(parsed, range))) return verified;
    const { id } = verified.principal.credential;
    const network = networkOf(address);
    const evidence = { credential: id, principal: `key:${verified.principal.id}`, network, exchange: exchange.id };
    const tell = (first: boolean): void => {
      if (!first) return;
      const note = 'a key is used from outside its address ranges: it may be stolen';
      this.#services.event({ event: 'authentication/outside-ranges', note, evidence });
    };
    const first = this.#services.counters.once(`authentication/outside/${id}/${network}`, TOLD);
    if (first instanceof Promise) void first.then(tell);
    else tell(first);
    return new Failed('the key is used from outside its address ranges', { credential: id });
  }

  #lookUp(digest: string, version: number, known: KnownKey | undefined): KnownKey | Failed {
    const found = findKey(this.#services.store, digest);
    if (found === undefined || found.record.revoked !== null) {
      this.#known.delete(digest);
      return found === undefined ? UNKNOWN : new Failed('the key is revoked', { credential: found.id });
    }
    const expires = found.record.expires ?? Number.POSITIVE_INFINITY;
    if (this.#services.clock.now() >= expires) {
      this.#known.delete(digest);
      return expired(found.id);
    }
    if (known !== undefined && known.expires === expires) {
      // Nothing else of a key ever changes, so its principal stays the same object.
      known.version = version;
      return known;
    }
    const verified = new Verified(principalOf(found.id, found.record));
    if (this.#known.size >= MOST && !this.#known.has(digest)) {
      for (const oldest of this.#known.keys()) {
        this.#known.delete(oldest);
        break;
      }
    }
    const given = found.record.ranges ?? [];
    const ranges = given.length === 0 ? undefined : given.flatMap((text) => parseRange(text) ?? []);
    const fresh: KnownKey = { version, expires, ranges, verified };
    this.#known.set(digest, fresh);
    return fresh;
  }
}

const expired = (id: string): Failed => new Failed('the key has expired', { credential: id, counts: false });

const principalOf = (id: string, record: KeyRecord) => ({
  kind: 'key' as const,
  id: record.principal,
  roles: Object.freeze([...record.roles]),
  scopes: Object.freeze([...record.scopes]),
  claims: ownClaims(record.claims),
  credential: { scheme: 'key', id, binding: 'none' as const },
});
