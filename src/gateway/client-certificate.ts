import type { X509Certificate } from 'node:crypto';
import { hash } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { type CertificateNames, readNames } from './certificate-names.ts';

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** The certificate a client has shown on its connection, looked at once; its private key was proven by the handshake. */
export class ClientCertificate {
  /** SHA-256 of the DER, base64url: `x5t#S256` of RFC 8705, section 3.1. */
  readonly thumbprint: string;
  readonly names: CertificateNames;
  readonly #notBefore: number;
  readonly #notAfter: number;
  #problem: string | undefined;

  /** @param refused why TLS has not verified it (chain, purpose, revocation); undefined where it has */
  constructor(certificate: X509Certificate, refused: string | undefined) {
    this.thumbprint = hash('sha256', certificate.raw, 'base64url');
    this.#notBefore = certificate.validFromDate.getTime();
    this.#notAfter = certificate.validToDate.getTime();
    const names = readNames(certificate.raw);
    this.names = names ?? NO_NAMES;
    if (refused !== undefined) this.#problem = `the certificate is not verified (${refused})`;
    else if (names === undefined) this.#problem = 'the certificate holds a name that cannot be read in one way';
    // Whoever may issue for others must not also call as one of them: its key is kept elsewhere, for something else.
    else if (certificate.ca) this.#problem = 'the certificate is that of a CA';
    else if (!mayAuthenticate(certificate)) this.#problem = 'the certificate is not for clients (extended key usage)';
  }

  /**
   * Why it proves nothing at this time; undefined where it does. Asked with each request: a connection, and a session
   * that is taken up again, may outlive the certificate.
   * @param now epoch milliseconds
   */
  problem(now: number): string | undefined {
    if (this.#problem !== undefined) return this.#problem;
    if (now < this.#notBefore) return 'the certificate is not valid yet';
    return now >= this.#notAfter ? 'the certificate has expired' : undefined;
  }

  /** The CAs or revocation lists have changed since the handshake: what was verified then is not known to hold. */
  outdated(): void {
    this.#problem ??= 'what client certificates are verified by has changed since this connection began';
  }
}

const NO_NAMES: CertificateNames = Object.freeze({ dns: [], uri: [], email: [], cn: undefined });

/** No such extension means any purpose (RFC 5280, section 4.2.1.12); node gives its purposes as `keyUsage`. */
function mayAuthenticate(certificate: X509Certificate): boolean {
  const purposes = certificate.keyUsage as readonly string[] | undefined;
  return purposes === undefined || purposes.includes(CLIENT_AUTH);
}

/** The client's certificate of a connection whose handshake has just ended; undefined where it has shown none. */
export function readClientCertificate(socket: TLSSocket): ClientCertificate | undefined {
  // Also after a session was taken up again: its ticket holds the certificate and what became of its verification.
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const error = socket.authorizationError as unknown;
  return new ClientCertificate(certificate, socket.authorized ? undefined : String(error ?? 'not verified'));
}
