import { createPrivateKey, hash, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Finding } from '../shared/finding.ts';

const MAX_FILE = 1_048_576;
const MAX_CHAIN = 10;
const SOON = 14 * 86_400_000;

/** A certificate with its key as read from two files, checked. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
  readonly notAfter: number;
  /** Digest of both files: whether anything has changed. */
  readonly digest: string;
  readonly warnings: readonly Finding[];
}

/** Why a pair cannot be used: never holds anything of the key. */
export class PairError extends Error {
  readonly file: string;
  readonly mend: string;
  constructor(file: string, message: string, mend: string) {
    super(`${file}: ${message}`);
    this.name = 'PairError';
    this.file = file;
    this.mend = mend;
  }
}

/**
 * Reads a certificate (leaf first, then intermediates; PEM) and its private key (PEM, not encrypted), and checks that
 * both can be read, belong together, are strong enough, and are valid now.
 * @throws PairError that names the file and the mend
 */
export function readPair(certificateFile: string, keyFile: string, now: number): Pair {
  const cert = read(certificateFile, 'certificate');
  const key = read(keyFile, 'key');
  const chain = parseChain(certificateFile, cert);
  const leaf = chain[0]!;
  const privateKey = parseKey(keyFile, key);
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new PairError(
      keyFile,
      `the key does not belong to the certificate in ${certificateFile}`,
      'name the key the certificate was made for; where both are being replaced, replace both',
    );
  }
  checkStrength(certificateFile, leaf, privateKey);
  checkTimes(certificateFile, leaf, now);
  for (let i = 1; i < chain.length; i++) {
    if (!chain[i - 1]!.checkIssued(chain[i]!)) {
      throw new PairError(
        certificateFile,
        `certificate ${i + 1} of the chain did not issue certificate ${i}`,
        'put the server certificate first, then each issuer after the one it issued; leave others out',
      );
    }
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    throw new PairError(certificateFile, `OpenSSL refuses the pair: ${(cause as Error).message}`, 'make both anew');
  }
  const notAfter = leaf.validToDate.getTime();
  const warnings: Finding[] = [];
  if (notAfter - now < SOON) {
    warnings.push(warning('ends-soon', `${certificateFile}: the certificate ends on ${day(notAfter)}`, 'renew it'));
  }
  if (leaf.subjectAltName === undefined) {
    warnings.push(
      warning(
        'no-names',
        `${certificateFile}: the certificate has no subject alternative names: no client of today accepts it`,
        'have it issued with the host names as subject alternative names',
      ),
    );
  }
  if (process.platform !== 'win32' && (statSync(keyFile).mode & 0o007) !== 0) {
    warnings.push(
      warning('key-readable', `${keyFile}: everybody on this machine can read the private key`, 'chmod 600'),
    );
  }
  return { cert, key, notAfter, digest: hash('sha256', `${cert}\0${key}`, 'base64url'), warnings };
}

const day = (epoch: number): string => new Date(epoch).toISOString().slice(0, 10);

const warning = (name: string, message: string, mend: string): Finding => ({
  rule: `encryption/${name}`,
  severity: 'warning',
  message,
  mend,
});

function read(file: string, what: string): string {
  try {
    if (statSync(file).size > MAX_FILE) throw new Error(`larger than ${MAX_FILE} bytes`);
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new PairError(
      file,
      `the ${what} cannot be read (${code ?? message})`,
      `check the name in encryption.certificate.files.${what} and that this user may read the file`,
    );
  }
}

function parseChain(file: string, text: string): X509Certificate[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) throw new PairError(file, 'holds no certificate in PEM', 'convert it to PEM');
  if (blocks.length > MAX_CHAIN) {
    throw new PairError(
      file,
      `holds ${blocks.length} certificates`,
      `leave out those that are not its chain (at most ${MAX_CHAIN})`,
    );
  }
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new PairError(file, `certificate ${i + 1} cannot be parsed`, 'have the file made anew');
    }
  });
}

function parseKey(file: string, text: string): KeyObject {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(text)) {
    throw new PairError(
      file,
      'the key is encrypted',
      'decrypt it (openssl pkey) and protect the file by its permissions',
    );
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new PairError(file, 'holds no private key in PEM', 'convert it to PEM (PKCS #8)');
  }
}

function checkStrength(file: string, leaf: X509Certificate, key: KeyObject): void {
  const { modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType?.startsWith('rsa') && (modulusLength ?? 0) < 2048) {
    throw new PairError(
      file,
      `its RSA key has ${modulusLength} bits`,
      'use P-256, Ed25519 or RSA with 2048 bits or more',
    );
  }
  if (/md5|sha1(?!\d)/i.test(leaf.signatureAlgorithm ?? '')) {
    throw new PairError(file, `it is signed with ${leaf.signatureAlgorithm}`, 'have it issued with SHA-256 or better');
  }
}

function checkTimes(file: string, leaf: X509Certificate, now: number): void {
  const [from, to] = [leaf.validFromDate.getTime(), leaf.validToDate.getTime()];
  if (now >= to) throw new PairError(file, `the certificate ended on ${day(to)}`, 'renew it');
  if (now < from)
    throw new PairError(file, `the certificate begins on ${day(from)} only`, 'check the clock of this machine');
}
