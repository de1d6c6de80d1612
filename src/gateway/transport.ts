import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Configuration } from '../config/configuration.ts';
import { type CertificateKeeper, keepCertificate } from '../encryption/certificate.ts';
import { type ClientTrust, keepClientTrust } from '../encryption/client-trust.ts';
import { hstsValue } from '../encryption/hsts.ts';
import { tlsOptions, type UpstreamTls, upstreamTls } from '../encryption/tls.ts';
import type { Finding } from '../shared/finding.ts';
import type { Services } from './services.ts';

/** What the encryption room gives the listener and the upstream pools; follows reloads and renewed certificates. */
export interface Transport {
  /** Undefined on a plain listener. */
  readonly tls: TlsOptions | undefined;
  readonly upstreamTls: UpstreamTls;
  /** Value of Strict-Transport-Security. */
  readonly hsts: string | undefined;
  /** PEM file of the development CA. */
  readonly caFile: string | undefined;
  /** What is worth knowing of the certificate. */
  readonly findings: readonly Finding[];
  /** Who puts a new certificate into force. With `outdated` what clients' certificates are verified by has changed too. */
  onSwap(listener: (context: SecureContextOptions, outdated: boolean) => void): void;
  /** @throws LoadError, and nothing has changed */
  reload(configuration: Configuration): void;
  close(): void;
}

/**
 * Reads or makes the certificate.
 * @param ticketKeys shared by workers
 * @throws LoadError where there is no usable certificate, or `transport: plain` is asked for on an outside address
 */
export function transportOf(first: Configuration, services: Services, ticketKeys: Buffer | undefined): Transport {
  let configuration = first;
  let swap: (context: SecureContextOptions, outdated: boolean) => void = () => {};
  let trust: ClientTrust | undefined;
  let keeper: CertificateKeeper | undefined;
  let upstream = upstreamTls(first.encryption.upstream, first.directory);
  const context = (): TlsOptions =>
    tlsOptions(configuration.encryption, (keeper as CertificateKeeper).current, ticketKeys, trust?.current);
  const follow = (fresh: CertificateKeeper): void => {
    keeper?.close();
    keeper = fresh;
    fresh.onChange(() => swap(context(), false));
  };
  const followTrust = (fresh: ClientTrust): void => {
    trust?.close();
    trust = fresh;
    fresh.onChange(() => swap(context(), true));
  };
  if (first.listen.transport === 'tls') {
    const { certificate, clients } = first.encryption;
    if (clients !== undefined) followTrust(keepClientTrust(clients, services));
    follow(keepCertificate(certificate, services));
  }
  return {
    get tls() {
      return keeper === undefined ? undefined : context();
    },
    get upstreamTls() {
      return upstream;
    },
    get hsts() {
      return keeper === undefined ? undefined : hstsValue(configuration.encryption.hsts);
    },
    get caFile() {
      return keeper?.caFile;
    },
    get findings() {
      return [...(keeper?.findings ?? []), ...(trust?.findings ?? [])];
    },
    onSwap: (listener) => {
      swap = listener;
    },
    reload: (next) => {
      const freshUpstream = upstreamTls(next.encryption.upstream, next.directory);
      const changed =
        JSON.stringify(next.encryption.certificate) !== JSON.stringify(configuration.encryption.certificate);
      const fresh =
        keeper !== undefined && changed ? keepCertificate(next.encryption.certificate, services) : undefined;
      // Whether certificates are asked for at all is fixed when the listener opens.
      const { clients } = next.encryption;
      const trusts =
        trust !== undefined &&
        clients !== undefined &&
        JSON.stringify(clients) !== JSON.stringify(configuration.encryption.clients);
      const before = trust?.current.digest;
      const freshTrust = trusts ? keepClientTrust(clients, services) : undefined;
      upstream = freshUpstream;
      configuration = next;
      if (fresh !== undefined) follow(fresh);
      if (freshTrust !== undefined) followTrust(freshTrust);
      if (keeper !== undefined) swap(context(), trust?.current.digest !== before);
    },
    close: () => {
      keeper?.close();
      trust?.close();
    },
  };
}
