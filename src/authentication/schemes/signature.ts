import type { Exchange } from '../../gateway/exchange.ts';
import type { Outcome } from '../outcome.ts';
import { SIGNATURE } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';
import { type SignatureJudge, signatureJudge } from '../signatures/judge.ts';

/** A signature over the request (RFC 9421) as a credential of its own: where the contract has `type: http, scheme: signature`. */
export const signature: Scheme = {
  name: 'signature',
  // Never looked for unasked: others sign requests too (proxies, crawlers), and mean nothing to us.
  usual: [],
  places: ({ type, scheme }) => (type === 'http' && scheme === 'signature' ? [SIGNATURE] : []),
  open: ({ settings, services }: Opening) => new SignatureVerifier(signatureJudge(settings.signatures, services)),
};

class SignatureVerifier implements Verifier {
  readonly scheme = 'signature';
  readonly rank = 1;
  readonly #judge: SignatureJudge;

  constructor(judge: SignatureJudge) {
    this.#judge = judge;
  }

  recognises(): boolean {
    return true;
  }

  verify(_secret: string, exchange: Exchange): Promise<Outcome> {
    return this.#judge.judge(exchange);
  }
}
