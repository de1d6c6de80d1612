import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto';

/** A signature algorithm of RFC 9421, section 3.3. Which one is used is a property of the key, never of the message. */
export interface SignatureAlgorithm {
  readonly name: AlgorithmName;
  /** `alg` of a JWK that means this algorithm. */
  readonly jwk: readonly string[];
  /** Whether a key is one for this algorithm. */
  fits(key: KeyObject): boolean;
  sign(data: Buffer, key: KeyObject): Buffer;
  /** Never throws: a signature of the wrong length is a wrong one. */
  verify(data: Buffer, key: KeyObject, signature: Buffer): boolean;
}

export const ALGORITHM_NAMES = [
  'ed25519',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'rsa-pss-sha512',
  'rsa-v1_5-sha256',
  'hmac-sha256',
] as const;
export type AlgorithmName = (typeof ALGORITHM_NAMES)[number];

/** Bytes of a shared secret: as many as the hash has (RFC 2104, section 3). */
export const MIN_SECRET = 32;

const isAsymmetric = (key: KeyObject, type: string): boolean => key.type !== 'secret' && key.asymmetricKeyType === type;

function tried(work: () => boolean): boolean {
  try {
    return work();
  } catch {
    return false;
  }
}

const ed25519: SignatureAlgorithm = {
  name: 'ed25519',
  jwk: ['Ed25519', 'EdDSA'],
  fits: (key) => isAsymmetric(key, 'ed25519'),
  sign: (data, key) => sign(null, data, key),
  verify: (data, key, signature) => signature.length === 64 && tried(() => verify(null, data, key, signature)),
};

// r and s in fixed width (RFC 9421, section 3.3.4); OpenSSL then refuses DER, and r or s of zero.
const ecdsa = (name: AlgorithmName, jwk: string, curve: string, hash: string, length: number): SignatureAlgorithm => ({
  name,
  jwk: [jwk],
  fits: (key) => isAsymmetric(key, 'ec') && key.asymmetricKeyDetails?.namedCurve === curve,
  sign: (data, key) => sign(hash, data, { key, dsaEncoding: 'ieee-p1363' }),
  verify: (data, key, signature) =>
    signature.length === length && tried(() => verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)),
});

/** Smaller keys can be broken, larger ones make each verification slow (RFC 8725, section 3.5). */
const RSA_BITS = { least: 2048, most: 8192 };

function isRsa(key: KeyObject, pss: boolean): boolean {
  const kind = isAsymmetric(key, 'rsa') || (pss && isAsymmetric(key, 'rsa-pss'));
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  // With an exponent of 1 every padded digest is its own signature; a huge one makes verifying slow.
  const exponent = publicExponent >= 3n && publicExponent % 2n === 1n && publicExponent <= 0xffffffffn;
  return kind && exponent && modulusLength >= RSA_BITS.least && modulusLength <= RSA_BITS.most;
}

const modulusBytes = (key: KeyObject): number => Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);

const pss = (key: KeyObject) => ({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 });
const rsaPss: SignatureAlgorithm = {
  name: 'rsa-pss-sha512',
  jwk: ['PS512'],
  fits: (key) => isRsa(key, true),
  sign: (data, key) => sign('sha512', data, pss(key)),
  verify: (data, key, signature) =>
    signature.length === modulusBytes(key) && tried(() => verify('sha512', data, pss(key), signature)),
};

const pkcs1 = (key: KeyObject) => ({ key, padding: constants.RSA_PKCS1_PADDING });
const rsaPkcs1: SignatureAlgorithm = {
  name: 'rsa-v1_5-sha256',
  jwk: ['RS256'],
  fits: (key) => isRsa(key, false),
  sign: (data, key) => sign('sha256', data, pkcs1(key)),
  verify: (data, key, signature) =>
    signature.length === modulusBytes(key) && tried(() => verify('sha256', data, pkcs1(key), signature)),
};

const mac = (data: Buffer, key: KeyObject): Buffer => createHmac('sha256', key).update(data).digest();
const hmac: SignatureAlgorithm = {
  name: 'hmac-sha256',
  jwk: ['HS256'],
  // Only a key that was made as a secret: the text of a public key can never become one.
  fits: (key) => key.type === 'secret' && (key.symmetricKeySize ?? 0) >= MIN_SECRET,
  sign: mac,
  verify: (data, key, signature) => signature.length === 32 && timingSafeEqual(mac(data, key), signature),
};

export const ALGORITHMS: ReadonlyMap<string, SignatureAlgorithm> = new Map(
  [
    ed25519,
    ecdsa('ecdsa-p256-sha256', 'ES256', 'prime256v1', 'sha256', 64),
    ecdsa('ecdsa-p384-sha384', 'ES384', 'secp384r1', 'sha384', 96),
    rsaPss,
    rsaPkcs1,
    hmac,
  ].map((algorithm) => [algorithm.name, algorithm]),
);

/** All but PKCS #1 v1.5, which is for old peers only. */
export const DEFAULT_ALGORITHMS: readonly AlgorithmName[] = ALGORITHM_NAMES.filter(
  (name) => name !== 'rsa-v1_5-sha256',
);
