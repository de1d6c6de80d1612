import type { Clock } from '../../shared/clock.ts';
import type { Algorithm } from './algorithms.ts';
import { parseObject } from './strict-json.ts';
import { importKey, type VerificationKey } from './verification-key.ts';

/** Bytes of a key set document; real ones have 1 to 10 KB. */
export const MAX_SET = 256 * 1024;
const MAX_KEYS = 100;
/** Keys tried where a token names no key, or several keys have the name it gives. */
const MAX_CANDIDATES = 4;
/** A key id that is not known causes at most one fetch in this time, in ms. */
const UNKNOWN_KEY_PAUSE = 30_000;
/** After a failed fetch: the first pause and the longest, in ms. */
const BACK_OFF = { first: 1_000, most: 60_000 };
/** How long a request waits for a key set that is overdue, in ms; then it goes on with the keys that are known. */
const PATIENCE = 2_000;

/** Where a key set comes from: bytes, or undefined where nothing has changed since the last time. */
export interface KeySource {
  /** As people read it: file name or URL. */
  readonly name: string;
  /** A source that answers at once is asked often, the other one seldom. */
  readonly load: () => Buffer | undefined | Promise<Buffer>;
  /** Milliseconds for which what was loaded is taken as fresh. */
  readonly refresh: number;
}

/**
 * The keys of one issuer. They are loaded again when due, when a token names an unknown one, and never because of
 * anything else a token says. While the source fails the known keys go on; a key the issuer has withdrawn is void at
 * once, with all that it had verified.
 */
export class KeySet {
  readonly #source: KeySource;
  readonly #allowed: ReadonlySet<string>;
  readonly #clock: Clock;
  readonly #tell: (note: string, evidence: Readonly<Record<string, unknown>>) => void;
  #keys: readonly VerificationKey[] = [];
  #byKid = new Map<string, VerificationKey[]>();
  #loaded = false;
  /** Monotonic times. */
  #due = Number.NEGATIVE_INFINITY;
  #overdue = Number.NEGATIVE_INFINITY;
  #askedForUnknown = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #loading: Promise<void> | undefined = undefined;

  constructor(
    source: KeySource,
    allowed: readonly string[],
    clock: Clock,
    tell: (note: string, evidence: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#source = source;
    this.#allowed = new Set(allowed);
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Whether a key set was ever read. Before that a token can be neither accepted nor refused. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get size(): number {
    return this.#keys.length;
  }

  /**
   * To be called before the keys are used; costs nothing until they are due.
   * @param force at load: due or not, a person waits for the answer
   * @returns a promise where it is worth waiting: nothing was loaded yet, or what is known is long overdue
   */
  check(force = false): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (now < this.#due && !force) return undefined;
    this.#load();
    return this.#loading !== undefined && (!this.#loaded || now >= this.#overdue) ? this.#wait() : undefined;
  }

  /** A token names a key that is not here. @returns a promise where a fetch was started or is under way */
  unknown(): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    if (this.#loading === undefined) {
      if (now - this.#askedForUnknown < UNKNOWN_KEY_PAUSE || (this.#failures > 0 && now < this.#due)) return undefined;
      this.#askedForUnknown = now;
      this.#load();
    }
    return this.#loading === undefined ? undefined : this.#wait();
  }

  /** Keys a token may be signed with: those of its key id, or all where it names none. */
  candidates(kid: string | undefined, algorithm: Algorithm): readonly VerificationKey[] {
    const keys = kid === undefined ? this.#keys : this.#byKid.get(kid);
    return keys === undefined ? [] : keys.filter((key) => key.algorithms.has(algorithm)).slice(0, MAX_CANDIDATES);
  }

  /**
   * Takes a key set document.
   * @returns what is wrong with it as a whole; undefined where it was taken, if only in part
   */
  take(bytes: Buffer): string | undefined {
    const set = bytes.length > MAX_SET ? undefined : parseObject(bytes);
    if (set === undefined || !Array.isArray(set['keys'])) return 'not a JWK set (RFC 7517, section 5)';
    if (set['keys'].length > MAX_KEYS) return `more than ${MAX_KEYS} keys`;
    const before = new Map(this.#keys.map((key) => [key.text, key]));
    const keys: VerificationKey[] = [];
    const left: string[] = [];
    for (const [index, jwk] of set['keys'].entries()) {
      const key = importKey(jwk, this.#allowed);
      if (typeof key === 'string') left.push(`key ${index}: ${key}`);
      else keys.push(before.get(key.text) ?? key);
    }
    const now = new Set(keys);
    for (const key of this.#keys) if (!now.has(key)) key.live = false;
    this.#keys = keys;
    this.#byKid = new Map();
    for (const key of keys) {
      if (key.kid === undefined) continue;
      const same = this.#byKid.get(key.kid);
      if (same === undefined) this.#byKid.set(key.kid, [key]);
      else same.push(key);
    }
    this.#loaded = true;
    if (left.length > 0) this.#tell('keys of a key set were left out', { source: this.#source.name, left });
    return undefined;
  }

  #load(): void {
    if (this.#loading !== undefined) return;
    try {
      const answer = this.#source.load();
      if (answer instanceof Promise) {
        this.#loading = answer
          .then(
            (bytes) => this.#loadedBytes(bytes),
            (error: unknown) => this.#failed(error instanceof Error ? error.message : 'unknown error'),
          )
          .finally(() => {
            this.#loading = undefined;
          });
      } else this.#loadedBytes(answer);
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : 'unknown error');
    }
  }

  #loadedBytes(bytes: Buffer | undefined): void {
    const problem = bytes === undefined ? undefined : this.take(bytes);
    if (problem !== undefined) {
      this.#failed(problem);
      return;
    }
    const now = this.#clock.monotonic();
    this.#failures = 0;
    this.#due = now + this.#source.refresh;
    this.#overdue = now + 2 * this.#source.refresh;
  }

  #failed(problem: string): void {
    const pause = Math.min(BACK_OFF.first * 2 ** Math.min(this.#failures, 10), BACK_OFF.most);
    this.#failures++;
    this.#due = this.#clock.monotonic() + pause;
    this.#tell('a key set cannot be loaded', { source: this.#source.name, problem, known: this.#keys.length });
  }

  #wait(): Promise<void> {
    const loading = this.#loading as Promise<void>;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE);
      void loading.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
