import type { Exchange } from '../../gateway/exchange.ts';
import type { OpaqueTokens } from '../issuers/opaque-tokens.ts';
import { openIssuers } from '../issuers/open-issuer.ts';
import type { Outcome } from '../outcome.ts';
import { BEARER, DPOP, tokenPlaces } from '../places.ts';
import type { Scheme, Verifier } from '../scheme.ts';

/** Tokens that say nothing to anyone but their issuer, who is asked about them (RFC 7662). */
export const opaque: Scheme = {
  name: 'introspection',
  usual: [BEARER, DPOP],
  places: tokenPlaces,
  open(opening) {
    const { opaque: tokens } = openIssuers(opening);
    return tokens === undefined ? undefined : new OpaqueVerifier(tokens);
  },
};

class OpaqueVerifier implements Verifier {
  readonly scheme = 'introspection';
  readonly rank = 2;
  readonly #tokens: OpaqueTokens;

  constructor(tokens: OpaqueTokens) {
    this.#tokens = tokens;
  }

  recognises(secret: string): boolean {
    return this.#tokens.concerns(secret);
  }

  verify(token: string, exchange: Exchange): Outcome | Promise<Outcome> {
    return this.#tokens.verify(token, exchange);
  }
}
