import {
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  type X509Certificate,
} from 'node:crypto';
import { parseAddress } from '../shared/address.ts';
import { bitString, boolean, explicit, implicit, integer, octetString, oid, sequence, set, time, utf8 } from './der.ts';

/**
 * Issues X.509 v3 certificates (RFC 5280) on EC P-256 for development.
 *
 * node:crypto reads certificates but cannot issue them. A library was weighed: `@peculiar/x509` 2.2 brings 20 packages,
 * 5 MB and a global polyfill of `Reflect` into a security gateway, for two certificates of a fixed shape. This writes
 * that shape, and OpenSSL judges it.
 */

export interface CertificateTimes {
  /** Epoch milliseconds. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** A certificate with its private key, both PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  organization: '2.5.4.10',
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

const CRITICAL = true;

/**
 * Makes a CA that can sign for these names only (critical name constraints), for TLS servers only, and no further CA:
 * whoever steals its key can still not impersonate any other site to those who trust it.
 * @param names host names (a name stands for its subdomains too) and IP addresses
 */
export function makeCa(commonName: string, names: readonly string[], times: CertificateTimes): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = distinguishedName(commonName);
  const permitted = names.map(permittedTree);
  // A type of name that no constraint mentions is not constrained: e-mail and URI names are for no TLS server anyway.
  const certificate = signed(name, name, publicKey, privateKey, times, [
    extension(OID.basicConstraints, CRITICAL, sequence(boolean(true), integer(Buffer.from([0])))),
    extension(OID.keyUsage, CRITICAL, bitString(Buffer.from([0b0000_0110]), 1)),
    extension(OID.extendedKeyUsage, !CRITICAL, sequence(oid(OID.serverAuth))),
    extension(OID.nameConstraints, CRITICAL, sequence(explicit(0, ...permitted))),
    extension(OID.subjectKeyIdentifier, !CRITICAL, octetString(keyIdentifier(publicKey))),
  ]);
  return { certificate, key: pem(privateKey) };
}

/**
 * Issues a certificate for a TLS server, signed by a CA made with `makeCa`.
 * @param names host names (also `*.name`) and IP addresses, as subject alternative names
 */
export function issueServer(
  caName: string,
  caKey: KeyObject,
  names: readonly string[],
  times: CertificateTimes,
): Issued {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const authority = keyIdentifier(createPublicKey(caKey));
  const certificate = signed(
    distinguishedName(caName),
    distinguishedName('Portcullis development server'),
    publicKey,
    caKey,
    times,
    [
      extension(OID.basicConstraints, CRITICAL, sequence()),
      extension(OID.keyUsage, CRITICAL, bitString(Buffer.from([0b1000_0000]), 7)),
      extension(OID.extendedKeyUsage, !CRITICAL, sequence(oid(OID.serverAuth))),
      alternativeNames(names),
      extension(OID.authorityKeyIdentifier, !CRITICAL, sequence(implicit(0, authority))),
      extension(OID.subjectKeyIdentifier, !CRITICAL, octetString(keyIdentifier(publicKey))),
    ],
  );
  return { certificate, key: pem(privateKey) };
}

/** Whether a CA made here may sign for a name. DER has one form for one meaning, so looking for its bytes is reading it. */
export function mayIssueFor(ca: X509Certificate, name: string): boolean {
  for (let text = name.replace(/^\*\./, ''); ; text = text.slice(text.indexOf('.') + 1)) {
    if (ca.raw.includes(permittedTree(text))) return true;
    if (addressBytes(text) !== undefined || !text.includes('.')) return false;
  }
}

/** Whether a certificate made here is for exactly these names. */
export const isFor = (certificate: X509Certificate, names: readonly string[]): boolean =>
  certificate.raw.includes(alternativeNames(names));

function signed(
  issuer: Buffer,
  subject: Buffer,
  publicKey: KeyObject,
  signer: KeyObject,
  times: CertificateTimes,
  extensions: readonly Buffer[],
): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const toBeSigned = sequence(
    explicit(0, integer(Buffer.from([2]))),
    // RFC 5280, section 4.1.2.2: positive, at most 20 octets; 127 random bits and never zero.
    integer(Buffer.concat([Buffer.from([0x40 | (randomBytes(1)[0]! & 0x3f)]), randomBytes(15)])),
    algorithm,
    issuer,
    sequence(time(times.notBefore), time(times.notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const der = sequence(toBeSigned, algorithm, bitString(sign('sha256', toBeSigned, signer)));
  const lines = der.toString('base64').match(/.{1,64}/g) as string[];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));

const distinguishedName = (commonName: string): Buffer =>
  sequence(
    set(sequence(oid(OID.organization), utf8('Portcullis'))),
    set(sequence(oid(OID.commonName), utf8(commonName))),
  );

/** RFC 7093, section 2, method 1: the leftmost 160 bits of SHA-256 over the public key's bits. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  // The uncompressed P-256 point is the last 65 bytes of its SPKI.
  return hash('sha256', spki.subarray(-65), 'buffer').subarray(0, 20);
}

const alternativeNames = (names: readonly string[]): Buffer =>
  extension(OID.subjectAltName, !CRITICAL, sequence(...names.map(alternativeName)));

const permittedTree = (name: string): Buffer => sequence(constraint(name));

function alternativeName(text: string): Buffer {
  const address = addressBytes(text);
  return address === undefined ? implicit(2, Buffer.from(text, 'ascii')) : implicit(7, address);
}

/** An address constraint is address and mask (RFC 5280, section 4.2.1.10); IPv4 loopback stands for all of 127/8. */
function constraint(text: string): Buffer {
  const address = addressBytes(text);
  if (address === undefined) return implicit(2, Buffer.from(text.replace(/^\*\./, ''), 'ascii'));
  if (address.length === 4 && address[0] === 127) return implicit(7, Buffer.from([127, 0, 0, 0, 255, 0, 0, 0]));
  return implicit(7, Buffer.concat([address, Buffer.alloc(address.length, 0xff)]));
}

function addressBytes(text: string): Buffer | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const words = address.version === 4 ? [address.d] : [address.a, address.b, address.c, address.d];
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, i) => void bytes.writeUInt32BE(word, i * 4));
  return bytes;
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }) as string;
