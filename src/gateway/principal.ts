export type PrincipalKind = 'key' | 'user' | 'client' | 'certificate';

/** Who calls. Made by an authentication scheme, read by everything after it. */
export interface Principal {
  readonly kind: PrincipalKind;
  /** Stable and unique within its kind (and issuer): key id, user id, `iss|sub`. */
  readonly id: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** Attributes that ownership rules compare with: JWT claims, or what the key or user was created with. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly credential: {
    /** `key`, `basic`, `jwt`, ... */
    readonly scheme: string;
    /** Public id of the credential, never the secret: key id, `jti` or digest. */
    readonly id: string;
    /** When it was issued, epoch ms, where the scheme knows that and the claims do not say it (`iat`). */
    readonly issued?: number;
    /** How the credential is bound to its holder; `none` for a bearer. */
    readonly binding: 'none' | 'certificate' | 'dpop' | 'signature';
  };
  /** Class of limits that its application falls under, and who shares them: all that the application does, for whomever. */
  readonly limits?: { readonly class: string; readonly subject: string } | undefined;
}
