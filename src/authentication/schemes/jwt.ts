import { hash } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import { refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { confirmationOf } from '../binding/confirmation.ts';
import type { OpaqueTokens } from '../issuers/opaque-tokens.ts';
import { openIssuers } from '../issuers/open-issuer.ts';
import { type IssuerSettings, takesJwt } from '../issuers/settings.ts';
import { claimsProblem, endOf, isType, principalOf } from '../jwt/claims.ts';
import { type Jws, MAX_TOKEN, readJws } from '../jwt/jws.ts';
import type { KeySet } from '../jwt/key-set.ts';
import { parseObject } from '../jwt/strict-json.ts';
import { TokenCache } from '../jwt/token-cache.ts';
import { type VerificationKey, verifySignature } from '../jwt/verification-key.ts';
import { Failed, type Outcome, Verified } from '../outcome.ts';
import { BEARER, DPOP, tokenPlaces } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';
import { Standing, type TokenStanding } from '../standing.ts';

/** Signed tokens (JWT, RFC 7519) of configured issuers, as `Authorization: Bearer` or, with a proof, `DPoP`. */
export const jwt: Scheme = {
  name: 'jwt',
  usual: [BEARER, DPOP],
  places: tokenPlaces,
  open(opening) {
    return opening.settings.issuers.length === 0 ? undefined : new JwtVerifier(opening);
  },
};

interface Issuer {
  readonly settings: IssuerSettings;
  readonly keys: KeySet;
}

/** Seconds. */
const RETRY_AFTER = { least: 1, most: 60 };
const UNREADABLE = new Failed('not a token');

class JwtVerifier implements Verifier {
  readonly scheme = 'jwt';
  readonly rank = 2;
  readonly #issuers: Map<string, Issuer>;
  readonly #services: Services;
  readonly #seen: TokenCache;
  readonly #standing: Standing;

  readonly #opaque: OpaqueTokens | undefined;
  /** Issuers that are asked about their signed tokens, too. */
  readonly #askedAbout: ReadonlySet<string>;

  constructor(opening: Opening) {
    const { services, settings } = opening;
    const { issuers, opaque } = openIssuers(opening);
    this.#services = services;
    this.#standing = new Standing(services);
    this.#seen = services.keep('authentication/tokens', () => new TokenCache());
    this.#issuers = new Map();
    for (const { settings, keys } of issuers.values())
      if (takesJwt(settings) && keys !== undefined) this.#issuers.set(settings.issuer, { settings, keys });
    this.#opaque = opaque;
    this.#askedAbout = new Set(settings.issuers.filter((one) => !takesJwt(one)).map(({ issuer }) => issuer));
  }

  /** Where there are opaque tokens too, which may hold a dot: what has the form of a JWT, well made or not. */
  recognises(secret: string): boolean {
    return this.#opaque === undefined ? secret.includes('.') : hasForm(secret);
  }

  verify(token: string, exchange: Exchange): Outcome | Promise<Outcome> {
    if (token.length > MAX_TOKEN) return UNREADABLE;
    const digest = hash('sha256', token, 'base64url');
    const seen = this.#seen.get(digest, this.#issuers, this.#services.clock.now());
    if (seen === undefined) return this.#opaque?.known(digest) ?? this.#judge(token, digest, exchange);
    const checking = seen.issuer.keys.check();
    if (checking === undefined) return this.#stands(seen, exchange);
    return checking.then(() => (seen.key.live ? this.#stands(seen, exchange) : this.#judge(token, digest, exchange)));
  }

  /** A token that was good, as things stand now. */
  #stands({ verified, standing }: { verified: Verified; standing: TokenStanding }, { peer }: Exchange): Outcome {
    const problem = this.#standing.problem(standing, verified.principal, peer.address);
    if (problem === undefined) return verified;
    return new Failed(problem, { counts: false, credential: verified.principal.credential.id });
  }

  #judge(token: string, digest: string, exchange: Exchange): Outcome | Promise<Outcome> {
    if (this.#askedAbout.size > 0) {
      // Whoever is asked about its tokens may sign them in ways that cannot be verified here.
      const iss = claimedIssuer(token);
      if (iss !== undefined && this.#askedAbout.has(iss))
        return this.#opaque?.verify(token, exchange, iss) ?? UNREADABLE;
    }
    const jws = readJws(token);
    if (typeof jws === 'string') return new Failed(jws);
    const payload = parseObject(jws.payload);
    if (payload === undefined) return new Failed('the payload is not a JSON object with unique names');
    // Not verified yet: it only says whose keys to verify it with.
    const iss = payload['iss'];
    const issuer = typeof iss === 'string' ? this.#issuers.get(iss) : undefined;
    if (issuer === undefined) return new Failed('iss is not a configured issuer');
    const checking = issuer.keys.check();
    if (checking !== undefined) return checking.then(() => this.#withKeys(jws, payload, issuer, digest, exchange));
    return this.#withKeys(jws, payload, issuer, digest, exchange);
  }

  #withKeys(
    jws: Jws,
    payload: Readonly<Record<string, unknown>>,
    issuer: Issuer,
    digest: string,
    exchange: Exchange,
  ): Outcome | Promise<Outcome> {
    const { keys } = issuer;
    if (keys.candidates(jws.kid, jws.algorithm).length === 0) {
      const fetching = keys.unknown();
      if (fetching !== undefined) return fetching.then(() => this.#conclude(jws, payload, issuer, digest, exchange));
    }
    return this.#conclude(jws, payload, issuer, digest, exchange);
  }

  #conclude(
    jws: Jws,
    payload: Readonly<Record<string, unknown>>,
    issuer: Issuer,
    digest: string,
    exchange: Exchange,
  ): Outcome {
    const { settings, keys } = issuer;
    if (!keys.loaded) return unjudged(keys.pause);
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
    const confirmation = confirmationOf(payload['cnf']);
    if (typeof confirmation === 'string') return new Failed(confirmation, { counts: false });
    const bound = { confirmation, demand: settings.binding };
    const { principal, standing } = this.#standing.begin(payload, principalOf(payload, settings, id, confirmation));
    const verified = new Verified(principal, bound);
    this.#seen.set(digest, {
      verified,
      standing,
      key,
      settings: this.#issuers,
      issuer,
      expires: endOf(payload, settings),
    });
    return this.#stands({ verified, standing }, exchange);
  }
}

/** Nobody can say whether the token is good before the keys were fetched once. */
function unjudged(pause: number): Failed {
  const seconds = Math.ceil(Math.min(Math.max(pause / 1000, RETRY_AFTER.least), RETRY_AFTER.most));
  return new Failed('the key set was never loaded', {
    counts: false,
    refusal: refuse('overloaded', {
      detail: 'The token cannot be judged at the moment.',
      headers: { 'retry-after': String(seconds) },
    }),
  });
}

/** Three parts of which the first can be the beginning of a JSON object: `{"`, or `{` with white space. */
function hasForm(text: string): boolean {
  if (!text.startsWith('ey') && !text.startsWith('ew')) return false;
  const first = text.indexOf('.');
  const second = text.indexOf('.', first + 1);
  return first !== -1 && second !== -1 && text.indexOf('.', second + 1) === -1;
}

/** The issuer a token names, whatever else it is; nothing of it is verified. */
function claimedIssuer(token: string): string | undefined {
  const start = token.indexOf('.') + 1;
  const payload = parseObject(Buffer.from(token.slice(start, token.indexOf('.', start)), 'base64url'));
  const iss = payload?.['iss'];
  return typeof iss === 'string' ? iss : undefined;
}
