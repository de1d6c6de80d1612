import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Services } from '../gateway/services.ts';
import { LoadError } from '../shared/finding.ts';
import { type MessageKey, publicJwk, readPrivateKey, readPublicKey, thumbprint } from '../signatures/key.ts';
import { readPrivate, writeNew } from './private-file.ts';
import type { EncryptionSettings } from './settings.ts';

type Settings = EncryptionSettings['signingKey'];

/** Where the public keys of the gate are found: a JWK set (draft-meunier-http-message-signatures-directory). */
export const KEYS_PATH = '/.well-known/http-message-signatures-directory';
const MEDIA_TYPE = 'application/http-message-signatures-directory+json';
/** In the data directory. */
const FILE = 'answer-signing';

/** The key answers are signed with, and its name: the thumbprint (RFC 7638), so that no two keys share one. */
export interface AnswerKey extends MessageKey {
  readonly keyid: string;
}

/**
 * The key of these settings; read or made once, and again when another one is named.
 * @throws LoadError
 */
export function answerKey(settings: Settings, services: Services): AnswerKey {
  const { algorithm, file } = settings;
  const name = `encryption/answer-key ${JSON.stringify([algorithm, file, services.baseDirectory])}`;
  return services.keep(name, () => {
    try {
      const key = readPrivateKey(file === undefined ? ownKey(algorithm, services) : ownFile(file, services));
      return { ...key, keyid: thumbprint(publicJwk(key)) };
    } catch (error) {
      throw unusable(file ?? join(services.dataDirectory, `${FILE}-${algorithm}.key`), error);
    }
  });
}

/** Keys and the media type, ready to be sent. @throws LoadError */
export function keyDirectory(settings: Settings, services: Services): { mediaType: string; bytes: Buffer } {
  const keys = [publicJwk(answerKey(settings, services))];
  for (const file of settings.alsoPublished) {
    try {
      keys.push(publicJwk(readPublicKey(readFileSync(resolve(services.baseDirectory, file), 'utf8'))));
    } catch (error) {
      throw unusable(file, error);
    }
  }
  const set = { keys: keys.map((jwk) => ({ ...jwk, kid: thumbprint(jwk) })) };
  return { mediaType: MEDIA_TYPE, bytes: Buffer.from(JSON.stringify(set)) };
}

function ownFile(file: string, services: Services): string {
  const found = readPrivate(resolve(services.baseDirectory, file));
  if (found === undefined) throw new Error('there is no such file');
  return found.text;
}

/** Makes the key where there is none yet; of several workers that try, one is the first and all read its file. */
function ownKey(algorithm: Settings['algorithm'], services: Services): string {
  const file = join(services.dataDirectory, `${FILE}-${algorithm}.key`);
  if (readPrivate(file) === undefined) {
    const { privateKey } =
      algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
  }
  return (readPrivate(file) as { text: string }).text;
}

const unusable = (file: string, error: unknown): LoadError =>
  new LoadError([
    {
      rule: 'encryption/signing-key',
      severity: 'error',
      message: `the signing key ${file} cannot be used: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`,
      mend: 'name a PEM file with an Ed25519, P-256, P-384 or RSA key without a passphrase, or none to have one made',
    },
  ]);
