import { connect, type DetailedPeerCertificate, type SecureVersion } from 'node:tls';
import type { CheckContext } from '../../model/check.ts';

/** What a handshake with the API agreed on. */
export interface Handshake {
  readonly protocol: string;
  readonly cipher: string;
  readonly certificate: DetailedPeerCertificate;
  /** Why the certificate is not to be trusted, in the words of the TLS library; undefined where it is. */
  readonly fault: string | undefined;
}

const DEADLINE = 5_000;

/**
 * Shakes hands with the host of the scan on a connection of its own.
 * @param offer versions and ciphers (OpenSSL names) to offer; default: whatever is current
 * @returns undefined where the host does not agree
 */
export async function shakeHands(
  { base, signal }: CheckContext,
  offer: { readonly version?: SecureVersion; readonly ciphers?: string } = {},
): Promise<Handshake | undefined> {
  if (base.protocol !== 'https:' || signal.aborted) return undefined;
  const host = base.hostname.replace(/^\[|\]$/g, '');
  return await new Promise((resolve) => {
    const socket = connect({
      host,
      port: Number(base.port || 443),
      // Names only: an address is no server name (RFC 6066, section 3).
      ...(/[a-z]/i.test(host) && !host.includes(':') ? { servername: host } : {}),
      rejectUnauthorized: false,
      ...(offer.version ? { minVersion: offer.version, maxVersion: offer.version } : {}),
      ...(offer.ciphers ? { ciphers: offer.ciphers } : {}),
    });
    const end = (handshake: Handshake | undefined): void => {
      socket.destroy();
      resolve(handshake);
    };
    socket.setTimeout(DEADLINE, () => end(undefined));
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    socket.on('secureConnect', () =>
      end({
        protocol: socket.getProtocol() ?? '',
        cipher: socket.getCipher()?.name ?? '',
        certificate: socket.getPeerCertificate(true),
        fault: socket.authorized ? undefined : String(socket.authorizationError ?? 'not trusted'),
      }),
    );
  });
}

/** Whether the API is on this machine, where nobody listens in between. */
export const isLocal = ({ base }: CheckContext): boolean => /^(?:localhost|127\.|\[::1\])/.test(base.hostname);
