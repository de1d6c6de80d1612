import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Principal, PrincipalKind } from '../../gateway/principal.ts';
import type { Services } from '../../gateway/services.ts';
import { ownClaims } from '../../identity/attributes.ts';
import { findSigningKey, type SigningKeyRecord } from '../../identity/signing-keys.ts';
import { LoadError } from '../../shared/finding.ts';
import { type MessageKey, messageKey, readPublicKey, secretKey } from '../../signatures/key.ts';
import { ALGORITHMS as JWS } from '../jwt/algorithms.ts';
import { KeySet } from '../jwt/key-set.ts';
import { fileSource, isUrl, urlSource } from '../jwt/key-source.ts';
import type { VerificationKey } from '../jwt/verification-key.ts';
import { Verified } from '../outcome.ts';
import type { SignatureSettings } from './settings.ts';

/** A key that a client signs with, and who that is. */
export interface ClientKey {
  readonly key: MessageKey;
  readonly verified: Verified;
}

/** Why a key cannot be used, for the record. */
export type NoKey = string;

interface Set {
  readonly keys: KeySet;
  readonly settings: SignatureSettings['sets'][number];
}

interface KnownKey {
  version: number;
  readonly record: SigningKeyRecord;
  readonly key: ClientKey;
}

/** Keys of the store that are remembered; the rest is looked up again. */
const MOST = 10_000;
const UNKNOWN: NoKey = 'no key of this keyid';

/** Finds the key of a signature: in the settings, the store, and the key sets, in this order. */
export class ClientKeys {
  readonly #services: Services;
  readonly #allowed: ReadonlySet<string>;
  readonly #fixed: ReadonlyMap<string, ClientKey>;
  readonly #known: Map<string, KnownKey>;
  readonly #sets: readonly Set[];
  readonly #ofSets = new WeakMap<VerificationKey, ClientKey | NoKey>();

  /** @throws LoadError where a key of the settings cannot be read */
  constructor(settings: SignatureSettings, services: Services) {
    this.#services = services;
    this.#allowed = new Set(settings.algorithms);
    this.#known = new Map();
    this.#fixed = new Map(settings.keys.map((given) => [given.id, fixedKey(given, this.#allowed, services)]));
    this.#sets = settings.sets.map((one) => ({ settings: one, keys: openSet(one, services) }));
  }

  find(keyid: string): ClientKey | NoKey | Promise<ClientKey | NoKey> {
    const fixed = this.#fixed.get(keyid);
    if (fixed !== undefined) return fixed;
    const stored = this.#stored(keyid);
    if (stored !== UNKNOWN || this.#sets.length === 0) return stored;
    return this.#inSets(keyid);
  }

  #stored(keyid: string): ClientKey | NoKey {
    const { store, clock } = this.#services;
    // Before the look-up: a change that comes in between makes the fact look older than it is, never younger.
    const version = store.version();
    let known = this.#known.get(keyid);
    if (known === undefined || known.version !== version) {
      const record = findSigningKey(store, keyid);
      if (record === undefined || record.revoked !== null) {
        this.#known.delete(keyid);
        return record === undefined ? UNKNOWN : 'the key is revoked';
      }
      // Nothing of a key ever changes but its end, so its principal stays the same object.
      known = { version, record, key: known?.key ?? clientKey(keyid, storedKey(record), record.principal, record) };
      if (this.#known.size >= MOST && !this.#known.has(keyid)) this.#known.delete(firstOf(this.#known));
      this.#known.set(keyid, known);
    }
    const { expires } = known.record;
    if (expires !== null && clock.now() >= expires) return 'the key has expired';
    return this.#allowed.has(known.key.key.algorithm.name) ? known.key : 'the algorithm of the key is not accepted';
  }

  async #inSets(keyid: string): Promise<ClientKey | NoKey> {
    for (const { keys, settings } of this.#sets) {
      await keys.check();
      let found = this.#candidate(keys, keyid);
      if (found === undefined) {
        await keys.unknown();
        found = this.#candidate(keys, keyid);
      }
      if (found === undefined) continue;
      let key = this.#ofSets.get(found);
      if (key === undefined) {
        key = this.#taken(found, keyid, settings);
        this.#ofSets.set(found, key);
      }
      return key;
    }
    return UNKNOWN;
  }

  #candidate(keys: KeySet, keyid: string): VerificationKey | undefined {
    for (const algorithm of JWS.values()) {
      const [key] = keys.candidates(keyid, algorithm);
      if (key !== undefined) return key;
    }
    return undefined;
  }

  #taken(found: VerificationKey, keyid: string, settings: Set['settings']): ClientKey | NoKey {
    try {
      const { alg } = JSON.parse(found.text) as { alg?: string };
      const algorithm = alg === undefined ? undefined : ALGORITHM_OF[alg];
      if (alg !== undefined && algorithm === undefined) return 'alg of the key is none of RFC 9421';
      const key = messageKey(found.key, algorithm);
      if (!this.#allowed.has(key.algorithm.name)) return 'the algorithm of the key is not accepted';
      const principal = { kind: 'key' as const, id: `${settings.source}|${keyid}` };
      return clientKey(keyid, key, principal, { ...settings, claims: {} });
    } catch {
      return 'no algorithm of RFC 9421 fits the key';
    }
  }
}

const ALGORITHM_OF: Readonly<Record<string, string>> = {
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
  ES256: 'ecdsa-p256-sha256',
  ES384: 'ecdsa-p384-sha384',
  PS512: 'rsa-pss-sha512',
  RS256: 'rsa-v1_5-sha256',
};

const firstOf = (map: Map<string, unknown>): string => map.keys().next().value as string;

const storedKey = ({ jwk, algorithm }: SigningKeyRecord): MessageKey => readPublicKey(JSON.stringify(jwk), algorithm);

function clientKey(
  id: string,
  key: MessageKey,
  principal: { readonly kind: PrincipalKind; readonly id: string },
  {
    roles,
    scopes,
    claims,
  }: { roles: readonly string[]; scopes: readonly string[]; claims: Readonly<Record<string, unknown>> },
): ClientKey {
  const whole: Principal = {
    kind: principal.kind,
    id: principal.id,
    roles: Object.freeze([...roles]),
    scopes: Object.freeze([...scopes]),
    claims: ownClaims(claims),
    credential: { scheme: 'signature', id, binding: 'signature' },
  };
  return { key, verified: new Verified(whole) };
}

function fixedKey(
  given: SignatureSettings['keys'][number],
  allowed: ReadonlySet<string>,
  { baseDirectory }: Services,
): ClientKey {
  const { id, file, secret, algorithm, principal = `key:${id}` } = given;
  try {
    const name = resolve(baseDirectory, (file ?? secret) as string);
    if (secret !== undefined && algorithm !== undefined && algorithm !== 'hmac-sha256')
      throw new Error('a shared secret is for hmac-sha256');
    const key = secret === undefined ? readPublicKey(readFileSync(name, 'utf8'), algorithm) : secretKey(secretOf(name));
    if (!allowed.has(key.algorithm.name)) throw new Error(`${key.algorithm.name} is not among the accepted algorithms`);
    const colon = principal.indexOf(':');
    const whose = { kind: principal.slice(0, colon) as PrincipalKind, id: principal.slice(colon + 1) };
    return clientKey(id, key, whose, given);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? (error as Error).message;
    throw new LoadError([
      {
        rule: 'authentication/signing-key',
        severity: 'error',
        message: `the key ${id} of authentication.signatures.keys cannot be used: ${why}`,
        mend: 'name a file with a public key (PEM or JWK; Ed25519, P-256, P-384 or RSA), or with a secret of 32 bytes or more',
      },
    ]);
  }
}

/** A secret as a file holds it: the line feed that editors put at the end is none of it. */
function secretOf(file: string): Buffer {
  const bytes = readFileSync(file);
  const end = bytes.at(-1) === 0x0a ? (bytes.at(-2) === 0x0d ? -2 : -1) : bytes.length;
  return bytes.subarray(0, end);
}

function openSet({ source, refresh }: SignatureSettings['sets'][number], services: Services): KeySet {
  const remote = isUrl(source);
  const keys = services.keep(
    `authentication/signing-set ${JSON.stringify([source, services.baseDirectory, refresh])}`,
    () =>
      new KeySet(
        remote ? urlSource(source, services.outbound, refresh) : fileSource(source, services.baseDirectory),
        [...JWS.keys()],
        services.clock,
        (note, evidence) =>
          services.event({ event: 'authentication/key-set', note, evidence: { source, ...evidence } }),
      ),
  );
  void keys.check(!remote || !keys.loaded);
  if (!remote && (!keys.loaded || keys.size === 0))
    throw new LoadError([
      {
        rule: 'authentication/signing-key',
        severity: 'error',
        message: `the key set ${source} of authentication.signatures.sets ${keys.loaded ? 'has no key that can be used' : 'cannot be read'}`,
        mend: 'name a JWK set (RFC 7517) with public keys for signatures',
      },
    ]);
  return keys;
}
