import type { Services } from '../../gateway/services.ts';
import type { UserRecord } from '../users.ts';
import type { Html } from './html.ts';

/**
 * How strongly somebody signed in (`acr`): what a client asks for in `acr_values`, and what stands in its tokens. In rising
 * order: a password, two factors, two factors of which one cannot be phished (the name is that of OpenID's EAP ACR values).
 */
export const ACR = ['urn:portcullis:acr:password', 'urn:portcullis:acr:mfa', 'phr'] as const;
export type Acr = (typeof ACR)[number];

/** A step of the login that has been taken. */
export interface Passed {
  /** `password`, or the name of a factor. */
  readonly factor: string;
  /** Authentication methods of RFC 8176: `pwd`, `otp`, `hwk`, `swk`, `user`, ... */
  readonly amr: readonly string[];
  /** Whether it cannot be phished (a passkey). */
  readonly phishingResistant?: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** A login under way: who, for whom, and how far it has come. */
export interface Login {
  /** Normal name, and the record as the password was verified against. */
  readonly name: string;
  readonly user: UserRecord;
  /** The application that asked, and under which name people know it. */
  readonly client: { readonly id: string; readonly name: string };
  /** What the application asks for (`acr_values`); empty where it asks for nothing. */
  readonly acrValues: readonly string[];
  readonly passed: readonly Passed[];
  /** Client address, and its group as lock-outs count it. */
  readonly address: string;
  readonly group: string;
  /** Origin of the pages, for what is bound to it: `https://login.example.com`. */
  readonly origin: string;
  /** Language of the page: `en`, `de`. */
  readonly language: string;
  /**
   * What a factor must keep between showing its page and judging the answer (a challenge). JSON; lasts as long as this login;
   * each factor sees its own. It is kept by the server, never sent.
   */
  state: Record<string, unknown>;
}

/** What a factor shows: the inside of a page. The frame puts the form around it, with the token against forgery. */
export interface FactorPage {
  readonly title: string;
  /** Fields and their labels; the frame adds the button. An `id` of `problem` is the frame's. */
  readonly body: Html;
  readonly button: string;
  /** Names of {@link Factor.assets} that the page runs; a factor that can should work without. */
  readonly scripts?: readonly string[];
}

/** Why an answer does not do. `text` is shown; `reason` is for the record only. */
export interface NotPassed {
  readonly text: string;
  readonly reason: string;
}

/**
 * A step after the password. The server asks each factor in turn whether it wants to be asked, shows the first that does (the
 * person may choose another of those that do), and asks again after each step that passed; when none wants more, the login
 * is finished. So a factor that is one of several alternatives stops asking when `login.passed` holds enough.
 *
 * Attempts are counted by the server (lock-out of the account at the address, as for the password): a factor judges only.
 */
export interface Factor {
  /** `totp`, `passkey`, ...: letters and hyphens. */
  readonly name: string;
  /** As people choose it among alternatives. */
  label(language: string): string;
  /** Whether this login needs it now: enrolled, demanded by role or client or `acr_values`, and not satisfied. */
  asks(login: Login, services: Services): boolean | Promise<boolean>;
  page(login: Login, services: Services): FactorPage | Promise<FactorPage>;
  /** Judges the form that was sent; may change `login.state`. Single use of codes and challenges is the factor's duty. */
  answer(
    login: Login,
    form: ReadonlyMap<string, string>,
    services: Services,
  ): Passed | NotPassed | Promise<Passed | NotPassed>;
  /** Files its pages need, served below `/assets/` under these names; scripts run only from there (CSP). */
  readonly assets?: Readonly<Record<string, { readonly type: string; readonly body: string }>>;
}

/** The strength of a login, from the steps it took. */
export function acrOf(passed: readonly Passed[]): Acr {
  if (passed.some((step) => step.phishingResistant === true)) return 'phr';
  return passed.length > 1 ? ACR[1] : ACR[0];
}

/** Whether a login of one strength does where another is asked for. Unknown values are never reached. */
export const reaches = (acr: string, wanted: string): boolean => {
  const rank = ACR.indexOf(wanted as Acr);
  return rank !== -1 && ACR.indexOf(acr as Acr) >= rank;
};

/** All methods of the steps taken, each once, with `mfa` where there were several steps (RFC 8176, section 2). */
export const amrOf = (passed: readonly Passed[]): string[] => [
  ...new Set([...passed.flatMap(({ amr }) => amr), ...(passed.length > 1 ? ['mfa'] : [])]),
];
