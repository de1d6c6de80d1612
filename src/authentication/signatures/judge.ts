import { hash, randomBytes } from 'node:crypto';
import type { Exchange } from '../../gateway/exchange.ts';
import type { Services } from '../../gateway/services.ts';
import { acceptSignature } from '../../signatures/accept.ts';
import type { Component } from '../../signatures/component.ts';
import { SignatureError } from '../../signatures/error.ts';
import type { RequestMessage } from '../../signatures/message.ts';
import { components, parseComponents, staleness, uncovered } from '../../signatures/policy.ts';
import { type Presented, readSignatures } from '../../signatures/presented.ts';
import { verifySignature } from '../../signatures/verify.ts';
import { Failed, type Outcome, type Verified } from '../outcome.ts';
import { type ClientKey, ClientKeys } from './client-keys.ts';
import { sealDigests } from './seal.ts';
import type { SignatureSettings } from './settings.ts';

const WITH_BODY = components('content-digest');
const TYPE = components('content-type');
/** Headers with a credential: a signature that does not cover it could be put beside another one. */
const CREDENTIALS = ['authorization', 'x-api-key'].map((name) => ({ name, cover: components(name) }));

/** The answer where anything is wrong that only the holder of the key could know: it tells nothing else. */
const WRONG = 'The signature is not that of a known key over this request.';

/**
 * Judges signed requests (RFC 9421): what they cover, when they were made, with which key, and that they were never seen
 * before. What the head alone shows to be wrong is told to the caller; the rest is one answer.
 */
export class SignatureJudge {
  readonly #settings: SignatureSettings;
  readonly #services: Services;
  readonly #keys: ClientKeys;
  readonly #required: readonly Component[];
  readonly #judged = new WeakMap<Exchange, Verified>();
  /** Epoch seconds: what was seen before is forgotten, so nothing that was made before is taken. */
  readonly #since: number;

  /** @throws LoadError */
  constructor(settings: SignatureSettings, services: Services) {
    this.#settings = settings;
    this.#services = services;
    this.#keys = new ClientKeys(settings, services);
    this.#required = parseComponents(settings.components);
    this.#since = services.keep('authentication/signatures-since', () => Math.floor(services.clock.now() / 1000));
  }

  /** Who signed this exchange; undefined where nobody did, or it was not judged. */
  signerOf(exchange: Exchange): Verified | undefined {
    return this.#judged.get(exchange);
  }

  /** Judges the signatures of a request. Those with another tag than the configured one are not looked at. */
  async judge(exchange: Exchange): Promise<Outcome> {
    const message = requestOf(exchange);
    try {
      const mine = this.#mine(readSignatures(message));
      if (mine.length === 0) return this.#told(exchange, 'no signature has the tag of this gate');
      for (const one of mine) {
        const problem = this.#problem(exchange, one);
        if (problem !== undefined) return this.#told(exchange, problem);
      }
      return await this.#verify(exchange, message, mine);
    } catch (error) {
      if (error instanceof SignatureError) return this.#told(exchange, error.message);
      throw error;
    }
  }

  #mine(all: readonly Presented[]): readonly Presented[] {
    const { tag } = this.#settings;
    return tag === undefined ? all : all.filter(({ parameters }) => parameters.tag === tag);
  }

  /** What can be told from the head: nothing that depends on a key. */
  #problem(exchange: Exchange, presented: Presented): string | undefined {
    const { keyid, nonce, created } = presented.parameters;
    if (keyid === undefined) return 'keyid is missing';
    const left = uncovered(presented, this.#requiredOf(exchange));
    if (left.length > 0) return `not covered: ${left.map(({ id }) => id).join(' ')}`;
    const { maxAge, clockTolerance } = this.#settings;
    const stale = staleness(presented, this.#services.clock.now(), {
      maxAge: maxAge / 1000,
      skew: clockTolerance / 1000,
    });
    if (stale !== undefined) return stale;
    if (nonce === undefined) return this.#settings.nonce === 'required' ? 'nonce is missing' : undefined;
    if (nonce === '') return 'nonce is empty';
    return (created as number) < this.#since ? 'created lies before the start of the gate: sign anew' : undefined;
  }

  #requiredOf(exchange: Exchange): readonly Component[] {
    const { headers } = exchange.asked;
    const required = [...this.#required];
    if (this.#settings.digest === 'required' && carries(exchange)) {
      required.push(...WITH_BODY);
      if (headers['content-type'] !== undefined) required.push(...TYPE);
    }
    for (const { name, cover } of CREDENTIALS) if (headers[name] !== undefined) required.push(...cover);
    return required;
  }

  async #verify(exchange: Exchange, message: RequestMessage, mine: readonly Presented[]): Promise<Outcome> {
    let first: ClientKey | undefined;
    for (const one of mine) {
      const keyid = one.parameters.keyid as string;
      const finding = this.#keys.find(keyid);
      const key = finding instanceof Promise ? await finding : finding;
      if (typeof key === 'string') return this.#wrong(exchange, key);
      const { alg } = one.parameters;
      if (alg !== undefined && alg !== key.key.algorithm.name)
        return this.#wrong(exchange, 'alg is not the algorithm of the key', keyid);
      if (!verifySignature(message, one, key.key)) return this.#wrong(exchange, 'signature', keyid);
      if (first !== undefined && !isSame(first.verified, key.verified))
        return this.#told(exchange, 'the signatures are of different callers');
      first ??= key;
    }
    for (const { parameters } of mine) {
      // Only now: nobody but the holder of the key can use its nonces up.
      if (!(await this.#isFirst(parameters))) return this.#replayed(exchange, parameters.keyid as string);
    }
    const altered = sealDigests(exchange, this.#services.count);
    if (altered !== undefined) return new Failed('Content-Digest', { counts: false, refusal: altered });
    const { verified } = first as ClientKey;
    exchange.signedAs = (mine[0] as Presented).label;
    this.#judged.set(exchange, verified);
    return verified;
  }

  #isFirst({ nonce, keyid, created }: Presented['parameters']): boolean | Promise<boolean> {
    if (nonce === undefined) return true;
    const { maxAge, clockTolerance } = this.#settings;
    const left = (created as number) * 1000 + maxAge + clockTolerance - this.#services.clock.now();
    // As a digest: of one length, whatever was sent. Lengths first, so that no two pairs read the same.
    const mark = hash('sha256', `${keyid?.length} ${keyid} ${nonce}`, 'base64url');
    return this.#services.counters.once(`authentication/signature/${mark}`, Math.max(left, 1) + 1);
  }

  #replayed(exchange: Exchange, keyid: string): Failed {
    this.#services.count('portcullis_signatures_replayed_total');
    return this.#wrong(exchange, 'the nonce was used before', keyid, false);
  }

  #wrong(exchange: Exchange, reason: string, credential?: string, counts = true): Failed {
    return new Failed(reason, { counts, credential, detail: WRONG, headers: this.wanted(exchange) });
  }

  #told(exchange: Exchange, reason: string): Failed {
    return new Failed(reason, { counts: false, detail: `${sentence(reason)}.`, headers: this.wanted(exchange) });
  }

  /** `Accept-Signature` for a 401: what a signature of this request must have (RFC 9421, section 5). */
  wanted(exchange: Exchange): Record<string, string> {
    const { nonce, tag } = this.#settings;
    const fresh = nonce === 'required' ? { nonce: randomBytes(18).toString('base64url') } : {};
    return { 'accept-signature': acceptSignature('sig', { components: this.#requiredOf(exchange), tag, ...fresh }) };
  }
}

/** Whether two credentials are of the same caller. */
export const isSame = (a: Pick<Verified, 'principal'>, b: Pick<Verified, 'principal'>): boolean =>
  a.principal.kind === b.principal.kind && a.principal.id === b.principal.id;

/** Whether there is a body to make a digest of. */
export const carries = (exchange: Exchange): boolean =>
  exchange.hasBody && exchange.asked.headers['content-length'] !== '0';

const sentence = (text: string): string => `${text[0]?.toUpperCase()}${text.slice(1)}`;

/** The request as its client sent it: its own spelling of the path, with the credentials that stages take out. */
function requestOf({ asked, peer }: Exchange): RequestMessage {
  return {
    method: asked.method,
    scheme: peer.secure ? 'https' : 'http',
    authority: asked.authority,
    path: asked.pathAsSent ?? asked.path,
    query: asked.query === '' ? undefined : asked.query,
    field: (name) => asked.headers[name],
  };
}

/** One judge for all operations of a plan, which share these settings. @throws LoadError */
export function signatureJudge(settings: SignatureSettings, services: Services): SignatureJudge {
  const judges = services.keep('authentication/signature-judges', () => new WeakMap<object, SignatureJudge>());
  let judge = judges.get(settings);
  if (judge === undefined) {
    judge = new SignatureJudge(settings, services);
    judges.set(settings, judge);
  }
  return judge;
}
