import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../../shared/clock.ts';
import { LoadError } from '../../shared/finding.ts';
import { parseObject } from '../jwt/strict-json.ts';
import type { IntrospectionSettings } from './settings.ts';

/** Bytes of a file with a secret or a key. */
const MAX_FILE = 64 * 1024;
/** Seconds for which an assertion is good (RFC 7523, section 3): it is made for one request. */
const ASSERTION_LIFETIME = 60;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** What proves to an issuer that the gate is asking; made for each request. */
export interface Proof {
  readonly authorization: string | undefined;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * Compiles how the gate proves itself at an introspection endpoint.
 * @param issuer whose endpoint it is: the audience of an assertion, so that it is good nowhere else
 * @throws LoadError where a file cannot be used
 */
export function clientAuthentication(
  settings: IntrospectionSettings,
  issuer: string,
  baseDirectory: string,
  clock: Clock,
): () => Proof {
  const { client, method } = settings;
  if (method === 'private_key_jwt') {
    const key = readKey(resolve(baseDirectory, settings.key as string), settings.key as string);
    const audience = settings.assertionAudience ?? issuer;
    return () => ({
      authorization: undefined,
      form: {
        client_id: client,
        client_assertion_type: ASSERTION_TYPE,
        client_assertion: assertion(key, client, audience, clock),
      },
    });
  }
  const secret =
    settings.secret === undefined
      ? secretFromFile(settings.secretFile as string, baseDirectory)
      : () => settings.secret as string;
  if (method === 'client_secret_post')
    return () => ({ authorization: undefined, form: { client_id: client, client_secret: secret() } });
  return () => ({ authorization: basic(client, secret()), form: {} });
}

/** RFC 6749, section 2.3.1: both are form-encoded before they are joined, so that a colon in the id harms nothing. */
const basic = (client: string, secret: string): string =>
  `Basic ${Buffer.from(`${formEncoded(client)}:${formEncoded(secret)}`).toString('base64')}`;

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** The secret in a file, read again when the file changes: it can be replaced while the gate runs. */
function secretFromFile(name: string, baseDirectory: string): () => string {
  const file = resolve(baseDirectory, name);
  let seen = '';
  let secret = '';
  const read = (): string => {
    const { mtimeMs, ctimeMs, size, ino } = statSync(file);
    const now = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
    if (now !== seen) {
      if (size > MAX_FILE) throw new Error('too large');
      secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      if (secret === '') throw new Error('empty');
      seen = now;
    }
    return secret;
  };
  try {
    read();
  } catch (error) {
    throw unusable('secretFile', name, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
  return () => {
    try {
      return read();
    } catch {
      // Half written, or gone for a moment: the one that is known may still be good.
      return secret;
    }
  };
}

interface SigningKey {
  readonly key: KeyObject;
  readonly kid: string | undefined;
  readonly alg: 'ES256' | 'EdDSA' | 'RS256';
}

function readKey(file: string, name: string): SigningKey {
  let bytes: Buffer;
  try {
    if (statSync(file).size > MAX_FILE) throw new Error('too large');
    bytes = readFileSync(file);
  } catch (error) {
    throw unusable('key', name, (error as NodeJS.ErrnoException).code ?? (error as Error).message);
  }
  const jwk = parseObject(bytes);
  let key: KeyObject;
  try {
    // Whatever is wrong with it: the message of the library could hold some of the key.
    key = jwk === undefined ? createPrivateKey(bytes) : createPrivateKey({ key: jwk as never, format: 'jwk' });
  } catch {
    throw unusable('key', name, 'not a private key as PEM or JWK');
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  const kid = typeof jwk?.['kid'] === 'string' ? jwk['kid'] : undefined;
  if (type === 'ec' && details?.namedCurve === 'prime256v1') return { key, kid, alg: 'ES256' };
  if (type === 'ed25519') return { key, kid, alg: 'EdDSA' };
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= 2048) return { key, kid, alg: 'RS256' };
  throw unusable('key', name, 'neither P-256, nor Ed25519, nor RSA of 2048 bits or more');
}

/** A new assertion (RFC 7523, sections 2.2 and 3). */
function assertion({ key, kid, alg }: SigningKey, client: string, audience: string, clock: Clock): string {
  const now = Math.floor(clock.now() / 1000);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const jti = randomBytes(16).toString('base64url');
  const claims = { iss: client, sub: client, aud: audience, jti, iat: now, exp: now + ASSERTION_LIFETIME };
  const signed = `${encode({ alg, kid, typ: 'JWT' })}.${encode(claims)}`;
  const signature =
    alg === 'ES256'
      ? sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' })
      : sign(alg === 'RS256' ? 'sha256' : null, Buffer.from(signed), key);
  return `${signed}.${signature.toString('base64url')}`;
}

const unusable = (setting: string, name: string, problem: string): LoadError =>
  new LoadError([
    {
      rule: 'authentication/introspection',
      severity: 'error',
      message: `introspection.${setting}: the file ${name} cannot be used (${problem})`,
      mend:
        setting === 'key'
          ? 'name a file with the private key that was registered for the gate at the issuer'
          : 'name a file that holds the secret and nothing else',
    },
  ]);
