import type { Services } from '../../gateway/services.ts';

/** What the gate must know to take the tokens of its own authorization server. */
export interface OwnIssuer {
  readonly issuer: string;
  /** The `aud` of tokens for this API. */
  readonly resource: string;
  /** File with the public keys. */
  readonly jwks: string;
}

interface Slot {
  current: OwnIssuer | undefined;
}

const slot = (services: Services): Slot => services.keep<Slot>('identity/own-issuer', () => ({ current: undefined }));

/** Says, before a plan is built, whose tokens are to be taken without an entry in the configuration. */
export const trustOwnIssuer = (services: Services, own: OwnIssuer): void => {
  slot(services).current = own;
};

/** The own authorization server; undefined where there is none. */
export const ownIssuer = (services: Services): OwnIssuer | undefined => slot(services).current;
