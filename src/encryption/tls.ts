import { constants, createPrivateKey, hkdfSync, randomBytes, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { type Finding, LoadError } from '../shared/finding.ts';
import type { TrustMaterial } from './client-trust.ts';
import type { EncryptionSettings } from './settings.ts';

/** TLS 1.3 suites, then for TLS 1.2 only those with forward secrecy and authenticated encryption. */
export const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':');

/** Post-quantum hybrid first: what is recorded today is not read when such computers exist. */
export const GROUPS = 'X25519MLKEM768:X25519:prime256v1:secp384r1';

/** Seconds for which a session can be taken up again without a full handshake. */
const SESSION_SECONDS = 3_600;
/** Bytes of node's ticket keys: name, HMAC key, AES key. */
const TICKET_KEYS = 48;

/** Secret keys of session tickets; the same in all workers, or a client that lands at another pays a full handshake. */
export const newTicketKeys = (): Buffer => randomBytes(TICKET_KEYS);

export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
}

/**
 * Options of the TLS listener (and, without the listener's own, of `setSecureContext`).
 * @param ticketKeys from `newTicketKeys`, shared by the processes that share the port; change them daily with
 *   `server.setTicketKeys`, since who has them can read the first flight of resumed sessions. Without: keys of this process.
 * @param trust what client certificates are verified by; without it none is asked for
 */
export function tlsOptions(
  settings: Pick<EncryptionSettings, 'minVersion'>,
  material: TlsMaterial,
  ticketKeys?: Buffer,
  trust?: TrustMaterial,
): TlsOptions {
  return {
    cert: material.cert,
    key: material.key,
    minVersion: settings.minVersion,
    maxVersion: 'TLSv1.3',
    ciphers: CIPHERS,
    ecdhCurve: GROUPS,
    // All suites are good ones: the client knows better whether its machine has AES in hardware.
    honorCipherOrder: false,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
    sessionTimeout: SESSION_SECONDS,
    ALPNProtocols: ['h2', 'http/1.1'],
    requestCert: trust !== undefined,
    handshakeTimeout: 10_000,
    ...(trust === undefined ? {} : trustOptions(trust)),
    ...(ticketKeys === undefined ? {} : { ticketKeys: trust === undefined ? ticketKeys : keysFor(ticketKeys, trust) }),
  };
}

const trustOptions = ({ mode, ca, crl }: TrustMaterial): TlsOptions => ({
  rejectUnauthorized: mode === 'require',
  ca: [...ca],
  ...(crl === undefined ? {} : { crl: [...crl] }),
});

/**
 * A session that is taken up again is not verified again: its ticket says what became of the certificate then. So tickets
 * are of no use as soon as anything changes that certificates are verified by; all workers still have the same keys.
 */
const keysFor = (ticketKeys: Buffer, { digest }: TrustMaterial): Buffer =>
  Buffer.from(hkdfSync('sha256', ticketKeys, '', `client certificates ${digest}`, TICKET_KEYS));

/** TLS towards the API, for undici's `connect`. */
export interface UpstreamTls {
  readonly minVersion: 'TLSv1.2';
  /** Always said, because NODE_TLS_REJECT_UNAUTHORIZED=0 switches off only what nobody says. */
  readonly rejectUnauthorized: boolean;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
}

/**
 * Reads the files named for the connection to the API.
 * @throws LoadError that names key, file and mend
 */
export function upstreamTls(settings: EncryptionSettings['upstream'], baseDirectory: string): UpstreamTls {
  const read = (key: 'ca' | 'certificate' | 'key', check: (text: string) => unknown): string | undefined => {
    const name = settings[key];
    if (name === undefined) return undefined;
    const file = resolve(baseDirectory, name);
    try {
      const text = readFileSync(file, 'utf8');
      check(text);
      return text;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const why =
        code?.startsWith('E') && !code.startsWith('ERR_') ? `cannot be read (${code})` : 'is no such PEM file';
      throw new LoadError([
        {
          rule: 'encryption/upstream-file',
          severity: 'error',
          message: `${file}: encryption.upstream.${key} ${why}`,
          mend: key === 'key' ? 'name a private key in PEM that is not encrypted' : 'name a certificate in PEM',
        },
      ]);
    }
  };
  const ca = read('ca', (text) => new X509Certificate(text));
  const cert = read('certificate', (text) => new X509Certificate(text));
  const key = read('key', (text) => createPrivateKey(text));
  if (cert !== undefined && key !== undefined && !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new LoadError([
      {
        rule: 'encryption/upstream-pair',
        severity: 'error',
        message: `encryption.upstream: the key in ${settings.key} does not belong to the certificate in ${settings.certificate}`,
        mend: 'name the key the certificate was made for',
      },
    ]);
  }
  const options: { -readonly [Key in keyof UpstreamTls]: UpstreamTls[Key] } = {
    minVersion: 'TLSv1.2',
    rejectUnauthorized: settings.verify,
  };
  if (ca !== undefined) options.ca = ca;
  if (cert !== undefined) options.cert = cert;
  if (key !== undefined) options.key = key;
  if (settings.servername !== undefined) options.servername = settings.servername;
  return options;
}

/** What weakens the encryption, in the settings and in the way node was started. */
export function inspectTls(settings: EncryptionSettings, flags: string = startFlags()): Finding[] {
  const findings: Finding[] = [];
  const weak = (name: string, message: string, mend: string): void =>
    void findings.push({ rule: `encryption/${name}`, severity: 'warning', message, mend });
  if (!settings.upstream.verify) {
    weak(
      'upstream-not-verified',
      'encryption.upstream.verify is false: anybody between the gate and the API can read and change everything',
      'name the CA of the API instead: encryption.upstream.ca',
    );
  }
  if (settings.plainHttp !== 'off' && settings.plainHttp.answer === 'redirect') {
    weak(
      'plain-redirect',
      'plain HTTP is redirected: clients with the wrong URL go on working, and on sending in clear first',
      'set encryption.plainHttp.answer to refuse',
    );
  }
  if (/--tls-keylog/.test(flags)) {
    weak('keylog', 'node runs with --tls-keylog: session keys are written to a file', 'take the flag away');
  }
  return findings;
}

const startFlags = (): string => `${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`;
