import type { Verified } from '../outcome.ts';
import type { TokenStanding } from '../standing.ts';
import type { KeySet } from './key-set.ts';
import type { VerificationKey } from './verification-key.ts';

/** The fact that a token verified, with all that the fact depends on. */
export interface SeenToken {
  readonly verified: Verified;
  /** What may have changed since; asked about each time. */
  readonly standing: TokenStanding;
  /** What it was verified with; void as soon as the issuer withdraws it. */
  readonly key: VerificationKey;
  /** Where its key comes from. */
  readonly issuer: { readonly keys: KeySet };
  /** Which settings it was judged by. */
  readonly settings: object;
  /** Epoch milliseconds: clock tolerance included. */
  readonly expires: number;
}

/**
 * Tokens that were verified, by the digest of their one canonical spelling, least recently used out first. It holds
 * facts, never the answer of anything that can change while the token does not.
 */
export class TokenCache {
  readonly #tokens = new Map<string, SeenToken>();
  readonly #most: number;

  constructor(most = 10_000) {
    this.#most = most;
  }

  get size(): number {
    return this.#tokens.size;
  }

  /** @param now epoch milliseconds; @returns undefined where nothing is known or the fact no longer holds */
  get(digest: string, settings: object, now: number): SeenToken | undefined {
    const seen = this.#tokens.get(digest);
    if (seen === undefined) return undefined;
    if (seen.settings !== settings || now >= seen.expires || !seen.key.live) {
      this.#tokens.delete(digest);
      return undefined;
    }
    // Moving an entry to the end costs two operations on the map: only worth it when it may be thrown out.
    if (this.#tokens.size > this.#most / 2) {
      this.#tokens.delete(digest);
      this.#tokens.set(digest, seen);
    }
    return seen;
  }

  set(digest: string, seen: SeenToken): void {
    if (this.#tokens.size >= this.#most) {
      for (const oldest of this.#tokens.keys()) {
        this.#tokens.delete(oldest);
        break;
      }
    }
    this.#tokens.set(digest, seen);
  }
}
