import type { Operation } from '../../contract/model.ts';

/** Who the scanner can be. Credentials never leave it but in requests. */
export interface Identity {
  readonly name: string;
  /** As given; undefined where no role was said. */
  readonly role: string | undefined;
  /** How it proves itself. */
  readonly kind: 'bearer' | 'key' | 'basic' | 'login' | 'oauth' | 'cookie';
  /** Headers, query and cookies that prove it, for an operation (a key stands where the contract says). */
  credentials(operation?: Operation): Credentials;
  /** The token or key itself, for attacks that change it; undefined for Basic. */
  readonly secret: string | undefined;
  /** User name and password, where the identity has them: for attacks on the login. */
  readonly login: { readonly username: string; readonly password: string; readonly operation?: Operation } | undefined;
  /** Gets a new credential. False where it can't: the reason is noted. */
  renew(): Promise<boolean>;
  /** False once it is known to be dead. */
  readonly alive: boolean;
  /** Identifiers that are this identity's own: ids, user names, e-mail addresses, from its login, token and answers to it. */
  readonly own: ReadonlySet<string>;
  /** The same by `kind.property` (`patient.id`), as far as it is known of what they are identifiers. */
  readonly ownIds?: ReadonlyMap<string, ReadonlySet<string>>;
  /** True: the scan made the account itself, at the API's own registration. */
  readonly registered?: boolean;
}

export interface Credentials {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly cookies: readonly (readonly [name: string, value: string])[];
}
