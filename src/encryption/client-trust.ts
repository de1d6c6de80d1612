import { hash, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Services } from '../gateway/services.ts';
import { type Finding, LoadError } from '../shared/finding.ts';
import { followFiles } from './follow-files.ts';
import { endOfList, readLists } from './revocation-list.ts';
import type { EncryptionSettings } from './settings.ts';

type ClientSettings = NonNullable<EncryptionSettings['clients']>;

/** Bytes of one file: revocation lists of public CAs reach some megabytes. */
const MAX_FILE = 32 * 1_048_576;
const MAX_CERTIFICATES = 200;
/** Milliseconds between looks at what has ended meanwhile. */
const ENDED_LOOK = 60_000;

/** What client certificates are verified by. */
export interface TrustMaterial {
  readonly mode: ClientSettings['mode'];
  /** PEM, one certificate each. */
  readonly ca: readonly string[];
  /** PEM. */
  readonly crl: readonly string[] | undefined;
  /** Of all of it. */
  readonly digest: string;
}

/** Keeps {@link TrustMaterial} fresh: files are followed, a bad one is refused with an event and the old ones stay. */
export interface ClientTrust {
  readonly current: TrustMaterial;
  readonly findings: readonly Finding[];
  onChange(listener: () => void): void;
  /** Looks at the files now. @returns whether anything is new. */
  check(): boolean;
  close(): void;
}

class TrustError extends Error {
  readonly mend: string;
  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

/** @throws LoadError where a file cannot be used at the start */
export function keepClientTrust(
  settings: ClientSettings,
  services: Pick<Services, 'baseDirectory' | 'clock' | 'event'>,
): ClientTrust {
  const { clock, event, baseDirectory } = services;
  const named = (list: readonly string[]): string[] => list.map((file) => resolve(baseDirectory, file));
  const files = { ca: named(settings.ca), crl: settings.crl && named(settings.crl) };
  let current: TrustMaterial;
  try {
    current = readTrust(settings.mode, files);
  } catch (cause) {
    if (!(cause instanceof TrustError)) throw cause;
    const { message, mend } = cause;
    throw new LoadError([{ rule: 'encryption/clients', severity: 'error', message, mend }]);
  }
  const listeners: (() => void)[] = [];
  let told = new Set(findingsOf(current, clock.now()).map(({ message }) => message));
  const tellEnded = (): void => {
    const findings = findingsOf(current, clock.now());
    for (const { rule, message } of findings) if (!told.has(message)) event({ event: rule, note: message });
    told = new Set(findings.map(({ message }) => message));
  };
  /** What was last complained of, so that what stays is one event. */
  let complaint = '';
  const check = (): boolean => {
    try {
      const fresh = readTrust(settings.mode, files);
      complaint = '';
      if (fresh.digest === current.digest) return false;
      current = fresh;
    } catch (cause) {
      const { message } = cause as Error;
      if (message !== complaint) {
        complaint = message;
        event({ event: 'encryption/clients-refused', note: `the former files stay in force: ${message}` });
      }
      return false;
    }
    event({
      event: 'encryption/clients-changed',
      note: 'client certificates are verified by new files; connections with certificates begin anew',
      evidence: { authorities: current.ca.length, revocationLists: current.crl?.length ?? 0 },
    });
    tellEnded();
    for (const listener of listeners) listener();
    return true;
  };
  const timer = setInterval(tellEnded, ENDED_LOOK);
  timer.unref();
  const following = followFiles([...files.ca, ...(files.crl ?? [])], check);
  return {
    get current() {
      return current;
    },
    get findings() {
      return findingsOf(current, clock.now());
    },
    onChange: (listener) => void listeners.push(listener),
    check,
    close: () => {
      clearInterval(timer);
      following.close();
    },
  };
}

function readTrust(
  mode: ClientSettings['mode'],
  files: { readonly ca: readonly string[]; readonly crl: readonly string[] | undefined },
): TrustMaterial {
  const ca = files.ca.flatMap(readAuthorities);
  // A chain that does not end in a root is never verified: every client would be refused, and nobody would know why.
  if (!ca.some(isRoot))
    throw new TrustError(
      `${files.ca.join(', ')}: holds no root (a CA that has issued itself)`,
      'add the root of its chain',
    );
  const crl = files.crl?.flatMap((file) => {
    const lists = readLists(read(file));
    if (lists.length === 0) throw new TrustError(`${file}: holds no revocation list`, 'name a CRL in PEM or DER');
    return lists;
  });
  const digest = hash('sha256', JSON.stringify([mode, ca, crl ?? null]), 'base64url');
  try {
    createSecureContext(crl === undefined ? { ca } : { ca, crl });
  } catch (cause) {
    throw new TrustError(
      `${[...files.ca, ...(files.crl ?? [])].join(', ')}: OpenSSL refuses them: ${(cause as Error).message}`,
      'check that encryption.clients.ca names certificates and encryption.clients.crl revocation lists',
    );
  }
  return { mode, ca, crl, digest };
}

function readAuthorities(file: string): string[] {
  const blocks =
    read(file)
      .toString('latin1')
      .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new TrustError(`${file}: holds no certificate in PEM`, 'convert it to PEM');
  if (blocks.length > MAX_CERTIFICATES)
    throw new TrustError(
      `${file}: holds ${blocks.length} certificates`,
      'name only the CAs that issue to your clients',
    );
  for (const [i, block] of blocks.entries()) {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch {
      throw new TrustError(`${file}: certificate ${i + 1} cannot be parsed`, 'have the file made anew');
    }
    if (!certificate.ca)
      throw new TrustError(
        `${file}: certificate ${i + 1} is not that of a CA`,
        'name the CA that issues the certificates of your clients; a single certificate is named by a rule (authentication.certificates: [{ sha256 }])',
      );
  }
  return blocks.map((block) => `${block}\n`);
}

function isRoot(text: string): boolean {
  const certificate = new X509Certificate(text);
  return certificate.checkIssued(certificate);
}

function read(file: string): Buffer {
  try {
    if (statSync(file).size > MAX_FILE) throw new Error(`larger than ${MAX_FILE} bytes`);
    return readFileSync(file);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new TrustError(
      `${file}: cannot be read (${code ?? message})`,
      'check the name in encryption.clients and that this user may read the file',
    );
  }
}

/** What has ended: nothing it stands for is verified then. */
function findingsOf({ ca, crl }: TrustMaterial, now: number): Finding[] {
  const findings: Finding[] = [];
  const warn = (name: string, message: string, mend: string): void =>
    void findings.push({ rule: `encryption/${name}`, severity: 'warning', message, mend });
  for (const text of ca) {
    const { subject, validToDate } = new X509Certificate(text);
    if (validToDate.getTime() <= now)
      warn(
        'clients-ca-ended',
        `the CA "${subject.replaceAll('\n', ', ')}" of encryption.clients ended on ${day(validToDate.getTime())}: nothing it issued is taken`,
        'take it out, or name its successor',
      );
  }
  for (const text of crl ?? []) {
    const end = endOfList(text);
    if (end !== undefined && end <= now)
      warn(
        'clients-crl-ended',
        `a revocation list of encryption.clients ended on ${day(end)}: nothing of that CA is taken until there is a newer one`,
        'fetch the list of the CA regularly, before the former one ends',
      );
  }
  return findings;
}

const day = (epoch: number): string => new Date(epoch).toISOString().slice(0, 10);
