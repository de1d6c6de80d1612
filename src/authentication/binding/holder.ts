import { hash, randomBytes } from 'node:crypto';
import type { Exchange, Peer } from '../../gateway/exchange.ts';
import { refuse } from '../../gateway/refusal.ts';
import type { Services } from '../../gateway/services.ts';
import { verifySignature } from '../jwt/verification-key.ts';
import { Failed, type Outcome, type Verified } from '../outcome.ts';
import { DPOP, type Place, placeId } from '../places.ts';
import type { AuthenticationSettings } from '../settings.ts';
import { Nonces } from './nonces.ts';
import { type Proof, readProof } from './proof.ts';
import { ProofKeys } from './proof-key.ts';
import { isTarget } from './target.ts';

/** Collection of secrets that all workers and gates on one store share. */
const SECRETS = 'authentication.secrets';
const NONCE_SECRET = 'dpop-nonce';

export const isDpop = (place: Place): boolean => placeId(place) === placeId(DPOP);

/**
 * Checks that whoever sends a bound credential holds what it is bound to: the key of a proof (DPoP, RFC 9449) or the
 * certificate of the connection (RFC 8705). Asked once a credential is known to be good in itself.
 */
export class Holder {
  readonly #settings: AuthenticationSettings['dpop'];
  readonly #services: Services;
  /** Of these settings: a key remembers the algorithms that were allowed when it was imported. */
  readonly #keys = new ProofKeys();
  readonly #algorithms: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  /** Epoch milliseconds, whole seconds. What was used before is not known: proofs from before may have been. */
  readonly #since: number;
  readonly #challenge: string;
  readonly #bearer: string;
  #nonces: Nonces | undefined;

  constructor({ dpop, realm }: Pick<AuthenticationSettings, 'dpop' | 'realm'>, services: Services) {
    this.#settings = dpop;
    this.#services = services;
    this.#algorithms = new Set(dpop.algorithms);
    this.#origins = new Set(dpop.origins);
    const started = services.keep('authentication/proofs-since', () => services.clock.now());
    this.#since = Math.floor(started / 1000) * 1000;
    this.#challenge = dpopChallenge(realm, dpop.algorithms);
    this.#bearer = `Bearer realm="${realm}"`;
  }

  /**
   * @param place where the credential stood
   * @param secret the credential
   * @returns the same credential, or why it is not taken from this sender
   */
  confirm(verified: Verified, place: Place, secret: string, exchange: Exchange): Outcome | Promise<Outcome> {
    const { confirmation } = verified;
    const dpop = isDpop(place);
    if (confirmation === undefined) return dpop ? this.#misused(verified, 'the token is not bound to a key') : verified;
    if (confirmation.x5t !== undefined) {
      const problem = certificateProblem(confirmation.x5t, exchange.peer, this.#services.clock.now());
      if (problem !== undefined) return this.#misused(verified, problem, dpop ? this.#challenge : this.#bearer);
    }
    if (confirmation.jkt === undefined)
      return dpop ? this.#misused(verified, 'the token is not bound to a key') : verified;
    // RFC 9449, section 7.2: a bound token that is sent as a bearer token is refused.
    if (!dpop) return this.#misused(verified, 'the token is bound to a key: send it with a proof (DPoP)');
    return this.#prove(verified, confirmation.jkt, secret, exchange);
  }

  /** In the order of cost: what a stranger's proof is refused for comes before its signature, the replay after it. */
  #prove(verified: Verified, jkt: string, secret: string, exchange: Exchange): Outcome | Promise<Outcome> {
    const { request, peer } = exchange;
    const text = request.headers['dpop'];
    if (text === undefined || text === '') return this.#invalid(verified, 'there is no proof');
    const proof = readProof(text);
    if (typeof proof === 'string') return this.#invalid(verified, proof);
    const { jws } = proof;
    if (!this.#algorithms.has(jws.algorithm.name)) return this.#invalid(verified, 'the alg of the proof is not taken');
    if (proof.thumbprint !== jkt) return this.#misused(verified, 'the token is bound to another key');
    if (proof.htm !== request.method) return this.#invalid(verified, 'the proof is for another method (htm)');
    if (!isTarget(proof.htu, this.#origins, request, peer))
      return this.#invalid(verified, 'the proof is for another URL (htu)');
    if (proof.ath !== hash('sha256', secret, 'base64url'))
      return this.#invalid(verified, 'the proof is for another token (ath)');
    if (this.#settings.nonce === 'required') {
      const nonces = this.#openNonces();
      const known = nonces.judge(proof.nonce);
      if (known === 'unknown') return this.#nonceWanted(verified, nonces.current);
      if (known === 'due') exchange.answerHeaders['dpop-nonce'] = nonces.current;
    }
    const { maxAge, clockTolerance } = this.#settings;
    const age = this.#services.clock.now() - proof.iat * 1000;
    const tolerance = clockTolerance * 1000;
    if (!(age >= -tolerance)) return this.#invalid(verified, 'the proof is from the future (iat)');
    if (!(age < maxAge + tolerance)) return this.#invalid(verified, 'the proof is too old (iat)');
    if (proof.iat * 1000 < this.#since) return this.#invalid(verified, 'the proof is older than this gate (iat)');
    const key = this.#keys.get(proof.jwk, jkt, this.#algorithms);
    if (typeof key === 'string') return this.#invalid(verified, `the jwk of the proof cannot be used: ${key}`);
    if (!verifySignature(jws, key)) return this.#invalid(verified, 'the signature of the proof is wrong');
    return this.#first(verified, proof, maxAge + tolerance - age);
  }

  /** @param left ms for which this proof would be taken again */
  #first(verified: Verified, proof: Proof, left: number): Outcome | Promise<Outcome> {
    // With the key: nobody can use up somebody else's identifiers. As a digest: of one length, whatever was sent.
    const mark = hash('sha256', `${proof.thumbprint} ${proof.jti}`, 'base64url');
    const first = this.#services.counters.once(`authentication/proof/${mark}`, Math.max(left, 1) + 1);
    if (typeof first === 'boolean') return first ? verified : this.#replayed(verified);
    return first.then((known) => (known ? verified : this.#replayed(verified)));
  }

  #replayed(verified: Verified): Failed {
    this.#services.count('portcullis_proofs_replayed_total');
    return this.#invalid(verified, 'the proof was used before (jti)');
  }

  /** The proof itself is not good (RFC 9449, section 7.1). */
  #invalid(verified: Verified, reason: string): Failed {
    return this.#failed(verified, reason, 'invalid_dpop_proof', this.#challenge);
  }

  /** The credential is not this sender's, as far as anyone can see. */
  #misused(verified: Verified, reason: string, challenge = this.#challenge): Failed {
    return this.#failed(verified, reason, 'invalid_token', challenge);
  }

  #nonceWanted(verified: Verified, nonce: string): Failed {
    const more = { 'dpop-nonce': nonce };
    return this.#failed(verified, 'the proof holds no current nonce', 'use_dpop_nonce', this.#challenge, more);
  }

  // Nothing is guessed here: the sender has a token that is good, and the key, or not.
  #failed(verified: Verified, reason: string, error: string, challenge: string, more: Record<string, string> = {}) {
    const complete = `${challenge}, error="${error}", error_description="${described(reason)}"`;
    const headers = { 'www-authenticate': complete, ...more };
    return new Failed(reason, {
      counts: false,
      credential: verified.principal.credential.id,
      refusal: refuse('credentials-invalid', { headers }),
    });
  }

  #openNonces(): Nonces {
    if (this.#nonces === undefined) {
      const { store, clock } = this.#services;
      const secret = store.transaction(() => {
        const known = store.get<{ secret: string }>(SECRETS, NONCE_SECRET);
        if (known !== undefined) return known.secret;
        const made = randomBytes(32).toString('base64url');
        store.put(SECRETS, NONCE_SECRET, { secret: made });
        return made;
      });
      this.#nonces = new Nonces(Buffer.from(secret, 'base64url'), this.#settings.nonceLifetime, clock);
    }
    return this.#nonces;
  }
}

/** The challenge that says how proofs may be signed (RFC 9449, section 7.1). */
export const dpopChallenge = (realm: string, algorithms: readonly string[]): string =>
  `DPoP realm="${realm}", algs="${algorithms.join(' ')}"`;

/** Why a certificate is not the one a token is bound to (RFC 8705, section 3). */
function certificateProblem(thumbprint: string, { certificate }: Peer, now: number): string | undefined {
  if (certificate === undefined) return 'the token is bound to a client certificate, and the connection has none';
  if (certificate.thumbprint !== thumbprint) return 'the token is bound to another client certificate';
  return certificate.problem(now);
}

/** A quoted string needs no care then (RFC 9110, section 5.6.4). */
const described = (reason: string): string => reason.replace(/[^\x20-\x7e]|["\\]/g, '?').slice(0, 150);
