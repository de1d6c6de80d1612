import { hash } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import { refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { LoadError } from '../../shared/finding.ts';
import { claimsProblem, isType, principalOf } from '../jwt/claims.ts';
import { type Jws, MAX_TOKEN, readJws } from '../jwt/jws.ts';
import { KeySet } from '../jwt/key-set.ts';
import { fileSource, isUrl, urlSource } from '../jwt/key-source.ts';
import { parseObject } from '../jwt/strict-json.ts';
import { TokenCache } from '../jwt/token-cache.ts';
import { type VerificationKey, verifySignature } from '../jwt/verification-key.ts';
import { Failed, type Outcome, Verified } from '../outcome.ts';
import { apiKeyPlaces, BEARER } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';
import type { IssuerSettings } from '../settings.ts';

/** Signed tokens (JWT, RFC 7519) of configured issuers, as `Authorization: Bearer`. */
export const jwt: Scheme = {
  name: 'jwt',
  usual: [BEARER],
  places(scheme) {
    if (scheme.type === 'oauth2' || scheme.type === 'openIdConnect') return [BEARER];
    if (scheme.type === 'http') return scheme.scheme === 'bearer' ? [BEARER] : [];
    return scheme.in === 'header' && scheme.parameter === 'authorization' ? apiKeyPlaces(scheme) : [];
  },
  open(opening) {
    return opening.settings.issuers.length === 0 ? undefined : new JwtVerifier(opening);
  },
};

interface Issuer {
  readonly settings: IssuerSettings;
  readonly keys: KeySet;
}

const NO_KEYS = refuse('overloaded', {
  detail: 'The token cannot be judged at the moment.',
  headers: { 'retry-after': '5' },
});
const UNREADABLE = new Failed('not a token');

class JwtVerifier implements Verifier {
  readonly scheme = 'jwt';
  readonly rank = 2;
  readonly #issuers: ReadonlyMap<string, Issuer>;
  readonly #services: Services;
  readonly #seen: TokenCache;

  constructor({ settings, services }: Opening) {
    this.#services = services;
    this.#seen = services.keep('authentication/tokens', () => new TokenCache());
    this.#issuers = new Map(
      settings.issuers.map((issuer) => [issuer.issuer, { settings: issuer, keys: openKeys(issuer, services) }]),
    );
  }

  recognises(secret: string): boolean {
    return secret.includes('.');
  }

  verify(token: string, _exchange: Exchange): Outcome | Promise<Outcome> {
    if (token.length > MAX_TOKEN) return UNREADABLE;
    const digest = hash('sha256', token, 'base64url');
    const seen = this.#seen.get(digest, this.#issuers, this.#services.clock.now());
    if (seen === undefined) return this.#judge(token, digest);
    const checking = seen.issuer.keys.check();
    if (checking === undefined) return seen.verified;
    return checking.then(() => (seen.key.live ? seen.verified : this.#judge(token, digest)));
  }

  #judge(token: string, digest: string): Outcome | Promise<Outcome> {
    const jws = readJws(token);
    if (typeof jws === 'string') return new Failed(jws);
    const payload = parseObject(jws.payload);
    if (payload === undefined) return new Failed('the payload is not a JSON object with unique names');
    // Not verified yet: it only says whose keys to verify it with.
    const iss = payload['iss'];
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined;
    if (issuer === undefined) return new Failed('iss is not a configured issuer');
    const checking = issuer.keys.check();
    if (checking !== undefined) return checking.then(() => this.#withKeys(jws, payload, issuer, digest));
    return this.#withKeys(jws, payload, issuer, digest);
  }

  #withKeys(jws: Jws, payload: Readonly<Record<string, unknown>>, issuer: Issuer, digest: string) {
    const { keys } = issuer;
    if (keys.candidates(jws.kid, jws.algorithm).length === 0) {
      const fetching = keys.unknown();
      if (fetching !== undefined) return fetching.then(() => this.#conclude(jws, payload, issuer, digest));
    }
    return this.#conclude(jws, payload, issuer, digest);
  }

  #conclude(jws: Jws, payload: Readonly<Record<string, unknown>>, issuer: Issuer, digest: string): Outcome {
    const { settings, keys } = issuer;
    if (!keys.loaded) return new Failed('the key set was never loaded', { counts: false, refusal: NO_KEYS });
    const candidates = keys.candidates(jws.kid, jws.algorithm);
    if (candidates.length === 0) return new Failed('no key of the issuer fits alg and kid');
    const key = candidates.find((candidate: VerificationKey) => verifySignature(jws, candidate));
    if (key === undefined) return new Failed('signature');
    if (!isType(jws.typ, settings.typ)) return new Failed('typ', { counts: false });
    const now = this.#services.clock.now();
    // Signed by the issuer, so not a guess: an expired token is what every honest client sends now and then.
    const problem = claimsProblem(payload, settings, now);
    if (problem !== undefined) return new Failed(problem, { counts: false });
    // Without the signature: an ECDSA signature has a second valid spelling, the same token must not have two ids.
    const id = hash('sha256', jws.signed, 'base64url');
    const verified = new Verified(principalOf(payload, settings, id));
    this.#seen.set(digest, {
      verified,
      key,
      settings: this.#issuers,
      issuer,
      expires: ((payload['exp'] as number) + settings.clockTolerance) * 1000,
    });
    return verified;
  }
}

/**
 * A key set lives longer than a plan. One in a file is read now, so that a wrong name is found at load.
 * @throws LoadError
 */
function openKeys(settings: IssuerSettings, services: Services): KeySet {
  const { jwks, algorithms, issuer, refresh } = settings;
  const remote = isUrl(jwks);
  const keys = services.keep(
    `authentication/key-set ${JSON.stringify([jwks, services.baseDirectory, refresh, algorithms])}`,
    () =>
      new KeySet(
        remote ? urlSource(jwks, services.outbound, refresh) : fileSource(jwks, services.baseDirectory),
        algorithms,
        services.clock,
        (note, evidence) =>
          services.event({ event: 'authentication/key-set', note, evidence: { issuer, ...evidence } }),
      ),
  );
  void keys.check(!remote || !keys.loaded);
  if (!remote && (!keys.loaded || keys.size === 0)) {
    throw new LoadError([
      {
        rule: 'authentication/key-set',
        severity: 'error',
        message: `The key set ${jwks} of the issuer ${issuer} ${keys.loaded ? 'has no key that can be used' : 'cannot be read'}`,
        mend: 'name a JWK set (RFC 7517) with public keys for signatures: the issuer publishes it as jwks_uri',
      },
    ]);
  }
  return keys;
}
