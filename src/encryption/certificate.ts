import { resolve } from 'node:path';
import type { Services } from '../gateway/services.ts';
import { type Finding, LoadError } from '../shared/finding.ts';
import { type Pair, PairError, readPair } from './certificate-files.ts';
import { developmentCertificate } from './development-ca.ts';
import { followFiles } from './follow-files.ts';
import type { EncryptionSettings } from './settings.ts';
import type { TlsMaterial } from './tls.ts';

/** Milliseconds between looks at when a development certificate ends. */
const RENEWAL_LOOK = 6 * 3_600_000;

/** The certificate of the gate: there is always one, and it changes when its files do. */
export interface CertificateKeeper {
  readonly current: TlsMaterial;
  /** Epoch milliseconds. */
  readonly notAfter: number;
  /** PEM file of the development CA; undefined where own files are used. */
  readonly caFile: string | undefined;
  readonly findings: readonly Finding[];
  /** Calls back with each new certificate: put it into force with `setSecureContext(tlsOptions(...))`. */
  onChange(listener: (material: TlsMaterial) => void): void;
  /** Looks at the files now. @returns whether there is a new certificate. */
  check(): boolean;
  close(): void;
}

export type CertificateServices = Pick<Services, 'dataDirectory' | 'baseDirectory' | 'clock' | 'event'>;

/**
 * Reads or makes the certificate and keeps it fresh: own files are followed (a bad pair is refused with an event, the
 * old one stays), a development certificate is renewed 30 days before it ends.
 * @throws LoadError where there is no usable certificate at the start
 */
export function keepCertificate(
  settings: EncryptionSettings['certificate'],
  services: CertificateServices,
): CertificateKeeper {
  return 'files' in settings ? keepFiles(settings.files, services) : keepDevelopment(settings.development, services);
}

function keepDevelopment({ names }: { names: readonly string[] }, services: CertificateServices): CertificateKeeper {
  const options = { ...services, names };
  let current = developmentCertificate(options);
  const listeners: ((material: TlsMaterial) => void)[] = [];
  const check = (): boolean => {
    let fresh: typeof current;
    try {
      fresh = developmentCertificate(options);
    } catch (cause) {
      services.event({ event: 'encryption/renewal-failed', note: (cause as Error).message });
      return false;
    }
    if (fresh.cert === current.cert) return false;
    current = fresh;
    for (const listener of listeners) listener(fresh);
    return true;
  };
  const timer = setInterval(check, RENEWAL_LOOK);
  timer.unref();
  return {
    get current() {
      return current;
    },
    get notAfter() {
      return current.notAfter;
    },
    caFile: current.caFile,
    findings: [],
    onChange: (listener) => void listeners.push(listener),
    check,
    close: () => clearInterval(timer),
  };
}

function keepFiles(names: { certificate: string; key: string }, services: CertificateServices): CertificateKeeper {
  const files = [
    resolve(services.baseDirectory, names.certificate),
    resolve(services.baseDirectory, names.key),
  ] as const;
  const { clock, event } = services;
  let current: Pair;
  try {
    current = readPair(files[0], files[1], clock.now());
  } catch (cause) {
    if (!(cause instanceof PairError)) throw cause;
    const { message, mend } = cause;
    throw new LoadError([{ rule: 'encryption/certificate', severity: 'error', message, mend }]);
  }
  const listeners: ((material: TlsMaterial) => void)[] = [];
  /** What was last complained of, so that a bad pair that stays is one event. */
  let complaint = '';

  const check = (): boolean => {
    try {
      const fresh = readPair(files[0], files[1], clock.now());
      complaint = '';
      if (fresh.digest === current.digest) return false;
      current = fresh;
    } catch (cause) {
      const message = cause instanceof PairError ? `${cause.message}; mend: ${cause.mend}` : String(cause);
      if (message !== complaint) {
        complaint = message;
        event({ event: 'encryption/certificate-refused', note: `the former certificate stays in force: ${message}` });
      }
      return false;
    }
    event({
      event: 'encryption/certificate-changed',
      note: files[0],
      evidence: { notAfter: new Date(current.notAfter).toISOString() },
    });
    for (const finding of current.warnings) event({ event: finding.rule, note: finding.message });
    for (const listener of listeners) listener(current);
    return true;
  };

  const following = followFiles(files, check);

  return {
    get current() {
      return current;
    },
    get notAfter() {
      return current.notAfter;
    },
    caFile: undefined,
    findings: current.warnings,
    onChange: (listener) => void listeners.push(listener),
    check,
    close: () => following.close(),
  };
}
