import type { ClientCertificate } from '../../gateway/client-certificate.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import { CertificateRules } from '../certificate/rules.ts';
import { Failed, type Outcome, type Verified } from '../outcome.ts';
import { CERTIFICATE } from '../places.ts';
import type { Opening, Scheme, Verifier } from '../scheme.ts';

/** Client certificates of the TLS connection (mutual TLS), by the rules of the settings. */
export const certificate: Scheme = {
  name: 'certificate',
  usual: [CERTIFICATE],
  places: (scheme) => (scheme.type === 'mutualTLS' ? [CERTIFICATE] : []),
  open: (opening) => (opening.settings.certificates.length === 0 ? undefined : new CertificateVerifier(opening)),
};

class CertificateVerifier implements Verifier {
  readonly scheme = 'certificate';
  /** After a key's: which machine it is was proven. Before a person's, who is using that machine. */
  readonly rank = 0.5;
  readonly #rules: CertificateRules;
  readonly #clock: Opening['services']['clock'];
  /** Whose the certificate of a connection is. These rules, this connection: goes when either does. */
  readonly #known = new WeakMap<ClientCertificate, Verified | Failed>();

  constructor({ settings, services }: Opening) {
    this.#rules = new CertificateRules(settings.certificates);
    this.#clock = services.clock;
  }

  recognises(_thumbprint: string, exchange: Exchange): boolean {
    return !(this.#judge(exchange) instanceof Failed);
  }

  verify(_thumbprint: string, exchange: Exchange): Outcome {
    return this.#judge(exchange);
  }

  #judge({ peer }: Exchange): Outcome {
    const shown = peer.certificate;
    if (shown === undefined) return NONE;
    const problem = shown.problem(this.#clock.now());
    if (problem !== undefined) return new Failed(problem, { counts: false, credential: `sha256:${shown.thumbprint}` });
    let outcome = this.#known.get(shown);
    if (outcome === undefined) {
      outcome =
        this.#rules.find(shown) ??
        new Failed('no rule is for this certificate', { counts: false, credential: `sha256:${shown.thumbprint}` });
      this.#known.set(shown, outcome);
    }
    return outcome;
  }
}

const NONE = new Failed('no client certificate', { counts: false });
