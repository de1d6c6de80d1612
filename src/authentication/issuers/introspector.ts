import type { Services } from '../../gateway/services.ts';
import { OutboundError } from '../../outbound/outbound.ts';
import type { KeySet } from '../jwt/key-set.ts';
import { clientAuthentication, type Proof } from './client-authentication.ts';
import type { Discovery } from './discovery.ts';
import { pauseAfter } from './fresh.ts';
import { MAX_ANSWER, readIntrospection, type Said, type Signer, UNKNOWN_SIGNATURE } from './introspection-answer.ts';
import { trustOf } from './metadata.ts';
import type { IntrospectionSettings, IssuerSettings } from './settings.ts';

/** Questions to one issuer at one time: fewer than the outbound client has places, so that keys can still be fetched. */
const MAX_ASKING = 8;
/** Questions that wait for their turn; beyond, tokens are refused at once. */
const MAX_WAITING = 128;
/** Failures in a row after which the issuer is left alone for a while: the first pause and the longest, in ms. */
const LEFT_ALONE = { after: 3, first: 1_000, most: 30_000 };
/** Seconds after which it is worth coming back where there are too many questions. */
const BUSY = 1;

/** How often it is told that questions are answered with 400, in ms. */
const TOLD_EVERY = 600_000;

/**
 * Answered with 400. Some servers say so of what is no token of theirs, and some of a wrong secret: the token is not
 * good then; but it is no failure, or whoever sends such tokens could have the issuer left alone.
 */
const REJECTED: Said = { active: false };

/** Nobody can say now whether a token is good. */
export class Unanswered {
  readonly reason: string;
  /** Whole seconds. */
  readonly retryAfter: number;
  constructor(reason: string, retryAfter: number) {
    this.reason = reason;
    this.retryAfter = Math.max(1, Math.ceil(retryAfter));
  }
}

export interface IntrospectorParts {
  readonly settings: IssuerSettings;
  /** Where the settings name no URL. */
  readonly discovery: Discovery | undefined;
  /** Where answers are signed. */
  readonly keys: KeySet | undefined;
  /** PEM of the authority of the issuer's certificate. */
  readonly ca: string | undefined;
  readonly services: Pick<Services, 'outbound' | 'clock' | 'event' | 'baseDirectory'>;
  readonly random?: () => number;
}

/**
 * Asks one issuer about tokens (RFC 7662): few questions at once, each with a deadline, and none for a while where it
 * does not answer. It remembers nothing of what it was told.
 */
export class Introspector {
  readonly #issuer: string;
  readonly #settings: IntrospectionSettings;
  readonly #parts: IntrospectorParts;
  readonly #prove: () => Proof;
  readonly #signer: Signer | undefined;
  readonly #waiting: (() => void)[] = [];
  #asking = 0;
  #failures = 0;
  /** Monotonic: until then nothing is asked. */
  #leftAloneUntil = Number.NEGATIVE_INFINITY;
  #trying = false;
  #toldOfRejection = Number.NEGATIVE_INFINITY;

  /** @throws LoadError where the secret or key cannot be read */
  constructor(parts: IntrospectorParts) {
    const { settings, services, keys } = parts;
    this.#parts = parts;
    this.#issuer = settings.issuer;
    this.#settings = settings.introspection as IntrospectionSettings;
    this.#prove = clientAuthentication(this.#settings, settings.issuer, services.baseDirectory, services.clock);
    this.#signer =
      keys === undefined
        ? undefined
        : {
            keys,
            issuer: settings.issuer,
            client: this.#settings.client,
            clockTolerance: settings.clockTolerance,
          };
  }

  /** Never throws. */
  async ask(token: string): Promise<Said | Unanswered> {
    const alone = this.#leftAlone();
    if (alone !== undefined) return alone;
    if (this.#asking >= MAX_ASKING) {
      if (this.#waiting.length >= MAX_WAITING) return new Unanswered('too many tokens are being asked about', BUSY);
      await new Promise<void>((turn) => this.#waiting.push(turn));
      // Meanwhile others may have found out that nobody answers.
      const now = this.#leftAlone();
      if (now !== undefined) {
        this.#leave();
        return now;
      }
    } else this.#asking++;
    const trying = this.#failures >= LEFT_ALONE.after;
    if (trying) this.#trying = true;
    try {
      const said = await this.#request(token);
      if (typeof said === 'string') return this.#failed(said);
      if (said === REJECTED) this.#rejected();
      this.#succeeded();
      return said;
    } catch (error) {
      return this.#failed(error instanceof Error ? error.message : 'unknown error');
    } finally {
      if (trying) this.#trying = false;
      this.#leave();
    }
  }

  /** Whoever is next takes over the place; only where nobody waits it becomes free. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#asking--;
    else next();
  }

  /** For people: asks about a token that cannot exist. @returns what is wrong */
  async test(): Promise<string | undefined> {
    try {
      const said = await this.#request('portcullis-check-no-such-token');
      if (typeof said === 'string') return said;
      if (said === REJECTED) return "answered 400: the gate's client id and secret or key may not be accepted there";
      return said.active ? 'it says of a made-up token that it is good' : undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** After failures one question at a time goes out, to see whether there is an answer again. */
  #leftAlone(): Unanswered | undefined {
    if (this.#failures < LEFT_ALONE.after) return undefined;
    const left = this.#leftAloneUntil - this.#parts.services.clock.monotonic();
    if (left <= 0 && !this.#trying) return undefined;
    return new Unanswered('the issuer does not answer', Math.max(left, 0) / 1000);
  }

  /** @returns what is said, or what is wrong with it; throws where nothing is said at all */
  async #request(token: string): Promise<Said | string> {
    const { discovery, services } = this.#parts;
    const { timeout, url: named } = this.#settings;
    if (discovery !== undefined) await discovery.fresh.check();
    const url = named ?? discovery?.metadata?.introspection;
    if (url === undefined) {
      if (discovery?.metadata === undefined) throw new Error(discovery?.problem ?? 'nobody to ask');
      throw new Error(
        `${discovery.metadata.url} names no introspection_endpoint: name it yourself (introspection.url)`,
      );
    }
    const trust = named === undefined ? (discovery as Discovery).trust(url) : trustOf(url, [url], this.#parts.ca);
    const signer = this.#signer;
    await signer?.keys.check();
    const { authorization, form } = this.#prove();
    let answer: Awaited<ReturnType<Services['outbound']['fetch']>>;
    try {
      answer = await services.outbound.fetch(url, {
        accept: signer === undefined ? 'application/json' : 'application/token-introspection+jwt',
        maxBytes: MAX_ANSWER,
        timeout,
        form: new URLSearchParams({ token, token_type_hint: 'access_token', ...form }),
        ...(authorization === undefined ? {} : { authorization }),
        ...trust,
      });
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      if (error.status === 400) return REJECTED;
      if (error.status === 401 || error.status === 403)
        throw new Error(`${error.message} (the gate's own client id and secret or key are not accepted there)`);
      throw error;
    }
    const said = readIntrospection(answer, signer, services.clock.now());
    if (said !== UNKNOWN_SIGNATURE || signer === undefined) return said;
    // Signed with a key that is not known yet, perhaps.
    await signer.keys.unknown();
    return readIntrospection(answer, signer, services.clock.now());
  }

  #succeeded(): void {
    if (this.#failures >= LEFT_ALONE.after)
      this.#tell('an issuer answers about tokens again', { failures: this.#failures });
    this.#failures = 0;
  }

  #rejected(): void {
    const now = this.#parts.services.clock.monotonic();
    if (now - this.#toldOfRejection < TOLD_EVERY) return;
    this.#toldOfRejection = now;
    this.#tell('an issuer answers 400 when asked about a token', {
      problem: "the token is none of its own, or the gate's client id and secret or key are not accepted",
    });
  }

  #failed(problem: string): Unanswered {
    this.#failures++;
    const { after } = LEFT_ALONE;
    if (this.#failures < after) return new Unanswered(problem, BUSY);
    const pause = pauseAfter(this.#failures - after + 1, this.#parts.random, LEFT_ALONE);
    this.#leftAloneUntil = this.#parts.services.clock.monotonic() + pause;
    if (this.#failures === after) this.#tell('an issuer does not answer about tokens', { problem });
    return new Unanswered(problem, pause / 1000);
  }

  #tell(note: string, more: Record<string, unknown>): void {
    this.#parts.services.event({ event: 'authentication/issuer', note, evidence: { issuer: this.#issuer, ...more } });
  }
}
