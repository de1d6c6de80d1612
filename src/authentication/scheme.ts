import type { SecurityScheme } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Services } from '../gateway/services.ts';
import type { Lockout } from './lockout.ts';
import type { Outcome } from './outcome.ts';
import type { Place } from './places.ts';
import type { AuthenticationSettings } from './settings.ts';

/** What a scheme is opened with, once a plan. */
export interface Opening {
  readonly settings: AuthenticationSettings;
  readonly services: Services;
  readonly lockout: Lockout;
}

/** A scheme ready to judge credentials. */
export interface Verifier {
  /** As it stands in `principal.credential.scheme`. */
  readonly scheme: string;
  /** Where two credentials are demanded together, the one that ranks higher says who calls: a person before a program. */
  readonly rank: number;
  /** Whether the text is of this scheme's kind at all; the first verifier of a place that recognises it judges it. */
  recognises(secret: string, exchange: Exchange): boolean;
  /**
   * Judges a credential. Synchronous where the facts are at hand. Never throws on what a caller sent.
   * @param secret what stands at the place, without the name of an `Authorization` scheme
   */
  verify(secret: string, exchange: Exchange): Outcome | Promise<Outcome>;
}

/**
 * One way to prove who calls. A new one is a file in `schemes/` and a line in its list: a scheme that reads something new
 * of the exchange adds a kind of place.
 */
export interface Scheme {
  readonly name: string;
  /** Where it is looked for on operations whose contract names no place. */
  readonly usual: readonly Place[];
  /** Where it may stand to satisfy a scheme of the contract; empty where it cannot. */
  places(scheme: SecurityScheme): readonly Place[];
  /** @returns undefined where the settings give it nothing to work with */
  open(opening: Opening): Verifier | undefined;
}
