import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Configuration } from '../config/configuration.ts';
import { type CertificateKeeper, keepCertificate } from '../encryption/certificate.ts';
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
  /** Who puts a new certificate into force. */
  onSwap(listener: (context: SecureContextOptions) => void): void;
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
  let swap: (context: SecureContextOptions) => void = () => {};
  let keeper: CertificateKeeper | undefined;
  let upstream = upstreamTls(first.encryption.upstream, first.directory);
  const context = (): TlsOptions =>
    tlsOptions(configuration.encryption, (keeper as CertificateKeeper).current, ticketKeys);
  const follow = (fresh: CertificateKeeper): void => {
    keeper?.close();
    keeper = fresh;
    fresh.onChange(() => swap(context()));
  };
  if (first.listen.transport === 'tls') follow(keepCertificate(first.encryption.certificate, services));
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
      return keeper?.findings ?? [];
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
      upstream = freshUpstream;
      configuration = next;
      if (fresh !== undefined) follow(fresh);
      if (keeper !== undefined) swap(context());
    },
    close: () => keeper?.close(),
  };
}
