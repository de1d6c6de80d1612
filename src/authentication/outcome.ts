import type { Decision } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';

/** A credential that is good right now. Made once per credential and shared by all exchanges that use it. */
export class Verified {
  readonly principal: Principal;
  /** For the record. */
  readonly decision: Decision;

  constructor(principal: Principal) {
    this.principal = Object.freeze(principal);
    this.decision = Object.freeze({
      stage: 'authenticate',
      note: 'credential verified',
      evidence: Object.freeze({ scheme: principal.credential.scheme, credential: principal.credential.id }),
    });
  }
}

/** A credential that is not good, or cannot be judged. */
export class Failed {
  /** For the record only; a caller learns nothing but that it failed. */
  readonly reason: string;
  /** Whether it counts as a guess against the address it came from. */
  readonly counts: boolean;
  /** What is answered instead of 401. */
  readonly refusal: Refusal | undefined;
  /** Id of the credential, where it is known whose it would be. */
  readonly credential: string | undefined;

  constructor(reason: string, options: { counts?: boolean; refusal?: Refusal; credential?: string } = {}) {
    this.reason = reason;
    this.counts = options.counts ?? true;
    this.refusal = options.refusal;
    this.credential = options.credential;
  }
}

export type Outcome = Verified | Failed;
