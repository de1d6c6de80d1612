import type { Configuration } from '../../config/configuration.ts';
import type { Finding } from '../../shared/finding.ts';

/** Rules for certificates that no client is ever asked for: nobody could call by them. */
export function inspectClientCertificates({ authentication, encryption, listen, placeOf }: Configuration): Finding[] {
  if (authentication.certificates.length === 0) return [];
  const plain = listen.transport === 'plain';
  if (encryption.clients !== undefined && !plain) return [];
  const place = placeOf(['authentication', 'certificates']);
  return [
    {
      rule: 'authentication/no-client-ca',
      severity: 'warning',
      message: plain
        ? 'authentication.certificates is of no use: the listener serves without TLS, and certificates in headers are not believed'
        : 'authentication.certificates is of no use: the gate asks no client for a certificate',
      mend: plain
        ? 'end TLS at the gate: listen.transport: tls'
        : 'name the CAs: encryption: { clients: { ca: FILE } }',
      ...(place === undefined ? {} : { place }),
    },
  ];
}
