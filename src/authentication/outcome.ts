import type { Decision } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Confirmation } from './binding/confirmation.ts';
import type { BindingDemand } from './binding/settings.ts';

/** A credential that is good right now. Made once per credential and shared by all exchanges that use it. */
export class Verified {
  readonly principal: Principal;
  /** For the record. */
  readonly decision: Decision;
  /** What its sender must prove with every request: a bound credential alone is good for nothing. */
  readonly confirmation: Confirmation | undefined;
  /** What whoever issued it asks for. */
  readonly demand: BindingDemand;

  constructor(principal: Principal, bound: { confirmation?: Confirmation | undefined; demand?: BindingDemand } = {}) {
    this.principal = Object.freeze(principal);
    this.confirmation = bound.confirmation;
    this.demand = bound.demand ?? 'optional';
    const { scheme, id, binding } = principal.credential;
    this.decision = Object.freeze({
      stage: 'authenticate',
      note: 'credential verified',
      evidence: Object.freeze({ scheme, credential: id, ...(binding === 'none' ? {} : { binding }) }),
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
  /** What a caller may know after all: what it did wrong, where no secret plays a part in it. */
  readonly detail: string | undefined;
  /** Further headers of the 401. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(
    reason: string,
    options: Partial<Pick<Failed, 'counts' | 'refusal' | 'credential' | 'detail' | 'headers'>> = {},
  ) {
    this.reason = reason;
    this.counts = options.counts ?? true;
    this.refusal = options.refusal;
    this.credential = options.credential;
    this.detail = options.detail;
    this.headers = options.headers;
  }
}

export type Outcome = Verified | Failed;
