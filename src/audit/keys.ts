import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditError, errnoOf, unwritable } from './errors.ts';

/** The key that signs the checkpoints of every log in one audit directory. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** 32 bytes, secret. */
  readonly seed: Buffer;
}

const FILE = 'signing.key';
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

function fromSeed(seed: Buffer): SigningKey {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: spki.subarray(-32), seed };
}

/**
 * The signing key of an audit directory (PKCS #8 PEM, mode 0600).
 * @returns undefined where there is none
 * @throws AuditError where the file is not such a key
 */
export function readSigningKey(directory: string): SigningKey | undefined {
  const file = join(directory, FILE);
  let pem: string;
  try {
    pem = readFileSync(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new AuditError(
      'unwritable',
      `${file} cannot be read: ${(error as Error).message}; mend: let this user read it`,
    );
  }
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new Error(`it holds a key of type ${key.asymmetricKeyType}`);
    return fromSeed(key.export({ format: 'der', type: 'pkcs8' }).subarray(-32));
  } catch (error) {
    throw new AuditError(
      'tampered',
      `${file} is not an Ed25519 private key: ${(error as Error).message}; mend: put the right file back from a backup`,
    );
  }
}

/** The same, made if there is none. Workers that start together agree on one: only the first link succeeds. */
export function openSigningKey(directory: string): SigningKey {
  const known = readSigningKey(directory);
  if (known !== undefined) return known;
  const { privateKey } = generateKeyPairSync('ed25519');
  const draft = join(directory, `.${FILE}.${process.pid}`);
  try {
    writeFileSync(draft, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flush: true });
    linkSync(draft, join(directory, FILE));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw unwritable(join(directory, FILE), error);
  } finally {
    try {
      unlinkSync(draft);
    } catch {
      // Never made.
    }
  }
  const made = readSigningKey(directory);
  if (made === undefined)
    throw new AuditError('unwritable', `${join(directory, FILE)} vanished; mend: look at the disk`);
  return made;
}
