import { generateKeyPairSync } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { IdentityError } from '../identity/attributes.ts';
import { addSigningKey, listSigningKeys, revokeSigningKey, type SigningKeyInfo } from '../identity/signing-keys.ts';
import { systemClock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import type { CliContext } from './context.ts';
import { type AttributeOptions, attributesOf, dated, expiryOf, listed } from './identity-options.ts';

export interface SigningKeyOptions extends AttributeOptions {
  readonly publicKey?: string;
  readonly newKey?: string;
  readonly keyId?: string;
  readonly algorithm?: string;
  readonly for?: string;
  readonly expires: string;
  readonly json?: boolean;
}

/** Whether a signing key is meant, and not a key that is a secret. */
export const isSigningKey = ({ publicKey, newKey }: SigningKeyOptions): boolean =>
  publicKey !== undefined || newKey !== undefined;

/**
 * Makes a client's public key known; with `--new-key` makes the pair too, and leaves the private half in a file of its
 * owner's alone.
 * @throws IdentityError
 */
export function createSigningKey(store: Store, options: SigningKeyOptions, context: CliContext): void {
  if (options.publicKey !== undefined && options.newKey !== undefined)
    throw new IdentityError('input', 'Give --public-key or --new-key, not both.');
  const publicKey = options.publicKey === undefined ? newPair(options.newKey as string) : readKey(options.publicKey);
  const key = addSigningKey(store, systemClock, {
    ...attributesOf(options),
    publicKey,
    id: options.keyId,
    algorithm: options.algorithm,
    principal: options.for,
    expires: expiryOf(options.expires, systemClock.now()),
  });
  if (options.json) {
    context.json(key);
    return;
  }
  const whose = `${key.principal.kind}:${key.principal.id}`;
  context.err(
    `Created a signing key (${key.algorithm}) of ${whose}: roles ${listed(key.roles)}, expires ${dated(key.expires)}.`,
  );
  if (options.newKey !== undefined)
    context.err(`Its private half is in ${options.newKey}: keep it where secrets are kept.`);
  context.err('This is its id, the keyid of signatures:');
  context.out(key.id);
}

function newPair(file: string): string {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  try {
    // Never over a file that is there: it may be the only copy of another key.
    writeFileSync(openSync(file, 'wx', 0o600), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  } catch (error) {
    throw new IdentityError('input', `${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
  return publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new IdentityError('input', `${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The signing keys as rows of `keys list`. */
export const signingKeyRows = (keys: readonly SigningKeyInfo[]): string[][] =>
  keys.map((key) => [
    key.id,
    key.state,
    listed(key.roles),
    listed(key.scopes),
    dated(key.created),
    dated(key.expires),
    `${key.note}${key.note === '' ? '' : ' '}(signs as ${key.principal.kind}:${key.principal.id})`,
  ]);

export const signingKeys = (store: Store, all: boolean): SigningKeyInfo[] =>
  listSigningKeys(store, systemClock).filter((key) => all || key.state === 'valid');

/** @returns undefined where there is none of this id */
export const endSigningKey = (store: Store, id: string): SigningKeyInfo | undefined =>
  revokeSigningKey(store, systemClock, id);
