import type { Clock } from '../../shared/clock.ts';
import { Fresh, Told } from '../issuers/fresh.ts';
import type { Algorithm } from './algorithms.ts';
import { parseObject } from './strict-json.ts';
import { importKey, type VerificationKey } from './verification-key.ts';

/** Bytes of a key set document; real ones have 1 to 10 KB. */
export const MAX_SET = 256 * 1024;
const MAX_KEYS = 100;
/** Keys tried where a token names no key, or several keys have the name it gives. */
const MAX_CANDIDATES = 4;

/** Where a key set comes from: bytes, or undefined where nothing has changed since the last time. */
export interface KeySource {
  /** As people read it: file name or URL. */
  readonly name: string;
  /** A source that answers at once is asked often, the other one seldom. */
  readonly load: () => Buffer | undefined | Promise<Buffer | undefined>;
  /** Milliseconds for which what was loaded is taken as fresh. */
  readonly refresh: number;
}

/**
 * The keys of one issuer. They are loaded again when due, when a token names an unknown one, and never because of
 * anything else a token says. While the source fails the known keys go on; a key the issuer has withdrawn is void at
 * once, with all that it had verified.
 */
export class KeySet {
  readonly #source: string;
  readonly #allowed: ReadonlySet<string>;
  readonly #tell: (note: string, evidence: Readonly<Record<string, unknown>>) => void;
  readonly #fresh: Fresh;
  #keys: readonly VerificationKey[] = [];
  #byKid = new Map<string, VerificationKey[]>();

  constructor(
    source: KeySource,
    allowed: readonly string[],
    clock: Clock,
    tell: (note: string, evidence: Readonly<Record<string, unknown>>) => void,
  ) {
    this.#source = source.name;
    this.#allowed = new Set(allowed);
    this.#tell = tell;
    const { name, refresh } = source;
    this.#fresh = new Fresh({
      refresh,
      clock,
      load: () => {
        const answer = source.load();
        if (answer instanceof Promise) return answer.then((bytes) => this.#loadedBytes(bytes));
        this.#loadedBytes(answer);
      },
      failed: (error) => {
        if (error instanceof Told) return;
        tell('a key set cannot be loaded', { source: name, problem: error.message, known: this.#keys.length });
      },
      back: () => tell('a key set is loaded again', { source: name, known: this.#keys.length }),
    });
  }

  /** Whether a key set was ever read. Before that a token can be neither accepted nor refused. */
  get loaded(): boolean {
    return this.#fresh.loaded;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Milliseconds until the source is asked again, where it fails. */
  get pause(): number {
    return this.#fresh.pause;
  }

  /**
   * To be called before the keys are used; costs nothing until they are due.
   * @param force at load: due or not, a person waits for the answer
   * @returns a promise where it is worth waiting: nothing was loaded yet, or what is known is long overdue
   */
  check(force = false): Promise<void> | undefined {
    return this.#fresh.check(force);
  }

  /** For people: resolves when the load that is due or under way has ended, well or not. */
  renewed(): Promise<void> {
    return this.#fresh.renew();
  }

  /** A token names a key that is not here. @returns a promise where a fetch was started or is under way */
  unknown(): Promise<void> | undefined {
    return this.#fresh.hurry();
  }

  /** No plan uses it any more: it no longer tries by itself. */
  rest(): void {
    this.#fresh.rest();
  }

  close(): void {
    this.#fresh.rest();
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
    if (left.length > 0) this.#tell('keys of a key set were left out', { source: this.#source, left });
    return undefined;
  }

  #loadedBytes(bytes: Buffer | undefined): void {
    const problem = bytes === undefined ? undefined : this.take(bytes);
    if (problem !== undefined) throw new Error(problem);
  }
}
