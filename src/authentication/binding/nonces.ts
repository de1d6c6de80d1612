import { createHmac } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';

const BYTES = 18;

/**
 * Nonces for proofs (RFC 9449, section 8): a keyed digest of the time, so that nothing has to be remembered of them and
 * all workers (and gates on one store) know the same ones. They say when a proof was made, not by whom.
 */
export class Nonces {
  readonly #secret: Buffer;
  readonly #step: number;
  readonly #clock: Clock;
  #number = Number.NaN;
  /** The one given out, and those still taken: the one before it, and the next, of a gate whose clock is ahead. */
  #current = '';
  #before = '';
  #next = '';

  /** @param lifetime in ms: one is good for more than half of it and at most the whole */
  constructor(secret: Buffer, lifetime: number, clock: Clock) {
    this.#secret = secret;
    this.#step = lifetime / 2;
    this.#clock = clock;
  }

  get current(): string {
    this.#turn();
    return this.#current;
  }

  /** @returns `due` for one that is good but about to end: the client is to be given the current one */
  judge(nonce: unknown): 'good' | 'due' | 'unknown' {
    this.#turn();
    if (nonce === this.#current || nonce === this.#next) return 'good';
    return nonce === this.#before ? 'due' : 'unknown';
  }

  #turn(): void {
    const number = Math.floor(this.#clock.now() / this.#step);
    if (number === this.#number) return;
    this.#number = number;
    this.#before = this.#make(number - 1);
    this.#current = this.#make(number);
    this.#next = this.#make(number + 1);
  }

  #make(number: number): string {
    const digest = createHmac('sha256', this.#secret).update(`dpop nonce ${this.#step} ${number}`).digest();
    return digest.subarray(0, BYTES).toString('base64url');
  }
}
