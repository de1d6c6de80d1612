import { constants, type KeyObject, verify } from 'node:crypto';

/** A signature algorithm (RFC 7518, RFC 8037, RFC 9864): what key it needs, and how it is verified. */
export interface Algorithm {
  readonly name: string;
  readonly kty: 'EC' | 'OKP' | 'RSA';
  /** Curve, where the algorithm has one. */
  readonly crv: string | undefined;
  /** Bytes of a signature; for RSA it is the length of the modulus. */
  readonly signature: number | undefined;
  readonly verify: (data: Buffer, key: KeyObject, signature: Buffer) => boolean;
}

// The fixed-width form (r || s) of RFC 7518, section 3.4; OpenSSL then refuses DER, and r or s of zero.
const ecdsa = (name: string, crv: string, hash: string, signature: number): Algorithm => ({
  name,
  kty: 'EC',
  crv,
  signature,
  verify: (data, key, bytes) => verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, bytes),
});

const eddsa = (name: string): Algorithm => ({
  name,
  kty: 'OKP',
  crv: 'Ed25519',
  signature: 64,
  verify: (data, key, bytes) => verify(null, data, key, bytes),
});

const rsa = (name: string, hash: string): Algorithm => ({
  name,
  kty: 'RSA',
  crv: undefined,
  signature: undefined,
  verify: (data, key, bytes) => verify(hash, data, { key, padding: constants.RSA_PKCS1_PADDING }, bytes),
});

// The salt is as long as the hash (RFC 7518, section 3.5).
const pss = (name: string, hash: string, saltLength: number): Algorithm => ({
  name,
  kty: 'RSA',
  crv: undefined,
  signature: undefined,
  verify: (data, key, bytes) =>
    verify(hash, data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }, bytes),
});

/** Everything that can be verified. `none` and the symmetric HS* are not here, so nothing can select them. */
export const ALGORITHMS: ReadonlyMap<string, Algorithm> = new Map(
  [
    ecdsa('ES256', 'P-256', 'sha256', 64),
    ecdsa('ES384', 'P-384', 'sha384', 96),
    ecdsa('ES512', 'P-521', 'sha512', 132),
    eddsa('EdDSA'),
    eddsa('Ed25519'),
    pss('PS256', 'sha256', 32),
    pss('PS384', 'sha384', 48),
    pss('PS512', 'sha512', 64),
    rsa('RS256', 'sha256'),
    rsa('RS384', 'sha384'),
    rsa('RS512', 'sha512'),
  ].map((algorithm) => [algorithm.name, algorithm]),
);

export const ALGORITHM_NAMES = [...ALGORITHMS.keys()] as [string, ...string[]];
export const DEFAULT_ALGORITHMS: readonly string[] = ALGORITHM_NAMES;
