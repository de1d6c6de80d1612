import { createPrivateKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditEvent } from '../gateway/services.ts';
import type { Clock } from '../shared/clock.ts';
import { LoadError } from '../shared/finding.ts';
import { readPrivate, writeNew, writeWhole } from './private-file.ts';
import { isFor, issueServer, makeCa, mayIssueFor } from './x509.ts';

const DAY = 86_400_000;
/** Renewed when so much is left: long enough for a gate that is started once a month. */
const RENEW_BEFORE = 30 * DAY;
const SERVER_DAYS = 90 * DAY;
/** People put the CA into their browser by hand: it lasts as long as its constraints make bearable. */
const CA_DAYS = 5 * 365 * DAY;
/** Machines' clocks differ by minutes: a certificate begins an hour ago. */
const SKEW = 3_600_000;

/** Names the certificate always has. */
export const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '::1'] as const;

export interface Development {
  /** Server certificate, and its private key; PEM. */
  readonly cert: string;
  readonly key: string;
  /** The CA's certificate, for users to trust. */
  readonly ca: string;
  readonly caFile: string;
  /** Epoch milliseconds. */
  readonly notAfter: number;
}

export interface DevelopmentOptions {
  readonly dataDirectory: string;
  /** Further names and addresses beside the loopback ones. */
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly event: (event: AuditEvent) => void;
}

/**
 * The development certificate: read, made, or renewed when it is about to end or the names have changed.
 *
 * Files in `tls/` of the data directory: `ca.pem` (certificate of the CA, for users), `ca-key.pem` (the CA with its key,
 * 0600), `server.pem` (server certificate with its key, 0600; one file, so that a renewal is one rename and both always
 * match). Safe against a second process that starts at the same time: the first CA written wins.
 *
 * The CA's key is kept. Thrown away, every renewal and every further name would need another CA in everybody's trust
 * store, and people who click such things away four times a year click anything away. What its thief gains is bounded by
 * critical name constraints to the names of this gate, which the server key lying beside it gives as well.
 *
 * @throws LoadError where the directory cannot be used
 */
export function developmentCertificate(options: DevelopmentOptions): Development {
  const directory = join(options.dataDirectory, 'tls');
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return make(options, directory);
  } catch (cause) {
    if (cause instanceof LoadError) throw cause;
    throw new LoadError([
      {
        rule: 'encryption/development-certificate',
        severity: 'error',
        message: `${directory}: the development certificate cannot be read or made: ${(cause as Error).message}`,
        mend: 'make the directory writable for this user, or name own files: encryption.certificate.files',
      },
    ]);
  }
}

function make({ names: further, clock, event }: DevelopmentOptions, directory: string): Development {
  const names = [...new Set([...LOOPBACK_NAMES, ...further])];
  const now = clock.now();
  const caFile = join(directory, 'ca.pem');
  const ca = authority(directory, names, now, event);
  if (readText(caFile) !== ca.pem) writeWhole(caFile, ca.pem, 0o644);

  const file = join(directory, 'server.pem');
  const stored = readPrivate(file);
  if (stored?.opened) event(exposedKey(file));
  const old = stored && parsePair(stored.text);
  if (
    old !== undefined &&
    isCurrent(old.certificate, now) &&
    isFor(old.certificate, names) &&
    old.certificate.verify(ca.certificate.publicKey)
  ) {
    return { cert: old.pem, key: old.key, ca: ca.pem, caFile, notAfter: old.certificate.validToDate.getTime() };
  }
  const notAfter = Math.min(now + SERVER_DAYS, ca.certificate.validToDate.getTime());
  const issued = issueServer(ca.commonName, ca.key, names, { notBefore: now - SKEW, notAfter });
  writeWhole(file, issued.key + issued.certificate);
  event({
    event: old === undefined ? 'encryption/certificate-made' : 'encryption/certificate-renewed',
    note: `development certificate for ${names.join(', ')}`,
    evidence: { notAfter: new Date(notAfter).toISOString() },
  });
  return { cert: issued.certificate, key: issued.key, ca: ca.pem, caFile, notAfter };
}

interface Authority {
  readonly certificate: X509Certificate;
  readonly commonName: string;
  readonly key: KeyObject;
  readonly pem: string;
}

function authority(
  directory: string,
  names: readonly string[],
  now: number,
  event: (event: AuditEvent) => void,
): Authority {
  const file = join(directory, 'ca-key.pem');
  const stored = readPrivate(file);
  if (stored?.opened) event(exposedKey(file));
  const known = stored && readAuthority(stored.text);
  const missing = known === undefined ? [] : names.filter((name) => !mayIssueFor(known.certificate, name));
  if (known !== undefined && missing.length === 0 && isCurrent(known.certificate, now)) return known;

  // Those who have trusted the former CA must be told; a unique name keeps trust stores from mixing the two up.
  const commonName = `Portcullis development CA ${randomBytes(4).toString('hex')}`;
  const issued = makeCa(commonName, names, { notBefore: now - SKEW, notAfter: now + CA_DAYS });
  const text = issued.key + issued.certificate;
  if (stored === undefined) {
    if (!writeNew(file, text)) {
      const others = readAuthority(readPrivate(file)?.text ?? '');
      if (others !== undefined) return others;
      writeWhole(file, text);
    }
  } else writeWhole(file, text);
  if (stored !== undefined) {
    const why =
      known === undefined
        ? `${file} was damaged`
        : missing.length > 0
          ? `it may not sign for ${missing.join(', ')}`
          : 'it was about to end';
    event({ event: 'encryption/ca-replaced', note: `a new development CA was made, trust it anew: ${why}` });
  }
  return readAuthority(text) as Authority;
}

function readAuthority(text: string): Authority | undefined {
  const pair = parsePair(text);
  const commonName = /^CN=(.+)$/m.exec(pair?.certificate.subject ?? '')?.[1];
  if (pair === undefined || !pair.certificate.ca || commonName === undefined) return undefined;
  return { certificate: pair.certificate, commonName, key: createPrivateKey(pair.key), pem: pair.pem };
}

/** Key and certificate out of one PEM file; undefined where they are not both there or do not match. */
function parsePair(text: string): { certificate: X509Certificate; pem: string; key: string } | undefined {
  const key = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/.exec(text)?.[0];
  const pem = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  if (key === undefined || pem === undefined) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    return certificate.checkPrivateKey(createPrivateKey(key)) ? { certificate, pem, key } : undefined;
  } catch {
    return undefined;
  }
}

const isCurrent = (certificate: X509Certificate, now: number): boolean =>
  certificate.validFromDate.getTime() <= now && certificate.validToDate.getTime() - now > RENEW_BEFORE;

const readText = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
};

const exposedKey = (file: string): AuditEvent => ({
  event: 'encryption/key-readable',
  note: `${file} could be read by others; it is closed to them now. If others use this machine, delete it: a new one is made`,
});
