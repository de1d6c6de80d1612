import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Services } from '../gateway/services.ts';
import { type Finding, LoadError } from '../shared/finding.ts';
import { type Pair, PairError, readPair } from './certificate-files.ts';
import { developmentCertificate } from './development-ca.ts';
import type { EncryptionSettings } from './settings.ts';
import type { TlsMaterial } from './tls.ts';

/** Milliseconds between looks at the files' times: what a file system without notices (NFS, some mounts) falls back on. */
const POLL = 5_000;
/** Milliseconds of quiet after a notice: certificate and key are written one after the other. */
const QUIET = 500;
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
  let seen = stamp(files);
  /** What was last complained of, so that a bad pair that stays is one event. */
  let complaint = '';

  const check = (): boolean => {
    seen = stamp(files);
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

  let timer: NodeJS.Timeout | undefined;
  const checkSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(check, QUIET);
    timer.unref();
  };
  const poll = setInterval(() => {
    if (stamp(files) !== seen) checkSoon();
  }, POLL);
  poll.unref();
  const watchers = watchDirectories(files, checkSoon);

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
    close: () => {
      clearTimeout(timer);
      clearInterval(poll);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** Directories, not files: a renewal renames a new file into place, or (in clusters) swaps a link beside it. */
function watchDirectories(files: readonly string[], notice: () => void): FSWatcher[] {
  const watchers: FSWatcher[] = [];
  for (const directory of new Set(files.map((file) => dirname(file)))) {
    try {
      const watcher = watch(directory, { persistent: false }, notice);
      watcher.on('error', () => watcher.close());
      watchers.push(watcher);
    } catch {
      // the poll will see it
    }
  }
  return watchers;
}

/** What changes when a file does; a file that is not there is a change too. */
function stamp(files: readonly string[]): string {
  return files
    .map((file) => {
      try {
        const { mtimeMs, ctimeMs, ino, size } = statSync(file);
        return `${mtimeMs}/${ctimeMs}/${ino}/${size}`;
      } catch {
        return 'none';
      }
    })
    .join(' ');
}
