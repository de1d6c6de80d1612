import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';

/** What a handshake showed of a server. */
export interface TlsFacts {
  /** `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: { readonly name: string; readonly standardName: string; readonly version: string };
  /** Group or curve of the key exchange and its bits, where the library tells: `X25519`. */
  readonly keyExchange: { readonly type: string; readonly name: string; readonly bits: number } | undefined;
  readonly certificate: CertificateFacts | undefined;
  /** Why a client would not trust it: `DEPTH_ZERO_SELF_SIGNED_CERT`, `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`; undefined: it would. */
  readonly authorizationError: string | undefined;
  /** What was agreed on by ALPN: `http/1.1`. */
  readonly alpn: string | undefined;
}

export interface CertificateFacts {
  /** As `CN=..., O=...`. */
  readonly subject: string;
  readonly issuer: string;
  /** Names and addresses it is for, as OpenSSL writes them: `DNS:localhost`. */
  readonly names: readonly string[];
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly serial: string;
  /** SHA-256, hex with colons. */
  readonly fingerprint: string;
  /** Bits of the key, and the curve of an elliptic one. */
  readonly bits: number | undefined;
  readonly curve: string | undefined;
  /** Whether it is its own issuer. */
  readonly selfSigned: boolean;
  /** Subjects of the certificates above it that the server sent. */
  readonly chain: readonly string[];
}

const MAX_CHAIN = 10;

/** Reads the facts off a socket whose handshake is done. */
export function factsOf(socket: TLSSocket): TlsFacts {
  const key = socket.getEphemeralKeyInfo() as { type?: string; name?: string; size?: number } | null;
  const error = socket.authorizationError as Error | string | null | undefined;
  const cipher = socket.getCipher() as { name?: string; standardName?: string; version?: string } | undefined;
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: {
      name: cipher?.name ?? 'unknown',
      standardName: cipher?.standardName ?? 'unknown',
      version: cipher?.version ?? 'unknown',
    },
    keyExchange: key?.type ? { type: key.type, name: key.name ?? '', bits: key.size ?? 0 } : undefined,
    certificate: certificateOf(socket.getPeerCertificate(true)),
    authorizationError: error
      ? typeof error === 'string'
        ? error
        : ((error as NodeJS.ErrnoException).code ?? error.message)
      : undefined,
    alpn: socket.alpnProtocol || undefined,
  };
}

function certificateOf(certificate: DetailedPeerCertificate): CertificateFacts | undefined {
  // A server without a certificate gives an empty object.
  if (!certificate?.raw) return undefined;
  const chain: string[] = [];
  let above: DetailedPeerCertificate | undefined = certificate.issuerCertificate;
  let below = certificate;
  while (above && above !== below && chain.length < MAX_CHAIN) {
    chain.push(nameOf(above.subject));
    below = above;
    above = above.issuerCertificate;
  }
  const subject = nameOf(certificate.subject);
  const issuer = nameOf(certificate.issuer);
  return {
    subject,
    issuer,
    names: certificate.subjectaltname?.split(', ') ?? [],
    notBefore: Date.parse(certificate.valid_from),
    notAfter: Date.parse(certificate.valid_to),
    serial: certificate.serialNumber,
    fingerprint: certificate.fingerprint256,
    bits: certificate.bits,
    curve: certificate.asn1Curve ?? certificate.nistCurve,
    selfSigned: subject === issuer,
    chain,
  };
}

function nameOf(name: object | undefined): string {
  return Object.entries(name ?? {})
    .map(([key, value]) => `${key}=${Array.isArray(value) ? value.join('+') : value}`)
    .join(', ');
}
