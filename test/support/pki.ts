import { generateKeyPairSync, hash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import {
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  octetString,
  oid,
  sequence,
  set,
  time,
  tlv,
  utf8,
} from '../../src/encryption/der.ts';

/** Makes CAs, client certificates and revocation lists for tests, the odd ones too. */

const DAY = 86_400_000;
const ALGORITHM = sequence(oid('1.2.840.10045.4.3.2'));
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';

export interface Entity {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  readonly serial: Buffer;
  readonly thumbprint: string;
  /** Its own certificate, then those of its issuers up to below the root. */
  readonly chain: string;
}

export interface Names {
  readonly cn?: string | Buffer;
  readonly dns?: readonly (string | Buffer)[];
  readonly uri?: readonly (string | Buffer)[];
  readonly email?: readonly (string | Buffer)[];
}

export interface CertificateParts extends Names {
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Extended key usages; null for none at all. */
  readonly purposes?: readonly string[] | null;
}

const pem = (label: string, der: Buffer): string =>
  `-----BEGIN ${label}-----\n${(der.toString('base64').match(/.{1,64}/g) as string[]).join('\n')}\n-----END ${label}-----\n`;

const nameOf = (cn: string | Buffer): Buffer =>
  sequence(set(sequence(oid('2.5.4.3'), typeof cn === 'string' ? utf8(cn) : tlv(0x0c, cn))));
const bytes = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
  critical ? sequence(oid(id), boolean(true), octetString(value)) : sequence(oid(id), octetString(value));

/** A CA, of its own or under another. */
export class Authority {
  readonly name: string;
  readonly #privateKey: KeyObject;
  readonly #keyId: Buffer;
  readonly #parent: Authority | undefined;
  readonly entity: Entity;
  #lists = 1;

  constructor(name: string, parent?: Authority) {
    this.name = name;
    this.#parent = parent;
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#privateKey = privateKey;
    this.#keyId = keyId(publicKey);
    const extensions = [
      extension('2.5.29.19', true, sequence(boolean(true))),
      extension('2.5.29.15', true, bitString(Buffer.from([0b0000_0110]), 1)),
      extension('2.5.29.14', false, octetString(this.#keyId)),
    ];
    const issuer = parent ?? this;
    this.entity = issuer.#sign(nameOf(name), publicKey, privateKey, extensions, {});
  }

  get cert(): string {
    return this.entity.cert;
  }

  issue(parts: CertificateParts = {}): Entity {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { purposes = [CLIENT_AUTH] } = parts;
    const names = [
      ...(parts.dns ?? []).map((name) => implicit(2, bytes(name))),
      ...(parts.uri ?? []).map((name) => implicit(6, bytes(name))),
      ...(parts.email ?? []).map((name) => implicit(1, bytes(name))),
    ];
    const extensions = [
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.15', true, bitString(Buffer.from([0b1000_0000]), 7)),
      ...(purposes === null ? [] : [extension('2.5.29.37', false, sequence(...purposes.map(oid)))]),
      ...(names.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...names))]),
    ];
    return this.#sign(nameOf(parts.cn ?? 'client'), publicKey, privateKey, extensions, parts);
  }

  /** A revocation list (RFC 5280, section 5) in PEM. */
  list(revoked: readonly Entity[] = [], { ends = Date.now() + DAY }: { ends?: number } = {}): string {
    const entries = revoked.map(({ serial }) => sequence(integer(serial), time(Date.now() - DAY)));
    const body = sequence(
      integer(Buffer.from([1])),
      ALGORITHM,
      nameOf(this.name),
      time(Math.min(Date.now(), ends) - 2 * DAY),
      time(ends),
      ...(entries.length === 0 ? [] : [sequence(...entries)]),
      explicit(
        0,
        sequence(
          extension('2.5.29.35', false, sequence(implicit(0, this.#keyId))),
          extension('2.5.29.20', false, integer(Buffer.from([this.#lists++]))),
        ),
      ),
    );
    return pem('X509 CRL', sequence(body, ALGORITHM, bitString(sign('sha256', body, this.#privateKey))));
  }

  #sign(
    subject: Buffer,
    publicKey: KeyObject,
    privateKey: KeyObject,
    extensions: readonly Buffer[],
    { notBefore = Date.now() - DAY, notAfter = Date.now() + 30 * DAY }: { notBefore?: number; notAfter?: number },
  ): Entity {
    const serial = Buffer.concat([Buffer.from([0x41]), randomBytes(15)]);
    const body = sequence(
      explicit(0, integer(Buffer.from([2]))),
      integer(serial),
      ALGORITHM,
      nameOf(this.name),
      sequence(time(notBefore), time(notAfter)),
      subject,
      publicKey.export({ type: 'spki', format: 'der' }),
      explicit(3, sequence(...extensions, extension('2.5.29.35', false, sequence(implicit(0, this.#keyId))))),
    );
    const der = sequence(body, ALGORITHM, bitString(sign('sha256', body, this.#privateKey)));
    const cert = pem('CERTIFICATE', der);
    return {
      cert,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      serial,
      thumbprint: hash('sha256', new X509Certificate(cert).raw, 'base64url'),
      chain: cert + (this.#parent === undefined ? '' : this.entity.cert),
    };
  }
}

/** A certificate that a client has issued to itself. */
export const selfSigned = (names: Names = {}): Entity => {
  const alone = new Authority(typeof names.cn === 'string' ? names.cn : 'alone');
  return alone.issue({ ...names, cn: alone.name });
};

function keyId(publicKey: KeyObject): Buffer {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return hash('sha256', spki.subarray(-65), 'buffer').subarray(0, 20);
}
